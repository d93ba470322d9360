internal import Adapters

/// Turns JSON schemas of an OpenAPI document into fields.
struct OpenAPIFields {
    let document: OpenAPIDocument
    private(set) var notes: [ImportNote] = []
    private(set) var tables: [ImportedTable] = []
    private var open: [String] = []

    private static let depthLimit = 10

    init(_ document: OpenAPIDocument) { self.document = document }

    mutating func note(_ node: Node, _ text: String) {
        let note = ImportNote(file: document.file, line: node.place.line, text: text)
        if !notes.contains(note) { notes.append(note) }
    }

    /// A named field from its schema.
    mutating func field(_ name: String, _ schema: Node, isRequired: Bool) -> ImportedField {
        var field = ImportedField(name: name, type: "any", isRequired: isRequired)
        let reference = schema["$ref"]?.text
        guard let node = document.resolved(schema) else {
            note(schema, "the reference '\(reference ?? "")' of '\(name)' leads nowhere in this document")
            return field
        }
        if let reference, open.contains(reference) || open.count > OpenAPIFields.depthLimit {
            note(schema, "'\(name)' contains itself; it is followed once")
            field.type = "object"
            return field
        }
        if let reference { open.append(reference) }
        fill(&field, node)
        if reference != nil { open.removeLast() }
        return field
    }

    private mutating func fill(_ field: inout ImportedField, _ node: Node) {
        field.documentation = node["description"]?.text.map { text in
            let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            return line.count > 60 ? line.prefix(59) + "…" : line
        }
        for word in ["oneOf", "anyOf", "not", "discriminator", "patternProperties", "xml"] where node[word] != nil {
            note(node[word] ?? node, "'\(word)' of \(field.name.isEmpty ? "a whole body" : "'\(field.name)'") is not taken over")
        }
        let type = node["type"]?.text ?? node["type"]?.items?.compactMap(\.text).first { $0 != "null" }
        if let items = node["items"] {
            let item = self.field(field.name, items, isRequired: field.isRequired)
            (field.type, field.children, field.table, field.isList) = (item.type, item.children, item.table, true)
            return
        }
        let properties = properties(node)
        if !properties.isEmpty || type == "object" || node["allOf"] != nil {
            field.type = "object"
            field.children = properties.isEmpty ? nil : properties
            if properties.isEmpty { note(node, "'\(field.name)' is an object of unknown fields") }
            return
        }
        field.type = [type, node["format"]?.text].compactMap(\.self).joined(separator: " ")
        if field.type.isEmpty { field.type = "any" }
        enumeration(&field, node)
    }

    private mutating func enumeration(_ field: inout ImportedField, _ node: Node) {
        let values = (node["enum"]?.items ?? []).compactMap { $0.value.scalarText }
        guard !values.isEmpty else { return }
        var table = field.name
        var number = 2
        while let known = tables.first(where: { $0.name == table }), known.values != values {
            table = "\(field.name)\(number)"
            number += 1
        }
        if !tables.contains(where: { $0.name == table }) { tables.append(ImportedTable(name: table, values: values)) }
        field.table = table
    }

    /// The fields of an object's schema, those of `allOf` before its own.
    mutating func properties(_ schema: Node) -> [ImportedField] {
        guard let node = document.resolved(schema) else {
            note(schema, "the reference '\(schema["$ref"]?.text ?? "")' leads nowhere in this document")
            return []
        }
        var fields = (node["allOf"]?.items ?? []).flatMap { properties($0) }
        let required = node["required"]?.items?.compactMap(\.text) ?? []
        for entry in node["properties"]?.entries ?? [] {
            fields.removeAll { $0.name == entry.key }
            fields.append(field(entry.key, entry.value, isRequired: required.contains(entry.key)))
        }
        return fields
    }
}
