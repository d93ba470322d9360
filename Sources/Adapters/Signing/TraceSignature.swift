/// What a signature was made of, or held to, for whoever explains a call to a person.
public struct TraceSignature: Sendable, Hashable {
    /// What was signed, with each secret among the parts as its name in braces; what the message carries stands as it is carried. Empty where
    /// it did not come to that.
    public let text: [UInt8]
    /// The charset that it is in.
    public let charset: Charset
    /// What is wrong with a message's signature; nil where it is right, or was made for a request.
    public let flaw: String?

    init(text: [UInt8], charset: Charset, flaw: Verifier.Flaw? = nil) {
        self.text = text
        self.charset = charset
        self.flaw = flaw.map { Self.words($0, isHeld: !text.isEmpty) }
    }

    private static func words(_ flaw: Verifier.Flaw, isHeld: Bool) -> String {
        switch flaw {
        case .missing(let place): "\(place) is not there, is there twice, or cannot be used"
        case .different(let place): "\(place) is not what the convention says"
        case .skewed where isHeld: "the signature is right, and its time is too far from now"
        case .skewed: "the time that came cannot be read"
        case .wrongSignature where isHeld: "the signature that came is not that of this text"
        case .wrongSignature: "what was to be signed cannot be written in the convention's charset"
        }
    }
}
