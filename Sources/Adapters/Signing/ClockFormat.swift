/// How a signing convention writes the moment of a call.
struct ClockFormat: Sendable {
    private enum Form: Sendable {
        case milliseconds
        case seconds
        case rfc1123
        case pattern([Piece])
    }

    private enum Piece: Sendable {
        case literal(String)
        case field(Field)
    }

    private enum Field: String, Sendable, CaseIterable {
        case year = "yyyy"
        case month = "MM"
        case day = "dd"
        case hour = "HH"
        case minute = "mm"
        case second = "ss"
        case millisecond = "SSS"
    }

    /// What a configuration may write.
    static let help =
        "one of: milliseconds, seconds, rfc1123, or a pattern of "
        + Field.allCases.map(\.rawValue).joined(separator: ", ") + " and 'quoted text'"

    private let form: Form

    /// `milliseconds` and `seconds` since 1970, `rfc1123` (RFC 9110 §5.6.7, always GMT), or a pattern such as `yyyyMMddHHmmss`, in
    /// Asia/Shanghai; ASCII letters outside the known fields must be quoted. Nil for anything else.
    init?(_ text: String) {
        switch text {
        case "milliseconds": form = .milliseconds
        case "seconds": form = .seconds
        case "rfc1123": form = .rfc1123
        default:
            guard let pieces = ClockFormat.pieces(text) else { return nil }
            form = .pattern(pieces)
        }
    }

    private static func pieces(_ text: String) -> [Piece]? {
        var pieces: [Piece] = []
        var fields = 0
        var rest = text[...]
        while let first = rest.first {
            if first == "'" {
                guard let end = rest.dropFirst().firstIndex(of: "'") else { return nil }
                let quoted = rest[rest.index(after: rest.startIndex)..<end]
                pieces.append(.literal(quoted.isEmpty ? "'" : String(quoted)))
                rest = rest[rest.index(after: end)...]
            } else if first.isASCII, first.isLetter {
                let run = rest.prefix { $0 == first }
                guard let field = Field(rawValue: String(run)) else { return nil }
                pieces.append(.field(field))
                fields += 1
                rest = rest.dropFirst(run.count)
            } else {
                pieces.append(.literal(String(first)))
                rest = rest.dropFirst()
            }
        }
        return fields > 0 ? pieces : nil
    }

    /// The moment as text.
    func text(epochMilliseconds: Int64) -> String {
        switch form {
        case .milliseconds: return String(epochMilliseconds)
        case .seconds: return String(ClockFormat.seconds(epochMilliseconds))
        case .rfc1123: return ClockFormat.rfc1123(ClockFormat.seconds(epochMilliseconds))
        case .pattern(let pieces):
            let seconds = ClockFormat.seconds(epochMilliseconds)
            let time = CivilTime(epochSeconds: seconds)
            let rest = epochMilliseconds % 1000
            let milliseconds = Int(rest < 0 ? rest + 1000 : rest)
            var out = ""
            for piece in pieces {
                switch piece {
                case .literal(let text): out += text
                case .field(let field): out += ClockFormat.text(of: field, time, milliseconds)
                }
            }
            return out
        }
    }

    private static func seconds(_ milliseconds: Int64) -> Int64 {
        milliseconds % 1000 < 0 ? milliseconds / 1000 - 1 : milliseconds / 1000
    }

    private static func text(of field: Field, _ time: CivilTime, _ milliseconds: Int) -> String {
        switch field {
        case .year: padded(time.year, 4)
        case .month: padded(time.month, 2)
        case .day: padded(time.day, 2)
        case .hour: padded(time.hour, 2)
        case .minute: padded(time.minute, 2)
        case .second: padded(time.second, 2)
        case .millisecond: padded(milliseconds, 3)
        }
    }

    private static func rfc1123(_ seconds: Int64) -> String {
        let time = CivilTime(epochSeconds: seconds, offsetSeconds: 0)
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let date = "\(days[time.weekday]), \(padded(time.day, 2)) \(months[time.month - 1]) \(padded(time.year, 4))"
        return "\(date) \(padded(time.hour, 2)):\(padded(time.minute, 2)):\(padded(time.second, 2)) GMT"
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return digits.count < width ? String(repeating: "0", count: width - digits.count) + digits : digits
    }
}
