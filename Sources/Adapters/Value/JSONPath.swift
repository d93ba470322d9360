/// Why a text is not a JSONPath, a predicate or a regular expression.
public struct JSONPathSyntaxFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what was allowed, in one sentence without a final stop.
    public let message: String
    /// Where: characters (Unicode scalars, as YAML counts columns) into the text, zero-based; the text's length for its end.
    public let offset: Int

    /// Makes a fault.
    public init(message: String, offset: Int) {
        self.message = message
        self.offset = offset
    }

    /// The message and the one-based position.
    public var description: String { "\(message) (at character \(offset + 1))" }
}

/// A query into a `Value`: RFC 9535, all of it, with the functions length, count, match, search and value.
///
/// Compiled once, when the configuration is loaded. Names and texts compare by Unicode scalars, as the RFC says, not by canonical
/// equivalence. A pattern written as a literal must be an I-Regexp (RFC 9485): where the RFC would let such a test be false for ever,
/// this refuses the path. A path of names and indexes costs its length; `..` and filters cost the size of the document, once for each of
/// them that stands inside another. The text is at most 16,384 characters and its parentheses, filters and calls nest at most 64 deep.
public struct JSONPath: Sendable, CustomStringConvertible {
    /// The path as it was written.
    public let description: String

    let query: Query

    /// Compiles a path. It begins with `$`, the root, or, where `allowingRelative`, with `@`, the current element of a list.
    public init(_ text: String, allowingRelative: Bool = false) throws(JSONPathSyntaxFault) {
        description = text
        query = try JSONPathParser.path(text, allowingRelative: allowingRelative)
    }

    /// Whether the path selects at most one node: names and indexes only.
    public var isSingular: Bool { query.steps != nil }

    /// Whether the path begins with `@`.
    public var isRelative: Bool { query.isRelative }

    /// The first node that the path selects; nil for none. A singular path is followed without allocating anything.
    public func first(in root: Value) -> Value? {
        if let steps = query.steps { return root.following(steps) }
        return JSONPathEvaluator(root: root, isLoose: false).first(query, current: root)
    }

    /// The first node selected from `current` by a path that begins with `@`, from `root` by one that begins with `$`.
    public func first(in root: Value, current: Value) -> Value? {
        if let steps = query.steps { return (query.isRelative ? current : root).following(steps) }
        return JSONPathEvaluator(root: root, isLoose: false).first(query, current: current)
    }

    /// Every node that the path selects, in the order of RFC 9535; a node selected twice stands twice.
    public func values(in root: Value) -> [Value] { values(in: root, current: root) }

    /// Every node selected from `current` by a path that begins with `@`, from `root` by one that begins with `$`.
    public func values(in root: Value, current: Value) -> [Value] {
        var found: [Value] = []
        _ = JSONPathEvaluator(root: root, isLoose: false).visit(query, current: current) { value, _ in
            found.append(value)
            return true
        }
        return found
    }

    /// Every node with its normalized path (RFC 9535 section 2.7); the path of a node below `@` begins with `@`.
    public func nodes(in root: Value) -> [(path: String, value: Value)] {
        var found: [(path: String, value: Value)] = []
        _ = JSONPathEvaluator(root: root, isLoose: false).visit(query, current: root, at: .start) { value, location in
            let path = (query.isRelative ? "@" : "$") + (location?.normalized ?? "")
            found.append((path, value))
            return true
        }
        return found
    }
}
