extension MappingCompiler {
    private static let formats = ["xml", "json", "form", "delimited", "text"]

    /// A document as a text: its format and layers under `document`, its content beside it.
    func document(_ node: Node, _ section: Section, name: String, landing: Landing) -> DocumentRule? {
        let keys = MappingCompiler.formats + ["encoding", "declaration", "in"]
        guard let own = Section(node, as: "'document'", keys: keys, diagnostics) else { return nil }
        let charset = charset(own, "encoding") ?? .utf8
        var layers = layers(own, landing: landing)
        var isCDATA = false
        // What stands outermost in an XML parent is the parent's own escaping.
        switch layers.last {
        case .cdata?:
            isCDATA = true
            layers.removeLast()
        case .escaped? where landing == .xml: layers.removeLast()
        default: break
        }
        let named = (own.node.entries ?? []).filter { MappingCompiler.formats.contains($0.key) && !$0.value.isNull }
        guard let format = named.first, named.count == 1 else {
            diagnostics.error(
                "missing-key", "'document' needs its format, one of \(MappingCompiler.formats.map { "'\($0)'" }.joined(separator: ", "))",
                at: node.place,
                help: "xml: ROOT (the name of the root element), json: object, json: list, form: object, delimited: { … }, or text: $.…")
            return nil
        }
        if own["declaration"] != nil, format.key != "xml" {
            diagnostics.error("wrong-place", "'declaration' belongs to xml", at: own.place(of: "declaration"))
        }
        guard let content = content(format, own, section, name: name) else { return nil }
        return DocumentRule(content: content, charset: charset, layers: layers, isCDATA: isCDATA)
    }

    private func content(_ format: Node.Entry, _ own: Section, _ section: Section, name: String) -> DocumentRule.Content? {
        switch format.key {
        case "xml":
            guard let root = own.string("xml") else { return nil }
            if !XMLCodec.isName(root) {
                diagnostics.error("bad-name", "'\(root)' is no name of an XML element", at: own["xml"]?.place)
            }
            return fields(of: section, .xml).map { .xml(root: root, declaration: own.bool("declaration") ?? true, $0) }
        case "json":
            switch own.choice("json", of: ["object", "list"]) {
            case "object"?: return fields(of: section, .json).map(DocumentRule.Content.object)
            case "list"?:
                guard section.required("each") != nil else { return nil }
                return listRule(section, name: name, landing: .json).map(DocumentRule.Content.list)
            default: return nil
            }
        case "form":
            guard own.choice("form", of: ["object"]) != nil else { return nil }
            return fields(of: section, .form).map(DocumentRule.Content.form)
        case "delimited":
            guard let kind = Section(format.value, as: "'delimited'", keys: MappingCompiler.dialectKeys, diagnostics) else { return nil }
            return delimited(kind, section, name: name).map(DocumentRule.Content.delimited)
        default: return rule(format.value, for: name, landing: .form).map(DocumentRule.Content.text)
        }
    }

    private func fields(of section: Section, _ landing: Landing) -> ObjectRule? {
        section.required("fields").flatMap { object($0, landing: landing) }
    }

    // MARK: Delimited text

    /// The keys that say how delimited text is written.
    static let dialectKeys = ["separator", "rows", "quote", "escape", "escapes", "header", "columns"]

    /// Rows from a section with `fields`, and `each` where there are many.
    private func delimited(_ kind: Section, _ section: Section, name: String) -> DelimitedRule? {
        section.required("fields").flatMap { rows(kind, each: section["each"], cells: $0) }
    }

    /// Rows: one of `cells`, or one for each item of the lists at `each`. `kind` says how they are written, but it may be a kind of call
    /// whose other keys are read elsewhere; where the text is to be read by nobody here, it needs no header.
    func rows(_ kind: Section, each: Node?, cells: Node) -> DelimitedRule? {
        let columns = cells.entries?.map(\.key) ?? []
        guard let dialect = dialect(kind, columns: columns) else { return nil }
        guard let each else {
            return object(cells, landing: .form).map { DelimitedRule(dialect: dialect, rows: .single($0), columns: columns) }
        }
        let (sources, inner) = items(of: each)
        guard let object = inner.object(cells, landing: .form) else { return nil }
        let rule = ListRule(sources: sources, item: .object(object))
        return DelimitedRule(dialect: dialect, rows: .list(rule), columns: columns)
    }

    /// How delimited text is written; `columns` are the fields that a request writes, nil in a reply.
    func dialect(_ section: Section, columns: [String]?) -> DelimitedDialect? {
        func mark(_ key: String, _ fallback: Character?) -> Character? {
            guard let text = section.string(key) else { return fallback }
            if text == "none" { return nil }
            guard text.count == 1, let mark = text.first else {
                diagnostics.error("unknown-value", "'\(key)' is one ASCII character, or none", at: section[key]?.place)
                return fallback
            }
            return mark
        }
        let named = section.strings("columns") ?? []
        var dialect = DelimitedDialect(
            separator: section.string("separator") ?? ",", rowEnd: section.string("rows"), quote: mark("quote", "\""),
            escape: mark("escape", nil), hasHeader: section.bool("header") ?? named.isEmpty, columns: named)
        dialect.escapes = escapes(section["escapes"])
        dialect.first = section.strings("first") ?? []
        // A request's own fields are its columns.
        if dialect.columns.isEmpty, let columns { dialect.columns = columns }
        if let reason = dialect.contradiction {
            diagnostics.error("bad-dialect", "this delimited text could not be read: \(reason)", at: section.node.place)
            return nil
        }
        if let columns { check(named, against: columns, at: section["columns"]) }
        return dialect
    }

    private func escapes(_ node: Node?) -> [Unicode.Scalar: Unicode.Scalar] {
        guard let node else { return [:] }
        var escapes: [Unicode.Scalar: Unicode.Scalar] = [:]
        for entry in node.entries ?? [] {
            let (key, meant) = (Array(entry.key.unicodeScalars), Array((entry.value.text ?? "").unicodeScalars))
            if key.count == 1, meant.count == 1 { escapes[key[0]] = meant[0] }
        }
        if escapes.isEmpty || escapes.count != node.entries?.count {
            diagnostics.error(
                "wrong-type", "'escapes' says for one character each which one it stands for behind the escape", at: node.place,
                help: #"such as  { n: "\n", t: "\t" }"#)
        }
        return escapes
    }

    /// Checks that a list of columns and the fields that fill them name the same.
    func check(_ columns: [String], against fields: [String], at node: Node?) {
        guard let node, !columns.isEmpty else { return }
        var suggested: Set<String> = []
        for column in columns where !fields.contains(column) {
            let near = suggestion(for: column, among: fields.filter { !columns.contains($0) })
            if let near { suggested.insert(near) }
            let help = near.map { "did you mean '\($0)'?" }
            diagnostics.error("unmapped-field", "nothing fills the column '\(column)'", at: node.place, help: help ?? "add it to 'fields'")
        }
        for field in fields where !columns.contains(field) && !suggested.contains(field) {
            let help = suggestion(for: field, among: columns).map { "did you mean '\($0)'?" }
            diagnostics.error("unknown-field", "'columns' has no '\(field)', which 'fields' makes", at: node.place, help: help)
        }
    }
}
