/// What a client of HTTP/2 may do.
package struct HTTP2Limits: Sendable, Hashable {
    /// Requests under way at once on a connection.
    package var streams = 100
    /// The fields of a request, decoded (SETTINGS_MAX_HEADER_LIST_SIZE).
    package var headBytes = 32 << 10
    /// CONTINUATION frames of one block.
    package var continuations = 5
    /// Resets within half a minute, the client's own and those that its errors make necessary.
    package var resets = 200
    /// Frames within half a minute that move nothing, while nothing else comes.
    package var idleFrames = 1000
    /// The table of the decoder.
    package var tableSize = 4096

    /// How much a client may send on a stream before the exchange has taken it: what HTTP/2 begins with (RFC 9113 §6.9.2).
    static let streamWindow = 65_535
    /// How much a client may send on all streams together. What comes is counted as taken at once, so that a stream that waits for its
    /// department keeps no other from going on; the streams' own windows bound what is kept.
    static let connectionWindow = 1 << 20
    /// The largest payload of a frame (SETTINGS_MAX_FRAME_SIZE), which is the smallest that there may be.
    static let frameSize = 16_384
    static let halfMinute: Int64 = 30_000_000_000

    /// The defaults above.
    package init() {}
}

/// A request that has come.
package struct HTTP2Request: Sendable, Hashable {
    /// The slot of its stream.
    package let slot: Int
    /// How the content follows.
    package let framing: HTTP2RequestHead.Framing
    /// Whether its method is HEAD.
    package let isHead: Bool
}

/// What came of the bytes.
package enum HTTP2Event: Sendable, Hashable {
    /// More bytes are needed.
    case needMore
    /// A frame that is settled, or a part of one. What has to be said is in `control`.
    case nothing
    /// A request began; its head can be written.
    case request(HTTP2Request)
    /// A request whose fields are too large to be kept: it can be answered, and not be served.
    case tooLarge(HTTP2Request)
    /// Content of a request, in this range of the bytes; `ends` with its last byte, which may be none.
    case content(slot: Int, Range<Int>, ends: Bool)
    /// The trailers of a request, which end it; they can be written.
    case trailers(slot: Int)
    /// More may be sent, on one stream or on all.
    case windowOpened
    /// The client has reset the stream of a slot, which is closed.
    case reset(slot: Int)
    /// The client broke a rule on a stream, which is reset; the slot is nil where the stream had none.
    case broken(slot: Int?, HTTP2Fault)
    /// The answer to the PING of `goAway`.
    case drained
    /// The client opens no further streams.
    case clientGoesAway
    /// The client broke a rule of the connection, which is over: GOAWAY is in `control`.
    case failed(HTTP2Fault)
}

/// What the bytes came to: `consumed` of them are used up, counted from the first.
package struct HTTP2Step: Sendable, Hashable {
    /// How many bytes are used up.
    package var consumed: Int
    /// What came of them.
    package var event: HTTP2Event

    init(_ consumed: Int, _ event: HTTP2Event) {
        self.consumed = consumed
        self.event = event
    }
}
