/// A moment as departments write it: a civil time in Asia/Shanghai, to the second.
struct CivilTime: Sendable, Hashable {
    let (year, month, day, hour, minute, second): (Int, Int, Int, Int, Int, Int)

    /// A time that exists; nil where a part is out of range.
    init?(_ year: Int, _ month: Int, _ day: Int, _ hour: Int = 0, _ minute: Int = 0, _ second: Int = 0) {
        guard (1900...9999).contains(year), (1...12).contains(month), (0..<24).contains(hour) else { return nil }
        let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...lengths[month - 1]).contains(day), (0..<60).contains(minute), (0..<60).contains(second) else { return nil }
        (self.year, self.month, self.day, self.hour, self.minute, self.second) = (year, month, day, hour, minute, second)
    }

    /// Reads `yyyyMMddHHmmss`, exactly.
    init?(compact text: String) {
        guard text.utf8.count == 14, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        let digits = text.utf8.map { Int($0) - 48 }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
        self.init(number(0..<4), number(4..<6), number(6..<8), number(8..<10), number(10..<12), number(12..<14))
    }

    /// Reads `yyyy-MM-dd HH:mm:ss`, exactly.
    init?(spaced text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count == 19, [4, 7].allSatisfy({ bytes[$0] == UInt8(ascii: "-") }), bytes[10] == UInt8(ascii: " "),
            [13, 16].allSatisfy({ bytes[$0] == UInt8(ascii: ":") })
        else { return nil }
        let digits = bytes.enumerated().filter { ![4, 7, 10, 13, 16].contains($0.offset) }.map(\.element)
        self.init(compact: String(decoding: digits, as: UTF8.self))
    }

    /// The civil time of milliseconds since 1970-01-01T00:00:00Z.
    init(epochMilliseconds: Int64) {
        let seconds = Int(epochMilliseconds / 1000) + 8 * 3600
        (second, minute, hour) = (seconds % 60, seconds / 60 % 60, seconds / 3600 % 24)
        // Days to a date in the proleptic Gregorian calendar, counted in years that begin in March.
        let shifted = seconds / 86400 + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    var epochMilliseconds: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
        return Int64(days * 86400 + hour * 3600 + minute * 60 + second - 8 * 3600) * 1000
    }

    /// The same time some minutes later.
    func plus(minutes: Int) -> CivilTime { CivilTime(epochMilliseconds: epochMilliseconds + Int64(minutes) * 60000) }

    /// The same time of the n-th working day after this one; Monday to Friday work, holidays are not known here.
    func plus(workingDays: Int) -> CivilTime {
        var (time, left) = (self, workingDays)
        while left > 0 {
            time = time.plus(minutes: 24 * 60)
            // 1970-01-01 was a Thursday; 0 is Monday.
            let weekday = ((time.epochMilliseconds / 1000 + 8 * 3600) / 86400 + 3) % 7
            if weekday < 5 { left -= 1 }
        }
        return time
    }

    /// `yyyyMMdd`.
    var compactDate: String { padded(year, 4) + padded(month, 2) + padded(day, 2) }

    /// `yyyyMMddHHmmss`.
    var compact: String { compactDate + padded(hour, 2) + padded(minute, 2) + padded(second, 2) }

    /// `yyyy-MM-dd`.
    var dashedDate: String { padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) }

    /// `yyyy-MM-dd HH:mm:ss`.
    var spaced: String { dashedDate + " " + padded(hour, 2) + ":" + padded(minute, 2) + ":" + padded(second, 2) }
}

/// A number with leading zeros.
func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
