import Adapters
import GatewayCore
import Testing

@Suite("Listeners in gateway.yaml") struct ListenerFileTests {
    private func compile(
        _ listen: String, files: [String: [UInt8]] = [:], missing: Compiler.MissingSecrets = .refuse
    ) -> (snapshot: Snapshot?, problems: [Problem]) {
        let sources = RouteSources(
            directory: "Routes", gateway: .init(path: "gateway.yaml", bytes: Array("listen: \(listen)\n".utf8)), consumers: nil,
            contract: .init(path: "openapi.yaml", bytes: Sources.contract), departments: [])
        let diagnostics = Diagnostics()
        let compiler = Compiler(
            diagnostics, buckets: BucketRegistry(), missingSecrets: missing,
            file: { path in files[path].map { .success($0) } ?? .failure(ReferenceFault("there is no such file")) }, secret: { _ in nil })
        return (compiler.compile(sources, revision: 1), diagnostics.sorted)
    }

    @Test("are addresses, one or several")
    func plain() throws {
        let one = try #require(compile("127.0.0.1:8081").snapshot?.settings.listen)
        #expect(one == [ListenerSettings(Endpoint(host: "127.0.0.1", port: 8081))])
        let two = try #require(compile("[\"127.0.0.1:1\", { address: \"[::1]:2\" }]").snapshot?.settings.listen)
        #expect(two.map(\.address.port) == [1, 2])
        #expect(two.allSatisfy { $0.tls == nil })
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        let listen: String
        let rule: String
        var testDescription: String { listen }
    }

    private static let pair = "{ certificate: { file: own.pem }, key: { file: own.key } }"

    static let mistakes = [
        Mistake(listen: "[]", rule: "missing-value"),
        Mistake(listen: "[8080]", rule: "wrong-address"),
        Mistake(listen: "[{ tls: {} }]", rule: "missing-key"),
        Mistake(listen: "[{ address: nowhere }]", rule: "wrong-address"),
        Mistake(listen: "[{ adress: 127.0.0.1:1 }]", rule: "unknown-key"),
        Mistake(listen: "[{ address: 127.0.0.1:1, tls: {} }]", rule: "missing-key"),
        Mistake(listen: "[{ address: 127.0.0.1:1, tls: { certificates: [] } }]", rule: "missing-value"),
        Mistake(listen: "[{ address: 127.0.0.1:1, tls: { certificates: { certificate: { file: own.pem } } } }]", rule: "missing-key"),
        Mistake(
            listen: "[{ address: 127.0.0.1:1, tls: { certificates: { certificate: { file: own.pem }, key: { file: other.key } } } }]",
            rule: "wrong-key"),
        Mistake(
            listen: "[{ address: 127.0.0.1:1, tls: { certificates: { certificate: { file: own.key }, key: { file: own.key } } } }]",
            rule: "not-pem"),
        Mistake(
            listen: "[{ address: 127.0.0.1:1, tls: { certificates: { certificate: { file: gone }, key: { file: own.key } } } }]",
            rule: "unreadable"),
        Mistake(
            listen: "[{ address: 127.0.0.1:1, tls: { certificates: { certificate: own.pem, key: own.key } } }]", rule: "literal-secret"),
        Mistake(listen: "[{ address: 127.0.0.1:1, tls: { certificates: \(pair), minimum: \"1.1\" } }]", rule: "unknown-value"),
        Mistake(listen: "[{ address: 127.0.0.1:1, tls: { certificates: \(pair), clients: sometimes } }]", rule: "unknown-value"),
        Mistake(listen: "[{ address: 127.0.0.1:1, tls: { certificates: \(pair), clients: required } }]", rule: "missing-key"),
        Mistake(listen: "[{ address: 127.0.0.1:1, tls: { certificates: \(pair), client-ca: { file: own.pem } } }]", rule: "wrong-place"),
        Mistake(
            listen: "[{ address: 127.0.0.1:1, tls: { certificates: \(pair), clients: optional, client-ca: { file: own.key } } }]",
            rule: "not-pem"),
    ]

    @Test("a mistake is found, at its place", .enabled(if: PEMSamples.isThere, "the openssl command is not installed"), arguments: mistakes)
    func finds(_ mistake: Mistake) throws {
        let samples = try PEMSamples.shared.get()
        let files = ["own.pem": samples.certificate, "own.key": samples.key, "other.key": samples.otherKey]
        let (snapshot, problems) = compile(mistake.listen, files: files)
        #expect(snapshot == nil)
        let problem = try #require(problems.first { $0.rule == mistake.rule }, "\(problems)")
        #expect(problem.place?.line == 1)
    }

    @Test(
        "certificates are read, and another key makes another configuration",
        .enabled(if: PEMSamples.isThere, "the openssl command is not installed"))
    func reads() throws {
        let samples = try PEMSamples.shared.get()
        let files = ["own.pem": samples.certificate, "own.key": samples.key]
        let text =
            "[{ address: 127.0.0.1:1, tls: { certificates: \(Self.pair), minimum: \"1.3\", clients: required, client-ca: { file: own.pem } } }]"
        let (snapshot, problems) = compile(text, files: files)
        let listener = try #require(snapshot?.settings.listen.first, "\(problems)")
        let tls = try #require(listener.tls)
        #expect(tls.identities.map(\.certificate.bytes) == [samples.certificate])
        #expect(tls.minimum == .v13 && tls.clients == .required && tls.clientRoots?.bytes == samples.certificate)
        var renewed = listener
        renewed.tls?.identities[0].key = Material(origin: "file own.key", bytes: samples.otherKey)
        #expect(renewed != listener)
        #expect(!"\(listener)".contains("PRIVATE KEY"))
        // Away from where the files are, the file can be checked all the same.
        #expect(compile(text, missing: .warn).problems.allSatisfy { $0.severity == .warning })
    }
}
