/// How often something may happen: `count` times per `period` in the long run, and at most `burst` times at once.
public struct RateRule: Sendable, Hashable {
    /// How many per period, from 1 to one per nanosecond.
    public let count: Int
    /// The period in nanoseconds, up to 366 days.
    public let period: Int64
    /// How many at once after a rest: the capacity of the bucket, at least 1.
    public let burst: Int
    /// Nanoseconds between two at the steady rate. Rounded down, so that a client at exactly its rate is never refused.
    let interval: Int64
    /// How far the theoretical arrival time may run ahead of the clock: `burst` intervals.
    let tolerance: Int64

    /// Makes a rule; `burst` is `count` unless given. Nil when a number is out of its bounds or a full bucket would need
    /// more than 73 years to refill (2^61 ns, which keeps every sum of times within 64 bits).
    public init?(count: Int, per period: Duration, burst: Int? = nil) {
        let burst = burst ?? count
        let (seconds, attoseconds) = period.components
        guard seconds >= 0, seconds <= 366 * 86_400, count >= 1, burst >= 1 else { return nil }
        let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        guard Int64(count) <= nanoseconds else { return nil }
        let interval = nanoseconds / Int64(count)
        let (tolerance, overflow) = interval.multipliedReportingOverflow(by: Int64(burst))
        guard !overflow, tolerance <= 1 << 61 else { return nil }
        self.count = count
        self.period = nanoseconds
        self.burst = burst
        self.interval = interval
        self.tolerance = tolerance
    }
}

/// What a bucket says to one request. Times are nanoseconds from the moment that was asked about.
public struct RateDecision: Sendable, Hashable {
    /// Whether the request may go on.
    public let allowed: Bool
    /// How many more would be admitted at this moment.
    public let remaining: Int
    /// When the bucket is full again if nothing else comes.
    public let resetAfter: Int64
    /// When the same request would be admitted; nil when it is admitted now, or never because it costs more than the burst.
    public let retryAfter: Int64?

    /// Makes a decision.
    public init(allowed: Bool, remaining: Int, resetAfter: Int64, retryAfter: Int64?) {
        self.allowed = allowed
        self.remaining = remaining
        self.resetAfter = resetAfter
        self.retryAfter = retryAfter
    }
}
