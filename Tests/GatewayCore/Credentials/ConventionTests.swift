import Adapters
import Testing

@testable import GatewayCore

@Suite("Conventions of consumers.yaml") struct ConventionTests {
    static let bg = #"""
        conventions:
          bg:
            skew: 90s
            signing:
              algorithm: hmac-sha256
              secret: SECRET
              set:
                - { header: X-BG-HMAC-ACCESS-KEY, secret: KEY }
                - { header: X-BG-HMAC-ALGORITHM, literal: hmac-sha256 }
                - { header: X-BG-DATE-TIME, clock: rfc1123 }
              join: "\n"
              parts: [ method, path, query: { encode: percent }, secret: KEY, header: X-BG-DATE-TIME ]
              end: "\n"
              output: base64
              place: { header: X-BG-HMAC-SIGNATURE }
        """#
    static let gjzwfwpt = #"""
        conventions:
          gjzwfwpt:
            signing:
              algorithm: hmac-sha256
              secret: SECRET
              set:
                - { header: gjzwfwpt_sid, literal: s_2300000000000_0001 }
                - { header: gjzwfwpt_rid, secret: KEY }
                - { header: gjzwfwpt_rtime, clock: milliseconds }
              parts: [ header: gjzwfwpt_sid, header: gjzwfwpt_rid, header: gjzwfwpt_rtime ]
              output: base64
              place: { header: gjzwfwpt_sign }
        """#

    @Test("X-BG-HMAC: the worked example is known, a copy of it is not, and 90 seconds are the most")
    func xbg() throws {
        let snapshot = try SignedCall.snapshot(
            "signatures: [{ convention: bg, key: test, secret: BG }]", top: Self.bg, secrets: ["BG": "tet"])
        var call = SignedCall(
            target: "/restapi/prod/IC33000020211105003270/post?test=123&v=123",
            fields: [
                ("X-BG-HMAC-ACCESS-KEY", "test"), ("X-BG-HMAC-ALGORITHM", "hmac-sha256"),
                ("X-BG-DATE-TIME", "Tue, 09 Nov 2021 08:49:20 GMT"),
                ("X-BG-HMAC-SIGNATURE", "KJJG0L/1ilAOrfHxAsJR67f6oVm38fwREEp9hFnAcis="),
            ], now: 1_636_447_760)
        call.now += 91
        #expect(try call.outcome(snapshot) == .refused(.clockSkew, .skewed))
        call.now -= 91
        #expect(try call.outcome(snapshot) == .admitted)
        #expect(try call.outcome(snapshot) == .refused(.replayed, .replayed))
        call.target = "/restapi/prod/IC33000020211105003270/post?v=123&test=123"
        #expect(try call.with("X-BG-HMAC-ALGORITHM", "hmac-sm3").outcome(snapshot) == .refused(.badSignature, .incomplete))
        call.target = "/restapi/prod/IC33000020211105003271/post?test=123&v=123"
        #expect(try call.outcome(snapshot) == .refused(.badSignature, .wrongSignature))
    }

    @Test("gjzwfwpt: both worked examples are known, HMAC-SHA256 and HMAC-SM3")
    func gjzwfwptExamples() throws {
        let call = SignedCall(fields: [
            ("gjzwfwpt_sid", "s_2300000000000_0001"), ("gjzwfwpt_rid", "TE2300002300000001@demo"), ("gjzwfwpt_rtime", "1700000000000"),
            ("gjzwfwpt_sign", "VJRhadjyrXDQMbzJumdQr2awuRKGo7JXZjfsfiXgyks="),
        ])
        let key = "key: TE2300002300000001@demo, secret: GJ, convention: gjzwfwpt"
        let sha256 = try SignedCall.snapshot("signatures: [{ \(key) }]", top: Self.gjzwfwpt, secrets: ["GJ": "demoAppSecret0001"])
        #expect(try call.outcome(sha256) == .admitted)
        let sm3 = try SignedCall.snapshot(
            "signatures: [{ \(key), algorithm: hmac-sm3 }]", top: Self.gjzwfwpt, secrets: ["GJ": "demoAppSecret0001"])
        #expect(try call.outcome(sm3) == .refused(.badSignature, .wrongSignature))
        #expect(try call.with("gjzwfwpt_sign", "uVYg3nHk0I8OuaJhZBbmuMpvJOxcFwq2laW8PiSEMJQ=").outcome(sm3) == .admitted)
    }

    @Test("a key in the query or in a form is found there, and the secret may stand among the parameters")
    func sortedParameters() throws {
        let top = #"""
            conventions:
              sorted:
                signing:
                  algorithm: md5
                  set:
                    - { parameter: appKey, secret: KEY }
                    - { parameter: timestamp, clock: yyyyMMddHHmmss }
                    - { parameter: nonce, random: { hex: 16 } }
                  parts: [ parameters, literal: "&key=", secret: SECRET ]
                  output: HEX
                  place: { parameter: sign }
            """#
        let snapshot = try SignedCall.snapshot(
            "signatures: [{ convention: sorted, key: HLJ0001, secret: HLJ }]", top: top, secrets: ["HLJ": "demoSecret"])
        let query = "appKey=HLJ0001&nonce=a1b2c3&sblsh=11230000MB1A0001XM2000125005000202311140001&timestamp=20231114221320"
        var call = SignedCall(method: "GET", target: "/x?\(query)&sign=E441EFB06EC2AAD25E486A7DB50AD443", now: 1_699_971_200)
        #expect(try call.outcome(snapshot) == .admitted)
        #expect(try call.outcome(snapshot) == .refused(.replayed, .replayed))
        call = SignedCall(
            target: "/x", fields: [("Content-Type", "application/x-www-form-urlencoded")],
            body: query.replacing("a1b2c3", with: "a1b2c4") + "&sign=E441EFB06EC2AAD25E486A7DB50AD443", now: 1_699_971_200)
        #expect(try call.outcome(snapshot) == .refused(.badSignature, .wrongSignature))
        // A form of a caller that shows a key is its own matter.
        let keyed = call.with("X-Api-Key", "demo-daqing-key")
        #expect(try keyed.outcome(snapshot) == .admitted)
        call.body = query + "&sign=E441EFB06EC2AAD25E486A7DB50AD443"
        #expect(try call.outcome(snapshot) == .refused(.replayed, .replayed))
    }

    @Test(
        "what is wrong with one is said with its place and what would be right",
        arguments: [
            ("conventions: { X: { signing: {} } }", "wrong-id"), ("conventions: { x-ca: { signing: {} } }", "duplicate-convention"),
            (bg.replacing("secret: KEY", with: "secret: APP"), "unknown-value"),
            (bg.replacing("- { header: X-BG-HMAC-ACCESS-KEY, secret: KEY }", with: ""), "missing-key"),
            (bg.replacing("skew: 90s", with: "skew: 2d"), "out-of-range"),
            (bg.replacing("skew: 90s", with: "replay: nonce"), "wrong-value"),
            (bg.replacing("skew:", with: "skwe:"), "unknown-key"),
        ])
    func problems(_ top: String, _ rule: String) {
        let found = SignedCall.configuration("", top: top).compile().problems
        #expect(found.contains { $0.rule == rule && $0.place != nil }, "\(found)")
    }

    @Test(
        "and so is what is wrong with a signature's key",
        arguments: [
            (#"signatures: [{ key: a, secret: CA, convention: x-cb }]"#, "unknown-value"),
            (#"signatures: [{ key: a, secret: CA, algorithm: hmac-md4 }]"#, "unknown-value"),
            (#"signatures: [{ key: a, secret: CA, algorithm: sm2 }]"#, "bad-secret"),
            (#"signatures: [{ key: a, secret: CB }]"#, "missing-secret"), (#"signatures: [{ key: a }]"#, "missing-key"),
            (#"signatures: [{ key: a, secret: CA }, { key: a, secret: CA }]"#, "duplicate-key"),
            (#"signatures: [{ key: a, secret: CA, expires: soon }]"#, "wrong-date"),
        ])
    func credentialProblems(_ credentials: String, _ rule: String) {
        let found = SignedCall.configuration(credentials).compile(secrets: ["CA": "x"]).problems
        #expect(found.contains { $0.rule == rule && $0.place != nil }, "\(found)")
    }
}
