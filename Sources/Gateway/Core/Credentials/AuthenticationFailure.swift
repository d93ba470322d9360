public import Adapters

/// Why a caller was not believed. The access record and the metrics say it in these words; the caller is told much less.
public enum AuthenticationFailure: String, Sendable, CaseIterable {
    /// No credential at all.
    case missing
    /// Two kinds of credential in one request, which may name two callers; or a certificate of another consumer's.
    case several = "several-credentials"
    /// A credential that is there twice, is empty, or is longer than any can be.
    case malformed
    /// A key that nobody has.
    case unknownKey = "unknown-key"
    /// A certificate that is nobody's in the configuration.
    case unknownCertificate = "unknown-certificate"
    /// A key, a secret or a certificate whose time is over.
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
    /// No token: not three parts of Base64URL, a header that is none, a critical extension, or too long.
    case tokenMalformed = "token-malformed"
    /// A token names no key of its issuer's, or another algorithm than the key's.
    case tokenUnknownKey = "token-unknown-key"
    /// The keys of a token's issuer could not be fetched yet.
    case tokenNoKeys = "token-no-keys"
    /// A token's signature is another's.
    case tokenWrongSignature = "token-wrong-signature"
    /// A token's time is over.
    case tokenExpired = "token-expired"
    /// A token's time has not begun.
    case tokenNotYet = "token-not-yet"
    /// A token does not say until when it counts.
    case tokenNoExpiry = "token-no-expiry"
    /// A token of an issuer that nobody trusts here.
    case tokenIssuer = "token-issuer"
    /// A token for somebody else.
    case tokenAudience = "token-audience"
    /// A token without a claim that it must have.
    case tokenClaim = "token-claim"
    /// A right token that names no consumer.
    case tokenConsumer = "token-unknown-consumer"
    /// A right token that names no user.
    case tokenUser = "token-no-user"
    /// Too many requests with a wrong credential came from this address, or in this caller's name.
    case locked

    /// Its place in the table.
    public var index: Int { AuthenticationFailure.allCases.firstIndex(of: self) ?? 0 }

    /// Whether it counts towards a lock: whoever sends no credential guesses none, and what holds the secret is no stranger.
    public var isGuess: Bool {
        switch self {
        case .missing, .skewed, .replayed, .locked: false
        // An authority that is trusted here has signed it.
        case .unknownCertificate: false
        // Said before a signature was looked at, or of a right one: nothing was guessed.
        case .tokenExpired, .tokenNotYet, .tokenNoExpiry, .tokenAudience, .tokenClaim, .tokenConsumer, .tokenUser: false
        // The issuer may have a new key that was not fetched yet: its callers are no strangers.
        case .tokenUnknownKey, .tokenNoKeys: false
        case .tokenMalformed, .tokenWrongSignature, .tokenIssuer: true
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
