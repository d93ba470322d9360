/// A client of HTTP/2 in the clear over a plain socket, with every frame in the story's hand. Blocking: use it inside `aside`.
final class FrameConnection: Sendable {
    /// A frame as it came.
    struct Frame: Sendable {
        let type: UInt8
        let flags: UInt8
        let stream: UInt32
        let payload: [UInt8]
        var ends: Bool { flags & 1 != 0 }
        /// The code of a RST_STREAM, or of a GOAWAY.
        var code: UInt8? { type == 3 ? payload.last : type == 7 ? payload[7] : nil }
    }

    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    let raw: RawConnection

    /// Connects to a port of 127.0.0.1; a client like any other has said its preface and settings then.
    init(port: Int, greets: Bool = true, settings: [UInt8] = [], receiveBuffer: Int32? = nil) throws {
        raw = try RawConnection(port: port, receiveBuffer: receiveBuffer)
        if greets { try raw.send(Self.preface + Self.frame(4, 0, 0, settings)) }
    }

    static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ payload: [UInt8] = []) -> [UInt8] {
        let count = payload.count
        let head = [
            UInt8(truncatingIfNeeded: count >> 16), UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count), type, flags,
        ]
        return head + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: stream >> $0) } + payload
    }

    /// A request's block, all of it spelled out.
    static func block(_ path: String, method: String = "GET", _ more: [(String, String)] = []) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in [(":method", method), (":scheme", "http"), (":path", path), (":authority", "portal.example")] + more {
            bytes.append(0)
            for text in [name, value] {
                bytes.append(UInt8(text.utf8.count))
                bytes += Array(text.utf8)
            }
        }
        return bytes
    }

    static func request(_ stream: UInt32, _ path: String, method: String = "GET", _ more: [(String, String)] = [], ends: Bool = true)
        -> [UInt8]
    {
        frame(1, ends ? 5 : 4, stream, block(path, method: method, more))
    }

    /// Reads a frame.
    func next(within seconds: Double = 5) throws -> Frame {
        let head = try raw.take(9, within: seconds)
        let payload = try raw.take(Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2]), within: seconds)
        let stream = head[5...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return Frame(type: head[3], flags: head[4], stream: stream, payload: payload)
    }

    /// Reads frames up to the head of a stream's answer.
    func end(ofHead stream: UInt32) throws -> Bool {
        while true {
            let frame = try next()
            if frame.type == 7 || frame.type == 3 { return false }
            if frame.type == 1, frame.stream == stream { return true }
        }
    }

    /// Reads frames up to one of these streams' end, or of the connection's; those in front of it are passed over.
    func end(of streams: Set<UInt32>) throws -> Frame {
        while true {
            let frame = try next()
            if frame.type == 7 { return frame }
            if streams.contains(frame.stream), frame.type == 3 || frame.type < 2 && frame.ends { return frame }
        }
    }
}
