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
            case .string(let text): isValid = check(text, schema.rules) && isValid
            case .integer, .double, .decimal: isValid = checkNumber(value, schema.rules) && isValid
            case .array(let items): isValid = check(items, schema.rules) && isValid
            case .object(let object): isValid = check(object, schema.rules) && isValid
            case .null, .bool: break
            }
        }
        if isValid || !isSilent { isValid = checkInPlace(value, schema.rules) && isValid }
        return isValid
    }

    private mutating func check(_ text: String, _ rules: SchemaRules) -> Bool {
        var isValid = true
        if let lengths = rules.lengths {
            let bytes = text.utf8.count
            // A character is one to four bytes, so most texts need no counting.
            if bytes > lengths.high || bytes < lengths.low * 4 {
                let count = text.unicodeScalars.count
                if count < lengths.low { isValid = fail("minLength", "must have at least \(lengths.low) characters") }
                if count > lengths.high { isValid = fail("maxLength", "must have at most \(lengths.high) characters") }
            }
        }
        if let pattern = rules.pattern, !pattern.matches(text) {
            isValid = fail("pattern", "must match the pattern \(pattern.source)")
        }
        if let format = rules.format, let fault = format.fault(of: text) { isValid = fail(fault.rule, fault.message) }
        return isValid
    }

    private mutating func checkNumber(_ value: Value, _ rules: SchemaRules) -> Bool {
        guard rules.minimum != nil || rules.maximum != nil || rules.exclusiveMinimum != nil || rules.exclusiveMaximum != nil,
            let number = value.magnitude
        else { return true }
        var isValid = true
        func text(_ bound: Double) -> String { PlainNumber.text(.double(bound)) ?? String(bound) }
        if let bound = rules.minimum, number < bound { isValid = fail("minimum", "must be at least \(text(bound))") }
        if let bound = rules.maximum, number > bound { isValid = fail("maximum", "must be at most \(text(bound))") }
        if let bound = rules.exclusiveMinimum, number <= bound { isValid = fail("exclusiveMinimum", "must be more than \(text(bound))") }
        if let bound = rules.exclusiveMaximum, number >= bound { isValid = fail("exclusiveMaximum", "must be less than \(text(bound))") }
        return isValid
    }

    private mutating func check(_ items: [Value], _ rules: SchemaRules) -> Bool {
        var isValid = true
        if let counts = rules.itemCounts {
            if items.count < counts.low { isValid = fail("minItems", "must have at least \(counts.low) items") }
            if items.count > counts.high { isValid = fail("maxItems", "must have at most \(counts.high) items") }
        }
        if rules.uniqueItems, Set(items.map(\.canonical)).count < items.count { isValid = fail("uniqueItems", "must not hold an item twice") }
        if let schema = rules.items {
            for (index, item) in items.enumerated() {
                isValid = check(schema, item, at: .item(index)) && isValid
                if isDone(isValid) { break }
            }
        }
        return isValid
    }

    private mutating func check(_ object: Object, _ rules: SchemaRules) -> Bool {
        var isValid = true
        if let counts = rules.fieldCounts {
            if object.fields.count < counts.low { isValid = fail("minProperties", "must have at least \(counts.low) fields") }
            if object.fields.count > counts.high { isValid = fail("maxProperties", "must have at most \(counts.high) fields") }
        }
        for name in rules.required where !object.fields.contains(where: { $0.name == name }) {
            isValid = fail("required", "must be there", at: .field(name))
        }
        for (field, prefix) in rules.beginsWith {
            if let text = object[field]?.string, let head = object[prefix]?.string, !text.utf8.starts(with: head.utf8) {
                isValid = fail("begins-with", "must begin with \(prefix)", at: .field(field))
            }
        }
        guard !rules.properties.isEmpty || rules.additional != .unsaid else { return isValid }
        for (offset, field) in object.fields.enumerated() where !isDone(isValid) {
            let known =
                offset < rules.properties.count && rules.properties[offset].name == field.name
                ? rules.properties[offset] : rules.properties.first { $0.name == field.name }
            if let known {
                isValid = check(known.schema, field.value, at: .field(field.name)) && isValid
                continue
            }
            switch rules.additional {
            case .unsaid, .allowed: break
            case .schema(let schema): isValid = check(schema, field.value, at: .field(field.name)) && isValid
            case .refused: isValid = unknown(field.name, rules)
            }
        }
        return isValid
    }

    private mutating func unknown(_ name: String, _ rules: SchemaRules) -> Bool {
        guard !isSilent else { return false }
        guard name.utf8.count <= Validation.nameLimit else { return fail("additionalProperties", "must not hold fields that the contract does not know") }
        let near = suggestion(for: name, among: rules.properties.map(\.name))
        return fail("additionalProperties", "is not a field of the contract" + (near.map { "; did you mean '\($0)'?" } ?? ""), at: .field(name))
    }

    private mutating func checkInPlace(_ value: Value, _ rules: SchemaRules) -> Bool {
        var isValid = true
        if let reference = rules.reference { isValid = check(reference, value) && isValid }
        for part in rules.allOf where !isDone(isValid) { isValid = check(part, value) && isValid }
        if !rules.anyOf.isEmpty, !rules.anyOf.contains(where: { accepts($0, value) }) {
            isValid = fail("anyOf", "must have one of the forms that the contract names")
        }
        if !rules.oneOf.isEmpty, rules.oneOf.count(where: { accepts($0, value) }) != 1 {
            isValid = fail("oneOf", "must have exactly one of the forms that the contract names")
        }
        if let not = rules.not, accepts(not, value) { isValid = fail("not", "must not have this form") }
        if let condition = rules.condition, let branch = accepts(condition, value) ? rules.then : rules.otherwise {
            isValid = check(branch, value) && isValid
        }
        return isValid
    }

    /// Whether `value` is valid, without a word about why not.
    private mutating func accepts(_ index: Int, _ value: Value) -> Bool {
        let wasSilent = isSilent
        isSilent = true
        defer { isSilent = wasSilent }
        return check(index, value)
    }

    private mutating func check(_ index: Int, _ value: Value, at step: Step) -> Bool {
        guard !isSilent else { return check(index, value) }
        path.append(step)
        defer { path.removeLast() }
        return check(index, value)
    }

    private func isDone(_ isValid: Bool) -> Bool { (isSilent && !isValid) || errors.count >= Validation.limit }

    private mutating func fail(_ rule: String, _ message: @autoclosure () -> String, at step: Step? = nil) -> Bool {
        guard !isSilent, errors.count < Validation.limit else { return false }
        let field = parameter ?? Validation.pointer(step.map { path + [$0] } ?? path)
        errors.append(FieldError(field: field, rule: rule, message: message()))
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
