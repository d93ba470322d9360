import GatewayCore
import Testing

/// Parses one request head given whole.
private func parse(_ text: String, limits: WireLimits = WireLimits()) -> (verdict: HeadVerdict, head: RequestHead) {
    parse(Array(text.utf8), limits: limits)
}

private func parse(_ bytes: [UInt8], limits: WireLimits = WireLimits()) -> (verdict: HeadVerdict, head: RequestHead) {
    var parser = RequestHeadParser(limits: limits)
    let verdict = bytes.withUnsafeBytes { parser.parse($0) }
    return (verdict, parser.head)
}

private func refusal(_ text: String) -> String? { refusal(Array(text.utf8)) }

private func refusal(_ bytes: [UInt8], limits: WireLimits = WireLimits()) -> String? {
    guard case .refused(let fault) = parse(bytes, limits: limits).verdict else { return nil }
    return "\(fault.status) \(fault.reason)"
}

private func text(_ text: String, _ span: ByteSpan?) -> String? {
    span.map { String(decoding: Array(text.utf8)[$0.range], as: UTF8.self) }
}

@Suite("A request head")
struct RequestHeadParserTests {
    @Test("is an index over the received bytes")
    func index() throws {
        let raw =
            "POST /v1/cases?page=2 HTTP/1.1\r\nHost: gw.example:8080\r\nX-Odd:\t two  words \t\r\ncontent-LENGTH: 007\r\nEmpty:\r\n\r\nmore"
        let (verdict, head) = parse(raw)
        #expect(verdict == .complete)
        #expect(head.method == .post && text(raw, head.methodSpan) == "POST")
        #expect(text(raw, head.target) == "/v1/cases?page=2" && head.form == .origin)
        #expect(text(raw, head.path) == "/v1/cases" && text(raw, head.query) == "page=2")
        #expect(text(raw, head.host) == "gw.example:8080" && head.minorVersion == 1)
        #expect(head.fields.map { text(raw, $0.name) } == ["Host", "X-Odd", "content-LENGTH", "Empty"])
        #expect(head.fields.map { text(raw, $0.value) } == ["gw.example:8080", "two  words", "007", ""])
        #expect(head.framing == .length(7) && head.contentLength == 7)
        #expect(head.length == raw.utf8.count - 4)
        #expect(head.first(.contentLength)?.known == .contentLength && head[.te] == nil && head.count(.host) == 1)
        let named = Array(raw.utf8).withUnsafeBytes { head.first(named: "x-ODD".utf8, in: $0) }
        #expect(text(raw, named?.name) == "X-Odd")
    }

    @Test("is read again after reset, with nothing left of the one before")
    func reuse() {
        var parser = RequestHeadParser(limits: WireLimits())
        let first = Array("PUT http://a.example/x?y HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n".utf8)
        let second = Array("GET /z HTTP/1.0\r\nAccept: x\r\n\r\n".utf8)
        #expect(first.withUnsafeBytes { parser.parse($0) } == .complete)
        parser.reset()
        #expect(second.withUnsafeBytes { parser.parse($0) } == .complete)
        let head = parser.head
        #expect(head.query == nil && head.host.isEmpty && head.framing == .none && head.form == .origin && head.minorVersion == 0)
        #expect(head.fields.count == 1 && head.first(.host) == nil && head.contentLength == nil && head.length == second.count)
    }

    @Test(
        "takes the four forms of a target as RFC 9112 section 3.2 gives them",
        arguments: [
            ("GET /", "/", nil, "h"), ("GET /a?b?c=/", "/a", "b?c=/", "h"), ("GET /?", "/", "", "h"), ("OPTIONS *", "", nil, "h"),
            ("GET http://a.example:81/p?q", "/p", "q", "a.example:81"), ("GET HTTPS://a?q/r", "", "q/r", "a"),
            ("OPTIONS http://a", "", nil, "a"), ("GET //double", "//double", nil, "h"), ("GET /back\\slash", "/back\\slash", nil, "h"),
            ("GET /%0d%0aX:%20y", "/%0d%0aX:%20y", nil, "h"), ("GET http://[::1]:8/", "/", nil, "[::1]:8"),
        ])
    func targets(_ line: String, _ path: String, _ query: String?, _ host: String) {
        let raw = "\(line) HTTP/1.1\r\nHost: h\r\n\r\n"
        let (verdict, head) = parse(raw)
        #expect(verdict == .complete, "\(line)")
        #expect(text(raw, head.path) == path && text(raw, head.query) == query && text(raw, head.host) == host, "\(line)")
    }

    @Test(
        "is refused for a broken request line",
        arguments: [
            ("GET  / HTTP/1.1", "400 target"), ("GET / HTTP/1.1 ", "400 version"), ("GET\t/ HTTP/1.1", "400 method"),
            (" GET / HTTP/1.1", "400 method"),
            ("GET /", "400 target"), ("GET / HTTP/1", "400 version"), ("GET / http/1.1", "400 version"), ("GET / HTTP/01.1", "400 version"),
            ("GET / HTTP/1.2", "505 version-not-supported"), ("GET / HTTP/2.0", "505 version-not-supported"),
            ("PRI * HTTP/2.0", "505 version-not-supported"),
            ("GET / HTTP/1.10", "400 version"), ("G[T / HTTP/1.1", "400 method"), ("get / HTTP/1.1", "501 method-not-known"),
            ("FOOBAR / HTTP/1.1", "501 method-not-known"), ("CONNECT a:443 HTTP/1.1", "501 method-not-offered"),
            ("TRACE / HTTP/1.1", "501 method-not-offered"), ("GET * HTTP/1.1", "400 target-form"), ("GET a/b HTTP/1.1", "400 target-form"),
            ("GET ftp://a/ HTTP/1.1", "400 target-form"), ("GET http:/a HTTP/1.1", "400 target-form"),
            ("GET http:///a HTTP/1.1", "400 host"),
            ("GET http://u@a/ HTTP/1.1", "400 host"), ("GET /a#b HTTP/1.1", "400 target"), ("GET /\u{7F} HTTP/1.1", "400 target"),
            ("GET /é HTTP/1.1", "400 target"), ("GET /a b HTTP/1.1", "400 version"), ("GET /\0 HTTP/1.1", "400 target"),
            ("GETTHISISAMETHODTHATNOONEKNOWSANYWHERE / HTTP/1.1", "400 method"), ("\r\n\r\nGET / HTTP/1.1", "400 leading-empty-lines"),
            ("GET / HTTP/1.1\rX: y", "400 bare-cr"), ("\nGET / HTTP/1.1", "400 method"),
        ])
    func requestLines(_ line: String, _ expected: String) {
        #expect(refusal("\(line)\r\nHost: h\r\n\r\n") == expected, "\(line.debugDescription)")
    }

    @Test("may have one empty line before it, which counts in its length")
    func leadingEmptyLine() {
        let raw = "\r\nGET /x HTTP/1.1\r\nHost: h\r\n\r\n"
        let (verdict, head) = parse(raw)
        #expect(verdict == .complete && head.length == raw.utf8.count && text(raw, head.path) == "/x")
    }

    @Test(
        "is refused for a broken field line (RFC 9112 section 5)",
        arguments: [
            ("X : y", "field-name"), ("X\t: y", "field-name"), (": y", "field-name"), ("X", "field-name"), ("X y: z", "field-name"),
            ("X(: y", "field-name"), ("X\u{E9}: y", "field-name"), ("X: a\0b", "field-value"), ("X: a\u{7F}", "field-value"),
            ("X: \u{1}", "field-value"),
            ("X: a\u{0B}", "field-value"), ("X: a\rb", "bare-cr"), ("X: a\r\n b", "folded-line"), ("X: a\r\n\tb", "folded-line"),
            (" X: a", "folded-line"), ("X: a\r", "bare-cr"), ("Content_Length: 4", "framing-alias"),
            ("TRANSFER_encoding: x", "framing-alias"),
        ])
    func fieldLines(_ line: String, _ reason: String) {
        #expect(refusal("GET / HTTP/1.1\r\nHost: h\r\n\(line)\r\n\r\n") == "400 \(reason)", "\(line.debugDescription)")
    }

    @Test("takes every byte that a field value may hold, and keeps it")
    func fieldValues() {
        let value = [0x21, 0x09, 0x20] + Array(0x20...0x7E) + Array(0x80...0xFF) as [UInt8]
        let raw = Array("GET / HTTP/1.1\r\nHost: h\r\nX!#$%&'*+-.^_`|~9: ".utf8) + value + Array("\r\n\r\n".utf8)
        let (verdict, head) = parse(raw)
        #expect(verdict == .complete)
        #expect(head.fields.last.map { Array(raw[$0.value.range]) } == value)
    }

    @Test("every single byte is taken or refused, in a name and in a value, as RFC 9110 section 5 says")
    func everyByte() {
        let token = Set("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)
        // Long and short ones, because eight bytes are looked at together, and the last ones singly.
        for pad in ["", "abcdefghijk"] {
            for octet in UInt8.min...UInt8.max where octet != 0x3A && octet != 0x0D && octet != 0x0A {
                let before = Array("GET / HTTP/1.1\r\nHost: h\r\n\(pad)a".utf8)
                let name = before + [octet] + Array("a\(pad): v\r\n\r\n".utf8)
                #expect((parse(name).verdict == .complete) == token.contains(octet), "name, \(octet)")
                let value = before + Array(": v\(pad)".utf8) + [octet] + Array("v\(pad)\r\n\r\n".utf8)
                #expect((parse(value).verdict == .complete) == (octet == 9 || octet >= 0x20 && octet != 0x7F), "value, \(octet)")
                if octet == 0x20 { continue }
                let target = Array("GET /\(pad)".utf8) + [octet] + Array("\(pad) HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
                #expect((parse(target).verdict == .complete) == (octet > 0x20 && octet < 0x7F && octet != 0x23), "target, \(octet)")
            }
        }
    }

    @Test("takes a bare LF as the end of a line only where no neighbour could lose a framing field or the head's end by it")
    func bareLineFeeds() {
        #expect(parse("GET / HTTP/1.1\nHost: h\r\n\r\n").verdict == .complete)
        #expect(parse("GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n").verdict == .complete)
        for raw in [
            "GET / HTTP/1.1\r\nHost: h\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\n", "GET / HTTP/1.1\nHost: h\n\n",
            "POST / HTTP/1.1\nHost: h\r\nContent-Length: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nX: y\nTransfer-Encoding: chunked\r\nHost: h\r\n\r\n",
            "POST / HTTP/1.1\r\nX: y\nContent-Length: 0\r\nHost: h\r\n\r\n",
        ] {
            #expect(refusal(raw) == "400 bare-lf", "\(raw.debugDescription)")
        }
    }

    @Test(
        "needs exactly one valid Host (RFC 9112 section 3.2)",
        arguments: [
            ("", "host-missing"), ("Host:\r\n", "host"), ("Host: a\r\nHost: a\r\n", "host-repeated"), ("Host: a b\r\n", "host"),
            ("Host: a,b\r\n", "host"),
            ("Host: u@a\r\n", "host"), ("Host: a/b\r\n", "host"), ("Host: a:\r\n", nil), ("Host: a:65535\r\n", nil),
            ("Host: a:65536\r\n", "host"),
            ("Host: a:8x\r\n", "host"), ("Host: [::1]\r\n", nil), ("Host: [::1]:80\r\n", nil), ("Host: [::1\r\n", "host"),
            ("Host: []\r\n", "host"),
            ("Host: [1]\r\n", "host"), ("Host: [::1]x\r\n", "host"), ("Host: :80\r\n", "host"), ("Host: \u{E9}\r\n", "host"),
            ("Host: a%41\r\n", "host"),
            ("Host: hlj-a_b.gov.cn\r\n", nil), ("Host: a:000000000000000000000000080\r\n", nil),
        ])
    func hosts(_ lines: String, _ reason: String?) {
        #expect(refusal("GET / HTTP/1.1\r\n\(lines)\r\n") == reason.map { "400 \($0)" }, "\(lines)")
        // The target's authority wins, and the field is checked all the same.
        #expect(refusal("GET http://x/ HTTP/1.1\r\n\(lines)\r\n") == reason.map { "400 \($0)" }, "\(lines)")
    }

    @Test("may be without Host in HTTP/1.0 only")
    func hostInHTTP10() {
        #expect(parse("GET / HTTP/1.0\r\n\r\n").verdict == .complete)
        #expect(refusal("GET / HTTP/1.0\r\nHost: a b\r\n\r\n") == "400 host")
    }

    @Test("is refused over each limit, with the status that says which, and taken at it")
    func limits() {
        var limits = WireLimits()
        limits.headBytes = 100
        limits.targetBytes = 20
        limits.fields = 3
        let target = String(repeating: "a", count: 19)
        #expect(parse("GET /\(target) HTTP/1.1\r\nHost: h\r\n\r\n", limits: limits).verdict == .complete)
        #expect(refusal(Array("GET /\(target)a HTTP/1.1\r\nHost: h\r\n\r\n".utf8), limits: limits) == "414 target-too-long")
        #expect(refusal(Array("GET /\(target)aaaa".utf8), limits: limits) == "414 target-too-long")
        #expect(parse("GET / HTTP/1.1\r\nHost: h\r\nA: b\r\nC: d\r\n\r\n", limits: limits).verdict == .complete)
        #expect(refusal(Array("GET / HTTP/1.1\r\nHost: h\r\nA: b\r\nC: d\r\nE: f\r\n\r\n".utf8), limits: limits) == "431 too-many-fields")
        let room = 100 - "GET / HTTP/1.1\r\nHost: h\r\nX: \r\n\r\n".utf8.count
        let fits = "GET / HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: "v", count: room))\r\n\r\n"
        #expect(parse(fits, limits: limits).verdict == .complete)
        let over = "GET / HTTP/1.1\r\nHost: h\r\nX: v\(String(repeating: "v", count: room))\r\n\r\n"
        #expect(refusal(Array(over.utf8), limits: limits) == "431 head-too-large")
        #expect(parse(String(over.prefix(90)), limits: limits).verdict == .incomplete)
    }

    @Test("that drips in costs no more looks at its bytes than one that is whole: 30,000 bytes in 30,000 calls")
    func slowDrip() {
        let raw = Array("GET / HTTP/1.1\r\nHost: h\r\nX: \(String(repeating: "v", count: 30_000))\r\n\r\n".utf8)
        var parser = RequestHeadParser(limits: WireLimits())
        let clock = ContinuousClock()
        let taken = clock.measure {
            raw.withUnsafeBytes { all in
                for end in 1..<all.count { #expect(parser.parse(UnsafeRawBufferPointer(rebasing: all[..<end])) == .incomplete) }
                #expect(parser.parse(all) == .complete)
            }
        }
        // 30,000² / 2 looks would be 450 million: minutes in a debug build.
        #expect(taken < .seconds(20))
    }

    @Test("stays refused, whatever comes behind")
    func staysRefused() {
        var parser = RequestHeadParser(limits: WireLimits())
        let bytes = Array("GET  / HTTP/1.1\r\nHost: h\r\n\r\n".utf8)
        let first = bytes.withUnsafeBytes { parser.parse($0) }
        #expect(bytes.withUnsafeBytes { parser.parse($0) } == first)
    }

    @Test("quotes nothing of the message when it is refused")
    func quotesNothing() {
        #expect(refusal("GET / HTTP/1.1\r\nHost: h\r\nX-Secret: 230100199001010016\0\r\n\r\n") == "400 field-value")
    }

    @Test("an empty buffer, or none, is incomplete")
    func empty() {
        var parser = RequestHeadParser(limits: WireLimits())
        #expect(parser.parse(UnsafeRawBufferPointer(start: nil, count: 0)) == .incomplete)
    }
}
