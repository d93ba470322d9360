/// One written form of a date: a pattern such as `yyyy-MM-dd HH:mm:ss`, or the word `ms`, `s` or `rfc3339`.
struct DateForm: Sendable, Hashable {
    /// What a form may be, for messages.
    static let allowed =
        "ms, s, rfc3339, or a pattern of yyyy MM M dd d HH H mm m ss s S, hh or h with a (上午 or 下午, AM or PM), and other characters, such as yyyyMMddHHmmss (MM is the month, mm the minute)"

    /// One part of a pattern.
    private enum Part: Sendable, Hashable {
        case year, month(Int), day(Int), hour(Int), minute(Int), second(Int), fraction
        /// The hour of half a day, from 12 to 11, and which half.
        case halfHour(Int), half
        case literal(UInt8)

        /// What it is, however wide; negative for what is none of a date's own parts.
        var kind: Int {
            switch self {
            case .year: 0
            case .month: 1
            case .day: 2
            case .hour: 3
            case .minute: 4
            case .second: 5
            case .fraction: 6
            case .halfHour: 7
            case .half: 8
            case .literal: -1
            }
        }

        /// Whether it may be written with one digit.
        var isOneDigit: Bool {
            switch self {
            case .month(let width), .day(let width), .hour(let width), .minute(let width), .second(let width), .halfHour(let width):
                width == 1
            case .year, .fraction, .half, .literal: false
            }
        }
    }

    private enum Shape: Sendable, Hashable {
        case milliseconds, seconds, rfc3339
        case pattern([Part])
    }

    /// The form as written.
    let text: String
    private let shape: Shape

    /// RFC 3339 with an offset: the contract's form.
    static let contract = DateForm(text: "rfc3339", shape: .rfc3339)

    private init(text: String, shape: Shape) {
        self.text = text
        self.shape = shape
    }

    /// Compiles a form; nil when it is none: an unknown letter, a part twice, or no year.
    init?(_ text: String) {
        self.text = text
        switch text {
        case "ms": shape = .milliseconds
        case "s": shape = .seconds
        case "rfc3339": shape = .rfc3339
        default:
            guard let parts = try? DateForm.parts(text) else { return nil }
            shape = .pattern(parts)
        }
    }

    /// What is wrong with a pattern, in words for its writer.
    private struct Flaw: Error { let message: String }

    /// Why a text is no form; nil when it is one.
    static func flaw(_ text: String) -> String? {
        guard DateForm(text) == nil else { return nil }
        do throws(Flaw) { _ = try parts(text) } catch { return error.message }
        return nil
    }

    private static func parts(_ text: String) throws(Flaw) -> [Part] {
        var parts: [Part] = []
        var rest = Substring(text)
        while let letter = rest.first {
            let run = rest.prefix { $0 == letter }
            rest = rest.dropFirst(run.count)
            var part: Part?
            var literal = run
            switch (letter, run.count) {
            case ("y", 4): part = .year
            case ("M", 1...2): part = .month(run.count)
            case ("d", 1...2): part = .day(run.count)
            case ("H", 1...2): part = .hour(run.count)
            case ("h", 1...2): part = .halfHour(run.count)
            case ("a", 1): part = .half
            case ("m", 1...2): part = .minute(run.count)
            case ("s", 1...2): part = .second(run.count)
            case ("S", 1...9): part = .fraction
            case ("T", 1), ("Z", 1): break
            case ("'", 1):
                guard let end = rest.firstIndex(of: "'") else { throw Flaw(message: "a quotation mark does not end") }
                literal = rest[..<end]
                rest = rest[rest.index(after: end)...]
            default: guard !(letter.isASCII && letter.isLetter) else { throw Flaw(message: "'\(run)' is no part of one") }
            }
            guard let part else {
                parts += literal.utf8.map(Part.literal)
                continue
            }
            if parts.contains(where: { $0.kind == part.kind && part.kind >= 0 }) { throw Flaw(message: "'\(run)' is there twice") }
            if let last = parts.last, last.isOneDigit, part.kind >= 0, part != .half {
                throw Flaw(message: "one digit with a digit of '\(run)' right behind it could be two")
            }
            parts.append(part)
        }
        let halves = parts.count { $0.kind == Part.halfHour(1).kind || $0 == .half }
        guard halves == 0 || halves == 2 && !parts.contains(where: { $0.kind == Part.hour(1).kind }) else {
            throw Flaw(message: "'h' and 'a' belong together, and 'H' stands alone")
        }
        guard isWhole(parts) else { throw Flaw(message: "a smaller part stands without the next larger one") }
        return parts
    }

    /// Whether no part stands without the next larger one: `yyyymmdd` says minutes where months were meant.
    private static func isWhole(_ parts: [Part]) -> Bool {
        var (month, day, hour, minute, second) = (false, false, false, false, false)
        for part in parts {
            switch part {
            case .month: month = true
            case .day: day = true
            case .hour, .halfHour: hour = true
            case .minute: minute = true
            case .second: second = true
            default: break
            }
        }
        return parts.contains(.year) && (month || !day) && (day || !hour)
            && (hour || !minute) && (minute || !second) && (second || !parts.contains(.fraction))
    }

    // MARK: Reading

    /// The time that a text in this form means; `offset` is how far its clock is ahead of UTC, in seconds. Nil when it does not fit.
    func time(_ text: String, offset: Int) -> CivilTime? {
        UTF8Text.withBytes(of: text) { time($0, offset: offset) }
    }

    /// The time that a text in this form means, from its UTF-8.
    func time(_ text: UnsafeBufferPointer<UInt8>, offset: Int) -> CivilTime? {
        switch shape {
        case .milliseconds:
            guard text.count <= 16, let count = DateForm.count(text),
                DateForm.digits(text) <= 13 || DateForm.never.contains(count / 1000)
            else { return nil }
            return CivilTime(epochSeconds: count >= 0 ? count / 1000 : (count - 999) / 1000, offsetSeconds: offset)
        case .seconds:
            guard text.count <= 16, let count = DateForm.count(text), DateForm.digits(text) <= 10 || DateForm.never.contains(count) else {
                return nil
            }
            return CivilTime(epochSeconds: count, offsetSeconds: offset)
        case .rfc3339:
            var reader = DateReader(text)
            return reader.rfc3339(offset: offset)
        case .pattern(let parts):
            var reader = DateReader(text)
            return DateForm.read(parts, &reader, offset: offset)
        }
    }

    /// The seconds of the year 9999, by which departments say that something never ends.
    private static let never: ClosedRange<Int64> = 253_370_736_000...253_402_300_799

    /// How many digits there are behind a sign: more than time until the year 2286 needs are another kind of date.
    private static func digits(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        text.count - (text.first == 0x2D || text.first == 0x2B ? 1 : 0)
    }

    /// At most fifteen digits with or without a sign, as `Int64` takes them.
    private static func count(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        let isSigned = text.first == 0x2D || text.first == 0x2B
        var count: Int64 = 0
        var digits = 0
        for byte in text.dropFirst(isSigned ? 1 : 0) {
            guard byte &- 0x30 <= 9 else { return nil }
            count = count * 10 + Int64(byte - 0x30)
            digits += 1
        }
        guard digits > 0 else { return nil }
        return text.first == 0x2D ? -count : count
    }

    private static func read(_ parts: [Part], _ reader: inout DateReader, offset: Int) -> CivilTime? {
        var (year, month, day, hour, minute, second) = (0, 1, 1, 0, 0, 0)
        var isAfternoon = false
        for part in parts {
            switch part {
            case .year:
                guard let number = reader.number(4...4) else { return nil }
                year = number
            case .month(let width):
                guard let number = reader.number(width...2) else { return nil }
                month = number
            case .day(let width):
                guard let number = reader.number(width...2) else { return nil }
                day = number
            case .hour(let width):
                guard let number = reader.number(width...2) else { return nil }
                hour = number
            case .halfHour(let width):
                guard let number = reader.number(width...2), (1...12).contains(number) else { return nil }
                hour = number % 12
            case .half:
                guard let half = reader.half() else { return nil }
                isAfternoon = half
            case .minute(let width):
                guard let number = reader.number(width...2) else { return nil }
                minute = number
            case .second(let width):
                guard let number = reader.number(width...2) else { return nil }
                second = number
            case .fraction:
                guard reader.number(1...9) != nil else { return nil }
            case .literal(let byte):
                guard reader.skip(byte) else { return nil }
            }
        }
        guard reader.isAtEnd else { return nil }
        if isAfternoon { hour += 12 }
        return CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second, offsetSeconds: offset)
    }

    // MARK: Writing

    /// A time in this form.
    func text(of time: CivilTime, milliseconds: Int = 0) -> String {
        var out = ByteSink(capacity: 64)
        write(time, milliseconds: milliseconds, to: &out)
        return out.string(from: 0)
    }

    /// Appends a time in this form.
    func write(_ time: CivilTime, milliseconds: Int = 0, to out: inout ByteSink) {
        switch shape {
        case .milliseconds: out.append(text: String(time.epochSeconds * 1000 + Int64(milliseconds)))
        case .seconds: out.append(text: String(time.epochSeconds))
        case .rfc3339: DateForm.writeRFC3339(time, to: &out)
        case .pattern(let parts):
            for part in parts { DateForm.write(part, time, milliseconds, to: &out) }
        }
    }

    private static func write(_ part: Part, _ time: CivilTime, _ milliseconds: Int, to out: inout ByteSink) {
        switch part {
        case .year: append(time.year, width: 4, to: &out)
        case .month(let width): append(time.month, width: width, to: &out)
        case .day(let width): append(time.day, width: width, to: &out)
        case .hour(let width): append(time.hour, width: width, to: &out)
        case .halfHour(let width): append(time.hour % 12 == 0 ? 12 : time.hour % 12, width: width, to: &out)
        case .half: out.append(text: time.hour < 12 ? "上午" : "下午")
        case .minute(let width): append(time.minute, width: width, to: &out)
        case .second(let width): append(time.second, width: width, to: &out)
        case .fraction: append(milliseconds, width: 3, to: &out)
        case .literal(let byte): out.append(byte)
        }
    }

    private static func writeRFC3339(_ time: CivilTime, to out: inout ByteSink) {
        append(time.year, width: 4, to: &out)
        out.append(0x2D)
        append(time.month, width: 2, to: &out)
        out.append(0x2D)
        append(time.day, width: 2, to: &out)
        out.append(0x54)
        append(time.hour, width: 2, to: &out)
        out.append(0x3A)
        append(time.minute, width: 2, to: &out)
        out.append(0x3A)
        append(time.second, width: 2, to: &out)
        out.append(time.offsetSeconds < 0 ? 0x2D : 0x2B)
        append(abs(time.offsetSeconds) / 3600, width: 2, to: &out)
        out.append(0x3A)
        append(abs(time.offsetSeconds) / 60 % 60, width: 2, to: &out)
    }

    /// A number from 0 to 9999 with at least `width` digits.
    @inline(__always)
    private static func append(_ number: Int, width: Int, to out: inout ByteSink) {
        let number = UInt32(truncatingIfNeeded: number)
        out.reserve(4)
        if number > 999 || width > 3 { out.append(0x30 + UInt8(truncatingIfNeeded: number / 1000 % 10)) }
        if number > 99 || width > 2 { out.append(0x30 + UInt8(truncatingIfNeeded: number / 100 % 10)) }
        if number > 9 || width > 1 { out.append(0x30 + UInt8(truncatingIfNeeded: number / 10 % 10)) }
        out.append(0x30 + UInt8(truncatingIfNeeded: number % 10))
    }
}

/// Reads the digits and marks of a written date.
private struct DateReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var index = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { index == bytes.count }

    /// A number of as many digits as there are, within `widths`.
    @inline(__always)
    mutating func number(_ widths: ClosedRange<Int>) -> Int? {
        var (value, count) = (0, 0)
        while index < bytes.count, count < widths.upperBound, bytes[index] &- 0x30 <= 9 {
            value = value &* 10 &+ Int(bytes[index] &- 0x30)
            index &+= 1
            count &+= 1
        }
        return count >= widths.lowerBound ? value : nil
    }

    /// Which half of the day: false for the morning. Nil where neither is named.
    mutating func half() -> Bool? {
        for (word, isAfternoon) in [("上午", false), ("下午", true), ("AM", false), ("PM", true), ("am", false), ("pm", true)] {
            let word = Array(word.utf8)
            guard bytes.dropFirst(index).starts(with: word) else { continue }
            index += word.count
            return isAfternoon
        }
        return nil
    }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    /// RFC 3339 §5.6 `date-time`, with `full-date` alone as its midnight; the time is shown on a clock `offset` ahead of UTC.
    mutating func rfc3339(offset: Int) -> CivilTime? {
        guard let year = number(4...4), skip(0x2D), let month = number(2...2), skip(0x2D), let day = number(2...2) else { return nil }
        if isAtEnd { return CivilTime(year: year, month: month, day: day, offsetSeconds: offset) }
        guard skip(0x54) || skip(0x74) || skip(0x20), let hour = number(2...2), skip(0x3A), let minute = number(2...2), skip(0x3A),
            let second = number(2...2)
        else { return nil }
        if skip(0x2E), number(1...9) == nil { return nil }
        var own = offset
        if skip(0x5A) || skip(0x7A) {
            own = 0
        } else {
            let sign = skip(0x2B) ? 1 : skip(0x2D) ? -1 : 0
            guard sign != 0, let hours = number(2...2), skip(0x3A), let minutes = number(2...2) else { return nil }
            own = sign * (hours * 3600 + minutes * 60)
        }
        guard isAtEnd else { return nil }
        return CivilTime(year: year, month: month, day: day, hour: hour, minute: minute, second: second, offsetSeconds: own)?
            .at(offsetSeconds: offset)
    }
}
