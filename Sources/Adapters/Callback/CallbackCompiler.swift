/// Compiles the items of a department's `callbacks`.
public struct CallbackCompiler {
    /// The keys of a callback that are read elsewhere: how it is reached, and from where.
    public static let addressKeys = ["id", "path", "methods", "from", "body-limit"]
    static let keys = ["receive"] + MessageSignature.keys + ["each", "event", "key", "answer"]

    static let answerKeys = ["body", "root", "charset", "type", "accepted", "refused", "status", "refused-status"]
    static let answerFormats = ["json", "form", "xml", "text"]

    private let notification: ContractNotification
    private let codes: [String: CodeTable]
    private let absent: [String]
    private let diagnostics: Diagnostics

    /// A compiler for one department's file; nil, with a problem at `node`, where the contract has no notification.
    public init?(_ file: Section, at node: Node, contract: Contract, _ diagnostics: Diagnostics) {
        guard let notification = contract.notifications.first else {
            diagnostics.error("unsupported", "the contract has no webhook that says what an event is", at: node.place)
            return nil
        }
        self.notification = notification
        self.diagnostics = diagnostics
        absent = file.strings("absent") ?? []
        // What is wrong with a table is reported where the operations are compiled.
        let silent = Diagnostics()
        var codes: [String: CodeTable] = [:]
        for entry in file["codes"]?.entries ?? [] { codes[entry.key] = CodeTable(entry.value, name: entry.key, silent) }
        self.codes = codes
    }

    /// Compiles one; nil, with problems, when it cannot be used.
    public func compile(_ node: Node) -> CallbackAdapter? {
        guard let section = Section(node, as: "a callback", keys: Self.addressKeys + Self.keys, diagnostics),
            let id = section.requiredString("id")
        else { return nil }
        let references = MappingCompiler.References()
        var compiler = MappingCompiler(
            diagnostics: diagnostics, direction: .reply, codes: codes, references: references, input: .object([], isOpen: false),
            absent: absent)
        let (signature, isSignatureWhole) = SignatureCompiler(compiler: compiler, message: "this callback", hasTarget: true).signature(
            section)
        let list = section["each"].flatMap { compiler.path($0) }
        if let list { compiler.list = MappingCompiler.ListContext(path: list.text, shape: .any) }
        let event = section.required("event").flatMap { fields -> ObjectRule? in
            let rules = compiler.object(fields, landing: .json)
            if let rules { ReplyCompiler(compiler).check(rules, fields, against: notification.shape) }
            return rules
        }
        let key = (section["key"].map { $0.items ?? [$0] } ?? []).compactMap { compiler.rule($0, for: "key", landing: .form) }
        let answers = self.answers(section, references)
        // Last: whether anything asks for `$.http` is known by now.
        compiler.list = nil
        let reader = self.reader(section, compiler)
        if references.usesSession {
            diagnostics.error("wrong-place", "a callback has no session", at: section.place(of: "event"))
        }
        guard let reader, let event, let accepted = answers.accepted, isSignatureWhole else { return nil }
        return CallbackAdapter(
            id: id, secretNames: references.secrets, notification: notification, reader: reader, signature: signature, list: list,
            event: event, key: key, accepted: accepted, refused: answers.refused)
    }

    private func reader(_ section: Section, _ compiler: MappingCompiler) -> ReplyRule? {
        guard let node = section.required("receive"),
            let receive = Section(node, as: "'receive'", keys: ReplyCompiler.documentKeys + ["expect"], diagnostics),
            receive.required("as") != nil
        else { return nil }
        return ReplyCompiler(compiler).rule(push: receive)
    }

    private func answers(
        _ section: Section, _ references: MappingCompiler.References
    ) -> (accepted: CallbackAnswer?, refused: CallbackAnswer?) {
        guard let node = section.required("answer"), let answer = Section(node, as: "'answer'", keys: Self.answerKeys, diagnostics)
        else { return (nil, nil) }
        let compiler = MappingCompiler(
            diagnostics: diagnostics, direction: .reply, codes: codes, references: references, input: .object([], isOpen: false))
        let format = answer.choice("body", of: Self.answerFormats).flatMap(RequestBody.Format.init) ?? .json
        let charset = compiler.charset(answer, "charset") ?? .utf8
        func words(_ key: String, _ status: Int) -> CallbackAnswer? {
            guard let fields = answer[key] else { return nil }
            return RequestBody(format, answer, dialect: nil, request: fields, compiler, charset: charset).map {
                CallbackAnswer(status: status, body: $0)
            }
        }
        guard answer.required("accepted") != nil else { return (nil, nil) }
        return (
            words("accepted", answer.integer("status", in: 200...299) ?? 200),
            words("refused", answer.integer("refused-status", in: 200...599) ?? 200)
        )
    }
}
