import Adapters
import Foundation
import Gateway
import GatewayCore
import NIOHPACK
import Testing

extension Stories {
    /// The portal speaks HTTP/2.
    @Suite("HTTP/2", .enabled(if: Certificates.areMade, "the openssl command is not installed (Debian package openssl)"))
    struct HTTP2 {
        private static let listen = """
            [{ address: "127.0.0.1:0", tls: { certificates: { certificate: { file: FOLDER/tls/server.pem }, key: { file: FOLDER/tls/server.key } } } }]
            """

        private static func certificates(_ folder: String) throws { try Certificates(in: folder + "/tls").issue("server") }

        /// A department that answers whatever comes, and remembers it.
        static func probe(_ server: ScriptedServer) -> [String: String] {
            [
                "departments/probe.yaml": """
                department: probe
                upstream: { endpoints: [http://127.0.0.1:\(server.port)] }
                operations: {}
                routes: [{ id: probe, match: { path: "/probe/*" }, access: anyone }]
                """
            ]
        }

        private static func fields(_ path: String, method: String = "GET") -> [(String, String)] {
            [(":method", method), (":scheme", "https"), (":path", path), (":authority", "portal.example")]
        }

        private static func answering() throws -> ScriptedServer {
            try ScriptedServer { _ in "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" }
        }

        @Test("many calls share one connection, and are recorded as HTTP/2", .timeLimit(.minutes(1)))
        func shares() async throws {
            try await Stage.play(listen: Self.listen, prepare: Self.certificates) { stage in
                let caller = try await HTTP2Caller(port: stage.port)
                let statuses = try await withThrowingTaskGroup(of: String?.self) { group in
                    for round in 0..<12 {
                        for office in [Office.scjg, Office.fgw, Office.hrb] {
                            group.addTask { try await caller.get("/v1/cases/\(office.knownCase)").status }
                        }
                        group.addTask { try await caller.get("/open/notice?n=\(round)", key: nil).status }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(statuses.count == 48 && statuses.allSatisfy { $0 == "200" }, "\(statuses)")
                let refused = try await caller.get("/v1/items", key: nil)
                #expect(refused.status == "401")
                let head = try await caller.ask(Self.fields("/open/notice", method: "HEAD"))
                #expect(head.status == "200" && head.body.isEmpty && head.isWhole)
                #expect(head.headers.first(name: "content-length") != nil)
                await caller.close()
                let records = try await stage.records(50)
                #expect(records.allSatisfy { $0["httpVersion"]?.string == "2" })
                #expect(records.allSatisfy { ["completed", "refused"].contains($0["end"]?.string) })
            }
        }

        @Test("contents go both ways, with and without a length", .timeLimit(.minutes(1)))
        func contents() async throws {
            try await Stage.play(listen: Self.listen, prepare: Self.certificates) { stage in
                let caller = try await HTTP2Caller(port: stage.port)
                let large = [UInt8](repeating: 0x61, count: 3_000_000)
                for length in [true, false] {
                    var fields = Self.fields("/open/upload", method: "POST")
                    if length { fields.append(("content-length", String(large.count))) }
                    let reply = try await caller.ask(fields, body: large)
                    #expect(reply.status == "200")
                    #expect(String(decoding: reply.body, as: UTF8.self).contains("\"bytes\":3000000"))
                }
                var fields = Self.fields("/v1/cases", method: "POST")
                fields += [("x-api-key", Stage.portalKey), ("content-type", "application/json")]
                let opened = try await caller.ask(fields, body: Array(Stage.submission(Office.fgw.item, [:]).utf8))
                #expect(opened.status == "201")
                #expect(opened.headers.first(name: "location")?.hasPrefix("/v1/cases/") == true)
                // More than a contract call may have: the answer comes, and what follows is not wanted.
                let refused = try await caller.ask(fields, body: large)
                #expect(refused.status == "413")
                #expect(caller.isOpen)
                #expect(try await caller.get("/open/notice", key: nil).status == "200")
                await caller.close()
            }
        }

        struct Probe: Sendable, CustomTestStringConvertible {
            let name: String
            let fields: [(String, String)]
            var body: [UInt8]?
            var trailers: [(String, String)] = []
            /// Whether the fault shows only when the head has gone on: the department sees a request that breaks off.
            var isLate = false
            var testDescription: String { name }
        }

        private static func with(_ more: [(String, String)], method: String = "POST", path: String = "/probe/x") -> [(String, String)] {
            fields(path, method: method) + more
        }

        private static func without(_ name: String, _ more: [(String, String)] = []) -> [(String, String)] {
            fields("/probe/x").filter { $0.0 != name } + more
        }

        static let probes = [
            Probe(name: "CR LF in a value", fields: with([("x", "a\r\nx-evil: 1")])),
            Probe(name: "LF in a value", fields: with([("x", "a\nx-evil: 1")])),
            Probe(name: "NUL in a value", fields: with([("x", "a\0b")])),
            Probe(name: "CR LF in a name", fields: with([("x: 1\r\ny", "a")])),
            Probe(name: "colon in a name", fields: with([("x:y", "a")])),
            Probe(name: "blank in a name", fields: with([("x ", "a")])),
            Probe(name: "an upper-case name", fields: with([("X-Upper", "a")])),
            Probe(name: "an empty name", fields: with([("", "a")])),
            Probe(name: "blank before a value", fields: with([("x", " a")])),
            Probe(
                name: "transfer-encoding", fields: with([("transfer-encoding", "chunked")]),
                body: Array("0\r\n\r\nGET / HTTP/1.1\r\n\r\n".utf8)),
            Probe(name: "connection", fields: with([("connection", "close")])),
            Probe(name: "keep-alive", fields: with([("keep-alive", "1")])),
            Probe(name: "upgrade", fields: with([("upgrade", "websocket")])),
            Probe(name: "proxy-connection", fields: with([("proxy-connection", "close")])),
            Probe(name: "te that is not trailers", fields: with([("te", "gzip")])),
            Probe(name: "two content-lengths", fields: with([("content-length", "2"), ("content-length", "3")]), body: [0x61, 0x61]),
            Probe(name: "a list of lengths", fields: with([("content-length", "2, 2")]), body: [0x61, 0x61]),
            Probe(name: "less content than its length", fields: with([("content-length", "5")]), body: [0x61, 0x61], isLate: true),
            Probe(name: "more content than its length", fields: with([("content-length", "1")]), body: [0x61, 0x61], isLate: true),
            Probe(name: "a length and no content", fields: with([("content-length", "5")])),
            Probe(name: "host beside another authority", fields: with([("host", "evil.example")])),
            Probe(name: "two hosts", fields: without(":authority", [("host", "a"), ("host", "b")])),
            Probe(name: "no host at all", fields: without(":authority")),
            Probe(name: "an authority with a user", fields: without(":authority") + [(":authority", "me@portal.example")]),
            Probe(
                name: "an authority with CR LF",
                fields: [(":method", "GET"), (":scheme", "https"), (":path", "/probe/x"), (":authority", "a\r\nx: y")]),
            Probe(name: "a path with a blank", fields: with([], path: "/probe/x HTTP/1.1\r\nx: y")),
            Probe(name: "a path with LF", fields: with([], path: "/probe/x\nb")),
            Probe(name: "a path without a slash", fields: with([], path: "probe/x")),
            Probe(name: "an absolute path", fields: with([], path: "https://evil.example/probe/x")),
            Probe(name: "a path with a fragment", fields: with([], path: "/probe/x#y")),
            Probe(name: "an empty path", fields: with([], path: "")),
            Probe(name: "no path", fields: without(":path")),
            Probe(name: "two paths", fields: fields("/probe/x") + [(":path", "/probe/y")]),
            Probe(name: "no method", fields: without(":method")),
            Probe(name: "a method with a blank", fields: with([], method: "GET /probe/z HTTP/1.1\r\n")),
            Probe(name: "CONNECT", fields: [(":method", "CONNECT"), (":authority", "portal.example:443")]),
            Probe(name: "no scheme", fields: without(":scheme")),
            Probe(name: "another scheme", fields: without(":scheme", [(":scheme", "ftp")])),
            Probe(name: "an unknown pseudo-field", fields: [(":evil", "1")] + fields("/probe/x")),
            Probe(name: "a pseudo-field behind others", fields: without(":path") + [("x", "y"), (":path", "/probe/x")]),
            Probe(
                name: "a pseudo-field among the trailers", fields: with([]), body: [0x61], trailers: [(":path", "/probe/y")], isLate: true),
            Probe(name: "CR LF among the trailers", fields: with([]), body: [0x61], trailers: [("x", "a\r\nb: c")], isLate: true),
        ]

        @Test("nothing that HTTP/1.1 would read otherwise reaches a department", .timeLimit(.minutes(2)))
        func probing() async throws {
            let server = try Self.answering()
            try await Stage.play(listen: Self.listen, extra: Self.probe(server), prepare: Self.certificates) { stage in
                let first = try await HTTP2Caller(port: stage.port)
                let answered = try await first.ask(Self.fields("/probe/x"))
                #expect(answered.status == "200", "\(answered)")
                #expect(server.requests.count == 1)
                await first.close()
                for probe in Self.probes {
                    let before = server.requests.count
                    let caller = try await HTTP2Caller(port: stage.port)
                    let reply = try? await caller.ask(probe.fields, body: probe.body, trailers: probe.trailers)
                    #expect(reply?.status.map { $0.hasPrefix("4") } ?? true, "\(probe.name): \(reply?.status ?? "")")
                    await caller.close()
                    if !probe.isLate { #expect(server.requests.count == before, "\(probe.name)") }
                }
                for request in server.requests {
                    #expect(request.line.hasSuffix(" /probe/x HTTP/1.1"), "\(request.line)")
                    #expect(!request.fields.contains { $0.name.lowercased().contains("evil") || $0.value.contains("evil") })
                }
                let last = try await HTTP2Caller(port: stage.port)
                #expect(try await last.ask(Self.fields("/probe/x")).status == "200")
                await last.close()
            }
            server.stop()
        }

        @Test("crumbs of cookies are one field again; trailers and te do no harm")
        func sound() async throws {
            let server = try Self.answering()
            try await Stage.play(listen: Self.listen, extra: Self.probe(server), prepare: Self.certificates) { stage in
                let caller = try await HTTP2Caller(port: stage.port)
                let more = [
                    ("cookie", "a=1"), ("cookie", "b=2"), ("te", "trailers"), ("host", "portal.example"), ("x-many", "1"), ("x-many", "2"),
                ]
                #expect(try await caller.ask(Self.fields("/probe/x?y=%20z") + more).status == "200")
                let request = try #require(server.requests.last)
                #expect(request.line == "GET /probe/x?y=%20z HTTP/1.1")
                #expect(request.field("cookie") == "a=1; b=2")
                #expect(request.fields.filter { $0.name.lowercased() == "x-many" }.map(\.value) == ["1", "2"])
                #expect(request.field("x-forwarded-proto") == "https")
                let echo = try await caller.ask(
                    Self.fields("/open/echo", method: "POST"), body: Array("hello".utf8), trailers: [("x-sum", "1")])
                #expect(echo.status == "200")
                #expect(String(decoding: echo.body, as: UTF8.self).contains("\"bodyBytes\":5"))
                await caller.close()
            }
            server.stop()
        }

        @Test("a flood of resets ends the connection, and nobody else notices", .timeLimit(.minutes(1)))
        func rapidReset() async throws {
            try await Stage.play(listen: Self.listen, prepare: Self.certificates) { stage in
                let other = try await HTTP2Caller(port: stage.port)
                let flood = try await HTTP2Caller(port: stage.port)
                for _ in 0..<2000 where flood.isOpen {
                    _ = try? await flood.ask(Self.fields("/open/notice"), resetting: true)
                }
                #expect(!flood.isOpen)
                #expect(try await other.get("/open/notice", key: nil).status == "200")
                await other.close()
            }
        }

        @Test("a head that is too large is refused, on its stream or with its connection")
        func largeHead() async throws {
            try await Stage.play(listen: Self.listen, prepare: Self.certificates) { stage in
                let caller = try await HTTP2Caller(port: stage.port)
                let fields = Self.fields("/open/notice") + (0..<40).map { ("x-\($0)", String(repeating: "a", count: 2000)) }
                let reply = try? await caller.ask(fields)
                #expect(reply?.status == nil || reply?.status == "431", "\(reply?.status ?? "")")
                await caller.close()
                #expect(try await HTTP2Caller(port: stage.port).get("/open/notice", key: nil).status == "200")
            }
        }

        @Test("a gateway that stops lets the streams at hand end", .timeLimit(.minutes(1)))
        func drains() async throws {
            let server = try ScriptedServer { _ in
                Thread.sleep(forTimeInterval: 1)
                return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
            }
            try await Stage.play(listen: Self.listen, extra: Self.probe(server), prepare: Self.certificates) { stage in
                let caller = try await HTTP2Caller(port: stage.port)
                async let slow = caller.ask(Self.fields("/probe/x"))
                try await Task.sleep(for: .milliseconds(300))
                async let stopped: Void = stage.gateway.stop()
                #expect(try await slow.status == "200")
                await stopped
                #expect(!caller.isOpen)
            }
            server.stop()
        }
    }
}
