/// One run of a schema over a value. Collects every fault, or stops at the first when silent.
struct Validation {
    /// The most faults that one answer lists.
    static let limit = 100
    /// A field name of the client's own is repeated up to this many bytes.
    private static let nameLimit = 64

    /// A step from a value to a part of it.
    enum Step {
        case field(String)
        case item(Int)
    }

    private let schemas: ContiguousArray<CompiledSchema>
    private(set) var errors: [FieldError] = []
    private var path: [Step] = []
    private var isSilent: Bool
    /// Stands for the pointer when the value is no part of the body: `query:page`.
    private let parameter: String?

    init(_ table: SchemaTable, isSilent: Bool = false, parameter: String? = nil) {
        schemas = table.schemas
        self.isSilent = isSilent
        self.parameter = parameter
    }

    /// The faults of a value. Most values have none, so a silent run comes first: it keeps no path.
    static func errors(of value: Value, _ index: Int, _ table: SchemaTable, parameter: String? = nil) -> [FieldError] {
        var quick = Validation(table, isSilent: true)
        if quick.check(index, value) { return [] }
        var validation = Validation(table, parameter: parameter)
        _ = validation.check(index, value)
        return validation.errors
    }

    /// Whether `value` is valid against the schema at `index`.
    mutating func check(_ index: Int, _ value: Value) -> Bool {
        let schema = schemas[index]
        if schema.rules.isImpossible { return fail("false", "must not be there") }
        guard schema.rules.types == .any || schema.rules.types.takes(value) else {
            // The other rules would only say the same again.
            return fail("type", "must be \(schema.rules.types.phrase)")
        }
        var isValid = true
        if let constants = schema.rules.enum, !constants.contains(value) { isValid = fail("enum", constants.expectation) }
        if let constants = schema.rules.const, !constants.contains(value) { isValid = fail("const", constants.expectation) }
        if isValid || !isSilent {
            switch value {
            case .string(let text): isValid = check(text, schema) && isValid
            case .integer, .double, .decimal: isValid = checkNumber(value, schema) && isValid
            case .array(let items): isValid = check(items, schema) && isValid
            case .object(let object): isValid = check(object, schema) && isValid
            case .null, .bool: break
            }
        }
        if schema.hasInPlace, isValid || !isSilent { isValid = checkInPlace(value, schema) && isValid }
        return isValid
    }

    private mutating func check(_ text: String, _ schema: CompiledSchema) -> Bool {
        var isValid = true
        if let lengths = schema.rules.lengths {
            let bytes = text.utf8.count
            // A character is one to four bytes, so most texts need no counting.
            if bytes > lengths.high || bytes < lengths.low * 4 {
                let count = text.unicodeScalars.count
                if count < lengths.low { isValid = fail("minLength", "must have at least \(lengths.low) characters") }
                if count > lengths.high { isValid = fail("maxLength", "must have at most \(lengths.high) characters") }
            }
        }
        if let pattern = schema.rules.pattern, !pattern.matches(text) {
            isValid = fail("pattern", "must match the pattern \(pattern.source)")
        }
        if let format = schema.rules.format, let fault = format.fault(of: text) { isValid = fail(fault.rule, fault.message) }
        return isValid
    }

    private mutating func checkNumber(_ value: Value, _ schema: CompiledSchema) -> Bool {
        guard schema.hasNumberBounds, let number = value.magnitude else { return true }
        var isValid = true
        func text(_ bound: Double) -> String { PlainNumber.text(.double(bound)) ?? String(bound) }
        if let bound = schema.rules.minimum, number < bound { isValid = fail("minimum", "must be at least \(text(bound))") }
        if let bound = schema.rules.maximum, number > bound { isValid = fail("maximum", "must be at most \(text(bound))") }
        if let bound = schema.rules.exclusiveMinimum, number <= bound {
            isValid = fail("exclusiveMinimum", "must be more than \(text(bound))")
        }
        if let bound = schema.rules.exclusiveMaximum, number >= bound {
            isValid = fail("exclusiveMaximum", "must be less than \(text(bound))")
        }
        return isValid
    }

    private mutating func check(_ items: [Value], _ schema: CompiledSchema) -> Bool {
        var isValid = true
        if let counts = schema.rules.itemCounts {
            if items.count < counts.low { isValid = fail("minItems", "must have at least \(counts.low) items") }
            if items.count > counts.high { isValid = fail("maxItems", "must have at most \(counts.high) items") }
        }
        if schema.rules.uniqueItems, Set(items.map(\.canonical)).count < items.count {
            isValid = fail("uniqueItems", "must not hold an item twice")
        }
        if let part = schema.rules.items {
            for (index, item) in items.enumerated() {
                isValid = check(part, item, at: index) && isValid
                if isDone(isValid) { break }
            }
        }
        return isValid
    }

    private mutating func check(_ object: Object, _ schema: CompiledSchema) -> Bool {
        var isValid = true
        if let counts = schema.rules.fieldCounts {
            if object.fields.count < counts.low { isValid = fail("minProperties", "must have at least \(counts.low) fields") }
            if object.fields.count > counts.high { isValid = fail("maxProperties", "must have at most \(counts.high) fields") }
        }
        for name in schema.rules.required where !object.fields.contains(where: { $0.name == name }) {
            isValid = fail("required", "must be there", at: .field(name))
        }
        for (field, prefix) in schema.rules.beginsWith {
            if let text = object[field]?.string, let head = object[prefix]?.string, !text.utf8.starts(with: head.utf8) {
                isValid = fail("begins-with", "must begin with \(prefix)", at: .field(field))
            }
        }
        var cursor = 0
        switch schema.rules.additional {
        case .unsaid, .allowed:
            for index in schema.rules.properties.indices where !isDone(isValid) {
                guard let place = object.fields.position(from: &cursor, where: { $0.name == schema.rules.properties[index].name })
                else { continue }
                isValid = check(schema.rules.properties[index].schema, object.fields[place]) && isValid
            }
        case .refused:
            for index in object.fields.indices where !isDone(isValid) {
                if let part = schema.property(object.fields[index].name, from: &cursor) {
                    isValid = check(part, object.fields[index]) && isValid
                } else {
                    isValid = unknown(object.fields[index].name, schema)
                }
            }
        case .schema(let other):
            for index in object.fields.indices where !isDone(isValid) {
                let part = schema.property(object.fields[index].name, from: &cursor) ?? other
                isValid = check(part, object.fields[index]) && isValid
            }
        }
        return isValid
    }

    private mutating func unknown(_ name: String, _ schema: CompiledSchema) -> Bool {
        guard !isSilent else { return false }
        guard name.utf8.count <= Validation.nameLimit else {
            return fail("additionalProperties", "must not hold fields that the contract does not know")
        }
        let near = suggestion(for: name, among: schema.rules.properties.map(\.name))
        return fail(
            "additionalProperties", "is not a field of the contract" + (near.map { "; did you mean '\($0)'?" } ?? ""), at: .field(name))
    }

    private mutating func checkInPlace(_ value: Value, _ schema: CompiledSchema) -> Bool {
        var isValid = true
        if let reference = schema.rules.reference { isValid = check(reference, value) && isValid }
        for part in schema.rules.allOf where !isDone(isValid) { isValid = check(part, value) && isValid }
        if !schema.rules.anyOf.isEmpty, !schema.rules.anyOf.contains(where: { accepts($0, value) }) {
            let expected = forms(schema.rules.anyOf)
            isValid = fail("anyOf", expected ?? "must have one of the forms that the contract names")
        }
        if !schema.rules.oneOf.isEmpty, schema.rules.oneOf.count(where: { accepts($0, value) }) != 1 {
            isValid = fail("oneOf", "must have exactly one of the forms that the contract names")
        }
        if let not = schema.rules.not, accepts(not, value) { isValid = fail("not", "must not have this form") }
        if let condition = schema.rules.condition, let branch = accepts(condition, value) ? schema.rules.then : schema.rules.otherwise {
            isValid = check(branch, value) && isValid
        }
        return isValid
    }

    /// The forms in words, where each is no more than fields that must be there.
    private func forms(_ parts: [Int]) -> String? {
        guard !isSilent else { return nil }
        var forms: [String] = []
        for part in parts {
            let required = schemas[part].rules.required
            guard !required.isEmpty, schemas[part].rules.properties.isEmpty else { return nil }
            forms.append(required.map { "'\($0)'" }.joined(separator: " and "))
        }
        return "must have at least one of: " + forms.joined(separator: ", ")
    }

    /// Whether `value` is valid, without a word about why not.
    private mutating func accepts(_ index: Int, _ value: Value) -> Bool {
        let wasSilent = isSilent
        isSilent = true
        defer { isSilent = wasSilent }
        return check(index, value)
    }

    private mutating func check(_ index: Int, _ field: Object.Field) -> Bool {
        guard !isSilent else { return check(index, field.value) }
        path.append(.field(field.name))
        defer { path.removeLast() }
        return check(index, field.value)
    }

    private mutating func check(_ index: Int, _ item: Value, at position: Int) -> Bool {
        guard !isSilent else { return check(index, item) }
        path.append(.item(position))
        defer { path.removeLast() }
        return check(index, item)
    }

    private func isDone(_ isValid: Bool) -> Bool { (isSilent && !isValid) || errors.count >= Validation.limit }

    private mutating func fail(_ rule: String, _ message: @autoclosure () -> String, at step: Step? = nil) -> Bool {
        guard !isSilent, errors.count < Validation.limit else { return false }
        let field = parameter ?? Validation.pointer(step.map { path + [$0] } ?? path)
        let error = FieldError(field: field, rule: rule, message: message())
        // Two rules of the contract may ask for the same.
        if !errors.contains(error) { errors.append(error) }
        return false
    }

    /// The RFC 6901 pointer of a path.
    static func pointer(_ path: [Step]) -> String {
        path.reduce(into: "") { pointer, step in
            switch step {
            case .field(let name): pointer += "/" + name.pointerToken
            case .item(let index): pointer += "/" + String(index)
            }
        }
    }
}
