import Adapters
import Gateway
import GatewayCore
import Testing

extension Stories {
    /// The portal speaks HTTP/2 in the clear to whoever knows that it does, and to nobody else.
    @Suite("HTTP/2 in the clear")
    struct ClearHTTP2 {
        private static let hello = FrameConnection.preface + FrameConnection.frame(4, 0, 0)

        @Test("the preface alone changes to HTTP/2, however it is cut, and everything near it is HTTP/1.1", .timeLimit(.minutes(1)))
        func preface() async throws {
            try await Stage.play { stage in
                let port = stage.port
                try await aside {
                    let cut = try FrameConnection(port: port, greets: false)
                    for byte in Self.hello + FrameConnection.request(1, "/open/notice") { try cut.raw.send([byte]) }
                    #expect(try cut.next().type == 4)
                    #expect(try cut.end(of: [1]).type == 0)
                    for start in ["PRI * HTTP/2.0\r\n\r\nSM\r\n\rX", "PRI * HTTP/1.1\r\n\r\n", "PRI  * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
                        let other = try RawConnection(port: port)
                        try other.send(start)
                        #expect(try [400, 505].contains(other.reply().status), "\(start)")
                    }
                    let usual = try RawConnection(port: port)
                    try usual.send("P")
                    try usual.send("OST /open/echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
                    #expect(try usual.reply().status == 200)
                    // No second change on the same connection.
                    try usual.send(Self.hello)
                    #expect(try usual.reply().status == 505)
                }
                #expect(try await stage.records(6).map { $0["httpVersion"]?.string }.contains("2"))
            }
        }

        @Test("what is malformed, reset or broken leaves a record, each its own", .timeLimit(.minutes(1)))
        func records() async throws {
            try await Stage.play { stage in
                let port = stage.port
                try await aside {
                    let caller = try FrameConnection(port: port)
                    try caller.raw.send(FrameConnection.request(1, "/open/notice", [("X-Upper", "a")]))
                    let broken = try caller.end(of: [1])
                    #expect(broken.type == 3 && broken.code == 1)
                    // The connection goes on.
                    try caller.raw.send(FrameConnection.request(3, "/open/notice"))
                    #expect(try caller.end(of: [3]).type == 0)
                    // Its content is to come, and it gives up.
                    try caller.raw.send(FrameConnection.request(5, "/open/upload", method: "POST", ends: false))
                    try caller.raw.send(FrameConnection.frame(0, 0, 5, [1, 2, 3]) + FrameConnection.frame(3, 0, 5, [0, 0, 0, 8]))
                    // More content than its length.
                    try caller.raw.send(FrameConnection.request(7, "/open/upload", method: "POST", [("content-length", "1")], ends: false))
                    try caller.raw.send(FrameConnection.frame(0, 1, 7, [1, 2, 3]))
                    #expect(try caller.end(of: [7]).code == 1)
                    // A rule of the connection.
                    try caller.raw.send(FrameConnection.frame(0, 1, 0, [1]))
                    let last = try caller.end(of: [])
                    #expect(last.type == 7 && last.code == 1)
                    #expect(String(decoding: last.payload[8...], as: UTF8.self) == "stream-number")
                    #expect(caller.raw.isEnded())
                }
                let records = try await stage.records(5)
                #expect(records.map { $0["end"]?.string } == ["malformed", "completed", "abandoned", "malformed", "malformed"])
                #expect(records.allSatisfy { $0["httpVersion"]?.string == "2" })
            }
        }

        @Test("what is taken back in the read that brings it costs no call, and what is not is served", .timeLimit(.minutes(1)))
        func takenBack() async throws {
            let server = try ScriptedServer { _ in "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" }
            try await Stage.play(extra: HTTP2.probe(server)) { stage in
                let port = stage.port
                try await aside {
                    let caller = try FrameConnection(port: port)
                    var bytes = FrameConnection.request(1, "/probe/kept")
                    for stream in stride(from: UInt32(3), to: 43, by: 2) {
                        bytes += FrameConnection.request(stream, "/probe/gone") + FrameConnection.frame(3, 0, stream, [0, 0, 0, 8])
                    }
                    bytes += FrameConnection.request(43, "/probe/upload", method: "POST", [("content-length", "3")], ends: false)
                    try caller.raw.send(bytes + FrameConnection.frame(0, 1, 43, [1, 2, 3]))
                    var answered: Set<UInt32> = []
                    while answered.count < 2 {
                        let end = try caller.end(of: Set([1, 43]).subtracting(answered))
                        #expect(end.type == 0)
                        guard end.type == 0 else { return }
                        answered.insert(end.stream)
                    }
                }
                #expect(server.requests.map(\.line).sorted() == ["GET /probe/kept HTTP/1.1", "POST /probe/upload HTTP/1.1"])
                let ends = try await stage.records(22).compactMap { $0["end"]?.string }
                #expect(ends.count { $0 == "abandoned" } == 20 && ends.count { $0 == "completed" } == 2)
            }
        }

        @Test("answers wait for the client's windows, and take turns", .timeLimit(.minutes(1)))
        func windows() async throws {
            try await Stage.play { stage in
                let port = stage.port
                try await aside {
                    // A window of ten bytes on each stream.
                    let caller = try FrameConnection(port: port, settings: [0, 4, 0, 0, 0, 10])
                    try caller.raw.send(FrameConnection.request(1, "/open/notice") + FrameConnection.request(3, "/open/notice"))
                    var got: [UInt32: Int] = [:]
                    while (got[1] ?? 0) < 10 || (got[3] ?? 0) < 10 {
                        let frame = try caller.next()
                        if frame.type == 0 { got[frame.stream, default: 0] += frame.payload.count }
                    }
                    #expect(caller.raw.isSilent(for: 0.3))
                    #expect(got == [1: 10, 3: 10])
                    // One more byte, on one of them.
                    try caller.raw.send(FrameConnection.frame(8, 0, 3, [0, 0, 0, 1]))
                    let next = try caller.next()
                    #expect(next.stream == 3 && next.payload.count == 1)
                    try caller.raw.send(FrameConnection.frame(4, 0, 0, [0, 4, 0, 1, 0, 0]))
                    let first = try caller.end(of: [1, 3])
                    #expect(try caller.end(of: [first.stream == 1 ? 3 : 1]).ends)
                }
                #expect(try await stage.records(2).allSatisfy { $0["end"]?.string == "completed" })
            }
        }

        @Test("a stream whose large answer left at once serves the next request", .timeLimit(.minutes(1)))
        func largeThenSmall() async throws {
            try await Stage.play { stage in
                let port = stage.port
                try await aside {
                    let caller = try FrameConnection(port: port, settings: [0, 4, 0, 0, 0, 0])
                    try caller.raw.send(FrameConnection.request(1, "/v1/openapi.json"))
                    // Its head is there, and its content, of more than a stream may hold, waits.
                    #expect(try caller.end(ofHead: 1))
                    try caller.raw.send(
                        FrameConnection.frame(4, 0, 0, [0, 4, 0, 0x0F, 0x42, 0x40]) + FrameConnection.frame(8, 0, 0, [0, 0x0F, 0x42, 0x40]))
                    #expect(try caller.end(of: [1]).type == 0)
                    for stream in [3, 5] as [UInt32] {
                        try caller.raw.send(FrameConnection.request(stream, "/open/notice"))
                        #expect(try caller.end(of: [stream]).type < 2)
                    }
                }
                let records = try await stage.records(3)
                #expect(records.allSatisfy { $0["end"]?.string == "completed" })
                #expect(records.contains { ($0["bytesOut"]?.scalarText).flatMap { Int($0) } ?? 0 > 70_000 })
            }
        }

        @Test("large answers are whole and share the connection, and one that is not taken keeps no other waiting", .timeLimit(.minutes(1)))
        func largeAnswers() async throws {
            try await Stage.play { stage in
                let port = stage.port
                try await aside {
                    let caller = try FrameConnection(port: port)
                    let size = 3_000_000
                    let streams: [UInt32] = [1, 3, 5, 7]
                    try caller.raw.send(FrameConnection.frame(8, 0, 0, [0x7F, 0, 0, 0]))
                    for stream in streams { try caller.raw.send(FrameConnection.request(stream, "/open/blob?size=\(size)")) }
                    var got: [UInt32: Int] = [:]
                    var ended: Set<UInt32> = []
                    while ended.count < 3 {
                        let frame = try caller.next()
                        guard frame.type == 0 else { continue }
                        got[frame.stream, default: 0] += frame.payload.count
                        if frame.ends { ended.insert(frame.stream) }
                        // The window of the first is never opened.
                        guard frame.stream != 1, !frame.ends else { continue }
                        let count = UInt32(frame.payload.count)
                        try caller.raw.send(
                            FrameConnection.frame(8, 0, frame.stream, [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }))
                    }
                    #expect(got == [1: 65_535, 3: size, 5: size, 7: size])
                    try caller.raw.send(FrameConnection.frame(8, 0, 1, [0x7F, 0, 0, 0]))
                    var rest = 0
                    while true {
                        let frame = try caller.next()
                        if frame.type == 0 { rest += frame.payload.count }
                        if frame.type == 0, frame.ends { break }
                    }
                    #expect(rest == size - 65_535)
                }
                #expect(try await stage.records(4).allSatisfy { $0["end"]?.string == "completed" })
            }
        }

        @Test("a department that does not take a request's content holds back its stream, and no other", .timeLimit(.minutes(1)))
        func heldBack() async throws {
            // Its connections are taken by the kernel, and nobody reads from them.
            let mute = try MuteListener()
            let department = """
                department: mute
                upstream: { endpoints: [http://127.0.0.1:\(mute.port)] }
                operations: {}
                routes: [{ id: mute, match: { path: "/mute/*" }, access: anyone }]
                """
            try await Stage.play(extra: ["departments/mute.yaml": department]) { stage in
                let port = stage.port
                try await aside {
                    let caller = try FrameConnection(port: port)
                    try caller.raw.send(FrameConnection.request(1, "/mute/x", method: "POST", ends: false))
                    // As long as its window is opened.
                    var window = 65_535
                    var sent = 0
                    while sent < 64 << 20 {
                        while window >= 16_384 {
                            try caller.raw.send(FrameConnection.frame(0, 0, 1, [UInt8](repeating: 0x61, count: 16_384)))
                            window -= 16_384
                            sent += 16_384
                        }
                        guard let frame = try? caller.next(within: 1) else { break }
                        if frame.type == 8, frame.stream == 1 { window += frame.payload.reduce(0) { $0 << 8 | Int($1) } }
                    }
                    #expect(sent < 32 << 20, "\(sent)")
                    for stream in stride(from: UInt32(3), to: 40, by: 2) {
                        let body = [UInt8](repeating: 0x62, count: 16_384)
                        try caller.raw.send(FrameConnection.request(stream, "/open/upload", method: "POST", ends: false))
                        try caller.raw.send(FrameConnection.frame(0, 0, stream, body) + FrameConnection.frame(0, 1, stream, body))
                        #expect(try caller.end(of: [stream]).type == 0)
                    }
                    try caller.raw.send(FrameConnection.frame(3, 0, 1, [0, 0, 0, 8]))
                }
                #expect(try await stage.records(20).last?["end"]?.string == "abandoned")
            }
        }

        @Test("a client that is silent in the middle of a head is told so, and one that is idle is let go", .timeLimit(.minutes(1)))
        func silence() async throws {
            try await Stage.play(edit: { name, text in
                guard name == "gateway" else { return }
                text.replace("head: 10s", with: "head: 1s")
                text.replace("idle: 75s", with: "idle: 2s")
            }) { stage in
                let port = stage.port
                try await aside {
                    let half = try FrameConnection(port: port)
                    try half.raw.send(Array(FrameConnection.request(1, "/open/notice").dropLast(5)))
                    let last = try half.end(of: [])
                    #expect(last.type == 7 && last.code == 11)
                    let idle = try FrameConnection(port: port)
                    let gone = try idle.end(of: [])
                    #expect(gone.type == 7 && gone.code == 0)
                    #expect(idle.raw.isEnded())
                    let cut = try RawConnection(port: port)
                    try cut.send("PRI * HTT")
                    #expect(try cut.reply().status == 408)
                }
            }
        }
    }
}
