/// One text that configuration was read from; kept so that a problem can show its source line.
public final class SourceFile: Sendable {
    /// The path as the operator gave it.
    public let path: String
    /// The lines without their terminators.
    public let lines: [String]

    /// Splits `text` into lines at LF, CRLF or CR.
    public init(path: String, text: String) {
        self.path = path
        self.lines = text.split(separator: /\r\n|\n|\r/, omittingEmptySubsequences: false).map(String.init)
    }
}

/// A place in a configuration file: one-based line and column (in characters) and the length to underline.
public struct Place: Sendable {
    /// The file.
    public let file: SourceFile
    /// One-based line.
    public let line: Int
    /// One-based column, in characters.
    public let column: Int
    /// How many characters to underline; at least 1.
    public let length: Int

    /// Makes a place; `length` below 1 becomes 1.
    public init(file: SourceFile, line: Int, column: Int, length: Int = 1) {
        self.file = file
        self.line = line
        self.column = column
        self.length = max(1, length)
    }
}

/// A YAML node that remembers where it stands.
public struct Node: Sendable {
    /// A key and its value, in the order of the file.
    public struct Entry: Sendable {
        /// The key's text.
        public let key: String
        /// Where the key stands.
        public let place: Place
        /// The value.
        public let value: Node

        /// Makes an entry.
        public init(key: String, place: Place, value: Node) {
            self.key = key
            self.place = place
            self.value = value
        }
    }

    /// What a node holds.
    public enum Content: Sendable {
        /// A scalar; `plain` is false when it was quoted or a block, and then it is always text.
        case scalar(String, plain: Bool)
        /// A list.
        case sequence([Node])
        /// Entries in the order of the file; keys are unique.
        case mapping([Entry])
    }

    /// What the node holds.
    public let content: Content
    /// Where the node starts.
    public let place: Place

    /// Makes a node.
    public init(_ content: Content, at place: Place) {
        self.content = content
        self.place = place
    }

    /// The text of a scalar, however it was quoted; nil for a list, a mapping and a plain null.
    public var text: String? {
        guard case .scalar(let text, let plain) = content, !(plain && Node.isNull(text)) else { return nil }
        return text
    }

    /// The items of a list.
    public var items: [Node]? {
        if case .sequence(let items) = content { items } else { nil }
    }

    /// The entries of a mapping.
    public var entries: [Entry]? {
        if case .mapping(let entries) = content { entries } else { nil }
    }

    /// The value of a key in a mapping.
    public subscript(key: String) -> Node? {
        entries?.first { $0.key == key }?.value
    }

    /// Whether the node is a plain `null`, `~` or nothing at all.
    public var isNull: Bool {
        if case .scalar(let text, true) = content { Node.isNull(text) } else { false }
    }

    /// What the node is, for a message: "a text", "a list", "a mapping".
    public var kindName: String {
        switch content {
        case .scalar: isNull ? "nothing" : "a single value"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    private static func isNull(_ text: String) -> Bool {
        text.isEmpty || text == "~" || text == "null" || text == "Null" || text == "NULL"
    }

    /// The node as a value; plain scalars are typed by the YAML 1.2 core schema (§10.3.2).
    public var value: Value {
        switch content {
        case .scalar(let text, plain: false): return .string(text)
        case .scalar(let text, plain: true): return Node.typed(text)
        case .sequence(let items): return .array(items.map(\.value))
        case .mapping(let entries):
            var object = Object()
            for entry in entries { object[entry.key] = entry.value.value }
            return .object(object)
        }
    }

    private static func typed(_ text: String) -> Value {
        if isNull(text) { return .null }
        switch text {
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        if text.wholeMatch(of: /[-+]?[0-9]+/) != nil, let integer = Int64(text) { return .integer(integer) }
        if text.wholeMatch(of: /[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?/) != nil, let double = Double(text) {
            return .double(double)
        }
        return .string(text)
    }
}
