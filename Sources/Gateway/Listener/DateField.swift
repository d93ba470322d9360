import Adapters

/// The date of a reply in IMF-fixdate (RFC 9110 §5.6.7).
enum DateField {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The text of a second since 1970.
    static func bytes(epochSeconds: Int64) -> [UInt8] {
        let time = CivilTime(epochSeconds: epochSeconds, offsetSeconds: 0)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        // 1970-01-01 was a Thursday.
        let day = days[((time.dayNumber + 4) % 7 + 7) % 7]
        return Array(
            "\(day), \(two(time.day)) \(months[time.month - 1]) \(time.year) \(two(time.hour)):\(two(time.minute)):\(two(time.second)) GMT"
                .utf8)
    }
}

extension CivilTime {
    /// `yyyyMMdd`.
    var compactDay: String { String(year * 10000 + month * 100 + day) }
}
