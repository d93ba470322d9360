public import Adapters

/// One configuration, compiled and immutable. An exchange takes it when its head arrives and keeps it to the end.
public final class Snapshot: Sendable {
    /// The number of this configuration since the state directory began; set by whoever publishes it.
    public let revision: Int
    /// SHA-256 over all texts, in hex.
    public let fingerprint: String
    /// The texts that it was made of, so that the gateway can say what it runs. They hold references to secrets, and no secret.
    public let sources: RouteSources
    /// What `gateway.yaml` says.
    public let settings: GatewaySettings
    /// The contract.
    public let contract: Contract
    /// Every route; contract operations come first, in the contract's order.
    public let routes: [Route]
    /// Finds a route.
    public let table: RouteTable
    /// The policies of each route, in order.
    public let policies: [[any Policy.Type]]
    /// Every upstream.
    public let upstreams: [UpstreamSettings]
    /// Every department.
    public let departments: [Department]
    /// Who may call.
    public let consumers: ConsumerTable
    /// How much whom.
    public let limits: LimitRows
    /// What answers an operation by several calls, by the operation's index in the contract; nil where one department answers.
    public let aggregations: [Aggregation?]
    private let byAuthority: ByteMap<Int>
    private let byItem: ByteMap<Int>
    /// Whom departments act for, the longest beginnings first.
    private let deputies: [(prefix: String, department: Int)]

    init(
        revision: Int, fingerprint: String, sources: RouteSources, settings: GatewaySettings, contract: Contract, parts: SnapshotParts
    ) {
        self.sources = sources
        self.revision = revision
        self.fingerprint = fingerprint
        self.settings = settings
        self.contract = contract
        routes = parts.routes
        table = parts.table
        policies = parts.routes.map { route in PolicyCatalog.all.filter { $0.applies(to: route) } }
        upstreams = parts.upstreams
        departments = parts.departments
        consumers = parts.consumers
        limits = parts.limits
        aggregations = parts.aggregations
        byAuthority = ByteMap(
            parts.departments.enumerated().flatMap { index, department in department.authorities.map { (Array($0.utf8), index) } })
        byItem = ByteMap(
            parts.departments.enumerated().flatMap { index, department in department.items.map { (Array($0.utf8), index) } })
        deputies = parts.departments.enumerated().flatMap { index, department in department.actsFor.map { ($0, index) } }
            .sorted { $0.0.utf8.count > $1.0.utf8.count }
    }

    /// An upstream's name among all: a department's id, or the id of the plain route that has it for itself.
    public func upstreamName(_ index: Int) -> String { index < departments.count ? departments[index].id : "route \(upstreams[index].id)" }

    /// The upstreams of departments and routes, and those that keys are fetched from.
    public var everyUpstream: [UpstreamSettings] { upstreams + consumers.tokens.sources.compactMap { $0.remote?.upstream } }

    /// The department that answers to a code where an operation is asked for: the one whose item or authority it is, when its file
    /// has the operation; otherwise one that acts for the authority and has it.
    public func department(of code: String, offering operation: String) -> Int? {
        department(of: code) { departments[$0].serves(operation) }
    }

    /// The same for an operation by its index in the contract.
    public func department(of code: String, offering operation: Int) -> Int? {
        department(of: code) { departments[$0].translation.goals[operation] != nil }
    }

    private func department(of code: String, where serves: (Int) -> Bool) -> Int? {
        if let owner = department(of: code), serves(owner) { return owner }
        return deputies.first { code.hasPrefix($0.prefix) && serves($0.department) }?.department
    }

    /// Whether a department may speak of a case: its number begins with an item or an authority of the department's, or with one that the
    /// department acts for.
    public func mayReport(_ caseNo: String, department: Int) -> Bool {
        self.department(of: caseNo) == department || deputies.contains { $0.department == department && caseNo.hasPrefix($0.prefix) }
    }

    /// The department that a code names: an item code, a case number that begins with one, or an authority's code. A whole
    /// item code that a file lists goes before the authority it begins with.
    public func department(of code: String) -> Int? {
        var code = code
        return code.withUTF8 { text in
            let bytes = UnsafeRawBufferPointer(text)
            if bytes.count >= 31, let index = byItem.find(UnsafeRawBufferPointer(rebasing: bytes[0..<31])) { return index }
            guard bytes.count >= 18 else { return nil }
            return byAuthority.find(UnsafeRawBufferPointer(rebasing: bytes[0..<18]))
        }
    }
}

/// What the compiler hands to a snapshot.
struct SnapshotParts {
    let routes: [Route]
    let table: RouteTable
    let upstreams: [UpstreamSettings]
    let departments: [Department]
    let consumers: ConsumerTable
    let limits: LimitRows
    let aggregations: [Aggregation?]
}
