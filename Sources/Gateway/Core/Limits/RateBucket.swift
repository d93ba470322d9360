internal import Synchronization

/// The generic cell rate algorithm (ITU-T I.371, virtual scheduling) on one atomic word: the theoretical arrival time, the
/// moment at which the bucket is full again. Shared by all event loops, without a lock.
///
/// The clock is an argument: monotonic nanoseconds, the same clock for every call. The rule is an argument too, so a reload
/// that changes a rate keeps what was already used. An arrival time further ahead than a full burst means that the clock
/// stepped back or the rule became tighter: it is then set to a full burst ahead, so the bucket is neither locked nor opened,
/// and goes on at the rate of the rule. A tenth of a second is let pass, because event loops read the clock at their own moments.
public final class RateBucket: Sendable {
    private let arrival = Atomic<Int64>(.min)

    /// A full bucket.
    public init() {}

    /// Asks for `cost` at the time `now`. Taken at once when allowed; a refusal takes nothing. A cost of zero only looks.
    public func admit(_ rule: RateRule, cost: Int = 1, now: Int64) -> RateDecision {
        var seen = arrival.load(ordering: .relaxed)
        while true {
            let (decision, desired) = RateBucket.decide(rule, cost: cost, seen: seen, now: now)
            if desired == seen { return decision }
            let (exchanged, original) = arrival.weakCompareExchange(expected: seen, desired: desired, ordering: .relaxed)
            if exchanged { return decision }
            seen = original
        }
    }

    /// Undoes an admission of `cost` whose request was refused by a later limit or never sent.
    public func giveBack(_ rule: RateRule, cost: Int = 1, now: Int64) {
        var seen = arrival.load(ordering: .relaxed)
        while true {
            let desired = RateBucket.returned(rule, cost: cost, seen: seen, now: now)
            if desired == seen { return }
            let (exchanged, original) = arrival.weakCompareExchange(expected: seen, desired: desired, ordering: .relaxed)
            if exchanged { return }
            seen = original
        }
    }

    // MARK: The rule

    /// What a bucket whose arrival time is `seen` says, and what its arrival time then is.
    static func decide(_ rule: RateRule, cost: Int, seen: Int64, now: Int64) -> (decision: RateDecision, arrival: Int64) {
        let base = base(seen, rule, now)
        let ahead = base &- now
        guard cost <= rule.burst else { return (refusal(rule, ahead: ahead, retryAfter: nil), seen) }
        let next = base &+ Int64(max(0, cost)) &* rule.interval
        let over = next &- now &- rule.tolerance
        // A refusal is written only when it corrects the arrival time; otherwise the correction would move with the clock.
        guard over <= 0 else { return (refusal(rule, ahead: ahead, retryAfter: over), cost > 0 ? min(base, seen) : seen) }
        let left = Int((rule.tolerance &- next &+ now) / rule.interval)
        return (RateDecision(allowed: true, remaining: left, resetAfter: next &- now, retryAfter: nil), cost > 0 ? next : seen)
    }

    /// The arrival time without an admission of `cost`.
    static func returned(_ rule: RateRule, cost: Int, seen: Int64, now: Int64) -> Int64 {
        guard cost > 0, cost <= rule.burst else { return seen }
        let base = base(seen, rule, now)
        return base > now ? max(now, base &- Int64(cost) &* rule.interval) : seen
    }

    /// How far behind another loop's clock this one may be.
    private static let clockSlack: Int64 = 100_000_000

    /// The arrival time as seen at `now`: not in the past, and not further ahead than a full burst.
    private static func base(_ seen: Int64, _ rule: RateRule, _ now: Int64) -> Int64 {
        if seen <= now { return now }
        return seen > now &+ rule.tolerance &+ clockSlack ? now &+ rule.tolerance : seen
    }

    private static func refusal(_ rule: RateRule, ahead: Int64, retryAfter: Int64?) -> RateDecision {
        let remaining = max(0, Int((rule.tolerance &- ahead) / rule.interval))
        return RateDecision(allowed: false, remaining: remaining, resetAfter: ahead, retryAfter: retryAfter)
    }
}
