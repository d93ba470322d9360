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
        guard wrapping.first == .base64 else {
            let text = try written(tree)
            return wrapping.contains(.cdata) ? XMLCodec.cdata(text) : .string(text)
        }
        var text = Base64Codec.encode(try Landing.bytes(of: written(tree), in: charset, origin: origin))
        for step in wrapping.dropFirst() where step == .base64 { text = Base64Codec.encode(Array(text.utf8)) }
        return wrapping.last == .cdata ? XMLCodec.cdata(text) : .string(text)
    }

    private func written(_ tree: Value) throws(AdapterFault) -> String {
        switch format {
        case .json: return String(decoding: JSONCodec.encode(tree), as: UTF8.self)
        case .xml(let root, let declaration):
            do {
                return try XMLCodec.encodeText(root: root, tree, declaring: declaration ? charset : nil)
            } catch { throw Landing.fault(error) }
        }
    }
}
