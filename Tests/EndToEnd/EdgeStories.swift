import Adapters
import Foundation
import Gateway
import Testing

extension Stories {
    /// What clients may do before anybody asks who they are.
    @Suite("The edge")
    struct Edge {
        /// `limits` of `gateway.yaml` with other lines; `timeouts` likewise.
        private static func settings(_ changes: [(String, String)]) -> (String, inout String) -> Void {
            { name, text in
                guard name == "gateway" else { return }
                for (old, new) in changes {
                    #expect(text.contains(old), "gateway.yaml has no '\(old)'")
                    text.replace(old, with: new)
                }
            }
        }

        /// A department that answers whatever comes, and remembers it; `routes` are its plain routes.
        private static func department(_ server: ScriptedServer, _ routes: String) -> [String: String] {
            [
                "departments/probe.yaml": """
                department: probe
                upstream: { endpoints: [http://127.0.0.1:\(server.port)] }
                operations: {}
                routes: \(routes)
                """
            ]
        }

        private static func answering() throws -> ScriptedServer {
            try ScriptedServer { _ in "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" }
        }

        @Test("an address has so many connections and no more; those it has go on, and one that goes makes room")
        func connectionsPerAddress() async throws {
            let edit = Self.settings([("connections-per-address: 1000", "connections-per-address: 3")])
            try await Stage.play(edit: edit) { stage in
                let port = stage.port
                try await aside {
                    let kept = try (0..<3).map { _ in try RawConnection(port: port) }
                    for connection in kept {
                        try connection.send("GET /open/notice HTTP/1.1\r\nHost: a\r\n\r\n")
                        #expect(try connection.reply().status == 200)
                    }
                    for _ in 0..<5 { #expect(try RawConnection(port: port).isEnded()) }
                    for connection in kept {
                        try connection.send("GET /open/notice HTTP/1.1\r\nHost: a\r\n\r\n")
                        #expect(try connection.reply().status == 200)
                    }
                    kept[0].close()
                    let end = ContinuousClock.now + .seconds(3)
                    var isIn = false
                    while !isIn, ContinuousClock.now < end {
                        let next = try RawConnection(port: port)
                        try? next.send("GET /open/notice HTTP/1.1\r\nHost: a\r\n\r\n")
                        isIn = (try? next.reply().status) == 200
                    }
                    #expect(isIn)
                }
                let metrics = try await stage.admin("/metrics").text
                let refused = try #require(metrics.firstMatch(of: /tongban_connections_refused_total\{bound="address"\} ([0-9]+)/))
                #expect((Int(refused.1) ?? 0) >= 5)
                #expect(metrics.contains("tongban_connections_refused_total{bound=\"all\"} 0\n"))
                let status = try await stage.admin("/status").json
                #expect(status["refused"]?["connections"]?["address"] == .integer(Int64(refused.1) ?? 0))
                // A reload raises the bound for those to come.
                try stage.change("gateway") { $0.replace("connections-per-address: 3", with: "connections-per-address: 100") }
                try await stage.reload()
                try await aside {
                    for _ in 0..<10 {
                        let connection = try RawConnection(port: port)
                        #expect(!connection.isEnded(within: 0.05))
                    }
                }
            }
        }

        @Test("the gateway has so many connections and no more, over TLS too, and they are closed before a handshake")
        func connectionsInAll() async throws {
            let edit = Self.settings([("connections: 50000", "connections: 2")])
            try await Stage.play(edit: edit) { stage in
                let port = stage.port
                try await aside {
                    let kept = try (0..<2).map { _ in try RawConnection(port: port) }
                    for connection in kept {
                        try connection.send("GET /open/notice HTTP/1.1\r\nHost: a\r\n\r\n")
                        #expect(try connection.reply().status == 200)
                    }
                    #expect(try RawConnection(port: port).isEnded())
                }
                #expect(try await stage.admin("/metrics").text.contains("tongban_connections_refused_total{bound=\"all\"} 1\n"))
            }
        }

        @Test("fields with underscores go on where a route says so, and nowhere else; those that mean another field never")
        func underscores() async throws {
            let server = try Self.answering()
            let routes = """
                [{ id: strict, match: { path: "/strict/*" }, access: anyone },
                 { id: old, match: { path: "/old/*" }, access: anyone, underscores: true }]
                """
            try await Stage.play(extra: Self.department(server, routes)) { stage in
                let fields = [("dept_sign_key", "1"), ("X_Forwarded_For", "203.0.113.7"), ("x-plain", "2"), ("_", "3")]
                for path in ["/strict/x", "/old/x"] {
                    #expect(try await stage.call("GET", path, key: nil, fields: fields).status == 200)
                }
                let (strict, old) = (try #require(server.requests.first), try #require(server.requests.last))
                #expect(strict.line == "GET /strict/x HTTP/1.1" && old.line == "GET /old/x HTTP/1.1")
                #expect(!strict.fields.contains { $0.name.contains("_") })
                #expect(strict.field("x-plain") == "2")
                #expect(old.field("dept_sign_key") == "1" && old.field("_") == "3")
                #expect(old.field("X_Forwarded_For") == nil)
                // A length that another server might believe is refused whatever the route says.
                let framing = try await stage.call("GET", "/old/x", key: nil, fields: [("Content_Length", "5")])
                #expect(framing.status == 400)
            }
            server.stop()
        }

        @Test("a path is matched and passed on in one spelling, and none leaves its route")
        func paths() async throws {
            let server = try Self.answering()
            let routes = """
                [{ id: open, match: { path: "/a/*" }, access: anyone },
                 { id: closed, match: { path: "/a/secret/*" } },
                 { id: moved, match: { path: "/~b/*" }, access: anyone, rewrite: { prefix: /c } }]
                """
            try await Stage.play(extra: Self.department(server, routes)) { stage in
                for path in ["/a/secret/x", "/a//secret/x", "/a/%73ecret/x", "//a/secret/x", "/%61/secre%74/x"] {
                    let status = try await stage.call("GET", path, key: nil).status
                    #expect(status == 401, "\(path)")
                }
                for path in [
                    "/a/../a/secret/x", "/a/..;/secret", "/a/%2e%2e/secret/x", "/a/..%2fa/secret/x", "/a/..%5csecret", "/a/%252e%252e/x",
                    "/a/x\\..\\secret",
                ] {
                    let status = try await stage.call("GET", path, key: nil).status
                    #expect(status == 404, "\(path)")
                }
                #expect(server.requests.isEmpty)
                let sent = [
                    ("/a/x//y", "/a/x/y"), ("/a/%7ex?q=%7e//", "/a/~x?q=%7e//"), ("/a/%e5%2F", "/a/%E5%2F"), ("//%7eb///y", "/c/y"),
                ]
                for (path, seen) in sent {
                    let status = try await stage.call("GET", path, key: nil).status
                    #expect(status == 200, "\(path)")
                    #expect(server.requests.last?.line == "GET \(seen) HTTP/1.1")
                }
                // The contract's own paths: other encodings of the same are the same, and no segment moves.
                #expect(try await stage.call("GET", "/v1/%69tems/\(Office.scjg.item)").status == 200)
                #expect(try await stage.call("GET", "/v1//items/\(Office.scjg.item)").status == 404)
            }
            server.stop()
        }

        @Test("every kind of limit that turns a request away is counted, in the metrics and in the status")
        func counted() async throws {
            let limits = """
                limits:
                  open: { for: { routes: [hrb-open] }, per: address, rate: 1/d }
                  day: { for: { operations: [items.get] }, per: consumer, daily: 1 }

                """
            let edit: (String, inout String) -> Void = { name, text in
                if name == "gateway" { text.replace("  head: 10s", with: "  head: 300ms") }
                if name == "consumers" { text.replace("rate: { limit: 5/s, burst: 10 }", with: "rate: { limit: 1/h, burst: 1 }") }
            }
            try await Stage.play(edit: edit, extra: ["limits.yaml": limits]) { stage in
                let port = stage.port
                var statuses: [Int] = []
                for _ in 0..<2 {
                    statuses.append(try await stage.call("GET", "/open/notice", key: nil).status)
                    statuses.append(try await stage.call("GET", "/v1/items/\(Office.scjg.item)").status)
                    statuses.append(try await stage.call("GET", "/v1/cases/\(Office.scjg.knownCase)", key: Stage.daqingKey).status)
                }
                #expect(statuses == [200, 200, statuses[2], 429, 429, 429], "\(statuses)")
                let large = [("X-Large", String(repeating: "a", count: 40_000))]
                #expect(try await stage.call("GET", "/open/notice", key: nil, fields: large).status == 431)
                let slow = try await aside {
                    let connection = try RawConnection(port: port)
                    try connection.send("GET /open/no")
                    return try connection.reply().status
                }
                #expect(slow == 408)
                let metrics = try await stage.admin("/metrics").text
                for line in ["rate\"} 1", "concurrent\"} 0", "daily\"} 1", "monthly\"} 0", "consumer\"} 1", "size\"} 1", "time\"} 1"] {
                    #expect(metrics.contains("tongban_limited_total{kind=\"\(line)\n"), "\(line)")
                }
                #expect(!metrics.contains("daqing") && !metrics.contains("portal"))
                let refused = try await stage.admin("/status").json["refused"]
                #expect(refused?["requests"]?["size"] == 1 && refused?["requests"]?["daily"] == 1 && refused?["overload"] == 0)
            }
        }
    }
}
