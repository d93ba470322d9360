extension MappingCompiler {
    /// A signature of a value with a private key: `{ sm2: VALUE, key: { secret: NAME }, as: base64 }`.
    func signature(_ node: Node, _ name: String) -> DigestSource? {
        let keys = SignatureAlgorithm.words + ["key", "as", "charset", "format", "identity"]
        guard let section = Section(node, as: "'signature'", keys: keys, diagnostics) else { return nil }
        let named = (section.node.entries ?? []).filter { SignatureAlgorithm.words.contains($0.key) }
        let identity = section.string("identity") ?? SignatureAlgorithm.defaultIdentity
        guard let chosen = named.first, named.count == 1, let algorithm = SignatureAlgorithm(chosen.key, identity: identity) else {
            diagnostics.error(
                "missing-key", "'signature' needs one algorithm with the value that is signed", at: section.node.place,
                help: "one of: \(SignatureAlgorithm.words.joined(separator: ", "))")
            return nil
        }
        if chosen.key != "sm2" {
            for key in ["format", "identity"] where section[key] != nil {
                diagnostics.error("wrong-place", "'\(key)' belongs to sm2", at: section.place(of: key))
            }
        }
        let isRaw = section.choice("format", of: ["der", "raw"]) == "raw"
        let output = section.choice("as", of: DigestSource.Output.allCases.map(\.rawValue)).flatMap(DigestSource.Output.init) ?? .base64
        let charset = charset(section, "charset") ?? .utf8
        let content = rule(chosen.value, for: name, landing: .form)
        if let node = section["key"], let text = node.text, !text.hasPrefix("$"), !text.hasPrefix("@") {
            diagnostics.error("wrong-type", "a private key is a secret", at: node.place, help: "key: { secret: \(text) }")
            return nil
        }
        guard let key = section.required("key").flatMap({ rule($0, for: name, landing: .form) }), let content else { return nil }
        guard case .secret(let secret) = key.source, key.conversions.isEmpty else {
            diagnostics.error("wrong-type", "a private key is a secret", at: section.place(of: "key"), help: "key: { secret: NAME }")
            return nil
        }
        references.secrets.append(
            SecretMention(secret, at: section["key"]?.place ?? section.node.place, as: .key(algorithm, isPrivate: true)))
        return DigestSource(
            function: .signature(algorithm, secret: secret, raw: isRaw), content: content, charset: charset, output: output)
    }
}
