/// Plain HTTP: any method, a path with placeholders, query, headers, and a body in any format.
struct RestKind: AdapterKind {
    static let word = "rest"
    static let keys = HTTPParts.keys

    private let parts: HTTPParts
    private let body: RequestBody
    let isSOAP = false

    var replyFormat: ReplyFormat { body.format.replyFormat }

    init?(_ operation: Section, _ compiler: MappingCompiler) {
        let keys = ["method", "path", "body", "root", "charset", "type", "delimited", "each"]
        guard let node = operation[Self.word], let kind = Section(node, as: "'rest'", keys: keys, compiler.diagnostics) else { return nil }
        let fields = operation["request"]
        let method = kind.choice("method", of: ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]) ?? (fields == nil ? "GET" : "POST")
        let charset = compiler.charset(kind, "charset") ?? .utf8
        let word = kind.choice("body", of: RequestBody.Format.allCases.map(\.rawValue)) ?? (fields == nil ? "none" : "json")
        let format = RequestBody.Format(rawValue: word) ?? .json
        let parts = HTTPParts(kind, operation, compiler, charset: charset, method: method)
        let body = RequestBody(format, kind, dialect: RequestBody.dialect(kind, format), request: fields, compiler, charset: charset)
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
