internal import Synchronization

/// How many bytes a second a department's line can carry, each way.
public struct BandwidthRule: Sendable, Hashable {
    /// Bytes per second.
    public let rate: Int
    /// Nanoseconds that a rested line may be ahead: a tenth of a second, and at least what 16 KiB take.
    let ahead: Int64

    /// The least that can be asked for: below it a call could not even say what it wants.
    public static let least = 1024
    /// The most; beyond it there is nothing to spare.
    public static let most = 1 << 40
    /// Bytes that are written in one go: whoever waits gets its turn after so many.
    public static let piece = 16 << 10

    /// A rule; the rate is taken into its range.
    public init(rate: Int) {
        self.rate = min(Self.most, max(Self.least, rate))
        ahead = max(100_000_000, Self.nanoseconds(Self.piece, self.rate))
    }

    /// What `bytes` take.
    public func time(_ bytes: Int) -> Int64 { Self.nanoseconds(bytes, rate) }

    private static func nanoseconds(_ bytes: Int, _ rate: Int) -> Int64 {
        // A double holds every whole number that can occur here to a nanosecond in ten days.
        Int64(min(9e17, (Double(max(0, bytes)) * 1e9 / Double(rate)).rounded(.up)))
    }
}

/// One direction of a department's line, shared by all event loops without a lock: a token bucket that gives promises. Whoever has
/// bytes says how many and hears when they may pass; it waits so long, and nobody is refused. What was promised is used up, whether
/// the bytes come or not.
public final class BandwidthBucket: Sendable {
    /// When the line is free again, in nanoseconds of the monotonic clock.
    private let free = Atomic<Int64>(.min)

    /// A rested line.
    public init() {}

    /// When `bytes` may pass; at or before `now` they may at once.
    public func reserve(_ bytes: Int, _ rule: BandwidthRule, now: Int64) -> Int64 {
        var seen = free.load(ordering: .relaxed)
        while true {
            // A clock that stepped back, or a rule that became wider, locks nobody out: no promise is for later than the bytes before it take.
            let start = max(seen, now &- rule.ahead)
            let next = start &+ rule.time(bytes)
            let (exchanged, original) = free.weakCompareExchange(expected: seen, desired: next, ordering: .relaxed)
            if exchanged { return start }
            seen = original
        }
    }
}
