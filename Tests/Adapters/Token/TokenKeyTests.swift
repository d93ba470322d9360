import Foundation
import Testing

@testable import Adapters

@Suite("Keys of tokens") struct TokenKeyTests {
    private static let point: Object = [
        "kty": "EC", "crv": "P-256", "kid": "a", "x": "MdnTZDIhDJbfASdFqamcpO2Ch9GNKK2m0MQlh402Spo",
        "y": "7avJ4lq_Wyx-nLPDBQ2YpytuHyMio07BUyvl3jaC-1Y",
    ]

    private func with(_ name: String, _ value: Value?) -> Value {
        var object = Self.point
        object[name] = value
        return .object(object)
    }

    private func flaw(_ jwk: Value) -> String? {
        do { _ = try TokenKey(jwk) } catch { return error.description }
        return nil
    }

    @Test("a key is bound to one algorithm, by its word or by its curve")
    func algorithm() throws {
        #expect(try TokenKey(with("alg", nil)).algorithm == .es256)
        #expect(try TokenKey(with("alg", "ES256")).algorithm == .es256)
        #expect(flaw(with("alg", "ES384"))?.contains("curve") == true)
        #expect(flaw(with("alg", "RS256"))?.contains("does not go with") == true)
        #expect(flaw(with("alg", "none"))?.contains("not known") == true)
    }

    @Test("a point that is not on its curve, a private key, a symmetric one, one for encryption and a short RSA key are refused")
    func refused() {
        #expect(flaw(with("y", Self.point["x"]))?.contains("not on the curve") == true)
        #expect(flaw(with("x", "AA"))?.contains("length") == true)
        #expect(flaw(with("d", "AAAA"))?.contains("private") == true)
        #expect(flaw(with("use", "enc"))?.contains("signatures") == true)
        #expect(flaw(with("key_ops", ["encrypt"]))?.contains("verify") == true)
        #expect(flaw(["kty": "oct", "alg": "HS256", "k": .string(String(repeating: "A", count: 43))])?.contains("published") == true)
        let short = Base64Codec.encodeForURL([UInt8](repeating: 0xFF, count: 128))
        #expect(flaw(["kty": "RSA", "alg": "RS256", "n": .string(short), "e": "AQAB"])?.contains("2048") == true)
        let long = Base64Codec.encodeForURL([UInt8](repeating: 0xFF, count: 256))
        #expect(flaw(["kty": "RSA", "alg": "RS256", "n": .string(long), "e": .string(long)])?.contains("exponent") == true)
        #expect(flaw(["kty": "RSA", "alg": "RS256", "n": .string(long), "e": "AQ"])?.contains("exponent") == true)
    }

    @Test("a set that is huge, empty, no set, or has two keys of one id is refused; a key that cannot be used is left out")
    func sets() throws {
        let key = Value.object(Self.point)
        #expect(try TokenKeySet(["keys": [key, ["kty": "EC", "crv": "P-999", "kid": "b"]]]).keys.count == 1)
        for document: Value in [
            ["keys": []], ["keys": [key, key]], ["keys": .array([Value](repeating: key, count: 65))], ["error": "no"], "keys",
            ["keys": [["kty": "x"]]],
        ] {
            #expect(throws: TokenKey.Flaw.self) { try TokenKeySet(document) }
        }
        #expect(throws: TokenKey.Flaw.self) { try TokenKeySet(text: [UInt8](repeating: 0x20, count: 300 << 10)) }
        #expect(throws: TokenKey.Flaw.self) { try TokenKeySet(text: Array("<html>".utf8)) }
    }

    @Test("EdDSA: the example of RFC 8037 is right, and no other text is")
    func edDSA() throws {
        let keys = try TokenKeySet(["kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"])
        let text =
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        #expect(TestTokens.flaw(text, keys) == nil)
        let other = text.replacing("RXhhbXBsZSBv", with: "RXhhbXBsZSBw")
        #expect(TestTokens.flaw(other, keys) == .wrongSignature)
    }
}

@Suite("What tokens claim") struct TokenRulesTests {
    private static let now: Int64 = 1_700_000_000

    private func judge(_ claims: String, _ rules: TokenRules) throws(Token.Flaw) -> Int64 {
        let text = Array(TestTokens.token(claims).utf8)
        let token: Result<Token, Token.Flaw> = text.withUnsafeBytes { bytes in
            Result { () throws(Token.Flaw) -> Token in try Token(bytes) }
        }
        guard let claims = try token.get().claims else { throw .malformed }
        return try rules.judge(claims, now: Self.now)
    }

    private static let rules = TokenRules(
        issuer: "id", audiences: ["tongban", "other"], leeway: 30, claims: [.init(path: ["org", "level"], values: ["2", "3"])])

    @Test("all of it right: until its end and the leeway")
    func right() throws {
        for claims in [
            #"{"iss":"id","aud":"tongban","exp":1700000100,"nbf":1700000020,"iat":1700000000,"org":{"level":2}}"#,
            #"{"iss":"id","aud":["x","other"],"exp":1700000100.5,"org":{"level":["9","3"]}}"#,
            #"{"iss":"id","aud":"tongban","exp":1700000100,"org":{"level":"3"}}"#,
        ] { #expect(try judge(claims, Self.rules) == 1_700_000_130) }
        #expect(try judge(#"{"iss":"id","aud":"tongban","exp":1699999971,"org":{"level":2}}"#, Self.rules) == 1_700_000_001)
    }

    @Test(
        "each thing that is wrong has its own name, for the record",
        arguments: [
            (#"{"iss":"id","aud":"tongban","exp":1699999970,"org":{"level":2}}"#, Token.Flaw.expired),
            (#"{"iss":"id","aud":"tongban","org":{"level":2}}"#, .noExpiry),
            (#"{"iss":"id","aud":"tongban","exp":"1700000100","org":{"level":2}}"#, .noExpiry),
            (#"{"iss":"id","aud":"tongban","exp":-1,"org":{"level":2}}"#, .noExpiry),
            (#"{"iss":"id","aud":"tongban","exp":1e300,"org":{"level":2}}"#, .noExpiry),
            (#"{"iss":"id","aud":"tongban","exp":1700000100,"nbf":1700000031,"org":{"level":2}}"#, .notYet),
            (#"{"iss":"id","aud":"tongban","exp":1700000100,"iat":1700000031,"org":{"level":2}}"#, .notYet),
            (#"{"iss":"id","aud":"tongban","exp":1700000100,"nbf":"x","org":{"level":2}}"#, .notYet),
            (#"{"iss":"di","aud":"tongban","exp":1700000100,"org":{"level":2}}"#, .issuer),
            (#"{"aud":"tongban","exp":1700000100,"org":{"level":2}}"#, .issuer),
            (#"{"iss":"id","aud":"tongbam","exp":1700000100,"org":{"level":2}}"#, .audience),
            (#"{"iss":"id","exp":1700000100,"org":{"level":2}}"#, .audience),
            (#"{"iss":"id","aud":"tongban","exp":1700000100,"org":{"level":1}}"#, .claim),
            (#"{"iss":"id","aud":"tongban","exp":1700000100}"#, .claim), ("[1]", .malformed), ("no", .malformed),
        ])
    func wrong(_ claims: String, _ flaw: Token.Flaw) {
        #expect(throws: flaw) { try judge(claims, Self.rules) }
    }

    @Test("what is claimed twice is claimed by nobody: in the header, and among the claims; not in what is inside")
    func doubled() throws {
        #expect(throws: Token.Flaw.malformed) {
            try judge(#"{"iss":"id","aud":"tongban","exp":1700000100,"org":{"level":2},"iss":"id"}"#, Self.rules)
        }
        #expect(throws: Token.Flaw.malformed) {
            try judge(#"{"exp":1,"iss":"id","aud":"tongban","e\u0078p":1700000100,"org":{"level":2}}"#, Self.rules)
        }
        #expect(try judge(#"{"iss":"id","aud":"tongban","exp":1700000100,"org":{"level":2,"x:\"{":[{"a":1},{"a":1}]}}"#, Self.rules) > 0)
        let keys = try TestTokens.keys()
        #expect(TestTokens.flaw(TestTokens.token("{}", header: #"{"alg":"none","alg":"HS256"}"#), keys) == .malformed)
    }

    @Test("an extension that must be understood, a nested part too many, an unusual header and a long token are refused")
    func shapes() throws {
        let keys = try TestTokens.keys()
        func flaw(_ header: String, payload: String = "{}", tail: String = "") -> Token.Flaw? {
            TestTokens.flaw(TestTokens.token(payload, header: header) + tail, keys)
        }
        #expect(flaw(#"{"alg":"HS256"}"#) == nil)
        #expect(flaw(#"{"alg":"HS256","crit":["exp"],"exp":1}"#) == .malformed)
        #expect(flaw(#"{"alg":"HS256","b64":false}"#) == .malformed)
        #expect(flaw(#"{"alg":"HS256","kid":7}"#) == .malformed)
        #expect(flaw(#"{"alg":"HS256","kid":"x"}"#) == .unknownKey)
        #expect(flaw(#"{"alg":"HS384"}"#) == .unknownKey)
        #expect(flaw(#"{"alg":"none"}"#) == .unknownKey)
        #expect(flaw(#"{"alg":"HS256"}"#, tail: ".") == .malformed)
        #expect(flaw(#"{"alg":"HS256"}"#, tail: "A") == .wrongSignature)
        #expect(flaw(#"{"alg":"HS256"}"#, payload: String(repeating: " ", count: 16 << 10)) == .malformed)
    }

    @Test("a token that is cut anywhere, or has a foreign character anywhere, is refused")
    func cut() throws {
        let keys = try TestTokens.keys()
        let text = TestTokens.token(#"{"iss":"id","aud":"tongban","exp":1700000100}"#)
        for length in 0..<text.utf8.count { #expect(TestTokens.flaw(String(text.prefix(length)), keys) != nil, "\(length)") }
        for position in text.indices {
            for character in ["=", "+", "/", " ", "\u{0}", "é"] {
                #expect(TestTokens.flaw(text.replacingCharacters(in: position...position, with: character), keys) != nil)
            }
        }
    }

    @Test("one token has one text: bits that say nothing must be zero")
    func oneText() throws {
        // 32 bytes are 43 digits, the last of which has two bits that say nothing.
        let keys = try TestTokens.keys()
        let text = TestTokens.token("{}")
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let last = try #require(text.last.flatMap(alphabet.firstIndex))
        #expect(last % 4 == 0)
        for other in (last + 1)..<(last + 4) { #expect(TestTokens.flaw(text.dropLast() + String(alphabet[other]), keys) == .malformed) }
    }

    @Test("Base64URL is read as the codec for everything else reads it")
    func base64() {
        for length in 0..<70 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length) }
            let text = Array(Base64Codec.encodeForURL(bytes).utf8)
            #expect(text.withUnsafeBytes { TokenText.bytes($0[...]) } == bytes)
        }
    }
}

/// Tokens for tests, signed with a secret, which no configuration would fetch from anywhere.
enum TestTokens {
    static let secret = [UInt8](repeating: 7, count: 32)

    static func keys() throws -> TokenKeySet {
        try TokenKeySet(["kty": "oct", "alg": "HS256", "k": .string(Base64Codec.encodeForURL(secret))], secrets: true)
    }

    static func token(_ claims: String, header: String = #"{"alg":"HS256"}"#) -> String {
        let head = Base64Codec.encodeForURL(Array(header.utf8)) + "." + Base64Codec.encodeForURL(Array(claims.utf8))
        return head + "." + Base64Codec.encodeForURL(MAC.hmac(.sha256, key: secret, Array(head.utf8)))
    }

    /// What is wrong with a token; nil when its signature is right.
    static func flaw(_ text: String, _ keys: TokenKeySet) -> Token.Flaw? {
        Array(text.utf8).withUnsafeBytes { bytes in
            do throws(Token.Flaw) { try Token(bytes).verify(keys) } catch { return error }
            return nil
        }
    }
}
