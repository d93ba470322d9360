package import Adapters
internal import GatewayCore

/// Reads an OpenAPI 3 or Swagger 2 document into a department's file of the kind `rest`.
package struct OpenAPIImport {
    let document: OpenAPIDocument
    var fields: OpenAPIFields
    /// The root element of the XML body at hand.
    var root = "CHOOSE"

    static let methods = ["get", "post", "put", "patch", "delete", "head", "options", "trace"]

    /// Reads a file.
    package init(_ path: String) throws(ToolFault) {
        document = try OpenAPIDocument(path)
        fields = OpenAPIFields(document)
    }

    /// The names of the operations, for choices.
    package var operationNames: [String] {
        named.map(\.name)
    }

    /// The operations: each by its id where it has one, and by method and path.
    private var named: [(name: String, path: String)] {
        (document.root["paths"]?.entries ?? []).flatMap { path in
            (document.resolved(path.value)?.entries ?? []).filter { Self.methods.contains($0.key) }.map { entry in
                let name = "\(entry.key.uppercased()) \(path.key)"
                return (entry.value["operationId"]?.text ?? name, name)
            }
        }
    }

    /// The department's file, and what could not be taken over.
    package mutating func text(_ choices: ImportChoices, contract: Contract) throws(ToolFault) -> (text: String, notes: [ImportNote]) {
        var choices = choices
        let named = named
        for (index, choice) in choices.operations.enumerated() {
            let (id, own) = choice
            if contract.operation(id) == nil {
                let known = contract.operations.map(\.id)
                let near = suggestion(for: id, among: known).map { "did you mean '\($0)'?" } ?? "one of: \(known.joined(separator: ", "))"
                throw ToolFault("the contract has no operation '\(id)'; \(near)")
            }
            guard let found = named.first(where: { $0.name == own }) ?? named.first(where: { $0.path == own }) else {
                let near = suggestion(for: own, among: named.map(\.name) + named.map(\.path)).map { "did you mean '\($0)'?" }
                throw ToolFault(
                    "the document has no operation '\(own)'; \(near ?? "one of: \(named.map(\.name).joined(separator: ", "))")")
            }
            choices.operations[index].own = found.path
        }
        let department = imported()
        return (ImportedText(department: department, choices: choices, contract: contract).text, department.notes)
    }

    mutating func imported() -> ImportedDepartment {
        var department = ImportedDepartment()
        let title = YAMLText.remark(document.root["info"]?["title"]?.text ?? document.file, 100)
        department.origin = ["From \(document.file), '\(title)', by 'gatewayctl import openapi'."]
        let (endpoint, base) = address()
        department.endpoint = endpoint
        for path in document.root["paths"]?.entries ?? [] {
            guard let item = document.resolved(path.value) else {
                fields.note(path.value, "the path '\(path.key)' is defined elsewhere")
                continue
            }
            let common = item["parameters"]?.items ?? []
            for entry in item.entries ?? [] where Self.methods.contains(entry.key) {
                if let made = operation(entry, base: base, path.key, common) { department.operations.append(made) }
            }
        }
        noteServers()
        department.security = security()
        department.codes = fields.tables
        department.notes = fields.notes
        department.keepWhatFits()
        department.notes.sort { $0.line < $1.line }
        return department
    }

    // MARK: Address

    /// Where the service is, and what stands before every path. An address that no file could name is listed.
    private mutating func address() -> (endpoint: String?, base: String) {
        let (endpoint, base) = document.address
        guard let endpoint else { return (nil, base) }
        if UpstreamScheme.read(endpoint) != nil { return (endpoint, base) }
        let place = document.root["servers"]?.items?.first ?? document.root["host"] ?? document.root
        fields.note(place, "the address '\(YAMLText.remark(endpoint, 100))' is none that a file can name")
        return (nil, base)
    }

    /// Servers beside the first, and what its address leaves open.
    private mutating func noteServers() {
        guard let servers = document.root["servers"]?.items else { return }
        for variable in servers.first?["variables"]?.entries ?? [] {
            let value = variable.value["default"]?.text ?? "CHOOSE"
            fields.note(variable.value, "the address' variable '\(YAMLText.remark(variable.key))' stands as '\(value)'")
        }
        for other in servers.dropFirst() {
            fields.note(other, "the server '\(YAMLText.remark(other["url"]?.text ?? "", 100))' is not taken over; the first one is")
        }
    }
}
