/// Compiles a file of `aggregations/`: an operation of the contract that is answered by several calls.
public struct AggregationCompiler {
    static let keys = ["operation", "deadline", "parts", "answer", "paging"]
    static let partKeys = ["operation", "departments", "need", "input", "when", "merge", "fallback", "instead-of", "after"]

    private let contract: Contract
    private let departments: [String]
    private let diagnostics: Diagnostics

    /// A compiler; `departments` are the ids that a file may name.
    public init(contract: Contract, departments: [String], _ diagnostics: Diagnostics) {
        self.contract = contract
        self.departments = departments
        self.diagnostics = diagnostics
    }

    /// A part that is read but not yet compiled: its rules may look at parts that stand behind it in the file.
    private struct Draft {
        let name: String
        let entry: Node.Entry
        let section: Section
        let operation: ContractOperation
        let targets: Aggregation.Targets
    }

    /// Compiles a file; nil, with problems, when it cannot be used.
    public func compile(_ node: Node) -> Aggregation? {
        guard let file = Section(node, as: "an aggregation", keys: Self.keys, diagnostics),
            let operation = self.operation(file, required: true)
        else { return nil }
        let drafts = self.drafts(file)
        let deadline = file.duration("deadline", in: .milliseconds(100)...(.seconds(600)))
        let isPaged = file.choice("paging", of: ["gateway", "none"]) == "gateway"
        guard !drafts.isEmpty else { return nil }
        let shape = self.shape(operation, drafts)
        let parts = drafts.enumerated().compactMap { part($1, at: $0, drafts, shape, operation) }
        let answer = self.answer(file, drafts, shape, operation, isPaged)
        guard parts.count == drafts.count, let ordered = inOrder(parts, drafts) else { return nil }
        if answer == nil, file["answer"] == nil, drafts.count > 1 {
            diagnostics.error(
                "missing-key", "an aggregation of several parts needs 'answer'", at: file.place(of: "parts"),
                help: "the answer's fields, such as  answer: { item: $.parts.\(drafts[0].name) }")
            return nil
        }
        return Aggregation(
            operation: operation.id,
            deadlineMilliseconds: deadline.map { $0.components.seconds * 1000 + $0.components.attoseconds / 1_000_000_000_000_000 },
            parts: ordered, answer: answer, isPaged: isPaged)
    }

    // MARK: Reading

    private func operation(_ section: Section, required: Bool) -> ContractOperation? {
        guard let id = required ? section.requiredString("operation") : section.string("operation") else { return nil }
        if let operation = contract.operation(id) { return operation }
        let known = contract.operations.map(\.id)
        let help = suggestion(for: id, among: known).map { "did you mean '\($0)'?" } ?? "one of: \(known.joined(separator: ", "))"
        diagnostics.error("unknown-operation", "the contract has no operation '\(id)'", at: section["operation"]?.place, help: help)
        return nil
    }

    private func drafts(_ file: Section) -> [Draft] {
        guard let node = file.required("parts") else { return [] }
        guard let entries = node.entries, !entries.isEmpty else {
            diagnostics.error(
                "wrong-type", "'parts' must be a mapping from names to calls, not \(node.kindName)", at: node.place,
                help: "such as  found: { operation: cases.search, departments: all }")
            return []
        }
        return entries.compactMap { entry in
            guard PathReference.isName(entry.key) else {
                diagnostics.error(
                    "bad-name", "'\(entry.key)' cannot be the name of a part", at: entry.place,
                    help: "letters, digits and '_', beginning with a letter: its answer stands at $.parts.NAME")
                return nil
            }
            guard let section = Section(entry.value, as: "the part '\(entry.key)'", keys: Self.partKeys, diagnostics),
                let operation = self.operation(section, required: true)
            else { return nil }
            return Draft(name: entry.key, entry: entry, section: section, operation: operation, targets: targets(section))
        }
    }

    private func targets(_ section: Section) -> Aggregation.Targets {
        guard let node = section["departments"] else { return .named }
        if node.text == "all" { return .every }
        let ids = section.strings("departments") ?? []
        for id in ids where !departments.contains(id) {
            let help =
                suggestion(for: id, among: departments).map { "did you mean '\($0)'?" }
                ?? "all, or some of: \(departments.joined(separator: ", "))"
            diagnostics.error("unknown-value", "there is no department '\(id)'", at: section.place(of: id, in: "departments"), help: help)
        }
        return .listed(ids)
    }

    // MARK: Compiling

    /// What `$` holds: the request, and the parts' answers under `parts`.
    private func shape(_ operation: ContractOperation, _ drafts: [Draft]) -> ContractShape {
        let parts = drafts.map { ContractShape.Field(name: $0.name, isRequired: false, shape: OperationShape($0.operation).answer) }
        guard case .object(let fields, let isOpen) = OperationShape(operation).input else { return .any }
        return .object(fields + [.init(name: "parts", isRequired: false, shape: .object(parts, isOpen: false))], isOpen: isOpen)
    }

    private func compiler(_ shape: ContractShape) -> (MappingCompiler, MappingCompiler.References) {
        let references = MappingCompiler.References()
        return (
            MappingCompiler(diagnostics: diagnostics, direction: .request, codes: [:], references: references, input: shape), references
        )
    }

    private func part(_ draft: Draft, at index: Int, _ drafts: [Draft], _ shape: ContractShape, _ whole: ContractOperation) -> Aggregation
        .Part?
    {
        let (compiler, references) = compiler(shape)
        let section = draft.section
        let input = section["input"].flatMap { node -> ObjectRule? in
            let rules = compiler.object(node, landing: .json)
            if let rules { checkInput(rules, node, draft.operation) }
            return rules
        }
        if draft.targets == .named, draft.operation.department.isFanOut,
            !draft.operation.department.fields.contains(where: { section["input"]?[$0.name] != nil })
        {
            diagnostics.error(
                "missing-key", "nothing names a department for the part '\(draft.name)'", at: draft.entry.place,
                help:
                    "departments: all, or a list of ids, or one of these in its input: \(draft.operation.department.fields.map(\.name).joined(separator: ", "))"
            )
        }
        let condition = section["when"].flatMap { compiler.predicate($0) }
        let fallback = section["fallback"].flatMap { compiler.object($0, landing: .json) }
        let substituted = section.string("instead-of").flatMap { self.index(of: $0, in: drafts, at: section["instead-of"]?.place) }
        let after = (section.strings("after") ?? []).compactMap { self.index(of: $0, in: drafts, at: section.place(of: $0, in: "after")) }
        refuseSecrets(references)
        let texts = [section["input"], section["when"], section["fallback"]].compactMap { $0?.canonical }
        let named = drafts.indices.filter { other in texts.contains { AggregationCompiler.mentions(drafts[other].name, in: $0) } }
        let waitsFor = Set(named + after + [substituted].compactMap(\.self)).sorted()
        return Aggregation.Part(
            name: draft.name, operation: draft.operation.id, targets: draft.targets, need: need(section, draft), input: input,
            condition: condition, merge: merge(section, draft), fallback: fallback, substituted: substituted, waitsFor: waitsFor)
    }

    private func need(_ section: Section, _ draft: Draft) -> Aggregation.Need {
        let word = section.choice("need", of: Aggregation.Need.allCases.map(\.rawValue)).flatMap(Aggregation.Need.init)
        return word ?? (draft.targets == .named ? .all : .one)
    }

    /// Fields that the part's operation does not know, and required ones that nothing fills.
    private func checkInput(_ rules: ObjectRule, _ node: Node, _ operation: ContractOperation) {
        guard case .object(let known, let isOpen) = OperationShape(operation).input else { return }
        for entry in node.entries ?? [] where !isOpen && !known.contains(where: { $0.name == entry.key }) {
            let names = known.map(\.name)
            let help =
                suggestion(for: entry.key, among: names).map { "did you mean '\($0)'?" } ?? "allowed here: \(names.joined(separator: ", "))"
            diagnostics.error("unknown-field", "\(operation.id) takes no '\(entry.key)'", at: entry.place, help: help)
        }
        for field in known where field.isRequired && node[field.name] == nil {
            diagnostics.error("unmapped-field", "\(operation.id) requires '\(field.name)', and nothing fills it", at: node.place)
        }
    }

    private func merge(_ section: Section, _ draft: Draft) -> ListMerge {
        guard let node = section["merge"], let merge = Section(node, as: "'merge'", keys: ["order", "distinct"], diagnostics) else {
            return ListMerge(order: [], distinct: nil)
        }
        if draft.targets == .named {
            diagnostics.error("wrong-place", "'merge' belongs to a part that asks several departments", at: section.place(of: "merge"))
        }
        let order = (merge.strings("order") ?? []).map { word in
            ListMerge.Key(field: word.hasPrefix("-") ? String(word.dropFirst()) : word, isDescending: word.hasPrefix("-"))
        }
        for name in order.map(\.field) + [merge.string("distinct")].compactMap(\.self)
        where !draft.operation.knowsReplyField(path: ["items", name]) {
            diagnostics.error(
                "unknown-field", "the items of \(draft.operation.id) have no field '\(name)'",
                at: merge[name == merge.string("distinct") ? "distinct" : "order"]?.place ?? node.place)
        }
        return ListMerge(order: order, distinct: merge.string("distinct"))
    }

    private func answer(
        _ file: Section, _ drafts: [Draft], _ shape: ContractShape, _ operation: ContractOperation, _ isPaged: Bool
    ) -> ObjectRule? {
        guard let node = file["answer"] else { return nil }
        let (compiler, references) = compiler(shape)
        guard let rules = compiler.object(node, landing: .json) else { return nil }
        refuseSecrets(references)
        let filled = ["parts"] + (isPaged ? ["page", "size", "total"] : [])
        ReplyCompiler(compiler).check(rules, node, against: OperationShape(operation).answer, filled: filled)
        return rules
    }

    /// An aggregation speaks the contract on both sides: a secret would end in the portal's answer.
    private func refuseSecrets(_ references: MappingCompiler.References) {
        for secret in references.secrets {
            diagnostics.error(
                "wrong-place", "an aggregation has no secrets", at: secret.place, help: "secrets belong to departments' files")
        }
    }

    // MARK: The graph

    private func index(of name: String, in drafts: [Draft], at place: Place?) -> Int? {
        if let index = drafts.firstIndex(where: { $0.name == name }) { return index }
        let known = drafts.map(\.name)
        let help = suggestion(for: name, among: known).map { "did you mean '\($0)'?" } ?? "one of: \(known.joined(separator: ", "))"
        diagnostics.error("unknown-value", "there is no part '\(name)'", at: place, help: help)
        return nil
    }

    /// Whether a text holds `$.parts.NAME`, and not the name of a part that merely begins so.
    private static func mentions(_ name: String, in text: String) -> Bool {
        let needle = Array("$.parts.\(name)".utf8)
        let bytes = Array(text.utf8)
        guard bytes.count >= needle.count else { return false }
        return (0...(bytes.count - needle.count)).contains { start in
            guard bytes[start..<start + needle.count].elementsEqual(needle) else { return false }
            guard start + needle.count < bytes.count else { return true }
            let next = Character(Unicode.Scalar(bytes[start + needle.count]))
            return !(next.isLetter || next.isNumber || next == "_" || bytes[start + needle.count] >= 0x80)
        }
    }

    /// The parts so that each stands behind those it waits for; nil, with a problem, when some wait for each other.
    private func inOrder(_ parts: [Aggregation.Part], _ drafts: [Draft]) -> [Aggregation.Part]? {
        var order: [Int] = []
        var left = Array(parts.indices)
        while !left.isEmpty {
            let ready = left.filter { parts[$0].waitsFor.allSatisfy(order.contains) }
            guard !ready.isEmpty else {
                diagnostics.error(
                    "circular-parts", "these parts wait for each other: \(left.map { parts[$0].name }.joined(separator: ", "))",
                    at: drafts[left[0]].entry.place, help: "a part waits for those whose answers it names, and for those in 'after'")
                return nil
            }
            order += ready
            left.removeAll(where: ready.contains)
        }
        let places = Dictionary(uniqueKeysWithValues: order.enumerated().map { ($1, $0) })
        return order.map { parts[$0].moved(places) }
    }
}

extension Aggregation.Part {
    /// The part with the indexes of others renumbered.
    fileprivate func moved(_ places: [Int: Int]) -> Aggregation.Part {
        Aggregation.Part(
            name: name, operation: operation, targets: targets, need: need, input: input, condition: condition, merge: merge,
            fallback: fallback, substituted: substituted.flatMap { places[$0] }, waitsFor: waitsFor.compactMap { places[$0] })
    }
}
