/// A signed token (JWS in compact form, RFC 7515; its claims, RFC 7519), as it came.
public struct Token: Sendable {
    /// Why a token is not believed.
    public enum Flaw: String, Error, Sendable, CaseIterable {
        /// It is no token: not three parts of Base64URL, no JSON header, a critical extension, too long.
        case malformed = "token-malformed"
        /// No key of the issuer's is meant: another id, or another algorithm than the key's.
        case unknownKey = "token-unknown-key"
        /// The issuer's keys are not there yet.
        case noKeys = "token-no-keys"
        /// The signature is not that of the token.
        case wrongSignature = "token-wrong-signature"
        /// Its time is over.
        case expired = "token-expired"
        /// Its time has not begun.
        case notYet = "token-not-yet"
        /// It does not say until when it counts, or in a way that is no time.
        case noExpiry = "token-no-expiry"
        /// It is another issuer's.
        case issuer = "token-issuer"
        /// It is for somebody else.
        case audience = "token-audience"
        /// A claim that must be there is not, or is another.
        case claim = "token-claim"
    }

    /// The longest token that is looked at.
    public static let longest = 16 << 10

    /// What it claims, if its payload is an object: only for choosing who is asked whether to believe it.
    public let claims: Value?
    private let algorithm: TokenAlgorithm?
    private let keyID: String?
    private let signed: [UInt8]
    private let signature: [UInt8]

    /// Reads a token. Nothing of it is believed yet.
    public init(_ text: UnsafeRawBufferPointer) throws(Flaw) {
        guard (1...Token.longest).contains(text.count) else { throw .malformed }
        let dots = text.indices.filter { text[$0] == UInt8(ascii: ".") }
        guard dots.count == 2 else { throw .malformed }
        let parts = [text[..<dots[0]], text[(dots[0] + 1)..<dots[1]], text[(dots[1] + 1)...]]
        guard !parts[0].isEmpty, !parts[2].isEmpty, let header = TokenText.bytes(parts[0]), let payload = TokenText.bytes(parts[1]),
            let signature = TokenText.bytes(parts[2])
        else { throw .malformed }
        guard let object = TokenText.object(header), let name = object["alg"]?.string else { throw .malformed }
        // An extension that must be understood is not (RFC 7515 §4.1.11); an unencoded payload is one of them.
        guard object["crit"] == nil, object["b64"] == nil else { throw .malformed }
        if let id = object["kid"], id.string == nil { throw .malformed }
        algorithm = TokenAlgorithm(rawValue: name)
        keyID = object["kid"]?.string
        signed = Array(text[..<dots[1]])
        self.signature = signature
        claims = TokenText.object(payload).map(Value.object)
    }

    /// Checks the signature by the keys of an issuer.
    public func verify(_ keys: TokenKeySet) throws(Flaw) {
        guard let algorithm, let key = keys.key(id: keyID, algorithm: algorithm) else { throw .unknownKey }
        guard signed.withUnsafeBytes({ key.verifies($0, signature: signature) }) else { throw .wrongSignature }
    }
}

/// What a token must claim.
public struct TokenRules: Sendable, Hashable {
    /// A claim that must be there.
    public struct Claim: Sendable, Hashable {
        /// The names from the root.
        public let path: [String]
        /// What it must be; empty for anything at all.
        public let values: [String]

        /// A claim.
        public init(path: [String], values: [String]) {
            self.path = path
            self.values = values
        }
    }

    /// Who must have issued it.
    public var issuer: String
    /// For whom it must be: one of these.
    public var audiences: [String]
    /// How far clocks may be apart, in seconds.
    public var leeway: Int64
    /// What else it must say.
    public var claims: [Claim]

    /// Rules.
    public init(issuer: String, audiences: [String], leeway: Int64 = 30, claims: [Claim] = []) {
        self.issuer = issuer
        self.audiences = audiences
        self.leeway = leeway
        self.claims = claims
    }

    /// Judges what a token claims at `now`, seconds since 1970; returns the second at which it ends. Whether the claims are the issuer's is
    /// for `Token.verify` to say, which costs a hundred times as much.
    public func judge(_ claims: Value, now: Int64) throws(Token.Flaw) -> Int64 {
        guard let end = TokenRules.time(claims["exp"]) else { throw .noExpiry }
        let (expires, overflow) = end.addingReportingOverflow(leeway)
        guard overflow || expires > now else { throw .expired }
        for name in ["nbf", "iat"] {
            guard let claim = claims[name] else { continue }
            guard let begin = TokenRules.time(claim), begin.subtractingReportingOverflow(leeway).partialValue <= now else { throw .notYet }
        }
        guard let name = claims["iss"]?.string, Self.isSame(name, issuer) else { throw .issuer }
        let audience = claims["aud"]?.array?.compactMap(\.string) ?? claims["aud"]?.string.map { [$0] } ?? []
        guard audiences.contains(where: { Self.isAmong(audience, $0) }) else { throw .audience }
        for claim in self.claims {
            guard let value = TokenRules.value(claim.path, in: claims), value != .null else { throw .claim }
            let texts = (value.array ?? [value]).compactMap(\.scalarText)
            guard claim.values.isEmpty || claim.values.contains(where: { Self.isAmong(texts, $0) }) else { throw .claim }
        }
        return overflow ? .max : expires
    }

    /// Names are compared to the byte: Swift's texts are equal when Unicode finds them equivalent.
    private static func isSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

    private static func isAmong(_ texts: [String], _ text: String) -> Bool { texts.contains { isSame($0, text) } }

    /// The claim at a chain of names.
    public static func value(_ path: [String], in claims: Value) -> Value? { path.reduce(Optional(claims)) { $0?[$1] } }

    /// A NumericDate (RFC 7519 §2), which may have a fraction.
    private static func time(_ value: Value?) -> Int64? {
        switch value {
        case .integer(let number)?: return number >= 0 ? number : nil
        case .double(let number)?: return number >= 0 && number < 1e15 ? Int64(number) : nil
        default: return nil
        }
    }
}
