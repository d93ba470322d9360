/// A schema of JSON Schema 2020-12, in the part of it that contracts need, compiled once. Everything it does not know is
/// refused at load, so that no rule of a contract is silently not kept.
public struct Schema: Sendable {
    let table: SchemaTable
    let root: Int

    init(table: SchemaTable, root: Int) {
        self.table = table
        self.root = root
    }

    /// Compiles one schema. `$ref` is a JSON pointer (`#/…`) into `document`, by default the schema itself. Nil, with problems
    /// in `diagnostics`, when a keyword, a reference, a pattern or a format is not known.
    public init?(_ node: Node, in document: Node? = nil, _ diagnostics: Diagnostics) {
        let errors = diagnostics.problems.count
        var compiler = SchemaCompiler(document: document ?? node, diagnostics)
        let root = compiler.compile(node)
        guard let table = compiler.finished(), !diagnostics.problems.dropFirst(errors).contains(where: { $0.severity == .error }) else {
            return nil
        }
        self.init(table: table, root: root)
    }

    /// Every fault of `value`, with RFC 6901 pointers, at most `Validation.limit` of them; empty when it is valid. Null is a value
    /// here like any other. Messages never hold anything of the value but field names.
    public func validate(_ value: Value) -> [FieldError] {
        Validation.errors(of: value, root, table)
    }

    /// Whether `value` is valid; stops at the first fault.
    public func accepts(_ value: Value) -> Bool {
        var validation = Validation(table, isSilent: true)
        return validation.check(root, value)
    }
}

/// All schemas of one document. Schemas name each other by index, so that they may be recursive.
struct SchemaTable: Sendable {
    let schemas: ContiguousArray<CompiledSchema>
    /// The same indices, seen through references and `allOf`.
    let shapes: ContiguousArray<Shape>
}

/// One schema object of the document. A class, so that following an index costs one reference and no copy of the rules.
final class CompiledSchema: Sendable {
    let rules: SchemaRules
    /// Whether any keyword looks at the value as a whole: most schemas have none.
    let hasInPlace: Bool
    let hasNumberBounds: Bool

    init(_ rules: SchemaRules) {
        self.rules = rules
        hasInPlace = !rules.inPlace.isEmpty
        hasNumberBounds =
            rules.minimum != nil || rules.maximum != nil || rules.exclusiveMinimum != nil || rules.exclusiveMaximum != nil
    }

    /// The schema of a property. The search goes on where the last one ended, because objects are mostly written in the
    /// schema's order.
    func property(_ name: String, from cursor: inout Int) -> Int? {
        rules.properties.position(from: &cursor) { $0.name == name }.map { rules.properties[$0].schema }
    }
}

/// The keywords of one schema object.
struct SchemaRules: Sendable {
    /// A member of `properties`.
    struct Property: Sendable {
        let name: String
        let schema: Int
    }

    /// How many characters, items or fields there may be.
    struct Bounds: Sendable {
        var low = 0
        var high = Int.max
    }

    /// What becomes of members that `properties` does not name.
    enum Additional: Sendable, Equatable {
        case unsaid
        case allowed
        case refused
        case schema(Int)
    }

    /// Whether there is a `$ref` and beside it only annotations: then the reference stands for the schema.
    var isBareReference = false
    /// The schema `false`.
    var isImpossible = false
    var types = TypeSet.any
    var reference: Int?
    var properties: [Property] = []
    var additional = Additional.unsaid
    var required: [String] = []
    /// One field must begin with another: `x-tongban-begins-with: {caseNo: itemCode}`.
    var beginsWith: [(field: String, prefix: String)] = []
    var items: Int?
    var `enum`: Constants?
    var const: Constants?
    var lengths: Bounds?
    var itemCounts: Bounds?
    var fieldCounts: Bounds?
    var uniqueItems = false
    var minimum: Double?
    var maximum: Double?
    var exclusiveMinimum: Double?
    var exclusiveMaximum: Double?
    var pattern: Pattern?
    var format: Format?
    var allOf: [Int] = []
    var anyOf: [Int] = []
    var oneOf: [Int] = []
    var not: Int?
    var condition: Int?
    var then: Int?
    var otherwise: Int?
    var defaultValue: Value?
    /// The list whose entries are counted when a reply leaves this number out: `x-tongban-count`.
    var countOf: String?

    /// The same rules with every index of a schema replaced.
    func mapping(_ index: (Int) -> Int) -> SchemaRules {
        var copy = self
        copy.reference = reference.map(index)
        copy.properties = properties.map { Property(name: $0.name, schema: index($0.schema)) }
        if case .schema(let schema) = additional { copy.additional = .schema(index(schema)) }
        copy.items = items.map(index)
        copy.allOf = allOf.map(index)
        copy.anyOf = anyOf.map(index)
        copy.oneOf = oneOf.map(index)
        copy.not = not.map(index)
        copy.condition = condition.map(index)
        copy.then = then.map(index)
        copy.otherwise = otherwise.map(index)
        return copy
    }

    /// The schemas that look at the same value as this one.
    var inPlace: [Int] {
        [reference, not, condition, then, otherwise].compactMap { $0 } + allOf + anyOf + oneOf
    }
}

extension Array {
    /// The first element at or after `cursor`, then from the beginning, for which `isIt` holds; `cursor` then stands behind it.
    @inline(__always)
    func position(from cursor: inout Int, where isIt: (Element) -> Bool) -> Int? {
        for index in Swift.min(cursor, count)..<count where isIt(self[index]) {
            cursor = index + 1
            return index
        }
        for index in 0..<Swift.min(cursor, count) where isIt(self[index]) {
            cursor = index + 1
            return index
        }
        return nil
    }
}

/// The types of JSON Schema.
struct TypeSet: OptionSet, Sendable {
    let rawValue: UInt8
    static let null = TypeSet(rawValue: 1)
    static let boolean = TypeSet(rawValue: 2)
    static let integer = TypeSet(rawValue: 4)
    static let number = TypeSet(rawValue: 8)
    static let string = TypeSet(rawValue: 16)
    static let array = TypeSet(rawValue: 32)
    static let object = TypeSet(rawValue: 64)
    static let any = TypeSet(rawValue: 127)

    static let named: [(name: String, type: TypeSet)] = [
        ("null", .null), ("boolean", .boolean), ("integer", .integer), ("number", .number), ("string", .string), ("array", .array),
        ("object", .object),
    ]

    /// "a text", "a whole number or a text": for messages.
    var phrase: String {
        let words: [(TypeSet, String)] = [
            (.null, "null"), (.boolean, "true or false"), (.number, "a number"), (.integer, "a whole number"), (.string, "a string"),
            (.array, "an array"), (.object, "an object"),
        ]
        return words.filter { contains($0.0) && !($0.0 == .integer && contains(.number)) }.map(\.1).joined(separator: " or ")
    }

    /// Whether `value` is of one of these types. A number without a fraction is an integer, however it was written.
    func takes(_ value: Value) -> Bool {
        switch value {
        case .null: contains(.null)
        case .bool: contains(.boolean)
        case .integer: contains(.integer) || contains(.number)
        case .double(let number): contains(.number) || (contains(.integer) && number == number.rounded())
        case .decimal(let text): contains(.number) || (contains(.integer) && PlainNumber.isWhole(text))
        case .string: contains(.string)
        case .array: contains(.array)
        case .object: contains(.object)
        }
    }
}

/// The values of `format` that are checked.
enum Format: Sendable, Equatable {
    case dateTime
    case date
    case identifier(Identifier)

    /// Formats that say something to a reader and are not checked.
    static let annotations = ["uri", "uri-reference", "json-pointer"]
    /// Every name that a contract may use.
    static var names: [String] { ["date-time", "date"] + Identifier.allCases.map(\.rawValue) + annotations }

    init?(_ name: String) {
        switch name {
        case "date-time": self = .dateTime
        case "date": self = .date
        default:
            guard let identifier = Identifier(rawValue: name) else { return nil }
            self = .identifier(identifier)
        }
    }

    /// Whether texts of this format have more than one form, of which the contract gives one.
    var isNormalising: Bool { self == .dateTime || self == .identifier(.citizenID) }

    /// The rule and the message when `text` does not have the format.
    func fault(of text: String) -> (rule: String, message: String)? {
        switch self {
        case .dateTime:
            Timestamp(text, needsZone: true) == nil
                ? ("format", "must be a date and time of RFC 3339 with its zone, such as 2024-03-01T09:30:00+08:00") : nil
        case .date: Timestamp.isDate(text) ? nil : ("format", "must be a date that exists, such as 2024-03-01 (RFC 3339)")
        case .identifier(let identifier):
            identifier.flaw(in: text).map { ($0 == .checkDigit ? "check-digit" : "format", identifier.expectation($0)) }
        }
    }
}
