/// The words for conversions, in the order in which they are applied whatever their order in the file. `then` repeats the table.
enum ConversionWord: String, CaseIterable, Sendable {
    case html, trim, width, numerals, absent, between, replace, split, pick, flatten, unique, substring
    case letters = "case"
    case pad, date, map
    case reverseMap = "reverse-map"
    case money, sum, decimals, base64, hex, url, size, pairs, entries, join, json
    case cast = "as"
    case then
}

/// What a value is cast to.
enum ScalarType: String, CaseIterable, Sendable {
    case string, integer, number, boolean

    /// What a value must be to be cast to it.
    var expectation: String {
        switch self {
        case .integer: "an integer"
        case .boolean: "a boolean: true, false, 1 or 0"
        case .string, .number: "a \(rawValue)"
        }
    }
}

/// One step that a value goes through. A list goes through it item by item, except where the step is about the list.
enum Conversion: Sendable {
    /// The text of a piece of HTML.
    case html
    /// Numbers in ideographs as digits.
    case numerals
    /// The sum of a list of decimal numbers.
    case sum
    /// Spaces of any kind removed at both ends.
    case trim
    /// Texts that mean nothing, such as `null` or `-`.
    case absent([String])
    /// What stands between two texts; either may be empty, for the text's own beginning and end.
    case between(start: String, end: String)
    /// Texts replaced, one pair after the other.
    case replace([(old: String, new: String)])
    /// A text cut into a list.
    case split(String)
    /// Full-width letters, digits and signs made half-width, or back.
    case width(half: Bool)
    /// One item of a list, from 0, or from the end with -1 as the last.
    case pick(Int)
    /// Lists inside a list made one list; the fields of objects inside an object made its own, with a mark between the names.
    case flatten(String)
    /// A list without what stands in it before; objects by one field.
    case unique(by: String?)
    /// A part, counted in characters from 0.
    case substring(start: Int, length: Int?)
    /// The last characters.
    case last(Int)
    /// Upper case, or lower.
    case uppercase(Bool)
    /// Filled up to `width` characters on the left or right.
    case pad(left: Bool, fill: Character, width: Int)
    /// A date in one of several forms, written in another.
    case date(inputs: [DateForm], output: DateForm, offset: Int)
    /// A code table.
    case map(CodeTable)
    /// From one unit of money to another.
    case money(MoneyStep)
    /// So many decimals.
    case decimals(Int, DecimalText.Rounding, grouped: Bool)
    /// The text's UTF-8 bytes in another writing, or back.
    case bytes(ByteWriting, encode: Bool)
    /// How long it is.
    case size(Measure)
    /// The fields of an object written as one text, name and value each.
    case pairs(ParameterList)
    /// An object made a list of objects with a name and a value each, or back.
    case entries(name: String, value: String)
    /// A list made into one text.
    case join(String)
    /// The whole value as JSON text, or back.
    case json(encode: Bool)
    /// Another type.
    case cast(ScalarType)

    /// Whether a list that goes through it is none afterwards.
    var endsList: Bool {
        switch self {
        case .pick, .join, .sum: true
        default: false
        }
    }

    /// What a size counts.
    enum Measure: String, CaseIterable, Sendable {
        /// The bytes that Base64, or hexadecimal digits, write: a file's size.
        case base64, hex
        /// The bytes of the text in UTF-8.
        case utf8
        /// The text's characters.
        case characters

        /// The size of a text; nil where it is not written so.
        func count(_ text: String) -> Int? {
            switch self {
            case .base64: ByteWriting.base64.bytes(text)?.count
            case .hex: ByteWriting.hex.bytes(text)?.count
            case .utf8: text.utf8.count
            case .characters: text.count
            }
        }
    }

    /// What the value becomes; nil when nothing is left of it.
    func apply(to value: Value, origin: ValueOrigin, _ direction: MappingDirection) throws(AdapterFault) -> Value? {
        if isAboutWhole { return try whole(value, origin, direction) }
        if case .array(let items) = value {
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
        case .money(let step):
            guard let amount = DecimalText(text) else { throw origin.misfit(direction, rule: "type", expected: "a decimal number") }
            if step == .fenToYuan, !amount.isWhole {
                throw origin.misfit(direction, rule: "decimals", expected: "an amount in fen, without decimals")
            }
            let moved = amount.shifted(step.places)
            // There is nothing below 分, and to round would be to decide about somebody's money.
            guard step != .yuanToFen || !moved.utf8.contains(UInt8(ascii: ".")) else {
                throw origin.misfit(direction, rule: "decimals", expected: "an amount in yuan with at most two decimals")
            }
            return .string(moved)
        case .decimals(let places, let rounding, let grouped):
            guard let rounded = DecimalText(text)?.rounded(to: places, rounding) else {
                throw origin.misfit(direction, rule: "type", expected: "a decimal number")
            }
            return .string(grouped ? DecimalText.grouped(rounded) : rounded)
        case .bytes(let writing, let encode):
            guard let other = encode ? writing.encode(text) : writing.decode(text) else {
                throw origin.misfit(direction, rule: "type", expected: "\(writing.rawValue) of UTF-8 text")
            }
            return .string(other)
        case .size(let measure):
            guard let count = measure.count(text) else {
                throw origin.misfit(direction, rule: "type", expected: measure.rawValue)
            }
            return .integer(Int64(count))
        case .cast(let type):
            guard let made = Conversion.cast(value, text, type) else {
                throw origin.misfit(direction, rule: "type", expected: type.expectation)
            }
            return made
        default: return edit(text)
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
}
