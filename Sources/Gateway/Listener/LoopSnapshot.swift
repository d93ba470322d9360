import Adapters
import GatewayCore
import NIOCore

/// A snapshot as one event loop uses it: with this loop's pools and the numbers that the data plane needs at hand.
final class LoopSnapshot {
    /// Nanoseconds of each of the client's time limits.
    struct Timeouts {
        let head: Int64
        let body: Int64
        let idle: Int64
    }

    let snapshot: Snapshot
    /// By upstream index.
    let pools: [UpstreamPool]
    /// By upstream index; nil where no login is declared.
    let keepers: [SessionKeeper?]
    /// By route index.
    let routeMeters: [RouteMeter]
    /// By department index.
    let departmentMeters: [DepartmentMeter]
    /// Exchanges that ended under this snapshot, on this loop.
    private(set) var ended = 0
    /// Those of them whose answer is a problem of the gateway's or of the mapping's: a new configuration may be the reason.
    private(set) var faulty = 0
    let wireLimits: WireLimits
    let timeouts: Timeouts
    /// Bytes per second that a client's body must bring on average.
    let bodyRate: Int

    init(_ publication: Publication, pools: [UpstreamPool]) {
        let snapshot = publication.snapshot
        self.snapshot = snapshot
        self.pools = pools
        keepers = publication.keepers
        routeMeters = publication.routeMeters
        departmentMeters = publication.departmentMeters
        wireLimits = LoopSnapshot.limits(snapshot.settings)
        bodyRate = snapshot.settings.bodyRate
        timeouts = Timeouts(
            head: snapshot.settings.headTimeout.nanoseconds, body: snapshot.settings.bodyTimeout.nanoseconds,
            idle: snapshot.settings.idleTimeout.nanoseconds)
    }

    /// Counts an exchange that has ended.
    func count(_ code: ProblemCode?) {
        ended += 1
        switch code {
        case .internal, .upstreamBadReply, .unmappedCode, .upstreamCredential, .upstreamUnavailable, .upstreamTimeout: faulty += 1
        default: break
        }
    }

    static func limits(_ settings: GatewaySettings) -> WireLimits {
        var limits = WireLimits()
        limits.headBytes = settings.headLimit
        limits.fields = settings.fieldLimit
        // Chunks are written anew, so a broken extension reaches nobody (docs/decisions/chunk-extensions.md).
        limits.brokenChunkExtensions = .dropped
        return limits
    }
}
