public import Adapters

/// A way of signing requests that callers may follow: one of the built-in ones, or one under `conventions` of `consumers.yaml`.
public final class SigningConvention: Sendable {
    /// By what a request is known that must not come twice.
    public enum Replay: Sendable, Hashable {
        /// Its nonce.
        case nonce
        /// Its signature: the convention has no nonce.
        case signature
        /// Nothing; why that is accepted.
        case unchecked(String)
    }

    /// The names that a convention has for the caller's key and secret.
    public static let keyName = "KEY"
    /// The secret's name.
    public static let secretName = "SECRET"

    /// Its name.
    public let name: String
    /// What is signed, how, and where it stands.
    public let signer: Signer
    /// Where the caller's key stands.
    public let keyPlace: SigningTarget
    /// How far a request's clock may be from now, in milliseconds.
    public let skewMilliseconds: Int64
    /// By what a request is known.
    public let replay: Replay
    /// How many nonces are kept for each key.
    public let nonceLimit: Int
    /// The header in which the key stands, in lower case; empty where it stands elsewhere.
    let keyHeader: [UInt8]
    /// Checks signatures by the convention's own algorithm.
    let verifier: Verifier

    init(
        name: String, signer: Signer, keyPlace: SigningTarget, skewMilliseconds: Int64, replay: Replay, nonceLimit: Int
    ) {
        self.name = name
        self.signer = signer
        self.keyPlace = keyPlace
        self.skewMilliseconds = skewMilliseconds
        self.replay = replay
        self.nonceLimit = nonceLimit
        verifier = Verifier(signer, skewMilliseconds: skewMilliseconds)
        if case .header(let name) = keyPlace { keyHeader = Array(name.lowercased().utf8) } else { keyHeader = [] }
    }

    /// How many nonces are kept for each key unless the file says otherwise: about 5 MB.
    static let usualNonceLimit = 262_144

    /// The application signature of API gateways (docs/signing.md), which the client SDKs of that convention make.
    static let xca = #"""
        skew: 15m
        signing:
          algorithm: hmac-sha256
          secret: SECRET
          set:
            - { header: X-Ca-Key, secret: KEY }
            - { header: X-Ca-Timestamp, clock: milliseconds }
            - { header: X-Ca-Nonce, random: uuid }
            - { header: Content-MD5, body-digest: { algorithm: md5, output: base64 }, skip-empty: true }
            - { header: X-Ca-Signature-Headers, signed-headers: "," }
          join: "\n"
          parts:
            - method
            - header: Accept
            - header: Content-MD5
            - header: Content-Type
            - header: Date
            - headers: [x-ca-key, x-ca-nonce, x-ca-timestamp]
            - [path, parameters: { empty: name-only, prefix: "?" }]
          output: base64
          place: { header: X-Ca-Signature }
        """#

    /// The conventions that are there without a word in the file.
    static let builtIn = ["x-ca": xca]
}

/// One key of a consumer's with which it signs.
public final class SigningCredential: Sendable {
    /// The consumer's index.
    public let consumer: Int
    /// Checks signatures by the convention and the key's own algorithm.
    let verifier: Verifier
    /// The key and its secret, or its public key.
    let secrets: Secrets
    /// Seconds since 1970 at which it ends; `Int64.max` for never.
    let expires: Int64
    /// What was seen; nil where nothing is looked for.
    let nonces: NonceBook?

    init(consumer: Int, verifier: Verifier, secrets: Secrets, expires: Int64, nonces: NonceBook?) {
        self.consumer = consumer
        self.verifier = verifier
        self.secrets = secrets
        self.expires = expires
        self.nonces = nonces
    }
}

/// All keys with which consumers sign.
public struct SigningTable: Sendable {
    /// The conventions that a consumer uses, by index.
    public let conventions: [SigningConvention]
    /// The keys of each convention.
    private let credentials: [[String: SigningCredential]]

    /// The credentials whose nonces are kept, by the names that the memory knows them by.
    public let books: Set<String>

    /// Nobody signs.
    public init() { self.init(conventions: [], credentials: [], books: []) }

    init(conventions: [SigningConvention], credentials: [[String: SigningCredential]], books: Set<String>) {
        self.books = books
        self.conventions = conventions
        self.credentials = credentials
    }

    /// The credential of a key; one that nobody has gets a decoy without a consumer, so that it takes as long as one with a wrong signature.
    func credential(_ key: String, by convention: Int) -> SigningCredential {
        if let known = credentials[convention][key] { return known }
        let secrets = Secrets([SigningConvention.secretName: "nobody's", SigningConvention.keyName: key])
        return SigningCredential(consumer: -1, verifier: conventions[convention].verifier, secrets: secrets, expires: .max, nonces: nil)
    }
}
