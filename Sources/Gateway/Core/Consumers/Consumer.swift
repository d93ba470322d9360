/// A SHA-256 digest as four words, for lookup without allocation.
public struct KeyDigest: Sendable, Hashable {
    let words: (UInt64, UInt64, UInt64, UInt64)

    /// Makes a digest from its words.
    public init(_ words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// Reads 64 hex digits; nil when the text is something else. The words are big-endian, as `Digest.sha256Words` gives them.
    public init?(hex: String) {
        let digits = Array(hex.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for pair in stride(from: 0, to: 64, by: 2) {
            guard let byte = UInt8(String(decoding: digits[pair..<pair + 2], as: UTF8.self), radix: 16) else { return nil }
            bytes.append(byte)
        }
        func word(_ start: Int) -> UInt64 { bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        words = (word(0), word(8), word(16), word(24))
    }

    /// The 64 hex digits.
    public var hex: String {
        [words.0, words.1, words.2, words.3].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Compares all four words, whatever the first says.
    public static func == (a: KeyDigest, b: KeyDigest) -> Bool {
        (a.words.0 ^ b.words.0) | (a.words.1 ^ b.words.1) | (a.words.2 ^ b.words.2) | (a.words.3 ^ b.words.3) == 0
    }

    /// Hashes the first word: digests are uniform already.
    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

/// What a consumer may do at one department.
public struct DepartmentGrant: Sendable, Hashable {
    /// One bit per contract operation, by its index.
    public let operations: UInt64
    /// Empty means every region.
    public let regions: [Region]
    /// One bit per zone; none means every zone that needs no word.
    public let zones: UInt64
    /// The fields of answers; nil is all of them.
    public let fields: GrantedFields?
    /// Seconds since 1970 at which it ends; `Int64.max` for never.
    public let expires: Int64

    /// Makes a grant.
    public init(operations: UInt64, regions: [Region], zones: UInt64 = 0, fields: GrantedFields? = nil, expires: Int64) {
        self.operations = operations
        self.regions = regions
        self.zones = zones
        self.fields = fields
        self.expires = expires
    }
}

/// What a consumer may do on one plain route.
public struct RouteGrant: Sendable {
    /// One bit per zone; none means every zone that needs no word.
    public let zones: UInt64
    /// Seconds since 1970 at which it ends.
    public let expires: Int64
}

/// A call that grants are asked about.
public struct GrantQuestion: Sendable {
    /// The operation's index in the contract.
    public var operation: Int
    /// The department's index.
    public var department: Int
    /// Where the department is.
    public var departmentRegion: Region?
    /// The region that the request names, or that the answer shows.
    public var requestRegion: Region?
    /// From which zone to which.
    public var crossing = ZoneCrossing()
    /// Seconds since 1970.
    public var now: Int64

    /// A question.
    public init(operation: Int, department: Int, departmentRegion: Region?, requestRegion: Region?, now: Int64) {
        self.operation = operation
        self.department = department
        self.departmentRegion = departmentRegion
        self.requestRegion = requestRegion
        self.now = now
    }
}

/// From which zone a call goes to which. No route crosses a zone without saying so.
public struct ZoneCrossing: Sendable, Hashable {
    /// The caller's zone; nil when it is in none.
    public var from: Int?
    /// The department's zone; nil when its file names none.
    public var to: Int?

    /// Nothing is known of zones.
    public init(from: Int? = nil, to: Int? = nil) {
        self.from = from
        self.to = to
    }

    /// Whether a grant or a route that names `zones` lets it pass.
    public func isOpen(to zones: UInt64) -> Bool {
        if zones != 0 { return from.map { zones & (1 << UInt64($0)) != 0 } ?? false }
        return to == nil || to == from
    }
}

/// The rate of one consumer.
public struct ConsumerRate: Sendable {
    /// A rate and how it is told. A class: all consumers of one rate share it.
    final class Terms: Sendable {
        let rule: RateRule
        let fields: RateLimitFields

        init(_ rule: RateRule, _ fields: RateLimitFields) {
            self.rule = rule
            self.fields = fields
        }
    }

    private let terms: Terms
    /// What is left; outlives a reload.
    public let bucket: RateBucket

    init(_ terms: Terms, _ bucket: RateBucket) {
        self.terms = terms
        self.bucket = bucket
    }

    /// How much.
    public var rule: RateRule { terms.rule }
    /// The fields that tell the consumer.
    public var fields: RateLimitFields { terms.fields }
}

/// A calling system. A class: policies hand it on, and its tables with it.
public final class Consumer: Sendable {
    /// Its id in `consumers.yaml`.
    public let id: String
    /// Its name, for people.
    public let name: String
    /// Its grants for departments.
    public let grants: DepartmentGrants
    /// The plain routes it may call, by route index.
    public let routes: [Int: [RouteGrant]]
    /// Its rate, if limited.
    public let rate: ConsumerRate?

    init(id: String, name: String, grants: DepartmentGrants, routes: [Int: [RouteGrant]], rate: ConsumerRate?) {
        self.id = id
        self.name = name
        self.grants = grants
        self.routes = routes
        self.rate = rate
    }

    /// Why a consumer may not call; the later says more.
    public enum Refusal: Int, Sendable {
        /// No grant names this operation of this department, or it has ended.
        case notGranted
        /// A grant does, and not from the caller's zone.
        case zoneDenied
        /// A grant does, for other regions.
        case regionScope
    }

    /// What grants say of a call.
    public enum Verdict: Sendable {
        /// It may not be made.
        case refused(Refusal)
        /// It may, and these fields of its answer may be seen; nil is all of them.
        case granted(GrantedFields?)
    }

    /// Whether any department grants the operation; asked before a body is read.
    public func mayCall(operation: Int) -> Bool { grants.operations & (1 << UInt64(operation)) != 0 }

    /// Whether the consumer may make a call. The region that the request names must lie within the grant; a department must lie
    /// within it, or above it (a provincial department serves all its cities). Of several grants each opens what it names.
    public func verdict(_ question: GrantQuestion) -> Verdict {
        var refusal = Refusal.notGranted
        var seen: GrantedFields?
        var seesAll = false
        grants.each(of: question.department) { grant in
            guard grant.operations & (1 << UInt64(question.operation)) != 0, grant.expires > question.now else { return false }
            if let flaw = Self.flaw(of: grant, for: question) {
                if flaw.rawValue > refusal.rawValue { refusal = flaw }
                return false
            }
            seesAll = grant.fields == nil
            if let fields = grant.fields { seen = seen?.union(fields) ?? fields }
            return seesAll
        }
        if seesAll { return .granted(nil) }
        return seen.map { .granted($0) } ?? .refused(refusal)
    }

    private static func flaw(of grant: DepartmentGrant, for question: GrantQuestion) -> Refusal? {
        guard question.crossing.isOpen(to: grant.zones) else { return .zoneDenied }
        guard !grant.regions.isEmpty else { return nil }
        let reaches = grant.regions.contains { granted in
            let department = question.departmentRegion.map { granted.covers($0) || $0.covers(granted) } ?? true
            return department && (question.requestRegion.map { granted.covers($0) } ?? true)
        }
        return reaches ? nil : .regionScope
    }

    /// Why the consumer may not call a plain route; nil when it may.
    public func refusal(route: Int, crossing: ZoneCrossing, now: Int64) -> Refusal? {
        let current = (routes[route] ?? []).filter { $0.expires > now }
        guard !current.isEmpty else { return .notGranted }
        return current.contains { crossing.isOpen(to: $0.zones) } ? nil : .zoneDenied
    }
}

/// All consumers, found by the digest of a key.
public struct ConsumerTable: Sendable {
    /// One key of a consumer.
    public struct Key: Sendable {
        /// The consumer's index.
        public let consumer: Int
        /// Seconds since 1970 at which it ends; `Int64.max` for never.
        public let expires: Int64

        /// Makes a key.
        public init(consumer: Int, expires: Int64) {
            self.consumer = consumer
            self.expires = expires
        }
    }

    /// The consumers.
    public let consumers: [Consumer]
    private let keys: KeyTable
    /// The keys with which consumers sign.
    public let signing: SigningTable
    /// Whose tokens are believed.
    public let tokens: TokenTable
    /// The certificates with which consumers open connections.
    public let certificates: CertificateTable
    /// When repeated failures lock somebody out; nil for never.
    public let lockout: LockoutRule?
    /// Who is locked out.
    public let lockouts: LockoutTable

    /// Makes a table.
    public init(
        consumers: [Consumer], keys: [KeyDigest: Key], signing: SigningTable = SigningTable(), tokens: TokenTable = .none,
        certificates: CertificateTable = CertificateTable(), lockout: LockoutRule? = nil, lockouts: LockoutTable = LockoutTable()
    ) {
        self.consumers = consumers
        self.keys = KeyTable(keys)
        self.signing = signing
        self.tokens = tokens
        self.certificates = certificates
        self.lockout = lockout
        self.lockouts = lockouts
    }

    /// The key of a digest, whether its time is over or not.
    func key(_ digest: KeyDigest) -> Key? { keys[digest] }

    /// The consumer of a key that is valid at `now` (seconds since 1970).
    public func consumer(of digest: KeyDigest, now: Int64) -> Int? {
        guard let key = keys[digest], key.expires > now else { return nil }
        return key.consumer
    }
}
