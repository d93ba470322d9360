/// How a signing convention writes the moment of a call.
enum ClockFormat: Sendable {
    /// RFC 9110 §5.6.7, such as `Tue, 09 Nov 2021 08:49:20 GMT`; always GMT.
    case rfc1123
    /// Any form that dates have elsewhere in a route file, on a clock in Asia/Shanghai.
    case date(DateForm)

    /// What a configuration may write.
    static let help = "one of: milliseconds, seconds, rfc1123, rfc3339, or a pattern such as yyyyMMddHHmmss"

    /// The format of a word or pattern; nil for anything else.
    init?(_ text: String) {
        switch text {
        case "rfc1123": self = .rfc1123
        default:
            // `ms` and `s` are the words of `date:`; the long ones say in a signing section what the number counts.
            let known = ["milliseconds": "ms", "seconds": "s"][text] ?? text
            guard let form = DateForm(known) else { return nil }
            self = .date(form)
        }
    }

    /// The moment as text.
    func text(epochMilliseconds: Int64) -> String {
        let rest = epochMilliseconds % 1000
        let milliseconds = Int(rest < 0 ? rest + 1000 : rest)
        let seconds = (epochMilliseconds - Int64(milliseconds)) / 1000
        switch self {
        case .rfc1123: return ClockFormat.rfc1123(seconds)
        case .date(let form): return form.text(of: CivilTime(epochSeconds: seconds), milliseconds: milliseconds)
        }
    }

    /// The moment that a text in this form means; nil when it is not in it.
    func epochMilliseconds(_ text: String) -> Int64? {
        switch self {
        case .rfc1123: return ClockFormat.seconds(rfc1123: text).map { $0 * 1000 }
        case .date(let form):
            if form.text == "ms" { return text.utf8.count <= 15 ? Int64(text) : nil }
            return form.time(text, offset: CivilTime.shanghai).map { $0.epochSeconds * 1000 }
        }
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The seconds of an IMF-fixdate (RFC 9110 §5.6.7), whose day of the week must be right too.
    private static func seconds(rfc1123 text: String) -> Int64? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 6, words[5] == "GMT", let day = Int(words[1]), let year = Int(words[3]), words[3].utf8.count == 4,
            let month = months.firstIndex(of: String(words[2]))
        else { return nil }
        let clock = words[4].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2],
            let time = CivilTime(year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second, offsetSeconds: 0),
            rfc1123(time.epochSeconds) == text
        else { return nil }
        return time.epochSeconds
    }

    private static func rfc1123(_ seconds: Int64) -> String {
        let time = CivilTime(epochSeconds: seconds, offsetSeconds: 0)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let date = "\(days[time.weekday]), \(padded(time.day, 2)) \(months[time.month - 1]) \(padded(time.year, 4))"
        return "\(date) \(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2)) GMT"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return digits.count < width ? String(repeating: "0", count: width - digits.count) + digits : digits
    }
}
