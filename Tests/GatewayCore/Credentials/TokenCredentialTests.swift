import Adapters
import Testing

@testable import GatewayCore

@Suite("Tokens of consumers and of users") struct TokenCredentialTests {
    typealias Outcome = SignedCall.Outcome

    private static let secret = [UInt8](repeating: 7, count: 32)
    private static let jwks = #"{"keys":[{"kty":"oct","alg":"HS256","kid":"k1","k":"\#(Base64Codec.encodeForURL(secret))"}]}"#
    private static let top = """
        issuers:
          id:
            issuer: https://id.example
            audience: tongban
            keys: { secret: JWKS }
            consumer: azp
          people:
            issuer: https://people.example
            audience: tongban
            keys: { secret: JWKS }
            user: { kind: operator, id: sub, name: profile.name, level: acr, organisation: org.code }
        """

    private func snapshot(_ credentials: String = "tokens: [{ issuer: id, subject: city-client }]", top: String = top) throws -> Snapshot {
        try SignedCall.snapshot(credentials, top: top, secrets: ["JWKS": Self.jwks])
    }

    private static func token(_ claims: String, key: String = "k1", secret: [UInt8] = secret) -> String {
        let header = #"{"alg":"HS256","kid":"\#(key)"}"#
        let head = Base64Codec.encodeForURL(Array(header.utf8)) + "." + Base64Codec.encodeForURL(Array(claims.utf8))
        return head + "." + Base64Codec.encodeForURL(MAC.hmac(.sha256, key: secret, Array(head.utf8)))
    }

    private static let claims = #"{"iss":"https://id.example","aud":"tongban","exp":1700000100,"azp":"city-client"}"#
    private static let person =
        #"{"iss":"https://people.example","aud":"tongban","exp":1700000100,"sub":"u-17","profile":{"name":"王小明"},"acr":3,"org":{"code":"11230000MB1A0001XM"}}"#

    private func call(_ token: String, scheme: String = "Bearer") -> SignedCall {
        SignedCall(method: "GET", target: "/x", fields: [("Authorization", "\(scheme) \(token)")])
    }

    @Test("a token of a trusted issuer names its consumer, the first time and from memory, until it ends")
    func consumer() throws {
        let snapshot = try snapshot()
        var call = call(Self.token(Self.claims))
        #expect(try call.outcome(snapshot) == .admitted)
        #expect(try call.outcome(snapshot) == .admitted)
        call.now = 1_700_000_130
        #expect(try call.outcome(snapshot) == .refused(.badCredential, .tokenExpired))
        #expect(try call.outcome(self.snapshot()) == .refused(.badCredential, .tokenExpired))
    }

    @Test("whatever is wrong with a token is answered in the same words, and recorded in its own")
    func wrong() throws {
        let snapshot = try snapshot()
        let cases: [(SignedCall, AuthenticationFailure)] = [
            (call(Self.token(Self.claims, secret: [UInt8](repeating: 8, count: 32))), .tokenWrongSignature),
            (call(Self.token(Self.claims, key: "k2")), .tokenUnknownKey), (call("a.b"), .tokenMalformed),
            (call(Self.token(Self.claims.replacing("id.example", with: "di.example"))), .tokenIssuer),
            (call(Self.token(Self.claims.replacing("tongban", with: "other"))), .tokenAudience),
            (call(Self.token(Self.claims.replacing("city-client", with: "nobody"))), .tokenConsumer),
            (call(Self.token(Self.person)), .tokenConsumer), (call(Self.token(Self.claims), scheme: "Basic"), .missing),
            (call(String(repeating: "a", count: 17 << 10)), .tokenMalformed),
        ]
        for (call, reason) in cases {
            let (facts, fault) = try call.ask(snapshot)
            #expect(facts.credential?.failure == reason)
            #expect(fault?.code == .badCredential && fault?.detail == "a valid credential is needed")
        }
        var twice = call(Self.token(Self.claims))
        twice.fields.append(("Authorization", "Bearer x"))
        #expect(try twice.outcome(snapshot) == .refused(.badCredential, .malformed))
        var both = call(Self.token(Self.claims))
        both.fields.append(("X-Api-Key", "demo-daqing-key"))
        #expect(try both.outcome(snapshot) == .refused(.badCredential, .several))
    }

    @Test("the user behind a call is whom the token names, beside the consumer; a wrong token is a refusal, none is none")
    func user() throws {
        let snapshot = try snapshot()
        func with(_ token: String?) -> SignedCall {
            SignedCall(
                method: "GET", target: "/x", fields: [("X-Api-Key", "demo-daqing-key")] + (token.map { [("X-User-Token", $0)] } ?? []))
        }
        let (facts, fault) = try with(Self.token(Self.person)).ask(snapshot)
        #expect(fault == nil && facts.consumer == 0)
        #expect(
            facts.user?.value == [
                "kind": "operator", "issuer": "people", "id": "u-17", "name": "王小明", "level": "3", "organisation": "11230000MB1A0001XM",
            ])
        #expect(try with(nil).ask(snapshot).facts.user == nil)
        #expect(try with(Self.token(Self.claims)).outcome(snapshot).reason == .tokenUser)
        #expect(try with("nonsense").outcome(snapshot).code == .badCredential)
        #expect(try with(Self.token(Self.person, secret: [1])).outcome(snapshot).reason == .tokenWrongSignature)
        let input: Value = ["caseNo": "1", "user": ["id": "forged"]]
        #expect(CallerUser.stand(nil, in: input) == ["caseNo": "1"])
        #expect(CallerUser.stand(facts.user, in: input)["user"]?["id"] == "u-17")
    }

    @Test("names are compared to the byte, not as Unicode finds them equivalent")
    func spelling() throws {
        let snapshot = try snapshot("tokens: [{ issuer: id, subject: Kiosk }]")
        let kelvin = Self.claims.replacing("city-client", with: "\u{212A}iosk")
        #expect(try call(Self.token(Self.claims.replacing("city-client", with: "Kiosk"))).outcome(snapshot) == .admitted)
        #expect(try call(Self.token(kelvin)).outcome(snapshot) == .refused(.badCredential, .tokenConsumer))
    }

    @Test("keys that are fetched: none before the first, stale ones while the issuer is down, new ones at once, hostile ones never")
    func fetched() throws {
        let top = Self.top.replacing(
            "keys: { secret: JWKS }\n    consumer",
            with: "fetch: { upstream: { endpoints: [https://id.example] }, path: /jwks }\n    consumer")
        let snapshot = try snapshot(top: top)
        let source = try #require(snapshot.consumers.tokens.sources.first)
        let call = call(Self.token(Self.claims))
        #expect(try call.outcome(snapshot).reason == .tokenNoKeys)
        let second: Int64 = 1_000_000_000
        #expect(source.isDue(now: 0))
        #expect(!source.isDue(now: 0))
        // What is published to everybody holds no secret, so the set of this test is not taken.
        #expect(source.fetched(Array(Self.jwks.utf8), now: 0)?.description.contains("published") == true)
        #expect(!source.isDue(now: second / 2))
        #expect(source.isDue(now: 2 * second))
        #expect(source.fetched(nil, now: 2 * second) == nil)
        #expect(source.isDue(now: 5 * second))
        let good = #"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"e","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#
        #expect(source.fetched(Array(good.utf8), now: 5 * second) == nil)
        let first = try #require(source.current)
        #expect(first.keys.keys.count == 1)
        // A token with a key that is not there asks for a look, twice a minute at most.
        #expect(try call.outcome(snapshot).reason == .tokenUnknownKey)
        #expect(source.isDue(now: 6 * second))
        #expect(source.fetched(Array("<html>".utf8), now: 6 * second) != nil)
        #expect(source.current?.generation == first.generation)
        #expect(source.isDue(now: 8 * second))
        // The same keys again change nothing; others do.
        #expect(source.fetched(Array(good.utf8), now: 8 * second) == nil)
        #expect(source.current?.generation == first.generation)
        #expect(source.isDue(now: 700 * second))
        #expect(source.fetched(Array(good.replacing("\"e\"", with: "\"f\"").utf8), now: 700 * second) == nil)
        #expect(source.current?.generation == first.generation + 1)
        _ = try call.outcome(snapshot)
        #expect(source.isDue(now: 720 * second))
        #expect(source.fetched(nil, now: 720 * second) == nil)
        _ = try call.outcome(snapshot)
        #expect(!source.isDue(now: 720 * second + second / 2))
    }

    @Test(
        "what is wrong with an issuer is a problem with its place",
        arguments: [
            ("keys: { secret: JWKS }", "keys: { secret: CA }", "wrong-keys"), ("audience: tongban", "audience: []", "missing-value"),
            ("consumer: azp", "consmer: azp", "unknown-key"),
            ("issuer: https://people.example", "issuer: https://id.example", "duplicate-issuer"),
            ("kind: operator", "kind: clerk", "unknown-value"), ("keys: { secret: JWKS }", "algorithm: ES256", "missing-key"),
            ("keys: { secret: JWKS }", "fetch: { upstream: { endpoints: [ftp://a] }, path: /a }", "wrong-value"),
            ("keys: { secret: JWKS }", "fetch: { upstream: { endpoints: [https://a] }, path: a }", "wrong-path"),
            ("consumer: azp", "claims: { org: { level: \"3\" } }", "wrong-type"), ("consumer: azp", "claims: { acr: }", "wrong-type"),
            ("consumer: azp", "claims: { acr: [{ a: b }] }", "wrong-type"), ("consumer: azp", "claims: { \".\": a }", "wrong-value"),
            ("kind: operator", "kind: operator, header: Cookie", "wrong-value"),
            ("kind: operator", "kind: operator, header: authorization", "two-tokens"),
        ])
    func problems(_ right: String, _ wrong: String, _ rule: String) throws {
        let text = Self.top.replacing(right, with: wrong, maxReplacements: 1)
        let found = SignedCall.configuration("tokens: [{ issuer: id, subject: city-client }]", top: text).compile(secrets: [
            "JWKS": Self.jwks, "CA": "no",
        ]).problems
        #expect(found.contains { $0.rule == rule && $0.place != nil }, "\(found)")
    }
}
