/// One XML element to write: text or elements inside.
struct Element {
    let name: String
    private let text: String
    private let children: [Element]

    /// An element with text.
    init(_ name: String, _ text: String) { (self.name, self.text, children) = (name, text, []) }

    /// An element with elements inside.
    init(_ name: String, _ children: [Element]) { (self.name, text, self.children) = (name, "", children) }

    /// What was submitted, as it was read.
    init(_ name: String, submitted value: JSON) {
        guard case .list(let entries) = value else {
            self.init(name, value.string ?? "")
            return
        }
        self.init(name, entries.map { Element("CL", ($0.members ?? []).map { Element($0.name, submitted: $0.value) }) })
    }

    /// The element as text; an empty one in its short form.
    var rendered: String {
        let inside = children.isEmpty ? XMLTree.escape(text) : children.map(\.rendered).joined()
        return inside.isEmpty ? "<\(name)/>" : "<\(name)>\(inside)</\(name)>"
    }
}

/// A SOAP fault.
struct SOAPFault: Error {
    let code: String
    let words: String

    /// The caller's mistake.
    static func client(_ words: String) -> SOAPFault { SOAPFault(code: "soap:Client", words: words) }

    /// What stands in the body for it.
    var element: Element { Element("soap:Fault", [Element("faultcode", code), Element("faultstring", words)]) }
}

/// A request's envelope, and how replies are enveloped.
struct ScjgEnvelope {
    static let namespace = "http://service.spjk.example/"
    private static let soap = "http://schemas.xmlsoap.org/soap/envelope/"
    static let functions: [String: MockFunction] = [
        "receiveData": .submit, "queryData": .query, "queryProcess": .events, "queryItemList": .items, "queryItem": .item,
    ].merging(ScjgLater.functions) { first, _ in first }

    let operation: String
    let function: MockFunction
    let user: String
    let password: String
    let document: String

    /// Reads an envelope as strictly as SOAP 1.1 and the interface's page ask.
    init(_ request: MockRequest) throws(SOAPFault) {
        let (media, charset) = request.contentType
        guard media == "text/xml", charset == nil || charset == "UTF-8" else {
            throw .client("Content-Type must be text/xml; charset=UTF-8")
        }
        guard let action = request.fields["soapaction"] else { throw .client("SOAPAction is missing") }
        guard let text = Charset.decodeUTF8(request.body) else { throw .client("not UTF-8") }
        if let declared = text.prefixMatch(of: /<\?xml[^>]*encoding=["']([^"']*)["']/), declared.1.uppercased() != "UTF-8" {
            throw .client("the envelope must be declared UTF-8")
        }
        // A DOCTYPE inside CDATA is text of the inner document, which is checked for itself.
        let prolog = text.prefixMatch(of: /(?s).*?Envelope/)?.0 ?? text[...]
        guard !prolog.contains("<!DOCTYPE") else { throw .client("DOCTYPE is not allowed") }
        guard let envelope = XMLTree.parse(request.body) else { throw .client("the envelope is not well-formed") }
        guard envelope.name == "Envelope", envelope.namespace == Self.soap else { throw .client("not a SOAP 1.1 envelope") }
        let parts = envelope.children.map(\.name)
        guard parts == ["Body"] || parts == ["Header", "Body"], envelope.children.allSatisfy({ $0.namespace == Self.soap }),
            let body = envelope.children.last, body.children.count == 1, let call = body.children.first, call.namespace == Self.namespace,
            let function = Self.functions[call.name]
        else { throw .client("unknown operation") }
        guard ["", "\"\"", "\"\(Self.namespace)\(call.name)\""].contains(action) else { throw .client("SOAPAction does not fit") }
        guard call.children.map(\.name) == ["arg0", "arg1", "arg2"],
            call.children.allSatisfy({ $0.namespace.isEmpty && $0.children.isEmpty })
        else { throw .client("arg0, arg1, arg2 expected") }
        (operation, self.function) = (call.name, function)
        (user, password, document) = (call.children[0].text, call.children[1].text, call.children[2].text)
    }

    /// The response element for a result.
    static func wrapped(_ result: Element, as operation: String, quirk: Quirk?) -> Element {
        var text = result.rendered
        if quirk?.mode == .dtd {
            text = "<!DOCTYPE RESULT [<!ENTITY e \"1\">]>" + text.replacing("<STATUS>1</STATUS>", with: "<STATUS>&e;</STATUS>")
        }
        text = "<?xml version=\"1.0\" encoding=\"GBK\"?>" + text
        if quirk?.mode == .badXML { text = String(text.prefix(text.count * 2 / 3)) }
        return Element("ns2:\(operation)Response", [Element("return", text)])
    }

    /// The HTTP reply around what stands in the body.
    static func reply(to operation: String?, with content: Element, quirk: Quirk?) -> MockReply {
        var inside = content.rendered
        if let operation {
            let tag = "<ns2:\(operation)Response"
            inside = tag + " xmlns:ns2=\"\(namespace)\"" + inside.dropFirst(tag.count)
        }
        let text =
            "<?xml version=\"1.0\" encoding=\"GBK\"?><soap:Envelope xmlns:soap=\"\(soap)\"><soap:Body>\(inside)</soap:Body></soap:Envelope>"
        return MockReply(contentType: "text/xml; charset=GBK", body: Charset.encode(text) ?? [], quirk: quirk)
    }
}
