/// Civil time in Asia/Shanghai, the only zone of the contract: UTC+8 without daylight saving since 1991.
public enum ShanghaiTime {
    /// The day as `yyyyMMdd` of milliseconds since 1970-01-01T00:00:00Z, for years 0 to 9999.
    public static func day(epochMilliseconds: Int64) -> String {
        let date = civil(days: seconds(epochMilliseconds).floorDivided(by: 86_400))
        var number = date.year * 10_000 + date.month * 100 + date.day
        var digits = [UInt8](repeating: 0, count: 8)
        for index in digits.indices.reversed() {
            digits[index] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: number % 10)
            number /= 10
        }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Seconds of Shanghai's civil clock since 1970-01-01T00:00:00 there.
    static func seconds(_ epochMilliseconds: Int64) -> Int64 { epochMilliseconds.floorDivided(by: 1_000) &+ 8 * 3_600 }

    /// The proleptic Gregorian date of days since 1970-01-01 (H. Hinnant, "chrono-compatible low-level date algorithms").
    static func civil(days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = Int(days) + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// Days since 1970-01-01 of a date; the inverse of `civil`.
    static func days(year: Int, month: Int, day: Int) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear.floorDivided(by: 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }
}

extension FixedWidthInteger where Self: SignedInteger {
    /// The quotient rounded towards negative infinity.
    func floorDivided(by divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
