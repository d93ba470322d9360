/// A date and time of day in the proleptic Gregorian calendar at a fixed offset from UTC; pure arithmetic, no time zone data.
///
/// China has kept +08:00 without summer time since 1991-09-15, so a fixed offset is exact for every date this gateway handles.
/// Years run from 0 to 9999, what four digits can write (ISO 8601-1 §5.2.2). There are no leap seconds, as in POSIX time.
public struct CivilTime: Sendable, Hashable {
    /// The year, 0 to 9999.
    public let year: Int
    /// The month, 1 to 12.
    public let month: Int
    /// The day of the month, 1 to 31.
    public let day: Int
    /// The hour, 0 to 23.
    public let hour: Int
    /// The minute, 0 to 59.
    public let minute: Int
    /// The second, 0 to 59.
    public let second: Int
    /// How far this clock is ahead of UTC, in seconds.
    public let offsetSeconds: Int

    /// Asia/Shanghai, in seconds ahead of UTC.
    public static let shanghai = 28_800

    /// 0000-01-01T00:00:00 and 9999-12-31T23:59:59 as seconds since 1970, read without an offset.
    private static let range: ClosedRange<Int64> = -62_167_219_200...253_402_300_799

    /// The time shown by a clock `offsetSeconds` ahead of UTC. A moment outside the years 0 to 9999 becomes the nearest one
    /// inside; `offsetSeconds` is held to one day either way.
    public init(epochSeconds: Int64, offsetSeconds: Int = shanghai) {
        let offset = min(max(offsetSeconds, -86_400), 86_400)
        let (sum, overflow) = epochSeconds.addingReportingOverflow(Int64(offset))
        let wanted = overflow ? epochSeconds : sum
        let local = Int(min(max(wanted, CivilTime.range.lowerBound), CivilTime.range.upperBound))
        let days = local.floorDivided(by: 86_400)
        let rest = local - days * 86_400
        (year, month, day) = CivilTime.date(ofDay: days)
        hour = rest / 3_600
        minute = rest / 60 % 60
        second = rest % 60
        self.offsetSeconds = offset
    }

    /// A time from its fields; nil when there is no such date or time of day, or the offset is more than a day.
    public init?(
        year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, offsetSeconds: Int = shanghai
    ) {
        guard (0...9999).contains(year), (1...12).contains(month), (1...CivilTime.days(inMonth: month, of: year)).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second),
            (-86_400...86_400).contains(offsetSeconds)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        self.offsetSeconds = offsetSeconds
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    public var epochSeconds: Int64 {
        Int64(dayNumber * 86_400 + hour * 3_600 + minute * 60 + second - offsetSeconds)
    }

    /// Days since 1970-01-01 in this calendar, whatever the offset.
    public var dayNumber: Int {
        // Years begin in March here, so that the leap day is the last day of a year (Richards, Explanatory Supplement §15.11).
        let y = month <= 2 ? year - 1 : year
        let era = y.floorDivided(by: 400)
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The day of the week, 0 for Sunday to 6 for Saturday.
    public var weekday: Int {
        let remainder = (dayNumber + 4) % 7  // 1970-01-01 was a Thursday
        return remainder < 0 ? remainder + 7 : remainder
    }

    /// `yyyy-MM-ddTHH:mm:ss+08:00`; the time must be one of Asia/Shanghai.
    public var rfc3339: String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month))-\(two(day))T\(two(hour)):\(two(minute)):\(two(second))+08:00"
    }

    /// The same moment on a clock with another offset.
    public func at(offsetSeconds: Int) -> CivilTime { CivilTime(epochSeconds: epochSeconds, offsetSeconds: offsetSeconds) }

    /// Whether a year has a 29 February.
    public static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// How many days a month (1 to 12) has; 0 for any other number.
    public static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 1, 3, 5, 7, 8, 10, 12: 31
        case 4, 6, 9, 11: 30
        case 2: isLeap(year) ? 29 : 28
        default: 0
        }
    }

    private static func date(ofDay days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1)
    }
}

extension Int {
    fileprivate func floorDivided(by divisor: Int) -> Int {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
