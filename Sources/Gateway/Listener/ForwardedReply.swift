import GatewayCore
import NIOCore

/// The head of an upstream's reply, as the client gets it.
enum ForwardedReply {
    /// Writes the head and tells the state machine that a reply begins.
    static func make(
        _ head: ReplyHead, bytes: UnsafeRawBufferPointer, connection: ClientConnection, method: RequestMethod
    ) -> (buffer: ByteBuffer, isChunked: Bool) {
        // HTTP/1.0 knows no chunks (RFC 9112 §6.1): such a client gets the body until the connection ends.
        let unknownLength = head.framing == .chunked || head.framing == .untilClose
        let isChunked = unknownLength && connection.current.minorVersion > 0
        connection.current.status = head.status
        connection.current.phase = .answered
        connection.machine.replyBegins(as: .completed, closing: (unknownLength && !isChunked) || connection.endsAfterReply)
        let room = 768 + ReplyFields.room(connection.current)
        let capacity = head.length + room + 16384
        var buffer = connection.allocator.buffer(capacity: capacity)
        _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: head.length + room) { memory in
            var out = ByteCursor(memory)
            statusLine(&out, head, bytes)
            let hasDate = fields(&out, head, bytes)
            switch head.framing {
            case .length(let length):
                out.write("\r\nContent-Length: ")
                out.write(decimal: Int64(clamping: length))
            case .none:
                // The length that a HEAD or a 304 speaks of is that of another reply: it goes through as it came.
                if let field = head.first(.contentLength), head.status != 204 {
                    out.write("\r\nContent-Length: ")
                    out.write(bytes, field.value.range)
                } else if method != .head, head.status != 204, head.status != 304 {
                    out.write("\r\nContent-Length: 0")
                }
            case .chunked, .untilClose: if isChunked { out.write("\r\nTransfer-Encoding: chunked") }
            }
            let closing = !connection.machine.mayContinue
            ReplyFields.append(&out, connection.current, loop: connection.loop, closing: closing, withDate: !hasDate)
            out.write("\r\n")
            return out.count
        }
        return (buffer, isChunked)
    }

    /// An informational reply (RFC 9110 §15.2), passed on without the fields of one connection.
    static func informational(_ head: ReplyHead, bytes: UnsafeRawBufferPointer, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: head.length + 64)
        _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: head.length + 64) { memory in
            var out = ByteCursor(memory)
            statusLine(&out, head, bytes)
            _ = fields(&out, head, bytes)
            out.write("\r\n\r\n")
            return out.count
        }
        return buffer
    }

    /// The 101 with which both sides change to another protocol (RFC 9110 §15.2.2); the exchange's last words in HTTP.
    static func switching(
        _ head: ReplyHead, bytes: UnsafeRawBufferPointer, to upgrade: ProtocolUpgrade, connection: ClientConnection
    ) -> ByteBuffer {
        let capacity = head.length + 768 + upgrade.name.utf8.count + ReplyFields.room(connection.current)
        var buffer = connection.allocator.buffer(capacity: capacity)
        _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { memory in
            var out = ByteCursor(memory)
            statusLine(&out, head, bytes)
            let hasDate = fields(&out, head, bytes)
            out.write("\r\nConnection: Upgrade\r\nUpgrade: ")
            out.write(text: upgrade.name)
            ReplyFields.append(&out, connection.current, loop: connection.loop, closing: false, withDate: !hasDate)
            out.write("\r\n")
            return out.count
        }
        return buffer
    }

    private static func statusLine(_ out: inout ByteCursor, _ head: ReplyHead, _ bytes: UnsafeRawBufferPointer) {
        out.write("HTTP/1.1 ")
        out.write(decimal: Int64(head.status))
        out.write(" ")
        out.write(bytes, head.reason.range)
    }

    /// The fields, each preceded by a line end; whether there was a Date.
    private static func fields(_ out: inout ByteCursor, _ head: ReplyHead, _ bytes: UnsafeRawBufferPointer) -> Bool {
        var hasDate = false
        for field in head.fields where field.isForwarded {
            switch field.known {
            case .xRequestID: continue
            case .date: hasDate = true
            default: break
            }
            out.write("\r\n")
            out.write(bytes, field.name.range)
            out.write(": ")
            out.write(bytes, field.value.range)
        }
        return hasDate
    }
}

/// Chunks on the way out (RFC 9112 §7.1).
enum ChunkFraming {
    /// One chunk: a copy where it is small, so that it leaves in one piece.
    static func wrap(_ bytes: ByteBuffer, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        guard bytes.readableBytes > 0 else { return bytes }
        var buffer = allocator.buffer(capacity: bytes.readableBytes + 20)
        buffer.writeString(String(bytes.readableBytes, radix: 16))
        buffer.writeStaticString("\r\n")
        var bytes = bytes
        buffer.writeBuffer(&bytes)
        buffer.writeStaticString("\r\n")
        return buffer
    }
}
