import Adapters
import Foundation
import MockDepartments
import Testing

extension Stories {
    /// What the gateway refuses before any department hears of it.
    @Suite("Refusals")
    struct Policies {
        @Test("a missing key and a wrong key are answered alike, but for the trace")
        func keys() async throws {
            try await Stage.play { stage in
                let target = "/v1/cases/\(Office.scjg.knownCase)"
                let replies = [
                    try await stage.call("GET", target, key: nil),
                    try await stage.call("GET", target, key: "demo-portal-kez"),
                    try await stage.call("GET", target, key: String(repeating: "k", count: 257)),
                    try await stage.call(
                        "GET", target, key: nil, fields: [("X-Api-Key", Stage.portalKey), ("X-Api-Key", Stage.portalKey)]),
                ]
                var bodies: Set<String> = []
                for reply in replies {
                    #expect(reply.status == 401)
                    #expect(reply.code == "BAD_CREDENTIAL")
                    #expect(reply.field("WWW-Authenticate") != nil)
                    let trace = try #require(reply.json["traceId"]?.string)
                    bodies.insert(reply.text.replacingOccurrences(of: trace, with: ""))
                }
                #expect(bodies.count == 1)
                #expect(stage.city.scjg.calls.isEmpty)
            }
        }

        @Test("without a grant a department is closed, and outside its region a city is refused, before anybody is asked")
        func grantsAndRegions() async throws {
            try await Stage.play { stage in
                let ungranted = try await stage.call("GET", "/v1/cases/\(Office.hrb.knownCase)", key: Stage.daqingKey)
                #expect(ungranted.status == 403)
                #expect(ungranted.code == "NOT_GRANTED")
                let elsewhere = try await stage.submit(Office.scjg.item, ["region": "230102"], key: Stage.daqingKey)
                #expect(elsewhere.status == 403)
                #expect(elsewhere.code == "REGION_SCOPE")
                #expect(Office.allCases.allSatisfy { $0.server(of: stage.city).calls.isEmpty })
                let own = try await stage.submit(Office.scjg.item, ["region": "230602"], key: Stage.daqingKey)
                #expect(own.status == 201)
            }
        }

        @Test("an address that is no percent-encoding of UTF-8 is refused with the parameter's name, before anybody is asked")
        func percentEncoding() async throws {
            try await Stage.play { stage in
                let wrong = [
                    ("/v1/items?keyword=%zz", "query:keyword", "percent-encoding"),
                    ("/v1/items?keyword=a%2", "query:keyword", "percent-encoding"),
                    ("/v1/items?keyword=%D5%C5", "query:keyword", "utf-8"), ("/v1/items?%+1=a", "query", "percent-encoding"),
                    ("/v1/items/%D5", "path:itemCode", "utf-8"),
                ]
                for (target, field, rule) in wrong {
                    let reply = try await stage.call("GET", target)
                    #expect(reply.status == 400 && reply.code == "BAD_REQUEST", "\(target)")
                    #expect(reply.json["errors"]?.array?.first?["field"]?.string == field, "\(target)")
                    #expect(reply.json["errors"]?.array?.first?["rule"]?.string == rule, "\(target)")
                }
                #expect(try await stage.call("GET", "/v1/items?keyword=100%25%E8%AE%B8+a").status == 200)
                #expect(Office.allCases.filter { $0 != .fgw }.allSatisfy { $0.server(of: stage.city).calls.count <= 1 })
            }
        }

        @Test("a head that is refused says in a sentence what would have been right, and keeps its word for programs")
        func sentences() async throws {
            try await Stage.play { stage in
                let port = stage.port
                let reply = try await aside {
                    let connection = try RawConnection(port: port)
                    try connection.send("GET /v1/items HTTP/1.1\r\n\r\n")
                    return try connection.reply()
                }
                #expect(reply.status == 400)
                #expect(reply.json["reason"]?.string == "host-missing")
                #expect(reply.json["detail"]?.string?.hasPrefix("the Host header field is missing; ") == true)
            }
        }

        @Test("all departments at once are those that the grants name")
        func grantedParts() async throws {
            try await Stage.play { stage in
                let list = try await stage.call("GET", "/v1/items", key: Stage.daqingKey)
                #expect(list.status == 200)
                #expect(list.json["parts"]?.array?.compactMap { $0["department"]?.string }.sorted() == ["hlj-fgw", "hlj-scjg"])
                #expect(stage.city.hrb.calls.isEmpty)
            }
        }

        @Test("a consumer over its rate is told so, whichever connection it uses, and others are not")
        func rateLimit() async throws {
            try await Stage.play { stage in
                let target = "/v1/items/\(Office.scjg.item)"
                var statuses: [Int] = []
                var last = RawReply()
                for _ in 0..<14 {
                    last = try await stage.call("GET", target, key: Stage.daqingKey)
                    statuses.append(last.status)
                    #expect(last.field("RateLimit-Policy")?.contains(";q=5;w=1") == true)
                    #expect(last.field("RateLimit")?.contains(";r=") == true)
                }
                let refused = statuses.filter { $0 == 429 }.count
                #expect(statuses.prefix(10) == ArraySlice(repeating: 200, count: 10))
                #expect(refused > 0)
                var over = last
                while over.status != 429 { over = try await stage.call("GET", target, key: Stage.daqingKey) }
                #expect(over.code == "RATE_LIMITED")
                #expect(over.field("Retry-After") == "1")
                #expect(over.field("RateLimit")?.contains("r=0") == true)
                let other = try await stage.call("GET", target)
                #expect(other.status == 200)
                #expect(over.all("Retry-After").count == 1 && other.all("Retry-After").isEmpty)
                #expect(try await stage.submit(Office.scjg.item, key: "wrong").all("RateLimit").isEmpty)
            }
        }

        @Test("a body over the limit is refused before it is sent, and one that grows over it while it is")
        func bodyLimit() async throws {
            try await Stage.play { stage in
                let port = stage.port
                let (said, grown) = try await aside {
                    let first = try RawConnection(port: port)
                    try first.send("POST /v1/cases HTTP/1.1\r\nHost: a\r\nX-Api-Key: demo-portal-key\r\nContent-Length: 1048577\r\n\r\n")
                    let said = try first.reply(to: "POST")
                    #expect(first.isEnded())
                    let second = try RawConnection(port: port)
                    try second.send(
                        "POST /v1/cases HTTP/1.1\r\nHost: a\r\nX-Api-Key: demo-portal-key\r\nTransfer-Encoding: chunked\r\n\r\n")
                    let piece = "10000\r\n" + String(repeating: " ", count: 65536) + "\r\n"
                    for _ in 0..<17 { try second.send(piece) }
                    let grown = try second.reply(to: "POST")
                    #expect(second.isEnded())
                    return (said, grown)
                }
                for reply in [said, grown] {
                    #expect(reply.status == 413)
                    #expect(reply.code == "TOO_LARGE")
                    #expect(reply.field("Connection") == "close")
                }
                #expect(stage.city.scjg.calls.isEmpty)
            }
        }

        @Test("the request id and the trace go in and come out")
        func identity() async throws {
            try await Stage.play { stage in
                let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
                let reply = try await stage.call(
                    "GET", "/open/echo", key: nil,
                    fields: [("X-Request-Id", "portal-7:a.b_c"), ("traceparent", "00-\(trace)-00f067aa0ba902b7-01")])
                #expect(reply.field("X-Request-Id") == "portal-7:a.b_c")
                let seen = Self.headers(reply)
                #expect(seen["x-request-id"] == ["portal-7:a.b_c"])
                let parent = try #require(seen["traceparent"]?.first)
                #expect(parent.hasPrefix("00-\(trace)-") && !parent.contains("00f067aa0ba902b7"))

                let refused = try await stage.call("GET", "/v1/nothing", fields: [("traceparent", "00-\(trace)-00f067aa0ba902b7-01")])
                #expect(refused.json["traceId"]?.string == trace)
                let forged = try await stage.call("GET", "/open/echo", key: nil, fields: [("X-Request-Id", "a\"b,c")])
                #expect(forged.field("X-Request-Id")?.count == 32)
                let lines = try await stage.records(3)
                #expect(lines.count { $0["traceId"]?.string == trace } == 2)
                #expect(lines.contains { $0["traceId"]?.string == trace && $0["requestId"]?.string == "portal-7:a.b_c" })
                #expect(lines.contains { $0["requestId"]?.string == forged.field("X-Request-Id") })
            }
        }

        static func headers(_ echo: RawReply) -> [String: [String]] {
            var seen: [String: [String]] = [:]
            for pair in echo.json["headers"]?.array ?? [] {
                guard let name = pair.array?.first?.string, let value = pair.array?.last?.string else { continue }
                seen[name.lowercased(), default: []].append(value)
            }
            return seen
        }

        @Test("every field that breaks the contract is named at once")
        func invalidFields() async throws {
            try await Stage.play { stage in
                let body: Value = [
                    "itemCode": .string(Office.scjg.item), "region": "999", "channel": "pigeon", "applyTime": "yesterday",
                    "applicant": ["kind": "person", "idType": "idCard", "idNo": "110105194912310021"],
                ]
                let refused = try await stage.call("POST", "/v1/cases", body: String(decoding: JSONCodec.encode(body), as: UTF8.self))
                #expect(refused.status == 422)
                #expect(refused.code == "INVALID_FIELD")
                let fields = Set(refused.json["errors"]?.array?.compactMap { $0["field"]?.string } ?? [])
                #expect(fields.isSuperset(of: ["/region", "/channel", "/applyTime", "/applicant/name", "/applicant/idNo"]))
                #expect(!refused.text.contains("110105194912310021"))
                #expect(stage.city.scjg.calls.isEmpty)
                let page = try await stage.call("GET", "/v1/items?page=0&size=101")
                #expect(page.status == 422)
                #expect(page.json["errors"]?.array?.count == 2)
            }
        }

        @Test("what cannot be read, found or taken is said to be so, on a connection that goes on")
        func plainRefusals() async throws {
            try await Stage.play { stage in
                let port = stage.port
                let unknown = "11230000MB1A9999XM2000125005000"
                let requests: [(method: String, text: String, status: Int, code: String)] = [
                    ("POST", Stage.request("POST", "/v1/cases", body: "{\"itemCode\":"), 400, "BAD_REQUEST"),
                    ("POST", Stage.request("POST", "/v1/cases", body: "{\"a\":1,}"), 400, "BAD_REQUEST"),
                    // Whoever checks the first of two and whoever acts on the last see different requests.
                    ("POST", Stage.request("POST", "/v1/cases", body: #"{"itemCode":"1","item\u0043ode":"2"}"#), 400, "BAD_REQUEST"),
                    ("POST", Stage.request("POST", "/v1/cases"), 422, "INVALID_FIELD"),
                    (
                        "POST", Stage.request("POST", "/v1/cases", fields: [("Content-Type", "text/xml")], body: "<a/>"), 415,
                        "UNSUPPORTED_MEDIA"
                    ),
                    (
                        "POST", Stage.request("POST", "/v1/cases", fields: [("Content-Type", "application/json; charset=GBK")], body: "{}"),
                        415, "UNSUPPORTED_MEDIA"
                    ),
                    (
                        "POST", Stage.request("POST", "/v1/cases", fields: [("Content-Encoding", "gzip")], body: "{}"), 415,
                        "UNSUPPORTED_MEDIA"
                    ),
                    (
                        "POST",
                        Stage.request("POST", "/v1/cases", fields: [("Content-Type", "application/json;charset=UTF-8")], body: "{}"),
                        422, "INVALID_FIELD"
                    ),
                    ("DELETE", Stage.request("DELETE", "/v1/cases"), 405, "METHOD_NOT_ALLOWED"),
                    ("GET", Stage.request("GET", "/v1/nothing"), 404, "NOT_FOUND"),
                    ("GET", Stage.request("GET", "/open/../v1/items"), 404, "NOT_FOUND"),
                    ("GET", Stage.request("GET", "/v1/items/\(unknown)"), 422, "INVALID_FIELD"),
                    ("GET", Stage.request("GET", "/v1/items/12230000414001230G2000125005000"), 404, "NOT_FOUND"),
                    ("GET", Stage.request("GET", "/v1/cases/\(Office.scjg.item)209901010001"), 404, "NOT_FOUND"),
                    ("GET", Stage.request("GET", "/v1/items/\(Office.scjg.item)"), 200, ""),
                ]
                let replies = try await aside {
                    let connection = try RawConnection(port: port)
                    return try requests.map { request in
                        try connection.send(request.text)
                        return try connection.reply(to: request.method)
                    }
                }
                for (request, reply) in zip(requests, replies) {
                    #expect(reply.status == request.status, "\(request.text)")
                    #expect(reply.code ?? "" == request.code, "\(request.text)")
                }
                #expect(zip(requests, replies).first { $0.0.method == "DELETE" }?.1.field("Allow") == "POST")
            }
        }
    }
}
