/// What a signature was made of, or held to, for whoever explains a call to a person. No secret is in it.
public struct TraceSignature: Sendable, Hashable {
    /// What was signed, with each secret as its name in braces.
    public let text: [UInt8]
    /// The charset that it is in.
    public let charset: Charset
    /// What is wrong with a message's signature; nil where it is right, or was made for a request.
    public let flaw: String?

    init(_ text: [UInt8], _ signer: Signer, _ secrets: Secrets, flaw: Verifier.Flaw? = nil) {
        self.text = signer.secretNames.reduce(text) { text, mention in
            guard let value = secrets[mention.0], !value.isEmpty else { return text }
            return text.replacing(Array(value.utf8), with: Array("{\(mention.0)}".utf8))
        }
        charset = signer.charset
        self.flaw = flaw.map(Self.words)
    }

    private static func words(_ flaw: Verifier.Flaw) -> String {
        switch flaw {
        case .missing(let place): "\(place) is not there, or is there twice"
        case .different(let place): "\(place) is not what the convention says"
        case .skewed: "the signature is right, and its time is too far from now"
        case .wrongSignature: "the signature that came is not that of this text"
        }
    }
}
