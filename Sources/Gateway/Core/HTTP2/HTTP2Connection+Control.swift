// Frames that carry neither fields nor content (RFC 9113 §6.3-§6.9).
extension HTTP2Connection {
    mutating func readPriority(_ header: HTTP2FrameHeader, _ payload: UnsafeRawBufferPointer, _ now: Int64) throws(HTTP2Fault) -> HTTP2Event
    {
        guard header.stream != 0 else { throw HTTP2Fault(.streamNumber) }
        try noteIdle(now)
        guard payload.count == 5 else { return try breakStream(header.stream, HTTP2Fault(.frameSize), now) }
        guard payload.big32(at: 0) & 0x7FFF_FFFF != header.stream else {
            return try breakStream(header.stream, HTTP2Fault(.selfDependency), now)
        }
        return .nothing
    }

    mutating func readReset(_ header: HTTP2FrameHeader, _ payload: UnsafeRawBufferPointer, _ now: Int64) throws(HTTP2Fault) -> HTTP2Event {
        guard header.stream != 0 else { throw HTTP2Fault(.streamNumber) }
        guard payload.count == 4 else { throw HTTP2Fault(.frameSize) }
        guard let slot = streams.slot(header.stream) else {
            // The two resets of both sides may cross (RFC 9113 §5.1).
            if streams.past(header.stream) == .idle { throw HTTP2Fault(.idleStream) }
            try noteIdle(now)
            return .nothing
        }
        streams.close(slot, byUs: false)
        guard resets.note(now: now) else { throw HTTP2Fault(.resets) }
        return .reset(slot: slot)
    }

    mutating func readSettings(_ header: HTTP2FrameHeader, _ payload: UnsafeRawBufferPointer, _ now: Int64) throws(HTTP2Fault) -> HTTP2Event
    {
        guard header.stream == 0 else { throw HTTP2Fault(.streamNumber) }
        try noteIdle(now)
        if header.flags.contains(.ack) {
            guard payload.isEmpty else { throw HTTP2Fault(.frameSize) }
            return .nothing
        }
        guard payload.count.isMultiple(of: 6) else { throw HTTP2Fault(.frameSize) }
        let before = peer.initialWindow
        try peer.apply(payload)
        // The least of several counts too: the peer has thrown out what it did not hold (RFC 7541 §4.2).
        if peer.leastTableSize < peer.headerTableSize { encoder.allow(peer.leastTableSize) }
        encoder.allow(peer.headerTableSize)
        peer.leastTableSize = peer.headerTableSize
        guard streams.growAll(by: peer.initialWindow - before) else { throw HTTP2Fault(.settingWindow) }
        knowsPeer = true
        control.append(HTTP2FrameHeader(.settings, .ack, stream: 0, length: 0))
        answers += 1
        return peer.initialWindow > before ? .windowOpened : .nothing
    }

    mutating func readPing(_ header: HTTP2FrameHeader, _ payload: UnsafeRawBufferPointer, _ now: Int64) throws(HTTP2Fault) -> HTTP2Event {
        guard header.stream == 0 else { throw HTTP2Fault(.streamNumber) }
        guard payload.count == 8 else { throw HTTP2Fault(.frameSize) }
        try noteIdle(now)
        if header.flags.contains(.ack) {
            guard awaitsPong, payload.elementsEqual(Self.drainPing) else { return .nothing }
            awaitsPong = false
            return .drained
        }
        control.append(HTTP2FrameHeader(.ping, .ack, stream: 0, length: 8), payload)
        answers += 1
        return .nothing
    }

    func readGoAway(_ header: HTTP2FrameHeader, _ payload: UnsafeRawBufferPointer) throws(HTTP2Fault) -> HTTP2Event {
        guard header.stream == 0 else { throw HTTP2Fault(.streamNumber) }
        guard payload.count >= 8 else { throw HTTP2Fault(.frameSize) }
        return .clientGoesAway
    }

    mutating func readWindowUpdate(
        _ header: HTTP2FrameHeader, _ payload: UnsafeRawBufferPointer, _ now: Int64
    ) throws(HTTP2Fault) -> HTTP2Event {
        guard payload.count == 4 else { throw HTTP2Fault(.frameSize) }
        let more = Int(payload.big32(at: 0) & 0x7FFF_FFFF)
        // Windows that are opened by a crumb at a time make frames of crumbs (CVE-2019-9511).
        if more < Self.smallIncrement { try noteIdle(now) }
        if header.stream == 0 {
            guard more > 0 else { throw HTTP2Fault(.windowIncrement) }
            guard sendWindow.grow(by: more) else { throw HTTP2Fault(.windowOverflow) }
            return .windowOpened
        }
        guard let slot = streams.slot(header.stream) else {
            if streams.past(header.stream) == .idle { throw HTTP2Fault(.idleStream) }
            // It may have been on its way when the stream ended (RFC 9113 §5.1).
            return .nothing
        }
        guard more > 0 else { return try breakStream(header.stream, HTTP2Fault(.windowIncrement), now) }
        guard streams[slot].sendWindow.grow(by: more) else {
            return try breakStream(header.stream, HTTP2Fault(.windowOverflow), now)
        }
        return .windowOpened
    }

    private static let smallIncrement = 64
    private static let drainPing: [UInt8] = Array("tongban\n".utf8)

    // MARK: Going away

    /// Says that the gateway stops, in two steps (RFC 9113 §6.8): first that no new stream should be opened, with a PING whose answer comes
    /// behind every stream that was opened before the client knew (`drained`); then, when `isFinal`, which was the last.
    package mutating func goAway(isFinal: Bool) {
        guard !isFailed, lastServed == nil else { return }
        greet()
        if isFinal {
            lastServed = streams.highest
            awaitsPong = false
            writeGoAway(streams.highest, .noError)
        } else {
            writeGoAway(0x7FFF_FFFF, .noError)
            control.append(HTTP2FrameHeader(.ping, stream: 0, length: 8), Self.drainPing)
            awaitsPong = true
        }
    }
}

extension HTTP2Streams {
    /// The client's initial window has changed: so have the windows of all streams (RFC 9113 §6.9.2). False when one is too large then.
    mutating func growAll(by bytes: Int) -> Bool {
        guard bytes != 0 else { return true }
        for slot in identifiers.indices where identifiers[slot] != 0 {
            guard self[slot].sendWindow.grow(by: bytes) else { return false }
        }
        return true
    }
}
