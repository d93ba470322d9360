import Adapters
import Foundation
import Gateway
import GatewayCore
import Glibc
import MockDepartments
import Testing

extension Stories {
    /// A front machine: files put into one directory, answers picked up from another. The servers are real.
    @Suite("A front machine's mailbox")
    struct Mailbox {
        static let item = "11230000MB1A00095K2000125005000"
        static let number = item + "202611240001"
        static let ftp: Comment = "no FTP server here (Debian packages python3-pyftpdlib and python3-openssl)"

        /// Plays with the example department of the documentation, its mailbox in a folder of the stage's.
        private func play(
            _ endpoint: (String) async throws -> (server: MailboxServer, upstream: String), edit: (inout String) -> Void = { _ in },
            _ story: (Stage, _ box: String) async throws -> Void
        ) async throws {
            try await Stage.play { stage in
                let box = stage.folder + "/box"
                for name in ["in", "out", "done"] {
                    try FileManager.default.createDirectory(atPath: "\(box)/\(name)", withIntermediateDirectories: true)
                }
                let (server, upstream) = try await endpoint(box)
                defer { server.stop() }
                try "front".write(toFile: stage.folder + "/secrets/QZJ_USER", atomically: true, encoding: .utf8)
                try "demoFront1".write(toFile: stage.folder + "/secrets/QZJ_PASSWORD", atomically: true, encoding: .utf8)
                var text = try String(contentsOfFile: Stage.project + "/docs/examples/front-machine.yaml", encoding: .utf8)
                text = text.replacingOccurrences(of: "  endpoints: [ftp://10.0.0.9]\n", with: upstream)
                edit(&text)
                try text.write(toFile: stage.folder + "/Routes/departments/qzj.yaml", atomically: true, encoding: .utf8)
                let result = await stage.gateway.reload(by: "story")
                guard case .applied = result else {
                    Issue.record("\(result)")
                    return
                }
                try await story(stage, box)
            }
        }

        private func plainFTP(_ box: String) throws -> (server: MailboxServer, upstream: String) {
            let server = try MailboxServer.ftp(box)
            return (server, "  endpoints: [ftp://127.0.0.1:\(server.port)]\n")
        }

        /// Certificates beside the box: `both.pem` is the server's with its key.
        private func serverCertificate(_ box: String) throws -> Certificates {
            let made = try Certificates(in: box + ".tls")
            try made.issue("server")
            let pem = try ["server.key", "server.pem"].map { try String(contentsOfFile: made.path($0), encoding: .utf8) }.joined()
            try pem.write(toFile: made.path("both.pem"), atomically: true, encoding: .utf8)
            return made
        }

        private func submit(_ stage: Stage, _ fields: [String: Value] = [:]) async throws -> RawReply {
            var fields = fields
            fields["caseNo"] = .string(Self.number)
            return try await stage.submit(Self.item, fields)
        }

        /// The department: waits for a file under its final name, and answers it.
        private func department(_ box: String, answer: String) -> Task<String?, Never> {
            let (file, out) = ("\(box)/in/\(Self.number).xml", "\(box)/out/\(Self.number).xml")
            return Task.detached {
                for _ in 0..<200 {
                    if let bytes = try? Data(contentsOf: URL(fileURLWithPath: file)), let text = try? Charset.gb18030.decode(Array(bytes)) {
                        try? Data((try? Charset.gb18030.encode(answer)) ?? []).write(to: URL(fileURLWithPath: out + ".tmp"))
                        rename(out + ".tmp", out)
                        return text
                    }
                    try? await Task.sleep(for: .milliseconds(20))
                }
                return nil
            }
        }

        static let accepted =
            #"<?xml version="1.0" encoding="GBK"?><RESULT><STATUS>1</STATUS><YWLSH>QZJ-0007</YWLSH><BJZT>02</BJZT></RESULT>"#

        private func handsIn(_ stage: Stage, _ box: String) async throws {
            let department = department(box, answer: Self.accepted)
            let opened = try await submit(stage)
            #expect(opened.status == 201, "\(opened.text)")
            #expect(opened.json["deptCaseNo"]?.string == "QZJ-0007")
            #expect(opened.json["status"]?.string == "accepted")
            let sent = try #require(await department.value)
            #expect(sent.hasPrefix(#"<?xml version="1.0" encoding="GBK"?>"#))
            #expect(sent.contains("<SBLSH>\(Self.number)</SBLSH>"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: box + "/in") == ["\(Self.number).xml"])
            let found = try await stage.call("GET", "/v1/cases/\(Self.number)")
            #expect(found.json["status"]?.string == "accepted", "\(found.text)")
        }

        static let otherKey = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"

        /// A file that the department has not taken yet is not replaced by a second one of its name, and none is left half-way.
        private func isKept(_ stage: Stage, _ box: String) async throws {
            let file = URL(fileURLWithPath: "\(box)/in/\(Self.number).xml")
            let before = try Data(contentsOf: file)
            let again = try await submit(stage, ["summary": "another"])
            #expect(again.status == 409 && again.code == "DUPLICATE", "\(again.text)")
            #expect(try Data(contentsOf: file) == before)
            try Data().write(to: file)
            #expect(try await submit(stage).code == "DUPLICATE")
            #expect(try FileManager.default.contentsOfDirectory(atPath: box + "/in") == ["\(Self.number).xml"])
        }

        @Test(
            "a case is a file that is never seen half-written, and its answer comes back in the same call",
            .enabled(if: MailboxServer.hasFTP, ftp))
        func overFTP() async throws {
            try await play(plainFTP) { stage, box in
                try await handsIn(stage, box)
                try await isKept(stage, box)
                #expect(FileManager.default.fileExists(atPath: "\(box)/out/\(Self.number).xml"))
                #expect(try await !stage.records(1).isEmpty)
                #expect(!stage.log.contains("demoFront1"))
            }
        }

        @Test("a server that knows no SIZE says nothing of what is there, and gets its files", .enabled(if: MailboxServer.hasFTP, ftp))
        func overOldFTP() async throws {
            try await play({ box in
                let server = try MailboxServer.ftp(box, isOld: true)
                return (server, "  endpoints: [ftp://127.0.0.1:\(server.port)]\n")
            }) { stage, box in try await handsIn(stage, box) }
        }

        @Test(
            "over FTP with TLS a certificate that nobody vouches for is refused before anything is sent",
            .enabled(if: MailboxServer.hasFTP && Certificates.areMade, ftp))
        func overFTPS() async throws {
            try await play({ box in
                let made = try serverCertificate(box)
                let server = try MailboxServer.ftp(box, certificate: made.path("both.pem"))
                return (server, "  endpoints: [ftp://127.0.0.1:\(server.port)]\n  tls: { ca: { file: \(made.path("other.pem")) } }\n")
            }) { stage, box in
                let refused = try await submit(stage)
                #expect(refused.code == "UPSTREAM_UNAVAILABLE", "\(refused.text)")
                #expect(refused.json["detail"]?.string?.contains("not trusted") == true, "\(refused.text)")
                #expect(try FileManager.default.contentsOfDirectory(atPath: box + "/in").isEmpty)
            }
        }

        @Test(
            "over FTP with TLS the files go both ways",
            .enabled(if: MailboxServer.hasFTPS && Certificates.areMade, "no FTP server with TLS here, or not root (Debian package vsftpd)"))
        func wholeOverFTPS() async throws {
            try await play({ box in
                let made = try serverCertificate(box)
                let server = try await MailboxServer.ftps(box, certificate: made.path("both.pem"))
                return (server, "  endpoints: [ftp://127.0.0.1:\(server.port)]\n  tls: { ca: { file: \(made.path("ca.pem")) } }\n")
            }) { stage, box in
                try "anonymous".write(toFile: stage.folder + "/secrets/QZJ_USER", atomically: true, encoding: .utf8)
                guard case .applied = await stage.gateway.reload(by: "story") else {
                    Issue.record("not applied")
                    return
                }
                try await handsIn(stage, box)
            }
        }

        @Test(
            "the same over SFTP, whose host key is compared",
            .enabled(if: MailboxServer.hasSSH, "no SSH server here, or not root (Debian package openssh-server)"), arguments: [true, false])
        func overSFTP(_ isRight: Bool) async throws {
            var key = ""
            try await play({ box in
                let made = try await MailboxServer.ssh(box)
                key = made.key
                let shown = isRight ? made.fingerprint : Self.otherKey
                return (made.server, "  endpoints: [sftp://127.0.0.1:\(made.server.port)]\n  ssh: { host-key: \"\(shown)\" }\n")
            }) { stage, box in
                try stage.change("departments/qzj") { text in
                    text = text.replacingOccurrences(of: "password: { secret: QZJ_PASSWORD }", with: "key: { file: \(key) }")
                    for name in ["in", "out"] {
                        text = text.replacingOccurrences(of: "directory: \(name)", with: "directory: \(box)/\(name)")
                    }
                }
                try NSUserName().write(toFile: stage.folder + "/secrets/QZJ_USER", atomically: true, encoding: .utf8)
                guard case .applied = await stage.gateway.reload(by: "story") else {
                    Issue.record("not applied")
                    return
                }
                if isRight {
                    try await handsIn(stage, box)
                    try await isKept(stage, box)
                    // A connection is open still; the pin of the new configuration holds for it too.
                    try stage.change("departments/qzj") { $0 = $0.replacing(/SHA256:[^"]*/, with: Self.otherKey) }
                    try await stage.reload()
                    let refused = try await stage.call("GET", "/v1/cases/\(Self.number)")
                    #expect(refused.json["detail"]?.string?.contains("another host key") == true, "\(refused.text)")
                    return
                }
                let refused = try await submit(stage)
                #expect(refused.code == "UPSTREAM_UNAVAILABLE", "\(refused.text)")
                #expect(refused.json["detail"]?.string?.contains("another host key") == true, "\(refused.text)")
            }
        }

        @Test(
            "no answer in time leaves the case where it is, submitted; a later look finds the answer",
            .enabled(if: MailboxServer.hasFTP, ftp))
        func later() async throws {
            try await play(plainFTP, edit: { $0 = $0.replacingOccurrences(of: "within: 20s", with: "within: 300ms") }) { stage, box in
                let opened = try await submit(stage)
                #expect(opened.status == 201, "\(opened.text)")
                #expect(opened.json["status"]?.string == "submitted")
                #expect(try await stage.call("GET", "/v1/cases/\(Self.number)").json["status"]?.string == "submitted")
                _ = await department(box, answer: Self.accepted).value
                #expect(try await stage.call("GET", "/v1/cases/\(Self.number)").json["status"]?.string == "accepted")
            }
        }

        @Test(
            "where an answer is needed, none in time is a timeout that says what became of the file",
            .enabled(if: MailboxServer.hasFTP, ftp))
        func tooLate() async throws {
            try await play(
                plainFTP,
                edit: { text in
                    text = text.replacingOccurrences(of: "within: 20s", with: "within: 300ms")
                    text = text.replacingOccurrences(
                        of: "success: \"$.http.status == 202 || $.RESULT.STATUS == '1'\"", with: "success: \"$.RESULT.STATUS == '1'\"")
                }
            ) { stage, box in
                let opened = try await submit(stage)
                #expect(opened.status == 504, "\(opened.text)")
                #expect(opened.code == "UPSTREAM_TIMEOUT")
                #expect(opened.json["detail"]?.string?.contains("handed in") == true)
                #expect(try FileManager.default.contentsOfDirectory(atPath: box + "/in").count == 1)
            }
        }

        @Test("only an answer that was understood leaves its place", .enabled(if: MailboxServer.hasFTP, ftp))
        func kept() async throws {
            try await play(plainFTP, edit: { $0 = $0.replacingOccurrences(of: "within: 20s", with: "within: 20s, then: move, to: done") }) {
                stage, box in
                let broken = department(box, answer: "<RESULT><STATUS>1</STA")
                let failed = try await submit(stage)
                #expect(failed.code == "UPSTREAM_BAD_REPLY", "\(failed.text)")
                _ = await broken.value
                try await Task.sleep(for: .milliseconds(200))
                #expect(FileManager.default.fileExists(atPath: "\(box)/out/\(Self.number).xml"))
                let good = department(box, answer: Self.accepted)
                _ = await good.value
                try FileManager.default.removeItem(atPath: "\(box)/in/\(Self.number).xml")
                #expect(try await submit(stage).status == 201)
                for _ in 0..<50 where FileManager.default.fileExists(atPath: "\(box)/out/\(Self.number).xml") {
                    try await Task.sleep(for: .milliseconds(50))
                }
                #expect(FileManager.default.fileExists(atPath: "\(box)/done/\(Self.number).xml"))
            }
        }

        @Test("no value leaves its directory, and what the server refuses is told apart", .enabled(if: MailboxServer.hasFTP, ftp))
        func refused() async throws {
            try await play(
                plainFTP,
                edit: { text in
                    // The case's own query knows no summary.
                    text = text.replacingOccurrences(
                        of: "answer: { directory: out, name: *name }", with: "answer: { directory: out, name: $.caseNo }")
                    text = text.replacingOccurrences(of: "name: &name { concat: [$.caseNo,", with: "name: &name { concat: [$.summary,")
                }
            ) { stage, box in
                for name in ["../x", "a/b", "a\r\nDELE b", ".hidden", "a b"] {
                    let reply = try await submit(stage, ["summary": .string(name)])
                    #expect(reply.status == 422, "\(name): \(reply.text)")
                }
                #expect(try FileManager.default.contentsOfDirectory(atPath: box + "/in").isEmpty)
                try FileManager.default.removeItem(atPath: box + "/in")
                let gone = try await submit(stage, ["summary": "x"])
                #expect(gone.code == "UPSTREAM_UNAVAILABLE", "\(gone.text)")
                try "wrong".write(toFile: stage.folder + "/secrets/QZJ_PASSWORD", atomically: true, encoding: .utf8)
                _ = await stage.gateway.reload(by: "story")
                let denied = try await submit(stage, ["summary": "x"])
                #expect(denied.code == "UPSTREAM_CREDENTIAL", "\(denied.text)")
            }
        }
    }
}
