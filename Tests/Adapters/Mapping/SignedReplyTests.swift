import Testing

@testable import Adapters

/// Replies that must carry the signature of their content.
@Suite("Signed replies")
struct SignedReplyTests {
    private static let secrets = ["KEY": "k1"]

    private static let convention = """
        signing: { algorithm: md5, parts: [form: { empty: skip }, literal: "&key=", secret: KEY], output: HEX, place: { json: $.sign } }
        """

    private func outcome(_ reply: String, _ body: String, status: Int = 200) throws -> ReplyOutcome {
        let fixture = TranslationFixture("operations:\n  cases.get:\n    rest: { path: /a }\n    reply:\n" + Self.indented(reply))
        let reply = DepartmentReply(status: status, fields: [.init("Content-Type", "application/json")], body: Array(body.utf8))
        return try fixture.operation("cases.get").outcome(of: reply, to: TranslationFixture.call([:], secrets: Self.secrets))
    }

    private static func indented(_ text: String) -> String { text.split(separator: "\n").map { "      \($0)\n" }.joined() }

    private func text(_ outcome: ReplyOutcome) -> String {
        switch outcome {
        case .answer(let value): String(decoding: JSONCodec.encode(value), as: UTF8.self)
        case .failed(let fault): "\(fault.code.rawValue) \(fault.upstreamCode ?? "")"
        case .sessionExpired, .pending: "?"
        }
    }

    /// The sign of fields, as the department makes it.
    private func sign(_ sorted: String) -> String {
        Hex.encode(Digest.compute(.md5, Array((sorted + "&key=k1").utf8)), uppercase: true)
    }

    private static let plain =
        convention + """

            success: "$.code == 0"
            not-found: "$.code == 404"
            failure: { code: $.code, message: $.msg }
            fields: { x: $.no }
            """

    @Test("a success is believed when its signature is right, and only then")
    func convention() throws {
        let right = sign("code=0&no=7")
        #expect(text(try outcome(Self.plain, #"{"no":"7","code":0,"empty":"","sign":"\#(right)"}"#)) == #"{"x":"7"}"#)
        #expect(text(try outcome(Self.plain, #"{"no":"8","code":0,"sign":"\#(right)"}"#)) == "UPSTREAM_BAD_REPLY ")
        #expect(text(try outcome(Self.plain, #"{"no":"7","code":0,"more":1,"sign":"\#(right)"}"#)) == "UPSTREAM_BAD_REPLY ")
        #expect(text(try outcome(Self.plain, #"{"no":"7","code":0}"#)) == "UPSTREAM_BAD_REPLY ")
        #expect(text(try outcome(Self.plain, #"{"no":"7","code":0,"sign":""}"#)) == "UPSTREAM_BAD_REPLY ")
    }

    @Test("a refusal needs none")
    func refusals() throws {
        #expect(text(try outcome(Self.plain, #"{"code":9,"msg":"材料不全"}"#)) == "UPSTREAM_REJECTED 9")
        #expect(text(try outcome(Self.plain, #"{"code":404}"#)) == "NOT_FOUND 404")
        #expect(text(try outcome(Self.plain, "{}", status: 503)) == "UPSTREAM_UNAVAILABLE ")
    }

    @Test("documents in an unsigned reply are not opened")
    func documents() throws {
        let reply =
            Self.convention + """

                unwrap: { at: $.data, as: json, in: base64, in-place: true }
                success: "$.data.no"
                failure: { code: $.code, message: $.msg }
                fields: { x: $.data.no }
                """
        let data = Base64Codec.encode(Array(#"{"no":"7"}"#.utf8))
        let right = sign("code=0&data=\(data)")
        #expect(text(try outcome(reply, #"{"code":0,"data":"\#(data)","sign":"\#(right)"}"#)) == #"{"x":"7"}"#)
        #expect(text(try outcome(reply, #"{"code":0,"data":"\#(data)","sign":"0"}"#)) == "UPSTREAM_BAD_REPLY ")
        #expect(text(try outcome(reply, #"{"code":0,"data":"not base64!","sign":"0"}"#)) == "UPSTREAM_BAD_REPLY ")
    }

    @Test("a value is compared with what it must be, made of the reply and a secret")
    func value() throws {
        let reply = """
            signature:
              received: $.sign
              expected: { digest: { md5: { concat: [{ from: $.data, pairs: { order: sorted, empty: skip } }, { secret: KEY }] } } }
              case: ignore
            success: "$.code == 0"
            failure: { code: $.code }
            fields: { x: $.data.no }
            """
        let right = Hex.encode(Digest.compute(.md5, Array("list=[1,2]&no=7k1".utf8)), uppercase: true)
        #expect(text(try outcome(reply, #"{"code":0,"data":{"no":"7","e":"","list":[1,2]},"sign":"\#(right)"}"#)) == #"{"x":"7"}"#)
        #expect(text(try outcome(reply, #"{"code":0,"data":{"no":"8","list":[1,2]},"sign":"\#(right)"}"#)) == "UPSTREAM_BAD_REPLY ")
        #expect(text(try outcome(reply, #"{"code":0,"data":{"no":"7","list":[1,2]}}"#)) == "UPSTREAM_BAD_REPLY ")
        #expect(text(try outcome(reply, #"{"code":3}"#)) == "UPSTREAM_REJECTED 3")
    }

    @Test("a reply has no method, path or query to sign, and no skew without a convention")
    func mistakes() {
        for part in ["method", "path", "query"] {
            let fixture = TranslationFixture(
                """
                operations:
                  cases.get:
                    rest: { path: /a }
                    reply:
                      signing: { algorithm: hmac-sha256, secret: KEY, parts: [\(part), body], output: hex, place: { header: X-Sign } }
                      success: http
                      fields: {}
                """)
            #expect(fixture.problems.map(\.rule) == ["wrong-place"], "\(part)")
        }
        let pending = TranslationFixture(
            """
            operations:
              cases.get:
                rest: { path: /a }
                reply:
                  signature: { received: $.sign, expected: { digest: { md5: { secret: KEY } } } }
                  pending: { when: "$.state == 1", then: answer }
                  success: http
                  fields: {}
            """)
        #expect(pending.problems.map(\.rule) == ["wrong-place"])
        let skew = TranslationFixture(
            "operations:\n  cases.get:\n    rest: { path: /a }\n    reply: { skew: 5s, success: http, fields: {} }")
        #expect(skew.problems.map(\.rule) == ["wrong-place"])
    }

    @Test("a value inside can be what is signed, and a key of the department's what it is verified with")
    func publicKey() throws {
        let text = "7|accepted"
        let algorithm = try #require(SignatureAlgorithm("rsa-sha256", identity: ""))
        let sign = try #require(KeyedSignature.sign(algorithm, key: TestKeys.rsa, Array(text.utf8)))
        let fixture = TranslationFixture(
            """
            operations:
              cases.get:
                rest: { path: /a }
                reply:
                  signing: { algorithm: rsa-sha256, secret: PUB, parts: [json: $.data.text], output: base64, place: { json: $.data.sign } }
                  success: http
                  fields: { x: $.data.text }
            """)
        func answer(_ said: String) throws -> Bool {
            let body = #"{"data":{"text":"\#(said)","sign":"\#(Base64Codec.encode(sign))"}}"#
            let reply = DepartmentReply(status: 200, body: Array(body.utf8))
            let call = TranslationFixture.call([:], secrets: ["PUB": TestKeys.rsaPublic])
            if case .answer = try fixture.operation("cases.get").outcome(of: reply, to: call) { return true }
            return false
        }
        #expect(try answer(text))
        #expect(try !answer("8|accepted"))
    }
}
