/// Compiles the schemas of one document into one table. Each schema gets its index before its parts are compiled, so that a
/// reference may lead back to it.
struct SchemaCompiler {
    let document: Node
    let diagnostics: Diagnostics
    private var drafts: [SchemaRules] = []
    private var places: [Place] = []
    private var indices: [String: Int] = [:]
    /// Examples and defaults, checked against their schema when all are compiled.
    private var examples: [(schema: Int, example: Node)] = []
    private var depth = 0

    init(document: Node, _ diagnostics: Diagnostics) {
        self.document = document
        self.diagnostics = diagnostics
    }

    /// Compiles the schema at `node` and gives its index.
    mutating func compile(_ node: Node) -> Int {
        let index = reserve(node.place)
        fill(index, from: node)
        return index
    }

    /// The index of the schema that a `$ref` leads to; nil, with a problem, when it leads nowhere.
    mutating func reference(_ node: Node) -> Int? {
        guard let text = node.text else {
            diagnostics.error("wrong-type", "'$ref' must be a text, not \(node.kindName)", at: node.place)
            return nil
        }
        if let known = indices[text] { return known }
        guard let target = document.target(of: text) else {
            let isLocal = text.hasPrefix("#")
            diagnostics.error(
                "unknown-reference", "'\(text)' leads to nothing in this document", at: node.place,
                help: isLocal ? document.nearestSibling(of: text) : "only references into the same document ('#/…') are supported")
            return nil
        }
        let index = reserve(target.place)
        indices[text] = index
        fill(index, from: target)
        return index
    }

    /// Remembers an example of a schema, to be checked by `finished`.
    mutating func example(_ node: Node, of schema: Int) { examples.append((schema, node)) }

    /// The table; nil, with problems, when schemas refer to themselves without end.
    func finished() -> SchemaTable? {
        guard !drafts.isEmpty, !hasCycle() else { return nil }
        let schemas = ContiguousArray(drafts.map { CompiledSchema($0.mapping(target)) })
        let shapes = ContiguousArray(schemas.indices.map { Shape(of: $0, in: schemas) })
        let table = SchemaTable(schemas: schemas, shapes: shapes)
        for (schema, example) in examples {
            for error in Validation.errors(of: example.value, schema, table) {
                diagnostics.error(
                    "wrong-example", "the example breaks its own schema at '\(error.field)': \(error.message)",
                    at: example.target(of: "#" + error.field)?.place ?? example.place)
            }
        }
        return table
    }

    /// Where an index leads, bare references passed over.
    private func target(_ index: Int) -> Int {
        var index = index
        while drafts[index].isBareReference, let reference = drafts[index].reference { index = reference }
        return index
    }

    private mutating func reserve(_ place: Place) -> Int {
        drafts.append(SchemaRules())
        places.append(place)
        return drafts.count - 1
    }

    private mutating func fill(_ index: Int, from node: Node) {
        depth += 1
        defer { depth -= 1 }
        guard depth <= 64 else {
            diagnostics.error("too-deep", "schemas nest deeper than 64", at: node.place)
            return
        }
        guard let entries = node.entries else {
            if case .bool(let accepts) = node.scalarValue {
                drafts[index].isImpossible = !accepts
                return
            }
            diagnostics.error("wrong-type", "a schema must be a mapping, true or false, not \(node.kindName)", at: node.place)
            return
        }
        for entry in entries {
            guard let keyword = SchemaKeyword(rawValue: entry.key) else {
                unknown(entry)
                continue
            }
            read(keyword, entry.value, into: index)
        }
        drafts[index].isBareReference =
            drafts[index].reference != nil
            && entries.allSatisfy { SchemaKeyword(rawValue: $0.key).map { $0 == .ref || $0.isAnnotation } ?? true }
        if drafts[index].types == [] { drafts[index].types = .any }
    }

    private func unknown(_ entry: Node.Entry) {
        if entry.key.hasPrefix("x-"), !entry.key.hasPrefix("x-tongban-") { return }
        let known = SchemaKeyword.allCases.map(\.rawValue)
        diagnostics.error(
            "unknown-keyword", "the keyword '\(entry.key)' is not supported in a schema", at: entry.place,
            help: suggestion(for: entry.key, among: known).map { "did you mean '\($0)'?" } ?? "supported: \(known.joined(separator: ", "))")
    }

    private mutating func read(_ keyword: SchemaKeyword, _ node: Node, into index: Int) {
        switch keyword {
        case .type, .enum, .const, .format, .pattern: valueRule(keyword, node, &drafts[index])
        case .minLength, .maxLength, .minItems, .maxItems, .minProperties, .maxProperties, .uniqueItems, .minimum, .maximum,
            .exclusiveMinimum, .exclusiveMaximum:
            bound(keyword, node, &drafts[index])
        case .ref: drafts[index].reference = reference(node)
        case .properties: properties(node, index)
        case .defs: for entry in node.entries ?? [] { _ = compile(entry.value) }
        case .required: drafts[index].required = texts(node, "required")
        case .additionalProperties:
            switch node.scalarValue {
            case .bool(false): drafts[index].additional = .refused
            case .bool(true): drafts[index].additional = .allowed
            default: drafts[index].additional = .schema(compile(node))
            }
        case .items: drafts[index].items = compile(node)
        case .allOf: drafts[index].allOf = list(node, keyword)
        case .anyOf: drafts[index].anyOf = list(node, keyword)
        case .oneOf: drafts[index].oneOf = list(node, keyword)
        case .not: drafts[index].not = compile(node)
        case .if: drafts[index].condition = compile(node)
        case .then: drafts[index].then = compile(node)
        case .else: drafts[index].otherwise = compile(node)
        case .default: drafts[index].defaultValue = node.value
        case .example: examples.append((index, node))
        case .examples:
            guard let items = node.items else {
                diagnostics.error("wrong-type", "'examples' of a schema must be a list, not \(node.kindName)", at: node.place)
                return
            }
            for item in items { examples.append((index, item)) }
        case .beginsWith:
            for entry in node.entries ?? [] {
                if let prefix = entry.value.text { drafts[index].beginsWith.append((entry.key, prefix)) }
            }
        case .count: drafts[index].countOf = node.text
        case .title, .description, .comment, .schema, .deprecated, .readOnly, .writeOnly: break
        }
    }

    private mutating func properties(_ node: Node, _ index: Int) {
        guard let entries = node.entries else {
            diagnostics.error("wrong-type", "'properties' must be a mapping, not \(node.kindName)", at: node.place)
            return
        }
        for entry in entries {
            let schema = compile(entry.value)
            drafts[index].properties.append(SchemaRules.Property(name: entry.key, schema: schema))
        }
    }

    private mutating func list(_ node: Node, _ keyword: SchemaKeyword) -> [Int] {
        guard let items = node.items, !items.isEmpty else {
            diagnostics.error("wrong-type", "'\(keyword.rawValue)' must be a list of schemas", at: node.place)
            return []
        }
        return items.map { compile($0) }
    }

    private func texts(_ node: Node, _ keyword: String) -> [String] {
        guard let items = node.items else {
            diagnostics.error("wrong-type", "'\(keyword)' must be a list of texts, not \(node.kindName)", at: node.place)
            return []
        }
        return items.compactMap(\.text)
    }

    /// A schema that comes back to itself without going into the value would never end.
    private func hasCycle() -> Bool {
        enum Mark { case new, open, done }
        var marks = [Mark](repeating: .new, count: drafts.count)
        var found = false
        func visit(_ index: Int) {
            guard marks[index] != .done else { return }
            guard marks[index] != .open else {
                diagnostics.error("endless-reference", "this schema refers to itself without end", at: places[index])
                found = true
                return
            }
            marks[index] = .open
            for next in drafts[index].inPlace { visit(next) }
            marks[index] = .done
        }
        for index in drafts.indices { visit(index) }
        return found
    }
}
