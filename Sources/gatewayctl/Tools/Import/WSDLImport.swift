package import Adapters
internal import GatewayCore

/// Reads a WSDL 1.1 into a department's file.
package struct WSDLImport {
    private let document: WSDLDocument
    private let port: WSDLDocument.Port
    private var fields: XSDFields
    private var notes: [ImportNote] = []

    /// Reads a file. Where it has several SOAP ports, `port` says which.
    package init(_ path: String, port wanted: String? = nil) throws(ToolFault) {
        document = try WSDLDocument(path)
        fields = XSDFields(document.schemas)
        let ports = document.ports
        port = try WSDLImport.chosen(wanted, ports, path)
        for other in ports where other.version == nil {
            notes.append(
                ImportNote(file: other.file, line: other.line, text: "the port '\(other.name)' is not SOAP over HTTP"))
        }
    }

    /// How the operations of several ports come into one file.
    private static let joining =
        "for operations of several ports import each, and put them under one 'operations': "
        + "a port's own path stands in its operations, soap: { path: … }, where it wins over that of 'defaults'"

    private static func chosen(_ wanted: String?, _ ports: [WSDLDocument.Port], _ path: String) throws(ToolFault) -> WSDLDocument.Port {
        let usable = ports.filter { $0.version != nil }
        let list = usable.map { port in
            "  \(port.name)   SOAP \(port.version ?? ""), \(port.binding.element["type"] ?? ""), \(port.location ?? "no address") (\(port.file):\(port.line))"
        }.joined(separator: "\n")
        if let wanted {
            if let port = usable.first(where: { $0.name == wanted }) { return port }
            if let other = ports.first(where: { $0.name == wanted }) {
                throw ToolFault("the port '\(wanted)' is not SOAP over HTTP", file: other.file, line: other.line)
            }
            let near = suggestion(for: wanted, among: usable.map(\.name)).map { "; did you mean '\($0)'?" } ?? ""
            throw ToolFault("\(path) has no port '\(wanted)'\(near)\n\(list)")
        }
        guard let first = usable.first else { throw ToolFault("\(path) has no port with a SOAP 1.1 or 1.2 binding") }
        guard usable.count == 1 else {
            throw ToolFault("\(path) has several ports; choose one with --port\n\(list)\n\(WSDLImport.joining)")
        }
        return first
    }

    /// The names of the operations of the port, for choices.
    package var operationNames: [String] {
        port.binding.element.children(WSDLDocument.namespace, "operation").compactMap { $0["name"] }
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
                throw ToolFault(
                    "the port '\(port.name)' has no operation '\(own)'; \(near ?? "one of: \(operationNames.joined(separator: ", "))")")
            }
        }
        let department = imported()
        return (ImportedText(department: department, choices: choices, contract: contract).text, department.notes)
    }

    mutating func imported() -> ImportedDepartment {
        var department = ImportedDepartment()
        department.origin = [
            "From the port '\(port.name)' of \(port.file):\(port.line), SOAP \(port.version ?? "1.1"), by 'gatewayctl import wsdl'."
        ]
        (department.endpoint, department.defaults) = address()
        let binding = port.binding
        let soap = binding.element.children.first { $0.name.local == "binding" }
        if let transport = soap?["transport"], !transport.hasSuffix("/http"), !transport.hasSuffix("/HTTP/") {
            note(binding, soap ?? binding.element, "the transport \(transport) is not HTTP")
        }
        let style = soap?["style"] ?? "document"
        for operation in binding.element.children(WSDLDocument.namespace, "operation") {
            if let made = self.operation(operation, style) { department.operations.append(made) }
        }
        department.codes = fields.tables
        department.notes = document.notes + notes + fields.notes
        department.keepWhatFits()
        department.notes.sort { ($0.file, $0.line) < ($1.file, $1.line) }
        return department
    }

    /// The endpoint, and what of the address all operations have in common.
    private mutating func address() -> (endpoint: String?, defaults: [String]) {
        var (endpoint, path) = ImportAddress.parts(port.location)
        func note(_ text: String) { notes.append(ImportNote(file: port.file, line: port.line, text: text)) }
        if let address = endpoint, UpstreamScheme.read(address) == nil {
            note("the address '\(YAMLText.remark(address, 100))' is none that a file can name")
            endpoint = nil
        }
        path = ImportAddress.encoded(path, braces: true)
        if path.utf8.count > 200 {
            note("the address' path is longer than 200 bytes")
            path = "/"
        }
        var lines = ["soap: { version: \"\(port.version ?? "1.1")\", path: \(YAMLText.address(path)) }"]
        let query = ImportAddress.query(port.location)
        if let fields = query.fields, !fields.isEmpty {
            let pairs = fields.map { "\(YAMLText.key($0.name)): { const: \(JSONText.quoted($0.value)) }" }
            lines.append("query: { \(pairs.joined(separator: ", ")) }")
        } else if query.fields == nil {
            note("the address' query '\(YAMLText.remark(query.text))' is not taken over")
        }
        return (endpoint, lines)
    }

    private mutating func note(_ item: WSDLDocument.Item, _ element: XMLElement, _ text: String) {
        let note = ImportNote(file: item.file, line: element.line, text: text)
        if !notes.contains(note) { notes.append(note) }
    }

    // MARK: Operations

    private mutating func operation(_ bound: XMLElement, _ style: String) -> ImportedOperation? {
        let binding = port.binding
        guard let name = bound["name"] else { return nil }
        guard let type = document.item("portType", binding.element["type"].flatMap(binding.element.resolve)),
            let abstract = type.element.children(WSDLDocument.namespace, "operation").first(where: { $0["name"] == name })
        else {
            note(binding, bound, "the operation '\(name)' is in no port type that was read")
            return nil
        }
        let own = bound.children.first { $0.name.local == "operation" }
        let style = own?["style"] ?? style
        guard let input = input(abstract, type) else { return nil }
        let output = message(abstract, "output")
        if output == nil { note(type, abstract, "the operation '\(name)' is one-way: its reply is empty") }
        let request = bound.children(WSDLDocument.namespace, "input").first
        let call = part(name, style, input, request, type)
        let answer = output.map { part(name + "Response", style, $0, bound.children(WSDLDocument.namespace, "output").first, type) }
        guard ImportedXML.isName(call.wrapper) else {
            note(binding, bound, "the operation '\(YAMLText.remark(name))' is not taken over: its element has no name of one")
            return nil
        }
        for fault in abstract.children(WSDLDocument.namespace, "fault") {
            note(type, fault, "the fault '\(fault["name"] ?? "")': its detail is not in the file; a SOAP Fault is UPSTREAM_REJECTED")
        }
        var made = ImportedOperation(name: name, place: (type.file, abstract.line), kind: kind(call, action(own)))
        made.documentation = abstract.children(WSDLDocument.namespace, "documentation").first.map { YAMLText.remark($0.text) }
        made.format = "xml"
        made.parts = [("request", call.fields)]
        made.replyRoot = "$.Envelope.Body" + YAMLText.step(answer?.wrapper ?? name + "Response")
        made.reply = (answer?.fields ?? []).filter { $0.constant == nil }.map(untyped)
        if let answer, answer.types != nil { encodedReply(answer, &made) }
        return made
    }

    /// The message that calls an operation; nil, with a note, where there is none.
    private mutating func input(_ operation: XMLElement, _ type: WSDLDocument.Item) -> WSDLDocument.Item? {
        if let input = message(operation, "input") { return input }
        let name = YAMLText.remark(operation["name"] ?? "")
        if let missing = operation.children(WSDLDocument.namespace, "input").first?["message"] {
            note(type, operation, "the operation '\(name)': its message '\(missing)' is in no file that was read")
        } else {
            note(
                type, operation, "the operation '\(name)' takes no input message: the department would call, and the gateway does not wait")
        }
        return nil
    }

    /// What SOAP 1.1 section 5 lets a reply look like: values with or without their types, and references to values elsewhere.
    private mutating func encodedReply(_ answer: Content, _ made: inout ImportedOperation) {
        made.isReplyTyped = true
        note(
            port.binding, port.binding.element,
            "rpc/encoded: a reply may hold references (href and multiRef, as Axis 1 answers); the comments at each reply say how they are read"
        )
        made.replyRemarks.append(
            "a text stands at '#text' where it has attributes besides its type, such as an id, and at the element itself where not")
        let whole = answer.fields.first { $0.typeName != nil }
        guard let whole, let type = whole.typeName, let inside = whole.children?.first(where: { $0.constant == nil }) else { return }
        let many = "$.Envelope.Body.multiRef[?match(@['@type'], '.*:\(type.local)')]"
        // A text with its type alone beside it stands at the element itself.
        let others = inside.children?.filter { $0.constant == nil }.map(\.name) ?? []
        let step = YAMLText.step(inside.name) + (others.contains("#text") && others != ["#text"] ? "['#text']" : "")
        let from = [many + step, "$.Envelope.Body.multiRef" + step].map(JSONText.quoted).joined(separator: ", ")
        made.replyRemarks += [
            "where \(whole.name) has nothing but an href, its values stand in elements multiRef beside it, told by their type:",
            "  { from: [\(from)] }   the second where there is one multiRef only",
            "  and in a condition  value(\(many)\(step)) == …",
        ]
    }

    private mutating func action(_ own: XMLElement?) -> String? {
        guard let own, let action = own["soapAction"], !action.isEmpty else { return nil }
        if action.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) { return action }
        note(port.binding, own, "the soapAction '\(YAMLText.remark(action))' is no URI and is not taken over")
        return nil
    }

    /// A part of a message as it stands in the Body: the element around its fields.
    private struct Content {
        var wrapper: String
        var namespace: String
        var isQualified = false
        /// The prefixes of types, where values have them beside them.
        var types: EncodedTypes?
        var fields: [ImportedField] = []
        var headers: [ImportedField] = []
    }

    private func kind(_ call: Content, _ action: String?) -> String {
        var parts = ["operation: \(YAMLText.key(call.wrapper))", "namespace: \(JSONText.quoted(call.namespace))"]
        if let action { parts.append("action: \(JSONText.quoted(action))") }
        if call.isQualified { parts.append("qualified: true") }
        if let types = call.types {
            let order = { (prefix: String) in ["xsi", "xsd", "soapenc"].firstIndex(of: prefix).map { "\($0)" } ?? prefix }
            let declared = types.prefixes.sorted { order($0.value) < order($1.value) }
            parts.append(
                "namespaces: { " + declared.map { "\($0.value): \(JSONText.quoted($0.key))" }.joined(separator: ", ") + " }")
        }
        if !call.headers.isEmpty {
            let fields = call.headers.map { "\(YAMLText.key($0.name)): { const: \"\" }" }.joined(separator: ", ")
            parts.append("header: { \(fields) }")
        }
        return "soap: { \(parts.joined(separator: ", ")) }"
    }

    private func message(_ operation: XMLElement, _ kind: String) -> WSDLDocument.Item? {
        guard let element = operation.children(WSDLDocument.namespace, kind).first else { return nil }
        return document.item("message", element["message"].flatMap(element.resolve))
    }

    private mutating func part(
        _ name: String, _ style: String, _ message: WSDLDocument.Item, _ bound: XMLElement?, _ type: WSDLDocument.Item
    ) -> Content {
        let body = bound?.children.first { $0.name.local == "body" }
        var content = Content(wrapper: name, namespace: type.target)
        content.headers = headers(bound, message)
        for extra in bound?.children ?? [] where !["body", "header"].contains(extra.name.local) {
            note(port.binding, extra, "\(extra.name.local) (\(extra.name.namespace)) is not understood")
        }
        let chosen = body?["parts"]?.split(separator: " ").map(String.init)
        let parts = message.element.children(WSDLDocument.namespace, "part").filter { part in
            chosen.map { $0.contains(part["name"] ?? "") } ?? true
        }
        if style == "rpc" {
            content.namespace = body?["namespace"] ?? type.target
            content.fields = parts.map { argument($0, message) }
            if body?["use"] == "encoded" {
                var types = EncodedTypes()
                content.fields = content.fields.map { types.typed($0) }
                content.types = types
                content.fields.insert(
                    ImportedField(
                        name: "@soapenv:encodingStyle", type: "", constant: EncodedTypes.encoding), at: 0)
            }
        } else {
            documentContent(parts, message, &content)
        }
        return content
    }

    /// `document`: one part, whose element stands in the Body.
    private mutating func documentContent(_ parts: [XMLElement], _ message: WSDLDocument.Item, _ content: inout Content) {
        guard let part = parts.first else { return }
        for extra in parts.dropFirst() {
            note(message, extra, "a second part in a document message: only the first is in the file")
        }
        guard let name = part["element"].flatMap(part.resolve) else {
            note(
                message, part,
                "a part with a type in a document message: the Body has no element of a known name; '\(content.wrapper)' is a guess")
            content.fields = [argument(part, message)]
            return
        }
        content.wrapper = name.local
        content.namespace = name.namespace
        guard let item = document.schemas.item("element", name) else {
            note(message, part, "the element '\(name.local)' is defined nowhere that was read")
            return
        }
        content.isQualified = item.isQualified
        let field = fields.element(item)
        content.fields = field.children ?? [ImportedField(name: "#text", type: field.type, isRequired: true, table: field.table)]
    }

    /// A part of an rpc message, which is an element of its own name in no namespace.
    private mutating func argument(_ part: XMLElement, _ message: WSDLDocument.Item) -> ImportedField {
        var field = ImportedField(name: part["name"] ?? "", type: "anyType", isRequired: true)
        let item = XSDSchemas.Item(element: part, file: message.file, target: message.target, isQualified: false)
        if let type = part["type"] {
            fields.apply(type, of: part, item, to: &field)
        } else if let name = part["element"].flatMap(part.resolve), let element = document.schemas.item("element", name) {
            note(message, part, "a part with an element in an rpc message; it stands under its own name")
            field = fields.element(element)
        }
        return field
    }

    /// A reply's value as the gateway's tree has it, without the types that a request has beside every value.
    private func untyped(_ field: ImportedField) -> ImportedField {
        var field = field
        let isTyped = field.children?.contains { $0.constant != nil } == true
        field.children = field.children?.filter { $0.constant == nil }.map(untyped)
        if isTyped, field.children?.map(\.name) == ["#text"] { field.children = nil }
        return field
    }

    private mutating func headers(_ bound: XMLElement?, _ message: WSDLDocument.Item) -> [ImportedField] {
        (bound?.children ?? []).filter { $0.name.local == "header" }.compactMap { header in
            let named = document.item("message", header["message"].flatMap(header.resolve)) ?? message
            let part = named.element.children(WSDLDocument.namespace, "part").first { $0["name"] == header["part"] }
            guard let part, let name = part["element"].flatMap(part.resolve) else {
                note(port.binding, header, "the header '\(header["part"] ?? "")' has no element of a known name")
                return nil
            }
            guard ImportedXML.isName(name.local) else {
                note(named, part, "the header '\(YAMLText.remark(name.local))' has no name of an element")
                return nil
            }
            note(named, part, "the header '\(name.local)' of \(name.namespace) stands under 'header': CHOOSE its content and prefix")
            return ImportedField(name: name.local, type: "header")
        }
    }
}
