/// What all operations of a department have in common: the keys of `defaults`, merged into each operation before it is compiled.
struct OperationDefaults {
    private let sections: [Node.Entry]
    /// What stands here and belongs into an operation. It is a problem of its own, and whoever uses it there has no second one.
    let misplaced: [String]

    /// Reads `defaults` of a department's file.
    init(_ file: Section, _ diagnostics: Diagnostics) {
        let keys = AdapterCatalog.words + ["request", "query", "headers", "reply"] + RequestCredentials.keys
        misplaced = ["let", "steps"].filter { file["defaults"]?[$0] != nil }
        guard let node = file["defaults"], Section(node, as: "'defaults'", keys: keys, diagnostics) != nil else {
            sections = []
            return
        }
        for entry in node.entries ?? [] where entry.value.entries == nil {
            diagnostics.error("wrong-type", "'\(entry.key)' must be a mapping, not \(entry.value.kindName)", at: entry.value.place)
        }
        sections = (node.entries ?? []).filter { keys.contains($0.key) && $0.value.entries != nil }
    }

    /// An operation with the defaults that it does not override; those of a kind only where the operation names the kind.
    func merged(into operation: Node) -> Node {
        guard var entries = operation.entries, !sections.isEmpty else { return operation }
        for section in sections {
            if let index = entries.firstIndex(where: { $0.key == section.key }) {
                let own = entries[index]
                let value = own.value.isNull ? section.value : OperationDefaults.merged(section.value, under: own.value)
                entries[index] = Node.Entry(key: own.key, place: own.place, value: value)
            } else if !AdapterCatalog.words.contains(section.key) {
                entries.append(section)
            }
        }
        return Node(.mapping(entries), at: operation.place)
    }

    /// The default's entries in their order, each overridden in its place, then the operation's own.
    private static func merged(_ common: Node, under own: Node) -> Node {
        guard let base = common.entries, let mine = own.entries else { return own }
        let kept = base.map { entry in mine.first { $0.key == entry.key } ?? entry }
        return Node(.mapping(kept + mine.filter { entry in !base.contains { $0.key == entry.key } }), at: own.place)
    }
}
