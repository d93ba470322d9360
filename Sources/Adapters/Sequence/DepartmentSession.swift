/// What a department's login gave: the token, and whatever else its calls must show. Its description never shows a value.
public struct DepartmentSession: Sendable, Hashable, CustomStringConvertible {
    /// The value that every login gives, under this name.
    static let token = "token"

    private let values: [String: String]

    /// A session of several values by name.
    public init(_ values: [String: String]) { self.values = values }

    /// A session that is a token and nothing else.
    public init(token: String) { values = [DepartmentSession.token: token] }

    /// The value of a name.
    public subscript(name: String) -> String? { values[name] }

    /// The names only.
    public var description: String { "a session of \(values.keys.sorted().joined(separator: ", "))" }
}
