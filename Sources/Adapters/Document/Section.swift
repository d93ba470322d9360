/// A mapping read with a closed set of keys: unknown keys, wrong types and values out of range are reported with their
/// place, and reading goes on, so that one run finds every problem.
public struct Section {
    /// The mapping.
    public let node: Node
    /// What it is, for messages: "a department".
    public let name: String
    /// Where problems go.
    public let diagnostics: Diagnostics

    /// Checks that `node` is a mapping and that every key is one of `keys`; nil, with a problem, when it is no mapping.
    public init?(_ node: Node, as name: String, keys: [String], _ diagnostics: Diagnostics) {
        self.node = node
        self.name = name
        self.diagnostics = diagnostics
        guard let entries = node.entries else {
            diagnostics.error(
                "wrong-type", "\(name) must be a mapping, not \(node.kindName)", at: node.place,
                help: node.colonAdvice ?? "allowed keys: \(keys.joined(separator: ", "))")
            return nil
        }
        diagnostics.observer?(.keys(keys, of: name, at: node.place))
        for entry in entries where !keys.contains(entry.key) {
            let help =
                suggestion(for: entry.key, among: keys).map { "did you mean '\($0)'?" }
                ?? "allowed here: \(keys.joined(separator: ", "))"
            diagnostics.error("unknown-key", "unknown key '\(entry.key)' in \(name)", at: entry.place, help: help)
        }
    }

    /// The value of a key; nil when absent or null.
    public subscript(key: String) -> Node? {
        guard let node = node[key], !node.isNull else { return nil }
        return node
    }

    /// Where the key stands, or the section when the key is absent.
    public func place(of key: String) -> Place {
        node.entries?.first { $0.key == key }?.place ?? node.place
    }

    /// Where a text stands in the list of a key: what is wrong with one of many is said there.
    public func place(of text: String, in key: String) -> Place? {
        guard let value = self[key] else { return nil }
        return (value.items?.first { $0.text == text } ?? value).place
    }

    /// The value of a key that must be there.
    public func required(_ key: String) -> Node? {
        if let node = self[key] { return node }
        diagnostics.error("missing-key", "\(name) needs '\(key)'", at: place(of: key))
        return nil
    }

    /// A text.
    public func string(_ key: String) -> String? { self[key].flatMap { string($0, key) } }

    /// A text that must be there.
    public func requiredString(_ key: String) -> String? { required(key).flatMap { string($0, key) } }

    private func string(_ node: Node, _ key: String) -> String? {
        if let text = node.text { return text }
        diagnostics.error("wrong-type", "'\(key)' must be a text, not \(node.kindName)", at: node.place)
        return nil
    }

    /// One of a closed set of words.
    public func choice(_ key: String, of words: [String]) -> String? {
        guard let text = string(key) else { return nil }
        if let place = self[key]?.place { diagnostics.observer?(.words(words, of: key, at: place)) }
        if words.contains(text) { return text }
        let help =
            suggestion(for: text, among: words).map { "did you mean '\($0)'?" } ?? "one of: \(words.joined(separator: ", "))"
        diagnostics.error("unknown-value", "'\(text)' is no value of '\(key)'", at: self[key]?.place, help: help)
        return nil
    }

    /// A whole number within `range`.
    public func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let node = self[key] else { return nil }
        guard case .integer(let number) = node.value, let integer = Int(exactly: number) else {
            diagnostics.error("wrong-type", "'\(key)' must be a whole number", at: node.place)
            return nil
        }
        guard range.contains(integer) else {
            diagnostics.error(
                "out-of-range", "'\(key)' is \(integer)", at: node.place, help: "from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return integer
    }

    /// `true` or `false`.
    public func bool(_ key: String) -> Bool? {
        guard let node = self[key] else { return nil }
        if case .bool(let bool) = node.value { return bool }
        diagnostics.error("wrong-type", "'\(key)' must be true or false", at: node.place)
        return nil
    }

    /// A length of time such as `500ms`, `2s`, `1m`, `12h` or `30d`, within `range`.
    public func duration(_ key: String, in range: ClosedRange<Duration>) -> Duration? {
        guard let node = self[key], let text = string(node, key) else { return nil }
        guard let duration = Section.duration(text) else {
            diagnostics.error(
                "wrong-type", "'\(text)' is no length of time", at: node.place,
                help: "a whole number and a unit: ms, s, m, h or d, such as 500ms or 10s")
            return nil
        }
        guard range.contains(duration) else {
            diagnostics.error(
                "out-of-range", "'\(key)' is \(text)", at: node.place, help: "from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return duration
    }

    private static func duration(_ text: String) -> Duration? {
        guard let match = text.wholeMatch(of: /([0-9]{1,12})(ms|s|m|h|d)/), let count = Int64(match.1) else { return nil }
        switch match.2 {
        case "ms": return .milliseconds(count)
        case "s": return .seconds(count)
        case "m": return .seconds(count * 60)
        case "h": return .seconds(count * 3600)
        default: return .seconds(count * 86400)
        }
    }

    /// A size in bytes such as `512`, `64KiB` or `10MiB`, within `range`.
    public func byteCount(_ key: String, in range: ClosedRange<Int>) -> Int? {
        guard let node = self[key], let text = string(node, key) else { return nil }
        guard let match = text.wholeMatch(of: /([0-9]{1,12})(B|KiB|MiB|GiB)?/), let count = Int(match.1) else {
            diagnostics.error(
                "wrong-type", "'\(text)' is no size", at: node.place, help: "a whole number and a unit: B, KiB, MiB or GiB, such as 64KiB")
            return nil
        }
        let unit = match.2.map(String.init) ?? "B"
        let (bytes, overflow) = count.multipliedReportingOverflow(by: ["KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30][unit] ?? 1)
        guard !overflow, range.contains(bytes) else {
            diagnostics.error(
                "out-of-range", "'\(key)' is \(text)", at: node.place, help: "from \(range.lowerBound) to \(range.upperBound) bytes")
            return nil
        }
        return bytes
    }

    /// A list of texts; a single text stands for a list of one.
    public func strings(_ key: String) -> [String]? {
        guard let node = self[key] else { return nil }
        if let text = node.text { return [text] }
        guard let items = node.items else {
            diagnostics.error("wrong-type", "'\(key)' must be a text or a list of texts, not \(node.kindName)", at: node.place)
            return nil
        }
        return items.compactMap { string($0, key) }
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
