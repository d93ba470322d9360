import Adapters
import Testing

@testable import GatewayCore

@Suite("Requests signed with SM2 and SM3") struct SM2CredentialTests {
    typealias Outcome = SignedCall.Outcome

    /// GB/T 32918.5-2017 annex A: the private key of the example, and its public key.
    private static let scalar = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"
    private static let point =
        "0409F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
        + "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
    private static let secrets = ["CA": "demoAppSecret", "SM2_PUBLIC": point]

    /// x-ca signed by an algorithm with a key pair.
    private static let xca = SigningConvention.xca.replacing("algorithm: hmac-sha256", with: "algorithm: sm2")

    /// A convention of its own: SM2 over the digest of the content, r and s as they are.
    private static let own = #"""
        signing:
          algorithm: sm2
          secret: SECRET
          format: raw
          set:
            - { header: X-App, secret: KEY }
            - { header: X-Time, clock: milliseconds }
            - { header: X-Nonce, random: uuid }
          join: "&"
          parts: [ method, path, parameters: {}, header: X-App, header: X-Time, header: X-Nonce, body-digest: { algorithm: sm3, output: hex } ]
          output: hex
          place: { header: X-Sign }
        """#

    private static let top = "conventions:\n  own:\n" + own.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")

    private func snapshot(_ credentials: String, top: String = "") throws -> Snapshot {
        try SignedCall.snapshot(credentials, top: top, secrets: Self.secrets)
    }

    private static let call = SignedCall(
        fields: [("Accept", "application/json"), ("Content-Type", "application/json")], body: #"{"projectNo":"1"}"#)

    @Test("are known by the caller's public key alone, in the x-ca convention and in one of a file's own; the same again is replayed")
    func admitted() throws {
        let xca = try snapshot(#"signatures: [{ key: "60030305", secret: SM2_PUBLIC, algorithm: sm2 }]"#)
        let signed = try Self.call.signed(Self.xca, key: "60030305", secret: Self.scalar)
        #expect(try signed.outcome(xca) == .admitted)
        #expect(try signed.outcome(xca) == .refused(.replayed, .replayed))
        let own = try snapshot(#"signatures: [{ convention: own, key: app, secret: SM2_PUBLIC }]"#, top: Self.top)
        let second = try Self.call.signed(Self.own, key: "app", secret: Self.scalar)
        #expect(second.fields.contains { $0.0 == "X-Sign" && $0.1.count == 128 })
        #expect(try second.outcome(own) == .admitted)
        #expect(try second.outcome(own) == .refused(.replayed, .replayed))
    }

    @Test("SM2 signs anew each time: a copy with another signature of the same nonce is replayed all the same")
    func anew() throws {
        let own = try snapshot(#"signatures: [{ convention: own, key: app, secret: SM2_PUBLIC }]"#, top: Self.top)
        let first = try Self.call.signed(Self.own, key: "app", secret: Self.scalar)
        let second = try Self.call.signed(Self.own, key: "app", secret: Self.scalar)
        #expect(first.fields.last?.1 != second.fields.last?.1)
        #expect(try first.outcome(own) == .admitted)
        #expect(try second.outcome(own) == .refused(.replayed, .replayed))
    }

    @Test("that were changed, are signed with another key, by HMAC with the public key, cut, or out of time are refused")
    func refused() throws {
        let credentials = #"signatures: [{ convention: own, key: app, secret: SM2_PUBLIC }]"#
        let snapshot = try snapshot(credentials, top: Self.top)
        let signed = try Self.call.signed(Self.own, key: "app", secret: Self.scalar)
        let wrong = Outcome.refused(.badSignature, .wrongSignature)
        var body = signed
        body.body = #"{"projectNo":"2"}"#
        var path = signed
        path.target += "&x=1"
        for call in [body, path] { #expect(try call.outcome(snapshot) == wrong) }
        let sign = try #require(signed.fields.first { $0.0 == "X-Sign" }?.1)
        for text in [String(sign.dropLast(2)), sign + "00", String(repeating: "0", count: 128), "", "zz"] {
            #expect(try signed.with("X-Sign", text).outcome(snapshot).code == .badSignature)
        }
        let stranger = String(Self.scalar.dropLast()) + "7"
        #expect(try Self.call.signed(Self.own, key: "app", secret: stranger).outcome(snapshot) == wrong)
        // The algorithm is the key's: what is published to everybody is no secret that signs.
        let hmac = Self.own.replacing("algorithm: sm2", with: "algorithm: hmac-sm3").replacing("  format: raw\n", with: "")
        #expect(try Self.call.signed(hmac, key: "app", secret: Self.point).outcome(snapshot).code == .badSignature)
        var late = try Self.call.signed(Self.own, key: "app", secret: Self.scalar, nonce: 9)
        late.now += 302
        #expect(try late.outcome(snapshot) == .refused(.clockSkew, .skewed))
    }

    @Test("a secret where a public key belongs is a problem with its place")
    func problem() {
        let found = SignedCall.configuration(#"signatures: [{ key: a, secret: CA, algorithm: sm2 }]"#).compile(secrets: Self.secrets)
            .problems
        #expect(found.contains { $0.rule == "bad-secret" && $0.place != nil })
    }
}
