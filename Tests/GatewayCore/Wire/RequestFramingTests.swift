import GatewayCore
import Testing

private func head(_ lines: String, version: String = "1.1") -> (verdict: HeadVerdict, head: RequestHead, bytes: [UInt8]) {
    let bytes = Array("POST / HTTP/\(version)\r\nHost: h\r\n\(lines)\r\n".utf8)
    var parser = RequestHeadParser(limits: WireLimits())
    let verdict = bytes.withUnsafeBytes { parser.parse($0) }
    return (verdict, parser.head, bytes)
}

private func refusal(_ lines: String, version: String = "1.1") -> String? {
    guard case .refused(let fault) = head(lines, version: version).verdict else { return nil }
    return "\(fault.status) \(fault.reason)"
}

@Suite("Framing, persistence and hop-by-hop fields of a request")
struct RequestFramingTests {
    @Test(
        "Content-Length is digits, once, and no more than fits (RFC 9110 section 8.6)",
        arguments: [
            ("0", 0), ("5", 5), ("005", 5), (" 5 \t", 5), ("9223372036854775807", 9_223_372_036_854_775_807),
        ] as [(String, UInt64)])
    func lengths(_ value: String, _ length: UInt64) {
        let (verdict, head, _) = head("Content-Length:\(value)\r\n")
        #expect(verdict == .complete && head.contentLength == length)
        #expect(head.framing == (length == 0 ? .none : .length(length)))
    }

    @Test(
        "any other Content-Length is refused",
        arguments: [
            "", "+5", "-0", "0x5", "1_0", "1 0", "5,5", "5, 10", "5;", "٥", "9223372036854775808", "18446744073709551616",
            "99999999999999999999999",
        ])
    func brokenLengths(_ value: String) {
        #expect(refusal("Content-Length: \(value)\r\n") == "400 content-length")
    }

    @Test("Content-Length twice is refused, the same or not")
    func repeatedLengths() {
        #expect(refusal("Content-Length: 5\r\nContent-Length: 5\r\n") == "400 content-length-repeated")
        #expect(refusal("Content-Length: 5\r\ncontent-length: 6\r\n") == "400 content-length-repeated")
    }

    @Test(
        "Transfer-Encoding is chunked and nothing else (RFC 9112 section 6.1)",
        arguments: [
            ("chunked", nil), ("CHUNKED", nil), ("\tchunked ", nil), ("gzip", "501 transfer-encoding-not-known"),
            ("gzip, chunked", "501 transfer-encoding-not-known"), ("chunked, gzip", "400 transfer-encoding"),
            ("chunked, chunked", "400 transfer-encoding"), ("identity", "400 transfer-encoding"), ("chunked;q=1", "400 transfer-encoding"),
            (", chunked", "400 transfer-encoding"), ("chunked,", "400 transfer-encoding"), ("", "400 transfer-encoding"),
            ("\"chunked\"", "400 transfer-encoding"),
            ("xchunked", "501 transfer-encoding-not-known"), ("chun ked", "400 transfer-encoding"),
        ])
    func codings(_ value: String, _ expected: String?) {
        #expect(refusal("Transfer-Encoding: \(value)\r\n") == expected)
        if expected == nil { #expect(head("Transfer-Encoding: \(value)\r\n").head.framing == .chunked) }
    }

    @Test("two readings of a length are refused: both fields, one of them twice, a coding in HTTP/1.0")
    func twoReadings() {
        let both = "400 transfer-encoding-and-content-length"
        #expect(refusal("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") == both)
        #expect(refusal("Transfer-Encoding: chunked\r\nX: y\r\nContent-Length: 0\r\n") == both)
        #expect(refusal("Transfer-Encoding: gzip\r\nContent-Length: 0\r\n") == both)
        #expect(refusal("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") == "400 transfer-encoding")
        #expect(refusal("Transfer-Encoding: chunked\r\n", version: "1.0") == "400 transfer-encoding-in-http-1.0")
    }

    @Test(
        "the connection persists as RFC 9112 section 9.3 says",
        arguments: [
            ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.1", "Connection: Close\r\n", false),
            ("1.1", "Connection: keep-alive\r\n", true),
            ("1.1", "Connection: x, close , y\r\n", false), ("1.1", "Connection: x\r\nConnection: close\r\n", false),
            ("1.1", "Connection: keep-alive, close\r\n", false), ("1.1", "Proxy-Connection: close\r\n", true),
            ("1.1", "Connection: closed\r\n", true),
            ("1.0", "", false), ("1.0", "Connection: keep-alive\r\n", true), ("1.0", "Connection: Keep-Alive, close\r\n", false),
            ("1.0", "Proxy-Connection: keep-alive\r\n", false),
        ])
    func persistence(_ version: String, _ lines: String, _ expected: Bool) {
        let (verdict, head, _) = head(lines, version: version)
        #expect(verdict == .complete && head.keepAlive == expected, "\(version) \(lines)")
    }

    @Test("Expect: 100-continue is noted where there is content, ignored in HTTP/1.0, and any other expectation is 417")
    func expectations() {
        #expect(head("Expect: 100-Continue\r\nContent-Length: 5\r\n").head.expectsContinue)
        #expect(head("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n").head.expectsContinue)
        #expect(!head("Expect: 100-continue\r\n").head.expectsContinue)
        #expect(!head("Expect: 100-continue\r\nContent-Length: 5\r\n", version: "1.0").head.expectsContinue)
        #expect(refusal("Expect: 200-ok\r\n") == "417 expectation")
        #expect(refusal("Expect: 100-continue\r\nExpect: 100-continue\r\nContent-Length: 5\r\n") == "417 expectation")
        #expect(refusal("Expect: 200-ok\r\n", version: "1.0") == nil)
    }

    @Test("an upgrade is noted when Connection says so too, and not in HTTP/1.0")
    func upgrades() {
        #expect(head("Connection: Upgrade\r\nUpgrade: websocket\r\n").head.hasUpgrade)
        #expect(!head("Upgrade: websocket\r\n").head.hasUpgrade)
        #expect(!head("Connection: upgrade\r\n").head.hasUpgrade)
        #expect(!head("Connection: Upgrade\r\nUpgrade: websocket\r\n", version: "1.0").head.hasUpgrade)
    }

    private func forwarded(_ lines: String) -> [String] {
        let (verdict, head, bytes) = head(lines)
        #expect(verdict == .complete)
        return head.fields.filter(\.isForwarded).map { String(decoding: bytes[$0.name.range], as: UTF8.self) }
    }

    @Test("fields of one hop stay on it (RFC 9110 section 7.6.1)")
    func hopByHop() {
        #expect(
            forwarded(
                """
                Connection: x-one, X-THREE\r\nX-One: 1\r\nX-Two: 2\r\nx-three: 3\r\nKeep-Alive: 5\r\nTE: trailers\r\nTrailer: x\r\nUpgrade: y\r\n\
                Proxy-Connection: keep-alive\r\nProxy-Authorization: z\r\nHTTP2-Settings: AA\r\nContent-Length: 5\r\nCookie: a\r\n
                """) == ["Host", "X-Two", "Cookie"])
    }

    @Test("a Connection line behind the fields it nominates takes them too")
    func nominationsBackwards() {
        #expect(forwarded("X-One: 1\r\nX-On: 2\r\nConnection: close, x-one\r\n") == ["Host", "X-On"])
    }

    @Test("Connection cannot nominate away what other parties rely on")
    func harmfulNominations() {
        let kept = ["Host", "Authorization", "X-Forwarded-For", "Cookie", "Content-Type", "X-API-Key", "Traceparent"]
        let lines = kept.dropFirst().map { "\($0): v\r\n" }.joined()
        #expect(forwarded(lines + "Connection: \(kept.joined(separator: ", "))\r\n") == kept)
        #expect(head("Connection: content-length, transfer-encoding\r\nContent-Length: 4\r\n").head.framing == .length(4))
    }

    @Test("more than 32 connection options are refused: each costs a pass over the fields")
    func manyOptions() {
        let options = (0..<32).map { "o\($0)" }
        #expect(refusal("Connection: \(options.joined(separator: ","))\r\n") == nil)
        #expect(refusal("Connection: \((options + ["z"]).joined(separator: ","))\r\n") == "400 too-many-connection-options")
    }

    @Test("a known field spelled with underscores is not forwarded, an unknown one is")
    func aliases() {
        #expect(forwarded("X_Api_Key: k\r\nX_Forwarded-For: a\r\nmy_field: b\r\n_: c\r\n") == ["Host", "my_field", "_"])
        #expect(head("X_Forwarded_For: a\r\n").head.first(.xForwardedFor) == nil)
    }
}
