/// What a department's system can stand, and how it is spared. Times are nanoseconds.
public struct ProtectionRules: Sendable, Hashable {
    /// Calls at once, over the whole gateway; nil for as many as there are connections.
    public var concurrent: Int?
    /// Calls per time, over the whole gateway.
    public var rate: RateRule?
    /// Bytes per second each way, over the whole gateway.
    public var bandwidth: BandwidthRule?
    /// How many may wait for room.
    public var queue = 100
    /// How long they may wait.
    public var wait: Int64 = 2_000_000_000
    /// When an endpoint that fails is left alone; nil for never.
    public var breaker: BreakerRule? = BreakerRule()
    /// When one that does worse than its neighbours is set aside; nil for never.
    public var outlier: OutlierRule? = OutlierRule()

    /// How the endpoints are asked whether they are well; nil for not at all.
    public var health: HealthRule?

    /// The defaults.
    public init() {}
}

/// The right to make one call to one endpoint; whoever has it ends it exactly once.
public struct UpstreamPermit: Sendable, Hashable {
    /// The endpoint's slot.
    public let slot: Int
    /// When it was given.
    public let began: Int64
    /// Whether a breaker waits for what becomes of it.
    public let isProbe: Bool
}

/// Why a call is not let through to a department.
public enum UpstreamRefusal: Sendable, Hashable, Error {
    /// As many wait already as may. Nanoseconds until it is worth coming again.
    case lineFull(retryAfter: Int64)
    /// It waited as long as it may.
    case waitedTooLong(retryAfter: Int64)
    /// A more urgent call took its place.
    case displaced(retryAfter: Int64)
    /// Every endpoint is left alone after failures, or found down.
    case resting(retryAfter: Int64)

    /// Nanoseconds until it is worth coming again.
    public var retryAfter: Int64 {
        switch self {
        case .lineFull(let time), .waitedTooLong(let time), .displaced(let time), .resting(let time): time
        }
    }

    /// The words of the metrics.
    public enum Reason: String, Sendable, CaseIterable {
        /// `lineFull`
        case full
        /// `waitedTooLong`
        case waited
        /// `displaced`
        case displaced
        /// `resting`
        case resting
    }

    /// Its word.
    public var reason: Reason {
        switch self {
        case .lineFull: .full
        case .waitedTooLong: .waited
        case .displaced: .displaced
        case .resting: .resting
        }
    }
}
