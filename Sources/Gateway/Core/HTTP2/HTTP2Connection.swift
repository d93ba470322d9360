/// A connection of HTTP/2 as a server sees it (RFC 9113): bytes go in, events come out, and what has to be said to the client stands in
/// `control`. Content is never copied: an event names its range of the bytes given.
///
/// Give `next` the bytes from the first that is not consumed, again and again until it says `needMore`.
///
/// Not copyable: a look at it from outside would copy and count all its arrays.
package struct HTTP2Connection: ~Copyable, Sendable {
    /// What is read next.
    enum Phase: Sendable {
        case preface, header
        /// The payload of a frame that is read whole.
        case payload(HTTP2FrameHeader)
        /// Whatever is left of a DATA frame, whose header and pad length are read.
        case content(Content)
        /// So many bytes of no use.
        case skipped(Int)
        case failed
    }

    /// A DATA frame under way.
    struct Content: Sendable {
        var slot: Int
        var stream: UInt32
        var left: Int
        var padding: Int
        var ends: Bool
    }

    /// A field block that is not whole yet.
    struct Block: Sendable {
        var stream: UInt32
        var ends: Bool
        var continuations = 0
    }

    let limits: HTTP2Limits
    var phase = Phase.preface
    var knowsPeer = false
    var hasGreeted = false
    var block: Block?
    var blockBytes: [UInt8] = []
    var decoder: HPACKDecoder
    var encoder = HPACKEncoder()
    var section: FieldSection
    var request = HTTP2RequestHead()
    var streams = HTTP2Streams()
    var peer = HTTP2Settings()
    var sendWindow = FlowWindow(65_535)
    var receiveWindow = FlowWindow(65_535)
    var untold = 0
    var resets: FrequencyBound
    var idleFrames: FrequencyBound
    /// The last stream that is served, once that is settled.
    var lastServed: UInt32?
    var awaitsPong = false

    /// Frames to send that carry no content: the caller takes them before it sends anything else.
    package internal(set) var control: [UInt8] = []
    /// How many of them answer the client's frames: what it does not read must not pile up.
    package internal(set) var answers = 0

    /// A connection of which no byte has come.
    package init(limits: HTTP2Limits = HTTP2Limits()) {
        self.limits = limits
        decoder = HPACKDecoder(tableSize: limits.tableSize)
        section = FieldSection(most: limits.headBytes)
        resets = FrequencyBound(limits.resets, within: HTTP2Limits.halfMinute)
        idleFrames = FrequencyBound(limits.idleFrames, within: HTTP2Limits.halfMinute)
    }

    /// What a client begins with (RFC 9113 §3.4).
    package static let preface: [UInt8] = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    /// How many streams are open or half-closed.
    package var openStreams: Int { streams.count }

    /// Whether a field block, or the frame that begins one, is still to come whole: it has a head's time.
    package var isInBlock: Bool {
        if block != nil { return true }
        guard case .payload(let header) = phase else { return false }
        return header.type == HTTP2FrameType.headers.rawValue
    }

    /// Whether the client has said what it is like, as it must at once (RFC 9113 §3.4).
    package var isEstablished: Bool { knowsPeer }

    /// Takes the frames to send that carry no content.
    package mutating func takeControl(_ body: (UnsafeRawBufferPointer) -> Void) {
        control.withUnsafeBytes { body($0) }
        control.removeAll(keepingCapacity: control.capacity <= 4096)
        answers = 0
    }

    // MARK: Reading

    /// Reads on.
    package mutating func next(_ bytes: UnsafeRawBufferPointer, now: Int64) -> HTTP2Step {
        var at = 0
        while true {
            let rest = bytes.count - at
            switch phase {
            case .failed: return HTTP2Step(bytes.count, .needMore)
            case .preface:
                let count = min(rest, Self.preface.count)
                guard bytes[at..<at + count].elementsEqual(Self.preface[..<count]) else { return fail(bytes.count, HTTP2Fault(.preface)) }
                guard count == Self.preface.count else { return HTTP2Step(at, .needMore) }
                at += count
                phase = .header
                greet()
            case .header:
                guard let header = HTTP2FrameHeader(bytes, at: at) else { return HTTP2Step(at, .needMore) }
                do throws(HTTP2Fault) {
                    try admit(header)
                } catch { return fail(bytes.count, error) }
                at += HTTP2FrameHeader.size
                phase = .payload(header)
            case .payload(let header):
                guard header.type == HTTP2FrameType.data.rawValue else { return payload(header, bytes, at, now) }
                let prefix = header.flags.contains(.padded) && header.length > 0 ? 1 : 0
                guard rest >= prefix else { return HTTP2Step(at, .needMore) }
                let padding = prefix > 0 ? Int(bytes[at]) : 0
                at += prefix
                do throws(HTTP2Fault) {
                    if let event = try beginContent(header, padding: padding, now) { return HTTP2Step(at, event) }
                } catch { return fail(bytes.count, error) }
            case .content(let content): return read(content, at, rest)
            case .skipped(let count):
                let taken = min(count, rest)
                at += taken
                phase = taken == count ? .header : .skipped(count - taken)
                return HTTP2Step(at, taken == count ? .nothing : .needMore)
            }
        }
    }

    /// What can be said of a frame by its header (RFC 9113 §4.2, §6.2, §6.10).
    private func admit(_ header: HTTP2FrameHeader) throws(HTTP2Fault) {
        guard header.length <= HTTP2Limits.frameSize else { throw HTTP2Fault(.frameSize) }
        if !knowsPeer {
            guard header.type == HTTP2FrameType.settings.rawValue, !header.flags.contains(.ack) else { throw HTTP2Fault(.settingsExpected) }
        }
        if let block {
            guard header.type == HTTP2FrameType.continuation.rawValue, header.stream == block.stream else {
                throw HTTP2Fault(.continuationExpected)
            }
        }
    }

    /// A frame that is read when it is whole.
    private mutating func payload(_ header: HTTP2FrameHeader, _ bytes: UnsafeRawBufferPointer, _ at: Int, _ now: Int64) -> HTTP2Step {
        guard bytes.count - at >= header.length else { return HTTP2Step(at, .needMore) }
        phase = .header
        let payload = UnsafeRawBufferPointer(rebasing: bytes[at..<at + header.length])
        do throws(HTTP2Fault) {
            return HTTP2Step(at + header.length, try read(header, payload, now))
        } catch {
            return fail(bytes.count, error)
        }
    }

    private mutating func read(_ header: HTTP2FrameHeader, _ payload: UnsafeRawBufferPointer, _ now: Int64) throws(HTTP2Fault) -> HTTP2Event
    {
        guard let type = HTTP2FrameType(rawValue: header.type) else {
            try noteIdle(now)
            return .nothing
        }
        switch type {
        case .headers: return try readHeaders(header, payload, now)
        case .continuation: return try readContinuation(header, payload, now)
        case .priority: return try readPriority(header, payload, now)
        case .resetStream: return try readReset(header, payload, now)
        case .settings: return try readSettings(header, payload, now)
        case .pushPromise: throw HTTP2Fault(.pushPromise)
        case .ping: return try readPing(header, payload, now)
        case .goAway: return try readGoAway(header, payload)
        case .windowUpdate: return try readWindowUpdate(header, payload, now)
        case .data: return .nothing
        }
    }

    /// A frame that moves nothing.
    mutating func noteIdle(_ now: Int64) throws(HTTP2Fault) {
        guard idleFrames.note(now: now) else { throw HTTP2Fault(.idleFrames) }
    }

    // MARK: Errors

    /// The connection is over (RFC 9113 §5.4.1).
    package mutating func fail(_ fault: HTTP2Fault) {
        guard !isFailed else { return }
        greet()
        writeGoAway(lastServed ?? streams.highest, fault.code, Array(fault.reason.utf8))
        phase = .failed
    }

    private mutating func fail(_ consumed: Int, _ fault: HTTP2Fault) -> HTTP2Step {
        fail(fault)
        return HTTP2Step(consumed, .failed(fault))
    }

    /// Whether it is over.
    package var isFailed: Bool {
        if case .failed = phase { true } else { false }
    }

    /// A stream is over (RFC 9113 §5.4.2). One that is idle cannot be reset, and then the connection is (§6.4).
    mutating func breakStream(_ identifier: UInt32, _ fault: HTTP2Fault, _ now: Int64) throws(HTTP2Fault) -> HTTP2Event {
        guard resets.note(now: now) else { throw HTTP2Fault(.resets) }
        if let slot = streams.slot(identifier) {
            writeReset(identifier, fault.code)
            streams.close(slot, byUs: true)
            return .broken(slot: slot, fault)
        }
        switch streams.past(identifier) {
        case .idle: throw fault
        // It has been told.
        case .reset: return .nothing
        case .ended, .skipped: throw HTTP2Fault(.closedStream)
        }
    }

    // MARK: Writing

    /// Our settings, the first frame that we send (RFC 9113 §3.4).
    mutating func greet() {
        guard !hasGreeted else { return }
        hasGreeted = true
        let settings = HTTP2Settings.ours(streams: limits.streams, headBytes: limits.headBytes)
        control.append(HTTP2FrameHeader(.settings, stream: 0, length: settings.count), settings)
        let more = HTTP2Limits.connectionWindow - receiveWindow.left
        writeWindowUpdate(0, more)
        _ = receiveWindow.grow(by: more)
    }

    mutating func writeReset(_ identifier: UInt32, _ code: HTTP2ErrorCode) {
        control.append(HTTP2FrameHeader(.resetStream, stream: identifier, length: 4))
        control.append(big: code.rawValue)
        answers += 1
    }

    mutating func writeWindowUpdate(_ identifier: UInt32, _ bytes: Int) {
        control.append(HTTP2FrameHeader(.windowUpdate, stream: identifier, length: 4))
        control.append(big: UInt32(clamping: bytes))
    }

    mutating func writeGoAway(_ last: UInt32, _ code: HTTP2ErrorCode, _ debug: [UInt8] = []) {
        control.append(HTTP2FrameHeader(.goAway, stream: 0, length: 8 + debug.count))
        control.append(big: last)
        control.append(big: code.rawValue)
        control.append(contentsOf: debug)
    }
}
