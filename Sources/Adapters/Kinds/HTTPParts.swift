/// What the kinds over HTTP have in common: method, path with placeholders, query and headers.
struct HTTPParts: Sendable {
    /// The keys of an operation that fill these parts.
    static let keys = ["path", "query", "headers"] + RequestCredentials.keys

    private enum Piece: Sendable {
        case literal(String)
        case placeholder(String)
    }

    /// The method.
    let method: String
    /// The charset of path, query and form.
    let charset: Charset
    private let pieces: [Piece]
    private let pathFields: ObjectRule
    private let query: ObjectRule
    private let headers: ObjectRule
    private let credentials: RequestCredentials

    /// Compiles the parts: `kind` is the kind's own section with `path` and perhaps `method`; the values stand beside it.
    init?(_ kind: Section, _ operation: Section, _ compiler: MappingCompiler, charset: Charset, method: String) {
        guard let path = kind.requiredString("path"), let place = kind["path"]?.place else { return nil }
        guard let pieces = HTTPParts.pieces(path) else {
            compiler.diagnostics.error(
                "bad-path", "'\(path)' is no path of a request", at: place,
                help: "it begins with /, holds no ? # or blank, and {name} stands for a value, such as /cases/{caseNo}")
            return nil
        }
        self.method = method
        self.charset = charset
        self.pieces = pieces
        func rules(_ key: String, _ landing: Landing) -> ObjectRule {
            operation[key].flatMap { compiler.object($0, landing: landing) } ?? ObjectRule(fields: [])
        }
        pathFields = rules("path", .segment)
        query = rules("query", .form)
        headers = rules("headers", .header)
        credentials = RequestCredentials(operation, compiler)
        checkPlaceholders(path, at: place, operation, compiler.diagnostics)
        checkHeaders(operation, compiler.diagnostics)
    }

    private static func pieces(_ path: String) -> [Piece]? {
        guard path.hasPrefix("/"), path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3F && $0 != 0x23 }) else { return nil }
        var pieces: [Piece] = []
        var rest = Substring(path)
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else { return nil }
            let name = rest[rest.index(after: open)..<close]
            guard !name.isEmpty, !rest[..<open].contains("}") else { return nil }
            pieces += [.literal(String(rest[..<open])), .placeholder(String(name))]
            rest = rest[rest.index(after: close)...]
        }
        guard !rest.contains("}") else { return nil }
        return pieces + [.literal(String(rest))]
    }

    private func checkPlaceholders(_ path: String, at place: Place, _ operation: Section, _ diagnostics: Diagnostics) {
        let wanted = pieces.compactMap { if case .placeholder(let name) = $0 { name } else { nil } }
        let given = operation["path"]?.entries ?? []
        for name in wanted where !given.contains(where: { $0.key == name }) {
            diagnostics.error(
                "missing-key", "nothing fills {\(name)} of the path", at: place, help: "add  path: { \(name): $.… }  to the operation")
        }
        for entry in given where !wanted.contains(entry.key) {
            let help = suggestion(for: entry.key, among: wanted).map { "did you mean '\($0)'?" }
            diagnostics.error("unknown-key", "the path '\(path)' has no {\(entry.key)}", at: entry.place, help: help)
        }
    }

    private func checkHeaders(_ operation: Section, _ diagnostics: Diagnostics) {
        let own = ["host", "content-length", "transfer-encoding", "connection", "content-type", "te", "upgrade", "trailer", "keep-alive"]
        for entry in operation["headers"]?.entries ?? [] where own.contains(entry.key.lowercased()) {
            diagnostics.error("wrong-place", "the header '\(entry.key)' is written by the gateway", at: entry.place)
        }
    }

    private func path(in scope: MappingScope) throws(AdapterFault) -> String {
        // A path without placeholders is the same for every call.
        if pieces.count == 1, case .literal(let text) = pieces[0] { return text }
        var path = ""
        let values = try pathFields.object(in: scope)
        for piece in pieces {
            switch piece {
            case .literal(let text): path += text
            case .placeholder(let name):
                path += try Landing.segment(
                    values[name], charset: charset, origin: pathFields.fields.first { $0.name == name }?.rule.origin)
            }
        }
        return path
    }

    /// A draft with everything but the body.
    func draft(in scope: MappingScope) throws(AdapterFault) -> RequestDraft {
        scope.trace?.begin(part: "path")
        defer { scope.trace?.begin(part: "body") }
        let draft = RequestDraft(method: method, path: try path(in: scope))
        draft.charset = charset
        scope.trace?.begin(part: "query")
        if !query.fields.isEmpty { draft.query = try query.pairs(in: scope) }
        scope.trace?.begin(part: "header")
        for field in headers.fields {
            scope.trace?.step(field.name)
            defer { scope.trace?.back() }
            guard let value = try field.rule.value(in: scope) else { continue }
            draft.headers.append(.init(field.name, try Landing.header(value, name: field.name, origin: field.rule.origin)))
        }
        draft.headers += try credentials.fields(in: scope)
        return draft
    }
}
