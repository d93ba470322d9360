/// What a department's file says about translation, compiled: login, signing, code tables and operations. Immutable; safe to share.
public struct DepartmentTranslation: Sendable {
    /// The keys of a department's file that are read here.
    public static let keys = ["codes", "absent", "signing", "login", "defaults", "operations"]

    /// The login, when the department has one.
    public let login: LoginAdapter?
    /// The operations by the contract's name.
    public let operations: [String: OperationAdapter]
    /// The secrets that the file names, with the place of each mention; whoever resolves them reports the unknown ones.
    public let secretNames: [(name: String, place: Place)]

    /// Compiles what a department's file says about translation. `file` is the whole department; its other keys are read elsewhere.
    /// Problems go to `diagnostics`; nil only when `operations` cannot be read at all, so ask `diagnostics` too.
    public init?(_ file: Section, contract: Contract, _ diagnostics: Diagnostics) {
        let shapes = contract.operations.map { ($0.id, OperationShape($0)) }
        self.init(file, shapes: Dictionary(shapes) { first, _ in first }, diagnostics)
    }

    /// Compiles; `file` is the whole department. `shapes` are the contract's operations. Problems go to `diagnostics`; nil only when
    /// `operations` cannot be read at all.
    init?(_ file: Section, shapes: [String: OperationShape], _ diagnostics: Diagnostics) {
        // What stands in `defaults` or behind an alias is compiled once for each operation, and reported once.
        let found = Diagnostics()
        found.observer = diagnostics.observer
        defer { found.forward(to: diagnostics) }
        var context = DepartmentCompiler(file, shapes, found)
        login = context.login()
        guard let operations = context.operations() else { return nil }
        self.operations = operations
        if login == nil, file["login"] == nil, let user = operations.values.first(where: \.usesSession) {
            found.error(
                "missing-key", "the operation '\(user.id)' uses the session token, and the department has no 'login'",
                at: file.place(of: "operations"))
        }
        secretNames = context.secrets
    }
}

/// Compiles one department's file.
private struct DepartmentCompiler {
    let file: Section
    let shapes: [String: OperationShape]
    let diagnostics: Diagnostics
    let codes: [String: CodeTable]
    let absent: [String]
    let signer: Signer?
    let defaults: OperationDefaults
    var secrets: [(name: String, place: Place)] = []

    init(_ file: Section, _ shapes: [String: OperationShape], _ diagnostics: Diagnostics) {
        self.file = file
        self.shapes = shapes
        self.diagnostics = diagnostics
        absent = file.strings("absent") ?? []
        var codes: [String: CodeTable] = [:]
        if let node = file["codes"], let entries = node.entries {
            for entry in entries { codes[entry.key] = CodeTable(entry.value, name: entry.key, diagnostics) }
        } else if let node = file["codes"] {
            diagnostics.error("wrong-type", "'codes' must be a mapping of tables, not \(node.kindName)", at: node.place)
        }
        self.codes = codes
        signer = file["signing"].flatMap { Signer($0, diagnostics) }
        secrets = signer?.secretNames.map { (name: $0.0, place: $0.1) } ?? []
        defaults = OperationDefaults(file, diagnostics)
    }

    private func compiler(_ direction: MappingDirection, _ references: MappingCompiler.References, _ input: ContractShape)
        -> MappingCompiler
    {
        MappingCompiler(
            diagnostics: diagnostics, direction: direction, codes: codes, references: references, input: input,
            absent: direction == .reply ? absent : [])
    }

    private func signer(_ section: Section) -> Signer? {
        (section.bool("signed") ?? true) ? signer : nil
    }

    // MARK: Operations

    mutating func operations() -> [String: OperationAdapter]? {
        guard let node = file["operations"] else { return [:] }
        guard let entries = node.entries else {
            diagnostics.error(
                "wrong-type", "'operations' must be a mapping, not \(node.kindName)", at: node.place,
                help: "operations of the contract: \(shapes.keys.sorted().joined(separator: ", "))")
            return nil
        }
        var operations: [String: OperationAdapter] = [:]
        for entry in entries {
            guard let shape = shapes[entry.key] else {
                let known = shapes.keys.sorted()
                let help =
                    suggestion(for: entry.key, among: known).map { "did you mean '\($0)'?" } ?? "one of: \(known.joined(separator: ", "))"
                diagnostics.error("unknown-operation", "the contract has no operation '\(entry.key)'", at: entry.place, help: help)
                continue
            }
            operations[entry.key] = operation(entry, shape)
        }
        return operations
    }

    private mutating func operation(_ entry: Node.Entry, _ shape: OperationShape) -> OperationAdapter? {
        let keys = AdapterCatalog.keys + ["request", "reply", "signed"]
        guard let section = Section(defaults.merged(into: entry.value), as: "the operation '\(entry.key)'", keys: keys, diagnostics) else {
            return nil
        }
        let references = MappingCompiler.References()
        let kind = AdapterCatalog.kind(of: section, compiler(.request, references, shape.input))
        let replyKeys = ReplyCompiler.keys + ["fields", "paging"]
        defer { secrets += references.secrets }
        guard let replyNode = section.required("reply"),
            let reply = Section(replyNode, as: "the reply of '\(entry.key)'", keys: replyKeys, diagnostics)
        else { return nil }
        let replies = ReplyCompiler(compiler(.reply, references, shape.input))
        let paging = reply.choice("paging", of: OperationAdapter.Paging.allCases.map(\.rawValue)).flatMap(OperationAdapter.Paging.init)
        let answer = reply.required("fields").flatMap { fields -> ObjectRule? in
            let answer = replies.compiler.object(fields, landing: .json)
            let filled = paging.map { $0 == .gateway ? ["page", "size", "total"] : ["page", "size"] } ?? []
            if let answer { replies.check(answer, fields, against: shape.answer, filled: filled) }
            return answer
        }
        guard let kind, let answer, let rule = replies.rule(reply, kind: kind) else { return nil }
        return OperationAdapter(
            id: entry.key, usesSession: references.usesSession, isWrite: shape.isWrite, kind: kind, signer: signer(section), reply: rule,
            answer: answer, paging: paging)
    }

    // MARK: Login

    mutating func login() -> LoginAdapter? {
        guard let node = file["login"] else { return nil }
        let keys = AdapterCatalog.keys + ["request", "reply", "signed"]
        guard let section = Section(node, as: "the login", keys: keys, diagnostics) else { return nil }
        let references = MappingCompiler.References()
        let kind = AdapterCatalog.kind(of: section, compiler(.request, references, .object([], isOpen: false)))
        defer { secrets += references.secrets }
        if references.usesSession {
            diagnostics.error("wrong-place", "the login makes the session and cannot use it", at: node.place)
        }
        guard let replyNode = section.required("reply"),
            let reply = Section(replyNode, as: "the reply of the login", keys: ReplyCompiler.keys + ["token", "lifetime"], diagnostics)
        else { return nil }
        let replies = ReplyCompiler(compiler(.reply, references, .object([], isOpen: false)))
        let token = reply.required("token").flatMap { replies.compiler.rule($0, for: "token", landing: .header) }
        let lifetime = lifetime(reply, replies.compiler)
        guard let kind, let token, let rule = replies.rule(reply, kind: kind) else { return nil }
        let fingerprint = (file["signing"]?.canonical ?? "") + "\n" + node.canonical
        return LoginAdapter(fingerprint: fingerprint, kind: kind, signer: signer(section), reply: rule, token: token, lifetime: lifetime)
    }

    private func lifetime(_ reply: Section, _ compiler: MappingCompiler) -> LoginAdapter.Lifetime? {
        guard let node = reply["lifetime"] else { return nil }
        guard node.entries != nil else {
            guard let time = reply.duration("lifetime", in: .seconds(1)...(.seconds(365 * 86_400))) else { return nil }
            return .fixed(time.components.seconds * 1000)
        }
        guard let section = Section(node, as: "'lifetime'", keys: ["from", "unit"], diagnostics),
            let path = section.required("from").flatMap({ compiler.path($0) })
        else { return nil }
        let unit: Int64 = ["ms": 1, "s": 1000, "m": 60_000][section.choice("unit", of: ["ms", "s", "m"]) ?? "s"] ?? 1000
        return .told(path, unit: unit)
    }
}

extension Diagnostics {
    /// Hands its problems on, each once.
    fileprivate func forward(to other: Diagnostics) {
        var seen: Set<String> = []
        for problem in problems where seen.insert(problem.description).inserted {
            switch problem.severity {
            case .error: other.error(problem.rule, problem.message, at: problem.place, help: problem.help)
            case .warning: other.warning(problem.rule, problem.message, at: problem.place, help: problem.help)
            }
        }
    }
}

extension Node {
    /// The node's content in one spelling, for comparison: the same for two nodes that mean the same.
    var canonical: String {
        switch content {
        case .scalar(let text, let plain): plain ? text : JSONCodec.text(quoting: text)
        case .sequence(let items): "[" + items.map(\.canonical).joined(separator: ",") + "]"
        case .mapping(let entries):
            "{" + entries.map { "\(JSONCodec.text(quoting: $0.key)):\($0.value.canonical)" }.joined(separator: ",") + "}"
        }
    }
}

extension JSONCodec {
    fileprivate static func text(quoting text: String) -> String {
        var out: [UInt8] = []
        quote(text, into: &out)
        return String(decoding: out, as: UTF8.self)
    }
}
