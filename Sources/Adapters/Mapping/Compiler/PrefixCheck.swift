/// Finds XML names whose prefix is declared nowhere: no parser would take the document.
struct PrefixCheck {
    /// The prefixes that need no declaration.
    static let usual: Set<String> = ["xml", "xmlns"]

    private let diagnostics: Diagnostics
    private let help: (String) -> String

    /// A check; `help` says how a prefix is declared there.
    init(_ diagnostics: Diagnostics, help: @escaping (String) -> String) {
        self.diagnostics = diagnostics
        self.help = help
    }

    /// The check of a document that declares its prefixes itself.
    static func ofDocument(_ diagnostics: Diagnostics) -> PrefixCheck {
        PrefixCheck(diagnostics) { "declare it among the fields of an element around it:  \"@xmlns:\($0)\": { const: \"urn:…\" }" }
    }

    /// Checks a root element by its name, and the fields in it.
    func check(root: String, at place: Place?, fields: Node?) {
        check(name: root[...], PrefixCheck.usual.union(PrefixCheck.declared(in: fields)), at: place)
        check(fields, PrefixCheck.usual)
    }

    /// Checks the fields of an element; `known` are the prefixes declared around it. A document inside is a text, with names of its own.
    func check(_ node: Node?, _ known: Set<String>) {
        let known = known.union(PrefixCheck.declared(in: node))
        for entry in node?.entries ?? [] {
            let isAttribute = entry.key.utf8.first == UInt8(ascii: "@")
            let name = isAttribute ? String(entry.key.unicodeScalars.dropFirst()) : entry.key
            let inner = PrefixCheck.fields(of: entry.value)
            // Objects that become one element, or of which one becomes it, declare for it and for each other.
            let declared = inner.reduce(into: known) { $0.formUnion(PrefixCheck.declared(in: $1)) }
            check(name: name[...], declared, at: entry.place)
            if entry.value["document"] == nil { for fields in inner { check(fields, declared) } }
        }
    }

    /// The objects that a rule makes its element of.
    private static func fields(of rule: Node) -> [Node] {
        let parts = ["merge", "first", "list"].flatMap { rule[$0]?.items ?? [] }
        return ([rule["fields"]].compactMap(\.self)) + parts.flatMap(fields)
    }

    private func check(name: Substring, _ known: Set<String>, at place: Place?) {
        guard let colon = name.firstIndex(of: ":") else { return }
        let prefix = String(name[..<colon])
        guard !known.contains(prefix) else { return }
        diagnostics.error(
            "unknown-prefix", "the prefix '\(prefix)' of '\(name)' is declared nowhere", at: place,
            help: suggestion(for: prefix, among: known.sorted()).map { "did you mean '\($0)'?" } ?? help(prefix))
    }

    private static func declared(in node: Node?) -> Set<String> {
        Set((node?.entries ?? []).filter { $0.key.hasPrefix("@xmlns:") }.map { String($0.key.dropFirst(7)) })
    }
}
