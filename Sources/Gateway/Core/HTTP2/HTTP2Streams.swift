/// The streams of a connection that are not closed, and the memory of those that were until lately (RFC 9113 §5.1).
///
/// A stream has a slot while it is open or half-closed; the slot's number is what the outside knows it by. Identifiers stand in one small
/// array, and the lowest free slot is taken, so that finding one is a look at a few words.
struct HTTP2Streams: Sendable {
    /// One stream that is open or half-closed.
    struct Stream: Sendable {
        /// Whether the client has ended its half.
        var remoteEnded = false
        /// Whether we have ended ours.
        var localEnded = false
        /// How much may be sent.
        var sendWindow: FlowWindow
        /// How much may be received.
        var receiveWindow: FlowWindow
        /// What was received and taken, and the client was not told yet.
        var untold = 0
        /// What is left of the content by its content-length; nil where none was said.
        var remaining: Int?
    }

    /// What is known of a stream that is not open.
    enum Past: Sendable { case idle, ended, reset, skipped }

    private(set) var identifiers: [UInt32] = []
    private var streams: [Stream] = []
    /// How many are open or half-closed.
    private(set) var count = 0
    /// The highest identifier that the client has used.
    private(set) var highest: UInt32 = 0

    /// Streams that were closed lately: those that the gateway reset, whose late frames mean nothing, and all others.
    private var reset = RecentNumbers()
    private var ended = RecentNumbers()

    /// The slot of a stream; nil when it is not open.
    @inline(__always)
    func slot(_ identifier: UInt32) -> Int? {
        var slot = 0
        while slot < identifiers.count {
            if identifiers[slot] == identifier { return slot }
            slot &+= 1
        }
        return nil
    }

    /// Whether a slot is that of a stream.
    @inline(__always)
    func isOpen(_ slot: Int) -> Bool { slot >= 0 && slot < identifiers.count && identifiers[slot] != 0 }

    /// A stream's state. The slot must be open.
    subscript(_ slot: Int) -> Stream {
        @inline(__always) get { streams[slot] }
        @inline(__always) _modify { yield &streams[slot] }
    }

    /// Opens the stream.
    mutating func open(_ identifier: UInt32, _ stream: Stream) -> Int {
        count += 1
        if let slot = slot(0) {
            identifiers[slot] = identifier
            streams[slot] = stream
            return slot
        }
        identifiers.append(identifier)
        streams.append(stream)
        return identifiers.count - 1
    }

    /// The client has used an identifier: lower ones that it has not used are closed (RFC 9113 §5.1.1).
    mutating func use(_ identifier: UInt32) { highest = max(highest, identifier) }

    /// Closes the stream of a slot, because both sides have ended it or because of a reset.
    mutating func close(_ slot: Int, byUs: Bool) {
        guard isOpen(slot) else { return }
        if byUs { reset.insert(identifiers[slot]) } else { ended.insert(identifiers[slot]) }
        identifiers[slot] = 0
        count -= 1
        while identifiers.last == 0 {
            identifiers.removeLast()
            streams.removeLast()
        }
    }

    /// A stream was refused before it had a slot.
    mutating func refuse(_ identifier: UInt32) { reset.insert(identifier) }

    /// What is known of a stream without a slot.
    func past(_ identifier: UInt32) -> Past {
        // A client opens odd ones; the even ones are ours, and we open none.
        if identifier & 1 == 0 || identifier > highest { return .idle }
        if reset.contains(identifier) { return .reset }
        return ended.contains(identifier) ? .ended : .skipped
    }
}

/// The last numbers of a kind, some hundred of them.
private struct RecentNumbers: Sendable {
    private var numbers: [UInt32] = []
    private var next = 0
    private static let most = 128

    mutating func insert(_ number: UInt32) {
        if numbers.count < Self.most { return numbers.append(number) }
        numbers[next] = number
        next = (next + 1) % Self.most
    }

    func contains(_ number: UInt32) -> Bool { numbers.contains(number) }
}
