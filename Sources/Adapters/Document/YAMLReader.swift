import CLibYAML

extension Node {
    /// How many nodes one file may hold, aliases counted each time they are used: what a route file of 100,000 lines needs.
    private static let nodeLimit = 2_000_000
    /// How deep collections may nest.
    private static let depthLimit = 100

    /// Reads one YAML document (YAML 1.1 as libyaml reads it). Problems go to `diagnostics`; nil when there is no usable
    /// document. Bytes must be UTF-8; a byte order mark before them is passed over.
    public static func read(_ bytes: [UInt8], path: String, _ diagnostics: Diagnostics) -> Node? {
        // UTF-16 has a mark of its own, and without one a zero in its first character, which is ASCII in every file of ours.
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) || bytes.prefix(2).contains(0) {
            diagnostics.error(
                "not-utf8", "the file is UTF-16, not UTF-8", at: Place(file: SourceFile(path: path, text: ""), line: 1, column: 1),
                help: "save the file as UTF-8")
            return nil
        }
        // The mark is no part of the first line: to libyaml it would move the first key one column to the right of the others.
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        if let offset = bytes.withUnsafeBufferPointer(UTF8Text.firstInvalid) {
            // What stands before the first bad byte reads the same in the repaired text, so the offset fits both.
            let file = SourceFile(path: path, text: String(decoding: bytes, as: UTF8.self))
            diagnostics.error("not-utf8", "the file is not UTF-8", at: file.place(ofByte: offset), help: "save the file as UTF-8")
            return nil
        }
        let file = SourceFile(path: path, text: String(decoding: bytes, as: UTF8.self))
        guard !bytes.isEmpty else {
            diagnostics.error("empty-file", "the file holds no YAML document", at: Place(file: file, line: 1, column: 1))
            return nil
        }
        if let offset = lineSeparator(bytes) {
            diagnostics.error(
                "line-separator", "an invisible line separator (U+0085, U+2028 or U+2029) stands here", at: file.place(ofByte: offset),
                help: "remove it: YAML 1.1 takes it for the end of a line, editors do not")
            return nil
        }
        var reader = YAMLReader(
            file: file, diagnostics: diagnostics, nodeLimit: nodeLimit, depthLimit: depthLimit, end: file.place(ofByte: bytes.count))
        return reader.document(bytes)
    }

    /// Where a character stands that libyaml counts as a line end and editors do not: line numbers after it would be wrong.
    private static func lineSeparator(_ bytes: [UInt8]) -> Int? {
        for (index, byte) in bytes.enumerated() where byte == 0x85 || byte == 0xA8 || byte == 0xA9 {
            if byte == 0x85, index >= 1, bytes[index - 1] == 0xC2 { return index - 1 }
            if byte != 0x85, index >= 2, bytes[index - 2] == 0xE2, bytes[index - 1] == 0x80 { return index - 2 }
        }
        return nil
    }
}

/// Turns libyaml's events into nodes.
private struct YAMLReader {
    let file: SourceFile
    let diagnostics: Diagnostics
    let nodeLimit: Int
    let depthLimit: Int
    var anchors: [String: Node] = [:]
    var sizes: [String: Int] = [:]
    var count = 0
    /// The last text in quotation marks that went over several lines.
    var quote: YAMLAdvice.Quote?
    /// Where the text ends. libyaml adds a line end that is missing there, and counts the line behind it.
    let end: Place

    /// Reading stops at the first fault of syntax: what follows it would be guesswork.
    struct Stop: Error {}

    mutating func document(_ bytes: [UInt8]) -> Node? {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else { return nil }
        defer { yaml_parser_delete(&parser) }
        return bytes.withUnsafeBufferPointer { buffer in
            yaml_parser_set_input_string(&parser, buffer.baseAddress, buffer.count)
            yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
            do {
                var event = try next(&parser)
                while event.type == YAML_STREAM_START_EVENT || event.type == YAML_DOCUMENT_START_EVENT { event = try next(&parser) }
                guard event.type != YAML_STREAM_END_EVENT else {
                    diagnostics.error("empty-file", "the file holds no YAML document", at: Place(file: file, line: 1, column: 1))
                    return nil
                }
                let root = try node(event, &parser, depth: 0)
                _ = try next(&parser)  // the end of the document
                let after = try next(&parser)
                if after.type != YAML_STREAM_END_EVENT {
                    diagnostics.error(
                        "several-documents", "a second YAML document begins here", at: after.place, help: "one file holds one document")
                }
                return root
            } catch { return nil }
        }
    }

    /// The tags that say what is so anyway, and `!!str`, which makes a plain scalar text.
    private static let tags: Set<String> = ["!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"]

    /// One event, copied out of libyaml's memory.
    struct Event {
        var type: yaml_event_type_t
        var place: Place
        var text = ""
        var plain = false
        var anchor: String?
        var tag: String?
    }

    mutating func next(_ parser: inout yaml_parser_t) throws(Stop) -> Event {
        var raw = yaml_event_t()
        guard yaml_parser_parse(&parser, &raw) == 1 else {
            throw syntaxError(parser)
        }
        defer { yaml_event_delete(&raw) }
        let start = raw.start_mark
        let end = raw.end_mark
        let length = start.line == end.line ? Int(end.column) - Int(start.column) : 1
        var event = Event(type: raw.type, place: place(start, length: length))
        switch raw.type {
        case YAML_SCALAR_EVENT:
            let scalar = raw.data.scalar
            event.text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
            event.plain = scalar.style == YAML_PLAIN_SCALAR_STYLE
            let isQuoted = scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE || scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE
            if isQuoted, start.line != end.line { quote = .init(opened: event.place, closed: Int(end.line) + 1) }
            event.anchor = name(scalar.anchor)
            event.tag = name(scalar.tag)
        case YAML_SEQUENCE_START_EVENT:
            event.anchor = name(raw.data.sequence_start.anchor)
            event.tag = name(raw.data.sequence_start.tag)
        case YAML_MAPPING_START_EVENT:
            event.anchor = name(raw.data.mapping_start.anchor)
            event.tag = name(raw.data.mapping_start.tag)
        case YAML_ALIAS_EVENT: event.anchor = name(raw.data.alias.anchor)
        default: break
        }
        return event
    }

    private func place(_ mark: yaml_mark_t, length: Int = 1) -> Place {
        guard mark.line < end.line else { return end }
        return Place(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1, length: length)
    }

    /// Reports what libyaml says.
    private func syntaxError(_ parser: yaml_parser_t) -> Stop {
        let reason = parser.problem.map { String(cString: $0) } ?? "it cannot be read"
        let context = parser.context.map { " " + String(cString: $0) } ?? ""
        let mark = parser.problem_mark
        // A fault of the characters themselves has a byte offset and no mark.
        let place =
            parser.error == YAML_READER_ERROR
            ? file.place(ofByte: Int(parser.problem_offset)) : place(mark)
        let began = parser.context == nil ? nil : self.place(parser.context_mark)
        let advice = YAMLAdvice(reason: reason, context: context, place: place, began: began, quote: quote)
        diagnostics.error("yaml-syntax", "\(reason)\(context)", at: place, help: advice.help)
        return Stop()
    }

    private func name(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(decodingCString: $0, as: UTF8.self) }
    }

    mutating func node(_ event: Event, _ parser: inout yaml_parser_t, depth: Int) throws(Stop) -> Node {
        let before = count
        try charge(1, at: event.place)
        if let tag = event.tag, !YAMLReader.tags.contains(tag) {
            diagnostics.error("yaml-tag", "the tag '\(tag)' has no meaning here", at: event.place, help: "remove it")
        }
        guard depth <= depthLimit else {
            diagnostics.error("too-deep", "collections nest deeper than \(depthLimit)", at: event.place)
            throw Stop()
        }
        let node: Node
        switch event.type {
        case YAML_ALIAS_EVENT:
            guard let anchor = event.anchor, let target = anchors[anchor] else {
                diagnostics.error("unknown-anchor", "no anchor '\(event.anchor ?? "")' before this alias", at: event.place)
                throw Stop()
            }
            try charge(sizes[anchor] ?? 0, at: event.place)
            return target
        case YAML_SEQUENCE_START_EVENT: node = try sequence(event, &parser, depth)
        case YAML_MAPPING_START_EVENT: node = try mapping(event, &parser, depth)
        default:
            let isText = event.tag == "tag:yaml.org,2002:str" || event.tag == "!"
            node = Node(.scalar(event.text, plain: event.plain && !isText), at: event.place)
        }
        if let anchor = event.anchor {
            anchors[anchor] = node
            sizes[anchor] = count - before
        }
        return node
    }

    private mutating func sequence(_ event: Event, _ parser: inout yaml_parser_t, _ depth: Int) throws(Stop) -> Node {
        var items: [Node] = []
        var item = try next(&parser)
        while item.type != YAML_SEQUENCE_END_EVENT {
            items.append(try node(item, &parser, depth: depth + 1))
            item = try next(&parser)
        }
        return Node(.sequence(items), at: event.place)
    }

    private mutating func mapping(_ event: Event, _ parser: inout yaml_parser_t, _ depth: Int) throws(Stop) -> Node {
        var entries: [Node.Entry] = []
        // A scan is faster than a table for the mappings people write; the table keeps huge ones from taking quadratic time.
        var table: [String: Int] = [:]
        var key = try next(&parser)
        while key.type != YAML_MAPPING_END_EVENT {
            guard key.type == YAML_SCALAR_EVENT else {
                diagnostics.error("wrong-key", "a key must be a single value", at: key.place)
                throw Stop()
            }
            if let anchor = key.anchor {
                anchors[anchor] = Node(.scalar(key.text, plain: key.plain), at: key.place)
                sizes[anchor] = 1
            }
            var value = try node(try next(&parser), &parser, depth: depth + 1)
            if key.plain, key.text == "<<" {
                diagnostics.error(
                    "yaml-merge", "merge keys ('<<') are not supported", at: key.place,
                    help: "write the keys out, or give a whole mapping by its alias, such as  request: *case")
                key = try next(&parser)
                continue
            }
            if key.plain, let missed = missedColon(key, value) { (key.text, value) = missed }
            let known = entries.count <= 16 ? entries.firstIndex { $0.key == key.text } : table[key.text]
            if let known {
                let first = entries[known].place
                diagnostics.error(
                    "duplicate-key", "'\(key.text)' stands here a second time", at: key.place, help: "the first is on line \(first.line)")
            } else {
                entries.append(Node.Entry(key: key.text, place: key.place, value: value))
                if entries.count == 17 { for (index, entry) in entries.enumerated() { table[entry.key] = index } }
                if entries.count > 17 { table[key.text] = entries.count - 1 }
            }
            key = try next(&parser)
        }
        return Node(.mapping(entries), at: entries.first?.place ?? event.place)
    }

    /// The key and the value of an entry in braces that has no colon as YAML wants it; reading goes on with what was meant.
    private func missedColon(_ key: Event, _ value: Node) -> (String, Node)? {
        guard case .scalar("", plain: true) = value.content, let missed = MissedColon(key.text) else { return nil }
        let behind = file.line(key.place.line)?.unicodeScalars.dropFirst(key.place.column - 1 + key.place.length)
        // With a colon behind it the whole is a key, such as an XML name with a prefix.
        guard behind?.first(where: { $0 != " " }) != ":" else { return nil }
        let column = key.place.column + missed.key.unicodeScalars.count
        diagnostics.error(
            "yaml-syntax", missed.message, at: Place(file: file, line: key.place.line, column: column),
            help: "\(missed.key): \(missed.value.prefix(60))")
        let mark = missed.value.first
        let isQuoted = missed.value.count > 1 && (mark == "\"" || mark == "'") && missed.value.last == mark
        let text = isQuoted ? String(missed.value.dropFirst().dropLast()) : missed.value
        return (missed.key, Node(.scalar(text, plain: !isQuoted), at: key.place))
    }

    private mutating func charge(_ nodes: Int, at place: Place) throws(Stop) {
        count += nodes
        guard count <= nodeLimit else {
            diagnostics.error(
                "too-large", "the document holds more than \(nodeLimit) nodes", at: place, help: "aliases count each time they are used")
            throw Stop()
        }
    }
}
