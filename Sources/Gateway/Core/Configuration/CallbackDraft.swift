internal import Adapters

/// A callback as its file says it, before its department has an index.
struct CallbackDraft {
    let id: String
    let place: Place
    let pattern: PathPattern
    let methods: [String]
    let from: [AddressRange]
    let bodyLimit: Int
    let adapter: CallbackAdapter

    /// Reads one item of `callbacks`.
    init?(_ node: Node, _ compiler: CallbackCompiler, _ diagnostics: Diagnostics) {
        let adapter = compiler.compile(node)
        // The keys that are not among these are the adapter's, which has reported the unknown ones.
        let known = (node.entries ?? []).map(\.key)
        guard let section = Section(node, as: "a callback", keys: CallbackCompiler.addressKeys + known, diagnostics) else { return nil }
        let id = section["id"]?.text
        if let id, !DepartmentFile.isIdentifier(id) {
            diagnostics.error(
                "wrong-id", "'\(id)' cannot be a callback's id", at: section["id"]?.place,
                help: "lower-case letters, digits and '-', beginning with a letter")
        }
        let pattern = section.requiredString("path").flatMap { PlainRouteDraft.pattern($0, section, diagnostics) }
        let methods = section.strings("methods") ?? ["POST"]
        for method in methods where method != "POST" && method != "PUT" {
            diagnostics.error(
                "unknown-value", "a callback takes POST or PUT, not '\(method)'", at: section.place(of: method, in: "methods"))
        }
        from = (section.strings("from") ?? []).compactMap { text in
            if let range = AddressRange(text) { return range }
            diagnostics.error(
                "wrong-address", "'\(text)' is no range of addresses", at: section.place(of: text, in: "from"),
                help: "an address such as 10.1.2.3, or a range such as 10.1.0.0/16 without bits behind its prefix")
            return nil
        }
        if section["from"] == nil, section["signature"] == nil, section["signing"] == nil {
            diagnostics.error(
                "missing-key", "anybody could push to this callback", at: section.place(of: "id"),
                help: "say from which addresses it takes pushes (from), or how they are signed (signature, or signing)")
        }
        bodyLimit = section.byteCount("body-limit", in: 1...(1 << 30)) ?? 1 << 20
        guard let id, let pattern, let adapter else { return nil }
        self.id = id
        place = section["id"]?.place ?? node.place
        self.pattern = pattern
        self.methods = methods
        self.adapter = adapter
    }
}
