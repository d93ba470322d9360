extension Conversion {
    /// The conversions of plain text, none of which can fail.
    func edit(_ text: String) -> Value? {
        switch self {
        case .html: return .string(HTMLText.text(of: text))
        case .numerals: return .string(ChineseNumerals.digits(in: text))
        case .trim: return .string(Conversion.trimmed(text))
        case .absent(let words): return words.contains(text) ? nil : .string(text)
        case .between(let start, let end): return Conversion.between(start, end, text).map(Value.string)
        case .replace(let pairs):
            var out = text
            for pair in pairs { out = Conversion.replacing(pair.old, in: out, with: pair.new) }
            return .string(out)
        case .split(let mark): return .array(Conversion.pieces(text, mark).map(Value.string))
        case .width(let half): return .string(half ? Conversion.halfWidth(text) : Conversion.fullWidth(text))
        case .substring(let start, let length):
            let tail = text.dropFirst(start)
            return .string(String(length.map { tail.prefix($0) } ?? tail))
        case .last(let length): return .string(String(text.suffix(length)))
        case .uppercase(let up): return .string(up ? text.uppercased() : text.lowercased())
        case .pad(let left, let fill, let width):
            let missing = String(repeating: fill, count: max(0, width - text.count))
            // Zeros stand behind a sign.
            if left, fill == "0", let sign = text.first, sign == "-" || sign == "+", text.dropFirst().first?.isNumber == true {
                return .string(String(sign) + missing + text.dropFirst())
            }
            return .string(left ? missing + text : text + missing)
        case .join, .date, .map, .money, .sum, .decimals, .bytes, .size, .json, .cast, .pick, .flatten, .unique, .pairs, .entries:
            return .string(text)
        }
    }

    private static func trimmed(_ text: String) -> String {
        var rest = Substring(text)
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest)
    }

    /// What stands behind the first `start` and before the next `end`; nil where one of them is not there.
    private static func between(_ start: String, _ end: String, _ text: String) -> String? {
        var rest = text.unicodeScalars[...]
        if !start.isEmpty {
            guard let found = rest.firstRange(of: start.unicodeScalars) else { return nil }
            rest = rest[found.upperBound...]
        }
        if !end.isEmpty {
            guard let found = rest.firstRange(of: end.unicodeScalars) else { return nil }
            rest = rest[..<found.lowerBound]
        }
        return String(rest)
    }

    private static func pieces(_ text: String, _ mark: String) -> [String] {
        guard !mark.isEmpty else { return [text] }
        // By scalars: a mark with an accent behind it is still the mark.
        let scalars = text.unicodeScalars
        var pieces: [String] = []
        var start = scalars.startIndex
        for range in scalars.ranges(of: mark.unicodeScalars) {
            pieces.append(String(scalars[start..<range.lowerBound]))
            start = range.upperBound
        }
        return pieces + [String(scalars[start...])]
    }

    private static func replacing(_ old: String, in text: String, with new: String) -> String {
        pieces(text, old).joined(separator: new)
    }

    /// U+FF01–FF5E are ASCII's visible characters in the width of an ideograph, U+3000 is the space.
    private static func halfWidth(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.value {
                    case 0xFF01...0xFF5E: Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar
                    case 0x3000: " "
                    default: scalar
                    }
                }))
    }

    private static func fullWidth(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.value {
                    case 0x21...0x7E: Unicode.Scalar(scalar.value + 0xFEE0) ?? scalar
                    case 0x20: "\u{3000}"
                    default: scalar
                    }
                }))
    }
}

/// A way of writing a text's UTF-8 bytes as another text.
enum ByteWriting: String, CaseIterable, Sendable {
    case base64, hex, url

    /// The other text.
    func encode(_ text: String) -> String? {
        switch self {
        case .base64: Base64Codec.encode(Array(text.utf8))
        case .hex: Hex.encode(Array(text.utf8))
        case .url: FormCodec.percentEncodeQuery(text)
        }
    }

    /// The text; nil when it is not written so, or is not UTF-8.
    func decode(_ text: String) -> String? { bytes(text).flatMap { String(validating: $0, as: UTF8.self) } }

    /// The bytes that a text writes; nil when it is not written so.
    func bytes(_ text: String) -> [UInt8]? {
        switch self {
        case .base64: try? Base64Codec.decode(text)
        case .hex: try? Hex.decode(text)
        case .url: try? FormCodec.percentDecode(text)
        }
    }
}
