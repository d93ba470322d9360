/// The content of a mailbox's file: an XML or JSON document, a form, or one text, in any charset.
struct MailboxContent: Sendable {
    private enum Format: String, CaseIterable, Sendable { case xml, json, form, text }

    private let format: Format
    private let root: String
    private let charset: Charset
    private let fields: ObjectRule

    /// The format of an answer that says nothing else.
    var replyFormat: ReplyFormat { format == .xml ? .xml : .json }

    /// Compiles the content: `kind` is the mailbox's section, `request` the fields.
    init?(_ kind: Section, _ request: Node?, _ compiler: MappingCompiler, charset: Charset) {
        let format = kind.choice("body", of: Format.allCases.map(\.rawValue)).flatMap(Format.init) ?? .xml
        let landing: Landing = format == .xml ? .xml : format == .json ? .json : .form
        let fields = request.flatMap { compiler.object($0, landing: landing) }
        let root = format == .xml ? kind.requiredString("root") : ""
        if format != .xml, kind["root"] != nil {
            compiler.diagnostics.error("wrong-place", "'root' belongs to body: xml", at: kind.place(of: "root"))
        }
        if let root, format == .xml, !XMLCodec.isName(root) {
            compiler.diagnostics.error("bad-name", "'\(root)' is no name of an XML element", at: kind["root"]?.place)
        }
        if format == .text, let request, request.entries?.map(\.key) != ["text"] {
            compiler.diagnostics.error("missing-key", "a text is one value, 'text'", at: request.place, help: "request: { text: $.… }")
        }
        guard let fields, let root else { return nil }
        self.format = format
        self.root = root
        self.charset = charset
        self.fields = fields
    }

    /// Writes the content into a draft.
    func write(into draft: inout RequestDraft, in scope: MappingScope) throws(AdapterFault) {
        draft.charset = charset
        switch format {
        case .json: draft.json = try fields.object(in: scope)
        case .form: draft.form = try fields.pairs(in: scope)
        case .text:
            let text = try fields.object(in: scope)["text"]?.scalarText ?? ""
            draft.body = try Landing.bytes(of: text, in: charset, origin: ValueOrigin(text: "the text", pointer: nil))
        case .xml:
            let tree = Value.object(try fields.object(in: scope))
            do { draft.body = try XMLCodec.encode(.object([root: tree]), encoding: charset) } catch { throw Landing.fault(error) }
        }
    }
}
