/// How an upstream's endpoints are asked whether they are well. Times are nanoseconds.
public struct HealthRule: Sendable, Hashable {
    /// What is asked for, with GET.
    public var path: String
    /// How often.
    public var every: Int64 = 10_000_000_000
    /// How long an answer may take, connecting included.
    public var timeout: Int64 = 2_000_000_000
    /// So many good answers in a row, and an endpoint that was down serves again.
    public var rise = 2
    /// So many bad ones in a row, and it is down.
    public var fall = 3
    /// Statuses that are good; empty for every 2xx and 3xx.
    public var statuses: [Int] = []

    /// The defaults for a path.
    public init(path: String) { self.path = path }

    /// Whether a status is good.
    public func isGood(_ status: Int) -> Bool { statuses.isEmpty ? (200..<400).contains(status) : statuses.contains(status) }
}

/// What the checks of one endpoint came to. Pure.
struct HealthRecord: Sendable {
    /// Whether it is held to be well.
    private(set) var isWell = true
    /// When it is to be asked next.
    private var due = Int64.min
    /// Answers in a row that say otherwise.
    private var contrary = 0

    /// Whether it is to be asked now; if so, the next time is set.
    mutating func takeTurn(_ rule: HealthRule, now: Int64) -> Bool {
        guard now >= due else { return false }
        due = now + rule.every
        return true
    }

    /// Notes an answer.
    mutating func note(isGood: Bool, _ rule: HealthRule) {
        guard isGood != isWell else { return contrary = 0 }
        contrary += 1
        guard contrary >= (isGood ? rule.rise : rule.fall) else { return }
        (isWell, contrary) = (isGood, 0)
    }
}
