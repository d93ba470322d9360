/// One thing that the gateway serves. A class: every exchange holds on to its route.
public final class Route: Sendable {
    /// Who may call it.
    public enum Access: Sendable, Hashable {
        /// Consumers with a grant for it.
        case granted
        /// Anyone; the file says so by name.
        case anyone
    }

    /// What answers.
    public enum Target: Sendable {
        /// A contract operation, by its index in the contract.
        case contract(Int)
        /// A plain reverse-proxy route.
        case plain(PlainRoute)
        /// A department's push.
        case callback(CallbackRoute)
        /// The contract's own document.
        case contractDocument
    }

    /// Unique among all routes: the operation's id, or the id in the file.
    public let id: String
    /// The path.
    public let pattern: PathPattern
    /// Method names; empty is any.
    public let methods: [String]
    /// Hosts; `*` is any.
    public let hosts: [String]
    /// Who may call it.
    public let access: Access
    /// What answers.
    public let target: Target
    /// The largest request body, in bytes.
    public let bodyLimit: Int
    /// The zone of what answers; nil where none is named.
    public let zone: Int?
    /// One bit per zone from which anyone may call; none means its own.
    public let zones: UInt64
    /// The file and line it was declared at.
    public let origin: String

    /// Whether it is a plain reverse-proxy route.
    public var isPlain: Bool { if case .plain = target { true } else { false } }

    /// Makes a route.
    public init(
        id: String, pattern: PathPattern, methods: [String], hosts: [String], access: Access, target: Target, bodyLimit: Int,
        zone: Int? = nil, zones: UInt64 = 0, origin: String
    ) {
        self.zone = zone
        self.zones = zones
        self.id = id
        self.pattern = pattern
        self.methods = methods
        self.hosts = hosts
        self.access = access
        self.target = target
        self.bodyLimit = bodyLimit
        self.origin = origin
    }
}

/// A route on which a department pushes events.
public struct CallbackRoute: Sendable {
    /// The department's index in the snapshot.
    public let department: Int
    /// The callback's index in the department.
    public let index: Int
    /// The addresses that may push; none where a signature alone is asked for.
    public let from: [AddressRange]

    /// Makes a callback's route.
    public init(department: Int, index: Int, from: [AddressRange]) {
        self.department = department
        self.index = index
        self.from = from
    }
}

/// A plain reverse-proxy route: bytes in, bytes out.
public struct PlainRoute: Sendable {
    /// The upstream's index in the snapshot.
    public let upstream: Int
    /// What stands in place of the pattern's literal prefix; nil leaves the path as it came.
    public let rewrite: [UInt8]?
    /// How many bytes of the path `rewrite` replaces.
    public let prefixLength: Int
    /// When, how urgently and how often it is called.
    public var rules = CallRules()
    /// The department's index, whose file it stands in.
    public var department = -1
    /// Whether fields with a `_` in their names go on to the upstream.
    public var keepsUnderscores = false
    /// The protocols that its callers may change to, in lower case.
    public var upgrades: [String] = []

    /// Makes a plain route.
    public init(upstream: Int, rewrite: [UInt8]?, prefixLength: Int) {
        self.upstream = upstream
        self.rewrite = rewrite
        self.prefixLength = prefixLength
    }
}
