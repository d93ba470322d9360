import GatewayCore
import Testing

private typealias W = Wire2

@Suite("A connection of HTTP/2")
struct HTTP2ConnectionTests {
    @Test("begins with the preface and settings; ours answer them (§3.4)")
    func preface() {
        let server = ServerUnderTest()
        server.take(HTTP2Connection.preface)
        #expect(server.said == ["settings", "window 0 983041"])
        server.take(W.settings([(4, 100)]))
        #expect(server.said.last == "settings-ack")
        for bytes in [Array("GET / HTTP/1.1\r\n\r\n".utf8), HTTP2Connection.preface + W.ping(), HTTP2Connection.preface + W.frame(4, 1)] {
            let other = ServerUnderTest()
            other.take(bytes)
            #expect(other.verdict == "go-away protocolError")
            #expect(other.said.first == "settings")
        }
    }

    @Test("writes a request as HTTP/1.1: crumbs joined, no field of the connection, chunks where no length was said")
    func head() {
        let server = ServerUnderTest()
        let more = W.block([("cookie", "a=1"), ("te", "trailers"), ("x-many", "1"), ("cookie", "b=2"), ("x-many", "2"), ("host", "a")])
        server.take(W.hello + W.headers(1, W.post + more, 4) + W.data(1, [1, 2], 0) + W.headers(1, W.block([("x-sum", "3")])))
        #expect(server.events == ["request 0 chunked", "trailers 0"])
        #expect(
            server.heads == [
                "POST / HTTP/1.1\r\nHost: a\r\nx-many: 1\r\nx-many: 2\r\ncookie: a=1; b=2\r\ntransfer-encoding: chunked\r\n\r\n",
                "0\r\nx-sum: 3\r\n\r\n",
            ])
        #expect(server.content == [0: [1, 2]])
        server.take(W.headers(3, W.post + W.block([("content-length", "3")]), 4) + W.data(3, [4, 1, 2, 3, 9, 9, 9, 9], 9))
        #expect(server.events.suffix(2) == ["request 1 length(3)", "end 1"])
        #expect(server.content[1] == [1, 2, 3])
    }

    @Test("a hundred streams, and the next one is refused and may be sent again (§5.1.2)")
    func streams() {
        let server = ServerUnderTest()
        server.take(W.hello + (0..<101).flatMap { W.headers(UInt32($0 * 2 + 1), W.post, 4) })
        #expect(server.events.count == 100 && server.verdict == "reset 201 refusedStream")
        // What was on its way for it means nothing.
        server.take(W.data(201, [1], 1) + W.reset(1) + W.headers(203))
        #expect(server.events.suffix(2) == ["reset 0", "request 0 none"])
    }

    @Test("content is told of as taken when it is, per stream, and at once for the connection (§6.9)")
    func windows() {
        let server = ServerUnderTest()
        let piece = [UInt8](repeating: 1, count: 16384)
        server.take(W.hello + W.headers(1, W.post, 4) + W.headers(3, W.post, 4))
        server.said = []
        server.take(W.data(1, piece) + W.data(1, piece) + W.data(1, piece))
        #expect(server.said.isEmpty)
        server.connection.take(0, 20000)
        server.collect()
        #expect(server.said.isEmpty)
        server.connection.take(0, 20000)
        server.collect()
        #expect(server.said == ["window 1 40000"])
        // A stream that is not taken from keeps none of the others from going on.
        for _ in 0..<60 {
            server.take(W.data(3, piece))
            server.connection.take(1, 16384)
            server.collect()
        }
        #expect(server.verdict == "served")
        #expect(server.said.contains { $0.hasPrefix("window 0 ") })
    }

    @Test("answers keep to the windows and to the frame's size, also when the windows become negative (§6.9.2)")
    func sends() {
        let server = ServerUnderTest()
        server.take(W.hello + W.headers(1))
        #expect(server.sendable(0) == 16384)
        var room = [UInt8](repeating: 0, count: 20000)
        let content = [UInt8](repeating: 7, count: 16384)
        func send(_ count: Int, ends: Bool = false) -> Int {
            room.withUnsafeMutableBytes { room in
                content[..<count].withUnsafeBytes { server.connection.writeContent($0, 0, ends: ends, into: room) }
            }
        }
        #expect(send(16384) == 16393)
        server.take(W.settings([(4, 10000)]))
        #expect(server.sendable(0) == 0)
        #expect(send(1) == 0)
        server.take(W.windowUpdate(1, 6384))
        #expect(server.sendable(0) == 0)
        server.take(W.windowUpdate(1, 5))
        #expect(server.sendable(0) == 5)
        // No bytes need no window.
        #expect(send(5) == 14)
        #expect(send(0, ends: true) == 9 && Array(room[..<9]) == [0, 0, 0, 0, 1, 0, 0, 0, 1])
        #expect(!server.isOpen(0))
    }

    @Test("a large head goes out in CONTINUATION frames (§6.10)")
    func largeHead() {
        let server = ServerUnderTest()
        server.take(W.hello + W.headers(1))
        var limits = WireLimits()
        limits.headBytes = 1 << 20
        var parser = ReplyHeadParser(limits: limits)
        let value = String(repeating: "v", count: 3000)
        let text = Array(("HTTP/1.1 200 OK\r\n" + (0..<15).map { "X-\($0): \(value)\r\n" }.joined() + "\r\n").utf8)
        let room = text.withUnsafeBytes { bytes -> [UInt8] in
            _ = parser.parse(bytes, requestMethod: .get)
            var room = [UInt8](repeating: 0, count: HTTP2Connection.headRoom(parser.head))
            let count = room.withUnsafeMutableBytes { server.connection.writeHead(parser.head, bytes, 0, ends: false, into: $0) }
            return Array(room[..<count])
        }
        var frames: [HTTP2FrameHeader] = []
        var at = 0
        while let header = room.withUnsafeBytes({ HTTP2FrameHeader($0, at: at) }) {
            frames.append(header)
            at += 9 + header.length
        }
        #expect(at == room.count)
        #expect(frames.map(\.type) == [1, 9, 9] && frames.map(\.flags.rawValue) == [0, 0, 4])
        #expect(frames.dropLast().allSatisfy { $0.length == 16384 })
    }

    @Test("what only burdens ends the connection")
    func floods() {
        func verdict(_ count: Int, _ frame: (Int) -> [UInt8]) -> String {
            let server = ServerUnderTest()
            server.take(W.hello + W.headers(1, W.post, 4))
            for index in 0..<count { server.take(frame(index)) }
            return server.verdict
        }
        let calm = "go-away enhanceYourCalm"
        #expect(verdict(1100) { _ in W.ping() } == calm)
        #expect(verdict(1100) { _ in W.settings() } == calm)
        #expect(verdict(1100) { _ in W.data(1, []) } == calm)
        #expect(verdict(1100) { _ in W.priority(1, on: 3) } == calm)
        #expect(verdict(1100) { _ in W.frame(0x20) } == calm)
        #expect(verdict(1100) { _ in W.windowUpdate(1, 1) } == calm)
        #expect(verdict(201) { W.headers(UInt32($0 * 2 + 3)) + W.reset(UInt32($0 * 2 + 3)) } == calm)
        #expect(verdict(201) { W.headers(UInt32($0 * 2 + 3), W.get + W.block([("X", "")])) } == calm)
        #expect(verdict(1100) { $0 == 0 ? W.headers(3) + W.data(3, [1]) : W.data(3, [1]) } == calm)
        #expect(verdict(900) { _ in W.ping() } == "served")
        #expect(verdict(3000) { $0 % 8 == 0 ? W.data(1, [1]) : W.ping() } == "served")
        #expect(verdict(3000) { $0 % 500 == 0 ? W.data(1, [1]) : W.ping() } == "go-away enhanceYourCalm")
        #expect(verdict(190) { W.headers(UInt32($0 * 2 + 3)) + W.reset(UInt32($0 * 2 + 3)) } == "served")
    }

    @Test("a head that names a large field again and again ends the connection")
    func namedAgain() {
        let server = ServerUnderTest()
        let entry = [0x40, 1, 0x78, 0x7F, 0xBD, 0x1D] + [UInt8](repeating: 0x61, count: 3900)
        server.take(W.hello + W.headers(1, W.get + entry + [UInt8](repeating: 0xBE, count: 8000)))
        #expect(server.verdict == "go-away enhanceYourCalm", "\(server.events)")
    }

    @Test("a head that is too large can be answered, and the connection goes on")
    func tooLarge() {
        let server = ServerUnderTest()
        let block = W.get + (0..<150).flatMap { W.block([("x-\($0)", String(repeating: "a", count: 220))]) }
        let pieces = stride(from: 0, to: block.count, by: 16000).map { Array(block[$0..<min($0 + 16000, block.count)]) }
        var frames = W.headers(1, pieces[0], 1)
        for (index, piece) in pieces.dropFirst().enumerated() { frames += W.continuation(1, piece, index == pieces.count - 2 ? 4 : 0) }
        server.take(W.hello + frames + W.headers(3))
        #expect(server.events == ["too-large 0", "request 1 none"])
    }

    @Test("a gateway that stops says so twice: streams on their way are served, later ones are not (§6.8)")
    func goesAway() {
        let server = ServerUnderTest()
        server.take(W.hello + W.headers(1))
        server.said = []
        server.connection.goAway(isFinal: false)
        server.take(W.headers(3))
        #expect(server.said == ["go-away 2147483647 noError", "ping"])
        server.take(W.frame(6, 1, 0, Array("tongban\n".utf8)))
        #expect(server.events.last == "drained")
        server.connection.goAway(isFinal: true)
        server.take(W.headers(5, W.post, 4) + W.data(5, [1], 1))
        #expect(server.said.last == "go-away 3 noError")
        #expect(server.events == ["request 0 none", "request 1 none", "drained"])
    }
}

@Suite("HTTP/2 from anybody")
struct HTTP2NoiseTests {
    /// Sound connections of some frames, to be spoiled.
    private static func session(_ chance: inout SteadyChance) -> [UInt8] {
        var bytes = W.hello
        var stream: UInt32 = 1
        for _ in 0..<Int.random(in: 1...12, using: &chance) {
            let other = UInt32.random(in: 0...stream, using: &chance) | 1
            switch Int.random(in: 0...9, using: &chance) {
            case 0, 1: bytes += W.headers(stream, W.get)
            case 2, 3: bytes += W.headers(stream, W.post + W.block([("content-length", "3")]), 4) + W.data(stream, [1, 2, 3], 1)
            case 4: bytes += W.headers(stream, W.post, 4) + W.data(other, [1, 2, 3], 9)
            case 5: bytes += W.settings([(UInt16.random(in: 0...7, using: &chance), UInt32.random(in: 0...70000, using: &chance))])
            case 6: bytes += W.windowUpdate(other, UInt32.random(in: 0...UInt32.max, using: &chance))
            case 7: bytes += W.reset(other)
            case 8: bytes += W.headers(stream, Array(W.get.prefix(3)), 1) + W.continuation(stream, Array(W.get.dropFirst(3)))
            default:
                bytes += W.frame(
                    UInt8.random(in: 0...12, using: &chance), UInt8.random(in: 0...255, using: &chance), other,
                    (0..<8).map { _ in UInt8.random(in: 0...255, using: &chance) })
            }
            stream += 2
        }
        return bytes
    }

    @Test("spoiled frames never trap, and come to the same however they are cut", arguments: 0..<40 as Range<UInt64>)
    func spoiled(_ seed: UInt64) {
        var chance = SteadyChance(seed)
        for _ in 0..<60 {
            var bytes = Self.session(&chance)
            for _ in 0..<Int.random(in: 0...4, using: &chance) {
                bytes[Int.random(in: 0..<bytes.count, using: &chance)] = UInt8.random(in: 0...255, using: &chance)
            }
            let whole = ServerUnderTest()
            whole.take(bytes)
            let cut = ServerUnderTest()
            var at = 0
            while at < bytes.count {
                let end = min(bytes.count, at + Int.random(in: 1...30, using: &chance))
                cut.take(Array(bytes[at..<end]))
                at = end
            }
            #expect(whole.said == cut.said)
            #expect(whole.events == cut.events)
            #expect(whole.content == cut.content)
        }
    }

    @Test("random field blocks never trap", arguments: 0..<20 as Range<UInt64>)
    func blocks(_ seed: UInt64) {
        var chance = SteadyChance(seed &+ 77)
        for _ in 0..<500 {
            let server = ServerUnderTest()
            let first = (0..<Int.random(in: 0...60, using: &chance)).map { _ in UInt8.random(in: 0...255, using: &chance) }
            server.take(W.hello + W.headers(1, first) + W.headers(3, W.get + first) + W.headers(5))
            #expect(!server.said.isEmpty)
        }
    }
}
