internal import Adapters

/// Turns types of an XML schema into fields. Types, elements and groups may contain themselves; every way from one to another goes through
/// `followed`, which ends it.
struct XSDFields {
    let schemas: XSDSchemas
    private(set) var notes: [ImportNote] = []
    private(set) var tables: [ImportedTable] = []
    /// The definitions that are being followed, by kind and name, so that one that contains itself ends.
    private var open: [String] = []
    /// How deep, and how many fields of the message at hand.
    private var depth = 0
    private var count = 0

    private static let encoding = "http://schemas.xmlsoap.org/soap/encoding/"
    private static let depthLimit = 60
    private static let countLimit = 10000

    init(_ schemas: XSDSchemas) { self.schemas = schemas }

    private mutating func note(_ item: XSDSchemas.Item, _ text: String) {
        let note = ImportNote(file: item.file, line: item.element.line, text: text)
        if !notes.contains(note) { notes.append(note) }
    }

    private func inside(_ element: XMLElement, _ item: XSDSchemas.Item) -> XSDSchemas.Item {
        XSDSchemas.Item(element: element, file: item.file, target: item.target, isQualified: item.isQualified)
    }

    // MARK: Following

    /// Follows a definition, unless it is being followed already or there is too much: nil then, with a note at `place`.
    private mutating func followed<Content>(
        _ kind: String, _ name: XMLElement.Name?, at place: XSDSchemas.Item, _ shown: String, _ body: (inout XSDFields) -> Content
    ) -> Content? {
        let key = "\(kind) \(name.map { "{\($0.namespace)}\($0.local)" } ?? "\(place.file):\(depth)")"
        if name != nil, open.contains(key) {
            note(place, "the \(kind) '\(shown)' contains itself; it is followed once")
            return nil
        }
        guard depth < XSDFields.depthLimit else {
            note(place, "the \(kind) '\(shown)' is nested deeper than \(XSDFields.depthLimit) levels; what is inside is not in the file")
            return nil
        }
        if depth == 0 { count = 0 }
        count += 1
        if count == XSDFields.countLimit {
            note(place, "more than \(XSDFields.countLimit) parts of one message; the rest is not in the file")
        }
        guard count < XSDFields.countLimit else { return nil }
        open.append(key)
        depth += 1
        defer {
            open.removeLast()
            depth -= 1
        }
        return body(&self)
    }

    // MARK: Elements and types

    /// An `xsd:element`, global or inside a type.
    mutating func element(_ item: XSDSchemas.Item) -> ImportedField {
        let name = item.element["name"] ?? local(item.element["ref"] ?? "")
        let made = followed("element", nil, at: item, name) { $0.declared(item) }
        if let made { return made }
        var field = ImportedField(name: name, type: "element", children: [])
        field.isCut = true
        return occurring(field, item.element)
    }

    private mutating func declared(_ item: XSDSchemas.Item) -> ImportedField {
        let element = item.element
        if let reference = element["ref"] {
            guard let target = element.resolve(reference).flatMap({ schemas.item("element", $0) }) else {
                note(item, "the element '\(reference)' is defined nowhere that was read")
                return occurring(ImportedField(name: local(reference), type: "unknown"), element)
            }
            if target.target != item.target {
                note(item, "'\(reference)' is of another namespace, \(target.target): give it a prefix under 'namespaces'")
            }
            return occurring(referenced(reference, target, at: item), element)
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

    private mutating func referenced(_ reference: String, _ target: XSDSchemas.Item, at place: XSDSchemas.Item) -> ImportedField {
        let name = XMLElement.Name(target.target, target.element["name"] ?? "")
        if let made = followed("element", name, at: place, reference, { $0.element(target) }) { return made }
        var field = ImportedField(name: name.local, type: reference, children: [])
        field.isCut = true
        return field
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
        let children = followed("type", name, at: inside(element, item), text) { $0.complexType(complex) }
        field.children = children ?? []
        field.isCut = children == nil
        field.typeName = name
    }

    private mutating func simpleType(_ item: XSDSchemas.Item, to field: inout ImportedField, named name: String) {
        let element = item.element
        for kind in ["list", "union"] where !element.children(XSDSchemas.namespace, kind).isEmpty {
            note(item, "xsd:\(kind) of '\(name)' is read as a text")
        }
        guard let restriction = element.children(XSDSchemas.namespace, "restriction").first else { return field.type = name }
        field.type = restriction["base"] ?? name
        let enumerations = restriction.children(XSDSchemas.namespace, "enumeration").filter { $0["value"] != nil }
        guard !enumerations.isEmpty else { return }
        let values = enumerations.compactMap { $0["value"] }
        if values.contains("default") {
            note(item, "the value 'default' of '\(name)' is not in its table: there it stands for all others")
        }
        field.table = tables.keep(name, values, enumerations.map(documentation))
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
            case "sequence", "all":
                let inside = followed("part", nil, at: part, child.name.local) { $0.content(part) }
                fields += (inside ?? []).map { repeated($0, child) }
            case "choice":
                let options = followed("part", nil, at: part, "choice", { $0.content(part) }) ?? []
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
            case "complexContent", "simpleContent": fields += followed("part", nil, at: part, child.name.local) { $0.derived(part) } ?? []
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
        let name = XMLElement.Name(target.target, target.element["name"] ?? "")
        return followed(item.element.name.local, name, at: item, reference) { $0.content(target) } ?? []
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
        field.isRequired = element["minOccurs"] != "0"
        field.isNillable = field.isNillable || ["true", "1"].contains(element["nillable"])
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
        return text.isEmpty ? nil : YAMLText.remark(text)
    }

    private func local(_ text: String) -> String { text.split(separator: ":").last.map(String.init) ?? text }
}
