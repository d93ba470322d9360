import Adapters
import Foundation
import Gateway
import GatewayCore
import MockDepartments
import Testing

extension Stories {
    /// What is left of an exchange, and who may ask about it.
    @Suite("Records and the admin side")
    struct Records {
        @Test("every exchange leaves exactly one record, the refused ones too, and none holds a number, a phone or a key")
        func oneEach() async throws {
            try await Stage.play { stage in
                let port = stage.port
                let idNo = "11010519491231002X"
                let sent: [(text: String, status: Int, end: String)] = [
                    (Stage.request("POST", "/v1/cases", body: Stage.submission(Office.scjg.item)), 201, "completed"),
                    (Stage.request("POST", "/v1/cases", body: Stage.submission(Office.fgw.item, ["region": "1"])), 422, "refused"),
                    (Stage.request("GET", "/v1/cases/\(Office.hrb.knownCase)"), 200, "completed"),
                    (Stage.request("GET", "/v1/cases/\(Office.hrb.knownCase)", key: nil), 401, "refused"),
                    (Stage.request("GET", "/v1/cases/\(Office.hrb.knownCase)", key: Stage.daqingKey), 403, "refused"),
                    (Stage.request("GET", "/v1/cases/\(idNo)?idNo=\(idNo)&mobile=13900001234"), 422, "refused"),
                    (Stage.request("GET", "/nowhere/\(idNo)/13900001234"), 404, "refused"),
                    (Stage.request("PUT", "/v1/items?key=\(Stage.portalKey)"), 405, "refused"),
                    (
                        Stage.request("GET", "/open/echo?idNo=\(idNo)&m=13900001234", fields: [("X-Request-Id", "13900001234")]), 200,
                        "completed"
                    ),
                    (Stage.request("GET", "/v1/items/\(Office.scjg.item)", fields: [("X-Request-Id", idNo)]), 200, "completed"),
                    ("GET /\(idNo) HTTP/9.1\r\nHost: 13900001234\r\n\r\n", 505, "malformed"),
                    ("GET /v1/items HTTP/1.1\r\nHost: a\r\nHost: b\r\nX-Api-Key: \(Stage.portalKey)\r\n\r\n", 400, "malformed"),
                ]
                stage.city.hrb.misbehave(.html, only: .item)
                let statuses = try await aside {
                    try sent.map { request in
                        let connection = try RawConnection(port: port)
                        try connection.send(request.text)
                        return try connection.reply().status
                    }
                }
                let failed = try await stage.call("GET", "/v1/items/\(Office.hrb.item)")
                #expect(statuses == sent.map(\.status))
                #expect(failed.status == 502)
                let records = try await stage.records(sent.count + 1)
                #expect(records.count == sent.count + 1)
                // Each event loop writes its own: their order is that of neither.
                let seen = records.map { "\($0["status"]?.scalarText ?? "") \($0["end"]?.string ?? "")" }
                #expect(seen.sorted() == (sent.map { "\($0.status) \($0.end)" } + ["502 failed"]).sorted())
                #expect(Set(records.compactMap { $0["traceId"]?.string }).count == records.count)
                let first = try #require(records.first { $0["status"] == 201 })
                #expect(first["consumer"]?.string == "portal")
                #expect(first["department"]?.string == "hlj-scjg")
                #expect(first["route"]?.string == "cases.submit")
                #expect(first["upstream"]?.string == "127.0.0.1:\(stage.city.scjg.port)")
                #expect(first["time"]?.string?.hasSuffix("+08:00") == true)
                #expect(records.contains { $0["path"]?.string == "/v1/cases/{caseNo}" })
                try await Task.sleep(for: .milliseconds(100))
                #expect(stage.log.split(separator: "\n").count == records.count)
                for canary in [idNo, "13900001234", Stage.portalKey, Stage.daqingKey, "𠮷野", "demoSecret", "demoFgwPassword"] {
                    #expect(!stage.log.contains(canary), "\(canary)")
                }
            }
        }

        @Test("a client that is too slow with its head is told so, and recorded")
        func slowHead() async throws {
            let edit: (String, inout String) -> Void = { _, text in
                text.replace("  head: 10s", with: "  head: 300ms")
                text.replace("  body: 30s", with: "  body: 300ms")
            }
            try await Stage.play(edit: edit) { stage in
                let port = stage.port
                let statuses = try await aside {
                    try [
                        "GET /open/notice HTT",
                        "POST /v1/cases HTTP/1.1\r\nHost: a\r\nX-Api-Key: demo-portal-key\r\nContent-Length: 9\r\n\r\n{",
                    ].map {
                        let connection = try RawConnection(port: port)
                        for byte in Array($0.utf8).prefix(12) { try connection.send([byte]) }
                        try connection.send(Array($0.utf8.dropFirst(12)))
                        let reply = try connection.reply()
                        #expect(connection.isEnded())
                        return reply.status
                    }
                }
                #expect(statuses == [408, 408])
                #expect(try await stage.records(2).map { $0["end"]?.string } == ["stalled", "stalled"])
            }
        }

        @Test("health, readiness and metrics are on the admin address, and nothing that changes anything")
        func adminSide() async throws {
            try await Stage.play { stage in
                #expect(try await stage.call("GET", "/v1/items/\(Office.scjg.item)").status == 200)
                _ = try await stage.records(1)
                let admin = try #require(stage.gateway.adminAddress?.port)
                let socket = stage.folder + "/admin.sock"
                let answers = try await aside {
                    let open = try RawConnection(port: admin)
                    let closed = try RawConnection(path: socket)
                    return try [
                        (open, "GET /healthz"), (open, "GET /readyz"), (open, "GET /metrics"), (open, "GET /status"),
                        (open, "GET /routes"), (open, "POST /reload"), (closed, "GET /status"), (closed, "POST /reload?by=story"),
                        (open, "GET /configuration"), (closed, "GET /configuration"),
                        (closed, "GET /configuration?file=departments/hrb.yaml"), (closed, "GET /configuration?file=../secret"),
                    ]
                    .map { connection, line in
                        try connection.send("\(line) HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
                        return try connection.reply()
                    }
                }
                #expect(answers.map(\.status).prefix(3) == [200, 200, 200])
                #expect(answers[3...5].allSatisfy { $0.status == 404 || $0.status == 405 })
                #expect(answers[2].text.contains("\nprocess_resident_memory_bytes "))
                #expect(answers[2].text.contains("items.get"))
                #expect(answers[6].json["state"]?.string == "running")
                #expect(answers[7].json["result"]?.string == "unchanged")
                #expect(answers[8].status == 404)
                let files = answers[9].json["files"]?.array ?? []
                #expect(files.contains { $0["name"]?.string == "departments/hrb.yaml" && $0["sha256"]?.string?.count == 64 })
                #expect(answers[10].json["text"]?.string?.contains("department: hrb") == true)
                #expect(answers[11].status == 404)
                let attributes = try FileManager.default.attributesOfItem(atPath: socket)
                #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
                // The portal's side knows none of them.
                #expect(try await stage.call("GET", "/metrics").status == 404)
            }
        }
    }
}
