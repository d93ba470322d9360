/// The parts of a `signing` section that name places in the request: header lists, parameter lists, values, the signature.
extension SigningReader {
    private static let placeKeys = ["header", "parameter", "query", "json", "soap-header"]
    private static let targetKeys = placeKeys + ["value"]
    private static let sourceKeys = ["secret", "literal", "clock", "random", "body-digest", "signed-headers"]
    /// Fields that belong to the connection or to the framing, not to a convention.
    private static let framing = ["host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade", "keep-alive"]

    /// The parameters that never take part in a signature: the one that carries it.
    static func names(_ target: SigningTarget?) -> [String] {
        switch target {
        case .parameter(let name), .query(let name): [name]
        case .json(let names) where names.count == 1: names
        case .header, .value, .json, .soapHeader, nil: []
        }
    }

    // MARK: Lists

    mutating func headers(_ node: Node, excluding target: SigningTarget?) -> HeaderList? {
        var list = HeaderList(names: [])
        var isSorted = true
        let items: [Node]
        if let plain = node.items {
            items = plain
        } else {
            guard let section = Section(node, as: "a headers part", keys: ["names", "order", "pair", "join"], diagnostics),
                let names = section.required("names")
            else { return nil }
            guard let plain = names.items else {
                diagnostics.error("wrong-type", "'names' must be a list of header names, not \(names.kindName)", at: names.place)
                return nil
            }
            items = plain
            if let order = section.choice("order", of: ["sorted", "given"]) { isSorted = order == "sorted" }
            list.pair = text("pair", section) ?? list.pair
            list.join = text("join", section) ?? list.join
        }
        for item in items {
            guard let name = headerName(item, asTarget: false)?.lowercased() else { continue }
            if case .header(let own)? = target, own.lowercased() == name {
                diagnostics.error("signed-signature", "the signature's own header '\(own)' cannot be signed", at: item.place)
            } else if list.names.contains(name) {
                diagnostics.error("duplicate-value", "'\(name)' stands here a second time", at: item.place)
            } else {
                list.names.append(name)
            }
        }
        if isSorted { list.names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
        if signedHeaders != nil {
            diagnostics.error("duplicate-value", "one convention has one headers part", at: node.place)
        }
        signedHeaders = (list.names, node.place)
        return list
    }

    mutating func parameters(_ node: Node, _ origin: ParameterList.Origin, _ target: SigningTarget?) -> ParameterList? {
        let keys = ["order", "empty", "encode", "show", "pair", "join", "prefix", "only", "except"]
        guard let section = Section(node, as: "a parameter list", keys: keys, diagnostics) else { return nil }
        var list = ParameterList(origin: origin)
        if let order = section.choice("order", of: ["sorted", "given"]) { list.sorted = order == "sorted" }
        if let empty = choice("empty", ParameterList.Empty.self, section) { list.empty = empty }
        if let encoding = choice("encode", ParameterList.Encoding.self, section) { list.encoding = encoding }
        if let show = choice("show", ParameterList.Show.self, section) { list.show = show }
        list.pair = text("pair", section) ?? list.pair
        list.join = text("join", section) ?? list.join
        list.prefix = text("prefix", section) ?? list.prefix
        list.only = section.strings("only")
        list.except = (section.strings("except") ?? []) + SigningReader.names(target)
        return list
    }

    private func choice<Word: RawRepresentable<String> & CaseIterable>(_ key: String, _ type: Word.Type, _ section: Section) -> Word? {
        section.choice(key, of: type.allCases.map(\.rawValue)).flatMap(Word.init(rawValue:))
    }

    // MARK: Targets

    mutating func place(_ node: Node) -> SigningTarget? {
        guard let section = Section(node, as: "the place of the signature", keys: SigningReader.placeKeys + ["text"], diagnostics) else {
            return nil
        }
        return target(section)
    }

    /// `text` beside the place: what the header is composed of.
    func template(_ node: Node, _ target: SigningTarget?, _ additions: [Signer.Addition]) -> SignatureTemplate? {
        guard case .header? = target else {
            if target != nil {
                diagnostics.error("wrong-place", "'text' composes a header", at: node.place, help: "place: { header: …, text: … }")
            }
            return nil
        }
        let template: SignatureTemplate
        do { template = try SignatureTemplate(node.text ?? "") } catch {
            diagnostics.error(
                "wrong-value", "the header cannot be composed: \(error.message)", at: node.place,
                help: "such as  \"HMAC id={id}, ts={ts}, sig={signature}\"")
            return nil
        }
        let known = additions.compactMap { if case .value(let name) = $0.target { name } else { nil } }
        for name in template.names where !known.contains(name) {
            diagnostics.error(
                "unknown-value", "no value of the name '\(name)' is set", at: node.place,
                help: suggestion(for: name, among: known).map { "did you mean {\($0)}?" } ?? "set: [{ value: \(name), … }]")
        }
        return template
    }

    private mutating func target(_ section: Section) -> SigningTarget? {
        guard let key = onlyKey(of: SigningReader.targetKeys, in: section, others: SigningReader.sourceKeys + ["skip-empty"]),
            let node = section[key]
        else { return nil }
        let target: SigningTarget
        let folded: SigningTarget
        if key == "header" {
            guard let name = headerName(node, asTarget: true) else { return nil }
            (target, folded) = (.header(name), .header(name.lowercased()))
        } else if key == "json" || key == "soap-header" {
            guard let names = chain(node) else { return nil }
            target = key == "json" ? .json(names) : .soapHeader(names)
            folded = target
        } else {
            guard let name = section.string(key) else { return nil }
            guard !name.isEmpty else {
                diagnostics.error("wrong-type", "'\(key)' must have a name", at: node.place)
                return nil
            }
            target = key == "query" ? .query(name) : key == "value" ? .value(name) : .parameter(name)
            folded = target
        }
        guard targets.insert(folded).inserted else {
            diagnostics.error("duplicate-value", "two values go to the same \(key)", at: node.place)
            return nil
        }
        return target
    }

    /// The names of `$.a.b`.
    func chain(_ node: Node) -> [String]? {
        if let text = node.text, text.hasPrefix("$."), let names = (try? PathReference(text))?.names { return names }
        diagnostics.error("bad-path", "this is no path of names", at: node.place, help: "such as  $.head.sign")
        return nil
    }

    /// A header name: a token (RFC 9110 §5.6.2), and as a target none that belongs to the connection.
    private func headerName(_ node: Node, asTarget: Bool) -> String? {
        let marks = Set("!#$%&'*+-.^_`|~".utf8)
        guard let name = node.text, !name.isEmpty,
            name.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) || marks.contains($0) })
        else {
            diagnostics.error("header-name", "this is no name of a header", at: node.place, help: "letters, digits and - or _")
            return nil
        }
        if asTarget, SigningReader.framing.contains(name.lowercased()) {
            diagnostics.error("header-name", "'\(name)' belongs to the connection and cannot be set here", at: node.place)
            return nil
        }
        return name
    }

    // MARK: Values made before signing

    mutating func additions(_ section: Section) -> [Signer.Addition] {
        guard let node = section["set"] else { return [] }
        guard let items = node.items else {
            diagnostics.error("wrong-type", "'set' must be a list, not \(node.kindName)", at: node.place)
            return []
        }
        return items.compactMap { addition($0) }
    }

    private mutating func addition(_ node: Node) -> Signer.Addition? {
        let keys = SigningReader.targetKeys + SigningReader.sourceKeys + ["skip-empty"]
        guard let section = Section(node, as: "a value to set", keys: keys, diagnostics) else { return nil }
        let target = self.target(section)
        let source = self.source(section)
        let skipsEmpty = section.bool("skip-empty") ?? false
        guard let target, let source else { return nil }
        if case .header(let name) = target, case .literal(let text) = source,
            text.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F })
        {
            diagnostics.error(
                "control-character", "the value for the header \(name) holds a control character", at: section.place(of: "literal"))
        }
        return Signer.Addition(target: target, source: source, skipsEmpty: skipsEmpty)
    }

    private mutating func source(_ section: Section) -> Signer.Source? {
        guard let key = onlyKey(of: SigningReader.sourceKeys, in: section, others: SigningReader.targetKeys + ["skip-empty"]),
            let value = section[key]
        else { return nil }
        switch key {
        case "secret": return secret(value).map(Signer.Source.secret)
        case "literal": return section.string(key).map(Signer.Source.literal)
        case "clock": return clock(value).map(Signer.Source.clock)
        case "random": return random(value).map(Signer.Source.random)
        case "body-digest": return bodyDigest(value).map(Signer.Source.bodyDigest)
        default:
            if signedHeaders == nil {
                diagnostics.error(
                    "missing-key", "'signed-headers' needs a headers part", at: value.place,
                    help: "add { headers: [NAME, …] } to 'parts'")
            }
            return section.string(key).map(Signer.Source.signedHeaders)
        }
    }

    private func random(_ node: Node) -> RandomForm? {
        if node.entries == nil {
            switch node.text {
            case "hex": return .hex(32)
            case "digits": return .digits(16)
            case "uuid": return .uuid
            default:
                diagnostics.error(
                    "unknown-value", "this is no form of a nonce", at: node.place,
                    help: "one of: hex, digits, uuid, { hex: 16 }, { digits: 6 }")
                return nil
            }
        }
        guard let section = Section(node, as: "a nonce", keys: ["hex", "digits"], diagnostics),
            let key = onlyKey(of: ["hex", "digits"], in: section), let length = section.integer(key, in: 1...32)
        else { return nil }
        return key == "hex" ? .hex(length) : .digits(length)
    }
}
