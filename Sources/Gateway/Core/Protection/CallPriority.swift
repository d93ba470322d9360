/// Who goes first where a department's room is short.
public enum CallPriority: Int, Sendable, CaseIterable, Comparable {
    /// What can be asked for again later: lists, searches.
    case low
    /// Everything else.
    case normal
    /// What somebody waits for with a finished form in hand: submissions.
    case high

    /// The word in a file.
    public var name: String { String(describing: self) }

    /// The priority of a word.
    public init?(name: String) {
        guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = found
    }

    /// The less urgent one first.
    public static func < (left: CallPriority, right: CallPriority) -> Bool { left.rawValue < right.rawValue }
}
