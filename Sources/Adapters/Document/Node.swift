/// One text that configuration was read from; kept so that a problem can show its source line.
public final class SourceFile: Sendable {
    /// The path as the operator gave it.
    public let path: String
    /// The text.
    public let text: String

    /// Keeps a text; its lines are looked up only when a problem is shown.
    public init(path: String, text: String) {
        self.path = path
        self.text = text
    }

    /// A line without its terminator, by its one-based number; lines end at LF, CRLF or CR. Nil when there is no such line.
    public func line(_ number: Int) -> String? {
        guard number > 0 else { return nil }
        var rest = text.utf8[...]
        var current = 1
        while true {
            let line = rest.prefix { $0 != 0x0A && $0 != 0x0D }
            if current == number { return String(Substring(line)) }
            rest = rest[line.endIndex...]
            guard let end = rest.popFirst() else { return nil }
            if end == 0x0D, rest.first == 0x0A { rest.removeFirst() }
            current += 1
        }
    }

    /// All lines without their terminators, split anew at each use: for the report of a problem only.
    public var lines: [String] {
        var lines: [String] = []
        var line: [UInt8] = []
        var last: UInt8 = 0
        for byte in text.utf8 {
            if byte == 0x0D || byte == 0x0A && last != 0x0D {
                lines.append(String(decoding: line, as: UTF8.self))
                line.removeAll(keepingCapacity: true)
            } else if byte != 0x0A {
                line.append(byte)
            }
            last = byte
        }
        return lines + [String(decoding: line, as: UTF8.self)]
    }

    /// The place of a byte, counted from the beginning of the text; the end of the text for an offset beyond it.
    public func place(ofByte offset: Int, length: Int = 1) -> Place {
        var (line, start, last) = (1, 0, UInt8(0))
        for (index, byte) in text.utf8.prefix(max(0, offset)).enumerated() {
            if byte == 0x0D || byte == 0x0A && last != 0x0D { line += 1 }
            if byte == 0x0D || byte == 0x0A { start = index + 1 }
            last = byte
        }
        let before = text.utf8.dropFirst(start).prefix(max(0, offset - start))
        // Every byte that does not continue a character begins one.
        return Place(file: self, line: line, column: before.count { $0 & 0xC0 != 0x80 } + 1, length: length)
    }
}

/// A place in a configuration file: one-based line and column (in Unicode scalars, as libyaml counts) and the length to underline.
public struct Place: Sendable {
    /// The file.
    public let file: SourceFile
    /// One-based line.
    public let line: Int
    /// One-based column, in Unicode scalars.
    public let column: Int
    /// How many Unicode scalars to underline; at least 1.
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

    /// Whether JSON could hold the number as it is written: no plus sign, no leading zeros, digits on both sides of the point.
    private static func isJSONNumber(_ text: String) -> Bool {
        text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/) != nil
    }

    private static func typed(_ text: String) -> Value {
        if isNull(text) { return .null }
        switch text {
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default: break
        }
        guard let first = text.utf8.first, first < 0x3A, text.utf8.contains(where: { (0x30...0x39).contains($0) }) else {
            return .string(text)
        }
        if let integer = Int64(text) { return .integer(integer) }
        // `Double` also reads hexadecimal, infinities and NaN, which are no numbers of the core schema that JSON could hold.
        let isDecimal = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2E || $0 | 0x20 == 0x65 || $0 == 0x2B || $0 == 0x2D }
        guard isDecimal, let double = Double(text) else { return .string(text) }
        let isWhole = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2B || $0 == 0x2D }
        guard isWhole || !double.isFinite else { return .double(double) }
        return isJSONNumber(text) ? .decimal(text) : .string(text)
    }
}
