/// When a call is made again: one row of a table.
public struct RetryRule: Sendable, Hashable {
    /// What a call can end with that makes another worth while.
    public enum Reason: Sendable, Hashable {
        /// No connection came about: nothing was sent.
        case connect
        /// The connection closed, or what came was no reply.
        case closed
        /// No answer came in time.
        case timeout
        /// A status.
        case status(Int)
        /// The reply says so: the mapping's `unavailable`.
        case unavailable
    }

    /// The reasons.
    public let reasons: [Reason]
    /// How many calls in all, the first one included.
    public let attempts: Int
    /// Nanoseconds before the second call; doubled for each one after it, and shortened by chance by up to a half.
    public let wait: Int64
    /// Whether the department takes the same write twice for one, by the number in it.
    public let isIdempotent: Bool

    /// Makes a row.
    public init(reasons: [Reason], attempts: Int, wait: Int64, isIdempotent: Bool) {
        self.reasons = reasons
        self.attempts = attempts
        self.wait = wait
        self.isIdempotent = isIdempotent
    }

    /// How long before another call; nil when there is none. `made` calls have been made; `chance` is any number. A write that may
    /// have reached the department is made again only where it is the same to it.
    public func pause(after reasons: [Reason], made: Int, isWrite: Bool, hasKey: Bool = false, chance: UInt64) -> Int64? {
        guard made < attempts, reasons.contains(where: self.reasons.contains) else { return nil }
        guard !isWrite || reasons.contains(.connect) || isIdempotent || hasKey else { return nil }
        let whole = min(60_000_000_000, wait << Int64(min(max(0, made - 1), 16)))
        return whole - Int64(chance % UInt64(max(1, whole / 2)))
    }
}

/// How many calls may be made again: a share of those that are made at all, so that a department in trouble is not asked twice as much.
public struct RetryBudget: Sendable {
    /// In thousandths of a call.
    private var balance = 10_000

    /// What each call puts in: a fifth of one.
    private static let deposit = 200
    /// What it holds at most: ten.
    private static let most = 10_000

    /// A full one.
    public init() {}

    /// A call was made.
    mutating func put() { balance = min(Self.most, balance + Self.deposit) }

    /// Takes one; false when there is none.
    mutating func take() -> Bool {
        guard balance >= 1000 else { return false }
        balance -= 1000
        return true
    }
}
