import Adapters
import Testing

@Suite("Signing conventions, from YAML alone")
struct SignerConventionTests {
    /// What a convention makes of a request.
    static func sign(
        _ yaml: String, _ request: SignableRequest, secrets: [String: String], milliseconds: Int64 = 1_700_000_000_000,
        random: (UInt64, UInt64) = (0x550e_8400_e29b_41d4, 0xa716_4466_5544_0000)
    ) throws -> SignableRequest {
        let diagnostics = Diagnostics()
        let node = try #require(Node.read(Array(yaml.utf8), path: "signing.yaml", diagnostics))
        let signer = Signer(node, diagnostics)
        try #require(diagnostics.problems.isEmpty, "\(diagnostics.problems)")
        var signed = request
        try #require(signer).sign(&signed, secrets: Secrets(secrets), moment: CallMoment(epochMilliseconds: milliseconds, random: random))
        return signed
    }

    @Test("x-ca: Content-MD5, the list of signed headers, sorted parameters after the path")
    func xCa() throws {
        let yaml = #"""
            algorithm: hmac-sha256
            secret: CA_SECRET
            set:
              - { header: X-Ca-Key, secret: CA_KEY }
              - { header: X-Ca-Timestamp, clock: milliseconds }
              - { header: X-Ca-Nonce, random: uuid }
              - { header: X-Ca-Stage, literal: RELEASE }
              - { header: Content-MD5, body-digest: { algorithm: md5, output: base64 }, skip-empty: true }
              - { header: X-Ca-Signature-Headers, signed-headers: "," }
            join: "\n"
            parts:
              - method
              - header: Accept
              - header: Content-MD5
              - header: Content-Type
              - header: Date
              - headers: [x-ca-key, x-ca-timestamp, x-ca-nonce, x-ca-stage]
              - [path, parameters: { empty: name-only, prefix: "?" }]
            output: base64
            place: { header: X-Ca-Signature }
            """#
        let type = "application/json; charset=UTF-8"
        let request = SignableRequest(
            method: "POST", path: "/gov/v1/cases", query: [("region", "230100"), ("empty", "")],
            headers: [("Accept", type), ("Content-Type", type)],
            body: Array(#"{"projectNo":"11230000MB1A0001XM2000125005000202311140001"}"#.utf8))
        let signed = try Self.sign(yaml, request, secrets: ["CA_SECRET": "demoAppSecret", "CA_KEY": "60030305"])
        #expect(signed.header("Content-MD5") == "WmpZgjICZZ5r+tYTPmZ1CA==")
        #expect(signed.header("X-Ca-Nonce") == "550e8400-e29b-41d4-a716-446655440000")
        #expect(signed.header("X-Ca-Timestamp") == "1700000000000")
        #expect(signed.header("X-Ca-Signature-Headers") == "x-ca-key,x-ca-nonce,x-ca-stage,x-ca-timestamp")
        #expect(signed.header("X-Ca-Signature") == "qeEHKZxEKYF8EKMqRclBGO0S5Sw2bNQzRkZ9tWnP3wY=")
        #expect(signed.query.map(\.0) == ["region", "empty"], "sorting is for the signature only")

        var form = request
        form.body = []
        form.parameters = [("a", "1")]
        let signedForm = try Self.sign(yaml, form, secrets: ["CA_SECRET": "demoAppSecret", "CA_KEY": "60030305"])
        #expect(signedForm.header("Content-MD5") == nil, "a form has no Content-MD5")
    }

    @Test(
        "gjzwfwpt: sid, rid and rtime with HMAC-SHA256 and HMAC-SM3",
        arguments: [
            ("hmac-sha256", "VJRhadjyrXDQMbzJumdQr2awuRKGo7JXZjfsfiXgyks="), ("hmac-sm3", "uVYg3nHk0I8OuaJhZBbmuMpvJOxcFwq2laW8PiSEMJQ="),
        ])
    func gjzwfwpt(algorithm: String, expected: String) throws {
        let yaml = """
            algorithm: \(algorithm)
            secret: GJ_SECRET
            set:
              - { header: gjzwfwpt_sid, literal: s_2300000000000_0001 }
              - { header: gjzwfwpt_rid, secret: GJ_RID }
              - { header: gjzwfwpt_rtime, clock: milliseconds }
            parts: [ header: gjzwfwpt_sid, header: gjzwfwpt_rid, header: gjzwfwpt_rtime ]
            output: base64
            place: { header: gjzwfwpt_sign }
            """
        let signed = try Self.sign(
            yaml, SignableRequest(method: "POST", path: "/"),
            secrets: ["GJ_SECRET": "demoAppSecret0001", "GJ_RID": "TE2300002300000001@demo"])
        #expect(signed.header("gjzwfwpt_sign") == expected)
        #expect(signed.headers.map(\.0) == ["gjzwfwpt_sid", "gjzwfwpt_rid", "gjzwfwpt_rtime", "gjzwfwpt_sign"])
    }

    @Test("X-BG-HMAC: an encoded sorted query, an RFC 1123 date, a final newline")
    func xBG() throws {
        let yaml = #"""
            algorithm: hmac-sha256
            secret: BG_SECRET
            set:
              - { header: X-BG-HMAC-ACCESS-KEY, secret: BG_KEY }
              - { header: X-BG-HMAC-ALGORITHM, literal: hmac-sha256 }
              - { header: X-BG-DATE-TIME, clock: rfc1123 }
            join: "\n"
            parts: [ method, path, query: { encode: percent }, secret: BG_KEY, header: X-BG-DATE-TIME ]
            end: "\n"
            output: base64
            place: { header: X-BG-HMAC-SIGNATURE }
            """#
        let request = SignableRequest(
            method: "POST", path: "/restapi/prod/IC33000020211105003270/post", query: [("v", "123"), ("test", "123")])
        let signed = try Self.sign(
            yaml, request, secrets: ["BG_SECRET": "tet", "BG_KEY": "test"], milliseconds: 1_636_447_760_999)
        #expect(signed.header("X-BG-DATE-TIME") == "Tue, 09 Nov 2021 08:49:20 GMT")
        #expect(signed.header("X-BG-HMAC-SIGNATURE") == "KJJG0L/1ilAOrfHxAsJR67f6oVm38fwREEp9hFnAcis=")
    }

    static func sortedParameters(_ algorithm: String, charset: String = "UTF-8") -> String {
        """
        algorithm: \(algorithm)
        charset: \(charset)
        set:
          - { parameter: appKey, secret: APP_KEY }
          - { parameter: timestamp, clock: yyyyMMddHHmmss }
          - { parameter: nonce, random: { hex: 6 } }
        parts: [ form: { empty: skip }, literal: "&key=", secret: APP_SECRET ]
        output: HEX
        place: { parameter: sign }
        """
    }

    @Test(
        "sorted parameters: upper-case MD5 and SM3 with the key at the end",
        arguments: [
            ("md5", "E441EFB06EC2AAD25E486A7DB50AD443"), ("sm3", "CBC107C276399A0D31851004381B20EB5EBB93FD0C258A17DF67E977CCC78BBF"),
        ])
    func sortedParameters(algorithm: String, expected: String) throws {
        let request = SignableRequest(
            method: "POST", path: "/api", parameters: [("sblsh", "11230000MB1A0001XM2000125005000202311140001"), ("bz", "")])
        // The example's time is 22:13:20 of a clock in Shanghai: 1 700 000 000 − 8 h.
        let signed = try Self.sign(
            Self.sortedParameters(algorithm), request, secrets: ["APP_KEY": "HLJ0001", "APP_SECRET": "demoSecret"],
            milliseconds: 1_699_971_200_000, random: (0xa1b2_c300_0000_0000, 0))
        #expect(signed.parameters.map(\.0) == ["sblsh", "bz", "appKey", "timestamp", "nonce", "sign"])
        #expect(signed.parameters[3].1 == "20231114221320")
        #expect(signed.parameters[4].1 == "a1b2c3")
        #expect(signed.parameters.last?.1 == expected)
    }
}
