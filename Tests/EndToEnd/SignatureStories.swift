import Adapters
import Foundation
import Gateway
import GatewayCore
import MockDepartments
import Testing

extension Stories {
    /// Callers that sign their requests.
    @Suite("Signed requests")
    struct Signatures {
        private static let caller = XCaCaller()

        private func play(_ top: String = "", _ story: (Stage) async throws -> Void) async throws {
            try await Stage.play(
                edit: { file, text in
                    if file == "departments/hrb" { text = text.replacingOccurrences(of: "access: anyone ", with: "access: granted ") }
                    guard file == "consumers" else { return }
                    text = text.replacingOccurrences(
                        of: "    name: 省级网上政务服务平台\n",
                        with: """
                                name: 省级网上政务服务平台
                                signatures:
                                  - { key: "60030305", secret: SHARE_SECRET }
                                  - { key: "60030306", secret: HRB_APP_SECRET, algorithm: hmac-sm3 }

                            """
                    ).replacingOccurrences(
                        of: "        operations: [\"*\"]\n", with: "        operations: [\"*\"]\n      - routes: [\"*\"]\n")
                    text += top
                }, story)
        }

        @Test("a case is submitted by a signed request, once; the same again is replayed, and another body is refused")
        func submitted() async throws {
            try await play { stage in
                let body = Stage.submission(Office.scjg.item)
                let signed = Self.caller.sign("POST", "/v1/cases", body: body)
                #expect(try await stage.call("POST", "/v1/cases", key: nil, fields: signed, body: body).status == 201)
                let calls = stage.city.scjg.calls.count
                let again = try await stage.call("POST", "/v1/cases", key: nil, fields: signed, body: body)
                #expect(again.status == 401 && again.code == "REPLAYED")
                let fresh = Self.caller.sign("POST", "/v1/cases", body: body)
                let other = try await stage.call("POST", "/v1/cases", key: nil, fields: fresh, body: body + " ")
                #expect(other.status == 401 && other.code == "BAD_SIGNATURE")
                #expect(stage.city.scjg.calls.count == calls)
                let records = try await stage.records(3)
                // Two event loops write their records when they come to it.
                let told = records.map { record in
                    ["consumer", "reason", "claimed"].map { record[$0]?.string ?? "" }.joined(separator: " ")
                }
                #expect(told.sorted() == [" replayed portal", " wrong-content portal", "portal  "])
            }
        }

        @Test("HMAC-SM3 works the same way, and a connection that was refused goes on")
        func sm3() async throws {
            try await play { stage in
                var caller = Self.caller
                caller.key = "60030306"
                caller.secret = "demoSecret"
                let target = "/v1/items/\(Office.scjg.item)"
                let wrong = Stage.request("GET", target, key: nil, fields: caller.sign("GET", target))
                caller.algorithm = .sm3
                let right = Stage.request("GET", target, key: nil, fields: caller.sign("GET", target))
                let port = stage.port
                let statuses = try await aside {
                    let connection = try RawConnection(port: port)
                    return try [wrong, right].map { text in
                        try connection.send(text)
                        return try connection.reply().status
                    }
                }
                #expect(statuses == [401, 200])
            }
        }

        @Test("an upload is held to its digest while it streams: nobody gets the whole of one that is not the signed one")
        func upload() async throws {
            try await play { stage in
                let body = String(repeating: "政务", count: 200_000)
                let right = Self.caller.sign("POST", "/open/upload", body: body)
                let reply = try await stage.call("POST", "/open/upload", key: nil, fields: right, body: body)
                #expect(reply.status == 200)
                #expect(reply.json["bytes"] == .integer(Int64(body.utf8.count)))
                let uploads = stage.city.hrb.calls.count
                let wrong = Self.caller.sign("POST", "/open/upload", body: body)
                let refused = try await stage.call("POST", "/open/upload", key: nil, fields: wrong, body: body.replacingLast())
                #expect(refused.status == 401 && refused.code == "BAD_SIGNATURE")
                #expect(stage.city.hrb.calls.count == uploads)
            }
        }

        @Test("a form is signed by its fields, and passed on as it came")
        func form() async throws {
            try await play { stage in
                let form = [("name", "张三 李四"), ("a", "1"), ("empty", "")]
                let body = "name=%E5%BC%A0%E4%B8%89+%E6%9D%8E%E5%9B%9B&a=1&empty="
                let signed = Self.caller.sign("POST", "/open/upload", query: [("q", "x y")], form: form)
                let other = try await stage.call("POST", "/open/upload?q=x+y", key: nil, fields: signed, body: body + "&b=2")
                #expect(other.status == 401 && other.code == "BAD_SIGNATURE")
                let reply = try await stage.call("POST", "/open/upload?q=x+y", key: nil, fields: signed, body: body)
                #expect(reply.status == 200)
                #expect(reply.json["bytes"] == .integer(Int64(body.utf8.count)))
            }
        }

        @Test("repeated failures lock an address, which the log and the metrics tell; a reload does not unlock it")
        func lockout() async throws {
            try await play("\nlockout: { failures: 3, except: [] }\n") { stage in
                let target = "/v1/items/\(Office.scjg.item)"
                for _ in 0..<3 {
                    let wrong = try await stage.call("GET", target, key: "wrong")
                    #expect(wrong.status == 401)
                }
                let locked = try await stage.call("GET", target)
                #expect(locked.status == 429 && locked.code == "RATE_LIMITED")
                #expect(locked.field("Retry-After").flatMap { Int($0) }.map { (1...60).contains($0) } == true)
                try stage.change("consumers") { $0 += "\n# changed\n" }
                guard case .applied = await stage.gateway.reload(by: "test") else {
                    Issue.record("not applied")
                    return
                }
                #expect(try await stage.call("GET", target).status == 429)
                let records = try await stage.records(5)
                let reasons = records.compactMap { $0["reason"]?.string }.sorted()
                #expect(reasons == ["locked", "locked", "unknown-key", "unknown-key", "unknown-key"])
                let admin = try #require(stage.gateway.adminAddress)
                let page = try await aside {
                    let connection = try RawConnection(port: admin.port)
                    try connection.send("GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    return try connection.reply().text
                }
                #expect(page.contains("tongban_authentication_failures_total{reason=\"unknown-key\"} 3"))
                #expect(page.contains("tongban_authentication_locks_total 1"))
            }
        }
    }
}

extension String {
    /// The text with another last byte of the same length.
    fileprivate func replacingLast() -> String { String(dropLast()) + "物" }
}
