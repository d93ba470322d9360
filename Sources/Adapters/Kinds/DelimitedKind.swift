/// Delimited text over HTTP: one row, or a row for each item of a list; answered in delimited text unless the reply says otherwise.
struct DelimitedKind: AdapterKind {
    static let word = "delimited"
    static let keys = HTTPParts.keys

    private let parts: HTTPParts
    private let body: RequestBody
    let replyFormat = ReplyFormat.delimited
    let isSOAP = false

    init?(_ operation: Section, _ compiler: MappingCompiler) {
        let keys = ["method", "path", "charset", "type", "each"] + MappingCompiler.dialectKeys
        guard let node = operation[Self.word], let kind = Section(node, as: "'delimited'", keys: keys, compiler.diagnostics) else {
            return nil
        }
        let charset = compiler.charset(kind, "charset") ?? .utf8
        let method = kind.choice("method", of: ["POST", "PUT"]) ?? "POST"
        let parts = HTTPParts(kind, operation, compiler, charset: charset, method: method)
        let body = RequestBody(.delimited, kind, dialect: nil, request: operation["request"], compiler, charset: charset)
        guard let parts, let body else { return nil }
        self.parts = parts
        self.body = body
    }

    func draft(in scope: MappingScope) throws(AdapterFault) -> RequestDraft {
        let draft = try parts.draft(in: scope)
        try body.write(into: draft, in: scope)
        return draft
    }
}
