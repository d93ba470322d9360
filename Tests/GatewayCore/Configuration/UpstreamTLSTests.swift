import Adapters
import Foundation
import GatewayCore
import Testing

/// Two keys and the certificate of one of them, made once by the openssl command.
struct PEMSamples {
    let certificate: [UInt8]
    let key: [UInt8]
    let otherKey: [UInt8]

    static let tool = "/usr/bin/openssl"
    static let isThere = FileManager.default.isExecutableFile(atPath: tool)
    static let shared = Result { try PEMSamples() }

    private init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tongban-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["own", "other"] {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: Self.tool)
            process.arguments = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=x"]
            process.arguments? += ["-keyout", "\(name).key", "-out", "\(name).pem"]
            process.currentDirectoryURL = folder
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
        }
        func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: folder.appendingPathComponent(name))) }
        certificate = try read("own.pem")
        key = try read("own.key")
        otherKey = try read("other.key")
    }
}

@Suite("TLS towards a department") struct UpstreamTLSTests {
    private func compile(
        _ tls: String, endpoint: String = "https://10.0.0.1", files: [String: [UInt8]] = [:], secrets: [String: String] = [:],
        missing: Compiler.MissingSecrets = .refuse
    ) -> (snapshot: Snapshot?, problems: [Problem]) {
        let text = """
            department: lab
            upstream:
              endpoints: [\(endpoint)]
              tls: \(tls)
            operations: {}
            routes: [{ id: all, match: { path: "/*" }, access: anyone }]
            """
        let sources = RouteSources(
            directory: "Routes", gateway: nil, consumers: nil, contract: .init(path: "openapi.yaml", bytes: Sources.contract),
            departments: [.init(path: "lab.yaml", bytes: Array(text.utf8))])
        let diagnostics = Diagnostics()
        let compiler = Compiler(
            diagnostics, buckets: BucketRegistry(), missingSecrets: missing,
            file: { path in files[path].map { .success($0) } ?? .failure(ReferenceFault("there is no such file")) },
            secret: { secrets[$0] })
        return (compiler.compile(sources, revision: 1), diagnostics.sorted)
    }

    @Test("is verified by the system's authorities, in version 1.2 or newer, unless the file says more")
    func defaults() throws {
        let tls = try #require(compile("{}").snapshot?.upstreams.first?.tls)
        #expect(tls == UpstreamTLS())
        #expect(tls.minimum == .v12 && tls.roots == nil && tls.unverifiedReason == nil && tls.waivers.isEmpty)
        #expect(compile("~", endpoint: "http://10.0.0.1").snapshot?.upstreams.first?.tls == nil)
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        let tls: String
        let rule: String
        let line: Int
        var endpoint = "https://10.0.0.1"
        var testDescription: String { tls }
    }

    static let mistakes = [
        Mistake(tls: "{ ca: /etc/ca.pem }", rule: "literal-secret", line: 4),
        Mistake(tls: "{ ca: { file: gone } }", rule: "unreadable", line: 4),
        Mistake(tls: "{ ca: { secret: GONE } }", rule: "missing-secret", line: 4),
        Mistake(tls: "{ ca: { file: noise } }", rule: "not-pem", line: 4),
        Mistake(tls: "{ ca: { flie: noise } }", rule: "unknown-key", line: 4),
        Mistake(tls: "{ certificate: { file: noise }, key: { file: noise } }", rule: "not-pem", line: 4),
        Mistake(tls: "{ key: { file: noise } }", rule: "missing-key", line: 4),
        Mistake(tls: "{ verify: false }", rule: "missing-reason", line: 4),
        Mistake(tls: "{ verify: { off: \"\" } }", rule: "missing-reason", line: 4),
        Mistake(tls: "{ minimum: \"1.1\" }", rule: "missing-reason", line: 4),
        Mistake(tls: "{ minimum: \"1.4\" }", rule: "unknown-value", line: 4),
        Mistake(tls: "{ name: \"a b\" }", rule: "bad-name", line: 4),
        Mistake(tls: "{ minimum: \"1.3\" }", rule: "wrong-place", line: 4, endpoint: "http://10.0.0.1"),
        Mistake(tls: "{}", rule: "mixed-schemes", line: 3, endpoint: "https://10.0.0.1, http://10.0.0.2"),
    ]

    @Test("is refused at load where a reference, a reason or a word is wrong", arguments: mistakes)
    func refused(_ mistake: Mistake) {
        let result = compile(mistake.tls, endpoint: mistake.endpoint, files: ["noise": Array("no PEM".utf8)])
        #expect(result.snapshot == nil)
        #expect(result.problems.contains { $0.rule == mistake.rule && $0.place?.line == mistake.line }, "\(result.problems)")
    }

    @Test("a key must belong to its certificate, and neither is ever shown", .enabled(if: PEMSamples.isThere))
    func keys() throws {
        let samples = try PEMSamples.shared.get()
        let tls = "{ certificate: { file: own.pem }, key: { secret: KEY } }"
        let good = compile(tls, files: ["own.pem": samples.certificate], secrets: ["KEY": String(decoding: samples.key, as: UTF8.self)])
        let settings = try #require(good.snapshot?.upstreams.first)
        #expect(settings.tls?.key?.bytes == samples.key)
        #expect(!"\(settings)".contains("PRIVATE"))
        let dumped = { () -> String in
            var text = ""
            dump(settings, to: &text)
            return text
        }()
        #expect(!dumped.contains("PRIVATE") && !dumped.contains(samples.key.map(String.init).prefix(8).joined(separator: ", ")))

        let other = compile(
            tls, files: ["own.pem": samples.certificate], secrets: ["KEY": String(decoding: samples.otherKey, as: UTF8.self)])
        #expect(other.problems.map(\.rule) == ["wrong-key"])
    }

    @Test("settings differ when the certificate behind a reference does", .enabled(if: PEMSamples.isThere))
    func identity() throws {
        let samples = try PEMSamples.shared.get()
        func settings(_ bytes: [UInt8]) throws -> UpstreamSettings {
            try #require(compile("{ ca: { file: ca.pem } }", files: ["ca.pem": bytes]).snapshot?.upstreams.first)
        }
        #expect(try settings(samples.certificate) == settings(samples.certificate))
        #expect(try settings(samples.certificate) != settings(samples.certificate + samples.certificate))
    }

    @Test("away from its files a configuration can be checked with warnings")
    func elsewhere() {
        let tls = "{ ca: { file: gone }, certificate: { file: gone }, key: { secret: GONE } }"
        let checked = compile(tls, missing: .warn)
        #expect(checked.snapshot != nil)
        #expect(checked.problems.count == 3 && checked.problems.allSatisfy { $0.severity == .warning })
    }
}
