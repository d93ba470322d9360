extension Section {
    /// The name of a secret; see `Diagnostics.secretName`.
    func secretName(_ key: String = "secret") -> String? {
        guard let node = self[key] else { return nil }
        return diagnostics.secretName(node, key)
    }
}

extension Diagnostics {
    /// The name of a secret: of a file or an environment variable, so letters, digits and `_`. Nil, with a problem, for anything else:
    /// whoever writes `$NAME` or `${NAME}` means the name.
    public func secretName(_ node: Node, _ key: String = "secret") -> String? {
        guard let name = node.text else {
            error("wrong-type", "'\(key)' must be the name of a secret, not \(node.kindName)", at: node.place)
            return nil
        }
        func isName(_ text: some StringProtocol) -> Bool {
            !text.isEmpty
                && text.utf8.allSatisfy {
                    $0 == 0x5F || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                }
        }
        if isName(name) { return name }
        let plain = ["env:", "ENV:", "secret:", "file:"].first { name.hasPrefix($0) }.map { String(name.dropFirst($0.count)) } ?? name
        let bare = plain.filter { !"${}%<> ".contains($0) }
        let near = isName(bare) ? "did you mean '\(bare)'? " : ""
        error(
            "bad-name", "'\(name)' is no name of a secret", at: node.place,
            help: near + "the value stands in the environment variable or the file of that name: letters, digits and '_'")
        return nil
    }
}
