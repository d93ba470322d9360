import Adapters
import Testing

@testable import GatewayCore

@Suite("A signed request") struct SignatureCredentialTests {
    typealias Outcome = SignedCall.Outcome

    private static let xca = #"signatures: [{ key: "60030305", secret: CA }]"#

    private func snapshot(_ credentials: String = xca, top: String = "") throws -> Snapshot {
        try SignedCall.snapshot(credentials, top: top)
    }

    @Test("of the x-ca convention is known by its worked example, to the byte")
    func workedExample() throws {
        #expect(try SignedCall.xca.outcome(snapshot()) == .admitted)
    }

    @Test("is taken once: the same again is replayed, on whatever configuration with the same memory")
    func replay() throws {
        let snapshot = try snapshot()
        #expect(try SignedCall.xca.outcome(snapshot) == .admitted)
        #expect(try SignedCall.xca.outcome(snapshot) == .refused(.replayed, .replayed))
        var other = try SignedCall.xca.signed(key: "60030305", secret: "demoAppSecret", nonce: 8)
        #expect(try other.outcome(snapshot) == .admitted)
        // The nonce counts, and not the time that stands beside it.
        other.now += 5
        #expect(try other.signed(key: "60030305", secret: "demoAppSecret", nonce: 8).outcome(snapshot) == .refused(.replayed, .replayed))
    }

    @Test("from too long ago or too far ahead is skewed, and that is told only to who signed it rightly")
    func skew() throws {
        let snapshot = try snapshot()
        for offset: Int64 in [-902, 902] {
            var call = SignedCall.xca
            call.now += offset
            #expect(try call.outcome(snapshot) == .refused(.clockSkew, .skewed))
            #expect(try call.with("X-Ca-Signature", "AAAA").outcome(snapshot) == .refused(.badSignature, .wrongSignature))
        }
        for offset: Int64 in [-899, 899] {
            var call = SignedCall.xca
            call.now += offset
            #expect(try call.outcome(try self.snapshot()) == .admitted)
        }
    }

    @Test("that was changed anywhere is refused in the same words, and the record knows why")
    func tampered() throws {
        let snapshot = try snapshot()
        let call = SignedCall.xca
        var otherBody = call
        otherBody.body += " "
        var otherPath = call
        otherPath.target = "/gov/v1/cases?region=230600&empty="
        var otherMethod = call
        otherMethod.method = "PUT"
        var unsigned = call.with("Content-MD5", nil)
        unsigned = try unsigned.with("X-Ca-Signature", nil).signedWithoutDigest()
        var twice = call
        twice.fields.append(("X-Ca-Stage", "TEST"))
        let cases: [(SignedCall, AuthenticationFailure)] = [
            (otherBody, .wrongContent), (otherPath, .wrongSignature), (otherMethod, .wrongSignature),
            (call.with("Accept", "*/*"), .wrongSignature), (call.with("Content-Type", nil), .wrongSignature),
            (call.with("X-Ca-Stage", "TEST"), .wrongSignature), (call.with("X-Ca-Stage", nil), .wrongSignature),
            (call.with("X-Ca-Nonce", nil), .incomplete), (call.with("X-Ca-Nonce", String(repeating: "n", count: 129)), .incomplete),
            (call.with("X-Ca-Signature", nil), .incomplete), (call.with("X-Ca-Signature-Headers", "x-ca-key"), .incomplete),
            (call.with("X-Ca-Signature-Headers", "x-ca-key,x-ca-nonce,x-ca-timestamp,x-ca-signature"), .incomplete),
            (call.with("X-Ca-Timestamp", "soon"), .skewed), (call.with("X-Ca-Key", "60030306"), .unknownKey),
            (unsigned, .incomplete), (twice, .incomplete), (call.with("X-Ca-Key", String(repeating: "k", count: 257)), .malformed),
        ]
        for (call, reason) in cases {
            let (facts, fault) = try call.ask(snapshot)
            #expect(facts.credential?.failure == reason, "\(call.fields)")
            #expect(facts.consumer == -1)
            if reason == .skewed { continue }
            #expect(fault?.code == .badSignature)
            #expect(fault?.detail == "the request does not carry a valid signature")
        }
        // None of them used the nonce up but the one whose head was right.
        #expect(try SignedCall.xca.outcome(snapshot) == .refused(.replayed, .replayed))
        #expect(try SignedCall.xca.outcome(self.snapshot()) == .admitted)
    }

    @Test("may carry no second credential, and no key of another kind beside it")
    func contradictory() throws {
        let snapshot = try snapshot()
        var both = SignedCall.xca
        both.fields.append(("X-Api-Key", "demo-daqing-key"))
        #expect(try both.outcome(snapshot) == .refused(.badCredential, .several))
        var twice = SignedCall.xca
        twice.fields.append(("X-Ca-Key", "60030305"))
        #expect(try twice.outcome(snapshot) == .refused(.badSignature, .malformed))
        #expect(try SignedCall(fields: [("X-Api-Key", "demo-daqing-key")]).outcome(snapshot) == .admitted)
        #expect(try SignedCall().outcome(snapshot) == .refused(.badCredential, .missing))
    }

    @Test("by a key whose time is over is refused like any other")
    func expired() throws {
        let snapshot = try snapshot(#"signatures: [{ key: "60030305", secret: CA, expires: "2023-11-16" }]"#)
        #expect(try SignedCall.xca.outcome(snapshot) == .admitted)
        var later = SignedCall.xca
        later.now = 1_700_000_000 + 86_400
        let call = try later.signed(key: "60030305", secret: "demoAppSecret", nonce: 9)
        #expect(try call.outcome(snapshot) == .refused(.badSignature, .expired))
    }

    @Test("has the algorithm of its key, and no other: HMAC-SM3")
    func hmacSM3() throws {
        let snapshot = try snapshot(#"signatures: [{ key: "60030305", secret: CA, algorithm: hmac-sm3 }]"#)
        #expect(try SignedCall.xca.outcome(snapshot) == .refused(.badSignature, .wrongSignature))
        let sm3 = SigningConvention.xca.replacing("hmac-sha256", with: "hmac-sm3")
        let call = try SignedCall.xca.signed(sm3, key: "60030305", secret: "demoAppSecret")
        #expect(try call.outcome(snapshot) == .admitted)
    }

    @Test("whose form is signed is known once the form is there")
    func form() throws {
        let snapshot = try snapshot()
        var call = SignedCall(fields: [("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")], body: "b=2&a=1&name=x%20y&e=")
        call = try call.signed(key: "60030305", secret: "demoAppSecret")
        call.body = "b=2&a=1&name=x+y&e="
        var other = call
        other.body = "b=3&a=1&name=x+y&e="
        #expect(try other.outcome(snapshot) == .refused(.badSignature, .wrongSignature))
        #expect(try call.outcome(snapshot) == .admitted)
        #expect(try call.outcome(snapshot) == .refused(.replayed, .replayed))
    }
}

extension SignedCall {
    /// Signed rightly by a caller that leaves out the digest of a content that is there.
    fileprivate func signedWithoutDigest() throws -> SignedCall {
        var bare = self
        bare.body = ""
        var signed = try bare.with("X-Ca-Signature-Headers", nil).signed(key: "60030305", secret: "demoAppSecret", nonce: 99)
        signed.body = body
        return signed
    }
}
