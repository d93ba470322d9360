/// Compiles the `reply` of an operation or a login.
struct ReplyCompiler {
    /// The keys that say what a reply means; the fields come beside them.
    static let keys =
        ["as"] + readerKeys + ["prefixes", "unwrap"] + MessageSignature.keys + ["pending", "success", "expect", "failure"]
        + Verdict.allCases.map(\.rawValue)
    /// The keys beside `as` that say how a document is read.
    static let readerKeys = ["encoding", "invalid", "namespaces", "lists", "delimited"]
    /// The keys that say how a body is read and what stands in it, without what it means.
    static let documentKeys = ["as"] + readerKeys + ["prefixes", "unwrap"]

    let compiler: MappingCompiler
    let diagnostics: Diagnostics

    init(_ compiler: MappingCompiler) {
        self.compiler = compiler
        diagnostics = compiler.diagnostics
    }

    /// The meaning of a reply.
    func rule(_ section: Section, kind: any AdapterKind) -> ReplyRule? {
        let formats = formats(section)
        let format = formats.first ?? kind.replyFormat
        let prefixes = prefixes(section)
        let unwraps = unwraps(section, prefixes)
        let failure = section["failure"].flatMap { Section($0, as: "'failure'", keys: ["code", "message", "retry-after"], diagnostics) }
        let codes = failure.map { words($0, "code") } ?? []
        let messages = failure.map { words($0, "message") } ?? []
        let waits = failure.map { words($0, "retry-after") } ?? []
        var verdicts: [(verdict: Verdict, predicate: Predicate)] = []
        for verdict in Verdict.allCases {
            if let node = section[verdict.rawValue], let predicate = compiler.predicate(node) { verdicts.append((verdict, predicate)) }
        }
        let expectations = (section["expect"].map { $0.items ?? [$0] } ?? []).compactMap { compiler.predicate($0) }
        let (signature, isSignatureWhole) = SignatureCompiler(compiler: compiler, message: "a reply", hasTarget: false).signature(section)
        let polling = section["pending"].flatMap(polling)
        let asksStatus = asksStatus(section)
        if polling?.answers == true, signature != nil {
            diagnostics.error(
                "wrong-place", "'then: answer' would believe a reply whose signature is not asked for", at: section.place(of: "pending"),
                help: "leave out 'then', or the signature")
        }
        let success = success(section)
        checkListRoots()
        guard let success, isSignatureWhole else { return nil }
        return ReplyRule(
            reader: reader(section, format, prefixes, others: Array(formats.dropFirst())), unwraps: unwraps,
            asksHTTP: compiler.references.asksHTTP,
            asksCall: compiler.references.asksCall, verdicts: verdicts, polling: polling, success: success, asksStatus: asksStatus,
            expectations: expectations, codes: codes, messages: messages, waits: waits, isSOAP: kind.isSOAP, signature: signature,
            places: Dictionary((section.node.entries ?? []).map { ($0.key, $0.value.place) }) { first, _ in first })
    }

    /// A body that is a list has another place once `$.http` or `$.call` stands beside it (`ReplyRoots`).
    private func checkListRoots() {
        let references = compiler.references
        guard references.asksHTTP || references.asksCall else { return }
        let asked = references.asksHTTP ? "$.http" : "$.call"
        for node in references.listRoots {
            diagnostics.error(
                "bad-path", "a body that is a list stands at $.body here, because this reply is asked for \(asked) too", at: node.place,
                help: "$.body[0] in place of $[0]")
        }
        references.listRoots = []
    }

    /// How what a department pushes is read: it is nobody's reply, so it has no success and no failure.
    func rule(push section: Section) -> ReplyRule? {
        let formats = formats(section)
        guard let format = formats.first else { return nil }
        let prefixes = prefixes(section)
        let unwraps = unwraps(section, prefixes)
        let expectations = (section["expect"].map { $0.items ?? [$0] } ?? []).compactMap { compiler.predicate($0) }
        checkListRoots()
        return ReplyRule(
            reader: reader(section, format, prefixes, others: Array(formats.dropFirst())), unwraps: unwraps,
            asksHTTP: compiler.references.asksHTTP, asksCall: false,
            verdicts: [], polling: nil, success: .http, asksStatus: false, expectations: expectations, codes: [], messages: [],
            waits: [], isSOAP: false, signature: nil, places: [:])
    }

    /// `pending`: what is no answer yet, and how it is asked for again.
    private func polling(_ node: Node) -> Polling? {
        guard let section = Section(node, as: "'pending'", keys: ["when", "every", "within", "then"], diagnostics),
            let predicate = section.required("when").flatMap({ compiler.predicate($0) })
        else { return nil }
        let every = section.duration("every", in: .milliseconds(100)...(.seconds(60))) ?? .seconds(1)
        let within = section.duration("within", in: .seconds(1)...(.seconds(600))) ?? .seconds(20)
        if every > within {
            diagnostics.error(
                "wrong-value", "'every' is longer than 'within', so nothing would be asked again", at: section.place(of: "every"))
        }
        let answers = section.choice("then", of: ["fail", "answer"]) == "answer"
        return Polling(predicate: predicate, every: every.milliseconds, within: within.milliseconds, answers: answers)
    }

    /// Whether `success` itself looks at HTTP, and so decides of statuses outside 2xx too.
    private func asksStatus(_ section: Section) -> Bool {
        guard let text = section["success"]?.text, let predicate = try? Predicate(text, loose: true) else { return false }
        return predicate.namesFromRoot.contains { $0.first == "http" }
    }

    private func success(_ section: Section) -> ReplyRule.Success? {
        guard let node = section["success"] else {
            diagnostics.error(
                "missing-key", "\(section.name) does not say when it is a success", at: section.node.place,
                help: "a condition such as  success: \"$.code == 0\" ; or  success: http  where HTTP 2xx alone says so")
            return nil
        }
        return node.text == "http" ? .http : compiler.predicate(node).map(ReplyRule.Success.when)
    }

    /// `as`: a format, or the usual one and those that a reply may have besides. JSON and XML are told by how they begin; of the others
    /// one at most can be among them, and comes first.
    private func formats(_ section: Section) -> [ReplyFormat] {
        let words = ReplyFormat.allCases.map(\.rawValue)
        guard let items = section["as"]?.items else { return section.choice("as", of: words).flatMap(ReplyFormat.init).map { [$0] } ?? [] }
        var formats: [ReplyFormat] = []
        for item in items {
            guard let text = item.text, let format = ReplyFormat(rawValue: text), !formats.contains(format) else {
                let help = item.text.flatMap { suggestion(for: $0, among: words) }.map { "did you mean '\($0)'?" }
                diagnostics.error(
                    "unknown-value", "'as' is a list of different formats", at: item.place,
                    help: help ?? "of: \(words.joined(separator: ", "))")
                continue
            }
            if !formats.isEmpty, format != .json, format != .xml {
                diagnostics.error(
                    "wrong-value", "'\(text)' cannot be told from others by how it begins", at: item.place,
                    help: "put it first: it is what a reply is that begins neither like JSON nor like XML")
            }
            formats.append(format)
        }
        return formats
    }

    private func words(_ section: Section, _ key: String) -> [ValueRule] {
        guard let node = section[key] else { return [] }
        return (node.items ?? [node]).compactMap { compiler.rule($0, for: key, landing: .form) }
    }

    // MARK: Documents

    /// How a body, or a document inside it, becomes a tree: the keys beside `as`.
    private func reader(
        _ section: Section, _ format: ReplyFormat, _ prefixes: NamePrefixes, others: [ReplyFormat] = []
    ) -> DocumentReader {
        let trustsDeclaration = section["encoding"]?.text == "declared"
        let charset = trustsDeclaration ? nil : compiler.charset(section, "encoding")
        var reader = DocumentReader(format: format, charset: charset, prefixes: prefixes)
        reader.others = others
        reader.trustsDeclaration = trustsDeclaration
        let formats = [format] + others
        if trustsDeclaration, !formats.contains(.xml) {
            diagnostics.error("wrong-place", "only XML declares its encoding", at: section.place(of: "encoding"))
        }
        reader.replacesInvalid = section.choice("invalid", of: ["refuse", "replace"]) == "replace"
        if let node = section["namespaces"] {
            if !formats.contains(.xml) {
                diagnostics.error("wrong-place", "'namespaces' belongs to as: xml", at: section.place(of: "namespaces"))
            }
            reader.names = names(node)
        }
        if let lists = section.strings("lists") {
            if !formats.contains(.xml) { diagnostics.error("wrong-place", "'lists' belongs to as: xml", at: section.place(of: "lists")) }
            reader.lists = Set(lists)
        }
        let dialect = section["delimited"].flatMap {
            Section($0, as: "'delimited'", keys: MappingCompiler.dialectKeys + ["first", "last"], diagnostics)
        }
        if dialect != nil, !formats.contains(.delimited) {
            diagnostics.error("wrong-place", "'delimited' belongs to as: delimited", at: section.place(of: "delimited"))
        } else if let dialect, let known = compiler.dialect(dialect, columns: nil) {
            reader.dialect = known
        }
        return reader
    }

    private func names(_ node: Node) -> XMLNames {
        guard let entries = node.entries else {
            diagnostics.error(
                "wrong-type", "'namespaces' is a mapping of prefixes, not \(node.kindName)", at: node.place,
                help: "such as  { b: \"urn:example\" }")
            return .local
        }
        var names: [(prefix: String, uri: String)] = []
        for entry in entries {
            guard let uri = entry.value.text, !uri.isEmpty, !uri.utf8.contains(0) else {
                diagnostics.error("wrong-type", "a namespace is a text, not \(entry.value.kindName)", at: entry.value.place)
                continue
            }
            if !XMLCodec.isName(entry.key) || entry.key.contains(":") {
                diagnostics.error("bad-name", "'\(entry.key)' is no prefix", at: entry.place)
            }
            if uri == "http://schemas.xmlsoap.org/soap/envelope/" || uri == "http://www.w3.org/2003/05/soap-envelope" {
                diagnostics.error("wrong-place", "the envelope's own names have no prefix", at: entry.value.place, help: "$.Envelope.Body")
            }
            names.append((entry.key, uri))
        }
        return XMLNames(names)
    }

    private func prefixes(_ section: Section) -> NamePrefixes {
        guard let node = section["prefixes"] else { return NamePrefixes() }
        guard let entries = node.entries else {
            diagnostics.error(
                "wrong-type", "'prefixes' is a mapping of what names begin with to the names they get, not \(node.kindName)",
                at: node.place,
                help: "such as  { SXBM_: SXBM }")
            return NamePrefixes()
        }
        var prefixes: [(prefix: String, name: String)] = []
        for entry in entries {
            guard let name = entry.value.text, !name.isEmpty, !entry.key.isEmpty else {
                diagnostics.error("wrong-type", "'\(entry.key)' needs the name that the field gets", at: entry.value.place)
                continue
            }
            prefixes.append((entry.key, name))
        }
        return NamePrefixes(prefixes)
    }

    private func unwraps(_ section: Section, _ prefixes: NamePrefixes) -> [UnwrapRule] {
        guard let node = section["unwrap"] else { return [] }
        return (node.items ?? [node]).compactMap { unwrap($0, prefixes) }
    }

    private func unwrap(_ node: Node, _ prefixes: NamePrefixes) -> UnwrapRule? {
        let keys = ["at", "as", "in", "in-place", "when"] + ReplyCompiler.readerKeys
        guard let section = Section(node, as: "'unwrap'", keys: keys, diagnostics) else { return nil }
        let format =
            section.required("as") == nil ? nil : section.choice("as", of: ReplyFormat.allCases.map(\.rawValue)).flatMap(ReplyFormat.init)
        let layers = compiler.layers(section, landing: nil)
        guard let at = section.required("at").flatMap({ compiler.path($0) }), let format else { return nil }
        let inPlace = section.bool("in-place") ?? false
        if inPlace, at.place == nil {
            diagnostics.error(
                "bad-path", "'in-place' needs a path of names, indexes and [*]", at: section["at"]?.place,
                help: "such as $.data.content or $.list[*].content")
        }
        // Of a document that takes the place of its text, `@` is the object around it: records of several layouts say so in a column.
        let conditions = inPlace ? compiler.inside(MappingCompiler.ListContext(path: at.text, shape: .any)) : compiler
        let condition = section["when"].flatMap(conditions.predicate)
        return UnwrapRule(
            at: at, layers: layers, reader: reader(section, format, prefixes), place: inPlace ? at.place : nil, condition: condition)
    }

    // MARK: The contract's fields

    /// Checks what a reply fills against the contract's answer: names that it does not know, required ones that nothing fills.
    /// `isWhole` is false for one of several objects that are merged.
    func check(
        _ fields: ObjectRule, _ node: Node, against shape: ContractShape, filled: [String] = [], at path: String = "", isWhole: Bool = true
    ) {
        guard case .object(let known, let isOpen) = shape else {
            if case .any = shape { return }
            diagnostics.error("wrong-type", "the contract has no object at '\(path)'", at: node.place)
            return
        }
        for field in fields.fields {
            guard let entry = node.entries?.first(where: { $0.key == field.name }) else { continue }
            guard let inner = known.first(where: { $0.name == field.name })?.shape else {
                if !isOpen { unknown(entry, known.map(\.name), path) }
                continue
            }
            // A list of which an item is picked, or that is joined, is none any more.
            if !field.rule.conversions.contains(where: \.endsList) { descend(field.rule.source, entry.value, inner, at: path + field.name) }
            checkWords(field.rule, entry.value, inner, at: path + field.name)
        }
        for field in known where isWhole && field.isRequired && !filled.contains(field.name) {
            guard !fields.fields.contains(where: { $0.name == field.name }),
                node.entries?.contains(where: { $0.key == field.name }) == false
            else { continue }
            diagnostics.error(
                "unmapped-field", "the contract requires '\(path)\(field.name)', and nothing fills it", at: node.place,
                help: "add  \(field.name): $.…" + (compiler.answersCall ? "  or  \(field.name): { call: $.\(field.name) }" : ""))
        }
    }

    private func unknown(_ entry: Node.Entry, _ allowed: [String], _ path: String) {
        let help =
            suggestion(for: entry.key, among: allowed).map { "did you mean '\($0)'?" } ?? "allowed here: \(allowed.joined(separator: ", "))"
        diagnostics.error("unknown-field", "the contract's answer has no field '\(path)\(entry.key)'", at: entry.place, help: help)
    }

    private func descend(_ source: ValueSource, _ node: Node, _ shape: ContractShape, at path: String) {
        switch source {
        case .object(let rule):
            if let fields = node["fields"] { check(rule, fields, against: shape, at: path + ".") }
        case .list(let rule):
            switch shape {
            case .list, .any: break
            default: diagnostics.error("wrong-type", "the contract has no list at '\(path)'", at: node.place)
            }
            if case .object(let item) = rule.item, let fields = node["fields"] {
                check(item, fields, against: shape.item, at: path + "[].")
            }
        case .first(let rules): parts(rules, node["first"], shape, isWhole: true, at: path)
        case .merge(let rules): parts(rules, node["merge"], shape, isWhole: false, at: path)
        default: break
        }
    }

    /// Checks the objects among several values of which one becomes the field, or that become it together.
    private func parts(_ rules: [ValueRule], _ node: Node?, _ shape: ContractShape, isWhole: Bool, at path: String) {
        for (rule, part) in zip(rules, node?.items ?? []) {
            if case .object(let object) = rule.source, let fields = part["fields"] {
                check(object, fields, against: shape, at: path + ".", isWhole: isWhole)
            } else {
                descend(rule.source, part, shape, at: path)
            }
        }
    }

    /// Checks that what a code table or a constant gives is one of the contract's words.
    private func checkWords(_ rule: ValueRule, _ node: Node, _ shape: ContractShape, at path: String) {
        // What conversions make of the first value is seen in them; without any, each of the values may be the answer's own.
        if case .first(let rules) = rule.source, rule.conversions.isEmpty {
            for (rule, part) in zip(rules, node["first"]?.items ?? []) { checkWords(rule, part, shape, at: path) }
        }
        guard case .scalar(let words?) = shape else { return }
        var given: [Value] = rule.fallback.map { [$0] } ?? []
        if case .constant(let value) = rule.source, rule.conversions.isEmpty { given.append(value) }
        for word in given.compactMap(\.scalarText).sorted() { checkWord(word, among: words, of: path, at: node.place) }
        if case .map(let table)? = rule.conversions.last { checkWords(of: table, node, among: words, at: path) }
    }

    /// Checks a code table: a word that is wrong is wrong where it stands, however often the table is used.
    private func checkWords(of table: CodeTable, _ node: Node, among words: [String], at path: String) {
        let used = node["map"] ?? node["reverse-map"] ?? node
        var given = table.values.map { (code: $0.key, word: $0.value) }
        if let otherwise = table.otherwise { given.append(("default", otherwise)) }
        for (code, word) in given.sorted(by: { $0.code < $1.code }) {
            let place = table.places[code] ?? used.place
            guard let name = table.name, !table.places.isEmpty else {
                checkWord(word.scalarText, among: words, of: path, at: place)
                continue
            }
            if diagnostics.holds("unknown-word", at: place) { continue }
            checkWord(
                word.scalarText, among: words, of: path, at: place, as: ", which the table '\(name)' fills on line \(used.place.line)")
        }
    }

    private func checkWord(_ word: String?, among words: [String], of path: String, at place: Place, as use: String = "") {
        guard let word, !word.isEmpty, !words.contains(word) else { return }
        let help = suggestion(for: word, among: words).map { "did you mean '\($0)'?" } ?? "one of: \(words.joined(separator: ", "))"
        diagnostics.error("unknown-word", "'\(word)' is no value of the contract's '\(path)'\(use)", at: place, help: help)
    }
}
