internal import Adapters

/// A day or a month on clocks in Asia/Shanghai: what a quota is counted in.
public struct QuotaPeriod: Sendable, Hashable {
    /// How long.
    public enum Length: String, Sendable, CaseIterable { case day, month }

    /// Its number: days or months since 1970-01-01.
    public let number: Int
    /// Seconds until it is over.
    public let ends: Int64

    /// The period of a moment, in seconds since 1970.
    public init(_ length: Length, at epochSeconds: Int64) {
        let time = CivilTime(epochSeconds: epochSeconds)
        let day = time.dayNumber
        let next: Int
        switch length {
        case .day:
            number = day
            next = day + 1
        case .month:
            number = (time.year - 1970) * 12 + time.month - 1
            next = day - time.day + 1 + CivilTime.days(inMonth: time.month, of: time.year)
        }
        ends = Int64(next * 86_400 - CivilTime.shanghai) - epochSeconds
    }
}

/// The count of one quota in one period, in one word.
struct QuotaCell: Sendable {
    private var period: Int
    private(set) var count: Int

    /// Reads a word.
    init(_ value: Int64) {
        period = Int(value >> 40)
        count = Int(value & 0xFF_FFFF_FFFF)
    }

    /// The word.
    var value: Int64 { Int64(period) << 40 | Int64(count) }

    /// Whether it still says something in a period; a period that the clock has left behind does not.
    func isAlive(in current: QuotaPeriod) -> Bool { count > 0 && period >= current.number }

    /// Takes one; how many are left, negative when there was none.
    mutating func take(limit: Int, in current: QuotaPeriod) -> Int {
        turn(to: current)
        guard count < limit else { return -1 }
        count += 1
        return limit - count
    }

    /// Gives one back, where its period is not over.
    mutating func giveBack(in current: QuotaPeriod) {
        guard period == current.number else { return }
        count = max(0, count - 1)
    }

    /// A later period begins with nothing used. A clock that steps back keeps what was used: that neither opens the quota nor locks it
    /// until a day that was never there.
    private mutating func turn(to current: QuotaPeriod) {
        if period < current.number { count = 0 }
        period = current.number
    }
}
