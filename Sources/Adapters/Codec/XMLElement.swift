import CLibXML

/// An element of an XML document with what `XMLCodec` leaves out: namespaces, prefixes in scope, line numbers. For tools that read what
/// people wrote (WSDL, XSD); exchanges use `XMLCodec`.
public struct XMLElement: Sendable {
    /// An attribute.
    public struct Attribute: Sendable {
        /// The local name.
        public let name: String
        /// The namespace; nil for none.
        public let namespace: String?
        /// The value.
        public let value: String
    }

    /// A name as it counts: its namespace, empty for none, and its local part.
    public struct Name: Sendable, Hashable {
        /// The namespace.
        public let namespace: String
        /// The local part.
        public let local: String

        /// Makes a name.
        public init(_ namespace: String, _ local: String) {
            self.namespace = namespace
            self.local = local
        }
    }

    /// The name.
    public let name: Name
    /// The one-based line in the file.
    public let line: Int
    /// The attributes, in the order of the document.
    public let attributes: [Attribute]
    /// The child elements, in the order of the document.
    public let children: [XMLElement]
    /// The text directly inside, without white space at its ends.
    public let text: String
    /// The namespaces that prefixes stand for here; the empty prefix is the default.
    public let prefixes: [String: String]

    /// The value of an attribute without a namespace.
    public subscript(attribute: String) -> String? {
        attributes.first { $0.name == attribute && $0.namespace == nil }?.value
    }

    /// The children of a name.
    public func children(_ namespace: String, _ local: String) -> [XMLElement] { children.filter { $0.name == Name(namespace, local) } }

    /// What a text such as `tns:Case` names here; without a prefix, in the default namespace. Nil for a prefix that is not declared.
    public func resolve(_ text: String) -> Name? {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let prefix = parts.first, let local = parts.last else { return Name(prefixes[""] ?? "", text) }
        return prefixes[prefix].map { Name($0, local) }
    }

    /// How deep elements may nest.
    private static let depthLimit = 200

    /// Reads a document and gives its root element. As with `XMLCodec` a DOCTYPE is refused, and nothing outside the bytes is read.
    public static func read(_ bytes: [UInt8]) throws(CodecFault) -> XMLElement {
        var text: [UInt8] = bytes
        if let name = XMLCodec.Declaration(of: bytes)?.encoding, let charset = Charset(named: name), charset != .utf8 {
            text = Array(try charset.decode(bytes).utf8)
        }
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
        guard !text.isEmpty, text.count < 64 << 20 else { throw CodecFault(format: "XML", reason: "the document is empty or too large") }
        return try text.withUnsafeBufferPointer { (buffer) throws(CodecFault) in
            try XMLScan(bytes: buffer).check()
            return try parse(buffer)
        }
    }

    private static func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(CodecFault) -> XMLElement {
        let options =
            XML_PARSE_NONET.rawValue | XML_PARSE_IGNORE_ENC.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
        guard let context = xmlNewParserCtxt() else { throw CodecFault(format: "XML", reason: "no memory to read the document") }
        defer { xmlFreeParserCtxt(context) }
        let document = bytes.withMemoryRebound(to: CChar.self) { characters in
            xmlCtxtReadMemory(
                context, characters.baseAddress, CInt(truncatingIfNeeded: characters.count), nil, "UTF-8", CInt(bitPattern: options))
        }
        defer { xmlFreeDoc(document) }
        guard let document, let root = xmlDocGetRootElement(document) else {
            let line = max(1, Int(context.pointee.lastError.line))
            let message = context.pointee.lastError.message.map { String(cString: $0) } ?? "it is not well-formed"
            let reason = message.split(separator: "\n").first.map(String.init) ?? "it is not well-formed"
            throw CodecFault(format: "XML", reason: "\(reason) (line \(line))")
        }
        return try element(root, [:], depth: 0)
    }

    private static func element(_ node: xmlNodePtr, _ outer: [String: String], depth: Int) throws(CodecFault) -> XMLElement {
        guard depth < depthLimit else { throw CodecFault(format: "XML", reason: "elements nest deeper than \(depthLimit)") }
        var prefixes = outer
        var declared = node.pointee.nsDef
        while let namespace = declared {
            prefixes[string(namespace.pointee.prefix)] = string(namespace.pointee.href)
            declared = namespace.pointee.next
        }
        var children: [XMLElement] = []
        var text = ""
        var child = node.pointee.children
        while let current = child {
            switch current.pointee.type {
            case XML_ELEMENT_NODE: children.append(try element(current, prefixes, depth: depth + 1))
            case XML_TEXT_NODE, XML_CDATA_SECTION_NODE: text += string(current.pointee.content)
            default: break
            }
            child = current.pointee.next
        }
        return XMLElement(
            name: Name(string(node.pointee.ns?.pointee.href), string(node.pointee.name)), line: Int(xmlGetLineNo(node)),
            attributes: attributes(node), children: children,
            text: text.split(whereSeparator: \.isWhitespace).joined(separator: " "), prefixes: prefixes)
    }

    private static func attributes(_ node: xmlNodePtr) -> [Attribute] {
        var attributes: [Attribute] = []
        var next = node.pointee.properties
        while let attribute = next {
            var value = ""
            var part = attribute.pointee.children
            while let text = part {
                value += string(text.pointee.content)
                part = text.pointee.next
            }
            let namespace = attribute.pointee.ns.map { string($0.pointee.href) }
            attributes.append(Attribute(name: string(attribute.pointee.name), namespace: namespace, value: value))
            next = attribute.pointee.next
        }
        return attributes
    }

    private static func string(_ text: UnsafePointer<xmlChar>?) -> String { text.map { String(decodingCString: $0, as: UTF8.self) } ?? "" }
}
