/// Brings a request into the form that its schema speaks of, before it is validated: null and empty fields are left out, as the
/// contract calls them absent; defaults are put in; date-times move to +08:00 and citizens' numbers end in a capital X.
struct RequestShaping {
    let table: SchemaTable

    /// The shaped value; nil when nothing needs to change, which is the usual case and costs no copy.
    func shaped(_ value: Value, _ index: Int) -> Value? {
        let shape = table.shapes[index]
        var current = value
        var isChanged = false
        if let changed = one(value, shape) {
            current = changed
            isChanged = true
        }
        for condition in shape.shapingConditions {
            var validation = Validation(table, isSilent: true)
            let branch = validation.check(condition.condition, current) ? condition.then : condition.otherwise
            if let branch, let changed = shaped(current, branch) {
                current = changed
                isChanged = true
            }
        }
        return isChanged ? current : nil
    }

    private func one(_ value: Value, _ shape: Shape) -> Value? {
        switch value {
        case .string(let text): return normalised(text, shape.format).map { .string($0) }
        case .array(let items):
            guard let schema = shape.items else { return nil }
            var changed: [Value]?
            for (index, item) in items.enumerated() {
                guard let new = shaped(item, schema) else { continue }
                if changed == nil { changed = items }
                changed?[index] = new
            }
            return changed.map { .array($0) }
        case .object(let object): return fields(object, shape).map { .object($0) }
        default: return nil
        }
    }

    private func normalised(_ text: String, _ format: Format?) -> String? {
        switch format {
        case .dateTime: Timestamp.isNormal(text) ? nil : Timestamp(text, needsZone: true)?.normalised
        case .identifier(let identifier): identifier.normalised(text)
        case .date, nil: nil
        }
    }

    private func fields(_ object: Object, _ shape: Shape) -> Object? {
        // Nil until the first change; from then on the fields so far.
        var out: Object?
        var cursor = 0
        for offset in object.fields.indices {
            var new: Value?
            if let schema = shape.schema(of: object.fields[offset].name, from: &cursor) {
                if object.fields[offset].value.isEmpty {
                    if out == nil { out = Object(object.fields[..<offset]) }
                    continue
                }
                new = shaped(object.fields[offset].value, schema)
            }
            if new != nil, out == nil { out = Object(object.fields[..<offset]) }
            out?.append(object.fields[offset].name, new ?? object.fields[offset].value)
        }
        guard shape.hasDefaults else { return out }
        for property in shape.properties {
            guard let value = property.defaultValue, (out ?? object)[property.name] == nil else { continue }
            if out == nil { out = object }
            out?.append(property.name, value)
        }
        return out
    }

    /// The values of one parameter that is a list, given as texts, typed by its schema.
    func parameter(_ texts: [String], _ index: Int) -> Value? {
        let schema = table.shapes[index].items
        let items = texts.filter { !$0.isEmpty }.map { text in schema.flatMap { parameter(text, $0) } ?? .string(text) }
        return items.isEmpty ? nil : .array(items)
    }

    /// The value of one parameter, given as text, typed by its schema. A text that does not fit stays a text, for the validation to
    /// refuse.
    func parameter(_ text: String, _ index: Int) -> Value? {
        guard !text.isEmpty else { return nil }
        let shape = table.shapes[index]
        if shape.types == .array { return parameter([text], index) }
        if !shape.types.contains(.string) {
            if shape.types.contains(.integer) || shape.types.contains(.number), let number = PlainNumber.value(text) { return number }
            if shape.types.contains(.boolean), text == "true" || text == "false" { return .bool(text == "true") }
        }
        return .string(normalised(text, shape.format) ?? text)
    }
}

extension Object {
    /// An object of fields that are known to be different.
    fileprivate init(_ fields: ArraySlice<Field>) {
        self.init(capacity: fields.count + 4)
        for field in fields { append(field.name, field.value) }
    }
}
