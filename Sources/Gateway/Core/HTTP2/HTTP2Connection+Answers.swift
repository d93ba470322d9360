// What is sent on streams (RFC 9113 §6.1, §6.2, §8.1).
extension HTTP2Connection {
    /// Whether the stream of a slot is open or half-closed.
    package func isOpen(_ slot: Int) -> Bool { streams.isOpen(slot) }

    /// How many bytes of content may be sent on the stream of a slot in one frame now. No frame is larger than every peer takes, so that
    /// streams take turns.
    @inline(__always)
    package func sendable(_ slot: Int) -> Int {
        guard streams.isOpen(slot) else { return 0 }
        return max(0, min(sendWindow.left, streams[slot].sendWindow.left, HTTP2Limits.frameSize))
    }

    /// The room that `writeHead` needs.
    package static func headRoom(_ head: ReplyHead) -> Int {
        // A frame of 16 KiB has 9 bytes in front of it.
        let block = HPACKEncoder.room(fields: head.fields.count, bytes: head.length)
        return block + HTTP2FrameHeader.size * (block / HTTP2Limits.frameSize + 1)
    }

    /// Writes the head of an answer to the stream of a slot: the status and the fields that are no matter of one connection. How many bytes
    /// that were; 0 where the room is too small, and then the connection cannot be used any more.
    package mutating func writeHead(
        _ head: ReplyHead, _ bytes: UnsafeRawBufferPointer, _ slot: Int, ends: Bool, into room: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard streams.isOpen(slot), room.count >= HTTP2FrameHeader.size else { return 0 }
        let identifier = streams.identifiers[slot]
        var out = ByteCursor(UnsafeMutableRawBufferPointer(rebasing: room[HTTP2FrameHeader.size...]))
        encoder.begin(&out)
        encoder.status(head.status, &out)
        for field in head.fields where field.isForwarded || field.known == .contentLength {
            if field.known == .connection || field.known == .transferEncoding { continue }
            encoder.field(
                UnsafeRawBufferPointer(rebasing: bytes[field.name.range]), UnsafeRawBufferPointer(rebasing: bytes[field.value.range]),
                field.known, &out)
        }
        guard !out.overflowed else { return 0 }
        let flags: HTTP2Flags = ends ? .endStream : []
        if ends { endLocal(slot) }
        guard out.count > HTTP2Limits.frameSize else {
            var front = ByteCursor(room)
            HTTP2FrameHeader(.headers, flags.union(.endHeaders), stream: identifier, length: out.count).write(to: &front)
            return HTTP2FrameHeader.size + out.count
        }
        return Self.split(out.count, identifier, flags, room)
    }

    /// Makes a block that is too large for one frame into several (RFC 9113 §6.10). It stands behind the room of the first header.
    private static func split(
        _ count: Int, _ identifier: UInt32, _ flags: HTTP2Flags, _ room: UnsafeMutableRawBufferPointer
    ) -> Int {
        let block = Array(room[HTTP2FrameHeader.size..<HTTP2FrameHeader.size + count])
        var out = ByteCursor(room)
        var at = 0
        while at < count {
            let length = min(HTTP2Limits.frameSize, count - at)
            let last: HTTP2Flags = at + length == count ? .endHeaders : []
            let type: HTTP2FrameType = at == 0 ? .headers : .continuation
            HTTP2FrameHeader(type, at == 0 ? flags.union(last) : last, stream: identifier, length: length).write(to: &out)
            block[at..<at + length].withUnsafeBytes { out.write($0) }
            at += length
        }
        return out.overflowed ? 0 : out.count
    }

    /// Writes a DATA frame to the stream of a slot, with at most `sendable` bytes. How many bytes that were.
    package mutating func writeContent(
        _ content: UnsafeRawBufferPointer, _ slot: Int, ends: Bool, into room: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard streams.isOpen(slot), content.count <= max(0, sendable(slot)) else { return 0 }
        var out = ByteCursor(room)
        HTTP2FrameHeader(.data, ends ? .endStream : [], stream: streams.identifiers[slot], length: content.count).write(to: &out)
        out.write(content)
        guard !out.overflowed, sendWindow.use(content.count), streams[slot].sendWindow.use(content.count) else { return 0 }
        if ends { endLocal(slot) }
        return out.count
    }

    /// Our half of a stream is ended: it is closed where the client's is too.
    private mutating func endLocal(_ slot: Int) {
        streams[slot].localEnded = true
        if streams[slot].remoteEnded { streams.close(slot, byUs: false) }
    }

    /// Resets the stream of a slot.
    package mutating func reset(_ slot: Int, _ code: HTTP2ErrorCode) {
        guard streams.isOpen(slot) else { return }
        writeReset(streams.identifiers[slot], code)
        // It is no answer to a frame, and each stream has one at most.
        answers -= 1
        streams.close(slot, byUs: true)
    }
}
