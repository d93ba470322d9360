import GatewayCore
import Testing

private func parse(_ text: String, to method: RequestMethod = .get) -> (verdict: HeadVerdict, head: ReplyHead) {
    var parser = ReplyHeadParser(limits: WireLimits())
    let bytes = Array(text.utf8)
    let verdict = bytes.withUnsafeBytes { parser.parse($0, requestMethod: method) }
    return (verdict, parser.head)
}

@Suite("A reply head")
struct ReplyHeadParserTests {
    @Test("is an index over the received bytes")
    func index() {
        let raw =
            "HTTP/1.1 404 Not Found\r\nServer: x\r\nContent-Length: 2\r\nConnection: x-drop\r\nX-Drop: 1\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\nno"
        let (verdict, head) = parse(raw)
        #expect(verdict == .complete && head.status == 404 && head.minorVersion == 1 && head.framing == .length(2) && head.keepAlive)
        #expect(String(decoding: Array(raw.utf8)[head.reason.range], as: UTF8.self) == "Not Found")
        #expect(head.length == raw.utf8.count - 2 && head.count(.setCookie) == 2)
        #expect(head.fields.map(\.isForwarded) == [true, false, false, false, true, true])
    }

    @Test(
        "takes a status line with or without a reason (RFC 9112 section 4)",
        arguments: [
            ("HTTP/1.1 200 OK", 200), ("HTTP/1.1 200 ", 200), ("HTTP/1.1 200", 200), ("HTTP/1.0 599 \u{6210}\u{529F} \t!", 599),
            ("HTTP/1.1 100 Continue", 100),
        ])
    func statusLines(_ line: String, _ status: Int) {
        let (verdict, head) = parse("\(line)\r\n\r\n")
        #expect(verdict == .complete && head.status == status)
    }

    @Test(
        "is refused as 502 where it breaks a rule",
        arguments: [
            ("HTTP/1.1 099 X\r\n\r\n", "status-code"), ("HTTP/1.1 600 X\r\n\r\n", "status-code"), ("HTTP/1.1 20 OK\r\n\r\n", "status-code"),
            ("HTTP/1.1 2000 OK\r\n\r\n", "status-code"), ("HTTP/1.1  200 OK\r\n\r\n", "status-code"), ("HTTP/1.1\r\n\r\n", "version"),
            ("HTTP/2.0 200 OK\r\n\r\n", "version-not-supported"), ("ICY 200 OK\r\n\r\n", "version"),
            ("\r\nHTTP/1.1 200 OK\r\n\r\n", "version"),
            ("HTTP/1.1 200 O\0K\r\n\r\n", "reason-phrase"), ("HTTP/1.1 200 OK\n\r\n", "bare-lf"), ("HTTP/1.1 200\n\r\n", "bare-lf"),
            ("HTTP/1.1 200 OK\r\nA: b\n\r\n", "bare-lf"), ("HTTP/1.1 200 OK\r\n\n", "bare-lf"), ("HTTP/1.1 200 O\rK\r\n\r\n", "bare-cr"),
            ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", "field-name"), ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "folded-line"),
            ("HTTP/1.1 200 OK\r\nA: \u{1}\r\n\r\n", "field-value"), ("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n", "content-length"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", "content-length-repeated"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", "transfer-encoding-and-content-length"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "transfer-encoding-not-known"),
            ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "transfer-encoding-in-http-1.0"), ("<html>busy</html>", "version"),
        ])
    func refusals(_ raw: String, _ reason: String) {
        guard case .refused(let fault) = parse(raw).verdict else {
            Issue.record("taken: \(raw.debugDescription)")
            return
        }
        #expect(fault.status == 502 && fault.reason == reason, "\(raw.debugDescription)")
    }

    @Test(
        "has content as RFC 9112 section 6.3 says",
        arguments: [
            (.get, "200", "Content-Length: 5", .length(5), true), (.get, "200", "Transfer-Encoding: chunked", .chunked, true),
            (.get, "200", "X: y", .untilClose, false), (.get, "200", "Content-Length: 0", .none, true),
            (.head, "200", "Content-Length: 5", .none, true),
            (.head, "200", "Transfer-Encoding: chunked", .none, true), (.head, "200", "X: y", .none, true),
            (.get, "304", "Content-Length: 5", .none, true),
            (.get, "204", "X: y", .none, true), (.get, "204", "Content-Length: 0", .none, true),
            (.get, "204", "Content-Length: 5", .none, false),
            (.get, "204", "Transfer-Encoding: chunked", .none, false), (.get, "100", "X: y", .none, true),
            (.get, "103", "Content-Length: 1", .none, false),
            (.connect, "200", "X: y", .none, true), (.connect, "407", "Content-Length: 5", .length(5), true),
            (.get, "200", "Content-Length: 5\r\nConnection: close", .length(5), false), (.post, "205", "X: y", .untilClose, false),
        ] as [(RequestMethod, String, String, BodyFraming, Bool)])
    func framing(_ method: RequestMethod, _ status: String, _ line: String, _ framing: BodyFraming, _ keepAlive: Bool) {
        let (verdict, head) = parse("HTTP/1.1 \(status) X\r\n\(line)\r\n\r\n", to: method)
        #expect(verdict == .complete && head.framing == framing && head.keepAlive == keepAlive, "\(method) \(status) \(line)")
    }

    @Test("of HTTP/1.0 ends the connection unless it says otherwise")
    func http10() {
        #expect(!parse("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").head.keepAlive)
        #expect(parse("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n\r\n").head.keepAlive)
    }

    @Test("is interim for 1xx but 101, and the final one is read behind it")
    func interim() {
        let raw = Array("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)
        var parser = ReplyHeadParser(limits: WireLimits())
        raw.withUnsafeBytes { bytes in
            #expect(parser.parse(bytes, requestMethod: .get) == .complete && parser.head.isInformational)
            let used = parser.head.length
            parser.reset()
            let rest = UnsafeRawBufferPointer(rebasing: bytes[used...])
            #expect(parser.parse(rest, requestMethod: .get) == .complete)
            #expect(
                parser.head.status == 200 && !parser.head.isInformational && parser.head.length == rest.count
                    && parser.head.fields.count == 1)
        }
        #expect(!parse("HTTP/1.1 101 Switching\r\n\r\n").head.isInformational)
    }

    @Test("keeps the length that it announces to HEAD")
    func headLength() {
        let (_, head) = parse("HTTP/1.1 200 OK\r\nContent-Length: 922\r\n\r\n", to: .head)
        #expect(head.contentLength == 922 && head.framing == .none)
    }

    @Test("in pieces of every size is what it is whole")
    func inPieces() {
        for raw in [
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\\\"c\"\r\nhello\r\n00\r\nA: b\r\n\r\nHTTP/1.1 204\r\nX_Api_Key: 1\r\n\r\n",
            "HTTP/1.1 500 Oh\r\nConnection: a, b\r\nA:1\r\nB:\t2\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 2x0\r\n\r\n",
            "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\nup to the end",
        ] {
            let bytes = Array(raw.utf8)
            let whole = ReceivedMessages.replies(bytes)
            #expect(!whole.messages.isEmpty)
            for size in 1..<bytes.count { #expect(ReceivedMessages.replies(bytes, pieces: size) == whole, "\(size)") }
        }
    }

    @Test("over its limit is refused")
    func limits() {
        var limits = WireLimits()
        limits.headBytes = 64
        let bytes = Array("HTTP/1.1 200 OK\r\nX: \(String(repeating: "y", count: 64))\r\n\r\n".utf8)
        let received = ReceivedMessages.replies(bytes, limits: limits)
        #expect(received.fault?.status == 502 && received.fault?.reason == "head-too-large")
    }
}
