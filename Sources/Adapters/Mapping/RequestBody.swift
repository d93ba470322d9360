/// The body of a request, in one of the formats that a kind can write.
struct RequestBody: Sendable {
    /// The formats, in the words of `body`.
    enum Format: String, CaseIterable, Sendable {
        case json, form, multipart, xml, delimited, text, none

        /// Where its fields land.
        var landing: Landing {
            switch self {
            case .json, .multipart: .json
            case .xml: .xml
            case .form, .delimited, .text, .none: .form
            }
        }

        /// The format of a reply that says nothing else.
        var replyFormat: ReplyFormat {
            switch self {
            case .xml: .xml
            case .delimited: .delimited
            case .json, .form, .multipart, .text, .none: .json
            }
        }
    }

    private enum Content: Sendable {
        case none
        case json(ObjectRule)
        case form(ObjectRule)
        case multipart(ObjectRule)
        case xml(root: String, ObjectRule)
        case delimited(DelimitedRule)
        case text(ValueRule)
    }

    /// The format.
    let format: Format
    private let content: Content
    /// The charset of its bytes.
    let charset: Charset
    private let mediaType: String

    /// Compiles a body: `kind` is the kind's section, with `root`, `each` and `type`; `dialect` the section that says how delimited text is
    /// written; `request` the fields.
    init?(_ format: Format, _ kind: Section, dialect: Section?, request: Node?, _ compiler: MappingCompiler, charset: Charset) {
        self.format = format
        self.charset = charset
        if kind["root"] != nil, format != .xml {
            compiler.diagnostics.error("wrong-place", "'root' belongs to body: xml", at: kind.place(of: "root"))
        }
        if kind["each"] != nil, format != .delimited {
            compiler.diagnostics.error("wrong-place", "'each' belongs to delimited bodies", at: kind.place(of: "each"))
        }
        let own = RequestBody.mediaType(kind)
        let charsetName = "; charset=\(charset.name)"
        let content: Content?
        switch format {
        case .json:
            mediaType = own ?? "application/json" + (charset == .utf8 ? "" : charsetName)
            content = RequestBody.fields(request, .json, compiler).map(Content.json)
        case .form:
            mediaType = own ?? "application/x-www-form-urlencoded" + charsetName
            content = RequestBody.fields(request, .form, compiler).map(Content.form)
        case .multipart:
            mediaType = own ?? "multipart/form-data"
            content = RequestBody.fields(request, .json, compiler).map(Content.multipart)
            if case .multipart(let rules)? = content, let request { RequestFile.check(rules, request, compiler.diagnostics) }
        case .xml:
            mediaType = own ?? "application/xml" + charsetName
            content = RequestBody.xml(kind, request, compiler)
        case .delimited:
            mediaType = own ?? "text/csv" + charsetName
            content = RequestBody.delimited(kind, dialect, request, compiler, charset)
        case .text:
            mediaType = own ?? "text/plain" + charsetName
            content = RequestBody.text(kind, request, compiler)
        case .none:
            mediaType = ""
            content = Content.none
            if let request {
                compiler.diagnostics.error("wrong-place", "'request' has fields, but the body is none", at: request.place)
            }
        }
        guard let content else { return nil }
        self.content = content
    }

    /// The section that says how a delimited body is written, where the kind names it under `delimited`.
    static func dialect(_ kind: Section, _ format: Format) -> Section? {
        guard let node = kind["delimited"] else { return nil }
        if format != .delimited {
            kind.diagnostics.error("wrong-place", "'delimited' belongs to body: delimited", at: kind.place(of: "delimited"))
        }
        return Section(node, as: "'delimited'", keys: MappingCompiler.dialectKeys, kind.diagnostics)
    }

    /// Content-Type, where a department wants another than the usual one.
    private static func mediaType(_ kind: Section) -> String? {
        guard let text = kind.string("type") else { return nil }
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } && MediaType.name(text) != nil
        if isPlain { return text }
        kind.diagnostics.error(
            "bad-name", "'\(text)' is no media type", at: kind["type"]?.place, help: "such as application/json;charset=UTF-8")
        return nil
    }

    private static func fields(_ request: Node?, _ landing: Landing, _ compiler: MappingCompiler) -> ObjectRule? {
        guard let request else { return ObjectRule(fields: []) }
        return compiler.object(request, landing: landing)
    }

    private static func xml(_ kind: Section, _ request: Node?, _ compiler: MappingCompiler) -> Content? {
        let rules = fields(request, .xml, compiler)
        guard let root = kind.requiredString("root") else { return nil }
        guard XMLCodec.isName(root) else {
            compiler.diagnostics.error("bad-name", "'\(root)' is no name of an XML element", at: kind["root"]?.place)
            return nil
        }
        PrefixCheck.ofDocument(compiler.diagnostics).check(root: root, at: kind["root"]?.place, fields: request)
        return rules.map { .xml(root: root, $0) }
    }

    private static func delimited(
        _ kind: Section, _ dialect: Section?, _ request: Node?, _ compiler: MappingCompiler, _ charset: Charset
    ) -> Content? {
        guard let request else {
            compiler.diagnostics.error(
                "missing-key", "a delimited body needs 'request', the cells of a row", at: kind.node.place, help: "request: { xm: $.… }")
            return nil
        }
        return compiler.rows(dialect ?? kind, each: kind["each"], cells: request, charset).map(Content.delimited)
    }

    private static func text(_ kind: Section, _ request: Node?, _ compiler: MappingCompiler) -> Content? {
        guard let entries = request?.entries, let entry = entries.first, entries.count == 1, entry.key == "text" else {
            compiler.diagnostics.error(
                "missing-key", "a text body is one value, 'text'", at: request?.place ?? kind.node.place,
                help: (compiler.direction == .reply ? "accepted" : "request") + ": { text: $.… }")
            return nil
        }
        return compiler.rule(entry.value, for: "text", landing: .form).map(Content.text)
    }

    /// Writes the body and its Content-Type into a draft.
    func write(into draft: RequestDraft, in scope: MappingScope) throws(AdapterFault) {
        switch content {
        case .none: return
        case .json(let rules): draft.json = try rules.object(in: scope)
        case .form(let rules): draft.form = try rules.pairs(in: scope)
        case .multipart(let rules):
            let boundary = RequestFile.boundary(scope.call.moment)
            (draft.form, draft.files, draft.boundary) = try RequestFile.parts(rules, in: scope, boundary, charset)
            return draft.headers.append(.init("Content-Type", mediaType + "; boundary=" + boundary))
        case .xml(let root, let rules):
            let tree = Value.object(try rules.object(in: scope))
            do { draft.body = try XMLCodec.encode(.object([root: tree]), encoding: charset) } catch { throw Landing.fault(error) }
        case .delimited(let rule):
            let text = try rule.text(in: scope) ?? ""
            draft.body = try Landing.bytes(of: text, in: charset, origin: ValueOrigin(text: "the body", pointer: nil))
        case .text(let rule):
            let text = try rule.value(in: scope)?.scalarText ?? ""
            draft.body = try Landing.bytes(of: text, in: charset, origin: rule.origin)
        }
        draft.headers.append(.init("Content-Type", mediaType))
    }
}
