import Adapters
import Foundation
import MockDepartments
import Synchronization
import Testing

extension Stories {
    /// Tokens of consumers and users, with keys that are fetched from an issuer.
    @Suite("Tokens", .enabled(if: Certificates.areMade, "the openssl command is not installed (Debian package openssl)"))
    struct Tokens {
        /// What the issuer answers to whoever asks for its keys.
        private final class Issuer: Sendable {
            let answer: Mutex<String>

            init(_ answer: String) { self.answer = Mutex(answer) }

            static func page(_ body: String, status: String = "200 OK", fields: String = "") -> String {
                "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            }

            func say(_ text: String) { answer.withLock { $0 = text } }
        }

        private static func issuers(_ port: Int) -> String {
            """

            issuers:
              remote:
                issuer: https://id.example
                audience: tongban
                fetch: { upstream: { endpoints: ["http://127.0.0.1:\(port)"] }, path: /jwks }
                consumer: azp
              people:
                issuer: https://people.example
                audience: [tongban, other]
                fetch: { upstream: { endpoints: ["http://127.0.0.1:\(port)"] }, path: /people }
                claims: { acr: ["2", "3"] }
                user: { kind: operator, id: sub, name: name, level: acr, organisation: org.code }

            """
        }

        private func play(_ issuer: Issuer, _ story: (Stage, ScriptedServer) async throws -> Void) async throws {
            let server = try ScriptedServer { _ in issuer.answer.withLock { $0 } }
            defer { server.stop() }
            try await Stage.play(
                edit: { file, text in
                    if file == "consumers" {
                        text = text.replacingOccurrences(
                            of: "    name: 省级网上政务服务平台\n",
                            with: "    name: 省级网上政务服务平台\n    tokens: [{ issuer: remote, subject: portal-client }]\n"
                        ).replacingOccurrences(
                            of: "        operations: [\"*\"]\n", with: "        operations: [\"*\"]\n      - routes: [\"*\"]\n")
                        text += Self.issuers(server.port)
                    }
                    if file == "departments/hrb" { text = text.replacingOccurrences(of: "access: anyone ", with: "access: granted ") }
                    if file == "departments/hlj-scjg" {
                        text = text.replacingOccurrences(
                            of: "SQRMC: $.applicant.name", with: "SQRMC: { first: [$.user.name, $.applicant.name] }")
                    }
                }
            ) { stage in try await story(stage, server) }
        }

        private static var end: Int { Int(Date().timeIntervalSince1970) + 600 }
        private static func client(_ subject: String = "portal-client", end: Int = end) -> String {
            #"{"iss":"https://id.example","aud":"tongban","exp":\#(end),"azp":"\#(subject)"}"#
        }
        private static func clerk(level: Int = 3) -> String {
            #"{"iss":"https://people.example","aud":"tongban","exp":\#(end),"sub":"op-7","name":"王小明","acr":\#(level),"org":{"code":"113"}}"#
        }
        private static let target = "/v1/cases/\(Office.fgw.knownCase)"

        private func status(_ stage: Stage, _ token: String) async throws -> Int {
            try await stage.call("GET", Self.target, key: nil, fields: [("Authorization", "Bearer \(token)")]).status
        }

        /// Asks until the answer is this one, for as long as fetching may take.
        private func becomes(_ wanted: Int, _ stage: Stage, _ token: String) async throws -> Bool {
            let deadline = ContinuousClock.now + .seconds(12)
            while ContinuousClock.now < deadline {
                if try await status(stage, token) == wanted { return true }
                try await Task.sleep(for: .milliseconds(100))
            }
            return false
        }

        @Test(
            "keys are fetched off the path of requests, hostile ones are left alone, new ones count and old ones do not",
            .timeLimit(.minutes(1)))
        func keys() async throws {
            let (first, second) = (try TokenIssuerKeys.make("k1"), try TokenIssuerKeys.make("k2"))
            // Larger than any key set may be.
            let issuer = Issuer(Issuer.page(#"{"keys":[],"x":""# + String(repeating: "x", count: 1 << 20) + "\"}"))
            try await play(issuer) { stage, server async throws in
                let token = TokenIssuerKeys.token(first, Self.client())
                let begun = ContinuousClock.now
                #expect(try await status(stage, token) == 401)
                #expect(ContinuousClock.now - begun < .seconds(2))
                issuer.say(Issuer.page(TokenIssuerKeys.published([first])))
                #expect(try await becomes(200, stage, token))
                let calls = server.requests.count
                for _ in 0..<20 { #expect(try await status(stage, token) == 200) }
                #expect(server.requests.count == calls)
                #expect(server.requests.allSatisfy { $0.line.hasPrefix("GET /jwks ") || $0.line.hasPrefix("GET /people ") })
                // The issuer's keys have changed: whoever comes with the new one has them looked at, and what was believed before is not.
                issuer.say(Issuer.page(TokenIssuerKeys.published([second])))
                #expect(try await becomes(200, stage, TokenIssuerKeys.token(second, Self.client())))
                #expect(try await status(stage, token) == 401)
            }
        }

        @Test(
            "an issuer that is down leaves callers where they are: refused before its first keys, believed after", .timeLimit(.minutes(1)))
        func down() async throws {
            let key = try TokenIssuerKeys.make("k1")
            let issuer = Issuer(Issuer.page("no", status: "500 Internal Server Error"))
            try await play(issuer) { stage, server in
                let token = TokenIssuerKeys.token(key, Self.client())
                #expect(try await status(stage, token) == 401)
                issuer.say(Issuer.page(TokenIssuerKeys.published([key])))
                #expect(try await becomes(200, stage, token))
                issuer.say(Issuer.page("", status: "302 Found", fields: "Location: http://127.0.0.1:\(server.port)/elsewhere\r\n"))
                // A key that is not there has the keys looked at again.
                let unknown = TokenIssuerKeys.Key(id: "k9", pem: key.pem, modulus: key.modulus)
                let calls = server.requests.count
                let deadline = ContinuousClock.now + .seconds(5)
                while server.requests.count == calls, ContinuousClock.now < deadline {
                    #expect(try await status(stage, TokenIssuerKeys.token(unknown, Self.client())) == 401)
                    try await Task.sleep(for: .milliseconds(100))
                }
                #expect(server.requests.count > calls)
                #expect(try await status(stage, token) == 200)
                #expect(!server.requests.contains { $0.line.contains("elsewhere") })
            }
        }

        @Test(
            "an operator's name reaches the department beside the consumer's key; a wrong token is refused, and no department hears of it")
        func operators() async throws {
            let key = try TokenIssuerKeys.make("k1")
            let issuer = Issuer(Issuer.page(TokenIssuerKeys.published([key])))
            try await play(issuer) { stage, _ in
                #expect(try await becomes(200, stage, TokenIssuerKeys.token(key, Self.client())))
                let token = TokenIssuerKeys.token(key, Self.clerk())
                let body = Stage.submission(Office.scjg.item)
                let deadline = ContinuousClock.now + .seconds(12)
                var reply = try await stage.call("POST", "/v1/cases", fields: [("X-User-Token", token)], body: body)
                while reply.status == 401, ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(100))
                    reply = try await stage.call("POST", "/v1/cases", fields: [("X-User-Token", token)], body: body)
                }
                #expect(reply.status == 201)
                let number = try #require(JSONCodec.decode(reply.body)["caseNo"]?.string)
                let kept = try await stage.call("GET", "/v1/cases/\(number)")
                #expect(try JSONCodec.decode(kept.body)["applicant"]?["name"] == "王小明")
                let calls = stage.city.scjg.calls
                let low = TokenIssuerKeys.token(key, Self.clerk(level: 1))
                let expired = TokenIssuerKeys.token(key, Self.client(end: Self.end - 1200))
                for wrong in [token + "A", low, expired, TokenIssuerKeys.token(key, Self.client()), "", "x"] {
                    let refused = try await stage.call("POST", "/v1/cases", fields: [("X-User-Token", wrong)], body: body)
                    #expect(refused.status == 401 && refused.code == "BAD_CREDENTIAL")
                }
                let twice = try await stage.call(
                    "POST", "/v1/cases", fields: [("X-User-Token", token), ("X-User-Token", token)], body: body)
                #expect(twice.status == 401)
                #expect(stage.city.scjg.calls == calls)
                _ = try await stage.records(9)
                #expect(stage.log.contains(#""operator":"op-7""#))
                #expect(!stage.log.contains("王小明") && !stage.log.contains(token))
            }
        }

        @Test("neither a consumer's token nor a user's is handed on to a department")
        func kept() async throws {
            let key = try TokenIssuerKeys.make("k1")
            let issuer = Issuer(Issuer.page(TokenIssuerKeys.published([key])))
            try await play(issuer) { stage, _ in
                let token = TokenIssuerKeys.token(key, Self.client())
                #expect(try await becomes(200, stage, token))
                let clerk = TokenIssuerKeys.token(key, Self.clerk())
                let deadline = ContinuousClock.now + .seconds(12)
                var reply = try await stage.call(
                    "GET", "/open/echo", key: nil,
                    fields: [("Authorization", "Bearer \(token)"), ("X-User-Token", clerk), ("X-Other", "1")])
                while reply.status == 401, ContinuousClock.now < deadline {
                    try await Task.sleep(for: .milliseconds(100))
                    reply = try await stage.call(
                        "GET", "/open/echo", key: nil,
                        fields: [("Authorization", "Bearer \(token)"), ("X-User-Token", clerk), ("X-Other", "1")])
                }
                #expect(reply.status == 200)
                let echoed = String(decoding: reply.body, as: UTF8.self).lowercased()
                #expect(echoed.contains("x-other"))
                #expect(!echoed.contains("authorization") && !echoed.contains("x-user-token"))
            }
        }
    }
}
