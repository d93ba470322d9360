/// Types a department's answer by the contract's schema: what the schema calls a string becomes a string, in the schema's
/// order, and what cannot is UPSTREAM_BAD_REPLY with the pointer and what was expected, never the value.
struct ReplyTyping {
    private let table: SchemaTable
    private var path: [Validation.Step] = []

    init(_ table: SchemaTable) { self.table = table }

    /// The typed value; nil when it is null or empty, which the contract calls absent anywhere but at the root.
    mutating func typed(_ value: Value, _ index: Int, isRoot: Bool = false) throws(AdapterFault) -> Value? {
        guard isRoot || !value.isEmpty else { return nil }
        let shape = table.shapes[index]
        if shape.types == .any, shape.constants == nil, shape.properties.isEmpty, shape.items == nil { return value }
        let typed = try type(value, shape)
        if let constants = shape.constants, let typed, !constants.contains(typed) { throw fault(constants.expectation) }
        return typed
    }

    private mutating func type(_ value: Value, _ shape: Shape) throws(AdapterFault) -> Value? {
        if shape.types.contains(.array), shape.items != nil || shape.types == .array {
            return try array(value, shape)
        }
        switch value {
        case .object(let object):
            guard shape.types.contains(.object) else { throw fault("must be \(shape.types.phrase), not an object") }
            return try self.object(object, shape)
        case .array: throw fault("must be \(shape.types.phrase), not a list")
        default: break
        }
        if shape.types.contains(.string), case .string(let text) = value { return try .string(self.text(text, shape.format)) }
        if let number = number(value, shape.types) { return number }
        if shape.types.contains(.boolean), let bool = ReplyTyping.bool(value) { return .bool(bool) }
        if shape.types.contains(.string), let text = ReplyTyping.text(value) { return try .string(self.text(text, shape.format)) }
        throw fault("must be \(shape.types.phrase)")
    }

    private mutating func array(_ value: Value, _ shape: Shape) throws(AdapterFault) -> Value? {
        let items = value.array ?? [value]
        guard let schema = shape.items else { return .array(items) }
        var out: [Value] = []
        out.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            path.append(.item(index))
            // An item that is there and empty owes what one must have.
            let isOwed = item == .object(Object()) && table.shapes[schema].owes
            if let typed = try isOwed ? type(item, table.shapes[schema]) : typed(item, schema) { out.append(typed) }
            path.removeLast()
        }
        return out.isEmpty ? nil : .array(out)
    }

    private mutating func object(_ object: Object, _ shape: Shape) throws(AdapterFault) -> Value? {
        var out = Object(capacity: shape.properties.count)
        var cursor = 0
        for property in shape.properties {
            path.append(.field(property.name))
            if let place = object.fields.position(from: &cursor, where: { $0.name == property.name }),
                let typed = try typed(object.fields[place].value, property.schema)
            {
                out.append(property.name, typed)
            } else if let list = property.countOf {
                out.append(property.name, .integer(Int64(out[list]?.array?.count ?? 0)))
            } else if let value = property.defaultValue {
                out.append(property.name, value)
            } else if property.isRequired {
                guard isEmptyList(property, of: object, shape) else { throw fault("must be there") }
                out.append(property.name, .array([]))
            }
            path.removeLast()
        }
        if shape.isOpen {
            for field in object.fields where !field.value.isEmpty && shape.property(field.name) == nil {
                guard let schema = shape.additional else {
                    out.append(field.name, field.value)
                    continue
                }
                path.append(.field(field.name))
                if let typed = try typed(field.value, schema) { out.append(field.name, typed) }
                path.removeLast()
            }
        }
        return out.isEmpty ? nil : .object(out)
    }

    /// A list without entries may be written as null or nothing; one that is left out altogether is empty only where the
    /// department says that it counts none.
    private func isEmptyList(_ property: Shape.Property, of object: Object, _ shape: Shape) -> Bool {
        guard table.shapes[property.schema].types == .array else { return false }
        if object[property.name] != nil { return true }
        return shape.properties.contains { other in
            other.countOf == property.name && object[other.name].flatMap { number($0, .integer) } == .integer(0)
        }
    }

    private func text(_ text: String, _ format: Format?) throws(AdapterFault) -> String {
        switch format {
        case .dateTime:
            if Timestamp.isNormal(text), Timestamp(text, needsZone: true) != nil { return text }
            guard let normal = Timestamp(text, needsZone: false)?.normalised else { throw fault("must be a date and time") }
            return normal
        case .date:
            if Timestamp.isDate(text) { return text }
            guard let normal = Timestamp(text, needsZone: false)?.normalised else { throw fault("must be a date") }
            return String(normal.prefix(10))
        case .identifier, nil: return text
        }
    }

    private func number(_ value: Value, _ types: TypeSet) -> Value? {
        guard types.contains(.integer) || types.contains(.number) else { return nil }
        switch value {
        case .integer, .double, .decimal: return types.takes(value) ? ReplyTyping.whole(value) ?? value : nil
        case .string(let text):
            // Departments pad: blanks around a number, zeros before it.
            let digits = text.trimmingBlanks
            if let integer = Int64(digits) { return .integer(integer) }
            guard let number = PlainNumber.value(String(digits)), types.takes(number) else { return nil }
            return ReplyTyping.whole(number) ?? number
        case .bool, .null, .array, .object: return nil
        }
    }

    /// A number without a fraction as an integer, where 64 bits hold it.
    private static func whole(_ value: Value) -> Value? {
        if case .integer = value { return value }
        guard let text = PlainNumber.text(value), let integer = Int64(text) else { return nil }
        return .integer(integer)
    }

    private static func bool(_ value: Value) -> Bool? {
        switch value {
        case .bool(let bool): bool
        case .integer(1), .string("1"), .string("true"): true
        case .integer(0), .string("0"), .string("false"): false
        default: nil
        }
    }

    private static func text(_ value: Value) -> String? {
        if case .bool(let bool) = value { return bool ? "true" : "false" }
        return PlainNumber.text(value)
    }

    private func fault(_ expected: String) -> AdapterFault {
        let pointer = Validation.pointer(path)
        let place = pointer.isEmpty ? "it" : "'\(pointer)'"
        return AdapterFault(.upstreamBadReply, "the department's reply does not fit the contract: \(place) \(expected)")
    }
}

extension String {
    /// Without the ASCII blanks at both ends.
    var trimmingBlanks: Substring {
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" || character == "\n" || character == "\r\n" }
        var trimmed = drop(while: isBlank)
        while let last = trimmed.last, isBlank(last) { trimmed.removeLast() }
        return trimmed
    }
}
