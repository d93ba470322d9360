/// The keywords of a schema that are understood: those of JSON Schema 2020-12 that contracts need, its annotations, and two of
/// our own. Others are refused at load.
enum SchemaKeyword: String, CaseIterable {
    case type, `enum`, const, format, pattern
    case minLength, maxLength, minItems, maxItems, minProperties, maxProperties, uniqueItems
    case minimum, maximum, exclusiveMinimum, exclusiveMaximum
    case properties, required, additionalProperties, items
    case allOf, anyOf, oneOf, not, `if`, then, `else`
    case ref = "$ref"
    case defs = "$defs"
    case `default`, example, examples
    case title, description, deprecated, readOnly, writeOnly
    case comment = "$comment"
    case schema = "$schema"
    case beginsWith = "x-tongban-begins-with"
    case count = "x-tongban-count"

    /// Whether the keyword says something to a reader and nothing to a validator.
    var isAnnotation: Bool {
        switch self {
        case .title, .description, .deprecated, .readOnly, .writeOnly, .comment, .schema, .example, .examples, .defs: true
        default: false
        }
    }
}

extension SchemaCompiler {
    /// Keywords about one value: its type, the values allowed, its pattern and its format.
    func valueRule(_ keyword: SchemaKeyword, _ node: Node, _ rules: inout SchemaRules) {
        switch keyword {
        case .type: rules.types = types(node)
        case .enum:
            guard let items = node.items else {
                diagnostics.error("wrong-type", "'enum' must be a list, not \(node.kindName)", at: node.place)
                return
            }
            rules.enum = Constants(items.map(\.value))
        case .const: rules.const = Constants([node.value])
        case .format:
            let name = node.text ?? ""
            rules.format = Format(name)
            if rules.format == nil, !Format.annotations.contains(name) {
                let near = suggestion(for: name, among: Format.names).map { "did you mean '\($0)'?" }
                diagnostics.error(
                    "unknown-format", "the format '\(name)' is not known", at: node.place,
                    help: near ?? "known: \(Format.names.joined(separator: ", "))")
            }
        default:
            do throws(Pattern.Fault) {
                rules.pattern = try Pattern(node.text ?? "")
            } catch {
                diagnostics.error("wrong-pattern", "the pattern cannot be used: \(error.reason)", at: node.place)
            }
        }
    }

    private func types(_ node: Node) -> TypeSet {
        var types: TypeSet = []
        for item in node.items ?? [node] {
            // A plain `null` is the type's name here.
            let name = item.isNull ? "null" : item.text ?? ""
            if let known = TypeSet.named.first(where: { $0.name == name }) {
                types.insert(known.type)
            } else {
                let names = TypeSet.named.map(\.name)
                diagnostics.error(
                    "unknown-type", "'\(name)' is no type", at: item.place,
                    help: suggestion(for: name, among: names).map { "did you mean '\($0)'?" } ?? "one of: \(names.joined(separator: ", "))")
            }
        }
        return types
    }

    /// Keywords that set a bound.
    func bound(_ keyword: SchemaKeyword, _ node: Node, _ rules: inout SchemaRules) {
        switch keyword {
        case .minLength: set(\.lengths, \.low, keyword, node, &rules)
        case .maxLength: set(\.lengths, \.high, keyword, node, &rules)
        case .minItems: set(\.itemCounts, \.low, keyword, node, &rules)
        case .maxItems: set(\.itemCounts, \.high, keyword, node, &rules)
        case .minProperties: set(\.fieldCounts, \.low, keyword, node, &rules)
        case .maxProperties: set(\.fieldCounts, \.high, keyword, node, &rules)
        case .minimum: rules.minimum = number(keyword, node)
        case .maximum: rules.maximum = number(keyword, node)
        case .exclusiveMinimum: rules.exclusiveMinimum = number(keyword, node)
        case .exclusiveMaximum: rules.exclusiveMaximum = number(keyword, node)
        default:
            if case .bool(let bool) = node.scalarValue {
                rules.uniqueItems = bool
            } else {
                diagnostics.error("wrong-type", "'\(keyword.rawValue)' must be true or false", at: node.place)
            }
        }
    }

    private func set(
        _ bounds: WritableKeyPath<SchemaRules, SchemaRules.Bounds?>, _ end: WritableKeyPath<SchemaRules.Bounds, Int>,
        _ keyword: SchemaKeyword, _ node: Node, _ rules: inout SchemaRules
    ) {
        guard let number = node.scalarValue?.magnitude, number >= 0, number == number.rounded(), number <= 1e15 else {
            diagnostics.error("wrong-type", "'\(keyword.rawValue)' must be a whole number from 0", at: node.place)
            return
        }
        var both = rules[keyPath: bounds] ?? SchemaRules.Bounds()
        both[keyPath: end] = Int(number)
        rules[keyPath: bounds] = both
        if both.low > both.high {
            diagnostics.error("empty-range", "'\(keyword.rawValue)' leaves no value: the least is above the most", at: node.place)
        }
    }

    private func number(_ keyword: SchemaKeyword, _ node: Node) -> Double? {
        if let number = node.scalarValue?.magnitude { return number }
        diagnostics.error("wrong-type", "'\(keyword.rawValue)' must be a number", at: node.place)
        return nil
    }
}

extension Node {
    /// The value of a scalar; nil for a list or a mapping, of which nothing is copied.
    var scalarValue: Value? {
        if case .scalar = content { value } else { nil }
    }

    /// The node that a local reference (`#`, `#/a/b`) leads to, by RFC 6901 §6.
    func target(of reference: String) -> Node? {
        guard reference.hasPrefix("#"), let pointer = reference.dropFirst().removingPercentEncoding else { return nil }
        guard !pointer.isEmpty else { return self }
        guard pointer.hasPrefix("/") else { return nil }
        var node = self
        for token in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            let name = String(token).pointerName
            if let items = node.items {
                guard let index = Int(name), items.indices.contains(index) else { return nil }
                node = items[index]
            } else {
                guard let next = node[name] else { return nil }
                node = next
            }
        }
        return node
    }

    /// "did you mean" for a reference whose last part is wrong.
    func nearestSibling(of reference: String) -> String? {
        guard let slash = reference.lastIndex(of: "/"), let parent = target(of: String(reference[..<slash])) else { return nil }
        let name = String(reference[reference.index(after: slash)...])
        return suggestion(for: name, among: (parent.entries ?? []).map(\.key)).map { "did you mean '\(reference[...slash])\($0)'?" }
    }
}

extension String {
    /// A name as a token of a JSON pointer (RFC 6901 §3).
    var pointerToken: String {
        guard utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return self }
        var out = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "~": out += "~0"
            case "/": out += "~1"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// The name that a token of a JSON pointer stands for.
    fileprivate var pointerName: String {
        guard utf8.contains(UInt8(ascii: "~")) else { return self }
        return split(separator: "~1", omittingEmptySubsequences: false)
            .map { $0.split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~") }.joined(separator: "/")
    }
}

extension Substring {
    /// The text with `%XX` decoded; nil where a percent sign is not followed by two digits or the bytes are no UTF-8.
    fileprivate var removingPercentEncoding: String? {
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
            bytes.append(code)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
