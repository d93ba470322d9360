/// Compiles rules from a department's file; every problem is reported with its place, and compiling goes on.
struct MappingCompiler {
    /// What the rules of one operation refer to.
    final class References {
        /// Secrets and where they are named.
        var secrets: [SecretMention] = []
        /// Whether the session token is used.
        var usesSession = false
        /// Whether the request asks where the department is to go on with its list.
        var usesCursor = false
        /// Whether the request says which page is meant.
        var usesPage = false
        /// Whether a path asks for `$.http`.
        var asksHTTP = false
        /// Whether a path in a reply asks for `$.call`.
        var asksCall = false
        /// The paths and conditions of a reply that take its root for a list.
        var listRoots: [Node] = []
    }

    /// The list around a rule.
    struct ListContext {
        let path: String
        var shape: ContractShape
    }

    /// Where problems go.
    let diagnostics: Diagnostics
    /// Which way the rules translate.
    let direction: MappingDirection
    /// The tables under `codes`.
    let codes: [String: CodeTable]
    /// What the rules refer to.
    let references: References
    /// What the contract's request holds: `$` in requests, `call` in replies.
    let input: ContractShape
    /// Texts that mean nothing in every value taken from a reply.
    var absent: [String] = []
    /// The names of the session's values; nil when the login does not say.
    var sessionValues: [String]? = [DepartmentSession.token]
    /// The steps that are made after the call that the rules belong to.
    var laterSteps: [String] = []
    /// The names under `let` of the call whose reply is read: they are made for the request alone.
    var requestValues: [String] = []
    /// The charset of the body that a request's values end up in: what it lacks is written otherwise inside a document.
    var bodyCharset = Charset.utf8
    /// The list around the rule.
    var list: ListContext?

    /// The compiler of what stands in a list.
    func inside(_ list: ListContext) -> MappingCompiler {
        var copy = self
        copy.list = list
        return copy
    }

    static let sources = [
        "from", "all", "call", "const", "secret", "session", "cookie", "clock", "uuid", "position", "paging", "digest", "mac", "signature",
        "concat", "list", "first", "fields", "each", "document", "test", "count", "merge", "condition",
    ]
    static let options = ["value", "plus", "columns", "values", "backslash", "when", "default", "nil", "required"]
    static let keys = sources + options + ConversionWord.allCases.map(\.rawValue)

    /// A rule from its node: a path, or a mapping with a source, conversions and options. `name` is the field it fills.
    func rule(_ node: Node, for name: String, landing: Landing) -> ValueRule? {
        if node.entries == nil {
            guard let path = path(node, orConstant: true) else { return nil }
            return ValueRule(
                source: .path(path), condition: nil, conversions: implied, fallback: nil, isRequired: false, origin: origin(path, name),
                note: RuleNote(node, .path(path)))
        }
        guard let section = Section(node, as: "the field '\(name)'", keys: MappingCompiler.keys, diagnostics) else { return nil }
        // Everything is read before anything is given up, so that one run finds every mistake.
        let source = source(section, name: name, landing: landing)
        let own = conversions(section)
        let null = null(section, name, landing)
        let fallback = section["default"].flatMap { constant($0) } ?? null
        let condition = section["when"].flatMap { predicate($0) }
        let isRequired = section.bool("required") ?? false
        if section["plus"] != nil, section["clock"] == nil {
            diagnostics.error("wrong-place", "'plus' belongs to 'clock'", at: section.place(of: "plus"))
        }
        guard let source else { return nil }
        return ValueRule(
            source: source, condition: condition, conversions: source.isPath ? implied + own : own, fallback: fallback,
            isRequired: isRequired, origin: origin(source, name), note: RuleNote(node, source))
    }

    /// What `nil: true` writes where there is no value: null in JSON, `xsi:nil` in XML.
    private func null(_ section: Section, _ name: String, _ landing: Landing) -> Value? {
        guard section.bool("nil") == true else { return nil }
        if case .xml = landing, name == "#text" || name.utf8.first == UInt8(ascii: "@") {
            diagnostics.error(
                "wrong-place", "'nil' is said of an element, and '\(name)' is a part of one", at: section.place(of: "nil"),
                help: "beside '#text':  \"@xsi:nil\": { const: \"true\", when: \"…\" }, with xsi among the namespaces")
            return nil
        }
        if section["default"] != nil {
            diagnostics.error("two-defaults", "'nil' and 'default' both say what stands for no value", at: section.place(of: "nil"))
        }
        switch landing {
        case .json: return .null
        case .xml: return ["@xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance", "@xsi:nil": "true"]
        case .form, .header, .segment:
            diagnostics.error("wrong-place", "'nil' has no form in \(landing.name)", at: section.place(of: "nil"), help: "default: \"\"")
            return nil
        }
    }

    private var implied: [Conversion] { absent.isEmpty ? [] : [.absent(absent)] }

    /// An object's rules from a mapping of names.
    func object(_ node: Node, landing: Landing) -> ObjectRule? {
        guard let entries = node.entries else {
            diagnostics.error(
                "wrong-type", "the fields must be a mapping, not \(node.kindName)", at: node.place,
                help: node.colonAdvice ?? "one line for each field, such as  name: $.applicant.name")
            return nil
        }
        var fields: [ObjectRule.Field] = []
        for entry in entries {
            checkName(entry, landing: landing)
            if let rule = rule(entry.value, for: entry.key, landing: landing) { fields.append(.init(name: entry.key, rule: rule)) }
        }
        return ObjectRule(fields: fields)
    }

    /// A list's rules from a section with `each` and `fields` or `value`.
    func listRule(_ section: Section, name: String, landing: Landing) -> ListRule? {
        guard let each = section["each"] else { return nil }
        var (sources, inner) = items(of: each)
        if direction == .reply, let names = section["columns"]?.items?.compactMap(\.text) {
            let fields = names.map { ContractShape.Field(name: $0, isRequired: false, shape: .any) }
            inner.list?.shape = .object(fields, isOpen: false)
        }
        // Without a list, '@' inside would be a second problem with the same cause.
        guard !sources.isEmpty else { return nil }
        switch (section["fields"], section["value"]) {
        case (let fields?, nil):
            guard let object = inner.object(fields, landing: landing) else { return nil }
            return ListRule(sources: sources, item: .object(object), columns: columns(section, object))
        case (nil, let value?):
            guard let rule = inner.rule(value, for: name, landing: landing) else { return nil }
            return ListRule(sources: sources, item: .value(rule), columns: columns(section, nil))
        default:
            diagnostics.error(
                "missing-key", "'each' needs 'fields' (an object of each item) or 'value' (a single value), one of them",
                at: section.place(of: "each"))
            return nil
        }
    }

    /// The paths of `each`, and the compiler of what is made of an item.
    func items(of each: Node) -> (sources: [PathReference], inner: MappingCompiler) {
        if each.entries != nil {
            diagnostics.error(
                "wrong-type", "'each' is the path of a list, or several, not a mapping", at: each.place,
                help: direction == .reply
                    ? "each: $.list ; a list that stands in a text is opened before:  unwrap: { at: $.list, as: json, in-place: true }"
                    : "each: $.materials")
            return ([], self)
        }
        let sources = (each.items ?? [each]).compactMap { path($0) }
        var inner = self
        if let first = sources.first { inner.list = ListContext(path: first.text, shape: shape(of: first).item) }
        return (sources, inner)
    }

    /// What the cells of a row are called: in a reply the rows that come, in a request those that go.
    private func columns(_ section: Section, _ fields: ObjectRule?) -> ListRule.Columns? {
        guard let node = section["columns"] else { return nil }
        if direction == .reply, let text = node.text {
            if text.hasPrefix("$") { return path(node).map(ListRule.Columns.path) }
            diagnostics.error(
                "bad-path", "'\(text)' is neither a list of columns nor the path of one", at: node.place,
                help: "did you mean $.\(text)? A single column is written [\(text)]")
            return nil
        }
        guard let names = section.strings("columns"), !names.isEmpty else { return nil }
        if let twice = names.enumerated().first(where: { names[..<$0.offset].contains($0.element) }) {
            diagnostics.error("bad-name", "two columns are called '\(twice.element)'", at: node.place)
        }
        guard direction == .request else { return .names(names) }
        guard let fields else {
            diagnostics.error("wrong-place", "'columns' orders 'fields', and there are none", at: section.place(of: "columns"))
            return nil
        }
        check(names, against: fields.fields.map(\.name), at: node)
        return .names(names)
    }

    private func origin(_ path: PathReference, _ name: String) -> ValueOrigin { path.origin }

    private func origin(_ source: ValueSource, _ name: String) -> ValueOrigin {
        switch source {
        case .path(let path), .all(let path), .count(let path): return path.origin
        case .paging(let word): return ValueOrigin(text: "the field '\(name)'", pointer: word == .size ? "query:size" : "query:page")
        case .call(let path): return ValueOrigin(text: "\(path.text) of the call", pointer: path.origin.pointer)
        case .list(let rule):
            if let path = rule.sources.first { return path.origin }
        case .first(let rules):
            if !rules.isEmpty {
                let pointer = rules.lazy.compactMap(\.origin.pointer).first
                return ValueOrigin(text: rules.map(\.origin.text).joined(separator: " or "), pointer: pointer)
            }
        case .concat(let rules), .gathered(let rules), .merge(let rules):
            let pointers = Set(rules.compactMap(\.origin.pointer))
            return ValueOrigin(text: "the field '\(name)'", pointer: pointers.count == 1 ? pointers.first : nil, isSearched: true)
        case .document(let document):
            if case .text(let rule) = document.content { return rule.origin }
        case .digest(let digest):
            return ValueOrigin(text: "the field '\(name)'", pointer: digest.content.origin.pointer, isSearched: true)
        default: break
        }
        return ValueOrigin(text: "the field '\(name)'", pointer: nil)
    }

    private func checkName(_ entry: Node.Entry, landing: Landing) {
        let name = entry.key
        switch landing {
        case .xml where !MappingCompiler.isXMLName(name):
            diagnostics.error(
                "bad-name", "'\(name)' is no name of an XML element", at: entry.place,
                help: "letters, digits, '.', '-' and '_'; '@name' for an attribute, '#text' for the text beside attributes")
        case .header where !MappingCompiler.isToken(name):
            diagnostics.error("bad-name", "'\(name)' is no name of a header", at: entry.place, help: "RFC 9110 §5.1: a token")
        default: break
        }
    }

    /// An element's name with at most one prefix, `@name`, or `#text`.
    static func isXMLName(_ name: String) -> Bool {
        guard name != "#text", name.utf8.first == UInt8(ascii: "@") else { return name == "#text" || XMLCodec.isName(name) }
        return XMLCodec.isName(String(name.unicodeScalars.dropFirst()))
    }

    /// RFC 9110 §5.6.2.
    static func isToken(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }
}
