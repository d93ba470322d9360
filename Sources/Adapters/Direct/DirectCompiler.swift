/// Works out a plan from a mapping and the contract's schema.
struct DirectCompiler {
    private let table: SchemaTable
    private let facts: Set<String>
    private var parents: [[JSONPath.Step]] = [[]]
    private var names: [[String]] = [[]]
    private var lists = 0

    /// `facts` are the fields that the gateway looks at, at the root or in the items of `items`.
    init(_ table: SchemaTable, facts: Set<String>) {
        self.table = table
        self.facts = facts
    }

    /// The plan of an answer; nil where the answer has a form that a plan does not cover.
    mutating func plan(_ rule: ObjectRule, schema: Int, paging: OperationAdapter.Paging?) -> DirectPlan? {
        guard paging != .gateway, let fields = object(rule, schema, .root(paging)) else { return nil }
        return DirectPlan(fields: fields, parents: parents)
    }

    /// Where an object stands.
    private enum Position {
        case root(OperationAdapter.Paging?)
        case items
        case inside
    }

    private mutating func object(_ rule: ObjectRule, _ schema: Int, _ position: Position) -> ContiguousArray<DirectField>? {
        let shape = table.shapes[schema]
        guard shape.types.contains(.object), !shape.types.contains(.array), shape.constants == nil,
            !shape.properties.isEmpty, rule.fields.allSatisfy({ shape.property($0.name) != nil })
        else { return nil }
        var fields: ContiguousArray<DirectField> = []
        for property in shape.properties {
            let own = rule.fields.filter { $0.name == property.name }
            guard own.count <= 1 else { return nil }
            let value = own.isEmpty ? nil : self.value(own[0].rule, property, position)
            if hidesRegions(value, property, position) { return nil }
            var list: Int?
            if shape.properties.contains(where: { $0.countOf == property.name }) {
                // Only a list that is written item by item is counted.
                if let value, !value.isList { return nil }
                list = lists
                lists += 1
            }
            fields.append(
                DirectField(
                    property.name, value, isRequired: own.contains(where: \.rule.isRequired),
                    absence(property, rule, shape, fields, position), schema: property.schema,
                    input: isCompleted(property, shape, rule, position) ? property.name : nil, list: list,
                    isFact: isFact(property, position)))
        }
        return fields
    }

    /// Whether the items of a list would be written without a look at the regions that they lie in.
    private func hidesRegions(_ value: DirectValue?, _ property: Shape.Property, _ position: Position) -> Bool {
        guard case .root = position, property.name == "items", let value else { return false }
        if case .list = value { return false }
        return table.shapes[property.schema].items.map { table.shapes[$0].property("region") != nil } ?? true
    }

    private func isFact(_ property: Shape.Property, _ position: Position) -> Bool {
        switch position {
        case .root: facts.contains(property.name)
        case .items: property.name == "region"
        case .inside: false
        }
    }

    /// Whether the gateway repeats the number that the caller asked by (`ContractOperation.answer(from:to:)`).
    private func isCompleted(_ property: Shape.Property, _ shape: Shape, _ rule: ObjectRule, _ position: Position) -> Bool {
        guard case .root = position, !rule.fields.contains(where: { $0.name == "items" }) else { return false }
        return ContractOperation.repeated.contains(property.name)
    }

    private func absence(
        _ property: Shape.Property, _ rule: ObjectRule, _ shape: Shape, _ before: ContiguousArray<DirectField>, _ position: Position
    ) -> DirectField.Absence {
        if case .root(let paging) = position {
            switch (property.name, paging) {
            case ("page", .department): return .paging(.page)
            case ("size", .department): return .paging(.size)
            // Without its items an answer is completed from the call (`ContractOperation.answer(from:to:)`); the mapping does that.
            case ("items", _) where rule.fields.contains { $0.name == "items" }:
                return property.isRequired && table.shapes[property.schema].types == .array ? .owedList : .owed
            default: break
            }
        }
        if let counted = property.countOf {
            guard let list = before.first(where: { $0.name == counted })?.list else { return .filled([UInt8(ascii: "0")]) }
            return .count(list: list)
        }
        if let value = property.defaultValue { return .filled(JSONCodec.encode(value)) }
        guard property.isRequired else { return .leftOut }
        return table.shapes[property.schema].types == .array ? .owedList : .owed
    }

    // MARK: Values

    private mutating func value(_ rule: ValueRule, _ property: Shape.Property, _ position: Position) -> DirectValue {
        // A condition, and what stands in for nothing, are the mapping's own affair.
        guard rule.condition == nil, rule.fallback == nil else { return .rule(rule) }
        var inner = Position.inside
        if case .root = position, property.name == "items" { inner = .items }
        return direct(rule, table.shapes[property.schema], property.schema, inner) ?? .rule(rule)
    }

    private mutating func direct(_ rule: ValueRule, _ shape: Shape, _ schema: Int, _ items: Position) -> DirectValue? {
        switch rule.source {
        case .path(let reference):
            guard let path = path(reference) else { return nil }
            return scalar(path, rule, shape, schema)
        case .first(let rules):
            guard rule.conversions.isEmpty else { return nil }
            var alternatives: [DirectValue] = []
            for rule in rules {
                guard rule.condition == nil, rule.fallback == nil, !rule.isRequired,
                    let value = direct(rule, shape, schema, items)
                else { return nil }
                alternatives.append(value)
            }
            return .first(alternatives)
        case .constant(let value):
            guard rule.conversions.isEmpty, !value.isEmpty, let json = typed(value, schema) else { return nil }
            return .constant(json)
        case .object(let inner):
            guard rule.conversions.isEmpty else { return nil }
            return object(inner, schema, .inside).map(DirectValue.object)
        case .list(let list):
            guard rule.conversions.isEmpty, list.columns == nil, case .object(let inner) = list.item, shape.types.contains(.array),
                let itemSchema = shape.items
            else { return nil }
            let paths = list.sources.compactMap { path($0) }
            guard paths.count == list.sources.count else { return nil }
            return object(inner, itemSchema, items).map { .list(paths, $0) }
        case .all, .call, .secret, .session, .cookie, .clock, .uuid, .position, .paging, .cursor, .digest, .concat, .gathered, .document,
            .test, .count,
            .merge, .condition:
            return nil
        }
    }

    private func scalar(_ path: DirectPath, _ rule: ValueRule, _ shape: Shape, _ schema: Int) -> DirectValue {
        let general = DirectValue.converted(path, rule.conversions, rule.origin)
        if rule.conversions.isEmpty, shape.constants == nil, shape.properties.isEmpty {
            if shape.types == .any, shape.items == nil { return .copy(path, isOpen: false) }
            if shape.types == .object, shape.isOpen, shape.additional == nil { return .copy(path, isOpen: true) }
        }
        guard !shape.types.contains(.array), shape.types != .any else { return general }
        if rule.conversions.isEmpty, shape.constants == nil {
            if shape.types == .string, isAnyText(shape.format) { return .text(path) }
            if shape.types == .integer || shape.types == .number { return .integer(path) }
        }
        guard rule.conversions.count == 1 else { return general }
        switch rule.conversions[0] {
        case .map(let codes): return self.table(codes, schema).map { .code(path, $0) } ?? general
        case .date(let inputs, let output, let offset):
            guard shape.types == .string, shape.constants == nil else { return general }
            let fits =
                switch shape.format {
                case .dateTime: output == .contract && offset == CivilTime.shanghai
                case .date: output.text == "yyyy-MM-dd"
                case .identifier, nil: true
                }
            return fits ? .date(path, inputs: inputs, output: output, offset: offset) : general
        default: return general
        }
    }

    private func isAnyText(_ format: Format?) -> Bool {
        switch format {
        case .identifier, nil: true
        case .date, .dateTime: false
        }
    }

    private func table(_ codes: CodeTable, _ schema: Int) -> DirectTable? {
        var words: [[UInt8]: [UInt8]?] = [:]
        for (code, word) in codes.values {
            guard code.utf8.allSatisfy({ $0 < 0x80 }), !word.isEmpty else { return nil }
            words[Array(code.utf8)] = .some(typed(word, schema))
        }
        if let otherwise = codes.otherwise {
            guard let json = typed(otherwise, schema) else { return nil }
            return DirectTable(words: words, otherwise: json)
        }
        return DirectTable(words: words, otherwise: nil)
    }

    /// The JSON of a value that the contract has typed; nil where nothing comes of it.
    private func typed(_ value: Value, _ schema: Int) -> [UInt8]? {
        var typing = ReplyTyping(table)
        return (try? typing.typed(value, schema)).flatMap(\.self).map { JSONCodec.encode($0) }
    }

    // MARK: Paths

    private mutating func path(_ reference: PathReference) -> DirectPath? {
        guard let steps = reference.singularSteps else { return nil }
        if reference.isRelative {
            return DirectPath(isRelative: true, parent: 0, steps: Array(steps.dropLast()), last: steps.last)
        }
        return DirectPath(isRelative: false, parent: parent(Array(steps.dropLast())), steps: [], last: steps.last)
    }

    private mutating func parent(_ steps: [JSONPath.Step]) -> Int {
        let name = steps.map { $0.index.map { "[\($0)]" } ?? ".\($0.name.text)" }
        if let known = names.firstIndex(of: name) { return known }
        names.append(name)
        parents.append(steps)
        return parents.count - 1
    }
}
