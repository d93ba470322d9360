public import Adapters

/// When a department's system takes calls, on clocks in Asia/Shanghai.
public struct OpeningHours: Sendable, Hashable {
    /// A stretch of a day, in seconds from midnight; it ends before `end`.
    public struct Stretch: Sendable, Hashable {
        /// When it begins.
        public let start: Int
        /// When it is over, at most 86,400.
        public let end: Int

        /// Reads `08:30-17:30`; nil when the text is something else, or ends before it begins.
        public init?(_ text: String) {
            guard let match = text.wholeMatch(of: /([0-9]{2}):([0-9]{2})\s*[-–]\s*([0-9]{2}):([0-9]{2})/),
                let start = Self.seconds(match.1, match.2), let end = Self.seconds(match.3, match.4), start < end
            else { return nil }
            self.start = start
            self.end = end
        }

        private static func seconds(_ hour: Substring, _ minute: Substring) -> Int? {
            guard let hour = Int(hour), let minute = Int(minute), minute < 60, hour * 60 + minute <= 24 * 60 else { return nil }
            return hour * 3600 + minute * 60
        }
    }

    /// Some days in a row, as numbers since 1970-01-01.
    public struct Days: Sendable, Hashable {
        /// From the first to the last.
        public let range: ClosedRange<Int>

        /// Reads `2026-10-01` or `2026-10-01..2026-10-08`; nil when the text is something else.
        public init?(_ text: String) {
            let parts = text.split(separator: "..", omittingEmptySubsequences: false).map { Self.day(String($0)) }
            guard (1...2).contains(parts.count), let first = parts[0], let last = parts[parts.count - 1], first <= last else { return nil }
            range = first...last
        }

        private static func day(_ text: String) -> Int? {
            guard let match = text.wholeMatch(of: /([0-9]{4})-([0-9]{2})-([0-9]{2})/), let year = Int(match.1), let month = Int(match.2),
                let day = Int(match.3)
            else { return nil }
            return CivilTime(year: year, month: month, day: day)?.dayNumber
        }
    }

    /// Whether it is open.
    public enum State: Sendable, Hashable {
        /// It is.
        case open
        /// It is not; the second since 1970 at which it will be, nil where that is more than a year away.
        case closed(opens: Int64?)
    }

    /// The words of the days of the week, Sunday first.
    public static let weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

    private let stretches: [Stretch]
    private let days: Set<Int>
    private let holidays: [Days]
    private let workdays: [Days]

    /// Hours: stretches of each open day; `days` are numbers of the week's days, 0 for Sunday. Holidays are closed, and the days under
    /// `workdays` open, whatever day of the week they are.
    public init(stretches: [Stretch], days: Set<Int> = [1, 2, 3, 4, 5], holidays: [Days] = [], workdays: [Days] = []) {
        self.stretches = stretches.sorted { $0.start < $1.start }
        self.days = days
        self.holidays = holidays
        self.workdays = workdays
    }

    /// Whether it is open at a moment, in seconds since 1970.
    public func state(at epochSeconds: Int64) -> State {
        let local = Int(epochSeconds) + CivilTime.shanghai
        let today = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
        let second = local - today * 86_400
        if isOpen(today) {
            if stretches.contains(where: { $0.start <= second && second < $0.end }) { return .open }
            if let next = stretches.first(where: { $0.start > second }) { return .closed(opens: Self.moment(today, next.start)) }
        }
        guard let first = stretches.first, let day = (today + 1...today + 366).first(where: isOpen) else { return .closed(opens: nil) }
        return .closed(opens: Self.moment(day, first.start))
    }

    private static func moment(_ day: Int, _ second: Int) -> Int64 { Int64(day * 86_400 + second - CivilTime.shanghai) }

    private func isOpen(_ day: Int) -> Bool {
        if workdays.contains(where: { $0.range.contains(day) }) { return true }
        if holidays.contains(where: { $0.range.contains(day) }) { return false }
        let weekday = (day + 4) % 7  // 1970-01-01 was a Thursday
        return days.contains(weekday < 0 ? weekday + 7 : weekday)
    }

    /// The problem of a call to a department that is closed; nil when it is open.
    public func fault(at epochSeconds: Int64, department: String) -> AdapterFault? {
        guard case .closed(let opens) = state(at: epochSeconds) else { return nil }
        guard let opens else { return AdapterFault(.upstreamUnavailable, "\(department) is closed; nothing was sent") }
        var fault = AdapterFault(
            .upstreamUnavailable, "\(department) is closed until \(CivilTime(epochSeconds: opens).rfc3339); nothing was sent")
        fault.retryAfter = opens - epochSeconds
        return fault
    }
}

/// A department's hours, and for which operations they count.
public struct DepartmentHours: Sendable, Hashable {
    /// The hours.
    public let hours: OpeningHours
    /// Beginnings and names of operations, `*` at the end of a beginning; empty for all, plain routes too.
    public let operations: [String]

    /// Whether they count for an operation; nil is a plain route.
    public func count(for operation: String?) -> Bool {
        guard let operation else { return operations.isEmpty }
        return operations.isEmpty || OperationPattern.any(of: operations, matches: operation)
    }
}

/// Names of operations as files choose them: a name, or a beginning followed by `*`.
enum OperationPattern {
    /// Whether one of the patterns chooses a name.
    static func any(of patterns: [String], matches name: String) -> Bool { patterns.contains { matches($0, name) } }

    /// Whether a pattern chooses a name.
    static func matches(_ pattern: String, _ name: String) -> Bool {
        pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : pattern == name
    }
}
