/// SOAP 1.1 and 1.2 over HTTP: one operation element with arguments by name, in the order of the file.
struct SoapKind: AdapterKind {
    static let word = "soap"
    static let keys = ["headers", "query"] + RequestCredentials.keys
    private static let sectionKeys = [
        "version", "path", "operation", "namespace", "qualified", "action", "header", "namespaces", "charset", "label",
    ]

    private let parts: HTTPParts
    private let operation: String
    private let namespace: String
    private let isQualified: Bool
    private let namespaces: [(prefix: String, uri: String)]
    private let header: ObjectRule?
    private let arguments: ObjectRule
    private let isVersion12: Bool
    private let action: String
    private let label: String
    let replyFormat = ReplyFormat.xml
    let isSOAP = true

    init?(_ operation: Section, _ compiler: MappingCompiler) {
        guard let node = operation[Self.word], let kind = Section(node, as: "'soap'", keys: Self.sectionKeys, compiler.diagnostics) else {
            return nil
        }
        let charset = compiler.charset(kind, "charset") ?? .utf8
        let name = kind.requiredString("operation")
        let namespace = kind.requiredString("namespace")
        if let name, !XMLCodec.isName(name) || name.contains(":") {
            compiler.diagnostics.error("bad-name", "'\(name)' is no name of an XML element", at: kind["operation"]?.place)
        }
        let arguments = operation["request"].map { compiler.object($0, landing: .xml) } ?? ObjectRule(fields: [])
        guard let parts = HTTPParts(kind, operation, compiler, charset: charset, method: "POST"), let name, let namespace, let arguments
        else {
            return nil
        }
        self.parts = parts
        self.operation = name
        self.namespace = namespace
        self.arguments = arguments
        isQualified = kind.bool("qualified") ?? false
        isVersion12 = kind.choice("version", of: ["1.1", "1.2"]) == "1.2"
        action = SoapKind.action(kind) ?? ""
        label = FormKind.label(kind) ?? charset.name
        header = kind["header"].flatMap { compiler.object($0, landing: .xml) }
        namespaces = (kind["namespaces"]?.entries ?? []).compactMap { entry in entry.value.text.map { (entry.key, $0) } }
        let known = PrefixCheck.usual.union(["soapenv"] + (isQualified ? [] : ["ser"]) + namespaces.map(\.prefix))
        let check = PrefixCheck(compiler.diagnostics) { "declare it:  soap: { namespaces: { \($0): \"…\" } }" }
        for node in [kind["header"], operation["request"]] { check.check(node, known) }
    }

    private static func action(_ kind: Section) -> String? {
        guard let action = kind.string("action") else { return nil }
        if action.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }) { return action }
        kind.diagnostics.error("bad-name", "a SOAPAction is a URI", at: kind["action"]?.place)
        return nil
    }

    func draft(in scope: MappingScope) throws(AdapterFault) -> RequestDraft {
        let draft = try parts.draft(in: scope)
        if isVersion12 {
            let tail = action.isEmpty ? "" : "; action=\"\(action)\""
            draft.headers.append(.init("Content-Type", "application/soap+xml; charset=\(label)\(tail)"))
        } else {
            draft.headers.append(.init("Content-Type", "text/xml; charset=\(label)"))
            draft.headers.append(.init("SOAPAction", "\"\(action)\""))
        }
        draft.envelope = try envelope(in: scope)
        return draft
    }

    /// The envelope. The operation is in the namespace; its arguments are too when `qualified` says so (elementFormDefault).
    private func envelope(in scope: MappingScope) throws(AdapterFault) -> Object {
        var content = try arguments.object(in: scope)
        if isQualified {
            var inner: Object = ["@xmlns": .string(namespace)]
            for field in content.fields { inner[field.name] = field.value }
            content = inner
        }
        let element = isQualified ? operation : "ser:" + operation
        let version = isVersion12 ? "http://www.w3.org/2003/05/soap-envelope" : "http://schemas.xmlsoap.org/soap/envelope/"
        var envelope: Object = ["@xmlns:soapenv": .string(version)]
        if !isQualified { envelope["@xmlns:ser"] = .string(namespace) }
        for namespace in namespaces { envelope["@xmlns:" + namespace.prefix] = .string(namespace.uri) }
        scope.trace?.begin(part: "soap header")
        defer { scope.trace?.begin(part: "body") }
        if let header { envelope["soapenv:Header"] = .object(try header.object(in: scope)) }
        envelope["soapenv:Body"] = .object([element: .object(content)])
        return envelope
    }
}
