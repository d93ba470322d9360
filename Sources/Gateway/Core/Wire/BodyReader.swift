/// What a body reader made of the bytes it was given. `consumed` bytes are used up: hand in what follows them next.
public enum BodyStep: Sendable, Hashable {
    /// Content, at this range of the bytes given. There may be more at once: call again with what follows `consumed`, even if that is
    /// nothing, because the end is a step of its own.
    case payload(Range<Int>, consumed: Int)
    /// Nothing more can be said without more bytes. Bytes that are not consumed must be handed in again, with more behind them.
    case needMore(consumed: Int)
    /// The message is complete, its trailer section included. What follows `consumed` belongs to the next message.
    case end(consumed: Int)
    /// The framing is broken; the connection cannot be used any further.
    case refused(WireFault)
}

/// Reads the content of one message (RFC 9112 §6, §7). Content is never copied or joined: each step names a range of the bytes given.
public struct BodyReader: Sendable {
    private enum Phase: UInt8 {
        case content, chunkLine, chunkLineFeed, chunkEnd, chunkEndLineFeed, trailers, done
    }

    /// The framing it reads by.
    public let framing: BodyFraming
    /// Whether the end was reached, so that `next` has nothing more to say. Known at once where a length is: the step that brings the
    /// last byte sets it. Never for `untilClose`: the close is the end.
    public var isFinished: Bool { phase == .done }
    /// Whether so many more bytes are known to bring the end.
    public func ends(within bytes: UInt64) -> Bool {
        if case .length = framing { remaining <= bytes } else { isFinished }
    }

    /// The trailer fields. Their positions count from the first byte of the bytes given to the call that answered `end`. A recipient
    /// must not merge them into the head (RFC 9110 §6.5.1), and a gateway may drop them.
    public private(set) var trailers = ContiguousArray<FieldLine>()

    private var phase: Phase
    private var remaining: UInt64 = 0
    private var line = ChunkLine()
    private var scanner: FieldScanner
    private var fault: WireFault?
    private let limits: WireLimits
    private let isReply: Bool

    /// A reader at the first byte of the content; a fault in that of a reply is a 502.
    public init(framing: BodyFraming, limits: WireLimits, isReply: Bool = false) {
        self.framing = framing
        self.limits = limits
        self.isReply = isReply
        scanner = FieldScanner(most: limits.fields, allowsBareLineFeed: false)
        switch framing {
        case .none: phase = .done
        case .length(let length):
            remaining = length
            phase = length == 0 ? .done : .content
        case .untilClose: phase = .content
        case .chunked: phase = .chunkLine
        }
    }

    /// Reads on. A refusal is final.
    public mutating func next(_ bytes: UnsafeRawBufferPointer) -> BodyStep {
        if let fault { return .refused(fault) }
        if phase == .done { return .end(consumed: 0) }
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return .needMore(consumed: 0) }
        switch framing {
        case .none: return .end(consumed: 0)
        case .untilClose: return .payload(0..<bytes.count, consumed: bytes.count)
        case .length:
            let count = take(bytes.count)
            if remaining == 0 { phase = .done }
            return .payload(0..<count, consumed: count)
        case .chunked: return nextOfChunks(base, bytes.count)
        }
    }

    private mutating func take(_ available: Int) -> Int {
        let count = Int(min(remaining, UInt64(available)))
        remaining -= UInt64(count)
        return count
    }

    private mutating func nextOfChunks(_ bytes: UnsafeRawPointer, _ end: Int) -> BodyStep {
        var at = 0
        while at < end {
            let octet = Octets.octet(bytes, at)
            switch phase {
            case .content:
                let from = at
                at += take(end - at)
                if remaining == 0 { phase = .chunkEnd }
                return .payload(from..<at, consumed: at)
            case .chunkLine:
                do throws(WireCause) {
                    if try line.take(octet, limits) { phase = .chunkLineFeed }
                } catch {
                    return refuse(error)
                }
            case .chunkLineFeed:
                guard octet == .lineFeed else { return refuse(.bareCarriageReturn) }
                beginChunk()
            case .chunkEnd:
                guard octet == .carriageReturn else { return refuse(.chunkEnd) }
                phase = .chunkEndLineFeed
            case .chunkEndLineFeed:
                guard octet == .lineFeed else { return refuse(.chunkEnd) }
                line = ChunkLine()
                phase = .chunkLine
            case .trailers: return nextOfTrailers(bytes, at, end)
            case .done: return .end(consumed: at)
            }
            at += 1
        }
        return .needMore(consumed: at)
    }

    private mutating func beginChunk() {
        remaining = line.size
        phase = remaining == 0 ? .trailers : .content
    }

    /// The trailer section stays with the caller until it is whole, so that its positions hold. The chunk line in front of it, if any, is
    /// consumed before: the section then begins at the first byte given.
    private mutating func nextOfTrailers(_ bytes: UnsafeRawPointer, _ from: Int, _ end: Int) -> BodyStep {
        let bound = max(limits.trailerBytes, 2)
        switch scanner.scan(bytes + from, min(end - from, bound), into: &trailers) {
        case .incomplete: return end - from >= bound ? refuse(.trailersTooLarge) : .needMore(consumed: from)
        case .refused(let cause): return refuse(cause)
        case .complete:
            // A framing field means nothing here (RFC 9110 §6.5.1). From a client it is dropped like every trailer; a department's server
            // that sends one is broken, and its connection is not used again.
            let present = scanner.present
            if isReply, present.contains(.contentLength) || present.contains(.transferEncoding) { return refuse(.trailerField) }
            phase = .done
            for index in trailers.indices { trailers[index].move(by: from) }
            return .end(consumed: from + scanner.position)
        }
    }

    private mutating func refuse(_ cause: WireCause) -> BodyStep {
        let fault = WireFault(cause, isInReply: isReply)
        self.fault = fault
        return .refused(fault)
    }
}
