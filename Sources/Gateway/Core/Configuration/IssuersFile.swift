internal import Adapters

/// The tokens' side of `consumers.yaml`: `issuers`, and the `tokens` of each consumer.
struct IssuersFile {
    /// The keys of an issuer.
    static let keys = ["issuer", "audience", "keys", "fetch", "algorithm", "leeway", "claims", "consumer", "user"]
    /// The keys of where its keys are.
    static let sourceKeys = ["upstream", "path", "refresh"]
    /// The keys of `user`.
    static let userKeys = ["header", "kind"] + TokenUserRule.names

    private var issuers: [TokenIssuer] = []
    /// Where each stands in the file.
    private var places: [String: Place] = [:]
    private let references: ReferenceReader
    private let memory: CredentialMemory
    private let diagnostics: Diagnostics

    init(_ section: Section, references: ReferenceReader, memory: CredentialMemory, _ diagnostics: Diagnostics) {
        self.references = references
        self.memory = memory
        self.diagnostics = diagnostics
        for entry in section.named("issuers", of: "an issuer") {
            guard let issuer = issuer(entry) else { continue }
            if issuers.contains(where: { $0.rules.issuer == issuer.rules.issuer }) {
                diagnostics.error("duplicate-issuer", "another entry is for this issuer already", at: entry.place)
            }
            issuers.append(issuer)
            places[issuer.name] = entry.place
        }
    }

    /// Whose tokens are believed.
    var table: TokenTable { issuers.isEmpty ? .none : TokenTable(issuers) }

    /// A consumer's token and a user's cannot both stand in `Authorization`: which one did would be for a guess to say.
    func checkPlaces() {
        guard issuers.contains(where: { !$0.consumers.isEmpty }) else { return }
        for issuer in issuers where issuer.user?.header == Array("authorization".utf8) {
            diagnostics.error(
                "two-tokens", "users of '\(issuer.name)' come with Authorization, where consumers' own tokens stand",
                at: places[issuer.name],
                help: "user: { header: X-User-Token }")
        }
    }

    // MARK: Issuers

    private func issuer(_ entry: Node.Entry) -> TokenIssuer? {
        guard let section = Section(entry.value, as: "an issuer", keys: Self.keys, diagnostics) else { return nil }
        let issuer = section.requiredString("issuer")
        let audiences = section.required("audience") == nil ? [] : section.strings("audience") ?? []
        let leeway = section.duration("leeway", in: .zero...(.seconds(300))) ?? .seconds(30)
        let usual = section.choice("algorithm", of: TokenAlgorithm.allCases.map(\.rawValue)).flatMap(TokenAlgorithm.init)
        let source = self.source(section, entry.key, usual)
        let claims = self.claims(section)
        let user = section["user"].flatMap(self.user)
        if section["audience"] != nil, audiences.isEmpty {
            diagnostics.error("missing-value", "'audience' needs at least one value", at: section.place(of: "audience"))
        }
        guard let issuer, !audiences.isEmpty, let source else { return nil }
        return TokenIssuer(
            name: entry.key,
            rules: TokenRules(issuer: issuer, audiences: audiences, leeway: leeway.nanoseconds / 1_000_000_000, claims: claims),
            source: source, consumerClaim: Self.path(section.string("consumer") ?? "sub"), user: user)
    }

    private static func path(_ text: String) -> [String] { text.split(separator: ".").map(String.init) }

    private func claims(_ section: Section) -> [TokenRules.Claim] {
        guard let node = section["claims"] else { return [] }
        guard let entries = node.entries else {
            diagnostics.error("wrong-type", "'claims' must be a mapping from claims to their values", at: node.place)
            return []
        }
        return entries.map { entry in
            let path = Self.path(entry.key)
            if path.isEmpty { diagnostics.error("wrong-value", "'\(entry.key)' is no claim", at: entry.place) }
            let values = (entry.value.items ?? [entry.value]).compactMap { item -> String? in
                if let text = item.value.scalarText { return text }
                diagnostics.error(
                    "wrong-type", "what '\(entry.key)' must be is a text or a list of texts, not \(item.kindName)", at: item.place,
                    help: "a claim inside another is named with a dot, org.level: [\"3\"]; an empty list takes whatever it is")
                return nil
            }
            return TokenRules.Claim(path: path, values: values)
        }
    }

    private func user(_ node: Node) -> TokenUserRule? {
        guard let section = Section(node, as: "'user'", keys: Self.userKeys, diagnostics) else { return nil }
        let header = section.string("header") ?? "X-User-Token"
        guard header.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x3A }), !header.isEmpty else {
            diagnostics.error("wrong-value", "'\(header)' is no header", at: section["header"]?.place)
            return nil
        }
        let known = Array(header.utf8).withUnsafeBytes { bytes in
            bytes.baseAddress.map { KnownField.recognise($0, 0, bytes.count) } ?? .other
        }
        if known != .other, known != .authorization {
            diagnostics.error(
                "wrong-value", "'\(header)' means something else already, and would be passed on", at: section["header"]?.place,
                help: "a header of its own such as X-User-Token, or Authorization")
        }
        let kind = section.choice("kind", of: CallerUser.Kind.allCases.map(\.rawValue)).flatMap(CallerUser.Kind.init) ?? .citizen
        var fields = TokenUserRule.names.compactMap { name in section.string(name).map { (name: name, path: Self.path($0)) } }
        if !fields.contains(where: { $0.name == "id" }) { fields.append((name: "id", path: ["sub"])) }
        return TokenUserRule(header: Array(header.lowercased().utf8), kind: kind, fields: fields)
    }

    // MARK: Keys

    private func source(_ section: Section, _ name: String, _ usual: TokenAlgorithm?) -> TokenKeySource? {
        switch (section["keys"], section["fetch"]) {
        case (let node?, nil): return here(section, node, usual)
        case (nil, let node?): return remote(node, name, usual)
        default:
            diagnostics.error(
                "missing-key", "an issuer needs 'keys' or 'fetch', one of them", at: section.node.place,
                help: "keys: { file: PATH }, or fetch: { upstream: …, path: /jwks }")
            return nil
        }
    }

    private func here(_ section: Section, _ node: Node, _ usual: TokenAlgorithm?) -> TokenKeySource? {
        guard let material = references.material(section, "keys", what: "a key set") else { return nil }
        guard material.isThere else { return TokenKeySource.none }
        do { return TokenKeySource(try TokenKeySet(text: material.bytes, usual: usual, secrets: true)) } catch {
            diagnostics.error(
                "wrong-keys", "the keys in \(material.origin) cannot be used: \(error.description)", at: node.place,
                help: "a JSON Web Key Set (RFC 7517) of public keys")
            return nil
        }
    }

    private func remote(_ node: Node, _ name: String, _ usual: TokenAlgorithm?) -> TokenKeySource? {
        guard let section = Section(node, as: "'fetch'", keys: Self.sourceKeys, diagnostics), let place = section.required("upstream")
        else { return nil }
        let refresh = section.duration("refresh", in: .seconds(10)...(.seconds(86400))) ?? .seconds(600)
        guard let path = section.requiredString("path"), let upstream = UpstreamSettings(id: "issuer-\(name)", place, references) else {
            return nil
        }
        guard path.hasPrefix("/"), path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            diagnostics.error("wrong-path", "'\(path)' is no path", at: section["path"]?.place, help: "such as /jwks.json")
            return nil
        }
        guard upstream.scheme == .http || upstream.scheme == .https else {
            diagnostics.error("wrong-value", "keys are fetched by HTTP", at: place.place, help: "https://…")
            return nil
        }
        if upstream.scheme == .http {
            diagnostics.warning("insecure-keys", "whoever is on the way can put keys of their own in place of these", at: place.place)
        }
        return memory.source(
            TokenKeySource.Remote(
                upstream: upstream.limited(to: 256 << 10), path: path, refresh: refresh.nanoseconds, usual: usual))
    }

    // MARK: Consumers

    /// Reads an entry of a consumer's `tokens`.
    mutating func add(_ node: Node, consumer: Int) {
        guard let section = Section(node, as: "a token", keys: ["issuer", "subject", "expires"], diagnostics),
            let name = section.requiredString("issuer"), let subject = section.requiredString("subject")
        else { return }
        guard let index = issuers.firstIndex(where: { $0.name == name }) else {
            let known = issuers.map(\.name)
            let help =
                suggestion(for: name, among: known).map { "did you mean '\($0)'?" }
                ?? "known under 'issuers': \(known.joined(separator: ", "))"
            diagnostics.error("unknown-value", "'\(name)' is no issuer", at: section["issuer"]?.place, help: help)
            return
        }
        let key = ConsumerTable.Key(consumer: consumer, expires: ConsumersFile.expiry(section, diagnostics))
        if issuers[index].consumers.updateValue(key, forKey: Array(subject.utf8)) != nil {
            diagnostics.error("duplicate-subject", "another entry has this subject already", at: section["subject"]?.place)
        }
    }
}
