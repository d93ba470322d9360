/// A whole document that stands inside a field as a text.
struct DocumentRule: Sendable {
    /// The document's format.
    enum Format: Sendable {
        /// XML with a root element; `declaration` writes `<?xml version="1.0" encoding="…"?>` first.
        case xml(root: String, declaration: Bool)
        /// JSON (RFC 8259), compact.
        case json
    }

    /// What the text is wrapped in.
    enum Wrapping: String, CaseIterable, Sendable {
        /// Nothing: the place where it lands escapes it.
        case string
        /// The same, in the words of an XML parent: `&lt;` for `<`.
        case escaped
        /// A CDATA section of the XML parent.
        case cdata
        /// Base64 of the document's bytes in its charset.
        case base64
    }

    /// The format.
    let format: Format
    /// The charset that it declares, and has where it is bytes.
    let charset: Charset
    /// What it is wrapped in, innermost first.
    let wrapping: [Wrapping]
    /// What stands in it: an object or a list.
    let content: ValueSource

    /// The document as a value for its field.
    func value(in scope: MappingScope, origin: ValueOrigin) throws(AdapterFault) -> Value? {
        guard let tree = try content.value(in: scope, origin: origin) else { return nil }
        var text: String
        if wrapping.contains(.base64) {
            text = Base64Codec.encode(try bytes(tree, origin))
            for _ in wrapping.filter({ $0 == .base64 }).dropFirst() { text = Base64Codec.encode(Array(text.utf8)) }
        } else {
            text = try self.text(tree)
        }
        return wrapping.last == .cdata ? ["#cdata": .string(text)] : .string(text)
    }

    private func text(_ tree: Value) throws(AdapterFault) -> String {
        switch format {
        case .json: return String(decoding: JSONCodec.encode(tree), as: UTF8.self)
        case .xml(let root, let declaration):
            do {
                return try XMLCodec.encodeText(.object([root: tree]), declaring: declaration ? charset.name : nil)
            } catch { throw Landing.fault(error) }
        }
    }

    /// The document's bytes; in XML with a declaration a character that the charset lacks becomes a character reference.
    private func bytes(_ tree: Value, _ origin: ValueOrigin) throws(AdapterFault) -> [UInt8] {
        if case .xml(let root, declaration: true) = format {
            do { return try XMLCodec.encode(.object([root: tree]), encoding: charset) } catch { throw Landing.fault(error) }
        }
        return try Landing.bytes(of: text(tree), in: charset, origin: origin)
    }
}
