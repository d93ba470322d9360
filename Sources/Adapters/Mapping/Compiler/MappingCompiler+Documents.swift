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
        // As a text it has the charset of what it stands in, whatever it would have as bytes.
        let isText = own["encoding"] == nil && !layers.contains(where: \.takesBytes)
        guard let content = content(format, own, section, name: name, isText ? bodyCharset : charset) else { return nil }
        return DocumentRule(content: content, charset: charset, around: bodyCharset, layers: layers, isCDATA: isCDATA)
    }

    private func content(
        _ format: Node.Entry, _ own: Section, _ section: Section, name: String, _ charset: Charset
    ) -> DocumentRule.Content? {
        switch format.key {
        case "xml":
            guard let root = own.string("xml") else { return nil }
            if !XMLCodec.isName(root) {
                diagnostics.error("bad-name", "'\(root)' is no name of an XML element", at: own["xml"]?.place)
            }
            PrefixCheck.ofDocument(diagnostics).check(root: root, at: own["xml"]?.place, fields: section["fields"])
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
            return section.required("fields").flatMap { rows(kind, each: section["each"], cells: $0, charset) }.map(
                DocumentRule.Content.delimited)
        default: return rule(format.value, for: name, landing: .form).map(DocumentRule.Content.text)
        }
    }

    private func fields(of section: Section, _ landing: Landing) -> ObjectRule? {
        section.required("fields").flatMap { object($0, landing: landing) }
    }
}
