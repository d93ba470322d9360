extension Value {
    /// The same for all values that JSON Schema calls equal (§4.2.2): numbers by what they are worth, objects in any order.
    var canonical: Value {
        switch self {
        case .null, .bool, .integer, .string: return self
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
            for field in object.fields.sorted(by: { $0.name < $1.name }) { sorted.append(field.name, field.value.canonical) }
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
