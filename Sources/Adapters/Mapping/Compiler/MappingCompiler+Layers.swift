extension MappingCompiler {
    /// The words of `in`: what a document is wrapped in.
    static let layerWords =
        ["string", "escaped", "cdata", "around", "base64", "base64url", "hex", "HEX", "gzip", "zlib"]
        + BlockCipher.Algorithm.allCases.map(\.rawValue)

    /// The layers under `in`, innermost first. `landing` is where the document goes; nil for one that is read.
    func layers(_ section: Section, landing: Landing?) -> [Wrapping] {
        guard let node = section["in"] else { return [] }
        var layers: [(layer: Wrapping, node: Node)] = []
        for item in node.items ?? [node] {
            guard let layer = layer(item) else { continue }
            checkPlace(of: layer, item, landing)
            if let last = layers.last, case .cdata = last.layer {
                diagnostics.error("wrong-place", "nothing can be around a CDATA section", at: item.place, help: "put cdata last")
            }
            if !layer.takesBytes, let last = layers.last, last.layer.givesBytes { noText(last.node) }
            layers.append((layer, item))
        }
        if let last = layers.last, last.layer.givesBytes { noText(last.node) }
        return layers.map(\.layer)
    }

    private func noText(_ node: Node) {
        diagnostics.error(
            "wrong-place", "what '\(node.text ?? node.entries?.first?.key ?? "")' gives is no text", at: node.place,
            help: "put base64, base64url or hex behind it, such as  in: [gzip, base64]")
    }

    private func checkPlace(of layer: Wrapping, _ node: Node, _ landing: Landing?) {
        guard case .cdata = layer, let landing, landing != .xml else { return }
        diagnostics.error(
            "wrong-place", "'cdata' belongs into XML, and this field stands in \(landing.name)", at: node.place, help: "string or base64")
    }

    private func layer(_ node: Node) -> Wrapping? {
        let word = node.text ?? node.entries?.first?.key ?? ""
        guard node.text != nil || node.entries?.count == 1, MappingCompiler.layerWords.contains(word) else {
            let help = suggestion(for: word, among: MappingCompiler.layerWords).map { "did you mean '\($0)'?" }
            diagnostics.error(
                "unknown-value", "'\(word)' is no value of 'in'", at: node.place,
                help: help ?? "one of: \(MappingCompiler.layerWords.joined(separator: ", ")), or a list of them, innermost first")
            return nil
        }
        let options = node.entries?.first?.value
        switch word {
        case "base64": return base64(options)
        case "around": return ends(options ?? node, "'around'").map { .around(start: $0.start, end: $0.end) }
        case "string": return plain(.string, options, word)
        case "escaped": return plain(.escaped, options, word)
        case "cdata": return plain(.cdata, options, word)
        case "base64url": return plain(.base64url, options, word)
        case "hex", "HEX": return plain(.hex(uppercase: word == "HEX"), options, word)
        case "gzip", "zlib": return plain(.compressed(word == "gzip" ? .gzip : .zlib), options, word)
        default: return BlockCipher.Algorithm(rawValue: word).flatMap { cipher($0, options, node) }
        }
    }

    private func plain(_ layer: Wrapping, _ options: Node?, _ word: String) -> Wrapping {
        if let options { diagnostics.error("unknown-key", "'\(word)' has no options", at: options.place) }
        return layer
    }

    private func base64(_ options: Node?) -> Wrapping? {
        guard let options else { return .base64(line: nil, end: "\r\n") }
        guard let section = Section(options, as: "'base64'", keys: ["line", "end"], diagnostics) else { return nil }
        return .base64(line: section.integer("line", in: 4...1000), end: section.choice("end", of: ["crlf", "lf"]) == "lf" ? "\n" : "\r\n")
    }

    // MARK: Ciphers

    private func cipher(_ algorithm: BlockCipher.Algorithm, _ options: Node?, _ node: Node) -> Wrapping? {
        let example = "such as  \(algorithm.rawValue): { mode: cbc, key: { secret: KEY, as: hex }, iv: { secret: IV, as: hex } }"
        guard let options else {
            diagnostics.error("missing-key", "'\(algorithm.rawValue)' needs a mode and a key", at: node.place, help: example)
            return nil
        }
        let name = "'\(algorithm.rawValue)'"
        guard let section = Section(options, as: name, keys: ["mode", "key", "iv"], diagnostics) else { return nil }
        guard section.required("mode") != nil,
            let mode = section.choice("mode", of: BlockCipher.Mode.allCases.map(\.rawValue)).flatMap(BlockCipher.Mode.init),
            let key = section.required("key").flatMap({ keyBytes($0, "key", algorithm.keyLengths) }), let vector = vector(section, mode)
        else { return nil }
        let cipher = BlockCipher(algorithm, mode)
        guard cipher.isAvailable else {
            diagnostics.error(
                "unavailable", "this system's libcrypto does not have \(algorithm.rawValue) in mode \(mode.rawValue)", at: node.place)
            return nil
        }
        return .cipher(CipherRule(cipher: cipher, key: key, vector: vector))
    }

    private func vector(_ section: Section, _ mode: BlockCipher.Mode) -> CipherRule.Vector? {
        guard let node = section["iv"] else {
            if mode == .ecb { return CipherRule.Vector.none }
            diagnostics.error(
                "missing-key", "\(section.name) in mode cbc needs 'iv'", at: section.node.place,
                help: "{ secret: NAME, as: hex }, or prefix when it stands before the ciphertext")
            return nil
        }
        if mode == .ecb {
            diagnostics.error("wrong-place", "ecb has no 'iv'", at: section.place(of: "iv"))
            return nil
        }
        return node.text == "prefix" ? .prefix : keyBytes(node, "iv", [BlockCipher.blockLength]).map(CipherRule.Vector.fixed)
    }

    private func keyBytes(_ node: Node, _ name: String, _ lengths: [Int]) -> CipherRule.KeyBytes? {
        guard let section = Section(node, as: "'\(name)'", keys: ["secret", "as"], diagnostics),
            section.required("secret") != nil, let secret = section.secretName()
        else { return nil }
        let form = section.choice("as", of: CipherRule.KeyForm.allCases.map(\.rawValue)).flatMap(CipherRule.KeyForm.init) ?? .text
        references.secrets.append(
            SecretMention(secret, at: section["secret"]?.place ?? node.place, as: .bytes(form, lengths: lengths)))
        return CipherRule.KeyBytes(secret: secret, form: form)
    }
}
