import GatewayCore
import NIOCore
import NIOHPACK
import Testing

/// Fields as a client or a department may say them: many that repeat, some that never do, and some that are strange.
private func someFields(_ chance: inout SteadyChance) -> [(String, String)] {
    let names = [
        "accept", "content-type", "x-request-id", "cookie", "set-cookie", "authorization", "x", "date", "cache-control",
        "x-long-name-of-a-field",
        "strict-transport-security", "vary",
    ]
    return (0..<Int.random(in: 0...12, using: &chance)).map { _ in
        let name = names.randomElement(using: &chance) ?? "x"
        let kind = Int.random(in: 0...3, using: &chance)
        let length = Int.random(in: 0...(kind == 3 ? 300 : 20), using: &chance)
        let value = (0..<length).map { _ in
            kind == 0 ? "a" : String(UnicodeScalar(UInt8.random(in: kind == 1 ? 0x20...0x7E : 0x61...0x66, using: &chance)))
        }
        return (name, kind == 0 ? String(length % 3) : value.joined())
    }
}

@Suite("Field blocks of HTTP/2 against nio-http2")
struct HPACKDifferentialTests {
    @Test("what its encoder writes, ours reads: any table, any order of updates", arguments: 0..<20 as Range<UInt64>)
    func theirsToOurs(_ seed: UInt64) throws {
        var chance = SteadyChance(seed)
        var encoder = NIOHPACK.HPACKEncoder(allocator: ByteBufferAllocator())
        var decoder = GatewayCore.HPACKDecoder()
        for _ in 0..<100 {
            let fields = someFields(&chance)
            if Int.random(in: 0..<8, using: &chance) == 0 { try encoder.setDynamicTableSize(Int.random(in: 0...4096, using: &chance)) }
            var buffer = ByteBuffer()
            var headers = HPACKHeaders()
            for (name, value) in fields { headers.add(name: name, value: value) }
            try encoder.encode(headers: headers, to: &buffer)
            var section = FieldSection(most: 1 << 20)
            try Array(buffer.readableBytesView).withUnsafeBytes { try decoder.decode($0, into: &section) }
            let read = section.texts.map { "\(String(decoding: $0.name, as: UTF8.self)): \(String(decoding: $0.value, as: UTF8.self))" }
            #expect(read == fields.map { "\($0): \($1)" })
        }
    }

    @Test("what ours writes, its decoder reads: any table, any order of updates", arguments: 0..<20 as Range<UInt64>)
    func oursToTheirs(_ seed: UInt64) throws {
        var chance = SteadyChance(seed &+ 1000)
        var encoder = GatewayCore.HPACKEncoder()
        var decoder = NIOHPACK.HPACKDecoder(allocator: ByteBufferAllocator(), maxDynamicTableSize: 4096, maxHeaderListSize: 1 << 20)
        for _ in 0..<100 {
            let fields = someFields(&chance)
            if Int.random(in: 0..<8, using: &chance) == 0 { encoder.allow(Int.random(in: 0...8192, using: &chance)) }
            var head = [UInt8]("HTTP/1.1 200 OK\r\n".utf8)
            for (name, value) in fields { head += Array("\(name.uppercased()): x\(value)x\r\n".utf8) }
            head += [0x0D, 0x0A]
            var parser = ReplyHeadParser(limits: WireLimits())
            guard case .complete = head.withUnsafeBytes({ parser.parse($0, requestMethod: .get) }) else { continue }
            var out = [UInt8](repeating: 0, count: GatewayCore.HPACKEncoder.room(fields: fields.count, bytes: head.count))
            let count = out.withUnsafeMutableBytes { room in
                var cursor = ByteCursor(room)
                encoder.begin(&cursor)
                encoder.status(parser.head.status, &cursor)
                head.withUnsafeBytes { bytes in
                    for field in parser.head.fields {
                        encoder.field(
                            UnsafeRawBufferPointer(rebasing: bytes[field.name.range]),
                            UnsafeRawBufferPointer(rebasing: bytes[field.value.range]), field.known, &cursor)
                    }
                }
                #expect(!cursor.overflowed)
                return cursor.count
            }
            var buffer = ByteBuffer(bytes: out[..<count])
            let read = try decoder.decodeHeaders(from: &buffer)
            #expect(read.map { "\($0.name): \($0.value)" } == [":status: 200"] + fields.map { "\($0): x\($1)x" })
        }
    }

    @Test("what repeats is one byte from the third time on, and what never does is not kept")
    func repeats() {
        var encoder = GatewayCore.HPACKEncoder()
        func size(_ name: String, _ value: String, _ known: KnownField = .other) -> Int {
            var room = [UInt8](repeating: 0, count: 200)
            return room.withUnsafeMutableBytes { room in
                var cursor = ByteCursor(room)
                Array(name.utf8).withUnsafeBytes { name in Array(value.utf8).withUnsafeBytes { encoder.field(name, $0, known, &cursor) } }
                return cursor.count
            }
        }
        #expect((0..<3).map { _ in size("Strict-Transport-Security", "max-age=1") } == [37, 37, 1])
        #expect((0..<3).map { _ in size("Content-Type", "text/html", .contentType) } == [12, 11, 1])
        // A secret is never put into a table.
        #expect((0..<3).map { _ in size("Set-Cookie", "a=b", .setCookie) } == [6, 6, 6])
        // The name that has no index is kept with the second value.
        #expect((0..<4).map { size("X-Request-Id", "0123\($0)", .xRequestID) } == [20, 20, 8, 8])
    }
}
