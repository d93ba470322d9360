/// Finds the criteria of a list that a department's mapping does not use.
struct CriteriaCompiler {
    private let shape: OperationShape
    private let diagnostics: Diagnostics

    init(_ shape: OperationShape, _ diagnostics: Diagnostics) {
        self.shape = shape
        self.diagnostics = diagnostics
    }

    /// The criteria of an operation, whose node has the defaults in it. A criterion that would be refused is worth a warning, unless the
    /// file says under `cannot-search` that it is known.
    func criteria(_ operation: Node, _ entry: Node.Entry, _ answer: ObjectRule, _ known: [String]) -> Criteria {
        guard !shape.isWrite, case .known(.list) = shape.answer.step("items") else { return .none }
        let all = CriteriaCompiler.leaves(of: shape.input, at: [])
        var mentioned: Set<[String]> = []
        CriteriaCompiler.mentions(in: operation, &mentioned)
        let used = Set(all.filter { path in mentioned.contains { $0.starts(with: path) || path.starts(with: $0) } })
        let shown = CriteriaCompiler.shown(answer)
        let unused = all.filter { !used.contains($0) }.map { path in
            let pointer = path.map { "/" + PathReference.escaped($0) }.joined()
            let field = path.count == 1 ? shape.parameters[path[0]] ?? pointer : pointer
            return Criteria.Criterion(path: path, field: field, isShown: shown.contains { path.starts(with: $0) })
        }
        let criteria = Criteria(unused: unused, used: used)
        report(criteria, entry, known)
        return criteria
    }

    /// A warning where a call by a number does not say the number: its answer would be about anybody's.
    func checkNumber(_ operation: Node, _ entry: Node.Entry) {
        guard !shape.isWrite, case .object(let fields, _) = shape.input else { return }
        var mentioned: Set<[String]> = []
        for part in operation.entries ?? [] where part.key != "reply" && part.key != "steps" {
            for text in CriteriaCompiler.texts(of: part.value) { mentioned.formUnion(CriteriaCompiler.chains(in: text)) }
        }
        if let steps = operation["steps"] { for step in steps.entries ?? [] { CriteriaCompiler.mentions(in: step.value, &mentioned) } }
        for name in fields.map(\.name) where shape.asks(by: name) && !mentioned.contains(where: { $0.first ?? name == name }) {
            diagnostics.warning(
                "never-asked", "'\(entry.key)' does not say which one it asks for: nothing in its request uses '\(name)'", at: entry.place,
                help: "put  $.\(name)  where the department wants its number")
        }
    }

    private func report(_ criteria: Criteria, _ entry: Node.Entry, _ known: [String]) {
        let refused = criteria.unused.filter { !$0.isShown && !isDescription($0.path) }.map(\.name)
        for name in known where !refused.contains(name) {
            diagnostics.error(
                "unknown-value", "'\(name)' is no criterion of \(entry.key) that this mapping lacks",
                at: entry.value["cannot-search"]?.place ?? entry.place,
                help: refused.isEmpty ? "leave out 'cannot-search'" : "these are: \(refused.joined(separator: ", "))")
        }
        let silent = refused.filter { !known.contains($0) }
        guard !silent.isEmpty else { return }
        let names = silent.joined(separator: ", ")
        diagnostics.warning(
            "unused-criterion", "'\(entry.key)' does not use \(silent.count == 1 ? "the criterion" : "the criteria") \(names)",
            at: entry.place,
            help: "a call that names one of them is refused; where the department cannot search by it, say so:  cannot-search: [\(names)]")
    }

    /// Whether a criterion is worth no word: a region, by which the gateway chooses whom to ask, the kind of a document, which is nothing
    /// without its number, and what stands beside a number that no call is without.
    private func isDescription(_ path: [String]) -> Bool {
        guard let last = path.last, path != ["region"] else { return true }
        if Criteria.numbers.contains(last) { return false }
        return ["idType", "codeType"].contains(last) || (path.count > 1 && isNumberRequired(path.dropLast()))
    }

    private func isNumberRequired(_ path: [String]) -> Bool {
        var shape = shape.input
        for name in path {
            guard case .known(let next) = shape.step(name) else { return false }
            shape = next
        }
        guard case .object(let fields, _) = shape else { return false }
        return fields.contains { $0.isRequired && Criteria.numbers.contains($0.name) }
    }

    // MARK: What there is

    private static func leaves(of shape: ContractShape, at path: [String]) -> [[String]] {
        guard case .object(let fields, _) = shape, path.count < 3 else { return [path] }
        return fields.filter { !path.isEmpty || !Criteria.others.contains($0.name) }.flatMap { leaves(of: $0.shape, at: path + [$0.name]) }
    }

    /// The fields of an item that the mapping makes, as chains of names; of one that is copied whole its own name.
    private static func shown(_ answer: ObjectRule) -> Set<[String]> {
        answer.fields.filter { $0.name == "items" }.reduce(into: []) { $0.formUnion(shown($1.rule.source)) }
    }

    private static func shown(_ source: ValueSource) -> Set<[String]> {
        switch source {
        case .list(let list):
            guard case .object(let rules) = list.item else { return [] }
            return paths(of: rules, at: [])
        case .first(let rules), .gathered(let rules), .merge(let rules): return rules.reduce(into: []) { $0.formUnion(shown($1.source)) }
        default: return []
        }
    }

    private static func paths(of rules: ObjectRule, at path: [String]) -> Set<[String]> {
        rules.fields.reduce(into: []) { found, field in
            let name = path + [field.name]
            if case .object(let inner) = field.rule.source { found.formUnion(paths(of: inner, at: name)) } else { found.insert(name) }
        }
    }

    // MARK: What is used

    /// The fields of the call that an operation or a step names anywhere: in its request, its conditions, its steps, and in its reply where
    /// that looks at the call.
    private static func mentions(in call: Node, _ found: inout Set<[String]>) {
        for entry in call.entries ?? [] {
            switch entry.key {
            case "reply": replyMentions(in: entry.value, &found)
            case "steps": for step in entry.value.entries ?? [] { mentions(in: step.value, &found) }
            case "cannot-search": break
            default: for text in texts(of: entry.value) { found.formUnion(chains(in: text)) }
            }
        }
    }

    private static func replyMentions(in node: Node, _ found: inout Set<[String]>) {
        for entry in node.entries ?? [] {
            if entry.key == "call", let text = entry.value.text { found.formUnion(chains(in: text)) }
            replyMentions(in: entry.value, &found)
        }
        for item in node.items ?? [] { replyMentions(in: item, &found) }
        guard let text = node.text else { return }
        for chain in chains(in: text) where chain.first == "call" { found.insert(Array(chain.dropFirst())) }
    }

    private static func texts(of node: Node) -> [String] {
        switch node.content {
        case .scalar(let text, _): [text]
        case .sequence(let items): items.flatMap(texts)
        case .mapping(let entries): entries.flatMap { texts(of: $0.value) }
        }
    }

    /// The chains of names behind each `$` of a text, wherever it stands; the text `$` alone is all of the call.
    private static func chains(in text: String) -> Set<[String]> {
        if text == "$" || text.contains("$..") || text.contains("$[*]") || text.contains("$.*") { return [[]] }
        var found: Set<[String]> = []
        for piece in text.split(separator: "$", omittingEmptySubsequences: false).dropFirst() {
            var names: [String] = []
            var rest = piece
            while let (name, behind) = step(rest) {
                names.append(name)
                rest = behind
            }
            if !names.isEmpty { found.insert(names) }
        }
        return found
    }

    /// The name that a text begins with, as `.name` or `['name']`, and what stands behind it.
    private static func step(_ text: Substring) -> (String, Substring)? {
        if text.first == "." {
            let name = text.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            return name.isEmpty ? nil : (String(name), text[name.endIndex...])
        }
        guard text.first == "[", let quote = text.dropFirst().first, quote == "'" || quote == "\"" else { return nil }
        let name = text.dropFirst(2).prefix { $0 != quote }
        guard text[name.endIndex...].hasPrefix("\(quote)]") else { return nil }
        return (String(name), text[name.endIndex...].dropFirst(2))
    }
}
