import Adapters
import Foundation
import Gateway
import GatewayCore
import MockDepartments
import NIOSSL
import Testing

extension Stories {
    /// Departments behind https, with certificates made for the story.
    @Suite("Departments behind TLS", .enabled(if: Certificates.areMade, "the openssl command is not installed (Debian package openssl)"))
    struct TLS {
        /// Puts a front before Harbin's mock and points its file there.
        private func point(
            _ stage: Stage, at front: TLSFront, host: String = "localhost", tls: String, from: Int? = nil
        ) async throws -> LoadResult {
            let old = from ?? stage.city.hrb.port
            try stage.change("departments/hrb") { text in
                text = text.replacingOccurrences(
                    of: #"endpoints: \[http.*"#, with: "endpoints: [https://\(host):\(front.port)]\n  tls: \(tls)",
                    options: .regularExpression)
                #expect(!text.contains("127.0.0.1:\(old)"))
            }
            return await stage.gateway.reload(by: "story")
        }

        private func isApplied(_ result: LoadResult) -> Bool {
            if case .applied = result { return true }
            Issue.record("\(result)")
            return false
        }

        @Test("mapped calls and plain routes go over TLS, on connections that are kept", arguments: ["localhost", "127.0.0.1"])
        func overTLS(_ host: String) async throws {
            try await Stage.play { stage in
                let made = try Certificates(in: stage.folder + "/tls")
                try made.issue("server")
                let front = try await TLSFront.start(
                    to: stage.city.hrb.port, certificate: made.path("server.pem"), key: made.path("server.key"))
                let result = try await point(stage, at: front, host: host, tls: "{ ca: { file: \(made.path("ca.pem")) } }")
                #expect(isApplied(result))
                let opened = try await stage.submit(Office.hrb.item)
                #expect(opened.status == 201)
                for _ in 0..<6 {
                    #expect(try await stage.call("GET", "/v1/cases/\(Office.hrb.knownCase)").status == 200)
                    #expect(try await stage.call("GET", "/open/notice", key: nil).status == 200)
                }
                let large = String(repeating: "0123456789abcdef", count: 1 << 16)
                let echo = try await stage.call("POST", "/open/echo", key: nil, body: large)
                #expect(echo.status == 200)
                #expect(echo.text.contains("\(large.utf8.count)"), "\(echo.text)")
                // Thirteen requests and more, on one connection for each event loop.
                #expect(front.connections <= max(2, ProcessInfo.processInfo.activeProcessorCount))
                try await front.stop()
            }
        }

        struct Refusal: Sendable, CustomTestStringConvertible {
            let name: String
            let words: String
            var host = "localhost"
            var tls = "{ ca: { file: CA } }"
            var testDescription: String { name }
        }

        static let refusals = [
            Refusal(name: "expired", words: "has expired"), Refusal(name: "early", words: "is not valid yet"),
            Refusal(name: "foreign", words: "not trusted"), Refusal(name: "server", words: "not trusted", tls: "{}"),
            Refusal(name: "elsewhere", words: "another name"),
            Refusal(name: "server", words: "another name", tls: "{ ca: { file: CA }, name: other.example }"),
            Refusal(name: "elsewhere", words: "another name", host: "127.0.0.1"),
            Refusal(name: "old", words: "no version of TLS"), Refusal(name: "plain", words: "does not speak TLS"),
            Refusal(name: "asking", words: "asks for a certificate"),
        ]

        @Test("what is wrong with the other side's TLS is said, and nothing is sent", arguments: refusals)
        func refused(_ refusal: Refusal) async throws {
            try await Stage.play { stage in
                let made = try Certificates(in: stage.folder + "/tls")
                let own = ["old", "plain", "asking"].contains(refusal.name) ? "server" : refusal.name
                switch own {
                case "expired": try made.issue(own, from: "20200101000000Z", until: "20200201000000Z")
                case "early": try made.issue(own, from: "20400101000000Z", until: "20400201000000Z")
                case "foreign": try made.issue(own, by: "other")
                case "elsewhere": try made.issue(own, names: "DNS:elsewhere.example")
                default: try made.issue(own)
                }
                let front = try await TLSFront.start(
                    to: stage.city.hrb.port, certificate: made.path("\(own).pem"), key: made.path("\(own).key"),
                    askingFor: refusal.name == "asking" ? made.path("ca.pem") : nil,
                    versions: refusal.name == "old" ? (.tlsv1, .tlsv11) : (.tlsv12, nil),
                    ciphers: refusal.name == "old" ? "ECDHE+AES" : nil)
                let tls = refusal.tls.replacingOccurrences(of: "CA", with: made.path("ca.pem"))
                #expect(isApplied(try await point(stage, at: front, host: refusal.host, tls: tls)))
                if refusal.name == "plain" {
                    try stage.change("departments/hrb") {
                        $0 = $0.replacingOccurrences(of: ":\(front.port)]", with: ":\(stage.city.hrb.port)]")
                    }
                    #expect(isApplied(await stage.gateway.reload(by: "story")))
                }
                for target in ["/v1/cases/\(Office.hrb.knownCase)", "/open/notice"] {
                    let reply = try await stage.call("GET", target)
                    #expect(reply.status == 503)
                    #expect(reply.code == "UPSTREAM_UNAVAILABLE")
                    #expect(reply.json["detail"]?.string?.contains(refusal.words) == true, "\(reply.text)")
                }
                #expect(stage.city.hrb.calls.isEmpty)
                try await front.stop()
            }
        }

        @Test("a department that opens a connection and says nothing is left in time")
        func mute() async throws {
            try await Stage.play { stage in
                let listener = try MuteListener()
                try stage.change("departments/hrb") { text in
                    text = text.replacingOccurrences(
                        of: #"endpoints: \[http.*"#, with: "endpoints: [https://127.0.0.1:\(listener.port)]", options: .regularExpression)
                }
                #expect(isApplied(await stage.gateway.reload(by: "story")))
                let begun = ContinuousClock.now
                let reply = try await stage.call("GET", "/v1/cases/\(Office.hrb.knownCase)")
                #expect(reply.code == "UPSTREAM_UNAVAILABLE")
                #expect(ContinuousClock.now - begun < .seconds(5))
                listener.stop()
            }
        }

        @Test("the gateway shows its own certificate where it is asked for one, and not another's")
        func ownCertificate() async throws {
            try await Stage.play { stage in
                let made = try Certificates(in: stage.folder + "/tls")
                try made.issue("server")
                try made.issue("gateway", names: "DNS:gateway.example", algorithm: "rsa:2048")
                try made.issue("stranger", by: "other", names: "DNS:gateway.example")
                let front = try await TLSFront.start(
                    to: stage.city.hrb.port, certificate: made.path("server.pem"), key: made.path("server.key"),
                    askingFor: made.path("ca.pem"))
                for name in ["gateway", "stranger"] {
                    let key = try String(contentsOfFile: made.path("\(name).key"), encoding: .utf8)
                    try key.write(toFile: "\(stage.folder)/secrets/TLS_KEY", atomically: true, encoding: .utf8)
                    let tls =
                        "{ ca: { file: \(made.path("ca.pem")) }, certificate: { file: \(made.path("\(name).pem")) }, key: { secret: TLS_KEY } }"
                    try stage.change("departments/hrb") {
                        $0 = $0.replacingOccurrences(of: #"  tls: .*\n"#, with: "", options: .regularExpression)
                    }
                    #expect(isApplied(try await point(stage, at: front, tls: tls)))
                    let reply = try await stage.call("GET", "/v1/cases/\(Office.hrb.knownCase)")
                    #expect(reply.status == (name == "gateway" ? 200 : 503))
                    if name == "stranger" {
                        #expect(reply.json["detail"]?.string?.contains("does not accept the gateway's certificate") == true)
                    }
                }
                try await front.stop()
            }
        }

        @Test("a renewed authority is taken on by a reload, though no route file changed")
        func renewed() async throws {
            try await Stage.play { stage in
                let made = try Certificates(in: stage.folder + "/tls")
                try made.issue("server", by: "other")
                try FileManager.default.copyItem(atPath: made.path("ca.pem"), toPath: made.path("trusted.pem"))
                let front = try await TLSFront.start(
                    to: stage.city.hrb.port, certificate: made.path("server.pem"), key: made.path("server.key"))
                #expect(isApplied(try await point(stage, at: front, tls: "{ ca: { file: \(made.path("trusted.pem")) } }")))
                #expect(try await stage.call("GET", "/v1/cases/\(Office.hrb.knownCase)").code == "UPSTREAM_UNAVAILABLE")
                guard case .unchanged = await stage.gateway.reload(by: "story") else {
                    Issue.record("nothing changed, and the reload did something")
                    return
                }
                let text = try String(contentsOfFile: made.path("other.pem"), encoding: .utf8)
                try text.write(toFile: made.path("trusted.pem"), atomically: true, encoding: .utf8)
                #expect(isApplied(await stage.gateway.reload(by: "story")))
                #expect(try await stage.call("GET", "/v1/cases/\(Office.hrb.knownCase)").status == 200)
                try await front.stop()
            }
        }

        @Test("verification is given up, or an old version spoken, for a written reason that shows")
        func waivers() async throws {
            try await Stage.play { stage in
                let made = try Certificates(in: stage.folder + "/tls")
                try made.issue("server", by: "other", names: "DNS:elsewhere.example")
                let front = try await TLSFront.start(
                    to: stage.city.hrb.port, certificate: made.path("server.pem"), key: made.path("server.key"),
                    versions: (.tlsv1, .tlsv1), ciphers: "ECDHE+AES")
                let tls =
                    "{ verify: { off: \"their certificate is renewed in March\" }, minimum: { version: \"1.0\", reason: \"a server of 2009\" } }"
                let result = try await point(stage, at: front, tls: tls)
                guard case .applied(_, let warnings) = result else {
                    Issue.record("\(result)")
                    return
                }
                #expect(warnings.map(\.rule).sorted() == ["old-tls", "unverified"])
                #expect(try await stage.call("GET", "/v1/cases/\(Office.hrb.knownCase)").status == 200)
                let waivers = stage.gateway.snapshot.upstreams.flatMap(\.waivers)
                #expect(waivers.count == 2 && waivers[0].contains("renewed in March") && waivers[1].contains("2009"))
                try await front.stop()
            }
        }
    }
}
