import Adapters
import CLibCrypto
import GatewayCore
import Glibc

/// The configurations and the requests of the scenarios.
struct Fixture {
    static let client = ClientAddress("203.0.113.7")
    private static let count = 2_000
    private let contract: [UInt8]

    init() throws {
        contract = try Self.read("Routes/contract/openapi.yaml")
    }

    private static func read(_ path: String) throws -> [UInt8] {
        guard let file = fopen(path, "r") else { throw Failure.configuration("\(path) is not here; run this in the project's folder") }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let length = fread(&piece, 1, piece.count, file)
            guard length > 0 else { return bytes }
            bytes += piece.prefix(length)
        }
    }

    func snapshot(
        _ credentials: String = "", top: String = "", access: String = "granted", limits: String? = nil, rate: Bool = false,
        secrets: [String: String] = [:], more: String = ""
    ) throws -> Snapshot {
        func text(_ name: String, _ text: String) -> RouteSources.Text { .init(path: name, bytes: Array(text.utf8)) }
        let consumers = """
            \(top)
            consumers:
              city:
                keys: [{ digest: "sha256:3fa004cc9eba0d1d1dae72e69d246d74b6cfdad92b60f0d4d549465988ff85dd" }]
            \(credentials)
                grants: [{ routes: [everything] }]
            \(rate ? "    rate: { limit: 100000000/s, burst: 100000000 }" : "")
            """ + "\n" + more
        let department = """
            department: lab
            upstream: { endpoints: [http://127.0.0.1:1] }
            routes: [{ id: everything, match: { path: "/*" }, access: \(access) }]
            """
        let diagnostics = Diagnostics()
        let sources = RouteSources(
            directory: "Routes", gateway: nil, consumers: text("consumers.yaml", consumers), limits: limits.map { text("limits.yaml", $0) },
            contract: .init(path: "openapi.yaml", bytes: contract), departments: [text("lab.yaml", department)])
        guard let made = Compiler(diagnostics, buckets: BucketRegistry(), secret: { secrets[$0] }).compile(sources, revision: 1) else {
            throw Failure.configuration(diagnostics.sorted.map(\.description).joined())
        }
        return made
    }

    private func request(_ fields: [(String, String)], body: [UInt8] = []) -> Scenario.Request {
        var text = "\(body.isEmpty ? "GET" : "POST") /gov/v1/cases?region=230100 HTTP/1.1\r\nHost: gateway.example\r\n"
        text += "User-Agent: portal/4.2\r\nAccept: application/json\r\n"
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        if !body.isEmpty { text += "Content-Length: \(body.count)\r\n" }
        return Scenario.Request(bytes: Array((text + "\r\n").utf8), body: body)
    }

    // MARK: Scenarios

    func nobody() throws -> Scenario {
        Scenario(
            name: "no credential asked for (the other policies)", target: "",
            requests: Array(repeating: request([]), count: Self.count), snapshot: try snapshot(access: "anyone"), renews: nil)
    }

    func key(limits: Bool) throws -> Scenario {
        let rows = "limits:\n  each: { per: [consumer], rate: 100000000/s, burst: 100000000 }\n"
        return Scenario(
            name: limits ? "API key, grant, two rate limits" : "API key, grant", target: limits ? "wanted: 1.5" : "",
            requests: Array(repeating: request([("X-Api-Key", "demo-daqing-key")]), count: Self.count),
            snapshot: try snapshot(limits: limits ? rows : nil, rate: limits), renews: nil)
    }

    /// x-ca with HMAC-SHA256 over 1 KB of JSON, whose MD5 is signed; each with a nonce of its own.
    func signed() throws -> Scenario {
        let credentials = "    signatures: [{ key: \"60030305\", secret: CA }]"
        let secrets = ["CA": "demoAppSecret"]
        let body = Array((#"{"summary":""# + String(repeating: "x", count: 1010) + "\"}").utf8)
        let digest = Base64Codec.encode(Digest.compute(.md5, body))
        let requests = (0..<Self.count).map { index -> Scenario.Request in
            let signed = [("x-ca-key", "60030305"), ("x-ca-nonce", "n\(index)"), ("x-ca-timestamp", "\(CredentialCosts.now * 1000)")]
            let type = "application/json"
            let text =
                "POST\napplication/json\n\(digest)\n\(type)\n\n" + signed.map { "\($0.0):\($0.1)\n" }.joined()
                + "/gov/v1/cases?region=230100"
            let sign = Base64Codec.encode(MAC.hmac(.sha256, key: Array("demoAppSecret".utf8), Array(text.utf8)))
            let fields =
                signed + [
                    ("Content-Type", type), ("Content-MD5", digest), ("X-Ca-Signature-Headers", signed.map(\.0).joined(separator: ",")),
                    ("X-Ca-Signature", sign),
                ]
            return request(fields, body: body)
        }
        return Scenario(
            name: "x-ca signature (HMAC-SHA256), 1 KB and its digest", target: "wanted: 3", requests: requests,
            snapshot: try snapshot(credentials, secrets: secrets), renews: { try snapshot(credentials, secrets: secrets) })
    }

    func seen() throws -> Scenario {
        let key = try CurveKey()
        let request = request([("Authorization", "Bearer \(key.token(1))")])
        return Scenario(
            name: "JWT (ES256) that was seen before", target: "wanted: 1", requests: Array(repeating: request, count: Self.count),
            snapshot: try tokens(key), renews: nil)
    }

    func fresh() throws -> Scenario {
        let key = try CurveKey()
        let requests = (0..<200).map { request([("Authorization", "Bearer \(key.token($0))")]) }
        return Scenario(
            name: "JWT (ES256) that is new", target: "wanted: 120", requests: requests, snapshot: try tokens(key),
            renews: { try tokens(key) })
    }

    private func tokens(_ key: CurveKey) throws -> Snapshot {
        try snapshot(
            "    tokens: [{ issuer: id, subject: portal }]",
            top: "issuers: { id: { issuer: https://id.example, audience: tongban, keys: { secret: JWKS }, consumer: azp } }",
            secrets: ["JWKS": key.published])
    }
}

/// A key on P-256 for one run.
struct CurveKey {
    private let key: OpaquePointer
    let published: String

    init() throws {
        var made: OpaquePointer?
        let context = EVP_PKEY_CTX_new_from_name(nil, "EC", nil)
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_CTX_set_group_name(context, "P-256") == 1,
            EVP_PKEY_generate(context, &made) == 1, let key = made
        else { throw Failure.configuration("libcrypto makes no key") }
        self.key = key
        var point = [UInt8](repeating: 0, count: 65)
        var length = 0
        guard EVP_PKEY_get_octet_string_param(key, "pub", &point, point.count, &length) == 1, length == 65 else {
            throw Failure.configuration("libcrypto tells no point")
        }
        let (x, y) = (Base64Codec.encodeForURL(Array(point[1..<33])), Base64Codec.encodeForURL(Array(point[33..<65])))
        published = #"{"keys":[{"kty":"EC","crv":"P-256","kid":"k1","x":"\#(x)","y":"\#(y)"}]}"#
    }

    func token(_ number: Int) -> String {
        let claims =
            #"{"iss":"https://id.example","aud":["tongban"],"azp":"portal","sub":"u-\#(number)","iat":1699999990,"nbf":1699999990,"exp":1700003600,"scope":"openid gov.cases","jti":"7f0c0b1e-\#(number)"}"#
        let head =
            Base64Codec.encodeForURL(Array(#"{"alg":"ES256","typ":"JWT","kid":"k1"}"#.utf8)) + "."
            + Base64Codec.encodeForURL(Array(claims.utf8))
        let bytes = Array(head.utf8)
        let der = [UInt8](unsafeUninitializedCapacity: 160) { out, count in
            count = clibcrypto_sign(nil, key, "SHA256", nil, 0, 0, bytes, bytes.count, out.baseAddress, out.count)
        }
        var raw = [UInt8](repeating: 0, count: 64)
        _ = clibcrypto_raw_signature(der, der.count, &raw)
        return head + "." + Base64Codec.encodeForURL(raw)
    }
}
