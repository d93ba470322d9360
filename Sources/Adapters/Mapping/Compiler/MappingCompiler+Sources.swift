extension MappingCompiler {
    /// The one source of a rule.
    func source(_ section: Section, name: String, landing: Landing) -> ValueSource? {
        let entries = section.node.entries ?? []
        let present = entries.filter { MappingCompiler.sources.contains($0.key) }
        // `document` and `each` have their content beside them.
        let deciding = present.filter { entry in
            switch entry.key {
            case "fields": section["each"] == nil && section["document"] == nil
            case "each": section["document"] == nil
            default: true
            }
        }
        guard let word = deciding.first else {
            diagnostics.error(
                "missing-key", "\(section.name) says nowhere where its value comes from", at: section.node.place,
                help: "one of: \(MappingCompiler.sources.joined(separator: ", "))")
            return nil
        }
        for extra in deciding.dropFirst() {
            diagnostics.error(
                "two-sources", "\(section.name) has two sources, '\(word.key)' and '\(extra.key)'", at: extra.place,
                help: "keep one; 'first' takes a list of which the first that has a value counts")
        }
        let companions = [("value", "each"), ("columns", "each"), ("values", "condition"), ("backslash", "condition")]
        for (key, owner) in companions where section[key] != nil && section[owner] == nil {
            diagnostics.error("unknown-key", "'\(key)' belongs to '\(owner)'", at: section.place(of: key))
        }
        return structured(word, section, name, landing) ?? simple(word, section, name)
    }

    /// A name of the session's values, which are the department's own.
    private func sessionValue(_ name: String, _ node: Node) -> String? {
        guard let known = sessionValues, !known.contains(name) else { return name }
        let help = suggestion(for: name, among: known).map { "did you mean '\($0)'?" } ?? "one of: \(known.joined(separator: ", "))"
        diagnostics.error("unknown-value", "the login gives no value '\(name)'", at: node.place, help: help)
        return nil
    }

    private func structured(_ word: Node.Entry, _ section: Section, _ name: String, _ landing: Landing) -> ValueSource? {
        switch word.key {
        case "fields":
            guard landing.takesObjects else {
                diagnostics.error(
                    "wrong-place", "an object cannot stand in \(landing.name)", at: word.place,
                    help: "write it as a text:  document: { json: object }  beside 'fields'")
                return nil
            }
            return object(word.value, landing: landing).map(ValueSource.object)
        case "each":
            if !landing.takesObjects, section["fields"] != nil {
                diagnostics.error(
                    "wrong-place", "a list of objects cannot stand in \(landing.name)", at: word.place,
                    help: "write it as a text:  document: { json: list }  beside 'each'")
                return nil
            }
            return listRule(section, name: name, landing: landing).map(ValueSource.list)
        case "document": return document(word.value, section, name: name, landing: landing).map(ValueSource.document)
        case "concat": return parts(word, name, .form).map(ValueSource.concat)
        case "list": return parts(word, name, landing.takesObjects ? landing : .form).map(ValueSource.gathered)
        case "first": return parts(word, name, landing).map(ValueSource.first)
        case "merge":
            // As a text they can stand anywhere, and until then they are a tree.
            let isText = section["json"]?.text == "encode"
            guard landing.takesObjects || isText else {
                diagnostics.error(
                    "wrong-place", "merged objects are no single value, and only one can stand here", at: word.place,
                    help: "write them as a text:  json: encode  beside 'merge'")
                return nil
            }
            return parts(word, name, landing.takesObjects ? landing : .json).map(ValueSource.merge)
        case "condition": return condition(section, name).map(ValueSource.condition)
        case "signature": return signature(word.value, name).map(ValueSource.digest)
        case "digest", "mac": return digest(word, name).map(ValueSource.digest)
        default: return nil
        }
    }

    private func simple(_ word: Node.Entry, _ section: Section, _ name: String) -> ValueSource? {
        let node = word.value
        switch word.key {
        case "from":
            guard let items = node.items else { return path(node, orConstant: true).map(ValueSource.path) }
            return .first(items.compactMap { rule($0, for: name, landing: .form) })
        case "all": return path(node).map(ValueSource.all)
        case "call":
            guard direction == .reply else {
                diagnostics.error("wrong-place", "'call' belongs to replies; in a request the call is $", at: word.place)
                return nil
            }
            return callPath(node).map(ValueSource.call)
        case "const": return constant(node).map(ValueSource.constant)
        case "secret":
            guard let secret = section.secretName() else { return nil }
            references.secrets.append(SecretMention(secret, at: node.place))
            return .secret(secret)
        case "session":
            references.usesSession = true
            return section.string("session").flatMap { sessionValue($0, node) }.map(ValueSource.session)
        case "cookie":
            guard direction == .reply else {
                diagnostics.error("wrong-place", "'cookie' reads a reply; a request's cookies stand under 'cookies'", at: word.place)
                return nil
            }
            return section.string("cookie").map(ValueSource.cookie)
        case "clock": return clock(node, section)
        case "uuid": return section.choice("uuid", of: ["plain", "dashes"]).map { .uuid(dashes: $0 == "dashes") }
        case "position":
            guard list != nil else {
                diagnostics.error("wrong-place", "'position' counts the items of a list, and there is no 'each' around it", at: word.place)
                return nil
            }
            return section.choice("position", of: ["from-one"]).map { _ in .position }
        case "test": return predicate(node).map(ValueSource.test)
        case "count": return path(node).map(ValueSource.count)
        case "paging":
            guard let choice = section.choice("paging", of: PagingWord.words) else { return nil }
            guard choice == PagingWord.cursor else {
                if direction == .request, choice != PagingWord.size.rawValue { references.usesPage = true }
                return PagingWord(rawValue: choice).map(ValueSource.paging)
            }
            guard direction == .request else {
                diagnostics.error(
                    "wrong-place", "the cursor of a reply is said beside its fields", at: word.place,
                    help: "paging: { cursor: $.… }")
                return nil
            }
            references.usesCursor = true
            return .cursor
        default: return nil
        }
    }

    private func condition(_ section: Section, _ name: String) -> ConditionSource? {
        guard let text = section.string("condition"), let node = section["condition"] else { return nil }
        guard let pieces = ConditionSource.pieces(text) else {
            diagnostics.error("bad-condition", "a quotation mark in the condition does not end", at: node.place)
            return nil
        }
        let backslash = section.choice("backslash", of: ConditionSource.Backslash.allCases.map(\.rawValue))
        let items = section["values"].map { $0.items ?? [$0] } ?? []
        if items.count != pieces.count - 1 {
            diagnostics.error(
                "missing-key", "the condition has \(pieces.count - 1) '?', and there are \(items.count) 'values'", at: node.place,
                help: "a ? outside quotes stands for each value, such as  condition: \"XM = ?\", values: [$.applicant.name]")
            return nil
        }
        let values = items.compactMap { rule($0, for: name, landing: .form) }
        guard values.count == items.count else { return nil }
        return ConditionSource(pieces: pieces, values: values, backslash: backslash.flatMap(ConditionSource.Backslash.init) ?? .refuse)
    }

    private func parts(_ word: Node.Entry, _ name: String, _ landing: Landing) -> [ValueRule]? {
        guard let items = word.value.items, !items.isEmpty else {
            diagnostics.error(
                "wrong-type", "'\(word.key)' takes a list of values", at: word.value.place, help: "such as  [$.a, { const: \"-\" }, $.b]")
            return nil
        }
        return items.compactMap { rule($0, for: name, landing: landing) }
    }

    /// A constant; a plain number with a leading zero is refused, for it would lose it.
    func constant(_ node: Node) -> Value? {
        if case .scalar(let text, plain: true) = node.content, text.count > 1, text.hasPrefix("0"), text.allSatisfy(\.isNumber) {
            diagnostics.error(
                "leading-zero", "\(text) without quotes is the number \(Int64(text) ?? 0)", at: node.place,
                help: "write \"\(text)\" to keep the zero")
            return nil
        }
        return node.value
    }

    // MARK: Digests

    private func digest(_ word: Node.Entry, _ name: String) -> DigestSource? {
        let isMAC = word.key == "mac"
        let algorithms = DigestAlgorithm.allCases.map { (isMAC ? "hmac-" : "") + $0.rawValue }
        let keys = algorithms + ["as", "charset", "of"] + (isMAC ? ["key"] : [])
        guard let section = Section(word.value, as: "'\(word.key)'", keys: keys, diagnostics) else { return nil }
        let named = (section.node.entries ?? []).filter { algorithms.contains($0.key) }
        guard let chosen = named.first, named.count == 1,
            let algorithm = DigestAlgorithm(rawValue: String(chosen.key.dropFirst(isMAC ? 5 : 0)))
        else {
            diagnostics.error(
                "missing-key", "'\(word.key)' needs one algorithm with the value it is computed of", at: section.node.place,
                help: "one of: \(algorithms.joined(separator: ", "))")
            return nil
        }
        let output = section.choice("as", of: DigestSource.Output.allCases.map(\.rawValue)).flatMap(DigestSource.Output.init) ?? .hex
        let charset = charset(section, "charset") ?? .utf8
        guard let content = rule(chosen.value, for: name, landing: .form) else { return nil }
        let writing = section.choice("of", of: ["base64", "hex"]).flatMap(ByteWriting.init)
        guard isMAC else {
            return DigestSource(function: .digest(algorithm), content: content, charset: charset, output: output, writing: writing)
        }
        guard let keyNode = section.required("key"), let key = rule(keyNode, for: name, landing: .form) else { return nil }
        return DigestSource(function: .hmac(algorithm, key: key), content: content, charset: charset, output: output, writing: writing)
    }

    /// The time of the call, or of `plus` later.
    private func clock(_ node: Node, _ section: Section) -> ValueSource? {
        let later = section.duration("plus", in: .zero...(.seconds(366 * 86_400)))
        return dateForm(node).map { .clock($0, plus: later?.milliseconds ?? 0) }
    }

    /// A charset by name.
    func charset(_ section: Section, _ key: String) -> Charset? {
        guard let name = section.string(key) else { return nil }
        if let charset = Charset(named: name) { return charset }
        let known = ["UTF-8", "GBK", "GB2312", "GB18030", "Big5", "ISO-8859-1"]
        let near = suggestion(for: name.uppercased(), among: known).map { "did you mean '\($0)'?" }
        diagnostics.error(
            "unknown-value", "'\(name)' is no charset that is known here", at: section[key]?.place,
            help: near ?? "one of: \(known.joined(separator: ", "))")
        return nil
    }
}
