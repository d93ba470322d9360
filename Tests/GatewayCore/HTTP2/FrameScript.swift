import GatewayCore

/// Frames as a client writes them, sound or not.
enum Wire2 {
    static func frame(_ type: UInt8, _ flags: UInt8 = 0, _ stream: UInt32 = 0, _ payload: [UInt8] = [], length: Int? = nil) -> [UInt8] {
        let length = length ?? payload.count
        return [
            UInt8(truncatingIfNeeded: length >> 16), UInt8(truncatingIfNeeded: length >> 8), UInt8(truncatingIfNeeded: length), type, flags,
        ]
            + word(stream) + payload
    }

    static func word(_ number: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) } }

    static func data(_ stream: UInt32, _ bytes: [UInt8], _ flags: UInt8 = 0) -> [UInt8] { frame(0, flags, stream, bytes) }
    /// Flags: 1 ends the stream, 4 ends the block.
    static func headers(_ stream: UInt32, _ block: [UInt8] = get, _ flags: UInt8 = 5) -> [UInt8] { frame(1, flags, stream, block) }
    static func priority(_ stream: UInt32, on other: UInt32) -> [UInt8] { frame(2, 0, stream, word(other) + [16]) }
    static func reset(_ stream: UInt32, _ code: UInt32 = 8) -> [UInt8] { frame(3, 0, stream, word(code)) }
    static func settings(_ pairs: [(UInt16, UInt32)] = []) -> [UInt8] {
        frame(4, 0, 0, pairs.flatMap { [UInt8(truncatingIfNeeded: $0.0 >> 8), UInt8(truncatingIfNeeded: $0.0)] + word($0.1) })
    }
    static func ping(_ flags: UInt8 = 0) -> [UInt8] { frame(6, flags, 0, Array("12345678".utf8)) }
    static func goAway(_ stream: UInt32 = 0) -> [UInt8] { frame(7, 0, stream, word(0) + word(0)) }
    static func windowUpdate(_ stream: UInt32, _ bytes: UInt32) -> [UInt8] { frame(8, 0, stream, word(bytes)) }
    static func continuation(_ stream: UInt32, _ block: [UInt8], _ flags: UInt8 = 4) -> [UInt8] { frame(9, flags, stream, block) }

    /// What a connection begins with.
    static let hello = HTTP2Connection.preface + settings()
    /// `GET https://a/`.
    static let get: [UInt8] = [0x82, 0x87, 0x84, 0x01, 1, 0x61]
    /// `POST https://a/`.
    static let post: [UInt8] = [0x83, 0x87, 0x84, 0x01, 1, 0x61]

    /// A block of these fields, spelled out.
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        fields.flatMap { name, value in [0] + text(name) + text(value) }
    }

    static func text(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        precondition(bytes.count < 127 + 128)
        return (bytes.count < 127 ? [UInt8(bytes.count)] : [127, UInt8(bytes.count - 127)]) + bytes
    }
}

/// The server's side of a connection under test, and what it said.
final class ServerUnderTest {
    var connection: HTTP2Connection
    var now: Int64 = 1
    /// The events but for those of nothing and of more bytes needed, as words.
    var events: [String] = []
    /// The frames that were said, as words.
    var said: [String] = []
    /// The content that came, by slot.
    var content: [Int: [UInt8]] = [:]
    /// The heads of requests that came.
    var heads: [String] = []
    private var left: [UInt8] = []
    private var output: [UInt8] = []

    init(_ limits: HTTP2Limits = HTTP2Limits()) { connection = HTTP2Connection(limits: limits) }

    /// Takes bytes of the client's.
    func take(_ bytes: [UInt8]) {
        left += bytes
        var at = 0
        while true {
            let step = left[at...].withUnsafeBytes { connection.next($0, now: now) }
            note(step.event, Array(left[at...]))
            at += step.consumed
            collect()
            if step.event == .needMore { break }
        }
        left.removeFirst(at)
    }

    private func note(_ event: HTTP2Event, _ bytes: [UInt8]) {
        switch event {
        case .needMore, .nothing, .windowOpened: return
        case .request(let request):
            events.append("request \(request.slot) \(request.framing)")
            heads.append(written(connection.requestRoom) { connection.writeRequestHead(into: $0) })
        case .tooLarge(let request): events.append("too-large \(request.slot)")
        case .content(let slot, let range, let ends):
            content[slot, default: []] += bytes[range]
            if ends { events.append("end \(slot)") }
        case .trailers(let slot):
            events.append("trailers \(slot)")
            heads.append(written(connection.requestRoom) { connection.writeTrailers(into: $0) })
        case .reset(let slot): events.append("reset \(slot)")
        case .broken(let slot, let fault): events.append("broken \(slot.map(String.init) ?? "-") \(fault.reason)")
        case .drained: events.append("drained")
        case .clientGoesAway: events.append("client-goes-away")
        case .failed(let fault): events.append("failed \(fault.reason)")
        }
    }

    private func written(_ room: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int) -> String {
        var bytes = [UInt8](repeating: 0, count: room)
        let count = bytes.withUnsafeMutableBytes { write($0) }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// Reads the frames that were said.
    func collect() {
        connection.takeControl { output += Array($0) }
        output.withUnsafeBytes { bytes in
            var at = 0
            while let header = HTTP2FrameHeader(bytes, at: at), bytes.count - at >= 9 + header.length {
                let payload = Array(bytes[at + 9..<at + 9 + header.length])
                said.append(Self.word(header, payload))
                at += 9 + header.length
            }
        }
        output = []
    }

    private static func word(_ header: HTTP2FrameHeader, _ payload: [UInt8]) -> String {
        func number(_ at: Int) -> UInt32 { payload[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) } }
        func code(_ at: Int) -> String { HTTP2ErrorCode(rawValue: number(at)).map { "\($0)" } ?? "?" }
        switch HTTP2FrameType(rawValue: header.type) {
        case .resetStream: return "reset \(header.stream) \(code(0))"
        case .settings: return header.flags.contains(.ack) ? "settings-ack" : "settings"
        case .ping: return header.flags.contains(.ack) ? "pong" : "ping"
        case .goAway: return "go-away \(number(0)) \(code(4))"
        case .windowUpdate: return "window \(header.stream) \(number(0))"
        default: return "type \(header.type)"
        }
    }

    /// How much may be sent on the stream of a slot.
    func sendable(_ slot: Int) -> Int { connection.sendable(slot) }

    /// Whether the stream of a slot is not closed.
    func isOpen(_ slot: Int) -> Bool { connection.isOpen(slot) }

    /// How it ended, in a word: `go-away CODE`, `reset STREAM CODE`, or `served` with nothing of both.
    var verdict: String {
        if let end = said.last(where: { $0.hasPrefix("go-away") }) { return "go-away " + end.split(separator: " ")[2] }
        return said.last { $0.hasPrefix("reset") } ?? "served"
    }
}

/// A source of chance that says the same every time.
struct SteadyChance: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
