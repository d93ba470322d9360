/// Plain HTTP: any method, a path with placeholders, query, headers, and a JSON, form or XML body.
struct RestKind: AdapterKind {
    static let word = "rest"
    static let keys = HTTPParts.keys

    private enum Body: Sendable {
        case none
        case json(ObjectRule)
        case form(ObjectRule)
        case xml(root: String, ObjectRule)
    }

    private let parts: HTTPParts
    private let body: Body
    let replyFormat: ReplyFormat
    let isSOAP = false

    init?(_ operation: Section, _ compiler: MappingCompiler) {
        guard let node = operation[Self.word],
            let kind = Section(node, as: "'rest'", keys: ["method", "path", "body", "root", "charset"], compiler.diagnostics)
        else { return nil }
        let fields = operation["request"]
        let method = kind.choice("method", of: ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]) ?? (fields == nil ? "GET" : "POST")
        let charset = compiler.charset(kind, "charset") ?? .utf8
        let format = kind.choice("body", of: ["json", "form", "xml", "none"]) ?? (fields == nil ? "none" : "json")
        guard let parts = HTTPParts(kind, operation, compiler, charset: charset, method: method),
            let body = RestKind.body(format, kind, fields, compiler)
        else { return nil }
        self.parts = parts
        self.body = body
        replyFormat = format == "xml" ? .xml : .json
    }

    private static func body(_ format: String, _ kind: Section, _ fields: Node?, _ compiler: MappingCompiler) -> Body? {
        let landing: Landing = format == "form" ? .form : format == "xml" ? .xml : .json
        let rules = fields.map { compiler.object($0, landing: landing) } ?? ObjectRule(fields: [])
        if kind["root"] != nil, format != "xml" {
            compiler.diagnostics.error("wrong-place", "'root' belongs to body: xml", at: kind.place(of: "root"))
        }
        guard let rules else { return nil }
        switch format {
        case "json": return .json(rules)
        case "form": return .form(rules)
        case "xml":
            guard let root = kind.requiredString("root") else { return nil }
            guard XMLCodec.isName(root) else {
                compiler.diagnostics.error("bad-name", "'\(root)' is no name of an XML element", at: kind["root"]?.place)
                return nil
            }
            compiler.checkCDATA(kind)
            return .xml(root: root, rules)
        default:
            if let fields {
                compiler.diagnostics.error("wrong-place", "'request' has fields, but the body is none", at: fields.place)
            }
            return Body.none
        }
    }

    func draft(in scope: MappingScope) throws(AdapterFault) -> RequestDraft {
        var draft = try parts.draft(in: scope)
        let charset = parts.charset
        switch body {
        case .none: break
        case .json(let rules):
            draft.headers.append(.init("Content-Type", charset == .utf8 ? "application/json" : "application/json; charset=\(charset.name)"))
            draft.json = try rules.object(in: scope)
        case .form(let rules):
            draft.headers.append(.init("Content-Type", "application/x-www-form-urlencoded; charset=\(charset.name)"))
            draft.form = try rules.pairs(in: scope)
        case .xml(let root, let rules):
            draft.headers.append(.init("Content-Type", "application/xml; charset=\(charset.name)"))
            let tree = Value.object(try rules.object(in: scope))
            do { draft.body = try XMLCodec.encode(.object([root: tree]), encoding: charset) } catch { throw Landing.fault(error) }
        }
        return draft
    }
}
