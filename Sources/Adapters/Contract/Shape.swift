/// What a schema says about the make of a value, seen through references and `allOf`: enough to type a reply, to shape a
/// request and to tell a mapping at load whether a field exists.
struct Shape: Sendable {
    /// A field of an object, in the schema's order.
    struct Property: Sendable {
        let name: String
        let schema: Int
        var isRequired: Bool
        /// The value when it is absent.
        let defaultValue: Value?
        /// The list to count when it is absent.
        let countOf: String?
    }

    /// An `if` with its branches.
    struct Condition: Sendable {
        let condition: Int
        let then: Int?
        let otherwise: Int?
    }

    private(set) var types = TypeSet.any
    private(set) var properties: [Property] = []
    /// Whether fields that `properties` does not name belong to the object.
    private(set) var isOpen = false
    private(set) var items: Int?
    private(set) var constants: Constants?
    private(set) var format: Format?
    private(set) var conditions: [Condition] = []
    private(set) var hasDefaults = false

    init(of index: Int, in schemas: ContiguousArray<CompiledSchema>) {
        var required: Set<String> = []
        var isClosed = false
        merge(index, schemas, &required, &isClosed)
        if !isClosed && properties.isEmpty && types.contains(.object) { isOpen = true }
        for position in properties.indices {
            properties[position].isRequired = required.contains(properties[position].name)
        }
        hasDefaults = properties.contains { $0.defaultValue != nil }
    }

    private mutating func merge(
        _ index: Int, _ schemas: ContiguousArray<CompiledSchema>, _ required: inout Set<String>, _ isClosed: inout Bool
    ) {
        let rules = schemas[index].rules
        if let reference = rules.reference { merge(reference, schemas, &required, &isClosed) }
        for part in rules.allOf { merge(part, schemas, &required, &isClosed) }
        types.formIntersection(rules.types)
        required.formUnion(rules.required)
        for property in rules.properties where !properties.contains(where: { $0.name == property.name }) {
            let values = Shape.values(of: property.schema, in: schemas)
            properties.append(
                Property(
                    name: property.name, schema: property.schema, isRequired: false, defaultValue: values.defaultValue,
                    countOf: values.countOf))
        }
        switch rules.additional {
        case .unsaid: break
        case .refused: isClosed = true
        case .allowed, .schema: isOpen = true
        }
        items = rules.items ?? items
        constants = rules.const ?? rules.enum ?? constants
        format = rules.format ?? format
        if let condition = rules.condition {
            conditions.append(Condition(condition: condition, then: rules.then, otherwise: rules.otherwise))
        }
    }

    private static func values(
        of index: Int, in schemas: ContiguousArray<CompiledSchema>
    ) -> (defaultValue: Value?, countOf: String?) {
        let rules = schemas[index].rules
        if rules.defaultValue != nil || rules.countOf != nil { return (rules.defaultValue, rules.countOf) }
        guard let reference = rules.reference else { return (nil, nil) }
        return values(of: reference, in: schemas)
    }

    /// The field of a name. `hint` is where it probably stands: objects are mostly written in the schema's order.
    func property(_ name: String, near hint: Int) -> Property? {
        if hint < properties.count, properties[hint].name == name { return properties[hint] }
        return properties.first { $0.name == name }
    }
}

extension SchemaTable {
    /// The schema at the end of a path of field names, lists passed through; nil when there is none. `isOpen` is true when
    /// the path leads into an object that takes any field.
    func schema(at path: [String], from root: Int) -> (schema: Int?, isOpen: Bool) {
        var index = root
        for name in path {
            var shape = shapes[index]
            while let items = shape.items { shape = shapes[items] }
            if let property = shape.property(name, near: 0) {
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
