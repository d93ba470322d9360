/// The words for conversions, in the order in which they are applied whatever their order in the file. `then` repeats the table.
enum ConversionWord: String, CaseIterable, Sendable {
    case trim, absent, replace, split, substring
    case letters = "case"
    case pad, date, map
    case reverseMap = "reverse-map"
    case money, base64, join, json
    case cast = "as"
    case then
}

/// What a value is cast to.
enum ScalarType: String, CaseIterable, Sendable {
    case string, integer, number, boolean
}

/// One step that a value goes through. A list goes through it item by item, except in `join`.
enum Conversion: Sendable {
    /// Spaces of any kind removed at both ends.
    case trim
    /// Texts that mean nothing, such as `null` or `-`.
    case absent([String])
    /// Texts replaced, one pair after the other.
    case replace([(old: String, new: String)])
    /// A text cut into a list.
    case split(String)
    /// A part, counted in characters from 0.
    case substring(start: Int, length: Int?)
    /// Upper case, or lower.
    case uppercase(Bool)
    /// Filled up to `width` characters on the left or right.
    case pad(left: Bool, fill: Character, width: Int)
    /// A date in one of several forms, written in another.
    case date(inputs: [DateForm], output: DateForm, offset: Int)
    /// A code table.
    case map(CodeTable)
    /// The decimal point moved: 2 makes 元 into 分, -2 makes 分 into 元.
    case shift(Int)
    /// Base64 of the text's UTF-8 bytes, or back.
    case base64(encode: Bool)
    /// A list made into one text.
    case join(String)
    /// The whole value as JSON text, or back.
    case json(encode: Bool)
    /// Another type.
    case cast(ScalarType)

    /// What the value becomes; nil when nothing is left of it.
    func apply(to value: Value, origin: ValueOrigin, _ direction: MappingDirection) throws(AdapterFault) -> Value? {
        if case .json(let encode) = self { return try Conversion.json(value, encode, origin, direction) }
        if case .array(let items) = value {
            if case .join(let mark) = self { return .string(items.compactMap(\.scalarText).joined(separator: mark)) }
            var made: [Value] = []
            made.reserveCapacity(items.count)
            for item in items {
                if let one = try apply(to: item, origin: origin, direction) { made.append(one) }
            }
            return .array(made)
        }
        if case .null = value { return nil }
        guard let text = value.scalarText else {
            throw origin.misfit(direction, rule: "type", expected: "a single value", found: "an object")
        }
        switch self {
        case .date(let inputs, let output, let offset):
            return try Conversion.date(text, inputs, output, offset, origin, direction)
        case .map(let table):
            guard let mapped = table.value(of: text) else { throw origin.unmapped(text, table: table.name, direction) }
            return mapped
        case .shift(let places):
            guard let moved = DecimalText(text)?.shifted(places) else {
                throw origin.misfit(direction, rule: "type", expected: "a decimal number")
            }
            return .string(moved)
        case .base64(let encode):
            if encode { return .string(Base64Codec.encode(Array(text.utf8))) }
            guard let bytes = try? Base64Codec.decode(text), let plain = String(validating: bytes, as: UTF8.self) else {
                throw origin.misfit(direction, rule: "type", expected: "Base64 of UTF-8 text")
            }
            return .string(plain)
        case .cast(let type):
            guard let made = Conversion.cast(value, text, type) else {
                throw origin.misfit(direction, rule: "type", expected: type == .integer ? "an integer" : "a \(type.rawValue)")
            }
            return made
        default: return edit(text)
        }
    }

    /// The conversions of plain text, none of which can fail.
    private func edit(_ text: String) -> Value? {
        switch self {
        case .trim: return .string(Conversion.trimmed(text))
        case .absent(let words): return words.contains(text) ? nil : .string(text)
        case .replace(let pairs):
            var out = text
            for pair in pairs { out = Conversion.replacing(pair.old, in: out, with: pair.new) }
            return .string(out)
        case .split(let mark): return .array(Conversion.pieces(text, mark).map(Value.string))
        case .substring(let start, let length):
            let tail = text.dropFirst(start)
            return .string(String(length.map { tail.prefix($0) } ?? tail))
        case .uppercase(let up): return .string(up ? text.uppercased() : text.lowercased())
        case .pad(let left, let fill, let width):
            let missing = String(repeating: fill, count: max(0, width - text.count))
            return .string(left ? missing + text : text + missing)
        case .join, .date, .map, .shift, .base64, .json, .cast: return .string(text)
        }
    }

    private static func json(
        _ value: Value, _ encode: Bool, _ origin: ValueOrigin, _ direction: MappingDirection
    ) throws(AdapterFault) -> Value? {
        if encode { return .string(String(decoding: JSONCodec.encode(value), as: UTF8.self)) }
        guard let text = value.string else { return value }
        do { return try JSONCodec.decode(text: text) } catch {
            throw origin.misfit(direction, rule: "type", expected: "JSON as a text", found: error.description)
        }
    }

    private static func date(
        _ text: String, _ inputs: [DateForm], _ output: DateForm, _ offset: Int, _ origin: ValueOrigin, _ direction: MappingDirection
    ) throws(AdapterFault) -> Value? {
        if text == "null" { return nil }
        for form in inputs {
            if let time = form.time(text, offset: offset) { return .string(output.text(of: time)) }
        }
        throw origin.misfit(direction, rule: "date", expected: "a date written as \(inputs.map(\.text).joined(separator: " or "))")
    }

    private static func cast(_ value: Value, _ text: String, _ type: ScalarType) -> Value? {
        switch type {
        case .string: return .string(text)
        case .integer: return Int64(text).map(Value.integer)
        case .number:
            if let integer = Int64(text) { return .integer(integer) }
            if case .double = value { return value }
            return DecimalText(text).map { .decimal($0.text) }
        case .boolean:
            switch text {
            case "true", "1", "True", "TRUE": return .bool(true)
            case "false", "0", "False", "FALSE": return .bool(false)
            default: return nil
            }
        }
    }

    private static func trimmed(_ text: String) -> String {
        var rest = Substring(text)
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest)
    }

    private static func pieces(_ text: String, _ mark: String) -> [String] {
        guard !mark.isEmpty else { return [text] }
        return text.split(separator: mark, omittingEmptySubsequences: false).map(String.init)
    }

    private static func replacing(_ old: String, in text: String, with new: String) -> String {
        pieces(text, old).joined(separator: new)
    }
}

/// A decimal number as text: an optional sign, digits, an optional fraction. Arithmetic on it is exact.
struct DecimalText: Sendable, Hashable {
    private let isNegative: Bool
    private let whole: [UInt8]
    private let fraction: [UInt8]

    /// Reads `-12.50`; nil for exponents, blanks, empty parts, or more than 64 digits.
    init?(_ text: String) {
        var bytes = Array(text.utf8)
        isNegative = bytes.first == 0x2D
        if isNegative || bytes.first == 0x2B { bytes.removeFirst() }
        let halves = bytes.split(separator: 0x2E, maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = halves.first, !first.isEmpty, bytes.count <= 64, halves.count < 2 || halves.last?.isEmpty == false,
            halves.allSatisfy({ $0.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        whole = Array(first)
        fraction = halves.count == 2 ? halves.last.map { Array($0) } ?? [] : []
    }

    private init(isNegative: Bool, whole: [UInt8], fraction: [UInt8]) {
        self.isNegative = isNegative
        self.whole = whole
        self.fraction = fraction
    }

    /// The number as JSON writes it (RFC 8259 §6): no leading zeros.
    var text: String {
        let digits = Array(whole.drop { $0 == 0x30 })
        let head = (isNegative ? [0x2D] : []) + (digits.isEmpty ? [0x30] : digits)
        return String(decoding: fraction.isEmpty ? head : head + [0x2E] + fraction, as: UTF8.self)
    }

    /// The number with its point moved to the right (or left, when `places` is negative), without needless zeros after the point.
    func shifted(_ places: Int) -> String {
        var (head, tail) = (whole, fraction)
        for _ in 0..<max(0, places) { head.append(tail.isEmpty ? 0x30 : tail.removeFirst()) }
        for _ in 0..<max(0, -places) { tail.insert(head.popLast() ?? 0x30, at: 0) }
        while tail.last == 0x30 { tail.removeLast() }
        return DecimalText(isNegative: isNegative, whole: head, fraction: tail).text
    }
}
