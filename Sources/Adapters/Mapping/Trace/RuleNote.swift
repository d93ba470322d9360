/// What a trace says of a rule: kept from compiling, so that nothing is looked up while a call is translated.
struct RuleNote: Sendable {
    /// Where the rule stands.
    let place: Place
    /// Where its value is taken from, in the file's words.
    let source: String
    /// The words of its conversions, in the order in which they are applied.
    let words: [String]

    /// How long a source in the file's words may be.
    private static let limit = 72

    /// The note of a rule from its node.
    init(_ node: Node, _ source: ValueSource) {
        place = node.place
        let entries = node.entries ?? []
        words = ConversionWord.allCases.compactMap { word in
            guard let value = entries.first(where: { $0.key == word.rawValue })?.value else { return nil }
            guard let text = value.text, text.count <= 24 else { return word.rawValue }
            return "\(word.rawValue) \(text)"
        }
        switch source {
        case .path(let path), .all(let path): self.source = path.text
        case .call(let path): self.source = "call " + path.text
        default:
            let entry = entries.first { MappingCompiler.sources.contains($0.key) }
            let text = entry.map { "\($0.key) \($0.value.inline)" } ?? node.inline
            self.source = text.count > RuleNote.limit ? text.prefix(RuleNote.limit - 1) + "…" : text
        }
    }
}

extension Node {
    /// The node in one line, as a person would write it.
    var inline: String {
        switch content {
        case .scalar(let text, let plain): plain ? text : "\"\(text)\""
        case .sequence(let items): "[" + items.map(\.inline).joined(separator: ", ") + "]"
        case .mapping(let entries): "{ " + entries.map { "\($0.key): \($0.value.inline)" }.joined(separator: ", ") + " }"
        }
    }
}
