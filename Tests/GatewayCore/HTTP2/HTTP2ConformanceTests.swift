import GatewayCore
import Testing

/// What a client does after its preface and settings, and how it ends for it. In the spirit of h2spec, section by section.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
    let section: String
    let name: String
    let bytes: [UInt8]
    let verdict: String
    var testDescription: String { "\(section) \(name)" }

    init(_ section: String, _ name: String, _ bytes: [UInt8]..., verdict: String) {
        self.section = section
        self.name = name
        self.bytes = bytes.flatMap { $0 }
        self.verdict = verdict
    }
}

private typealias W = Wire2
private let protocolError = "go-away protocolError"
private let frameSize = "go-away frameSizeError"
private let streamClosed = "go-away streamClosed"
private let flowControl = "go-away flowControlError"
private let compression = "go-away compressionError"
private let calm = "go-away enhanceYourCalm"

@Suite("HTTP/2, rule by rule")
struct HTTP2ConformanceTests {
    static let framing = [
        ConformanceCase("4.1", "a frame of a type that nobody knows", W.frame(0xFF, 0xFF, 1, [1, 2, 3]), W.headers(1), verdict: "served"),
        ConformanceCase("4.1", "flags that mean nothing", W.frame(6, 0xFE, 0, [UInt8](repeating: 0, count: 8)), verdict: "served"),
        ConformanceCase("4.1", "the reserved bit", W.headers(0x8000_0001), verdict: "served"),
        ConformanceCase(
            "4.2", "a DATA frame of 16,384 bytes", W.headers(1, W.post, 4), W.data(1, [UInt8](repeating: 1, count: 16384)),
            verdict: "served"),
        ConformanceCase(
            "4.2", "a DATA frame of one byte more", W.headers(1, W.post, 4), W.data(1, [UInt8](repeating: 1, count: 16385)),
            verdict: frameSize),
        ConformanceCase("4.2", "HEADERS that are too large", W.headers(1, W.get + [UInt8](repeating: 0, count: 16384)), verdict: frameSize),
        ConformanceCase(
            "4.2", "an unknown frame that is too large", W.frame(0xFF, 0, 0, [UInt8](repeating: 0, count: 16385)), verdict: frameSize),
        ConformanceCase("4.3", "a block that is no block", W.headers(1, W.get + [0x40]), verdict: compression),
        ConformanceCase("4.3", "PRIORITY within a block", W.headers(1, W.get, 1), W.priority(1, on: 0), verdict: protocolError),
        ConformanceCase("4.3", "HEADERS of another stream within a block", W.headers(1, W.get, 1), W.headers(3), verdict: protocolError),
        ConformanceCase("5.5", "an unknown frame within a block", W.headers(1, W.get, 1), W.frame(0x16, 0, 0), verdict: protocolError),
        ConformanceCase("5.5", "an unknown setting", W.settings([(0xFF, 1)]), W.headers(1), verdict: "served"),
    ]

    static let states = [
        ConformanceCase("5.1", "idle: DATA", W.data(1, [1], 1), verdict: protocolError),
        ConformanceCase("5.1", "idle: RST_STREAM", W.reset(1), verdict: protocolError),
        ConformanceCase("5.1", "idle: WINDOW_UPDATE", W.windowUpdate(1, 100), verdict: protocolError),
        ConformanceCase("5.1", "idle: CONTINUATION", W.continuation(1, W.get), verdict: protocolError),
        ConformanceCase("5.1", "idle: PRIORITY", W.priority(3, on: 1), W.headers(5), verdict: "served"),
        ConformanceCase("5.1", "half-closed: DATA", W.headers(1), W.data(1, [1], 1), verdict: "reset 1 streamClosed"),
        ConformanceCase("5.1", "half-closed: HEADERS", W.headers(1), W.headers(1), verdict: "reset 1 streamClosed"),
        ConformanceCase("5.1", "half-closed: CONTINUATION", W.headers(1), W.continuation(1, W.get), verdict: protocolError),
        ConformanceCase("5.1", "half-closed: WINDOW_UPDATE", W.headers(1), W.windowUpdate(1, 100), verdict: "served"),
        ConformanceCase("5.1", "half-closed: PRIORITY", W.headers(1), W.priority(1, on: 3), verdict: "served"),
        ConformanceCase("5.1", "reset: DATA", W.headers(1, W.post, 4), W.reset(1), W.data(1, [1], 1), verdict: streamClosed),
        ConformanceCase("5.1", "reset: HEADERS", W.headers(1, W.post, 4), W.reset(1), W.headers(1), verdict: streamClosed),
        ConformanceCase(
            "5.1", "reset: CONTINUATION", W.headers(1, W.post, 4), W.reset(1), W.continuation(1, W.get), verdict: protocolError),
        ConformanceCase(
            "5.1", "reset: RST_STREAM, WINDOW_UPDATE and PRIORITY", W.headers(1), W.reset(1), W.reset(1), W.windowUpdate(1, 1),
            W.priority(1, on: 3), verdict: "served"),
        ConformanceCase(
            "5.1", "reset by us: DATA and trailers that were on their way", W.headers(1), W.data(1, [1]), W.data(1, [1], 1), W.headers(1),
            verdict: "reset 1 streamClosed"),
        ConformanceCase("5.1.1", "an even stream", W.headers(2), verdict: protocolError),
        ConformanceCase("5.1.1", "a stream that goes back", W.headers(5), W.headers(3), verdict: protocolError),
        ConformanceCase("5.1.1", "DATA on a stream that was passed over", W.headers(5), W.data(3, [1]), verdict: streamClosed),
        ConformanceCase("5.3", "a PRIORITY that depends on itself", W.headers(1), W.priority(1, on: 1), verdict: "reset 1 protocolError"),
        ConformanceCase("5.3", "a PRIORITY that depends on itself, idle", W.priority(1, on: 1), verdict: protocolError),
        ConformanceCase("5.3", "HEADERS that depend on themselves", W.frame(1, 0x25, 1, W.word(1) + [1] + W.get), verdict: protocolError),
        ConformanceCase("5.3", "HEADERS with a priority", W.frame(1, 0x25, 1, W.word(3) + [1] + W.get), verdict: "served"),
    ]

    static let frames = [
        ConformanceCase("6.1", "DATA on stream 0", W.data(0, [1], 1), verdict: protocolError),
        ConformanceCase(
            "6.1", "padding as long as the payload", W.headers(1, W.post, 4), W.data(1, [5, 1, 1, 1, 1], 9), verdict: protocolError),
        ConformanceCase(
            "6.1", "padding that fills the payload", W.headers(1, W.post, 4), W.data(1, [4, 0, 0, 0, 0], 9), verdict: "served"),
        ConformanceCase("6.1", "padding without its length", W.headers(1, W.post, 4), W.data(1, [], 9), verdict: frameSize),
        ConformanceCase("6.2", "HEADERS on stream 0", W.headers(0), verdict: protocolError),
        ConformanceCase("6.2", "HEADERS with padding as long as the payload", W.frame(1, 0xD, 1, [7] + W.get), verdict: protocolError),
        ConformanceCase("6.2", "HEADERS with padding", W.frame(1, 0xD, 1, [3] + W.get + [0, 0, 0]), verdict: "served"),
        ConformanceCase("6.2", "HEADERS with padding without its length", W.frame(1, 0xD, 1, []), verdict: frameSize),
        ConformanceCase("6.2", "HEADERS with half a priority", W.frame(1, 0x25, 1, [0, 0]), verdict: frameSize),
        ConformanceCase("6.3", "PRIORITY on stream 0", W.priority(0, on: 1), verdict: protocolError),
        ConformanceCase("6.3", "PRIORITY of four bytes", W.headers(1), W.frame(2, 0, 1, [0, 0, 0, 3]), verdict: "reset 1 frameSizeError"),
        ConformanceCase("6.3", "PRIORITY of four bytes, idle", W.frame(2, 0, 1, [0, 0, 0, 3]), verdict: frameSize),
        ConformanceCase("6.4", "RST_STREAM on stream 0", W.reset(0), verdict: protocolError),
        ConformanceCase("6.4", "RST_STREAM of three bytes", W.headers(1), W.frame(3, 0, 1, [0, 0, 8]), verdict: frameSize),
        ConformanceCase("6.5", "an acknowledgement with a payload", W.frame(4, 1, 0, [0, 3, 0, 0, 0, 1]), verdict: frameSize),
        ConformanceCase("6.5", "SETTINGS on a stream", W.frame(4, 0, 1), verdict: protocolError),
        ConformanceCase("6.5", "SETTINGS of five bytes", W.frame(4, 0, 0, [0, 3, 0, 0, 0]), verdict: frameSize),
        ConformanceCase("6.5.2", "ENABLE_PUSH 2", W.settings([(2, 2)]), verdict: protocolError),
        ConformanceCase("6.5.2", "a window over 2^31-1", W.settings([(4, 0x8000_0000)]), verdict: flowControl),
        ConformanceCase("6.5.2", "a frame size under 2^14", W.settings([(5, 16383)]), verdict: protocolError),
        ConformanceCase("6.5.2", "a frame size over 2^24-1", W.settings([(5, 16_777_216)]), verdict: protocolError),
        ConformanceCase("6.5.3", "many settings", W.settings([(1, 0), (2, 0), (3, 1), (4, 9), (5, 20000), (6, 1)]), verdict: "served"),
        ConformanceCase("6.6", "PUSH_PROMISE from a client", W.headers(1), W.frame(5, 4, 1, W.word(2) + W.get), verdict: protocolError),
        ConformanceCase("6.7", "PING on a stream", W.frame(6, 0, 1, [UInt8](repeating: 0, count: 8)), verdict: protocolError),
        ConformanceCase("6.7", "PING of six bytes", W.frame(6, 0, 0, [UInt8](repeating: 0, count: 6)), verdict: frameSize),
        ConformanceCase("6.7", "an answer that nobody asked for", W.ping(1), verdict: "served"),
        ConformanceCase("6.8", "GOAWAY on a stream", W.goAway(1), verdict: protocolError),
        ConformanceCase("6.8", "GOAWAY of seven bytes", W.frame(7, 0, 0, [UInt8](repeating: 0, count: 7)), verdict: frameSize),
        ConformanceCase("6.8", "GOAWAY", W.goAway(), verdict: "served"),
        ConformanceCase("6.9", "a WINDOW_UPDATE of 0", W.windowUpdate(0, 0), verdict: protocolError),
        ConformanceCase("6.9", "a WINDOW_UPDATE of 0 on a stream", W.headers(1), W.windowUpdate(1, 0), verdict: "reset 1 protocolError"),
        ConformanceCase("6.9", "a WINDOW_UPDATE of three bytes", W.frame(8, 0, 0, [0, 0, 1]), verdict: frameSize),
        ConformanceCase(
            "6.9.1", "a window over 2^31-1", W.windowUpdate(0, 0x7FFF_FFFF), W.windowUpdate(0, 0x7FFF_FFFF), verdict: flowControl),
        ConformanceCase(
            "6.9.1", "a stream's window over 2^31-1", W.headers(1), W.windowUpdate(1, 0x7FFF_FFFF), verdict: "reset 1 flowControlError"),
        ConformanceCase(
            "6.9.2", "a setting that makes a window too large", W.headers(1), W.windowUpdate(1, 0x7FFF_0000),
            W.settings([(4, 0x7FFF_FFFF)]), verdict: flowControl),
        ConformanceCase(
            "6.9.1", "more than the stream's window", W.headers(1, W.post, 4),
            (0..<5).flatMap { _ in W.data(1, [UInt8](repeating: 1, count: 16384)) }, verdict: "reset 1 flowControlError"),
        ConformanceCase("6.10", "CONTINUATION on stream 0", W.headers(1, W.get, 1), W.continuation(0, []), verdict: protocolError),
        ConformanceCase("6.10", "CONTINUATION of another stream", W.headers(1, W.get, 1), W.continuation(3, []), verdict: protocolError),
        ConformanceCase("6.10", "CONTINUATION behind a whole block", W.headers(1), W.continuation(1, []), verdict: protocolError),
        ConformanceCase(
            "6.10", "several CONTINUATION frames", W.headers(1, [0x82], 1), W.continuation(1, [0x87], 0),
            W.continuation(1, [0x84, 1, 1, 0x61]), verdict: "served"),
        ConformanceCase(
            "6.10", "six CONTINUATION frames", W.headers(1, [0x82], 1), (0..<6).flatMap { _ in W.continuation(1, [], 0) }, verdict: calm),
    ]

    static func head(_ fields: [(String, String)], _ more: [UInt8]..., name: String, section: String = "8.2") -> ConformanceCase {
        ConformanceCase(section, name, W.headers(1, W.block(fields)), more.flatMap { $0 }, verdict: "reset 1 protocolError")
    }

    static let base = [(":method", "GET"), (":scheme", "https"), (":path", "/"), (":authority", "a")]

    static let requests = [
        ConformanceCase("8.1", "a sound request", W.headers(1, W.block(base)), verdict: "served"),
        ConformanceCase(
            "8.1", "trailers that do not end the stream", W.headers(1, W.post, 4), W.headers(1, W.block([("x", "y")]), 4),
            verdict: "reset 1 protocolError"),
        ConformanceCase("8.1", "trailers", W.headers(1, W.post, 4), W.headers(1, W.block([("x", "y")])), verdict: "served"),
        ConformanceCase(
            "8.1", "a pseudo-field among trailers", W.headers(1, W.post, 4), W.headers(1, W.block([(":path", "/")])),
            verdict: "reset 1 protocolError"),
        head(base + [("X", "y")], name: "a name in upper case", section: "8.2.1"),
        head(base + [("", "y")], name: "no name", section: "8.2.1"),
        head(base + [("x", "a\r\nb: c")], name: "CR LF in a value", section: "8.2.1"),
        head(base + [("x", "a\0")], name: "NUL in a value", section: "8.2.1"),
        head(base + [("x", " a")], name: "white space in front of a value", section: "8.2.1"),
        head(base + [("x", "a\t")], name: "white space behind a value", section: "8.2.1"),
        head(base + [("connection", "keep-alive")], name: "connection", section: "8.2.2"),
        head(base + [("keep-alive", "1")], name: "keep-alive", section: "8.2.2"),
        head(base + [("proxy-connection", "close")], name: "proxy-connection", section: "8.2.2"),
        head(base + [("transfer-encoding", "chunked")], name: "transfer-encoding", section: "8.2.2"),
        head(base + [("upgrade", "h2c")], name: "upgrade", section: "8.2.2"),
        head(base + [("te", "trailers, deflate")], name: "te", section: "8.2.2"),
        head(base + [(":x", "y")], name: "an unknown pseudo-field", section: "8.3"),
        head(base + [(":status", "200")], name: "an answer's pseudo-field", section: "8.3"),
        head([("x", "y")] + base, name: "pseudo-fields behind others", section: "8.3"),
        head(base.filter { $0.0 != ":method" }, name: "no method", section: "8.3.1"),
        head(base.filter { $0.0 != ":scheme" }, name: "no scheme", section: "8.3.1"),
        head(base.filter { $0.0 != ":path" }, name: "no path", section: "8.3.1"),
        head(base.filter { $0.0 != ":path" } + [(":path", "")], name: "an empty path", section: "8.3.1"),
        head(base + [(":method", "GET")], name: "two methods", section: "8.3.1"),
        head(base + [(":scheme", "https")], name: "two schemes", section: "8.3.1"),
        head(base + [(":path", "/")], name: "two paths", section: "8.3.1"),
        head(base + [(":authority", "a")], name: "two authorities", section: "8.3.1"),
        head(base + [("host", "b")], name: "another host", section: "8.3.1"),
        head(base.filter { $0.0 != ":authority" }, name: "no host at all", section: "8.3.1"),
        head([(":method", "CONNECT"), (":authority", "a:1")], name: "CONNECT", section: "8.5"),
        head(base + [("content-length", "1")], name: "a length and no content", section: "8.1.1"),
        ConformanceCase(
            "8.1.1", "less content than its length", W.headers(1, W.post + W.block([("content-length", "2")]), 4), W.data(1, [1], 1),
            verdict: "reset 1 protocolError"),
        ConformanceCase(
            "8.1.1", "more content than its length", W.headers(1, W.post + W.block([("content-length", "1")]), 4), W.data(1, [1, 1]),
            verdict: "reset 1 protocolError"),
        ConformanceCase(
            "8.1.1", "less content, then trailers", W.headers(1, W.post + W.block([("content-length", "2")]), 4), W.data(1, [1]),
            W.headers(1, W.block([("x", "y")])), verdict: "reset 1 protocolError"),
        ConformanceCase(
            "8.1.1", "its length in two frames", W.headers(1, W.post + W.block([("content-length", "2")]), 4), W.data(1, [1]),
            W.data(1, [1], 1), verdict: "served"),
    ]

    @Test("framing (§4, §5.5)", arguments: framing)
    func framingAreKept(_ example: ConformanceCase) { check(example) }

    @Test("stream states (§5.1-§5.3)", arguments: states)
    func statesAreKept(_ example: ConformanceCase) { check(example) }

    @Test("frames (§6)", arguments: frames)
    func framesAreKept(_ example: ConformanceCase) { check(example) }

    @Test("requests (§8)", arguments: requests)
    func requestsAreKept(_ example: ConformanceCase) { check(example) }

    /// Whole, and byte by byte: it must come to the same.
    private func check(_ example: ConformanceCase) {
        let server = ServerUnderTest()
        server.take(W.hello + example.bytes)
        #expect(server.verdict == example.verdict, "\(server.said) \(server.events)")
        let slow = ServerUnderTest()
        for byte in W.hello + example.bytes { slow.take([byte]) }
        #expect(slow.said == server.said)
        #expect(slow.events == server.events)
        // A stream that broke leaves the others alone, and the table of fields as it was.
        guard !example.verdict.hasPrefix("go-away") else { return }
        let before = server.events.count
        server.take(W.headers(101))
        #expect(server.events.count == before + 1 && server.events.last?.hasPrefix("request") == true)
        #expect(server.heads.last == "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    }
}
