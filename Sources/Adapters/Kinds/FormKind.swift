/// A form: `application/x-www-form-urlencoded` in any charset, answered in JSON unless the reply says otherwise.
struct FormKind: AdapterKind {
    static let word = "form"
    static let keys = HTTPParts.keys

    private let parts: HTTPParts
    private let fields: ObjectRule
    private let label: String
    let replyFormat = ReplyFormat.json
    let isSOAP = false

    init?(_ operation: Section, _ compiler: MappingCompiler) {
        guard let node = operation[Self.word],
            let kind = Section(node, as: "'form'", keys: ["path", "charset", "label"], compiler.diagnostics)
        else { return nil }
        let charset = compiler.charset(kind, "charset") ?? .utf8
        let fields = operation["request"].map { compiler.object($0, landing: .form) } ?? ObjectRule(fields: [])
        guard let parts = HTTPParts(kind, operation, compiler, charset: charset, method: "POST"), let fields else { return nil }
        self.parts = parts
        self.fields = fields
        label = FormKind.label(kind) ?? charset.name
    }

    /// The charset's name in Content-Type, where a department wants another than the true one.
    static func label(_ kind: Section) -> String? {
        guard let label = kind.string("label") else { return nil }
        if MappingCompiler.isToken(label) { return label }
        kind.diagnostics.error("bad-name", "'\(label)' cannot stand in Content-Type", at: kind["label"]?.place, help: "such as GBK")
        return nil
    }

    func draft(in scope: MappingScope) throws(AdapterFault) -> RequestDraft {
        let draft = try parts.draft(in: scope)
        draft.headers.append(.init("Content-Type", "application/x-www-form-urlencoded; charset=\(label)"))
        draft.form = try fields.pairs(in: scope)
        return draft
    }
}
