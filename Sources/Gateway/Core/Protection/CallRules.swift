/// What a department's file says of one operation, beside how it is translated.
public struct CallRules: Sendable, Hashable {
    /// Who goes first where room is short.
    public var priority = CallPriority.normal
    /// When a call is made again; nil for never.
    public var retry: RetryRule?
    /// When the department takes it; nil for always.
    public var hours: OpeningHours?

    /// The defaults.
    public init() {}

    /// Those of a login: others wait for it.
    public static let login: CallRules = {
        var rules = CallRules()
        rules.priority = .high
        return rules
    }()
}
