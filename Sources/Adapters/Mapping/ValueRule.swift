/// How one value is made: a source, conversions in order, and what happens when nothing is there.
final class ValueRule: Sendable {
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
    let note: RuleNote?

    init(
        source: ValueSource, condition: Predicate?, conversions: [Conversion], fallback: Value?, isRequired: Bool, origin: ValueOrigin,
        note: RuleNote? = nil
    ) {
        self.source = source
        self.condition = condition
        self.conversions = conversions
        self.fallback = fallback
        self.isRequired = isRequired
        self.origin = origin
        self.note = note
    }

    /// The value, or nil when there is none. Null, an empty text and an empty list count as nothing.
    func value(in scope: MappingScope) throws(AdapterFault) -> Value? {
        if let trace = scope.trace { return try traced(in: scope, trace) }
        return try made(in: scope)
    }

    /// The value, without a note of it.
    func made(in scope: MappingScope) throws(AdapterFault) -> Value? {
        if let condition, !condition.holds(on: scope.root, current: scope.item) { return nil }
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
    /// The empty text, where that is what the file writes: `{ const: "" }`.
    var emptyConstant: String? { if case .constant(.string("")) = source, conversions.isEmpty { "" } else { nil } }

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

    /// The rules, of which those for `names` must give something.
    func owing(_ names: [String]) -> ObjectRule {
        ObjectRule(
            fields: fields.map { field in
                guard names.contains(field.name) else { return field }
                let rule = field.rule
                return Field(
                    name: field.name,
                    rule: ValueRule(
                        source: rule.source, condition: rule.condition, conversions: rule.conversions, fallback: rule.fallback,
                        isRequired: true,
                        origin: rule.origin, note: rule.note))
            })
    }

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
    /// What the cells of a row are called, where an item is a list of cells and no object.
    var columns: Columns?

    /// The names of a row's cells.
    enum Columns: Sendable {
        /// In the file.
        case names([String])
        /// In the reply.
        case path(PathReference)

        func names(in scope: MappingScope) throws(AdapterFault) -> [String] {
            switch self {
            case .names(let names): return names
            case .path(let path):
                guard let names = path.first(in: scope)?.array?.compactMap(\.scalarText), Set(names).count == names.count else {
                    throw path.origin.misfit(scope.direction, rule: "type", expected: "a list of different names")
                }
                return names
            }
        }
    }

    /// What is made of an item.
    enum ItemRule: Sendable {
        /// An object.
        case object(ObjectRule)
        /// A single value.
        case value(ValueRule)
    }

    /// The list, or nil when nothing is found at all. Items of which nothing is made are left out; but where a department's item has
    /// something in it, what the contract requires of one is owed, so that a renamed field is not an item less.
    func list(in scope: MappingScope) throws(AdapterFault) -> [Value]? {
        var made: [Value] = []
        var isThere = false
        var inner = scope
        inner.position = 0
        for source in sources {
            let found = source.values(in: scope)
            let names = found.isEmpty ? nil : try columns?.names(in: scope)
            for found in found {
                if case .array(let items) = found, !isRow(items, source, names) {
                    isThere = true
                    made.reserveCapacity(items.count)
                    for (index, item) in items.enumerated() {
                        do throws(AdapterFault) { try add(item, source, names, to: &made, &inner) } catch {
                            throw error.inItem(index, of: source, sources[0])
                        }
                    }
                } else if found.isEmpty {
                    // A list without items, written as null or as an element without content.
                    isThere = isThere || scope.direction == .reply
                } else {
                    do throws(AdapterFault) { try add(found, source, names, to: &made, &inner) } catch {
                        throw error.inItem(nil, of: source, sources[0])
                    }
                }
            }
        }
        return isThere || !made.isEmpty ? made : nil
    }

    /// Whether what a path finds among others, such as `$.rows[1:]`, is a row itself and no list of rows.
    private func isRow(_ items: [Value], _ source: PathReference, _ names: [String]?) -> Bool {
        names != nil && source.singularSteps == nil && !items.isEmpty && items.allSatisfy { $0.array == nil && $0.object == nil }
    }

    private func add(
        _ value: Value, _ source: PathReference, _ names: [String]?, to made: inout [Value], _ scope: inout MappingScope
    ) throws(AdapterFault) {
        scope.item = try names.map { (names) throws(AdapterFault) in try row(value, names, source, scope.direction) } ?? value
        scope.position += 1
        // Whatever constants the item would get.
        if scope.direction == .reply, value.isNothing { return }
        scope.trace?.step(String(made.count))
        defer { scope.trace?.back() }
        switch item {
        case .object(let rule):
            let object = try rule.object(in: scope)
            if object.isEmpty, scope.direction == .request { return }
            guard scope.direction == .request, let names else { return made.append(.object(object)) }
            made.append(.array(names.map { object[$0] ?? "" }))
        case .value(let rule):
            if let value = try rule.value(in: scope) { made.append(value) }
        }
    }

    /// In a reply a row's cells get their names; an item that is an object already keeps its own.
    private func row(
        _ value: Value, _ names: [String], _ source: PathReference, _ direction: MappingDirection
    ) throws(AdapterFault) -> Value {
        guard direction == .reply, case .array(let cells) = value else { return value }
        guard cells.count == names.count else {
            let origin = ValueOrigin(text: "\(source.text)[*]", pointer: nil)
            throw origin.misfit(direction, rule: "columns", expected: "\(names.count) cells", found: "\(cells.count)")
        }
        var row = Object(capacity: names.count)
        for (name, cell) in zip(names, cells) { row.append(name, cell) }
        return .object(row)
    }
}

extension Value {
    /// Empty, or a text of blanks: what stands between the elements of a list.
    fileprivate var isNothing: Bool {
        if case .string(let text) = self { text.utf8.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) } } else { isEmpty }
    }
}

extension AdapterFault {
    /// The fault with pointers to the item of a list in the call (nil: what stood there was no list) in place of paths within it. `source` is
    /// where the item was found; `named` is the path that the paths within begin with.
    fileprivate func inItem(_ index: Int?, of source: PathReference, _ named: PathReference) -> AdapterFault {
        let prefix = "\(named.text)[*]"
        guard errors.contains(where: { $0.field.hasPrefix(prefix) }) else { return self }
        let located = errors.compactMap { error -> FieldError? in
            guard error.field.hasPrefix(prefix) else { return error }
            guard let list = source.origin.pointer else { return nil }
            // Behind the item come names, as far as the path is names; a list inside has put its own pointer behind them.
            let rest = error.field.dropFirst(prefix.count).prefix { $0 != "[" }.map { $0 == "." ? "/" : String($0) }.joined()
            let item = source.singularSteps == nil ? "" : (index.map { "/\($0)" } ?? "") + rest
            return FieldError(field: list + item, rule: error.rule, message: error.message)
        }
        return with(errors: located, need: need)
    }
}
