extension MappingCompiler {
    // MARK: Delimited text

    /// The keys that say how delimited text is written.
    static let dialectKeys = separatedKeys + ["rows", "widths", "counted"]
    private static let separatedKeys = ["separator", "quote", "escape", "escapes", "header", "columns"]

    /// Rows: one of `cells`, or one for each item of the lists at `each`. `kind` says how they are written, but it may be a kind of call
    /// whose other keys are read elsewhere; where the text is to be read by nobody here, it needs no header.
    func rows(_ kind: Section, each: Node?, cells: Node, _ charset: Charset) -> DelimitedRule? {
        let columns = cells.entries?.map(\.key) ?? []
        guard let dialect = dialect(kind, columns: columns) else { return nil }
        guard let each else {
            return object(cells, landing: .form).map {
                DelimitedRule(dialect: dialect, rows: .single($0), columns: columns, charset: charset)
            }
        }
        let (sources, inner) = items(of: each)
        guard let object = inner.object(cells, landing: .form) else { return nil }
        let rule = ListRule(sources: sources, item: .object(object))
        return DelimitedRule(dialect: dialect, rows: .list(rule), columns: columns, charset: charset)
    }

    /// How delimited text is written; `columns` are the fields that a request writes, nil in a reply.
    func dialect(_ section: Section, columns: [String]?) -> DelimitedDialect? {
        if section["widths"] != nil { return widths(section, columns) }
        for key in ["counted", "last"] where section[key] != nil {
            diagnostics.error("wrong-place", "'\(key)' belongs to columns of fixed 'widths'", at: section.place(of: key))
        }
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

    // MARK: Fixed widths

    /// Columns of fixed widths.
    private func widths(_ section: Section, _ columns: [String]?) -> DelimitedDialect? {
        for key in Self.separatedKeys where section[key] != nil {
            diagnostics.error("wrong-place", "'\(key)' means nothing beside 'widths'", at: section.place(of: key))
        }
        guard let rows = section["widths"].flatMap({ fixed($0, "widths") }) else { return nil }
        var widths = FixedWidths(rows)
        widths.first = section["first"].flatMap { fixed($0, "first") } ?? []
        widths.last = section["last"].flatMap { fixed($0, "last") } ?? []
        widths.countsCharacters = section.choice("counted", of: ["bytes", "characters"]) == "characters"
        let names = rows.map(\.name)
        var dialect = DelimitedDialect(rowEnd: section.string("rows"), quote: nil, hasHeader: false, columns: names)
        if dialect.rowEnd?.isEmpty == true {
            diagnostics.error("wrong-value", "'rows' is what ends a row, and cannot be empty", at: section.place(of: "rows"))
        }
        dialect.widths = widths
        if let columns { check(names, against: columns, at: section["widths"]) }
        return dialect
    }

    private func fixed(_ node: Node, _ key: String) -> [FixedWidths.Column]? {
        guard let entries = node.entries, !entries.isEmpty else {
            diagnostics.error(
                "wrong-type", "'\(key)' is a mapping of columns and their widths, not \(node.kindName)", at: node.place,
                help: #"such as  { xm: 30, je: { width: 12, left: "0" } }"#)
            return nil
        }
        let columns = entries.compactMap { fixed($0, in: node) }
        return columns.count == entries.count ? columns : nil
    }

    private func fixed(_ entry: Node.Entry, in node: Node) -> FixedWidths.Column? {
        guard entry.value.entries != nil else {
            guard let width = entry.value.text.flatMap({ Int($0) }), (1...10_000).contains(width) else {
                diagnostics.error(
                    "wrong-value", "'\(entry.key)' needs its width, from 1 to 10000", at: entry.value.place,
                    help: "such as  \(entry.key): 30  or  \(entry.key): { width: 12, left: \"0\" }")
                return nil
            }
            return FixedWidths.Column(entry.key, width: width)
        }
        guard let section = Section(entry.value, as: "'\(entry.key)'", keys: ["width", "left", "right"], diagnostics),
            section.required("width") != nil, let width = section.integer("width", in: 1...10_000)
        else { return nil }
        if section["left"] != nil, let right = section["right"] {
            diagnostics.error("two-defaults", "a column is filled on the left or on the right", at: right.place, help: "keep one")
            return nil
        }
        let fill = Array((section.string("left") ?? section.string("right") ?? " ").unicodeScalars)
        guard fill.count == 1, let scalar = fill.first, scalar.isASCII, scalar.value >= 0x20, scalar.value != 0x7F else {
            diagnostics.error("wrong-value", "a column is filled with one ASCII character", at: entry.value.place, help: #"such as  "0""#)
            return nil
        }
        return FixedWidths.Column(entry.key, width: width, fill: scalar, fillsLeft: section["left"] != nil)
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
            diagnostics.error(
                "unknown-field", "'\(node.entries == nil ? "columns" : "widths")' has no '\(field)', which 'fields' makes", at: node.place,
                help: help)
        }
    }
}
