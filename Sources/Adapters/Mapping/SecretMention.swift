/// A place in a file that names a secret, and what the secret has to be there.
public struct SecretMention: Sendable {
    /// What a secret is used as.
    enum Use: Sendable {
        /// Any text.
        case text
        /// The private key of a signature, or, where signatures are verified, a public one.
        case key(SignatureAlgorithm, isPrivate: Bool)
        /// Bytes of one of these lengths, in a writing.
        case bytes(CipherRule.KeyForm, lengths: [Int])
    }

    /// The secret's name.
    public let name: String
    /// Where it is named.
    public let place: Place
    let use: Use

    init(_ name: String, at place: Place, as use: Use = .text) {
        self.name = name
        self.place = place
        self.use = use
    }

    /// What tools show in the place of a secret that is not set.
    public static func standIn(for name: String) -> String { "{\(name)}" }

    /// Why a value cannot be used here, without the value; nil when it can, or only stands in for one.
    public func flaw(in value: String) -> String? {
        if value == SecretMention.standIn(for: name) { return nil }
        switch use {
        case .text: return nil
        case .key(let algorithm, let isPrivate):
            if KeyedSignature.isKey(value, for: algorithm, isPrivate: isPrivate) { return nil }
            return "the secret '\(name)' is no \(isPrivate ? "private" : "public") key of \(algorithm.title): "
                + "PEM, the Base64 of its DER, or for sm2 hexadecimal digits"
        case .bytes(let form, let lengths):
            if let bytes = form.bytes(of: value), lengths.contains(bytes.count) { return nil }
            let wanted = lengths.map(String.init).joined(separator: " or ")
            return "the secret '\(name)' is not \(wanted) bytes as \(form.rawValue)"
        }
    }
}

extension CipherRule.KeyForm {
    /// The bytes that a text holds in this writing; nil when it is not written so.
    func bytes(of text: String) -> [UInt8]? {
        switch self {
        case .text: Array(text.utf8)
        case .hex: try? Hex.decode(text)
        case .base64: try? Base64Codec.decode(text)
        }
    }
}

extension Signer {
    /// The secrets that the convention names; `verifies` says that its key is used to check signatures, not to make them.
    func mentions(verifying verifies: Bool = false) -> [SecretMention] {
        secretNames.map { name, place in
            guard case .signature(let kind, name, _) = algorithm else { return SecretMention(name, at: place) }
            return SecretMention(name, at: place, as: .key(kind, isPrivate: !verifies))
        }
    }
}
