import Adapters
import Testing

@Suite("Signer")
struct SignerTests {
    private static let moment = CallMoment(epochMilliseconds: 1_700_000_000_123, random: (1, 2))

    private static func compile(_ yaml: String) throws -> (Signer?, [Problem]) {
        let diagnostics = Diagnostics()
        let node = try #require(Node.read(Array(yaml.utf8), path: "signing.yaml", diagnostics))
        return (Signer(node, diagnostics), diagnostics.problems)
    }

    /// The MD5 of a string to sign made of these parts, to be compared with the MD5 of the string that is expected.
    private static func expect(
        _ parts: String, charset: String = "UTF-8", of request: SignableRequest, signs expected: [UInt8],
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let yaml = "algorithm: md5\ncharset: \(charset)\nparts:\n  - secret: NONE\n\(parts)\noutput: hex\nplace: { parameter: sign }"
        let (signer, problems) = try compile(yaml)
        let compiled = try #require(signer, "\(problems)", sourceLocation: location)
        let signature = try compiled.signature(of: request, secrets: Secrets(["NONE": ""]), moment: moment)
        #expect(signature == SigningVectors.hex(Digest.compute(.md5, expected)), sourceLocation: location)
    }

    private static func expect(
        _ parts: String, of request: SignableRequest, signs expected: String, at location: SourceLocation = #_sourceLocation
    ) throws {
        try expect(parts, of: request, signs: Array(expected.utf8), at: location)
    }

    @Test("parameter lists: order, empty values, separators, selection")
    func parameterLists() throws {
        let request = SignableRequest(
            method: "POST", path: "/", query: [("b", "2"), ("Z", "")],
            parameters: [("a", "1 &"), ("b", "1"), ("sign", "old"), ("_", "~*")])
        try Self.expect("  - parameters", of: request, signs: "Z=&_=~*&a=1 &&b=2&b=1")
        try Self.expect("  - query", of: request, signs: "Z=&b=2")
        try Self.expect("  - form", of: request, signs: "_=~*&a=1 &&b=1")
        try Self.expect("  - form: { order: given }", of: request, signs: "a=1 &&b=1&_=~*")
        try Self.expect("  - query: { empty: skip }", of: request, signs: "b=2")
        try Self.expect("  - query: { empty: name-only }", of: request, signs: "Z&b=2")
        try Self.expect("  - form: { pair: '', join: '', except: [_] }", of: request, signs: "a1 &b1")
        try Self.expect("  - form: { show: values, join: '|' }", of: request, signs: "~*|1 &|1")
        try Self.expect("  - form: { only: [a, missing], prefix: '?' }", of: request, signs: "?a=1 &")
        try Self.expect("  - form: { only: [missing], prefix: '?' }", of: request, signs: "")
        try Self.expect("  - form: { encode: percent }", of: request, signs: "_=~%2A&a=1%20%26&b=1")
        try Self.expect("  - form: { encode: form }", of: request, signs: "_=%7E*&a=1+%26&b=1")
    }

    @Test("the string to sign is in the convention's charset, 4-byte characters included")
    func charset() throws {
        let request = SignableRequest(method: "GET", path: "/", parameters: [("sqrmc", "张𠮷")])
        let name: [UInt8] = Array("sqrmc=".utf8)
        try Self.expect("  - form", charset: "GB18030", of: request, signs: name + [0xD5, 0xC5, 0x95, 0x34, 0xB2, 0x35])
        try Self.expect(
            "  - form: { encode: percent }", charset: "GB18030", of: request, signs: name + Array("%D5%C5%954%B25".utf8))
        try Self.expect("  - form", of: request, signs: name + Array("张𠮷".utf8))
    }

    @Test("a character outside the charset is a fault, not a question mark")
    func unencodable() throws {
        let (signer, _) = try Self.compile(
            "algorithm: md5\ncharset: ISO-8859-1\nparts: [form, secret: KEY]\noutput: hex\nplace: { parameter: sign }")
        var request = SignableRequest(method: "GET", path: "/", parameters: [("sqrmc", "𠮷")])
        let fault = #expect(throws: AdapterFault.self) {
            try #require(signer).sign(&request, secrets: Secrets(["KEY": "k"]), moment: Self.moment)
        }
        #expect(fault?.code == .invalidField)
        #expect(fault?.detail.contains("𠮷") == false)
    }

    @Test("path, body, body digest, clock and digests of other parts")
    func otherParts() throws {
        let request = SignableRequest(method: "PUT", path: "/a%20b%2Fc%zz", headers: [("x-a", "1")], body: [0xFF, 0x00])
        try Self.expect("  - path", of: request, signs: "/a%20b%2Fc%zz")
        try Self.expect("  - path: decoded", of: request, signs: "/a b/c%zz")
        try Self.expect("  - body", of: request, signs: [0xFF, 0x00])
        try Self.expect("  - body-digest: md5", of: request, signs: SigningVectors.hex(Digest.compute(.md5, [0xFF, 0x00])))
        try Self.expect("  - clock: yyyy-MM-dd'T'HH:mm:ss.SSS", of: request, signs: "2023-11-15T06:13:20.123")
        try Self.expect("  - clock: seconds", of: request, signs: "1700000000")
        try Self.expect("  - header: X-A\n  - header: x-b", of: request, signs: "1")
        try Self.expect("  - headers: { names: [x-b, X-A], pair: '=' }", of: request, signs: "x-a=1")
        try Self.expect(
            "  - digest: { algorithm: sha1, parts: [method, literal: x], join: '-', output: HEX }", of: request,
            signs: SigningVectors.hex(Digest.compute(.sha1, Array("PUT-x".utf8))).uppercased())
    }

    @Test("values replace what stood in their place; two nonces of one call differ")
    func additions() throws {
        let (signer, problems) = try Self.compile(
            """
            algorithm: md5
            set:
              - { header: X-Time, clock: milliseconds }
              - { query: a, random: digits }
              - { parameter: b, random: { digits: 32 } }
              - { parameter: c, random: hex }
              - { parameter: d, literal: '', skip-empty: true }
            parts: [secret: KEY]
            output: hex
            place: { query: sign }
            """)
        var request = SignableRequest(
            method: "GET", path: "/", query: [("a", "old"), ("sign", "1"), ("a", "old"), ("sign", "2")], headers: [("x-time", "0")])
        try #require(signer, "\(problems)").sign(&request, secrets: Secrets(["KEY": "k"]), moment: Self.moment)
        #expect(request.headers.map(\.1) == ["1700000000123"])
        #expect(request.query.map(\.0) == ["a", "sign"])
        #expect(request.query[1].1 == SigningVectors.hex(Digest.compute(.md5, Array("k".utf8))))
        #expect(request.query[0].1 == "1000000000000000")
        #expect(request.parameters.map(\.0) == ["b", "c"])
        #expect(request.parameters[0].1.count == 32 && request.parameters[0].1.allSatisfy(\.isNumber))
        #expect(request.parameters[1].1 != "00000000000000010000000000000002", "the second nonce is not the first one again")
        #expect(request.parameters[1].1.count == 32)
    }

    @Test("without a form, a convention's parameters go to the query")
    func withoutForm() throws {
        let (compiled, _) = try Self.compile(
            "algorithm: md5\nset: [{ parameter: appKey, secret: KEY }]\nparts: [parameters, secret: KEY]\noutput: hex\nplace: { parameter: sign }"
        )
        let signer = try #require(compiled)
        let secrets = Secrets(["KEY": "k"])
        var get = SignableRequest(method: "GET", path: "/", query: [("a", "1")], hasForm: false)
        var post = SignableRequest(method: "POST", path: "/", parameters: [("a", "1")])
        try signer.sign(&get, secrets: secrets, moment: Self.moment)
        try signer.sign(&post, secrets: secrets, moment: Self.moment)
        #expect(get.parameters.isEmpty)
        #expect(get.query.map(\.0) == ["a", "appKey", "sign"])
        #expect(get.query.map(\.1) == post.parameters.map(\.1))
        #expect(get.query.last?.1 == SigningVectors.hex(Digest.compute(.md5, Array("a=1&appKey=kk".utf8))))
    }

    @Test("a signed request verifies, and a changed one does not")
    func verifies() throws {
        let (compiled, _) = try Self.compile(SignerConventionTests.sortedParameters("md5"))
        let signer = try #require(compiled)
        let secrets = Secrets(["APP_KEY": "k", "APP_SECRET": "s"])
        var request = SignableRequest(method: "POST", path: "/", parameters: [("a", "1")])
        try signer.sign(&request, secrets: secrets, moment: Self.moment)
        let sent = try #require(request.parameters.last)
        #expect(sent.0 == "sign")
        #expect(try signer.signature(of: request, secrets: secrets, moment: Self.moment) == sent.1)
        request.parameters[0].1 = "2"
        #expect(try signer.signature(of: request, secrets: secrets, moment: Self.moment) != sent.1)
    }

    @Test("a missing secret and a secret with a line break are faults that show no secret")
    func faults() throws {
        let (compiled, _) = try Self.compile(
            "algorithm: hmac-sm3\nsecret: KEY\nset: [{ header: X-Key, secret: APP }]\nparts: [method]\noutput: hex\nplace: { header: X-Sign }"
        )
        let signer = try #require(compiled)
        #expect(signer.secretNames.map(\.0) == ["KEY", "APP"])
        #expect(signer.secretNames.map(\.1.line) == [2, 3])
        var request = SignableRequest(method: "GET", path: "/")
        let missing = #expect(throws: AdapterFault.self) {
            try signer.sign(&request, secrets: Secrets(["APP": "hunter2"]), moment: Self.moment)
        }
        #expect(missing?.code == .internal && missing?.detail.contains("KEY") == true)
        let broken = #expect(throws: AdapterFault.self) {
            try signer.sign(&request, secrets: Secrets(["APP": "hunter2\r\nX: y", "KEY": "k"]), moment: Self.moment)
        }
        #expect(broken?.code == .internal && broken?.detail.contains("hunter2") == false)
    }
}
