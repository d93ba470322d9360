import Adapters
import Foundation
import Gateway
import Testing

extension Stories {
    /// A route that lets its callers change to another protocol, and everything that must not come of it.
    @Suite("Upgrades")
    struct Upgrades {
        private static func file(_ port: Int) -> [String: String] {
            [
                "departments/probe.yaml": """
                department: probe
                upstream: { endpoints: [http://127.0.0.1:\(port)], timeout: { total: 1s } }
                operations: {}
                routes:
                  - { id: socket, match: { path: "/socket/*" }, access: anyone, upgrades: [websocket, chat/2] }
                  - { id: plain, match: { path: "/plain/*" }, access: anyone }
                  - { id: closed, match: { path: "/closed/*" } }
                """
            ]
        }

        private static func play(
            _ answer: @escaping @Sendable (String) -> UpgradePeer.Answer, _ story: (Stage, UpgradePeer) async throws -> Void
        ) async throws {
            let peer = try UpgradePeer(answer)
            try await Stage.play(extra: file(peer.port)) { try await story($0, peer) }
            peer.stop()
        }

        private static func handshake(_ path: String = "/socket/x", upgrade: String = "websocket", key: String? = UpgradePeer.key) -> String
        {
            let lines = key.map { "Sec-WebSocket-Key: \($0)\r\nSec-WebSocket-Version: 13\r\n" } ?? ""
            return
                "GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: \(upgrade)\r\n\(lines)Origin: https://a.example\r\n\r\n"
        }

        /// A masked text frame, as a client sends it (RFC 6455 §5.7).
        private static func frame(_ text: String) -> [UInt8] {
            let mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
            return [0x81, 0x80 | UInt8(text.utf8.count)] + mask + text.utf8.enumerated().map { $1 ^ mask[$0 % 4] }
        }

        @Test("a WebSocket goes through both ways, is recorded once when it ends, and counts as what it is", .timeLimit(.minutes(1)))
        func webSocket() async throws {
            try await Self.play({ _ in .echo(UpgradePeer.agreed) }) { stage, peer in
                let port = stage.port
                let connection = try await aside {
                    let connection = try RawConnection(port: port)
                    try connection.send(Self.handshake(upgrade: "mqtt, WebSocket"))
                    let head = try connection.head()
                    #expect(head.status == 101 && head.field("Upgrade") == "websocket" && head.field("Connection") == "Upgrade")
                    #expect(head.field("Sec-WebSocket-Accept") == UpgradePeer.accept)
                    #expect(head.field("X-Request-Id") != nil)
                    for text in ["Hello", "你好", String(repeating: "a", count: 120)] {
                        try connection.send(Self.frame(text))
                        #expect(try connection.take(2 + text.utf8.count) == [0x81, UInt8(text.utf8.count)] + Array(text.utf8))
                    }
                    return connection
                }
                let head = try #require(peer.heads.first).lowercased()
                #expect(head.contains("\r\nconnection: upgrade\r\nupgrade: websocket\r\n") && !head.contains("mqtt"))
                #expect(try await stage.records(0).isEmpty)
                let metrics = try await stage.admin("/metrics").text
                #expect(metrics.contains("tongban_upgraded_connections 1\n") && metrics.contains("\ntongban_connections 1\n"))
                // The call is answered: what is open now is a connection, and no call that the department is busy with.
                #expect(metrics.contains("tongban_upstream_calls{upstream=\"probe\"} 0\n"))
                connection.halfClose()
                #expect(connection.isEnded())
                let record = try #require(try await stage.records(1).first)
                #expect(record["status"] == 101 && record["end"]?.string == "completed" && record["route"]?.string == "socket")
                #expect(record["bytesOut"].flatMap(Self.number).map { $0 > 130 } == true)
                #expect(try await stage.isCalm())
                #expect(try await stage.admin("/metrics").text.contains("tongban_upgraded_connections 0\n"))
            }
        }

        private static func number(_ value: Value) -> Int64? { if case .integer(let number) = value { number } else { nil } }

        @Test("another protocol that the route allows goes through as it is", .timeLimit(.minutes(1)))
        func other() async throws {
            let agreed = "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: chat/2\r\n\r\nwelcome"
            try await Self.play({ _ in .echo(agreed) }) { stage, peer in
                let port = stage.port
                try await aside {
                    let connection = try RawConnection(port: port)
                    try connection.send(Self.handshake(upgrade: "chat/2", key: nil))
                    #expect(try connection.head().status == 101)
                    #expect(try connection.take(7) == Array("welcome".utf8))
                    try connection.send("\u{0}\r\n\r\nGET / HTTP/1.1\r\n")
                    let end = ContinuousClock.now + .seconds(3)
                    while peer.bytes.count < 21, ContinuousClock.now < end { Thread.sleep(forTimeInterval: 0.01) }
                    #expect(peer.bytes == Array("\u{0}\r\n\r\nGET / HTTP/1.1\r\n".utf8))
                }
                #expect(peer.heads.count == 1)
            }
        }

        @Test("nowhere else: a route that allows none, a protocol that is not allowed, a body, HTTP/1.0")
        func nowhereElse() async throws {
            try await Self.play({ _ in .plain("HTTP/1.1 426 X\r\nContent-Length: 0\r\n\r\n") }) { stage, peer in
                let port = stage.port
                let requests = [
                    Self.handshake("/plain/x"), Self.handshake(upgrade: "h2c", key: nil), Self.handshake(upgrade: "TLS/1.0", key: nil),
                    Self.handshake().replacing("GET", with: "POST").replacing("Origin:", with: "Content-Length: 1\r\nOrigin:") + "a",
                    Self.handshake().replacing("HTTP/1.1", with: "HTTP/1.0"),
                    Self.handshake().replacing("keep-alive, Upgrade", with: "keep-alive"),
                ]
                for request in requests {
                    let status = try await aside {
                        let connection = try RawConnection(port: port)
                        try connection.send(request)
                        return try connection.reply().status
                    }
                    #expect(status == 426, "\(request)")
                }
                #expect(peer.heads.count == requests.count)
                for head in peer.heads {
                    #expect(!head.lowercased().contains("\r\nupgrade:") && !head.lowercased().contains("\r\nconnection:"))
                }
            }
        }

        @Test(
            "a handshake that is none is refused here",
            arguments: [
                ("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 12"), (UpgradePeer.key, "short"),
                ("Origin:", "Sec-WebSocket-Key: \(UpgradePeer.key)\r\nOrigin:"), ("Sec-WebSocket-Version: 13\r\n", ""),
            ])
        func badHandshake(_ old: String, _ new: String) async throws {
            try await Self.play({ _ in .echo(UpgradePeer.agreed) }) { stage, peer in
                let port = stage.port
                let reply = try await aside {
                    let connection = try RawConnection(port: port)
                    try connection.send(Self.handshake().replacing(old, with: new))
                    return try connection.reply()
                }
                #expect(reply.status == 400 && reply.code == "BAD_REQUEST")
                #expect(peer.heads.isEmpty)
            }
        }

        @Test(
            "a department that refuses gets no byte more, and what was sent behind the handshake is a request like any other",
            .timeLimit(.minutes(1)))
        func refused() async throws {
            let peer: @Sendable (String) -> UpgradePeer.Answer = { head in
                head.contains("/socket/")
                    ? .echo("HTTP/1.1 426 X\r\nContent-Length: 0\r\n\r\n") : .plain("HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n")
            }
            try await Self.play(peer) { stage, peer in
                let port = stage.port
                let statuses = try await aside {
                    let connection = try RawConnection(port: port)
                    // As an attacker would: the second request hopes that the gateway takes it for bytes of a tunnel.
                    try connection.send(
                        Self.handshake() + "GET /closed/x HTTP/1.1\r\nHost: a\r\n\r\n" + "GET /plain/x HTTP/1.1\r\nHost: a\r\n\r\n")
                    return try (0..<3).map { _ in try connection.reply().status }
                }
                #expect(statuses == [426, 401, 200])
                #expect(peer.bytes.isEmpty)
                #expect(peer.heads.map { $0.prefix { $0 != "\r\n" } } == ["GET /socket/x HTTP/1.1", "GET /plain/x HTTP/1.1"])
                #expect(try await stage.records(3).map { $0["status"] } == [426, 401, 200])
            }
        }

        @Test(
            "a 101 that agrees to something else opens nothing",
            arguments: [
                "HTTP/1.1 101 X\r\n\r\n", "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: chat/2\r\n\r\n",
                "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
                "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
                "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: \(UpgradePeer.accept)\r\n\r\n",
            ])
        func wrongAgreement(_ answer: String) async throws {
            try await Self.play({ _ in .echo(answer) }) { stage, peer in
                let port = stage.port
                let statuses = try await aside {
                    let connection = try RawConnection(port: port)
                    try connection.send(Self.handshake() + "GET /closed/x HTTP/1.1\r\nHost: a\r\n\r\n")
                    return try (0..<2).map { _ in try connection.reply().status }
                }
                #expect(statuses == [502, 401])
                #expect(peer.bytes.isEmpty)
            }
        }

        @Test("what is sent before the 101 is the tunnel's, once it is one", .timeLimit(.minutes(1)))
        func early() async throws {
            let peer: @Sendable (String) -> UpgradePeer.Answer = { _ in
                Thread.sleep(forTimeInterval: 0.3)
                return .echo(UpgradePeer.agreed)
            }
            try await Self.play(peer) { stage, peer in
                let port = stage.port
                try await aside {
                    let connection = try RawConnection(port: port)
                    try connection.send(Array(Self.handshake().utf8) + Self.frame("early"))
                    #expect(try connection.head().status == 101)
                    #expect(try connection.take(7) == [0x81, 5] + Array("early".utf8))
                }
                #expect(peer.heads.count == 1 && peer.bytes == Self.frame("early"))
            }
        }

        @Test(
            "a client that does not read holds the department back; nothing that moves for the time of silence ends it",
            .timeLimit(.minutes(1)))
        func backPressure() async throws {
            try await Self.play({ _ in .flood(UpgradePeer.agreed) }) { stage, peer in
                let port = stage.port
                let before = residentMemory()
                try await aside {
                    let connection = try RawConnection(port: port, receiveBuffer: 65536)
                    try connection.send(Self.handshake())
                    #expect(try connection.head().status == 101)
                    let end = ContinuousClock.now + .seconds(5)
                    while peer.closed == 0, ContinuousClock.now < end { Thread.sleep(forTimeInterval: 0.05) }
                }
                #expect(peer.closed == 1)
                #expect(peer.sent < 24 << 20)
                #expect(residentMemory() - before < 24 << 20)
                #expect(try await stage.records(1).first?["end"]?.string == "stalled")
            }
        }

        @Test("a gateway that stops gives it the time to end, and no more", .timeLimit(.minutes(1)))
        func drains() async throws {
            let peer = try UpgradePeer { _ in .echo(UpgradePeer.agreed) }
            let edit: (String, inout String) -> Void = { _, text in text.replace("drain: 30s", with: "drain: 500ms") }
            let file = Self.file(peer.port).mapValues { $0.replacing("total: 1s", with: "total: 60s") }
            try await Stage.play(edit: edit, extra: file) { stage in
                let port = stage.port
                let connection = try await aside {
                    let connection = try RawConnection(port: port)
                    try connection.send(Self.handshake())
                    #expect(try connection.head().status == 101)
                    return connection
                }
                let begin = ContinuousClock.now
                async let stopped: Void = stage.gateway.stop()
                try await Task.sleep(for: .milliseconds(200))
                try connection.send(Self.frame("bye"))
                #expect(try connection.take(5) == [0x81, 3] + Array("bye".utf8))
                await stopped
                #expect(ContinuousClock.now - begin < .seconds(5))
                #expect(connection.isEnded())
            }
            peer.stop()
        }
    }
}
