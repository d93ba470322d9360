import Adapters
import GatewayCore
import Testing

/// A secret that cannot be what its file uses it for is found when the file is loaded, not at the first call at night.
@Suite("Secrets that are no keys") struct SecretMentionTests {
    private func problems(_ signing: String, _ request: String, _ secrets: [String: String]) -> [Problem] {
        let text = """
            department: lab
            authority: 11230000MB1A00028M
            upstream: { endpoints: [http://10.0.0.1] }
            signing: \(signing)
            operations:
              cases.get:
                rest: { method: POST, path: /a }
                request: \(request)
                reply: { success: http, fields: { caseNo: $.a, status: { const: accepted }, itemCode: $.b } }
            """
        let sources = RouteSources(
            directory: "Routes", gateway: nil, consumers: nil, contract: .init(path: "openapi.yaml", bytes: Sources.contract),
            departments: [.init(path: "lab.yaml", bytes: Array(text.utf8))])
        let diagnostics = Diagnostics()
        let compiler = Compiler(
            diagnostics, buckets: BucketRegistry(), missingSecrets: .refuse,
            file: { _ in .failure(ReferenceFault("there is no such file")) }, secret: { secrets[$0] })
        _ = compiler.compile(sources, revision: 1)
        return diagnostics.sorted.filter { $0.rule == "bad-secret" }
    }

    private static let sm2 = "{ algorithm: sm2, secret: KEY, parts: [body], output: base64, place: { header: X-Sign } }"
    private static let sm4 =
        "{ data: { document: { json: object, in: [{ sm4: { mode: ecb, key: { secret: SM4, as: hex } } }, base64] }, fields: { no: $.caseNo } } }"
    private static let number = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"

    @Test("a key of the right kind is taken")
    func right() {
        #expect(
            problems(Self.sm2, Self.sm4, ["KEY": Self.number, "SM4": "0123456789abcdeffedcba9876543210"]).map(\.description) == [])
    }

    @Test(
        "a text that is no key is a problem at its place, and is not shown",
        arguments: ["not-a-key", "", "0123", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
    func wrong(_ key: String) throws {
        let found = problems(Self.sm2, Self.sm4, ["KEY": key, "SM4": "0123456789abcdeffedcba9876543210"])
        let problem = try #require(found.first)
        #expect(problem.place?.line == 4)
        #expect(problem.message.contains("'KEY' is no private key of sm2"))
        #expect(key.count < 4 || !problem.description.contains(key))
    }

    @Test("a cipher's key of a wrong length too")
    func cipher() throws {
        let found = problems(Self.sm2, Self.sm4, ["KEY": Self.number, "SM4": "0123456789abcdef"])
        let problem = try #require(found.first)
        #expect(problem.place?.line == 8)
        #expect(problem.message == "the secret 'SM4' is not 16 bytes as hex")
    }

    @Test("a place that several operations share is said once")
    func once() {
        let text = """
            department: lab
            authority: 11230000MB1A00028M
            upstream: { endpoints: [http://10.0.0.1] }
            defaults:
              request: \(Self.sm4)
            operations:
              cases.get: &get
                rest: { method: POST, path: /a }
                reply: { success: http, fields: { caseNo: $.a, status: { const: accepted }, itemCode: $.b } }
              cases.withdraw: *get
            """
        let (_, problems) = Sources(departments: [("lab.yaml", text)]).compile(secrets: ["SM4": "0123456789abcdef"])
        #expect(problems.filter { $0.severity == .error }.map { "\($0.rule) \($0.place?.line ?? 0)" } == ["bad-secret 5"])
    }
}
