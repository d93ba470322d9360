internal import Adapters

/// What one operation of the document is in a department's file.
extension OpenAPIImport {
    mutating func operation(_ entry: Node.Entry, base: String, _ shown: String, _ common: [Node]) -> ImportedOperation? {
        let node = entry.value
        let method = entry.key.uppercased()
        guard !["OPTIONS", "TRACE"].contains(method) else {
            fields.note(node, "\(method) \(YAMLText.remark(shown, 100)) is not taken over")
            return nil
        }
        guard let path = path(base + shown, node) else { return nil }
        var parts: [String: [ImportedField]] = [:]
        var format: String?
        var variants: [ImportedVariant] = []
        for parameter in parameters(node, common) { add(parameter, to: &parts, &variants, &format, node) }
        if let body = node["requestBody"] { requestBody(body, to: &parts, &variants, &format) }
        fill(path, &parts, node)
        // Only a body of JSON or XML has fields inside fields.
        for key in parts.keys where key != "request" || format == "form" { parts[key] = parts[key]?.map(Self.asText) }
        var kind = "method: \(method), path: \(YAMLText.address(path))"
        if let format, format != "json" { kind += ", body: \(format)" }
        if format == "xml" { kind += ", root: \(root)" }
        // The choices name operations so, whether they have an id or not.
        var made = ImportedOperation(
            name: "\(method) \(shown)", place: (document.file, entry.place.line), kind: "rest: { \(kind) }")
        made.id = node["operationId"]?.text
        made.documentation = (node["summary"]?.text ?? node["description"]?.text).map { YAMLText.remark($0) }
        made.parts = ["path", "query", "headers", "cookies", "request"].compactMap { key in parts[key].map { (key, $0) } }
        made.format = format ?? "json"
        made.variants = variants
        reply(node, to: &made)
        for word in ["callbacks", "servers"] where node[word] != nil {
            fields.note(node[word] ?? node, "'\(word)' of \(method) \(YAMLText.remark(shown, 100)) is not taken over")
        }
        return made
    }

    private static func asText(_ field: ImportedField) -> ImportedField {
        var field = field
        field.isText = field.children?.isEmpty == false
        return field
    }

    // MARK: Path

    /// A path that the file can hold: its query is cut off, and what no address holds is percent-encoded. Nil, with a note, where its
    /// placeholders cannot be told.
    private mutating func path(_ text: String, _ node: Node) -> String? {
        let cut = text.firstIndex { $0 == "?" || $0 == "#" } ?? text.endIndex
        if cut < text.endIndex { fields.note(node, "'\(YAMLText.remark(String(text[cut...])))' behind the path is not taken over") }
        let path = ImportAddress.encoded(String(text[..<cut]))
        let rest = path.replacing(/\{[^{}]+\}/, with: "")
        guard path.hasPrefix("/"), !rest.contains("{"), !rest.contains("}"), path.utf8.count <= 200 else {
            fields.note(node, "the path '\(YAMLText.remark(text, 100))' is none that a file can hold")
            return nil
        }
        return path
    }

    /// Holds the path's fields to its placeholders, one for each.
    private mutating func fill(_ path: String, _ parts: inout [String: [ImportedField]], _ node: Node) {
        let wanted = path.matches(of: /\{([^{}]+)\}/).map { String($0.1) }
        let given = (parts["path"] ?? []).map { field in
            var field = field
            field.name = ImportAddress.encoded(field.name)
            return field
        }
        for field in given where !wanted.contains(field.name) {
            fields.note(node, "the parameter '\(YAMLText.remark(field.name))' has no place in the path")
        }
        var names: Set<String> = []
        let made = wanted.filter { names.insert($0).inserted }.map { name in
            given.first { $0.name == name } ?? ImportedField(name: name, type: "declared nowhere", isRequired: true)
        }
        parts["path"] = made.isEmpty ? nil : made
    }

    // MARK: Parameters and bodies

    private mutating func parameters(_ node: Node, _ common: [Node]) -> [Node] {
        var parameters: [Node] = []
        for item in (node["parameters"]?.items ?? []) + common {
            guard let one = document.resolved(item) else {
                let reference = YAMLText.remark(item["$ref"]?.text ?? "", 100)
                fields.note(item, "the parameter '\(reference)' is defined nowhere in this document")
                continue
            }
            // An operation's own parameter takes the place of the path's.
            let isKnown = parameters.contains { $0["name"]?.text == one["name"]?.text && $0["in"]?.text == one["in"]?.text }
            if !isKnown { parameters.append(one) }
        }
        return parameters
    }

    private mutating func add(
        _ parameter: Node, to parts: inout [String: [ImportedField]], _ variants: inout [ImportedVariant], _ format: inout String?,
        _ operation: Node
    ) {
        let name = parameter["name"]?.text ?? ""
        let isRequired = parameter["required"]?.text == "true"
        let schema = parameter["schema"] ?? parameter["content"]?.entries?.first?.value["schema"] ?? parameter
        switch parameter["in"]?.text {
        case "path": parts["path", default: []].append(fields.field(name, schema, isRequired: true))
        case "query": parts["query", default: []].append(fields.field(name, schema, isRequired: isRequired))
        case "header":
            guard !["content-type", "accept", "host", "content-length"].contains(name.lowercased()) else { return }
            parts["headers", default: []].append(fields.field(name, schema, isRequired: isRequired))
        case "cookie": parts["cookies", default: []].append(fields.field(name, schema, isRequired: isRequired))
        case "formData":
            if parameter["type"]?.text == "file" {
                fields.note(parameter, "the file '\(YAMLText.remark(name))': multipart bodies are not taken over")
            }
            format = "form"
            parts["request", default: []].append(fields.field(name, schema, isRequired: isRequired))
        case "body":
            let consumed = operation["consumes"]?.items ?? document.root["consumes"]?.items ?? []
            format = consumed.first?.text?.contains("xml") == true ? "xml" : "json"
            parts["request", default: []] += body(schema, parameter, format ?? "json", &variants)
        case let place:
            fields.note(parameter, "the parameter '\(YAMLText.remark(name))' in \(YAMLText.remark(place ?? "nothing")) is not taken over")
        }
    }

    private mutating func requestBody(
        _ node: Node, to parts: inout [String: [ImportedField]], _ variants: inout [ImportedVariant], _ format: inout String?
    ) {
        guard let content = document.resolved(node)?["content"]?.entries, !content.isEmpty else {
            return fields.note(node, "a request body without content")
        }
        let known = [
            ("json", "json", ["application/json"]), ("x-www-form-urlencoded", "form", ["application/x-www-form-urlencoded"]),
            ("xml", "xml", ["application/xml", "text/xml"]),
        ]
        for (mark, word, usual) in known {
            guard let chosen = content.first(where: { $0.key.contains(mark) }) else { continue }
            format = word
            if !usual.contains(where: chosen.key.lowercased().hasPrefix) {
                fields.note(chosen.value, "the body is sent as \(YAMLText.remark(chosen.key)): say so with 'type' beside 'body'")
            }
            if let schema = chosen.value["schema"] { parts["request", default: []] += body(schema, chosen.value, word, &variants) }
            for other in content where other.key != chosen.key { notTaken(other, "body") }
            return
        }
        for other in content { notTaken(other, "body") }
    }

    /// Lists a form of a body, or of a reply, that the file does not have.
    private mutating func notTaken(_ entry: Node.Entry, _ what: String, _ hint: String = "") {
        fields.note(entry.value, "the \(what) as \(YAMLText.remark(entry.key)) is not taken over\(hint)")
    }

    private mutating func body(_ schema: Node, _ place: Node, _ format: String, _ variants: inout [ImportedVariant]) -> [ImportedField] {
        var whole = fields.field("", schema, isRequired: true)
        if whole.isList || whole.children == nil && whole.variants.isEmpty {
            fields.note(place, "a body that is no object of known fields: 'request' writes an object")
        }
        if format == "xml" {
            root = whole.xml.name.flatMap { ImportedXML.isName($0) ? YAMLText.key($0) : nil } ?? "CHOOSE"
            whole = ImportedXML.named(whole)
        }
        variants += whole.variants
        return whole.isList ? [] : whole.children ?? []
    }

    // MARK: Reply

    private mutating func reply(_ node: Node, to made: inout ImportedOperation) {
        let responses = node["responses"]?.entries ?? []
        guard let success = responses.first(where: { $0.key.hasPrefix("2") }) ?? responses.first(where: { $0.key == "default" }),
            let response = document.resolved(success.value)
        else { return fields.note(node, "no response of success that could be read") }
        let headers = (response["headers"]?.entries ?? []).map { YAMLText.remark($0.key.lowercased()) }
        if !headers.isEmpty {
            made.replyRemarks.append("in its head, as $.http.headers['NAME']: \(headers.joined(separator: ", "))")
        }
        guard let (schema, format) = replyContent(node, response) else { return }
        if format != (made.format == "xml" ? "xml" : "json") { made.replyLines.append("as: \(format)") }
        var whole = fields.field("", schema, isRequired: true)
        if format == "xml" {
            let name = whole.xml.name ?? "CHOOSE"
            whole = ImportedXML.named(whole)
            made.replyRoot = "$" + YAMLText.step(name)
        } else if whole.isList {
            made.replyRoot = "$[*]"
            made.replyRemarks.append("the reply is a list:  NAME: { each: $, fields: { … } }  with paths such as \"@.name\" inside")
        }
        // A whole that is one value, or one of several, has paths too.
        (whole.isWhole, whole.isList) = (true, false)
        made.reply = whole.children != nil && whole.variants.isEmpty ? whole.children ?? [] : [whole]
    }

    /// The schema of a reply in a format whose paths can be told.
    private mutating func replyContent(_ node: Node, _ response: Node) -> (schema: Node, format: String)? {
        if let schema = response["schema"] {
            let produced = (node["produces"]?.items ?? document.root["produces"]?.items ?? []).compactMap(\.text)
            let isXML = !produced.contains { $0.contains("json") } && produced.contains { $0.contains("xml") }
            return (schema, isXML ? "xml" : "json")
        }
        let content = response["content"]?.entries ?? []
        // Generators write */* where they do not know; then it is JSON.
        for (mark, format) in [("json", "json"), ("xml", "xml"), ("*/*", "json")] {
            guard let chosen = content.first(where: { $0.key.contains(mark) }) else { continue }
            return chosen.value["schema"].map { ($0, format) }
        }
        for other in content { notTaken(other, "reply", "; CHOOSE 'as: delimited', 'as: form' or 'as: text'") }
        return nil
    }
}

extension ImportedXML {
    /// Whether an element or an attribute can have the name.
    static func isName(_ name: String) -> Bool { XMLCodec.isName(name) && !name.contains(":") }

    /// A field with the names that it and the fields inside have in XML.
    static func named(_ field: ImportedField) -> ImportedField {
        var field = field
        field.children = field.children?.map(named)
        field.variants = field.variants.map { ImportedVariant(name: $0.name, mark: $0.mark, field: named($0.field)) }
        let own = field.xml.name ?? field.name
        guard field.isList else {
            field.name = field.xml.isAttribute && !own.hasPrefix("@") ? "@" + own : own
            return field
        }
        let item = field.xml.item ?? field.name
        guard field.xml.isWrapped else {
            field.name = item
            return field
        }
        var inner = field
        inner.name = item
        return ImportedField(name: own, type: "wrapper", isRequired: field.isRequired, children: [inner])
    }
}
