import GatewayCore
import Testing

/// Content read as a proxy reads it, from bytes that are cut at `cuts`.
private func read(
    _ text: String, _ framing: BodyFraming = .chunked, cuts: [Int] = [], limits: WireLimits = WireLimits()
) -> (body: String, trailers: [String], used: Int?, fault: String?) {
    let bytes = Array(text.utf8)
    var reader = BodyReader(framing: framing, limits: limits)
    var body: [UInt8] = []
    var from = 0
    for end in cuts + [bytes.count] {
        while true {
            let step = bytes[from..<end].withUnsafeBytes { reader.next($0) }
            switch step {
            case .payload(let range, let consumed):
                body += bytes[from + range.lowerBound..<from + range.upperBound]
                from += consumed
                continue
            case .needMore(let consumed): from += consumed
            case .end(let consumed):
                let trailers = reader.trailers.map { line in
                    String(decoding: bytes[from + line.name.range.lowerBound..<from + line.value.range.upperBound], as: UTF8.self)
                }
                return (String(decoding: body, as: UTF8.self), trailers, from + consumed, nil)
            case .refused(let fault): return (String(decoding: body, as: UTF8.self), [], nil, "\(fault.status) \(fault.reason)")
            }
            break
        }
    }
    return (String(decoding: body, as: UTF8.self), [], nil, nil)
}

@Suite("A body reader")
struct BodyReaderTests {
    @Test("reads chunks, drops their extensions, and stops at the message's last byte")
    func chunks() {
        let text = "5\r\nhello\r\n006;a;b=c;d=\"e;\\\"\tf\"\r\n world\r\n00;x\r\nA: b\r\nC:  d \r\n\r\nNEXT"
        let result = read(text)
        #expect(result.body == "hello world" && result.trailers == ["A: b", "C:  d"] && result.used == text.utf8.count - 4)
    }

    @Test("gives the same at every place where the bytes can be cut, in two and in three")
    func everyCut() {
        let text = "5\r\nhello\r\nA;x=\"y\"\r\n0123456789\r\n0\r\nTrailer-One: 1\r\nT: 2\r\n\r\nGET"
        let whole = read(text)
        #expect(whole.body == "hello0123456789" && whole.trailers == ["Trailer-One: 1", "T: 2"] && whole.used == text.utf8.count - 3)
        for first in 0..<text.utf8.count {
            for second in first..<text.utf8.count {
                #expect(read(text, cuts: [first, second]) == whole, "\(first) \(second)")
            }
        }
        #expect(read(text, cuts: Array(0..<text.utf8.count)) == whole)
    }

    @Test(
        "refuses what is not a chunk (RFC 9112 section 7.1)",
        arguments: [
            ("\r\n", "chunk-size"), (";a\r\n", "chunk-size"), ("g\r\n", "chunk-size"), ("0x5\r\n", "chunk-size"), ("+5\r\n", "chunk-size"),
            ("-1\r\n", "chunk-size"),
            (" 5\r\n", "chunk-size"), ("5 \r\n", "chunk-extension"), ("5 ;a\r\n", "chunk-extension"), ("1_0\r\n", "chunk-size"),
            ("ffffffffffffffff\r\n", "chunk-size"), ("8000000000000000\r\n", "chunk-size"), ("FFFFFFFFFFFFFFFF0\r\n", "chunk-size"),
            ("00000000000000005\r\n", "chunk-size"), ("5\nhello", "bare-lf"), ("5\rhello", "bare-cr"), ("5;\r\n", "chunk-extension"),
            ("5;\0a\r\n", "chunk-extension"), ("5;a[\r\n", "chunk-extension"), ("5;a=\r\n", "chunk-extension"),
            ("5;a=\"b\r\n", "chunk-extension"),
            ("5;a=\"b\"c\r\n", "chunk-extension"), ("5;a=\"\\\r\n", "chunk-extension"), ("5;a=\"\u{1}\"\r\n", "chunk-extension"),
            ("5; a\r\n", "chunk-extension"),
            ("5;a\n", "bare-lf"), ("5\r\nhelloX", "chunk-end"), ("5\r\nhello\n", "chunk-end"), ("5\r\nhello\rX", "chunk-end"),
            ("0\r\n\n", "bare-lf"), ("0\r\n\rX", "bare-cr"), ("0\r\n A: b\r\n\r\n", "folded-line"), ("0\r\nA : b\r\n\r\n", "field-name"),
            ("0\r\nA: \0\r\n\r\n", "field-value"), ("0\r\nA: b\n\r\n", "bare-lf"), ("0\r\nA: b\r\n c\r\n\r\n", "folded-line"),
        ])
    func broken(_ text: String, _ reason: String) {
        #expect(read(text).fault == "400 \(reason)", "\(text.debugDescription)")
        #expect(read(text, cuts: Array(0..<text.utf8.count)).fault == "400 \(reason)", "\(text.debugDescription)")
    }

    @Test("takes chunk sizes up to the largest signed number, and never traps on them")
    func hugeChunk() {
        var reader = BodyReader(framing: .chunked, limits: WireLimits())
        let bytes = Array("7fffffffffffffff\r\nabc".utf8)
        #expect(bytes.withUnsafeBytes { reader.next($0) } == .payload(18..<21, consumed: 21))
        #expect(!reader.isFinished)
    }

    @Test("drops broken extensions where it is told to, but no bare CR or LF and no broken size")
    func droppedExtensions() {
        var limits = WireLimits()
        limits.brokenChunkExtensions = .dropped
        for line in ["5;", "5 ", "5\t;a", "5;\0ext", "5;bad[=x", "5;a=\"b", "5; a = b"] {
            let result = read("\(line)\r\nhello\r\n0\r\n\r\n", limits: limits)
            #expect(result.body == "hello" && result.used != nil, "\(line.debugDescription)")
        }
        for line in ["5x", "5;a\rb", ";", " 5", "5;a\n", "5 \n", "0x5", "5_"] {
            #expect(read("\(line)\r\nhello\r\n0\r\n\r\n", limits: limits).fault != nil, "\(line.debugDescription)")
        }
    }

    @Test("refuses a chunk line and a trailer section over their limits")
    func limits() {
        var limits = WireLimits()
        limits.chunkLineBytes = 8
        limits.trailerBytes = 32
        #expect(read("5;abcdef\r\nhello\r\n0\r\n\r\n", limits: limits).used != nil)
        #expect(read("5;abcdefg\r\nhello\r\n0\r\n\r\n", limits: limits).fault == "400 chunk-line-too-long")
        #expect(read("0\r\nA: \(String(repeating: "b", count: 25))\r\n\r\n", limits: limits).used != nil)
        #expect(read("0\r\nA: \(String(repeating: "b", count: 26))\r\n\r\n", limits: limits).fault == "431 trailers-too-large")
        #expect(read("0\r\nA: \(String(repeating: "b", count: 40))", limits: limits).fault == "431 trailers-too-large")
    }

    @Test("reads by length, and knows the end with the last byte")
    func length() {
        var reader = BodyReader(framing: .length(5), limits: WireLimits())
        let bytes = Array("helloNEXT".utf8)
        bytes.withUnsafeBytes { all in
            #expect(reader.next(UnsafeRawBufferPointer(rebasing: all[..<3])) == .payload(0..<3, consumed: 3))
            #expect(reader.next(UnsafeRawBufferPointer(start: nil, count: 0)) == .needMore(consumed: 0))
            #expect(!reader.isFinished)
            #expect(reader.next(UnsafeRawBufferPointer(rebasing: all[3...])) == .payload(0..<2, consumed: 2))
            #expect(reader.isFinished)
            #expect(reader.next(UnsafeRawBufferPointer(rebasing: all[5...])) == .end(consumed: 0))
        }
    }

    @Test("of no content is finished from the start")
    func none() {
        for framing in [BodyFraming.none, .length(0)] {
            var reader = BodyReader(framing: framing, limits: WireLimits())
            #expect(reader.isFinished)
            #expect(reader.next(UnsafeRawBufferPointer(start: nil, count: 0)) == .end(consumed: 0))
        }
    }

    @Test("up to the close gives everything and never ends by itself")
    func untilClose() {
        var reader = BodyReader(framing: .untilClose, limits: WireLimits())
        let bytes = Array("0\r\n\r\n".utf8)
        #expect(bytes.withUnsafeBytes { reader.next($0) } == .payload(0..<5, consumed: 5))
        #expect(!reader.isFinished)
    }

    @Test("drops a framing field in the trailers of a request, and refuses it in those of a reply")
    func framingFieldsInTrailers() {
        let bytes = Array("0\r\nContent-Length: 5\r\n\r\n".utf8)
        var request = BodyReader(framing: .chunked, limits: WireLimits())
        #expect(bytes.withUnsafeBytes { request.next($0) } == .end(consumed: bytes.count))
        #expect(request.trailers.map(\.isForwarded) == [false])
        var reply = BodyReader(framing: .chunked, limits: WireLimits(), isReply: true)
        guard case .refused(let fault) = bytes.withUnsafeBytes({ reply.next($0) }) else {
            Issue.record("taken")
            return
        }
        #expect(fault.status == 502 && fault.reason == "trailer-field")
    }

    @Test("stays refused, and says 502 of a reply")
    func staysRefused() {
        var reader = BodyReader(framing: .chunked, limits: WireLimits(), isReply: true)
        let bytes = Array("zz".utf8)
        for _ in 0..<2 {
            guard case .refused(let fault) = bytes.withUnsafeBytes({ reader.next($0) }) else {
                Issue.record("taken")
                return
            }
            #expect(fault.status == 502)
        }
    }
}
