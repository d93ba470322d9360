internal import Adapters

/// Turns JSON schemas of an OpenAPI document into fields. Schemas may contain themselves by any way that leads from one to another; every
/// such way goes through `followed`, which ends it.
struct OpenAPIFields {
    let document: OpenAPIDocument
    private(set) var notes: [ImportNote] = []
    private(set) var tables: [ImportedTable] = []
    /// The schemas that are being followed, by their places.
    private var open: [String] = []
    /// How many were followed for the body or parameter at hand.
    private var count = 0

    private static let depthLimit = 24
    private static let countLimit = 5000

    init(_ document: OpenAPIDocument) { self.document = document }

    mutating func note(_ node: Node, _ text: String) {
        let note = ImportNote(file: document.file, line: node.place.line, text: text)
        if !notes.contains(note) { notes.append(note) }
    }

    // MARK: Following

    /// A named field from its schema.
    mutating func field(_ name: String, _ schema: Node, isRequired: Bool) -> ImportedField {
        var field = ImportedField(name: name, type: "any", isRequired: isRequired)
        if open.isEmpty { count = 0 }
        guard let node = document.resolved(schema) else {
            note(schema, "the reference '\(schema["$ref"]?.text ?? "")' of \(shown(name)) leads nowhere in this document")
            return field
        }
        guard isFollowed(schema, node, name) else {
            field.type = node["items"] == nil ? "object" : "any"
            field.isCut = true
            return field
        }
        count += 1
        open.append(OpenAPIFields.place(node))
        fill(&field, node)
        open.removeLast()
        if field.xml.name == nil, name.isEmpty { field.xml.name = OpenAPIFields.title(schema) }
        return field
    }

    private mutating func isFollowed(_ schema: Node, _ node: Node, _ name: String) -> Bool {
        if schema["$ref"] != nil, open.contains(OpenAPIFields.place(node)) {
            note(schema, "\(shown(name)) contains itself; it is followed once")
            return false
        }
        if open.count >= OpenAPIFields.depthLimit {
            note(schema, "\(shown(name)) is nested deeper than \(OpenAPIFields.depthLimit) levels; what is inside is not in the file")
            return false
        }
        if count == OpenAPIFields.countLimit {
            count += 1
            note(schema, "more than \(OpenAPIFields.countLimit) fields in one body; the rest is not in the file")
        }
        return count < OpenAPIFields.countLimit
    }

    private static func place(_ node: Node) -> String { "\(node.place.line):\(node.place.column)" }

    /// What a reference calls its schema.
    private static func title(_ schema: Node) -> String? {
        schema["$ref"]?.text?.split(separator: "/").last.map { String($0).replacing("~1", with: "/").replacing("~0", with: "~") }
    }

    private func shown(_ name: String) -> String { name.isEmpty ? "a whole body" : "'\(YAMLText.remark(name))'" }

    // MARK: Schemas

    private mutating func fill(_ field: inout ImportedField, _ node: Node) {
        field.documentation = node["description"]?.text.map { YAMLText.remark($0) }
        for word in ["not", "patternProperties"] where node[word] != nil {
            note(node[word] ?? node, "'\(word)' of \(shown(field.name)) is not taken over")
        }
        let types = node["type"]?.items?.compactMap(\.text) ?? []
        let type = node["type"]?.text ?? types.first { $0 != "null" }
        field.isNillable = node["nullable"]?.text == "true" || types.contains("null")
        xml(&field, node)
        if let items = node["items"] { return list(&field, items) }
        field.type = [type, node["format"]?.text].compactMap(\.self).joined(separator: " ")
        if field.type.isEmpty { field.type = "any" }
        for part in node["allOf"]?.items ?? [] { merge(self.field(field.name, part, isRequired: true), into: &field) }
        choose(&field, node)
        for entry in node["properties"]?.entries ?? [] {
            merge(self.field(entry.key, entry.value, isRequired: false), named: entry.key, into: &field)
        }
        let required = Set(node["required"]?.items?.compactMap(\.text) ?? [])
        field.children = field.children?.map { child in
            var child = child
            child.isRequired = child.isRequired || required.contains(child.name)
            return child
        }
        if field.children != nil { field.type = "object" }
        if field.type == "object", field.children == nil, field.variants.isEmpty, !field.isCut {
            note(node, "\(shown(field.name)) is an object of unknown fields")
        }
        enumeration(&field, node)
    }

    private mutating func list(_ field: inout ImportedField, _ items: Node) {
        let item = self.field(field.name, items, isRequired: field.isRequired)
        (field.type, field.children, field.table, field.isList) = (item.type, item.children, item.table, true)
        (field.variants, field.isCut, field.xml.item) = (item.variants, item.isCut, item.xml.name)
    }

    private func xml(_ field: inout ImportedField, _ node: Node) {
        guard let xml = node["xml"] else { return }
        field.xml.name = xml["name"]?.text
        field.xml.isAttribute = xml["attribute"]?.text == "true"
        field.xml.isWrapped = xml["wrapped"]?.text == "true"
    }

    /// A property; one of the same name before it goes.
    private func merge(_ child: ImportedField, named name: String, into field: inout ImportedField) {
        if field.children == nil { field.children = [] }
        if let known = field.children?.firstIndex(where: { $0.name == name }) { field.children?.remove(at: known) }
        field.children?.append(child)
    }

    /// What a part of `allOf` adds: its fields, or what it is.
    private func merge(_ part: ImportedField, into field: inout ImportedField) {
        for child in part.children ?? [] { merge(child, named: child.name, into: &field) }
        field.variants += part.variants
        field.isCut = field.isCut || part.isCut
        field.documentation = field.documentation ?? part.documentation
        if part.type != "any", field.type == "any" {
            (field.type, field.table, field.isList) = (part.type, part.table, part.isList)
        }
    }

    // MARK: One of several

    /// `oneOf` and `anyOf`: a single one beside null is what the field is, several are variants.
    private mutating func choose(_ field: inout ImportedField, _ node: Node) {
        var options: [Node] = []
        for word in ["oneOf", "anyOf"] {
            let own = node[word]?.items ?? []
            let kept = own.filter { $0["type"]?.text != "null" }
            if kept.count < own.count { field.isNillable = true }
            if kept.count > 1 {
                let hint = "its variants stand in comments; CHOOSE one, or several with 'first' and 'when'"
                note(node[word] ?? node, "'\(word)' of \(shown(field.name)): \(hint)")
            }
            options += kept
        }
        if options.count == 1, let only = options.first {
            return merge(self.field(field.name, only, isRequired: field.isRequired), into: &field)
        }
        let discriminator = node["discriminator"]
        if options.isEmpty {
            if let discriminator { note(discriminator, "'discriminator' of \(shown(field.name)) is not taken over") }
            return
        }
        for (index, option) in options.enumerated() {
            let name = OpenAPIFields.title(option) ?? option["title"]?.text ?? "variant \(index + 1)"
            let made = self.field(field.name, option, isRequired: true)
            field.variants.append(ImportedVariant(name: name, mark: mark(discriminator, option, name), field: made))
        }
    }

    /// The field that tells a variant, and its values: those that `mapping` leads to it, the one that its own schema allows, or its name.
    private func mark(_ discriminator: Node?, _ option: Node, _ name: String) -> (field: String, values: [String])? {
        guard let discriminator, let property = discriminator["propertyName"]?.text ?? discriminator.text else { return nil }
        let reference = option["$ref"]?.text
        let values = (discriminator["mapping"]?.entries ?? []).filter { entry in
            entry.value.text.map { $0 == reference || $0 == name } ?? false
        }
        guard values.isEmpty else { return (property, values.map(\.key)) }
        return (property, [said(property, by: option) ?? name])
    }

    /// The one value that a variant's own schema allows its field, itself or in one of the parts that it is made of.
    private func said(_ property: String, by option: Node) -> String? {
        guard let schema = document.resolved(option) else { return nil }
        for part in [schema] + (schema["allOf"]?.items ?? []).compactMap(document.resolved) {
            guard let field = part["properties"]?[property].flatMap(document.resolved) else { continue }
            if let value = field["const"]?.value.scalarText { return value }
            // Several are those of all variants, in a part that they share.
            let values = (field["enum"]?.items ?? []).compactMap { $0.value.scalarText }
            if values.count == 1 { return values[0] }
        }
        return nil
    }

    private mutating func enumeration(_ field: inout ImportedField, _ node: Node) {
        let items = (node["enum"]?.items ?? []).filter { !$0.isNull }
        let values = items.compactMap { $0.value.scalarText }
        guard !values.isEmpty, values.count == items.count else { return }
        let words = ["x-enum-descriptions", "x-enumDescriptions", "x-enum-varnames", "x-enumNames"]
        let texts = words.lazy.compactMap { node[$0]?.items }.first
        if values.contains("default") {
            note(node, "the value 'default' of \(shown(field.name)) is not in its table: there it stands for all others")
        }
        field.table = tables.keep(field.name, values, texts?.map { $0.text.map { YAMLText.remark($0) } } ?? [])
    }
}
