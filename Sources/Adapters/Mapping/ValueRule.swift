/// How one value is made: a source, conversions in order, and what happens when nothing is there.
struct ValueRule: Sendable {
    /// Where the value comes from.
    let source: ValueSource
    /// The value is made only when this holds.
    let condition: Predicate?
    /// What is done with it, in this order.
    let conversions: [Conversion]
    /// What stands in when the source gives nothing.
    let fallback: Value?
    /// Whether nothing is a fault.
    let isRequired: Bool
    /// For faults.
    let origin: ValueOrigin
    /// For traces.
    var note: RuleNote?

    /// The value, or nil when there is none. Null, an empty text and an empty list count as nothing.
    func value(in scope: MappingScope) throws(AdapterFault) -> Value? {
        if let trace = scope.trace { return try traced(in: scope, trace) }
        return try made(in: scope)
    }

    /// The value, without a note of it.
    func made(in scope: MappingScope) throws(AdapterFault) -> Value? {
        if let condition, !condition.holds(on: scope.root) { return nil }
        var value = try source.value(in: scope, origin: origin)
        for conversion in conversions {
            guard let present = value, !present.isEmpty else { break }
            value = try conversion.apply(to: present, origin: origin, scope.direction)
        }
        if let value, !value.isEmpty || keepsEmptyList(value, scope) { return value }
        if let fallback { return fallback }
        if isRequired { throw origin.missing(scope.direction) }
        return nil
    }
}

extension ValueRule {
    /// A department's list that is there and empty is an answer; towards a department an empty list is as good as none.
    private func keepsEmptyList(_ value: Value, _ scope: MappingScope) -> Bool {
        if case .list = source, case .array = value { scope.direction == .reply } else { false }
    }
}

/// Named values in order: the body of a request, a nested object, the contract's answer.
struct ObjectRule: Sendable {
    /// One named value.
    struct Field: Sendable {
        /// The name in what is made.
        let name: String
        /// How its value is made.
        let rule: ValueRule
    }

    /// The fields in the order of the file.
    let fields: [Field]

    /// The object; fields without a value are left out.
    func object(in scope: MappingScope) throws(AdapterFault) -> Object {
        var object = Object(capacity: fields.count)
        for field in fields {
            scope.trace?.step(field.name)
            defer { scope.trace?.back() }
            if let value = try field.rule.value(in: scope) { object.append(field.name, value) }
        }
        return object
    }
}

/// A list made item by item.
struct ListRule: Sendable {
    /// Where the items are: each value found that is a list gives its items, any other counts as one item.
    let sources: [PathReference]
    /// What is made of an item.
    let item: ItemRule

    /// What is made of an item.
    enum ItemRule: Sendable {
        /// An object.
        case object(ObjectRule)
        /// A single value.
        case value(ValueRule)
    }

    /// The list, or nil when nothing is found at all; items of which nothing is made are left out.
    func list(in scope: MappingScope) throws(AdapterFault) -> [Value]? {
        var made: [Value] = []
        var isThere = false
        var inner = scope
        for source in sources {
            for found in source.values(in: scope) {
                if case .array(let items) = found {
                    isThere = true
                    made.reserveCapacity(items.count)
                    for item in items { try add(item, to: &made, &inner) }
                } else if !found.isEmpty {
                    try add(found, to: &made, &inner)
                }
            }
        }
        return isThere || !made.isEmpty ? made : nil
    }

    private func add(_ value: Value, to made: inout [Value], _ scope: inout MappingScope) throws(AdapterFault) {
        scope.item = value
        scope.position += 1
        scope.trace?.step(String(made.count))
        defer { scope.trace?.back() }
        switch item {
        case .object(let rule):
            let object = try rule.object(in: scope)
            if !object.isEmpty { made.append(.object(object)) }
        case .value(let rule):
            if let value = try rule.value(in: scope) { made.append(value) }
        }
    }
}
