import Adapters
import Foundation
import Gateway
import GatewayCore
import MockDepartments
import Testing

extension Stories {
    /// What only libcurl can do: Digest, NTLM, proxies. The department is a script.
    @Suite("Departments reached through libcurl")
    struct Curl {
        static let item = "91230100MA1B2C3D8M2000125005000"
        static let number = item + "202611020001"
        static let answer = #"{"no":"\#(number)","state":"1"}"#

        /// A department whose only file is this one.
        static func file(_ upstream: String) -> String {
            """
            department: lab
            authority: 91230100MA1B2C3D8M
            upstream:
              \(upstream.replacingOccurrences(of: "\n", with: "\n  "))
            operations:
              cases.get:
                rest: { method: GET, path: "/cases/{no}" }
                path: { no: $.caseNo }
                query: { q: { const: "a b" } }
                reply: { success: http, fields: &case { caseNo: { call: $.caseNo }, status: { const: accepted } } }
              cases.submit:
                rest: { path: /cases }
                request: { no: $.caseNo, name: $.applicant.name }
                reply: { success: http, fields: *case }
            """
        }

        /// Plays with a department `lab` and secrets of its own.
        static func play(_ upstream: String, _ secrets: [String: String] = [:], _ story: (Stage) async throws -> Void) async throws {
            try await Stage.play { stage in
                for (name, value) in secrets {
                    try value.write(toFile: "\(stage.folder)/secrets/\(name)", atomically: true, encoding: .utf8)
                }
                try file(upstream).write(toFile: "\(stage.folder)/Routes/departments/lab.yaml", atomically: true, encoding: .utf8)
                let result = await stage.gateway.reload(by: "story")
                guard case .applied = result else {
                    Issue.record("\(result)")
                    return
                }
                try await story(stage)
            }
        }

        static func ok(_ body: String = answer, _ fields: String = "") -> String {
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }

        @Test("Digest is answered, for reads and for writes, whose body is sent once", arguments: [DigestAlgorithm.md5, .sha256])
        func digest(_ algorithm: DigestAlgorithm) async throws {
            let server = try ScriptedServer { request in
                guard let given = request.field("Authorization") else {
                    let name = algorithm == .md5 ? "MD5" : "SHA-256"
                    return
                        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"lab\", qop=\"auth\", algorithm=\(name), nonce=\"n0nce\"\r\n"
                        + "Content-Length: 0\r\n\r\n"
                }
                return DigestAnswer(given).isRight(algorithm, request, user: "tongban", password: "demoDigest1")
                    ? Self.ok() : "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"
            }
            defer { server.stop() }
            let upstream =
                "endpoints: [http://127.0.0.1:\(server.port)]\nauth: { digest: { user: { secret: LAB_USER }, password: { secret: LAB_PASSWORD } } }"
            try await Self.play(upstream, ["LAB_USER": "tongban", "LAB_PASSWORD": "demoDigest1"]) { stage in
                let found = try await stage.call("GET", "/v1/cases/\(Self.number)")
                #expect(found.status == 200, "\(found.text)")
                #expect(found.json["status"]?.string == "accepted")
                let opened = try await stage.submit(Self.item)
                #expect(opened.status == 201, "\(opened.text)")
                let writes = server.requests.filter { $0.line.hasPrefix("POST") }
                #expect(writes.filter { !$0.body.isEmpty }.count == 1)
                let body = writes.last.map { String(decoding: $0.body, as: UTF8.self) } ?? ""
                #expect(body.contains("𠮷野㐂䶮"))
                let read = try #require(server.requests.first)
                #expect(read.line == "GET /cases/\(Self.number)?q=a%20b HTTP/1.1")
                #expect(read.field("Host") == "127.0.0.1:\(server.port)")
                #expect(read.field("traceparent")?.count == 55)
                #expect(read.field("Accept") == nil)
                #expect(try await !stage.records(1).isEmpty)
                #expect(!stage.log.contains("demoDigest1"))
            }
        }

        @Test("a password that the department refuses is the gateway's credential at fault")
        func wrongPassword() async throws {
            let server = try ScriptedServer { _ in
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"lab\", qop=\"auth\", nonce=\"x\"\r\nContent-Length: 0\r\n\r\n"
            }
            defer { server.stop() }
            let upstream =
                "endpoints: [http://127.0.0.1:\(server.port)]\nauth: { digest: { user: { secret: LAB_USER }, password: { secret: LAB_PASSWORD } } }"
            try await Self.play(upstream, ["LAB_USER": "tongban", "LAB_PASSWORD": "wrong"]) { stage in
                let reply = try await stage.call("GET", "/v1/cases/\(Self.number)")
                #expect(reply.status == 502)
                #expect(reply.code == "UPSTREAM_CREDENTIAL")
            }
        }

        @Test("NTLM's three messages go over one connection")
        func ntlm() async throws {
            let server = try ScriptedServer { request in
                let given = request.field("Authorization")?.split(separator: " ").last.map(String.init) ?? ""
                guard let message = try? Base64Codec.decode(given), message.count > 12 else {
                    return "HTTP/1.1 401 No\r\nWWW-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n"
                }
                if message[8] == 1 {
                    return "HTTP/1.1 401 No\r\nWWW-Authenticate: NTLM \(NTLMChallenge.text)\r\nContent-Length: 0\r\n\r\n"
                }
                let text = String(decoding: message.filter { $0 != 0 }, as: UTF8.self)
                return message[8] == 3 && text.contains("tongban") && text.contains("GOV")
                    ? Self.ok() : "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"
            }
            defer { server.stop() }
            let upstream =
                "endpoints: [http://127.0.0.1:\(server.port)]\nauth: { ntlm: { user: { secret: LAB_USER }, password: { secret: LAB_PASSWORD } } }"
            try await Self.play(upstream, ["LAB_USER": #"GOV\tongban"#, "LAB_PASSWORD": "demoNtlm1"]) { stage in
                let opened = try await stage.submit(Self.item)
                #expect(opened.status == 201, "\(opened.text)")
                #expect(Set(server.requests.map(\.connection)) == [1])
                #expect(server.requests.filter { !$0.body.isEmpty }.count == 1)
            }
        }

        @Test("a proxy is asked for the department, with its own password")
        func proxy() async throws {
            let server = try ScriptedServer { request in
                request.field("Proxy-Authorization") == nil
                    ? "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"p\"\r\nContent-Length: 0\r\n\r\n" : Self.ok()
            }
            defer { server.stop() }
            let upstream = """
                endpoints: [http://10.255.255.1:8080]
                proxy: { url: "http://127.0.0.1:\(server.port)", user: { secret: LAB_USER }, password: { secret: LAB_PASSWORD } }
                """
            try await Self.play(upstream, ["LAB_USER": "tongban", "LAB_PASSWORD": "demoProxy1"]) { stage in
                let reply = try await stage.call("GET", "/v1/cases/\(Self.number)")
                #expect(reply.status == 200, "\(reply.text)")
                #expect(server.requests.last?.line.hasPrefix("GET http://10.255.255.1:8080/cases/") == true)
                #expect(
                    server.requests.last?.field("Proxy-Authorization") == "Basic " + Base64Codec.encode(Array("tongban:demoProxy1".utf8)))
            }
        }

        @Test("Basic needs no libcurl, and stands in every mapped request")
        func basic() async throws {
            let server = try ScriptedServer { _ in Self.ok() }
            defer { server.stop() }
            let upstream =
                "endpoints: [http://127.0.0.1:\(server.port)]\nauth: { basic: { user: { secret: LAB_USER }, password: { secret: LAB_PASSWORD } } }"
            try await Self.play(upstream, ["LAB_USER": "tongban", "LAB_PASSWORD": "demo:Basic1"]) { stage in
                #expect(stage.gateway.snapshot.upstreams.contains { $0.id == "lab" && $0.transport == .loop })
                let found = try await stage.call("GET", "/v1/cases/\(Self.number)")
                #expect(found.status == 200)
                let given = server.requests.last?.field("Authorization")
                #expect(given == "Basic " + Base64Codec.encode(Array("tongban:demo:Basic1".utf8)))
            }
        }

        @Test("what goes wrong has the same name on both transports", arguments: ["loop", "curl"])
        func faults(_ transport: String) async throws {
            let mode = ModeBox()
            let server = try ScriptedServer { request in
                switch mode.value {
                case "cut": return "HTTP/1.1 200 OK\r\nContent-Length: 900\r\nConnection: close\r\n\r\n{\"no\":"
                case "close": return nil
                case "huge": return Self.ok(String(repeating: " ", count: 70_000))
                case "noise": return "SSH-2.0-OpenSSH_9.2\r\nConnection: close\r\n\r\n"
                case "redirect": return "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
                case "slow":
                    Thread.sleep(forTimeInterval: 3)
                    return Self.ok()
                case "fields": return Self.ok(Self.answer, (0..<200).map { "X-\($0): y\r\n" }.joined())
                default: return Self.ok()
                }
            }
            defer { server.stop() }
            let upstream = """
                endpoints: [http://127.0.0.1:\(server.port)]
                transport: \(transport)
                timeout: { connect: 1s, first-byte: 1s, total: 4s }
                limits: { body: 64KiB }
                """
            try await Self.play(upstream) { stage in
                let expected = [
                    ("cut", "UPSTREAM_BAD_REPLY"), ("close", "UPSTREAM_UNAVAILABLE"), ("huge", "UPSTREAM_BAD_REPLY"),
                    ("noise", "UPSTREAM_BAD_REPLY"),
                    ("redirect", "UPSTREAM_BAD_REPLY"), ("slow", "UPSTREAM_TIMEOUT"), ("fields", "UPSTREAM_BAD_REPLY"),
                ]
                for (word, code) in expected {
                    mode.value = word
                    let reply = try await stage.call("GET", "/v1/cases/\(Self.number)")
                    #expect(reply.code == code, "\(word): \(reply.text)")
                    mode.value = ""
                    #expect(try await stage.call("GET", "/v1/cases/\(Self.number)").status == 200, "after \(word)")
                }
                // A write that met a closed connection is not sent again.
                mode.value = "close"
                let before = server.requests.count
                let opened = try await stage.submit(Self.item)
                #expect(opened.code == "UPSTREAM_BAD_REPLY", "\(opened.text)")
                #expect(opened.json["detail"]?.string?.contains("not known") == true)
                #expect(server.requests.count - before == 1)
                server.stop()
                try await Task.sleep(for: .milliseconds(100))
                #expect(try await stage.call("GET", "/v1/cases/\(Self.number)").code == "UPSTREAM_UNAVAILABLE")
            }
        }

        @Test("a client that goes away takes its transfer with it, and a stop does not wait")
        func cancelled() async throws {
            let server = try ScriptedServer { _ in
                Thread.sleep(forTimeInterval: 2)
                return Self.ok()
            }
            defer { server.stop() }
            try await Self.play("endpoints: [http://127.0.0.1:\(server.port)]\ntransport: curl\nlimits: { connections: 1 }") { stage in
                let port = stage.port
                try await aside {
                    let connection = try RawConnection(port: port)
                    try connection.send(Stage.request("GET", "/v1/cases/\(Self.number)"))
                    Thread.sleep(forTimeInterval: 0.3)
                    connection.close()
                }
                // The only connection is free again at once.
                try await Task.sleep(for: .milliseconds(200))
                let begun = ContinuousClock.now
                _ = try await stage.call("GET", "/v1/cases/\(Self.number)")
                #expect(ContinuousClock.now - begun < .seconds(5))
                #expect(server.requests.count == 2)
            }
        }
    }
}

/// A word that a story changes while its server runs.
private final class ModeBox: @unchecked Sendable {
    private let lock = NSLock()
    private var word = ""
    var value: String {
        get { lock.withLock { word } }
        set { lock.withLock { word = newValue } }
    }
}

/// The parts of an answer to a Digest challenge.
private struct DigestAnswer {
    private var parts: [String: String] = [:]

    init(_ text: String) {
        for match in text.matches(of: /([a-z]+)=("([^"]*)"|[^, ]+)/) { parts[String(match.1)] = String(match.3 ?? match.2) }
    }

    /// Whether the response is the one of RFC 7616 §3.4.1 for the password.
    func isRight(_ algorithm: DigestAlgorithm, _ request: ScriptedServer.Request, user: String, password: String) -> Bool {
        func hash(_ text: String) -> String {
            Digest.compute(algorithm, Array(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        let words = request.line.split(separator: " ")
        guard parts["username"] == user, parts["nonce"] == "n0nce", let uri = parts["uri"], words.count == 3, uri == words[1] else {
            return false
        }
        let secret = hash("\(user):lab:\(password)")
        let asked = hash("\(words[0]):\(uri)")
        return parts["response"] == hash("\(secret):n0nce:\(parts["nc"] ?? ""):\(parts["cnonce"] ?? ""):auth:\(asked)")
    }
}

/// NTLM's second message ([MS-NLMP] 2.2.1.2), made by hand: Unicode, target information of one domain.
private enum NTLMChallenge {
    static let text: String = {
        let domain = Array("GOV".utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let information: [UInt8] = [2, 0, UInt8(domain.count), 0] + domain + [0, 0, 0, 0]
        func field(_ bytes: [UInt8], at offset: UInt8) -> [UInt8] { [UInt8(bytes.count), 0, UInt8(bytes.count), 0, offset, 0, 0, 0] }
        var message = Array("NTLMSSP".utf8) + [0, 2, 0, 0, 0]
        message += field(domain, at: 48) + [0x05, 0x82, 0x81, 0x00] + [1, 2, 3, 4, 5, 6, 7, 8] + [UInt8](repeating: 0, count: 8)
        message += field(information, at: UInt8(48 + domain.count)) + domain + information
        return Base64Codec.encode(message)
    }()
}
