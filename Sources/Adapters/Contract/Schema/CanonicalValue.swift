/// The values of an `enum` or a `const`.
struct Constants: Sendable {
    /// The values as written.
    let values: [Value]
    private let canonical: [Value]

    init(_ values: [Value]) {
        self.values = values
        canonical = values.map(\.canonical)
    }

    /// Whether `value` equals one of them.
    func contains(_ value: Value) -> Bool { canonical.contains(value.canonical) }

    /// "must be one of …", for a message.
    var expectation: String {
        let texts = values.compactMap { $0.scalarText ?? ($0 == .null ? "null" : nil) }
        guard texts.count == values.count else { return "must be one of the values that the contract names" }
        return texts.count == 1 ? "must be \(texts[0])" : "must be one of \(texts.joined(separator: ", "))"
    }
}

extension Value {
    /// The same for all values that JSON Schema calls equal (§4.2.2) and for no others: numbers by what they are worth,
    /// objects in any order, texts by their code points (Swift's own comparison takes é and e + ´ for the same).
    var canonical: Value {
        switch self {
        case .null, .bool, .integer: return self
        case .string(let text): return text.utf8.allSatisfy { $0 < 0x80 && $0 != 0x5C } ? self : .string(text.codePoints)
        case .double(let number):
            if let integer = Int64(exactly: number) { return .integer(integer) }
            return .decimal(PlainNumber.text(self) ?? String(number))
        case .decimal(let text):
            guard let plain = PlainNumber.text(text) else { return self }
            if let integer = Int64(plain) { return .integer(integer) }
            var digits = plain[...]
            if digits.contains(".") { while digits.last == "0" { digits.removeLast() } }
            return .decimal(String(digits))
        case .array(let items): return .array(items.map(\.canonical))
        case .object(let object):
            var sorted = Object(capacity: object.fields.count)
            let fields = object.fields.map { ($0.name.codePoints, $0.value) }
            for (name, value) in fields.sorted(by: { $0.0 < $1.0 }) { sorted.append(name, value.canonical) }
            return .object(sorted)
        }
    }

    /// A number as a double, for comparing with bounds; nil for anything else.
    var magnitude: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .double(let number): number
        case .decimal(let text): Double(text)
        default: nil
        }
    }
}

extension String {
    /// The text in ASCII, a number for each other code point, so that two of them are equal only where all points are.
    fileprivate var codePoints: String {
        unicodeScalars.reduce(into: "") { out, scalar in
            if scalar.isASCII && scalar != "\\" {
                out.unicodeScalars.append(scalar)
            } else {
                out += "\\" + String(scalar.value, radix: 16) + ";"
            }
        }
    }
}
