/// Which of some names patterns choose: a name, `*`, or a beginning followed by `*`. Remembers what it was asked: of a thousand grants most are
/// written alike.
final class NamePatterns {
    /// The names, by their index.
    let names: [String]
    private let indexes: [String: Int]
    private var known: [[String]: ChosenIndexes] = [:]

    init(_ names: [String]) {
        self.names = names
        indexes = Dictionary(names.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
    }

    /// The indexes of the names that any of the patterns chooses.
    func chosen(_ patterns: [String]) -> ChosenIndexes {
        if let set = known[patterns] { return set }
        let set = ChosenIndexes(patterns.flatMap(matches))
        known[patterns] = set
        return set
    }

    /// Whether a pattern chooses any name.
    func matchesAny(_ pattern: String) -> Bool { chosen([pattern]).count > 0 }

    private func matches(_ pattern: String) -> [Int] {
        guard pattern.hasSuffix("*") else { return indexes[pattern].map { [$0] } ?? [] }
        let beginning = pattern.dropLast()
        return beginning.isEmpty ? Array(names.indices) : names.indices.filter { names[$0].hasPrefix(beginning) }
    }
}
