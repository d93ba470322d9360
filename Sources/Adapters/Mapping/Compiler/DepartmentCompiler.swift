/// Compiles one department's file.
struct DepartmentCompiler {
    /// The keys of every call, whatever its kind.
    static let callKeys = AdapterCatalog.keys + ["let", "request", "reply", "signed"]

    let file: Section
    let shapes: [String: OperationShape]
    let diagnostics: Diagnostics
    private let codes: [String: CodeTable]
    private let absent: [String]
    private let signer: Signer?
    private let defaults: OperationDefaults
    /// The names of the login's values; nil when the login could not be read.
    private var sessionValues: [String]? = [DepartmentSession.token]
    private let named = MappingCompiler.References()

    /// The secrets named so far.
    var secrets: [SecretMention] { named.secrets }

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
        named.secrets = signer?.mentions() ?? []
        defaults = OperationDefaults(file, diagnostics)
    }

    private func compiler(
        _ direction: MappingDirection, _ references: MappingCompiler.References, _ input: ContractShape, later: [String] = []
    ) -> MappingCompiler {
        MappingCompiler(
            diagnostics: diagnostics, direction: direction, codes: codes, references: references, input: input,
            absent: direction == .reply ? absent : [], sessionValues: sessionValues, laterSteps: later)
    }

    /// The milliseconds that all calls of an operation have, where the file says.
    private var totalTime: Int64? {
        guard let upstream = file["upstream"], upstream.entries != nil else { return nil }
        guard let node = upstream["timeout"], node.entries != nil, node["total"] != nil,
            let section = Section(node, as: "'timeout'", keys: (node.entries ?? []).map(\.key), Diagnostics())
        else { return 60_000 }
        return section.duration("total", in: .milliseconds(10)...(.seconds(3600)))?.milliseconds
    }

    // MARK: Calls

    /// What every call has: how it is asked, and what its reply means.
    private struct Call {
        let lets: ObjectRule?
        let kind: any AdapterKind
        let signer: Signer?
        let reply: ReplyRule
        let usesSession: Bool
    }

    /// Compiles a call. `filling` reads the keys of its reply that say what comes out, whatever becomes of the rest.
    private func call(
        _ section: Section, as name: String, _ input: ContractShape, replyKeys: [String], later: [String] = [],
        filling: (Section, ReplyCompiler) -> Void
    ) -> Call? {
        let references = MappingCompiler.References()
        let charset = AdapterCatalog.charset(of: section)
        let (lets, seen) = lets(section, references, input, later, charset)
        var requests = compiler(.request, references, seen, later: later)
        requests.bodyCharset = charset
        let kind = AdapterCatalog.kind(of: section, requests)
        defer { named.secrets += references.secrets }
        guard let node = section.required("reply"),
            let reply = Section(node, as: "the reply of \(name)", keys: ReplyCompiler.keys + replyKeys, diagnostics)
        else { return nil }
        var readings = compiler(.reply, references, input, later: later)
        readings.requestValues = lets?.fields.map(\.name) ?? []
        let replies = ReplyCompiler(readings)
        filling(reply, replies)
        guard let kind, let rule = replies.rule(reply, kind: kind) else { return nil }
        if references.usesCursor, !replyKeys.contains("paging") {
            diagnostics.error("wrong-place", "a step has no pages, and so no cursor", at: section.node.place)
        }
        if let polling = rule.polling, let total = totalTime, polling.within > total {
            diagnostics.warning(
                "never-reached", "'pending' waits up to \(polling.within / 1000) s, and all calls together have \(total / 1000) s",
                at: reply.place(of: "pending"), help: "a longer timeout.total of the upstream, or a shorter 'within'")
        }
        if kind.handsIn, rule.polling != nil {
            diagnostics.error(
                "wrong-place", "'pending' asks again with the whole call, and would put the file again", at: reply.place(of: "pending"),
                help: "'within' of the mailbox's 'answer' says how long it is looked for")
        }
        let isSigned = section.bool("signed") ?? true
        return Call(lets: lets, kind: kind, signer: isSigned ? signer : nil, reply: rule, usesSession: references.usesSession)
    }

    /// The values under `let`, and what a request sees with them.
    private func lets(
        _ section: Section, _ references: MappingCompiler.References, _ input: ContractShape, _ later: [String], _ charset: Charset
    ) -> (rules: ObjectRule?, seen: ContractShape) {
        guard let node = section["let"] else { return (nil, input) }
        guard let entries = node.entries else {
            diagnostics.error("wrong-type", "'let' must be a mapping of values, not \(node.kindName)", at: node.place)
            return (nil, input)
        }
        var fields: [ObjectRule.Field] = []
        var known: [ContractShape.Field] = []
        let isOpen = defaults.misplaced.contains("let")
        var seen = input.adding("let", .object([], isOpen: isOpen))
        for entry in entries {
            checkName(entry, of: "a value under 'let'")
            var values = compiler(.request, references, seen, later: later)
            values.bodyCharset = charset
            if let rule = values.rule(entry.value, for: entry.key, landing: .json) {
                fields.append(.init(name: entry.key, rule: rule))
            }
            known.append(.init(name: entry.key, isRequired: false, shape: .any))
            seen = input.adding("let", .object(known, isOpen: isOpen))
        }
        return (ObjectRule(fields: fields), seen)
    }

    /// A name that paths write after a dot.
    private func checkName(_ entry: Node.Entry, of what: String) {
        guard (try? PathReference("$." + entry.key))?.names?.count != 1 else { return }
        diagnostics.error(
            "bad-name", "'\(entry.key)' is no name of \(what)", at: entry.place, help: "letters, digits and '_', such as ticket")
    }

    // MARK: Steps

    /// The calls under `steps`, and what the call below them sees. `merges` says whether the department's defaults hold for them.
    private func steps(_ section: Section, _ input: ContractShape, merges: Bool) -> (steps: [CallStep], seen: ContractShape) {
        guard let node = section["steps"] else { return ([], input) }
        guard let entries = node.entries, !entries.isEmpty else {
            diagnostics.error(
                "wrong-type", "'steps' must be a mapping of calls, not \(node.kindName)", at: node.place,
                help: "a name for each, and under it a call such as an operation has")
            return ([], input)
        }
        var steps: [CallStep] = []
        var made: [ContractShape.Field] = []
        for (index, entry) in entries.enumerated() {
            checkName(entry, of: "a step")
            let seen = input.adding("steps", .object(made, isOpen: false))
            let body = merges ? defaults.merged(into: entry.value) : entry.value
            let later = entries[index...].map(\.key)
            let step = step(entry, body, seen, later)
            if let step { steps.append(step) }
            // Where a step could not be read its fields are not known, and nobody is told off for using them.
            made.append(.init(name: entry.key, isRequired: false, shape: step.map(ContractShape.init(of:)) ?? .any))
        }
        return (steps, input.adding("steps", .object(made, isOpen: false)))
    }

    private func step(_ entry: Node.Entry, _ body: Node, _ seen: ContractShape, _ later: [String]) -> CallStep? {
        let name = "the step '\(entry.key)'"
        guard let section = Section(body, as: name, keys: Self.callKeys + ["when", "changes", "each"], diagnostics) else { return nil }
        let condition = section["when"].flatMap { compiler(.request, .init(), seen, later: later).predicate($0) }
        let isWrite = section.bool("changes") ?? false
        let lists = compiler(.request, .init(), seen, later: later)
        let each = section["each"].flatMap { lists.path($0) }
        let item = each.map { lists.shape(of: $0).item }
        var results: ObjectRule?
        let call = call(section, as: name, item.map { seen.adding("item", $0) } ?? seen, replyKeys: ["fields"], later: later) {
            reply, replies in
            results = reply["fields"].map { replies.compiler.object($0, landing: .json) } ?? ObjectRule(fields: [])
        }
        guard let call, let results, section["when"] == nil || condition != nil, section["each"] == nil || each != nil else { return nil }
        let adapter = OperationAdapter(
            id: entry.key, usesSession: call.usesSession, isWrite: isWrite, steps: [], lets: call.lets, kind: call.kind,
            signer: call.signer, reply: call.reply, answer: results, paging: nil)
        return CallStep(name: entry.key, call: adapter, condition: condition, each: each)
    }

    // MARK: Operations

    func operations() -> [String: OperationAdapter]? {
        guard let node = file["operations"] else { return [:] }
        guard let entries = node.entries else {
            diagnostics.error(
                "wrong-type", "'operations' must be a mapping, not \(node.kindName)", at: node.place,
                help: "operations of the contract: \(shapes.keys.sorted().joined(separator: ", "))")
            return nil
        }
        var operations: [String: OperationAdapter] = [:]
        var readings = RepeatedReadings(diagnostics)
        defer { readings.finish() }
        for entry in entries {
            readings.begin(entry.key, steps: entry.value["steps"]?.entries?.map(\.key) ?? [])
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

    private func operation(_ entry: Node.Entry, _ shape: OperationShape) -> OperationAdapter? {
        let keys = Self.callKeys + ["steps", "cannot-search"]
        guard let section = Section(defaults.merged(into: entry.value), as: "the operation '\(entry.key)'", keys: keys, diagnostics) else {
            return nil
        }
        let input = defaults.misplaced.reduce(shape.input.adding("user", .user)) { $0.adding($1, .any) }
        let (steps, seen) = steps(section, input, merges: true)
        var answer: ObjectRule?
        var paging: OperationAdapter.Paging?
        var pages = PageRules.none
        let call = call(section, as: "'\(entry.key)'", seen, replyKeys: ["fields", "paging"]) { reply, replies in
            (paging, pages) = self.paging(reply, replies.compiler)
            guard let fields = reply.required("fields") else { return }
            answer = replies.compiler.object(fields, landing: .json)
            let filled = paging.map { $0 == .gateway || pages.cursor != nil ? ["page", "size", "total"] : ["page", "size"] } ?? []
            if let answer { replies.check(answer, fields, against: shape.answer, filled: filled) }
        }
        guard let call, let answer else { return nil }
        CriteriaCompiler(shape, diagnostics).checkNumber(section.node, entry)
        if pages.largest != nil || pages.cursor != nil, let step = steps.first(where: \.call.isWrite) {
            diagnostics.error(
                "wrong-place", "a page may take several calls, each with its steps, and the step '\(step.name)' changes something",
                at: section["steps"]?.place)
        }
        let criteria = CriteriaCompiler(shape, diagnostics).criteria(section.node, entry, answer, section.strings("cannot-search") ?? [])
        return OperationAdapter(
            id: entry.key, usesSession: call.usesSession, isWrite: shape.isWrite, steps: steps, lets: call.lets, kind: call.kind,
            signer: call.signer, reply: call.reply, answer: answer, paging: paging, pages: pages, criteria: criteria,
            owed: shape.isWrite ? [] : answer.fields.map(\.name).filter(shape.asks(by:)))
    }

    /// Who cuts a list into pages, and how a department gives a long one.
    private func paging(_ reply: Section, _ compiler: MappingCompiler) -> (OperationAdapter.Paging?, PageRules) {
        guard let node = reply["paging"], node.entries != nil else {
            if let word = reply["paging"]?.text, ["largest", "cursor"].contains(word) {
                diagnostics.error(
                    "wrong-type", "'\(word)' needs its value", at: reply["paging"]?.place,
                    help: word == "largest" ? "paging: { largest: 20 }" : "paging: { cursor: $.… }")
                return (nil, .none)
            }
            if compiler.references.usesCursor { noCursor(at: reply["paging"]?.place ?? reply.node.place) }
            return (
                reply.choice("paging", of: OperationAdapter.Paging.allCases.map(\.rawValue)).flatMap(OperationAdapter.Paging.init), .none
            )
        }
        guard let section = Section(node, as: "'paging'", keys: ["largest", "cursor"], diagnostics) else { return (.department, .none) }
        let cursor = section["cursor"].flatMap { compiler.rule($0, for: "cursor", landing: .form) }
        if section["cursor"] == nil, compiler.references.usesCursor { noCursor(at: node.place) }
        if let cursor = section["cursor"], !compiler.references.usesCursor {
            diagnostics.error(
                "unused-key", "the request does not say where the department is to go on", at: cursor.place,
                help: "put  { paging: cursor }  where the department wants it")
        }
        if section["cursor"] == nil, section["largest"] != nil, !compiler.references.usesPage {
            diagnostics.error(
                "missing-key", "nothing in the request says which page is meant, so every call would give the first", at: node.place,
                help: "put  { paging: page }  or  { paging: offset }  where the department wants it")
        }
        // With less than ten, the calls that are made at most would not fill a page of the contract.
        let largest = section.integer("largest", in: 10...10_000)
        return (.department, PageRules(largest: largest.map(Int64.init), cursor: cursor))
    }

    private func noCursor(at place: Place) {
        diagnostics.error(
            "missing-key", "the request asks for the cursor, and the reply does not say where it stands", at: place,
            help: "paging: { cursor: $.… }")
    }

    // MARK: Login

    mutating func login() -> LoginAdapter? {
        guard let node = file["login"] else { return nil }
        sessionValues = nil
        guard let section = Section(node, as: "the login", keys: Self.callKeys + ["steps"], diagnostics) else { return nil }
        let (steps, seen) = steps(section, .object([], isOpen: false), merges: false)
        var values: ObjectRule?
        var lifetime: LoginAdapter.Lifetime?
        let call = call(section, as: "the login", seen, replyKeys: ["token", "session", "lifetime"]) { reply, replies in
            values = session(reply, replies.compiler)
            lifetime = self.lifetime(reply, replies.compiler)
        }
        sessionValues = values?.fields.map(\.name)
        if call?.usesSession == true || steps.contains(where: { $0.call.usesSession }) {
            diagnostics.error("wrong-place", "the login makes the session and cannot use it", at: node.place)
        }
        guard let call, let values else { return nil }
        let fingerprint = (file["signing"]?.canonical ?? "") + "\n" + node.canonical
        return LoginAdapter(
            fingerprint: fingerprint, steps: steps, lets: call.lets, kind: call.kind, signer: call.signer, reply: call.reply,
            values: values,
            lifetime: lifetime)
    }

    /// The session's values: `token`, or several by name under `session`.
    private func session(_ reply: Section, _ compiler: MappingCompiler) -> ObjectRule? {
        guard let several = reply["session"] else {
            guard let token = reply.required("token"), let rule = compiler.rule(token, for: DepartmentSession.token, landing: .header)
            else {
                return nil
            }
            return ObjectRule(fields: [.init(name: DepartmentSession.token, rule: rule)])
        }
        if reply["token"] != nil {
            diagnostics.error(
                "two-sources", "'token' and 'session' both say what the session is", at: reply.place(of: "token"),
                help: "put it into 'session':  session: { token: … }")
        }
        guard let values = compiler.object(several, landing: .header), !values.fields.isEmpty else { return nil }
        return values
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
