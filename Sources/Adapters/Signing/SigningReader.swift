/// Reads a `signing` section into a `Signer`, reporting every problem with its place.
struct SigningReader {
    let diagnostics: Diagnostics
    var secretNames: [(String, Place)] = []
    var charset = Charset.utf8
    /// The names of the `headers` part and where it stands, once it was read.
    var signedHeaders: (names: [String], place: Place)?
    /// Targets of the values and of the signature so far, header names in lower case.
    var targets: Set<SigningTarget> = []

    /// A reader that reports to `diagnostics`.
    init(diagnostics: Diagnostics) { self.diagnostics = diagnostics }

    private static let keys = ["algorithm", "secret", "charset", "set", "parts", "join", "end", "output", "place", "format", "identity"]
    private static let algorithms =
        DigestAlgorithm.allCases.map(\.rawValue) + DigestAlgorithm.allCases.map { "hmac-" + $0.rawValue } + SignatureAlgorithm.words

    /// The whole section; nil when it has an error.
    mutating func signer(_ node: Node) -> Signer? {
        let before = errorCount
        guard let section = Section(node, as: "a signing section", keys: SigningReader.keys, diagnostics) else { return nil }
        charset = charset(section) ?? .utf8
        let algorithm = self.algorithm(section)
        let placeNode = section.required("place")
        let target = placeNode.flatMap { place($0) }
        let text = self.text(section, excluding: target)
        let signsSecret = !secretNames.isEmpty
        let additions = self.additions(section)
        let template = placeNode?["text"].flatMap { self.template($0, target, additions) }
        let output = section.required("output") == nil ? nil : self.output(section)
        if case .digest = algorithm, !signsSecret {
            diagnostics.warning(
                "no-secret", "nothing secret goes into this signature", at: section.place(of: "algorithm"),
                help: "put { secret: NAME } among the parts")
        }
        guard errorCount == before, let algorithm, let target, let text, let output else { return nil }
        return Signer(
            algorithm: algorithm, charset: charset, additions: additions, text: text, output: output, target: target, template: template,
            signedHeaders: signedHeaders?.names ?? [], secretNames: secretNames)
    }

    private var errorCount: Int { diagnostics.problems.count { $0.severity == .error } }

    // MARK: Algorithm and text

    private func charset(_ section: Section) -> Charset? {
        guard let name = section.string("charset") else { return nil }
        if let charset = Charset(named: name) { return charset }
        diagnostics.error(
            "unknown-value", "'\(name)' is no charset", at: section["charset"]?.place, help: "such as UTF-8, GBK, GB18030 or Big5")
        return nil
    }

    private mutating func algorithm(_ section: Section) -> Signer.Algorithm? {
        let secret = section["secret"].flatMap { self.secret($0) }
        guard let node = section.required("algorithm") else { return nil }
        guard let name = section.choice("algorithm", of: SigningReader.algorithms) else { return nil }
        let format = section.choice("format", of: ["der", "raw"])
        let identity = section.string("identity")
        if name != "sm2" {
            for key in ["format", "identity"] where section[key] != nil {
                diagnostics.error("wrong-place", "'\(key)' belongs to sm2", at: section.place(of: key))
            }
        }
        if let algorithm = SignatureAlgorithm(name, identity: identity ?? SignatureAlgorithm.defaultIdentity) {
            guard let secret else {
                if section["secret"] == nil {
                    diagnostics.error(
                        "missing-key", "\(name) needs 'secret', its private key", at: node.place,
                        help:
                            "secret: NAME of a secret that holds the key, as PEM, as Base64 of its DER, or for sm2 as 64 hexadecimal digits"
                    )
                }
                return nil
            }
            return .signature(algorithm, secret: secret, raw: format == "raw")
        }
        let isMAC = name.hasPrefix("hmac-")
        guard let digest = available(isMAC ? String(name.dropFirst(5)) : name, at: node.place) else { return nil }
        if isMAC {
            guard let secret else {
                if section["secret"] == nil {
                    diagnostics.error(
                        "missing-key", "\(name) needs 'secret', its key", at: node.place,
                        help: "secret: NAME of a secret, never the secret itself")
                }
                return nil
            }
            return .hmac(digest, secret: secret)
        }
        if section["secret"] != nil {
            diagnostics.error(
                "unused-key", "\(name) has no key", at: section.place(of: "secret"),
                help: "put { secret: NAME } among the parts, or use hmac-\(name)")
        }
        return .digest(digest)
    }

    private func available(_ name: String, at place: Place) -> DigestAlgorithm? {
        guard let digest = DigestAlgorithm(rawValue: name) else { return nil }
        guard digest.isAvailable else {
            diagnostics.error("unsupported-algorithm", "this machine's libcrypto does not have \(name)", at: place)
            return nil
        }
        return digest
    }

    private mutating func text(_ section: Section, excluding target: SigningTarget?) -> SigningText? {
        guard let node = section.required("parts") else { return nil }
        guard let items = node.items, !items.isEmpty else {
            diagnostics.error("wrong-type", "'parts' must be a list with at least one part", at: node.place)
            return nil
        }
        let parts = items.compactMap { part($0, excluding: target) }
        return SigningText(parts: parts, join: text("join", section) ?? "", end: text("end", section) ?? "")
    }

    /// A text that will be written in the convention's charset.
    func text(_ key: String, _ section: Section) -> String? {
        guard let text = section.string(key) else { return nil }
        do { _ = try charset.encode(text) } catch {
            diagnostics.error("charset", "'\(key)' has a character that \(charset.name) does not have", at: section.place(of: key))
            return nil
        }
        return text
    }

    private func output(_ section: Section) -> SigningOutput? {
        section.choice("output", of: SigningOutput.allCases.map(\.rawValue)).flatMap(SigningOutput.init(rawValue:))
    }

    mutating func secret(_ node: Node) -> String? {
        guard let name = diagnostics.secretName(node) else { return nil }
        secretNames.append((name, node.place))
        return name
    }

    // MARK: Parts

    private static let words = ["method", "path", "body", "query", "form", "parameters"]
    private static let partKeys = [
        "literal", "secret", "clock", "header", "value", "headers", "parameter", "json", "query", "form", "parameters", "path",
        "body-digest",
        "digest",
    ]

    private mutating func part(_ node: Node, excluding target: SigningTarget?) -> SigningPart? {
        if let items = node.items { return .group(items.compactMap { part($0, excluding: target) }) }
        guard node.entries != nil else { return word(node, excluding: target) }
        guard let section = Section(node, as: "a part", keys: SigningReader.partKeys, diagnostics),
            let key = onlyKey(of: SigningReader.partKeys, in: section), let value = section[key]
        else { return nil }
        switch key {
        case "literal": return text(key, section).map(SigningPart.literal)
        case "secret": return secret(value).map(SigningPart.secret)
        case "clock": return clock(value).map(SigningPart.clock)
        case "header": return section.string(key).map(SigningPart.header)
        case "value": return section.string(key).map(SigningPart.value)
        case "headers": return headers(value, excluding: target).map(SigningPart.headers)
        case "parameter": return section.string(key).map(SigningPart.parameter)
        case "json": return chain(value).map(SigningPart.json)
        case "query": return parameters(value, .query, target).map(SigningPart.parameters)
        case "form": return parameters(value, .form, target).map(SigningPart.parameters)
        case "parameters": return parameters(value, .both, target).map(SigningPart.parameters)
        case "path": return section.choice(key, of: ["encoded", "decoded"]).map { .path(decoded: $0 == "decoded") }
        case "body-digest": return bodyDigest(value).map(SigningPart.bodyDigest)
        default: return digest(value, excluding: target)
        }
    }

    private func word(_ node: Node, excluding target: SigningTarget?) -> SigningPart? {
        let word = node.text ?? ""
        switch word {
        case "method": return .method
        case "path": return .path(decoded: false)
        case "body": return .body
        case "query": return .parameters(ParameterList(origin: .query, except: SigningReader.names(target)))
        case "form": return .parameters(ParameterList(origin: .form, except: SigningReader.names(target)))
        case "parameters": return .parameters(ParameterList(origin: .both, except: SigningReader.names(target)))
        default:
            let all = SigningReader.words.joined(separator: ", ")
            let help = suggestion(for: word, among: SigningReader.words).map { "did you mean '\($0)'?" }
            diagnostics.error(
                "unknown-value", "'\(word)' is no part", at: node.place,
                help: help ?? "one of: \(all); or a mapping with one of: \(SigningReader.partKeys.joined(separator: ", "))")
            return nil
        }
    }

    /// The one key of `keys` that the section has; a problem when it has none or several. `others` are the section's other keys.
    func onlyKey(of keys: [String], in section: Section, others: [String] = []) -> String? {
        let present = keys.filter { section[$0] != nil }
        if present.count == 1 { return present.first }
        if present.isEmpty, section.node.entries?.contains(where: { !keys.contains($0.key) && !others.contains($0.key) }) == true {
            return nil  // an unknown key was reported already
        }
        diagnostics.error(
            "one-of", "\(section.name) needs exactly one of: \(keys.joined(separator: ", "))",
            at: present.dropFirst().first.map(section.place(of:)) ?? section.node.place)
        return nil
    }

    func clock(_ node: Node) -> ClockFormat? {
        if let text = node.text, let format = ClockFormat(text) { return format }
        diagnostics.error("unknown-value", "this is no form of the time", at: node.place, help: ClockFormat.help)
        return nil
    }

    func bodyDigest(_ node: Node) -> BodyDigest? {
        if let name = node.text {
            guard DigestAlgorithm(rawValue: name) != nil else {
                let all = DigestAlgorithm.allCases.map(\.rawValue)
                diagnostics.error("unknown-value", "'\(name)' is no digest", at: node.place, help: "one of: \(all.joined(separator: ", "))")
                return nil
            }
            return available(name, at: node.place).map { BodyDigest(algorithm: $0, output: .hex) }
        }
        guard let section = Section(node, as: "a body digest", keys: ["algorithm", "output"], diagnostics),
            let algorithm = innerAlgorithm(section)
        else { return nil }
        if section["output"] == nil { return BodyDigest(algorithm: algorithm, output: .hex) }
        return output(section).map { BodyDigest(algorithm: algorithm, output: $0) }
    }

    private func innerAlgorithm(_ section: Section) -> DigestAlgorithm? {
        guard section.required("algorithm") != nil else { return nil }
        return section.choice("algorithm", of: DigestAlgorithm.allCases.map(\.rawValue))
            .flatMap { available($0, at: section.place(of: "algorithm")) }
    }

    private mutating func digest(_ node: Node, excluding target: SigningTarget?) -> SigningPart? {
        guard let section = Section(node, as: "a digest", keys: ["algorithm", "parts", "join", "end", "output"], diagnostics) else {
            return nil
        }
        let algorithm = innerAlgorithm(section)
        let text = self.text(section, excluding: target)
        let output = section["output"] == nil ? .hex : self.output(section)
        guard let algorithm, let text, let output else { return nil }
        return .digest(algorithm, text, output)
    }
}
