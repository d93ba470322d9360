/// What a schema says about the make of a value, seen through references and `allOf`: enough to type a reply, to shape a
/// request and to tell a mapping at load whether a field exists.
final class Shape: Sendable {
    /// A field of an object, in the schema's order. A class: answers look at each of them.
    final class Property: Sendable {
        let name: String
        let schema: Int
        let isRequired: Bool
        /// The value when it is absent.
        let defaultValue: Value?
        /// The list to count when it is absent.
        let countOf: String?

        init(name: String, schema: Int, isRequired: Bool, defaultValue: Value?, countOf: String?) {
            self.name = name
            self.schema = schema
            self.isRequired = isRequired
            self.defaultValue = defaultValue
            self.countOf = countOf
        }
    }

    /// An `if` with its branches.
    struct Condition: Sendable {
        let condition: Int
        let then: Int?
        let otherwise: Int?
    }

    /// Whether an object of it must have a field that nothing else fills.
    var owes: Bool { properties.contains { $0.isRequired && $0.defaultValue == nil && $0.countOf == nil } }

    let types: TypeSet
    let properties: [Property]
    /// Whether fields that `properties` does not name belong to the object.
    let isOpen: Bool
    /// The schema of fields that `properties` does not name, where there is one.
    let additional: Int?
    let items: Int?
    let constants: Constants?
    let format: Format?
    /// The conditions that a request has to be shaped by: those with a branch that normalises something.
    let shapingConditions: [Condition]
    let hasDefaults: Bool

    init(of index: Int, in schemas: ContiguousArray<CompiledSchema>) {
        var draft = Draft()
        draft.merge(index, schemas)
        types = draft.types
        properties = draft.properties.map { property in
            let values = Shape.values(of: property.schema, in: schemas)
            return Property(
                name: property.name, schema: property.schema, isRequired: draft.required.contains(property.name),
                defaultValue: values.defaultValue, countOf: values.countOf)
        }
        isOpen = draft.isOpen || (!draft.isClosed && draft.properties.isEmpty && draft.types.contains(.object))
        additional = draft.additional
        items = draft.items
        constants = draft.constants
        format = draft.format
        shapingConditions = draft.conditions.filter { condition in
            [condition.then, condition.otherwise].compactMap(\.self).contains { Shape.mayChange($0, in: schemas) }
        }
        hasDefaults = properties.contains { $0.defaultValue != nil }
    }

    /// What the merged schemas say so far.
    private struct Draft {
        var types = TypeSet.any
        var properties: [SchemaRules.Property] = []
        var required: Set<String> = []
        var isOpen = false
        var isClosed = false
        var additional: Int?
        var items: Int?
        var constants: Constants?
        var format: Format?
        var conditions: [Condition] = []

        mutating func merge(_ index: Int, _ schemas: ContiguousArray<CompiledSchema>) {
            let rules = schemas[index].rules
            if let reference = rules.reference { merge(reference, schemas) }
            for part in rules.allOf { merge(part, schemas) }
            types.formIntersection(rules.types)
            required.formUnion(rules.required)
            for property in rules.properties where !properties.contains(where: { $0.name == property.name }) {
                properties.append(property)
            }
            switch rules.additional {
            case .unsaid: break
            case .refused: isClosed = true
            case .allowed: isOpen = true
            case .schema(let schema):
                isOpen = true
                additional = schema
            }
            items = rules.items ?? items
            constants = rules.const ?? rules.enum ?? constants
            format = rules.format ?? format
            if let condition = rules.condition {
                conditions.append(Condition(condition: condition, then: rules.then, otherwise: rules.otherwise))
            }
        }
    }

    /// Whether shaping by this branch may change a value that was already shaped without it. True unless it is plain to see
    /// that it does not.
    private static func mayChange(_ index: Int, in schemas: ContiguousArray<CompiledSchema>) -> Bool {
        let rules = schemas[index].rules
        if rules.inPlace.isEmpty, rules.items == nil, rules.defaultValue == nil, !(rules.format?.isNormalising ?? false) {
            return rules.properties.contains { mayChange($0.schema, in: schemas) }
        }
        return true
    }

    private static func values(
        of index: Int, in schemas: ContiguousArray<CompiledSchema>
    ) -> (defaultValue: Value?, countOf: String?) {
        let rules = schemas[index].rules
        if rules.defaultValue != nil || rules.countOf != nil { return (rules.defaultValue, rules.countOf) }
        guard let reference = rules.reference else { return (nil, nil) }
        return values(of: reference, in: schemas)
    }

    /// The schema of a field; see `CompiledSchema.property`.
    func schema(of name: String, from cursor: inout Int) -> Int? {
        properties.position(from: &cursor) { $0.name == name }.map { properties[$0].schema }
    }

    /// The field of a name.
    func property(_ name: String) -> Property? { properties.first { $0.name == name } }
}

extension SchemaTable {
    /// The schema at the end of a path of field names, lists passed through; nil when there is none. `isOpen` is true when
    /// the path leads into an object that takes any field.
    func schema(at path: [String], from root: Int) -> (schema: Int?, isOpen: Bool) {
        var index = root
        for name in path {
            var shape = shapes[index]
            while let items = shape.items { shape = shapes[items] }
            if let property = shape.property(name) {
                index = property.schema
            } else {
                return (nil, shape.isOpen)
            }
        }
        return (index, false)
    }

    /// The closed set of texts that the schema at `index`, or the items of its list, allows; nil where it is open.
    func texts(allowedBy index: Int) -> [String]? {
        var shape = shapes[index]
        while let items = shape.items { shape = shapes[items] }
        return shape.constants.map { $0.values.compactMap(\.string) }
    }
}
