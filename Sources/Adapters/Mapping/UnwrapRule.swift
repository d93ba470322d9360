/// A document inside a field of the reply.
struct UnwrapRule: Sendable {
    /// Where the text stands.
    let at: PathReference
    /// What the text is wrapped in, innermost first; of the words for requests, `string` and `base64` mean something here.
    let wrapping: [DocumentRule.Wrapping]
    /// The document's format.
    let format: ReplyFormat
    /// The charset of its bytes, when the file names one; matters only inside Base64.
    let charset: Charset?
    /// Whether it takes the place of its text; else it becomes the new `$`.
    let inPlace: Bool

    /// The tree with the document unwrapped; `http` is kept at the root.
    func apply(to tree: Value, _ http: Value?) throws(AdapterFault) -> Value {
        let found = at.first(in: tree)
        guard let text = found?.scalarText, !text.isEmpty else {
            if inPlace, found?.isEmpty != false { return tree }
            throw at.origin.misfit(
                .reply, rule: "type", expected: "\(format.title) as a text", found: found == nil ? "nothing there" : "no text")
        }
        let document: Value
        do { document = try decoded(text) } catch {
            throw at.origin.misfit(.reply, rule: "type", expected: "\(format.title) as a text", found: error.description)
        }
        if inPlace, let names = at.names { return UnwrapRule.setting(document, at: names[...], in: tree) }
        guard let http, var object = document.object else { return document }
        object["http"] = http
        return .object(object)
    }

    private func decoded(_ text: String) throws(CodecFault) -> Value {
        var bytes: [UInt8]?
        for step in wrapping.reversed() where step == .base64 {
            bytes = try Base64Codec.decode(bytes.map { String(decoding: $0, as: UTF8.self) } ?? text)
        }
        if let bytes { return try ReplyRule.tree(bytes, format, charset) }
        switch format {
        case .xml: return try XMLCodec.decode(text: text)
        case .json: return try JSONCodec.decode(Array(text.utf8))
        case .form: return try FormCodec.decode(Array(text.utf8), charset: .utf8)
        }
    }

    private static func setting(_ value: Value, at names: ArraySlice<String>, in tree: Value) -> Value {
        guard let name = names.first else { return value }
        guard case .object(var object) = tree, let inner = object[name] else { return tree }
        object[name] = setting(value, at: names.dropFirst(), in: inner)
        return .object(object)
    }
}
