/// The one tree every body becomes, whatever its format was.
public enum Value: Sendable, Hashable {
    /// JSON null, XML `xsi:nil`; the contract treats it like an absent field.
    case null
    /// true or false.
    case bool(Bool)
    /// A whole number that fits 64 bits.
    case integer(Int64)
    /// Any other number that a double holds.
    case double(Double)
    /// A number that neither of the two holds exactly, in its source text; written back to JSON unchanged.
    case decimal(String)
    /// Text. Everything that comes from XML, forms and delimited text is text.
    case string(String)
    /// A list.
    case array([Value])
    /// Named values in order.
    case object(Object)
}

/// Named values in the order they were written; a name stands once. Lookup is a linear scan: objects here are small.
public struct Object: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// One named value.
    public struct Field: Sendable, Hashable {
        /// The name.
        public let name: String
        /// The value.
        public var value: Value
    }

    /// The fields in order.
    public private(set) var fields: [Field]

    /// An empty object.
    public init() { fields = [] }

    /// An empty object with room for `capacity` fields.
    public init(capacity: Int) {
        fields = []
        fields.reserveCapacity(capacity)
    }

    /// Fields in the order of the literal; the last of two equal names wins.
    public init(dictionaryLiteral elements: (String, Value)...) {
        self.init(capacity: elements.count)
        for (name, value) in elements { self[name] = value }
    }

    /// The value of a name. Assigning nil removes the field; assigning to a known name keeps its position.
    public subscript(name: String) -> Value? {
        get { fields.first { $0.name == name }?.value }
        set {
            if let index = fields.firstIndex(where: { $0.name == name }) {
                if let newValue { fields[index].value = newValue } else { fields.remove(at: index) }
            } else if let newValue {
                fields.append(Field(name: name, value: newValue))
            }
        }
    }

    /// Adds a field that is known to be new; the caller has checked that the name is not there.
    public mutating func append(_ name: String, _ value: Value) { fields.append(Field(name: name, value: value)) }

    /// Whether there are no fields.
    public var isEmpty: Bool { fields.isEmpty }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    /// A text.
    public init(stringLiteral value: String) { self = .string(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A number.
    public init(floatLiteral value: Double) { self = .double(value) }
    /// A list.
    public init(arrayLiteral elements: Value...) { self = .array(elements) }
    /// An object; the last of two equal names wins.
    public init(dictionaryLiteral elements: (String, Value)...) {
        var object = Object(capacity: elements.count)
        for (name, value) in elements { object[name] = value }
        self = .object(object)
    }

    /// The value of a name in an object; nil in anything else.
    public subscript(name: String) -> Value? {
        if case .object(let object) = self { object[name] } else { nil }
    }

    /// The text of a string; nil for anything else.
    public var string: String? { if case .string(let text) = self { text } else { nil } }

    /// The items of an array; nil for anything else.
    public var array: [Value]? { if case .array(let items) = self { items } else { nil } }

    /// The fields of an object; nil for anything else.
    public var object: Object? { if case .object(let object) = self { object } else { nil } }

    /// A scalar as text, the way departments write it: numbers without exponent where they are whole, `true`, `false`.
    /// Nil for null, arrays and objects.
    public var scalarText: String? {
        switch self {
        case .string(let text): text
        case .integer(let number): String(number)
        case .double(let number): number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number)
        case .decimal(let text): text
        case .bool(let bool): bool ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// Null, an empty text, an empty list or an empty object: the contract treats all four like an absent field.
    public var isEmpty: Bool {
        switch self {
        case .null: true
        case .string(let text): text.isEmpty
        case .array(let items): items.isEmpty
        case .object(let object): object.isEmpty
        case .bool, .integer, .double, .decimal: false
        }
    }
}
