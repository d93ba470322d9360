internal import Adapters

/// Turns types of an XML schema into fields.
struct XSDFields {
    let schemas: XSDSchemas
    private(set) var notes: [ImportNote] = []
    private(set) var tables: [ImportedTable] = []
    /// The types that are being followed, so that one that contains itself ends.
    private var open: [XMLElement.Name] = []

    private static let encoding = "http://schemas.xmlsoap.org/soap/encoding/"
    private static let depthLimit = 12

    init(_ schemas: XSDSchemas) { self.schemas = schemas }

    private mutating func note(_ item: XSDSchemas.Item, _ text: String) {
        let note = ImportNote(file: item.file, line: item.element.line, text: text)
        if !notes.contains(note) { notes.append(note) }
    }

    private func inside(_ element: XMLElement, _ item: XSDSchemas.Item) -> XSDSchemas.Item {
        XSDSchemas.Item(element: element, file: item.file, target: item.target, isQualified: item.isQualified)
    }

    // MARK: Elements and types

    /// An `xsd:element`, global or inside a type.
    mutating func element(_ item: XSDSchemas.Item) -> ImportedField {
        let element = item.element
        if let reference = element["ref"] {
            guard let target = element.resolve(reference).flatMap({ schemas.item("element", $0) }) else {
                note(item, "the element '\(reference)' is defined nowhere that was read")
                return occurring(ImportedField(name: local(reference), type: "unknown"), element)
            }
            if target.target != item.target {
                note(item, "'\(reference)' is of another namespace, \(target.target): give it a prefix under 'namespaces'")
            }
            return occurring(self.element(target), element)
        }
        if element["substitutionGroup"] != nil { note(item, "the substitution group of '\(element["name"] ?? "")' is not followed") }
        if let form = element["form"], (form == "qualified") != item.isQualified {
            note(item, "'\(element["name"] ?? "")' is \(form), unlike the rest of its schema: the gateway writes all arguments alike")
        }
        var field = ImportedField(name: element["name"] ?? "", type: "anyType")
        if let type = element["type"] {
            apply(type, of: element, item, to: &field)
        } else if let complex = element.children(XSDSchemas.namespace, "complexType").first {
            field.type = "complex type"
            field.children = complexType(inside(complex, item))
        } else if let simple = element.children(XSDSchemas.namespace, "simpleType").first {
            simpleType(inside(simple, item), to: &field, named: field.name)
        }
        field.documentation = documentation(element)
        return occurring(field, element)
    }

    /// Gives a field the type that a text such as `tns:Case` names at an element.
    mutating func apply(_ text: String, of element: XMLElement, _ item: XSDSchemas.Item, to field: inout ImportedField) {
        guard let name = element.resolve(text) else {
            note(inside(element, item), "the prefix of '\(text)' is not declared")
            field.type = text
            return
        }
        field.type = text
        if name.namespace == XSDSchemas.namespace || name.namespace == XSDFields.encoding { return }
        if let simple = schemas.item("simpleType", name) { return simpleType(simple, to: &field, named: name.local) }
        guard let complex = schemas.item("complexType", name) else {
            note(inside(element, item), "the type '\(text)' is defined nowhere that was read")
            return
        }
        guard !open.contains(name), open.count < XSDFields.depthLimit else {
            note(inside(element, item), "the type '\(text)' contains itself; it is followed once")
            field.children = []
            field.typeName = name
            return
        }
        open.append(name)
        let children = complexType(complex)
        open.removeLast()
        field.children = children
        field.typeName = name
    }

    private mutating func simpleType(_ item: XSDSchemas.Item, to field: inout ImportedField, named name: String) {
        let element = item.element
        for kind in ["list", "union"] where !element.children(XSDSchemas.namespace, kind).isEmpty {
            note(item, "xsd:\(kind) of '\(name)' is read as a text")
        }
        guard let restriction = element.children(XSDSchemas.namespace, "restriction").first else { return field.type = name }
        field.type = restriction["base"] ?? name
        let values = restriction.children(XSDSchemas.namespace, "enumeration").compactMap { $0["value"] }
        guard !values.isEmpty else { return }
        var table = name
        var number = 2
        while let known = tables.first(where: { $0.name == table }), known.values != values {
            table = "\(name)\(number)"
            number += 1
        }
        if !tables.contains(where: { $0.name == table }) { tables.append(ImportedTable(name: table, values: values)) }
        field.table = table
    }

    // MARK: Complex types

    /// The attributes and elements of an `xsd:complexType`.
    mutating func complexType(_ item: XSDSchemas.Item) -> [ImportedField] {
        if item.element["mixed"] == "true" { note(item, "mixed content: the text between elements is not in the fields") }
        return content(item)
    }

    private mutating func content(_ item: XSDSchemas.Item) -> [ImportedField] {
        var attributes: [ImportedField] = []
        var fields: [ImportedField] = []
        for child in item.element.children where child.name.namespace == XSDSchemas.namespace {
            let part = inside(child, item)
            switch child.name.local {
            case "sequence", "all": fields += content(part).map { repeated($0, child) }
            case "choice":
                let options = content(part)
                if options.count > 1 {
                    note(part, "a choice: one of \(options.map(\.name).joined(separator: ", ")); all stand in the file")
                }
                fields += options.map { option in
                    var option = repeated(option, child)
                    option.isRequired = false
                    return option
                }
            case "element": fields.append(element(part))
            case "group", "attributeGroup": fields += group(part)
            case "attribute": attributes += attribute(part).map { [$0] } ?? []
            case "complexContent", "simpleContent": fields += derived(part)
            case "any", "anyAttribute": note(part, "xsd:\(child.name.local): what may stand here is open, and is not in the file")
            case "annotation": break
            default: note(part, "xsd:\(child.name.local) is not understood")
            }
        }
        return attributes + fields
    }

    private mutating func group(_ item: XSDSchemas.Item) -> [ImportedField] {
        guard let reference = item.element["ref"] else { return content(item) }
        guard let target = item.element.resolve(reference).flatMap({ schemas.item(item.element.name.local, $0) }) else {
            note(item, "the group '\(reference)' is defined nowhere that was read")
            return []
        }
        return content(target)
    }

    private mutating func attribute(_ item: XSDSchemas.Item) -> ImportedField? {
        let element = item.element
        guard element["use"] != "prohibited", let name = element["name"] ?? element["ref"].map(local) else { return nil }
        if element["ref"] != nil, name == "arrayType" { return nil }
        var field = ImportedField(name: "@" + name, type: element["type"] ?? "attribute", isRequired: element["use"] == "required")
        if let type = element["type"] { apply(type, of: element, item, to: &field) }
        if let simple = element.children(XSDSchemas.namespace, "simpleType").first {
            simpleType(inside(simple, item), to: &field, named: name)
        }
        field.documentation = documentation(element)
        return field
    }

    /// Extensions and restrictions of another type, and the arrays of SOAP 1.1 section 5.
    private mutating func derived(_ item: XSDSchemas.Item) -> [ImportedField] {
        guard let step = item.element.children.first(where: { ["extension", "restriction"].contains($0.name.local) }) else { return [] }
        let part = inside(step, item)
        let base = step["base"] ?? ""
        if let name = step.resolve(base), name == XMLElement.Name(XSDFields.encoding, "Array") { return array(part) }
        if item.element.name.local == "simpleContent" {
            var text = ImportedField(name: "#text", type: base)
            apply(base, of: step, part, to: &text)
            return content(part) + (text.children ?? [text])
        }
        guard step.name.local == "extension" else { return content(part) }
        var inherited = ImportedField(name: "", type: base)
        apply(base, of: step, part, to: &inherited)
        return (inherited.children ?? []) + content(part)
    }

    private mutating func array(_ item: XSDSchemas.Item) -> [ImportedField] {
        let attribute = item.element.children(XSDSchemas.namespace, "attribute").first
        let type = attribute?.attributes.first { $0.name == "arrayType" && $0.namespace != nil }?.value
        guard let attribute, let type else {
            let own = content(item)
            if own.isEmpty { note(item, "an array that does not say of what") }
            return own
        }
        var field = ImportedField(name: "item", type: type, isList: true)
        apply(String(type.prefix { $0 != "[" }), of: attribute, item, to: &field)
        field.type = type
        field.arrayOf = attribute.resolve(String(type.prefix { $0 != "[" }))
        return [field]
    }

    // MARK: Occurrence

    private func occurring(_ field: ImportedField, _ element: XMLElement) -> ImportedField {
        var field = repeated(field, element)
        field.isRequired = element["minOccurs"] != "0" && element["nillable"] != "true"
        return field
    }

    private func repeated(_ field: ImportedField, _ element: XMLElement) -> ImportedField {
        var field = field
        if let most = element["maxOccurs"], most != "0", most != "1" { field.isList = true }
        return field
    }

    private func documentation(_ element: XMLElement) -> String? {
        let text = element.children(XSDSchemas.namespace, "annotation").flatMap { $0.children(XSDSchemas.namespace, "documentation") }
            .map(\.text).joined(separator: " ")
        return text.isEmpty ? nil : text.count > 60 ? text.prefix(59) + "…" : text
    }

    private func local(_ text: String) -> String { text.split(separator: ":").last.map(String.init) ?? text }
}
