// Content that comes (RFC 9113 §6.1, §6.9).
extension HTTP2Connection {
    /// Takes in a DATA frame by its header and the number of bytes of its padding. Nil when its content is read next; what is left of it is
    /// of no use otherwise.
    mutating func beginContent(_ header: HTTP2FrameHeader, padding: Int, _ now: Int64) throws(HTTP2Fault) -> HTTP2Event? {
        guard header.stream != 0 else { throw HTTP2Fault(.streamNumber) }
        let isPadded = header.flags.contains(.padded)
        guard !isPadded || header.length > 0 else { throw HTTP2Fault(.frameSize) }
        let behindLength = header.length - (isPadded ? 1 : 0)
        guard padding <= behindLength else { throw HTTP2Fault(.padding) }
        var content = Content(
            slot: -1, stream: header.stream, left: behindLength - padding, padding: padding, ends: header.flags.contains(.endStream))
        // All of the frame counts, whatever becomes of it (RFC 9113 §6.9.1).
        guard receiveWindow.use(header.length) else { throw HTTP2Fault(.windowExceeded) }
        giveBack(header.length)
        // Where the stream breaks here, the rest of the frame is passed over behind that event.
        phase = .skipped(behindLength)
        if let event = try assign(&content, header.length, now) { return event }
        if content.slot >= 0, content.left > 0 {
            idleFrames.ease()
        } else if content.slot < 0 || !content.ends {
            try noteIdle(now)
        }
        phase = .content(content)
        return nil
    }

    /// Finds the stream of content. It stays without one where the content is of no use any more.
    private mutating func assign(_ content: inout Content, _ length: Int, _ now: Int64) throws(HTTP2Fault) -> HTTP2Event? {
        guard let slot = streams.slot(content.stream) else {
            switch streams.past(content.stream) {
            case .idle: throw HTTP2Fault(.idleStream)
            case .reset: return nil
            case .ended, .skipped: throw HTTP2Fault(.closedStream)
            }
        }
        guard !streams[slot].remoteEnded else { return try breakStream(content.stream, HTTP2Fault(.halfClosedStream), now) }
        guard streams[slot].receiveWindow.use(length) else { return try breakStream(content.stream, HTTP2Fault(.windowExceeded), now) }
        if let remaining = streams[slot].remaining {
            guard content.left <= remaining, !content.ends || content.left == remaining else {
                return try breakStream(content.stream, HTTP2Fault(.contentLength), now)
            }
            streams[slot].remaining = remaining - content.left
        }
        content.slot = slot
        // Padding is taken as it comes.
        take(slot, length - content.left)
        return nil
    }

    /// The content at hand.
    mutating func read(_ content: Content, _ at: Int, _ rest: Int) -> HTTP2Step {
        let taken = min(content.left, rest)
        let isLast = taken == content.left
        let end = at + taken
        // A stream that was closed meanwhile has no use for it.
        let isWanted = content.slot >= 0 && streams.isOpen(content.slot) && streams.identifiers[content.slot] == content.stream
        if isLast {
            phase = content.padding > 0 ? .skipped(content.padding) : .header
        } else {
            var later = content
            later.left -= taken
            phase = .content(later)
            if taken == 0 { return HTTP2Step(end, .needMore) }
        }
        let ends = isLast && content.ends
        guard isWanted, taken > 0 || ends else { return HTTP2Step(end, .nothing) }
        if ends { endRemote(content.slot) }
        return HTTP2Step(end, .content(slot: content.slot, at..<end, ends: ends))
    }

    /// The exchange has taken so many bytes of a stream's content: as many may come again (RFC 9113 §6.9).
    package mutating func take(_ slot: Int, _ bytes: Int) {
        guard streams.isOpen(slot), bytes > 0, !streams[slot].remoteEnded else { return }
        streams[slot].untold += bytes
        let untold = streams[slot].untold
        guard untold >= HTTP2Limits.streamWindow / 2 else { return }
        streams[slot].untold = 0
        _ = streams[slot].receiveWindow.grow(by: untold)
        writeWindowUpdate(streams.identifiers[slot], untold)
    }

    private mutating func giveBack(_ bytes: Int) {
        untold += bytes
        guard untold >= HTTP2Limits.connectionWindow / 2 else { return }
        _ = receiveWindow.grow(by: untold)
        writeWindowUpdate(0, untold)
        untold = 0
    }
}
