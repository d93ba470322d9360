package import Adapters
internal import Glibc

/// `consumers.yaml` as a text that is changed step by step. Every step is read again and compared with what it was meant to say, so what it
/// cannot do well it does not do at all.
package struct ConsumersText {
    /// The path.
    package let path: String
    /// The text as it stands.
    package private(set) var text: String
    private var root: Node

    /// Reads the file of a routes directory; one that is not there is empty.
    package init(directory: String) throws(ToolFault) {
        let path = "\(directory)/consumers.yaml"
        let bytes = try FileAccess.readIfThere(path) ?? Array("consumers: {}\n".utf8)
        self.path = path
        text = String(decoding: bytes, as: UTF8.self)
        root = try Self.read(text, path)
    }

    private static func read(_ text: String, _ path: String) throws(ToolFault) -> Node {
        let diagnostics = Diagnostics()
        guard let root = Node.read(Array(text.utf8), path: path, diagnostics), !diagnostics.hasErrors else {
            throw ToolFault("\(path) cannot be used\n" + diagnostics.sorted.map(\.description).joined())
        }
        return root
    }

    /// The ids of the consumers, in the order of the file.
    package var ids: [String] { root["consumers"]?.entries?.map(\.key) ?? [] }

    /// The entry of a consumer.
    package func consumer(_ id: String) throws(ToolFault) -> Node {
        if let node = root["consumers"]?[id] { return node }
        let help = suggestion(for: id, among: ids).map { "did you mean '\($0)'?" } ?? "known: \(ids.joined(separator: ", "))"
        throw ToolFault("no consumer '\(id)' in \(path); \(help)")
    }

    // MARK: Steps

    /// Adds a consumer with a key.
    package mutating func add(_ id: String, name: String?, key: String?) throws(ToolFault) {
        guard root["consumers"]?[id] == nil else { throw ToolFault("there is a consumer '\(id)' in \(path) already") }
        var lines: [String] = []
        var object = Object()
        if let name {
            lines.append("name: \(YAMLWord.text(name))")
            object["name"] = .string(name)
        }
        if let key {
            lines += ["keys:", "  - { digest: \(YAMLWord.quoted(key)) }"]
            object["keys"] = [["digest": .string(key)]]
        }
        if lines.isEmpty { throw ToolFault("a consumer needs a name or a key") }
        try step(expecting: { root in root.setting(["consumers", id], .object(object)) }) { edit, root in
            if let consumers = root["consumers"], consumers.entries?.isEmpty == false {
                return edit.append(
                    lines: ["", "\(id):"] + lines.map { "  " + $0 },
                    flow: "\(id): {\(name.map { " name: \(YAMLWord.quoted($0))" } ?? "")\(name != nil && key != nil ? "," : "")"
                        + "\(key.map { " keys: [{ digest: \(YAMLWord.quoted($0)) }]" } ?? "") }", to: consumers)
            }
            guard let empty = root["consumers"] else { return false }
            let block = "\n  \(id):\n" + lines.map { "    " + $0 }.joined(separator: "\n")
            return edit.replaceEmpty(empty, by: block)
        }
    }

    /// Adds an item to a list of a consumer's: `keys`, `signatures` or `grants`.
    package mutating func append(_ item: [(key: String, value: Value)], to list: String, of id: String) throws(ToolFault) {
        let consumer = try consumer(id)
        let written = YAMLWord.flow(item)
        var object = Object()
        for entry in item { object[entry.key] = entry.value }
        let value = Value.object(object)
        try step(expecting: { root in
            let known = consumer[list]?.items?.map(\.value) ?? []
            return root.setting(["consumers", id, list], .array(known + [value]))
        }) { edit, _ in
            if let node = consumer[list], node.items != nil { return edit.append(item: written, to: node) }
            return edit.append(lines: ["\(list):", "  - \(written)"], flow: "\(list): [\(written)]", to: consumer)
        }
    }

    /// Sets the day on which an item of a list ends.
    package mutating func end(_ index: Int, of list: String, of id: String, on day: String) throws(ToolFault) {
        guard let items = try consumer(id)[list]?.items, items.indices.contains(index) else { return }
        let item = items[index]
        try step(expecting: { root in
            var values = items.map(\.value)
            values[index] = values[index].setting(["expires"], .string(day))
            return root.setting(["consumers", id, list], .array(values))
        }) { edit, _ in
            if let node = item["expires"] { return edit.replace(node, by: YAMLWord.quoted(day)) }
            return edit.append(key: "expires", value: YAMLWord.quoted(day), to: item)
        }
    }

    private mutating func step(
        expecting: (Value) -> Value, _ change: (inout YAMLEdit, Node) -> Bool
    ) throws(ToolFault) {
        var edit = YAMLEdit(text)
        let byHand = ToolFault("\(path) is written in a way that this cannot change; change it by hand")
        guard change(&edit, root) else { throw byHand }
        let diagnostics = Diagnostics()
        guard let next = Node.read(Array(edit.text.utf8), path: path, diagnostics), !diagnostics.hasErrors,
            next.value == expecting(root.value)
        else { throw byHand }
        text = edit.text
        root = next
    }

    // MARK: Writing

    /// Writes the file beside itself and puts it in its place, so that nobody reads half of it. Its mode stays; a link stays, and what it leads
    /// to is written.
    package func write() throws(ToolFault) {
        let path =
            realpath(path, nil).map { real in
                defer { free(real) }
                return String(cString: real)
            } ?? path
        let temporary = path + ".new"
        unlink(temporary)
        try FileAccess.write(Array(text.utf8), to: temporary)
        var info = stat()
        if stat(path, &info) == 0 { chmod(temporary, info.st_mode & 0o7777) }
        guard rename(temporary, path) == 0 else {
            unlink(temporary)
            throw ToolFault("\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
    }
}

/// Words as YAML writes them.
package enum YAMLWord {
    /// A text, quoted where it could be taken for something else.
    package static func text(_ text: String) -> String {
        let words: Set<String> = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        let isPlain = text.wholeMatch(of: /[A-Za-z\u{4E00}-\u{9FFF}][A-Za-z0-9._\u{4E00}-\u{9FFF}-]*/) != nil
        return isPlain && !words.contains(text.lowercased()) ? text : quoted(text)
    }

    /// A text in double quotes.
    package static func quoted(_ text: String) -> String {
        // What JSON writes is YAML too.
        String(decoding: JSONCodec.encode(.string(text)), as: UTF8.self)
    }

    /// A mapping in one line.
    static func flow(_ entries: [(key: String, value: Value)]) -> String {
        let parts = entries.map { entry in
            if let items = entry.value.array { return "\(entry.key): [\(items.map(written).joined(separator: ", "))]" }
            return "\(entry.key): \(written(entry.value))"
        }
        return "{ \(parts.joined(separator: ", ")) }"
    }

    private static func written(_ value: Value) -> String {
        if let text = value.string { return YAMLWord.text(text) }
        return String(decoding: JSONCodec.encode(value), as: UTF8.self)
    }
}

extension Value {
    /// The value with something else at a chain of names.
    fileprivate func setting(_ names: [String], _ value: Value) -> Value {
        guard let name = names.first else { return value }
        var object = self.object ?? Object()
        object[name] = (object[name] ?? .object(Object())).setting(Array(names.dropFirst()), value)
        return .object(object)
    }
}
