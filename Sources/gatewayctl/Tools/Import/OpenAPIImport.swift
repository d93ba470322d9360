package import Adapters

/// Reads an OpenAPI 3 or Swagger 2 document into a department's file of the kind `rest`.
package struct OpenAPIImport {
    private let document: OpenAPIDocument
    private var fields: OpenAPIFields

    private static let methods = ["get", "post", "put", "patch", "delete", "head", "options", "trace"]

    /// Reads a file.
    package init(_ path: String) throws(ToolFault) {
        document = try OpenAPIDocument(path)
        fields = OpenAPIFields(document)
    }

    /// The names of the operations, for choices.
    package var operationNames: [String] {
        (document.root["paths"]?.entries ?? []).flatMap { path in
            (document.resolved(path.value)?.entries ?? []).filter { Self.methods.contains($0.key) }.map { Self.name($0, path.key) }
        }
    }

    private static func name(_ operation: Node.Entry, _ path: String) -> String {
        operation.value["operationId"]?.text ?? "\(operation.key.uppercased()) \(path)"
    }

    /// The department's file, and what could not be taken over.
    package mutating func text(_ choices: ImportChoices, contract: Contract) throws(ToolFault) -> (text: String, notes: [ImportNote]) {
        for (id, own) in choices.operations {
            if contract.operation(id) == nil {
                let known = contract.operations.map(\.id)
                let near = suggestion(for: id, among: known).map { "did you mean '\($0)'?" } ?? "one of: \(known.joined(separator: ", "))"
                throw ToolFault("the contract has no operation '\(id)'; \(near)")
            }
            if !operationNames.contains(own) {
                let near = suggestion(for: own, among: operationNames).map { "did you mean '\($0)'?" }
                throw ToolFault("the document has no operation '\(own)'; \(near ?? "one of: \(operationNames.joined(separator: ", "))")")
            }
        }
        let department = imported()
        return (ImportedText(department: department, choices: choices, contract: contract).text, department.notes)
    }

    mutating func imported() -> ImportedDepartment {
        var department = ImportedDepartment()
        let title = document.root["info"]?["title"]?.text ?? document.file
        department.origin = ["From \(document.file), '\(title)', by 'gatewayctl import openapi'."]
        let (endpoint, base) = document.address
        department.endpoint = endpoint
        for path in document.root["paths"]?.entries ?? [] {
            guard let item = document.resolved(path.value) else {
                fields.note(path.value, "the path '\(path.key)' is defined elsewhere")
                continue
            }
            let common = item["parameters"]?.items ?? []
            for entry in item.entries ?? [] where Self.methods.contains(entry.key) {
                if let made = operation(entry, base + path.key, path.key, common) { department.operations.append(made) }
            }
        }
        noteServers()
        noteSecurity()
        department.codes = fields.tables
        department.notes = fields.notes.sorted { $0.line < $1.line }
        return department
    }

    // MARK: Operations

    private mutating func operation(_ entry: Node.Entry, _ path: String, _ shown: String, _ common: [Node]) -> ImportedOperation? {
        let node = entry.value
        let method = entry.key.uppercased()
        guard !["OPTIONS", "TRACE"].contains(method) else {
            fields.note(node, "\(method) \(shown) is not taken over")
            return nil
        }
        var parameters: [Node] = []
        for item in (node["parameters"]?.items ?? []) + common {
            guard let one = parameter(item) else { continue }
            // An operation's own parameter takes the place of the path's.
            let isKnown = parameters.contains { $0["name"]?.text == one["name"]?.text && $0["in"]?.text == one["in"]?.text }
            if !isKnown { parameters.append(one) }
        }
        var parts: [String: [ImportedField]] = [:]
        var format: String?
        for parameter in parameters { add(parameter, to: &parts, &format) }
        if let body = node["requestBody"] { requestBody(body, to: &parts, &format) }
        // Only a body of JSON or XML has fields inside fields.
        for key in parts.keys where key != "request" || format == "form" { parts[key] = parts[key]?.map(Self.asText) }
        if let consumed = node["consumes"]?.items?.first?.text ?? document.root["consumes"]?.items?.first?.text, format == "json",
            consumed.contains("xml")
        {
            format = "xml"
        }
        var kind = "method: \(method), path: \(path.contains("{") ? JSONText.quoted(path) : path)"
        if let format, format != "json" { kind += ", body: \(format)" + (format == "xml" ? ", root: CHOOSE" : "") }
        var made = ImportedOperation(
            name: Self.name(entry, shown), place: "\(document.file):\(entry.place.line)", kind: "rest: { \(kind) }")
        made.documentation = (node["summary"]?.text ?? node["description"]?.text).map { text in
            String(text.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(60))
        }
        made.parts = ["path", "query", "headers", "cookies", "request"].compactMap { key in parts[key].map { (key, $0) } }
        made.reply = reply(node)
        for word in ["callbacks", "servers"] where node[word] != nil {
            fields.note(node[word] ?? node, "'\(word)' of \(method) \(shown) is not taken over")
        }
        return made
    }

    private static func asText(_ field: ImportedField) -> ImportedField {
        var field = field
        field.isText = field.children?.isEmpty == false
        return field
    }

    private mutating func parameter(_ node: Node) -> Node? {
        if let resolved = document.resolved(node) { return resolved }
        fields.note(node, "the parameter '\(node["$ref"]?.text ?? "")' is defined nowhere in this document")
        return nil
    }

    private mutating func add(_ parameter: Node, to parts: inout [String: [ImportedField]], _ format: inout String?) {
        let name = parameter["name"]?.text ?? ""
        let isRequired = parameter["required"]?.text == "true"
        let schema = parameter["schema"] ?? parameter
        switch parameter["in"]?.text {
        case "path": parts["path", default: []].append(fields.field(name, schema, isRequired: true))
        case "query": parts["query", default: []].append(fields.field(name, schema, isRequired: isRequired))
        case "header":
            guard !["content-type", "accept", "host", "content-length"].contains(name.lowercased()) else { return }
            parts["headers", default: []].append(fields.field(name, schema, isRequired: isRequired))
        case "cookie": parts["cookies", default: []].append(fields.field(name, schema, isRequired: isRequired))
        case "formData":
            if parameter["type"]?.text == "file" { fields.note(parameter, "the file '\(name)': multipart bodies are not taken over") }
            format = "form"
            parts["request", default: []].append(fields.field(name, schema, isRequired: isRequired))
        case "body":
            format = "json"
            parts["request", default: []] += body(schema, parameter)
        case let place: fields.note(parameter, "the parameter '\(name)' in \(place ?? "nothing") is not taken over")
        }
    }

    private mutating func requestBody(_ node: Node, to parts: inout [String: [ImportedField]], _ format: inout String?) {
        guard let content = document.resolved(node)?["content"]?.entries, !content.isEmpty else {
            return fields.note(node, "a request body without content")
        }
        let known = [("json", "json"), ("x-www-form-urlencoded", "form"), ("xml", "xml")]
        for (mark, word) in known {
            guard let chosen = content.first(where: { $0.key.contains(mark) }) else { continue }
            format = word
            if let schema = chosen.value["schema"] { parts["request", default: []] += body(schema, chosen.value) }
            for other in content where other.key != chosen.key { fields.note(other.value, "the body as \(other.key) is not taken over") }
            return
        }
        for other in content { fields.note(other.value, "the body as \(other.key) is not taken over") }
    }

    private mutating func body(_ schema: Node, _ place: Node) -> [ImportedField] {
        let properties = fields.properties(schema)
        if properties.isEmpty { fields.note(place, "a body that is no object of known fields: 'request' writes an object") }
        return properties
    }

    private mutating func reply(_ node: Node) -> [ImportedField] {
        let responses = node["responses"]?.entries ?? []
        guard let success = responses.first(where: { $0.key.hasPrefix("2") }) ?? responses.first(where: { $0.key == "default" }),
            let response = document.resolved(success.value)
        else {
            fields.note(node, "no response of success that could be read")
            return []
        }
        let content = response["content"]?.entries ?? []
        let schema = response["schema"] ?? content.first { $0.key.contains("json") }?.value["schema"] ?? content.first?.value["schema"]
        guard let schema else { return [] }
        let whole = fields.field("", schema, isRequired: true)
        if whole.isList { return [ImportedField(name: "body", type: whole.type, isList: true, children: whole.children)] }
        return whole.children ?? []
    }

    /// Servers beside the first, and what its address leaves open.
    private mutating func noteServers() {
        guard let servers = document.root["servers"]?.items else { return }
        for variable in servers.first?["variables"]?.entries ?? [] {
            let value = variable.value["default"]?.text ?? "CHOOSE"
            fields.note(variable.value, "the address' variable '\(variable.key)' stands as '\(value)'")
        }
        for other in servers.dropFirst() {
            fields.note(other, "the server '\(other["url"]?.text ?? "")' is not taken over; the first one is")
        }
    }

    private mutating func noteSecurity() {
        let schemes = document.root["components"]?["securitySchemes"]?.entries ?? document.root["securityDefinitions"]?.entries ?? []
        for scheme in schemes {
            let type = scheme.value["type"]?.text ?? ""
            let place = scheme.value["in"]?.text.map { " \($0) '\(scheme.value["name"]?.text ?? "")'" } ?? ""
            fields.note(
                scheme.value, "the security scheme '\(scheme.key)' (\(type)\(place)): CHOOSE 'headers', 'query', 'signing' or 'login'")
        }
    }
}
