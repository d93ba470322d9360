import Adapters
import Foundation
import Testing

extension Stories {
    /// Answers that are there before their requests are.
    @Suite("An answer before its request is complete")
    struct EarlyReply {
        private static func department(_ server: ScriptedServer) -> [String: String] {
            [
                "departments/hasty.yaml": """
                department: hasty
                upstream: { endpoints: [http://127.0.0.1:\(server.port)] }
                operations: {}
                routes: [{ id: hasty, match: { path: /hasty }, access: anyone }]
                """
            ]
        }

        /// Sends a head, and the body when the answer is there; whether the connection then serves another request.
        private static func serves(_ head: String, _ connection: RawConnection) throws -> Int {
            try connection.send(head + "\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n")
            let reply = try connection.reply(to: "POST")
            #expect(reply.field("Connection") == nil)
            try connection.send("hello")
            return reply.status
        }

        @Test("leaves the connection for the next request: an upstream's and the gateway's own")
        func goesOn() async throws {
            let server = try ScriptedServer(isHasty: true) { _ in "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" }
            defer { server.stop() }
            try await Stage.play(extra: Self.department(server)) { stage in
                let port = stage.port
                try await aside {
                    let connection = try RawConnection(port: port)
                    for _ in 0..<3 {
                        #expect(try Self.serves("POST /hasty HTTP/1.1", connection) == 200)
                        #expect(try Self.serves("POST /nowhere HTTP/1.1", connection) == 404)
                        #expect(try Self.serves("POST /v1/cases HTTP/1.1", connection) == 401)
                    }
                    try connection.send("GET /open/notice HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try connection.reply().status == 200)
                }
                let records = try await stage.records(10)
                #expect(records.map { $0["bytesIn"] != nil && $0["end"]?.string != "stalled" } == Array(repeating: true, count: 10))
            }
        }

        @Test("says that the connection ends, where too much is still to come or nobody knows how much")
        func ends() async throws {
            let server = try ScriptedServer(isHasty: true) { _ in "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" }
            defer { server.stop() }
            try await Stage.play(extra: Self.department(server)) { stage in
                let port = stage.port
                try await aside {
                    for framing in ["Content-Length: 1000000", "Transfer-Encoding: chunked"] {
                        for path in ["/hasty", "/nowhere"] {
                            let connection = try RawConnection(port: port)
                            try connection.send("POST \(path) HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n")
                            let reply = try connection.reply(to: "POST")
                            #expect(reply.field("Connection") == "close", "\(path), \(framing)")
                            #expect(connection.isEnded())
                        }
                    }
                }
            }
        }

        @Test("takes no body for granted that was to wait for a 100")
        func expectation() async throws {
            try await Stage.play { stage in
                let port = stage.port
                try await aside {
                    let connection = try RawConnection(port: port)
                    try connection.send("POST /nowhere HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
                    let reply = try connection.reply(to: "POST")
                    #expect(reply.status == 404)
                    #expect(reply.field("Connection") == "close")
                    #expect(connection.isEnded())
                }
            }
        }

        @Test("a request behind a refused one is served, when both came at once")
        func behindRefused() async throws {
            try await Stage.play { stage in
                let port = stage.port
                let statuses = try await aside {
                    let connection = try RawConnection(port: port)
                    try connection.send(
                        "POST /nowhere HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
                            + "GET /open/notice HTTP/1.1\r\nHost: a\r\n\r\n")
                    return [try connection.reply(to: "POST").status, try connection.reply().status]
                }
                #expect(statuses == [404, 200])
            }
        }
    }
}
