// Field blocks: requests and their trailers (RFC 9113 §4.3, §6.2, §6.10, §8.1).
extension HTTP2Connection {
    mutating func readHeaders(_ header: HTTP2FrameHeader, _ payload: UnsafeRawBufferPointer, _ now: Int64) throws(HTTP2Fault) -> HTTP2Event
    {
        guard header.stream != 0 else { throw HTTP2Fault(.streamNumber) }
        var fragment = payload
        if header.flags.contains(.padded) {
            guard let padding = fragment.first else { throw HTTP2Fault(.frameSize) }
            guard Int(padding) < fragment.count else { throw HTTP2Fault(.padding) }
            fragment = UnsafeRawBufferPointer(rebasing: fragment[1..<fragment.count - Int(padding)])
        }
        var dependsOnItself = false
        if header.flags.contains(.priority) {
            guard fragment.count >= 5 else { throw HTTP2Fault(header.flags.contains(.padded) ? .padding : .frameSize) }
            dependsOnItself = fragment.big32(at: 0) & 0x7FFF_FFFF == header.stream
            fragment = UnsafeRawBufferPointer(rebasing: fragment[5...])
        }
        // The block of a broken stream has to be decoded all the same: a stream that depends on itself breaks the connection, which is allowed
        // for every error of a stream (RFC 9113 §5.4.1), and no honest client does it.
        if dependsOnItself { throw HTTP2Fault(.selfDependency) }
        let ends = header.flags.contains(.endStream)
        if header.flags.contains(.endHeaders) { return try blockEnds(header.stream, ends, fragment, now) }
        block = Block(stream: header.stream, ends: ends)
        blockBytes.removeAll(keepingCapacity: true)
        blockBytes.append(contentsOf: fragment)
        return .nothing
    }

    mutating func readContinuation(
        _ header: HTTP2FrameHeader, _ payload: UnsafeRawBufferPointer, _ now: Int64
    ) throws(HTTP2Fault) -> HTTP2Event {
        guard var block else { throw HTTP2Fault(.continuationUnexpected) }
        block.continuations += 1
        guard block.continuations <= limits.continuations else { throw HTTP2Fault(.continuations) }
        blockBytes.append(contentsOf: payload)
        guard header.flags.contains(.endHeaders) else {
            self.block = block
            return .nothing
        }
        self.block = nil
        let bytes = blockBytes
        blockBytes = []
        let result = bytes.withUnsafeBytes { fragment -> Result<HTTP2Event, HTTP2Fault> in
            do throws(HTTP2Fault) { return .success(try blockEnds(block.stream, block.ends, fragment, now)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// A block is whole. It is decoded whatever becomes of its stream, because the table has to follow.
    private mutating func blockEnds(
        _ identifier: UInt32, _ ends: Bool, _ fragment: UnsafeRawBufferPointer, _ now: Int64
    ) throws(HTTP2Fault) -> HTTP2Event {
        section.reset()
        try decoder.decode(fragment, into: &section)
        idleFrames.ease()
        if let slot = streams.slot(identifier) { return try readTrailers(slot, identifier, ends, now) }
        switch streams.past(identifier) {
        case .reset: return .nothing
        case .ended: throw HTTP2Fault(.closedStream)
        case .skipped: throw HTTP2Fault(.streamNumber)
        case .idle: break
        }
        guard identifier & 1 == 1 else { throw HTTP2Fault(.streamNumber) }
        streams.use(identifier)
        if let lastServed, identifier > lastServed {
            // It came after we said that it would not be served (RFC 9113 §6.8).
            streams.refuse(identifier)
            return .nothing
        }
        guard streams.count < limits.streams else {
            writeReset(identifier, .refusedStream)
            streams.refuse(identifier)
            guard resets.note(now: now) else { throw HTTP2Fault(.resets) }
            return .nothing
        }
        return try beginRequest(identifier, ends, now)
    }

    private mutating func beginRequest(_ identifier: UInt32, _ ends: Bool, _ now: Int64) throws(HTTP2Fault) -> HTTP2Event {
        var stream = HTTP2Streams.Stream(
            sendWindow: FlowWindow(peer.initialWindow), receiveWindow: FlowWindow(HTTP2Limits.streamWindow))
        stream.remoteEnded = ends
        if section.isTooLarge {
            let slot = streams.open(identifier, stream)
            return .tooLarge(HTTP2Request(slot: slot, framing: .none, isHead: false))
        }
        do throws(HTTP2Fault) {
            request = try HTTP2RequestHead.check(section, hasContent: !ends)
        } catch {
            guard resets.note(now: now) else { throw HTTP2Fault(.resets) }
            writeReset(identifier, error.code)
            streams.refuse(identifier)
            return .broken(slot: nil, error)
        }
        if case .length(let length) = request.framing { stream.remaining = length }
        let slot = streams.open(identifier, stream)
        return .request(HTTP2Request(slot: slot, framing: request.framing, isHead: request.isHead))
    }

    /// A second block ends the request (RFC 9113 §8.1).
    private mutating func readTrailers(_ slot: Int, _ identifier: UInt32, _ ends: Bool, _ now: Int64) throws(HTTP2Fault) -> HTTP2Event {
        guard !streams[slot].remoteEnded else { return try breakStream(identifier, HTTP2Fault(.halfClosedStream), now) }
        guard ends, !section.isTooLarge, HTTP2RequestHead.areTrailers(section) else {
            return try breakStream(identifier, HTTP2Fault(.trailers), now)
        }
        guard streams[slot].remaining ?? 0 == 0 else { return try breakStream(identifier, HTTP2Fault(.contentLength), now) }
        endRemote(slot)
        return .trailers(slot: slot)
    }

    /// The client has ended its half of a stream.
    mutating func endRemote(_ slot: Int) {
        streams[slot].remoteEnded = true
        if streams[slot].localEnded { streams.close(slot, byUs: false) }
    }

    // MARK: What is written of them

    /// The room that `writeRequestHead` needs.
    package var requestRoom: Int { HTTP2RequestHead.room(section) }

    /// Writes the head of the request that began last as HTTP/1.1; how many bytes that were.
    package func writeRequestHead(into room: UnsafeMutableRawBufferPointer) -> Int { request.write(section, into: room) }

    /// Writes the last chunk and the trailers that came last; how many bytes that were.
    package func writeTrailers(into room: UnsafeMutableRawBufferPointer) -> Int { HTTP2RequestHead.writeTrailers(section, into: room) }
}
