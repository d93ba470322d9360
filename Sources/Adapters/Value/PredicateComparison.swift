/// How two values compare.
enum ValueOrder: Sendable {
    case less
    case equal
    case greater

    /// The order the other way round.
    var reversed: ValueOrder {
        switch self {
        case .less: .greater
        case .equal: .equal
        case .greater: .less
        }
    }

    /// The order of two things that have one.
    static func of<Item: Comparable>(_ left: Item, _ right: Item) -> ValueOrder { left < right ? .less : left == right ? .equal : .greater }
}

/// Comparison of values and of Nothing, which is nil (RFC 9535 section 2.3.5.2.2).
struct ValueComparison {
    /// Whether numbers and texts compare by value, as `Predicate` describes it.
    let isLoose: Bool

    /// Whether the comparison is true.
    func holds(_ left: Value?, _ comparison: JSONPath.Comparison, _ right: Value?) -> Bool {
        switch comparison {
        case .equal: areEqual(left, right)
        case .notEqual: !areEqual(left, right)
        case .less: order(left, right) == .less
        case .greater: order(left, right) == .greater
        case .lessOrEqual: order(left, right) == .less || areEqual(left, right)
        case .greaterOrEqual: order(left, right) == .greater || areEqual(left, right)
        }
    }

    private func areEqual(_ left: Value?, _ right: Value?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return areEqual(left, right)
    }

    private func areEqual(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.array(let left), .array(let right)): left.count == right.count && zip(left, right).allSatisfy { areEqual($0, $1) }
        case (.object(let left), .object(let right)): areEqual(left, right)
        case (.bool(let bool), .string(let text)), (.string(let text), .bool(let bool)): isLoose && text == (bool ? "true" : "false")
        default: order(left, right) == .equal
        }
    }

    /// Numbers and texts have an order; nothing else has.
    private func order(_ left: Value?, _ right: Value?) -> ValueOrder? {
        switch (left, right) {
        case (.string(let left), .string(let right)): Self.order(left, right)
        case (.string(let text), .some(let number)) where isLoose: NumberOrder.compare(number, text: text)?.reversed
        case (.some(let number), .string(let text)) where isLoose: NumberOrder.compare(number, text: text)
        case (.some(let left), .some(let right)): NumberOrder.compare(left, right)
        default: nil
        }
    }

    /// Texts by Unicode scalars, which is the order of their UTF-8; Swift's own order is that of the canonical forms.
    private static func order(_ left: String, _ right: String) -> ValueOrder {
        if left.utf8.elementsEqual(right.utf8) { return .equal }
        return left.utf8.lexicographicallyPrecedes(right.utf8) ? .less : .greater
    }

    /// Objects are equal when they have the same names with equal values, in whatever order.
    private func areEqual(_ left: Object, _ right: Object) -> Bool {
        guard left.fields.count == right.fields.count else { return false }
        let inStep = zip(left.fields, right.fields).allSatisfy { $0.name.utf8.elementsEqual($1.name.utf8) }
        if inStep { return zip(left.fields, right.fields).allSatisfy { areEqual($0.value, $1.value) } }
        // Sorted, not looked up one by one: an object of many names must not cost their square.
        return zip(Self.sorted(left), Self.sorted(right)).allSatisfy {
            $0.name.utf8.elementsEqual($1.name.utf8) && areEqual($0.value, $1.value)
        }
    }

    private static func sorted(_ object: Object) -> [Object.Field] {
        object.fields.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}
