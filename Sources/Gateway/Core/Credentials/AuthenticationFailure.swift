public import Adapters

/// Why a caller was not believed. The access record and the metrics say it in these words; the caller is told much less.
public enum AuthenticationFailure: String, Sendable, CaseIterable {
    /// No credential at all.
    case missing
    /// Two kinds of credential in one request, which may name two callers.
    case several = "several-credentials"
    /// A credential that is there twice, is empty, or is longer than any can be.
    case malformed
    /// A key that nobody has.
    case unknownKey = "unknown-key"
    /// A key or a secret whose time is over.
    case expired = "expired-key"
    /// A value that the signing convention asks for is not there, or is another than it must be.
    case incomplete
    /// The signature is not that of this request.
    case wrongSignature = "wrong-signature"
    /// The content is not the one whose digest was signed.
    case wrongContent = "wrong-content"
    /// The signature is right, and its time is too far from now.
    case skewed = "clock-skew"
    /// The signature is right, and was used before.
    case replayed
    /// Too many requests with a wrong credential came from this address, or in this caller's name.
    case locked

    /// Its place in the table.
    public var index: Int { AuthenticationFailure.allCases.firstIndex(of: self) ?? 0 }

    /// Whether it counts towards a lock: whoever sends no credential guesses none, and what holds the secret is no stranger.
    public var isGuess: Bool {
        switch self {
        case .missing, .skewed, .replayed, .locked: false
        case .several, .malformed, .unknownKey, .expired, .incomplete, .wrongSignature, .wrongContent: true
        }
    }

    /// What the caller is told. Only who has proved that it holds the secret hears more than that it was not believed.
    public func fault(signed: Bool) -> AdapterFault {
        switch self {
        case .skewed: AdapterFault(.clockSkew, "the time in the request is too far from the gateway's clock")
        case .replayed: AdapterFault(.replayed, "this request was received before; sign it anew")
        case .locked: AdapterFault(.rateLimited, "too many requests with a wrong credential came before; try again later")
        default: AuthenticationFailure.refusal(signed: signed)
        }
    }

    /// The same words for whatever is wrong with a credential.
    static func refusal(signed: Bool) -> AdapterFault {
        signed
            ? AdapterFault(.badSignature, "the request does not carry a valid signature")
            : AdapterFault(.badCredential, "a valid credential is needed")
    }
}

/// What is known of a caller's credential beyond the consumer. Made only where there is something to say.
public struct CredentialFacts: Sendable {
    /// Why the caller was not believed.
    public var failure: AuthenticationFailure?
    /// The consumer in whose name the request came, which is not proved; -1 when it names none.
    public var claimed = -1
    /// The failure was the one too many: an address or a consumer is locked from now on.
    public var locksNow = false
    /// Seconds until a lock ends.
    public var retryAfter: Int64?
    /// What the content must be that is still to come.
    public var content: ContentDigest?

    /// Nothing yet.
    public init() {}
}
