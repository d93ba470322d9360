public import GatewayCore
internal import Synchronization

/// A route's counters: an index, resolved when a snapshot is compiled.
public struct RouteMeter: Sendable, Hashable {
    let index: Int
}

/// A department's counters.
public struct DepartmentMeter: Sendable, Hashable {
    let index: Int
}

/// The counter of a way an exchange can end.
public struct EndMeter: Sendable, Hashable {
    let index: Int
}

/// How a reload of the configuration went: a closed set of labels.
public enum ReloadResult: String, Sendable, CaseIterable {
    /// A new configuration is in use.
    case applied
    /// It was identical.
    case unchanged
    /// It was refused; the old one stays.
    case refused
}

/// Everything that is counted. The labels are closed sets: routes and departments of the configuration, the table of ends,
/// status classes. What a client sends is never a label.
///
/// Names live as long as the process: a reload that brings a route back finds its counters, and counters never run backwards.
/// A route that is gone stays on the page until a restart. At most `nameLimit` routes and as many departments are
/// told apart; those beyond count under `_other`, so neither memory nor the page grows without bound.
public final class Meters: Sendable {
    /// The names of one table.
    struct Names: Sendable {
        var indices: [String: Int] = [:]
        var list: [String] = []

        mutating func index(of name: String, limit: Int) -> Int {
            if let known = indices[name] { return known }
            if list.count >= limit { return 0 }
            indices[name] = list.count
            list.append(name)
            return list.count - 1
        }
    }

    /// One loop's counters.
    struct Shards: Sendable {
        let routes = MeterShard()
        let departments = MeterShard()
        let ends = MeterShard()
        let failures = MeterShard()
        let loop = MeterShard()
    }

    struct State: Sendable {
        var routes = Names(indices: ["_other": 0], list: ["_other"])
        var departments = Names(indices: ["_other": 0], list: ["_other"])
        var shards: [Shards] = []
        var revision: Int64 = 0
        var reloads = [Int](repeating: 0, count: ReloadResult.allCases.count)
    }

    /// The words of the table of ends.
    let ends: [String]
    /// The words of the table of authentication failures.
    let failures: [String]
    let state = Mutex(State())
    private let nameLimit: Int

    /// Makes the meters of a process: `ends` are all the ways an exchange can end.
    public init(ends: [String], failures: [String] = [], nameLimit: Int = 20_000) {
        self.ends = ends
        self.failures = failures
        self.nameLimit = max(1, nameLimit)
    }

    /// The counters of a route, made when it is new. Control zone.
    public func route(_ id: String) -> RouteMeter { RouteMeter(index: state.withLock { $0.routes.index(of: id, limit: nameLimit) }) }

    /// The counters of a department, made when it is new. Control zone.
    public func department(_ id: String) -> DepartmentMeter {
        DepartmentMeter(index: state.withLock { $0.departments.index(of: id, limit: nameLimit) })
    }

    /// The counter of an end; nil for a word that is not in the table.
    public func end(_ word: String) -> EndMeter? { ends.firstIndex(of: word).map(EndMeter.init) }

    /// The counters of one event loop.
    public func makeLoopMeters() -> sending LoopMeters {
        let shards = Shards()
        state.withLock { $0.shards.append(shards) }
        return LoopMeters(shards)
    }

    /// Counts a reload, and the revision in use after it.
    public func reloaded(_ result: ReloadResult, revision: Int64) {
        state.withLock { state in
            state.revision = revision
            if let index = ReloadResult.allCases.firstIndex(of: result) { state.reloads[index] += 1 }
        }
    }
}

/// One exchange as the counters see it. Durations are nanoseconds.
public struct ExchangeMeasure: Sendable, Hashable {
    /// The status sent; 0 for none.
    public var status: Int
    /// How it ended.
    public var end: EndMeter
    /// From the head's arrival to the end.
    public var total: Int64
    /// What the upstream took; negative when none was asked.
    public var upstream: Int64
    /// Bytes of the request.
    public var bytesIn: Int64
    /// Bytes of the reply.
    public var bytesOut: Int64

    /// Makes a measure.
    public init(status: Int, end: EndMeter, total: Int64, upstream: Int64 = -1, bytesIn: Int64, bytesOut: Int64) {
        self.status = status
        self.end = end
        self.total = total
        self.upstream = upstream
        self.bytesIn = bytesIn
        self.bytesOut = bytesOut
    }
}

/// One event loop's counters, confined to that loop: no lock, no atomic read-modify-write.
public final class LoopMeters {
    private let shards: Meters.Shards
    private var routes: [MeterBlock]
    private var departments: [MeterBlock]
    private var ends: [MeterBlock]
    private let failures: MeterBlock
    private let loop: MeterBlock

    init(_ shards: Meters.Shards) {
        self.shards = shards
        routes = shards.routes.grow(toHold: 0)
        departments = shards.departments.grow(toHold: 0)
        ends = shards.ends.grow(toHold: 0)
        failures = shards.failures.grow(toHold: 0)[0]
        loop = shards.loop.grow(toHold: 0)[0]
    }

    /// Counts one exchange that has ended. `department` is where it was sent, or would have been; nil when that is unknown.
    public func record(_ measure: ExchangeMeasure, route: RouteMeter, department: DepartmentMeter?) {
        if route.index / MeterBlock.names >= routes.count { routes = shards.routes.grow(toHold: route.index) }
        if measure.end.index / MeterBlock.names >= ends.count { ends = shards.ends.grow(toHold: measure.end.index) }
        let block = routes[route.index / MeterBlock.names]
        let status = (100..<600).contains(measure.status) ? measure.status / 100 : 0
        block.add(1, name: route.index, cell: MeterCell.status + status)
        block.add(1, name: route.index, cell: MeterCell.buckets + DurationBuckets.index(measure.total))
        block.add(UInt64(max(0, measure.total)), name: route.index, cell: MeterCell.durationSum)
        block.add(UInt64(max(0, measure.bytesIn)), name: route.index, cell: MeterCell.bytesIn)
        block.add(UInt64(max(0, measure.bytesOut)), name: route.index, cell: MeterCell.bytesOut)
        ends[measure.end.index / MeterBlock.names].add(1, name: measure.end.index, cell: 0)
        if measure.upstream >= 0, let department { upstream(measure.upstream, department.index) }
    }

    private func upstream(_ duration: Int64, _ index: Int) {
        if index / MeterBlock.names >= departments.count { departments = shards.departments.grow(toHold: index) }
        let block = departments[index / MeterBlock.names]
        block.add(1, name: index, cell: MeterCell.buckets + DurationBuckets.index(duration))
        block.add(UInt64(duration), name: index, cell: MeterCell.durationSum)
    }

    /// A caller was not believed; `failure` is the place in the table, of at most 64. `locks` when somebody is locked out from now on.
    public func authenticationFailed(_ failure: Int, locks: Bool) {
        failures.add(1, name: failure, cell: 0)
        if locks { failures.add(1, name: failure, cell: 1) }
    }

    /// A client has connected.
    public func connectionOpened() { loop.add(1, name: 0, cell: MeterCell.opened) }

    /// A client's connection is closed.
    public func connectionClosed() { loop.add(1, name: 0, cell: MeterCell.closed) }

    /// A client's connection was closed as it came.
    public func connectionRefused(_ reason: ConnectionCensus.Refusal) { loop.add(1, name: 0, cell: MeterCell.refused + reason.index) }

    /// A limit turned a request away.
    public func limited(_ limit: RefusedLimit) { loop.add(1, name: 0, cell: MeterCell.limited + limit.index) }

    /// A client's connection has changed to another protocol.
    public func upgraded() { loop.add(1, name: 0, cell: MeterCell.upgraded) }

    /// One that had changed has ended.
    public func upgradeEnded() { loop.add(1, name: 0, cell: MeterCell.upgradeEnded) }

    /// A request was turned away because the loop has too much to do.
    public func shed() { loop.add(1, name: 0, cell: MeterCell.shed) }

    /// A connection to an upstream is open.
    public func upstreamConnectionOpened() { loop.add(1, name: 0, cell: MeterCell.upstreamOpened) }

    /// A connection to an upstream is closed.
    public func upstreamConnectionClosed() { loop.add(1, name: 0, cell: MeterCell.upstreamClosed) }
}
