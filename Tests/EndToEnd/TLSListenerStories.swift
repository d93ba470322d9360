import Adapters
import Foundation
import Gateway
import Testing

extension Stories {
    /// The portal calls by TLS, with certificates made for the story.
    @Suite("TLS towards callers", .enabled(if: Certificates.areMade, "the openssl command is not installed (Debian package openssl)"))
    struct TLSListener {
        private static func certificates(_ folder: String) throws {
            let made = try Certificates(in: folder + "/tls")
            try made.issue("first", names: "DNS:portal.example,IP:127.0.0.1")
            try made.issue("second", names: "DNS:*.city.example")
            try made.issue("caller")
            try made.issue("stranger", by: "other")
        }

        private static let two = """
            [{ address: "127.0.0.1:0", tls: { certificates: [
              { certificate: { file: FOLDER/tls/first.pem }, key: { file: FOLDER/tls/first.key } },
              { certificate: { file: FOLDER/tls/second.pem }, key: { file: FOLDER/tls/second.key } } ] } }]
            """

        private static func asking(_ word: String) -> String {
            """
            [{ address: "127.0.0.1:0", tls: {
              certificates: { certificate: { file: FOLDER/tls/first.pem }, key: { file: FOLDER/tls/first.key } },
              clients: \(word), client-ca: { file: FOLDER/tls/ca.pem } } }]
            """
        }

        private func call(_ stage: Stage, _ request: String, _ arguments: [String] = []) async throws -> String {
            let port = stage.port
            return try await aside { try TLSCaller.call(port: port, request, arguments) }
        }

        private let notice = Stage.request("GET", "/open/notice", key: nil)

        @Test("a call by TLS is served, and the department hears that it was https")
        func serves() async throws {
            try await Stage.play(listen: Self.two, prepare: Self.certificates) { stage in
                let trust = ["-CAfile", stage.folder + "/tls/ca.pem", "-verify_return_error", "-servername", "portal.example"]
                let case1 = Stage.request("GET", "/v1/cases/\(Office.fgw.knownCase)")
                for versions in [["-tls1_2"], ["-tls1_3"]] {
                    let said = try await call(stage, case1, trust + versions)
                    #expect(said.contains("HTTP/1.1 200 OK"), "\(said)")
                    #expect(said.contains("Strict-Transport-Security: max-age="), "\(said)")
                    #expect(said.contains("Verify return code: 0 (ok)"), "\(said)")
                }
                let echoed = try await call(stage, Stage.request("GET", "/open/echo", key: nil), trust)
                #expect(echoed.lowercased().contains("x-forwarded-proto"), "\(echoed)")
                let agreed = try await call(stage, notice, trust + ["-alpn", "http/1.1"])
                #expect(agreed.contains("ALPN protocol: http/1.1"), "\(agreed)")
            }
        }

        @Test("each name is shown its own certificate, and every other name the first")
        func names() async throws {
            try await Stage.play(listen: Self.two, prepare: Self.certificates) { stage in
                for (name, subject) in [
                    ("portal.example", "CN = first"), ("harbin.city.example", "CN = second"), ("HARBIN.city.example", "CN = second"),
                    ("a.harbin.city.example", "CN = first"), ("elsewhere.example", "CN = first"),
                ] {
                    let said = try await call(stage, notice, ["-servername", name])
                    #expect(said.contains("subject=\(subject)"), "\(name): \(said)")
                    #expect(said.contains("HTTP/1.1 200 OK"), "\(name): \(said)")
                }
                #expect(try await call(stage, notice, ["-noservername"]).contains("subject=CN = first"))
            }
        }

        @Test("old versions, old ciphers and plain HTTP get nowhere")
        func refuses() async throws {
            try await Stage.play(listen: Self.two, prepare: Self.certificates) { stage in
                for arguments in [
                    ["-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0"], ["-tls1", "-cipher", "DEFAULT:@SECLEVEL=0"],
                    ["-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"], ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"],
                ] {
                    let said = try await call(stage, notice, arguments)
                    #expect(!said.contains("HTTP/1.1"), "\(arguments): \(said)")
                }
                let port = stage.port
                let plain = try await aside { () throws -> Bool in
                    let connection = try RawConnection(port: port)
                    try connection.send(Stage.request("GET", "/healthz", key: nil))
                    return (try? connection.reply(to: "GET", within: 5))?.status == nil
                }
                #expect(plain)
                #expect(try await call(stage, notice).contains("HTTP/1.1 200 OK"))
            }
        }

        @Test("a handshake that does not go on is ended", .timeLimit(.minutes(1)))
        func hangs() async throws {
            let edit: (String, inout String) -> Void = { name, text in
                if name == "gateway" { text = text.replacingOccurrences(of: "head: 10s", with: "head: 300ms") }
            }
            try await Stage.play(listen: Self.two, edit: edit, prepare: Self.certificates) { stage in
                let port = stage.port
                let isEnded = try await aside { () throws -> Bool in
                    let connection = try RawConnection(port: port)
                    try connection.send([0x16, 0x03, 0x01])
                    return connection.isEnded(within: 10)
                }
                #expect(isEnded)
            }
        }

        @Test("a renewed certificate is shown after a reload, and open connections go on")
        func renews() async throws {
            try await Stage.play(listen: Self.two, prepare: Self.certificates) { stage in
                let port = stage.port
                let open = try TLSCaller(port: port, ["-servername", "portal.example", "-quiet"])
                try open.send(notice)
                let first = open.read(to: "HTTP/1.1 200 OK")
                #expect(first.contains("HTTP/1.1 200 OK"))
                let made = Certificates(existing: stage.folder + "/tls")
                try made.issue("renewed", names: "DNS:portal.example")
                for kind in ["pem", "key"] {
                    try FileManager.default.removeItem(atPath: made.path("first." + kind))
                    try FileManager.default.copyItem(atPath: made.path("renewed." + kind), toPath: made.path("first." + kind))
                }
                guard case .applied = await stage.gateway.reload(by: "story") else { return #expect(Bool(false), "not applied") }
                #expect(stage.port == port)
                #expect(try await call(stage, notice, ["-servername", "portal.example"]).contains("subject=CN = renewed"))
                try open.send(notice.replacingOccurrences(of: "\r\n\r\n", with: "\r\nConnection: close\r\n\r\n"))
                let second = open.finish()
                #expect(second.contains("HTTP/1.1 200 OK"))

                // A certificate that cannot be used changes nothing.
                try "nothing".write(toFile: made.path("first.pem"), atomically: true, encoding: .utf8)
                guard case .refused(let problems) = await stage.gateway.reload(by: "story") else {
                    return #expect(Bool(false), "not refused")
                }
                #expect(problems.contains { $0.rule == "not-pem" })
                #expect(try await call(stage, notice, ["-servername", "portal.example"]).contains("subject=CN = renewed"))
            }
        }

        @Test("callers that must show a certificate show one of the right authority")
        func clients() async throws {
            try await Stage.play(listen: Self.asking("required"), prepare: Self.certificates) { stage in
                let tls = stage.folder + "/tls/"
                let own = ["-cert", tls + "caller.pem", "-key", tls + "caller.key"]
                #expect(try await call(stage, notice, own).contains("HTTP/1.1 200 OK"))
                for version in ["-tls1_2", "-tls1_3"] {
                    #expect(try await !call(stage, notice, [version]).contains("HTTP/1.1 200"))
                    let stranger = try await call(stage, notice, [version, "-cert", tls + "stranger.pem", "-key", tls + "stranger.key"])
                    #expect(!stranger.contains("HTTP/1.1 200"))
                }
            }
            try await Stage.play(listen: Self.asking("optional"), prepare: Self.certificates) { stage in
                let tls = stage.folder + "/tls/"
                #expect(try await call(stage, notice).contains("HTTP/1.1 200 OK"))
                let own = ["-cert", tls + "caller.pem", "-key", tls + "caller.key"]
                #expect(try await call(stage, notice, own).contains("HTTP/1.1 200 OK"))
                let stranger = try await call(stage, notice, ["-cert", tls + "stranger.pem", "-key", tls + "stranger.key"])
                #expect(!stranger.contains("HTTP/1.1 200"))
            }
        }
    }
}
