import Adapters
import GatewayCore

/// A snapshot with everything that an event loop needs to take it, made where no exchange waits for it: with ten thousand departments that is
/// some tens of milliseconds.
struct Publication: Sendable {
    let snapshot: Snapshot
    /// The snapshot before, whose pools go on.
    private let predecessor: Snapshot?
    /// By upstream index, the index of the same upstream before; -1 for a new one.
    private let ancestors: [Int32]
    /// By upstream index; nil where no login is declared.
    let keepers: [SessionKeeper?]
    /// By route index.
    let routeMeters: [RouteMeter]
    /// By department index.
    let departmentMeters: [DepartmentMeter]

    init(_ snapshot: Snapshot, after predecessor: Snapshot?, _ shared: LoopContext.SharedParts) {
        self.snapshot = snapshot
        self.predecessor = predecessor
        ancestors = Self.ancestors(of: Self.named(snapshot), among: predecessor.map(Self.named) ?? [])
        var keepers = [SessionKeeper?](repeating: nil, count: snapshot.upstreams.count)
        for department in snapshot.departments {
            if let login = department.translation.login {
                keepers[department.upstream] = shared.sessions.keeper(Self.sessionName(department, login))
            }
        }
        self.keepers = keepers
        routeMeters = snapshot.routes.map { shared.meters.route($0.id) }
        departmentMeters = snapshot.departments.map { shared.meters.department($0.id) }
    }

    /// An upstream with its name among all: by that its guard is known.
    struct Named: Hashable {
        let name: String
        let settings: UpstreamSettings
    }

    private static func named(_ snapshot: Snapshot) -> [Named] {
        snapshot.upstreams.enumerated().map { Named(name: snapshot.upstreamName($0.offset), settings: $0.element) }
    }

    /// Which settings are which before; each goes on once. Most stand where they stood: comparing is cheaper than hashing all of them.
    static func ancestors(of settings: [Named], among before: [Named]) -> [Int32] {
        var ancestors = settings.indices.map { $0 < before.count && settings[$0] == before[$0] ? Int32($0) : -1 }
        var known: [Named: Int32] = [:]
        for index in before.indices where index >= ancestors.count || ancestors[index] < 0 { known[before[index]] = Int32(index) }
        for index in ancestors.indices where ancestors[index] < 0 { ancestors[index] = known.removeValue(forKey: settings[index]) ?? -1 }
        return ancestors
    }

    /// The name of a department's session: another login, or another secret in it, is another session.
    static func sessionName(_ department: Department, _ login: LoginAdapter) -> String {
        let secrets = department.translation.secretNames.map { "\($0.name)=\(department.secrets[$0.name] ?? "")" }
        let digest = Digest.compute(.sha256, Array(secrets.joined(separator: "\n").utf8))
        return "\(department.id) \(login.fingerprint) \(digest.map { String($0, radix: 16) }.joined(separator: "."))"
    }

    /// The pools of a loop: those of upstreams that did not change go on with their connections, the others are made. Retires those that nobody
    /// has any more. Nil when what the loop uses is not what this follows.
    func pools(after current: LoopSnapshot, make: (Int) -> UpstreamPool) -> [UpstreamPool]? {
        guard current.snapshot === predecessor else { return nil }
        let before = current.pools
        var goesOn = [Bool](repeating: false, count: before.count)
        let pools = ancestors.enumerated().map { index, ancestor in
            guard ancestor >= 0 else { return make(index) }
            goesOn[Int(ancestor)] = true
            return before[Int(ancestor)]
        }
        for (index, pool) in before.enumerated() where !goesOn[index] { pool.retire() }
        return pools
    }
}
