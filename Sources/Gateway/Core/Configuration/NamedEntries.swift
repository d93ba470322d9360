internal import Adapters

extension Section {
    /// The entries of a mapping from names to things of one kind, such as `issuers`; those whose name is no identifier are problems
    /// and left out.
    func named(_ key: String, of one: String) -> [Node.Entry] {
        guard let node = self[key] else { return [] }
        guard let entries = node.entries else {
            diagnostics.error("wrong-type", "'\(key)' must be a mapping from names to \(key)", at: node.place)
            return []
        }
        return entries.filter { entry in
            guard !DepartmentFile.isIdentifier(entry.key) else { return true }
            diagnostics.error(
                "wrong-id", "'\(entry.key)' cannot be \(one)'s name", at: entry.place, help: "lower-case letters, digits and '-'")
            return false
        }
    }
}
