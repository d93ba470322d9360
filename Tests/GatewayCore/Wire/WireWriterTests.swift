import GatewayCore
import Testing

@Suite("What framing writes")
struct WireWriterTests {
    private func written(room: Int = 32, _ write: (UnsafeMutableRawBufferPointer) -> Int) -> String {
        var bytes = [UInt8](repeating: 0x2E, count: room)
        let count = bytes.withUnsafeMutableBytes { write($0) }
        #expect(bytes[count...].allSatisfy { $0 == 0x2E })
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    @Test("a chunk header is the size in hexadecimal, and is read back as that")
    func chunkHeaders() {
        for size in [1, 9, 10, 15, 16, 255, 256, 4096, 65_535, 1 << 31, Int.max] {
            let header = written { WireWriter.chunkHeader(size, into: $0) }
            #expect(header == String(size, radix: 16) + "\r\n" && header.utf8.count <= WireWriter.longestChunkHeader)
            var reader = BodyReader(framing: .chunked, limits: WireLimits())
            let step = Array((header + "x").utf8).withUnsafeBytes { reader.next($0) }
            let at = header.utf8.count
            #expect(step == .payload(at..<at + 1, consumed: at + 1))
        }
    }

    @Test("nothing is written for a size that would end the message, or into too little room")
    func refusesToWrite() {
        #expect(written { WireWriter.chunkHeader(0, into: $0) }.isEmpty)
        #expect(written { WireWriter.chunkHeader(-5, into: $0) }.isEmpty)
        #expect(written(room: 3) { WireWriter.chunkHeader(255, into: $0) }.isEmpty)
        #expect(written(room: 2) { WireWriter.decimal(922, into: $0) }.isEmpty)
        #expect(written(room: 3) { WireWriter.decimal(922, into: $0) } == "922")
    }

    @Test("decimals are what Swift writes")
    func decimals() {
        for value in [0, 9, 10, 99, 100, 922, UInt64(Int64.max), UInt64.max] {
            let text = written { WireWriter.decimal(value, into: $0) }
            #expect(text == String(value) && text.utf8.count <= WireWriter.longestDecimal)
        }
    }

    @Test("what would end a line or a name is found before it is written")
    func syntax() {
        #expect(WireSyntax.isToken("X-Request-Id".utf8) && !WireSyntax.isToken("".utf8) && !WireSyntax.isToken("a b".utf8))
        #expect(WireSyntax.isFieldValue("a\tb \u{4E2D}".utf8) && WireSyntax.isFieldValue("".utf8))
        for value in ["a\rb", "a\nb", "a\0", " a", "a ", "\ta", "\u{7F}"] {
            #expect(!WireSyntax.isFieldValue(value.utf8), "\(value.debugDescription)")
        }
        #expect(WireSyntax.isTarget("/a?b".utf8))
        for target in ["", "/a b", "/a\r\n", "/a#b", "/\u{E9}"] { #expect(!WireSyntax.isTarget(target.utf8), "\(target.debugDescription)") }
    }
}
