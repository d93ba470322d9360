import Adapters
import Foundation
import Gateway
import GatewayCore
import Testing

extension Stories {
    /// Callers that are known by the certificate with which they open their connections.
    @Suite(
        "Certificates as credentials", .enabled(if: Certificates.areMade, "the openssl command is not installed (Debian package openssl)"))
    struct CallerCertificates {
        private static let listen = """
            [{ address: "127.0.0.1:0", tls: {
              certificates: { certificate: { file: FOLDER/tls/first.pem }, key: { file: FOLDER/tls/first.key } },
              clients: optional, client-ca: { file: FOLDER/tls/ca.pem } } }]
            """

        /// The portal is whoever has `CN=caller`; another caller's certificate is pinned by its key.
        private func play(_ story: (Stage) async throws -> Void) async throws {
            try await Stage.play(
                listen: Self.listen,
                edit: { file, text in
                    guard file == "consumers" else { return }
                    text = text.replacingOccurrences(
                        of: "    name: 省级网上政务服务平台\n",
                        with: "    name: 省级网上政务服务平台\n    certificates: [{ subject: CN=caller }]\n")
                },
                prepare: { folder in
                    let made = try Certificates(in: folder + "/tls")
                    try made.issue("first")
                    try made.issue("caller")
                    try made.issue("city")
                    try made.issue("unknown")
                    try FileManager.default.createDirectory(atPath: folder + "/strange", withIntermediateDirectories: true)
                    let strange = try Certificates(in: folder + "/strange")
                    try strange.issue("caller", by: "other")
                    let city = try #require(
                        CallerCertificate(pem: Array(try Data(contentsOf: URL(fileURLWithPath: made.path("city.pem"))))))
                    let path = folder + "/Routes/consumers.yaml"
                    let text = try String(contentsOfFile: path, encoding: .utf8).replacingOccurrences(
                        of: "    name: 大庆市政务服务平台\n",
                        with: "    name: 大庆市政务服务平台\n    certificates: [{ public-key: \"\(city.keyText)\" }]\n")
                    try text.write(toFile: path, atomically: true, encoding: .utf8)
                }, story)
        }

        private static let target = "/v1/cases/\(Office.fgw.knownCase)"

        private func call(_ stage: Stage, _ name: String?, key: String? = nil, folder: String = "tls") async throws -> String {
            let files = "\(stage.folder)/\(folder)/"
            let arguments = name.map { ["-cert", "\(files)\($0).pem", "-key", "\(files)\($0).key"] } ?? []
            let port = stage.port
            let request = Stage.request("GET", Self.target, key: key)
            return try await aside { try TLSCaller.call(port: port, request, arguments) }
        }

        @Test("a certificate is all that a caller needs, over HTTP/1.1 and HTTP/2, and the record names the consumer")
        func known() async throws {
            try await play { stage in
                #expect(try await call(stage, "caller").contains("HTTP/1.1 200 OK"))
                let tls = stage.folder + "/tls/"
                let caller = try await HTTP2Caller(port: stage.port, certificate: tls + "caller.pem", key: tls + "caller.key")
                for _ in 0..<3 { #expect(try await caller.get(Self.target, key: nil).status == "200") }
                let records = try await stage.records(4)
                #expect(records.map { $0["consumer"]?.string } == [String?](repeating: "portal", count: 4))
                #expect(Set(records.map { $0["httpVersion"]?.string }) == ["1.1", "2"])
            }
        }

        @Test("none, one that is nobody's, another authority's of the same name, and another consumer's key beside it are refused alike")
        func refused() async throws {
            try await play { stage in
                for (name, key) in [(nil, nil), ("unknown", nil), ("caller", Stage.daqingKey), ("city", Stage.portalKey)]
                    as [(String?, String?)]
                {
                    let said = try await call(stage, name, key: key)
                    #expect(said.contains("HTTP/1.1 401"), "\(said)")
                    #expect(said.contains("a valid credential is needed"), "\(said)")
                }
                let tls = stage.folder + "/tls/"
                let caller = try await HTTP2Caller(port: stage.port, certificate: tls + "unknown.pem", key: tls + "unknown.key")
                #expect(try await caller.get(Self.target, key: nil).status == "401")
                #expect(try await !call(stage, "caller", folder: "strange").contains("HTTP/1.1"))
                let reasons = try await stage.records(5).compactMap { $0["reason"]?.string }
                #expect(
                    reasons.sorted() == [
                        "missing", "several-credentials", "several-credentials", "unknown-certificate", "unknown-certificate",
                    ])
                // Nobody's certificate is no hindrance to a key.
                #expect(try await call(stage, "unknown", key: Stage.portalKey).contains("HTTP/1.1 200 OK"))
            }
        }

        @Test("a certificate that a reload takes away is nobody's on a connection that is open")
        func revoked() async throws {
            try await play { stage in
                let tls = stage.folder + "/tls/"
                let caller = try await HTTP2Caller(port: stage.port, certificate: tls + "caller.pem", key: tls + "caller.key")
                #expect(try await caller.get(Self.target, key: nil).status == "200")
                let path = stage.folder + "/Routes/consumers.yaml"
                let text = try String(contentsOfFile: path, encoding: .utf8)
                try text.replacingOccurrences(of: "subject: CN=caller", with: "subject: CN=successor").write(
                    toFile: path, atomically: true, encoding: .utf8)
                guard case .applied = await stage.gateway.reload(by: "story") else { return #expect(Bool(false), "not applied") }
                #expect(try await caller.get(Self.target, key: nil).status == "401")
            }
        }
    }
}
