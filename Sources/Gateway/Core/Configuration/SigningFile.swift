internal import Adapters

/// The signing side of `consumers.yaml`: `conventions`, and the `signatures` of each consumer.
struct SigningFile {
    /// The keys of an entry of `signatures`.
    static let signatureKeys = ["key", "secret", "convention", "algorithm", "expires"]
    /// The keys of a convention.
    static let conventionKeys = ["skew", "replay", "nonces", "signing"]

    private var conventions: [SigningConvention] = []
    private var credentials: [[String: SigningCredential]] = []
    /// The credentials whose nonces are kept.
    private var books: Set<String> = []
    private let references: ReferenceReader
    private let memory: CredentialMemory
    private let diagnostics: Diagnostics

    init(_ section: Section, references: ReferenceReader, memory: CredentialMemory, _ diagnostics: Diagnostics) {
        self.references = references
        self.memory = memory
        self.diagnostics = diagnostics
        for entry in section.named("conventions", of: "a convention") {
            if SigningConvention.builtIn[entry.key] != nil {
                diagnostics.error(
                    "duplicate-convention", "'\(entry.key)' is there already, without a word in the file", at: entry.place,
                    help: "give this one another name")
                continue
            }
            if let convention = convention(entry.value, name: entry.key) { append(convention) }
        }
    }

    /// What consumers sign with; conventions that nobody uses are left out.
    var table: SigningTable {
        let used = conventions.indices.filter { !credentials[$0].isEmpty }
        return SigningTable(conventions: used.map { conventions[$0] }, credentials: used.map { credentials[$0] }, books: books)
    }

    private mutating func append(_ convention: SigningConvention) {
        conventions.append(convention)
        credentials.append([:])
    }

    // MARK: Conventions

    private func convention(_ node: Node, name: String) -> SigningConvention? {
        guard let section = Section(node, as: "a convention", keys: Self.conventionKeys, diagnostics),
            let signing = section.required("signing"), let signer = Signer(signing, diagnostics)
        else { return nil }
        for (secret, place) in signer.secretNames where ![SigningConvention.keyName, SigningConvention.secretName].contains(secret) {
            diagnostics.error(
                "unknown-value", "a convention has no secret '\(secret)' of its own", at: place,
                help: "KEY is the caller's key and SECRET its secret; both stand with the consumer, under 'signatures'")
        }
        guard let place = keyPlace(signer, signing) else { return nil }
        let skew = section.duration("skew", in: .seconds(1)...(.seconds(86400))) ?? .seconds(300)
        if !signer.hasClock {
            diagnostics.warning(
                "no-clock", "this convention does not tell the time: what is older than 'skew' may come again", at: signing.place)
        }
        return SigningConvention(
            name: name, signer: signer, keyPlace: place, skewMilliseconds: skew.nanoseconds / 1_000_000, replay: replay(section, signer),
            nonceLimit: section.integer("nonces", in: 1_000...10_000_000) ?? SigningConvention.usualNonceLimit)
    }

    private func keyPlace(_ signer: Signer, _ signing: Node) -> SigningTarget? {
        switch signer.place(ofSecret: SigningConvention.keyName) {
        case nil:
            diagnostics.error(
                "missing-key", "nothing says where the caller's key stands", at: signing.place,
                help: "such as under 'set': { header: X-Key, secret: KEY }")
            return nil
        case .json?, .soapHeader?:
            diagnostics.error(
                "wrong-place", "the caller's key must be found without reading a document", at: signing.place,
                help: "in a header, the query or a form")
            return nil
        case let place?: return place
        }
    }

    private func replay(_ section: Section, _ signer: Signer) -> SigningConvention.Replay {
        let usual = signer.hasNonce ? SigningConvention.Replay.nonce : .signature
        guard let node = section["replay"] else { return usual }
        if node.entries != nil {
            guard let waiver = Section(node, as: "'replay'", keys: ["off"], diagnostics), let reason = waiver.requiredString("off") else {
                return usual
            }
            diagnostics.warning("replay", "requests may come twice: \(reason)", at: section.place(of: "replay"))
            return .unchecked(reason)
        }
        let word = section.choice("replay", of: ["nonce", "signature"])
        if word == "nonce", !signer.hasNonce {
            diagnostics.error(
                "wrong-value", "this convention has no nonce", at: node.place,
                help: "replay: signature, or a value with 'random' under 'set'")
        }
        return word == "signature" ? .signature : usual
    }

    private mutating func index(ofConvention name: String, at place: Place) -> Int? {
        if let known = conventions.firstIndex(where: { $0.name == name }) { return known }
        if let text = SigningConvention.builtIn[name], let node = Node.read(Array(text.utf8), path: "the convention \(name)", diagnostics),
            let convention = convention(node, name: name)
        {
            append(convention)
            return conventions.count - 1
        }
        let known = conventions.map(\.name) + SigningConvention.builtIn.keys.sorted()
        let help = suggestion(for: name, among: known).map { "did you mean '\($0)'?" } ?? "known: \(known.joined(separator: ", "))"
        diagnostics.error("unknown-value", "'\(name)' is no convention", at: place, help: help)
        return nil
    }

    // MARK: Credentials

    /// Reads an entry of a consumer's `signatures`.
    mutating func add(_ node: Node, consumer: Int, id: String) {
        guard let section = Section(node, as: "a signature", keys: Self.signatureKeys, diagnostics),
            let key = section.requiredString("key"), let secret = section.requiredString("secret"),
            let secretPlace = section["secret"]?.place
        else { return }
        guard (1...256).contains(key.utf8.count) else {
            diagnostics.error("wrong-value", "a key has 1 to 256 bytes", at: section["key"]?.place)
            return
        }
        let name = section.string("convention") ?? "x-ca"
        let expires = ConsumersFile.expiry(section, diagnostics)
        guard let index = index(ofConvention: name, at: section["convention"]?.place ?? node.place),
            let signer = signer(section, conventions[index])
        else { return }
        let value = references.secret(secret, at: secretPlace)
        check(value, signer, secret, secretPlace)
        if credentials[index][key] != nil {
            diagnostics.error("duplicate-key", "another signature by '\(name)' has this key already", at: section["key"]?.place)
        }
        let convention = conventions[index]
        var nonces: NonceBook?
        if case .unchecked = convention.replay {
        } else {
            let book = "\(id) \(name) \(key)"
            books.insert(book)
            nonces = memory.book(of: book, limit: convention.nonceLimit)
        }
        var secrets = [SigningConvention.keyName: key]
        secrets[SigningConvention.secretName] = value
        credentials[index][key] = SigningCredential(
            consumer: consumer, verifier: Verifier(signer, skewMilliseconds: convention.skewMilliseconds), secrets: Secrets(secrets),
            expires: expires, nonces: nonces)
    }

    private func signer(_ section: Section, _ convention: SigningConvention) -> Signer? {
        guard let word = section.choice("algorithm", of: Signer.keyedAlgorithms) else {
            return section["algorithm"] == nil ? convention.signer : nil
        }
        if let signer = convention.signer.using(algorithm: word) { return signer }
        diagnostics.error(
            "wrong-value", "'\(word)' cannot be used with '\(convention.name)'", at: section["algorithm"]?.place,
            help: "a convention that has a digest for its algorithm is used as it is")
        return nil
    }

    private func check(_ value: String?, _ signer: Signer, _ name: String, _ place: Place) {
        guard let value, value != "{\(name)}" else { return }
        if value.isEmpty { diagnostics.error("bad-secret", "the secret '\(name)' is empty", at: place) }
        guard let kind = signer.publicKeyAlgorithm, !KeyedSignature.isKey(value, for: kind, isPrivate: false) else { return }
        diagnostics.error(
            "bad-secret", "the secret '\(name)' is no public key for the algorithm", at: place,
            help: "the caller's public key or certificate: PEM, or Base64 or hexadecimal text of its DER")
    }
}
