// Module GatewayCore decides: no socket, no clock, no file, no logger, no randomness.
//
// Room Wire: HTTP/1.1 framing (RFC 9112, RFC 9110). A head is read once, in one pass, into an index of positions over the received
// bytes; nothing is copied and nothing is allocated per field.

/// What a peer may send before it is refused. Every bound is in bytes unless it says otherwise.
public struct WireLimits: Sendable, Hashable {
    /// A whole head: start line, field lines and the empty line. Over it: 431. At most 16 MiB is honoured.
    public var headBytes = 32 << 10
    /// The request-target. Over it: 414 (RFC 9110 §15.5.15).
    public var targetBytes = 16 << 10
    /// Field lines in a head (a count). Over it: 431.
    public var fields = 100
    /// A trailer section, its empty line included. Over it: 431.
    public var trailerBytes = 8 << 10
    /// One chunk-size line with its extensions, without the line end. Over it: 400.
    public var chunkLineBytes = 1024
    /// What becomes of a chunk extension that breaks the grammar of RFC 9112 §7.1.1, or of white space behind a chunk size.
    public var brokenChunkExtensions = ChunkExtensionRule.refused

    /// The defaults above.
    public init() {}

    /// The bound of a head that is really used: positions must fit `ByteSpan`.
    var boundedHeadBytes: Int { min(max(headBytes, 0), 16 << 20) }
}

/// How a chunk extension that breaks the grammar is treated. A well-formed one is always read and dropped (RFC 9112 §7.1.1), and no
/// rule lets a bare CR or a bare LF through.
public enum ChunkExtensionRule: UInt8, Sendable, Hashable {
    /// 400. As strict as the grammar.
    case refused
    /// Skipped to the CRLF. Safe for the next hop, because chunks are written anew; what nginx, HAProxy and Envoy do.
    case dropped
}

/// A run of bytes in the received bytes, counted from the first byte handed to the parser.
public struct ByteSpan: Sendable, Hashable {
    /// The offset of the first byte.
    public let start: Int32
    /// How many bytes.
    public let count: Int32

    /// No bytes at all.
    public static let empty = ByteSpan(0, 0)

    /// Makes a span; both ends must lie below 16 MiB, which `WireLimits` sees to.
    init(_ start: Int, _ end: Int) {
        self.start = Int32(truncatingIfNeeded: start)
        self.count = Int32(truncatingIfNeeded: end - start)
    }

    /// The offsets.
    public var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
    /// The offset behind the last byte.
    public var end: Int { Int(start) + Int(count) }
    /// Whether there is no byte in it.
    public var isEmpty: Bool { count == 0 }
}

/// Where a message's content ends (RFC 9112 §6.3).
public enum BodyFraming: Sendable, Hashable {
    /// No content.
    case none
    /// So many bytes. At most `Int64.max`.
    case length(UInt64)
    /// Chunked transfer coding.
    case chunked
    /// Up to the end of the connection; replies only.
    case untilClose
}

/// What a head parser knows after the bytes it was given.
public enum HeadVerdict: Sendable, Hashable {
    /// More bytes are needed.
    case incomplete
    /// The head is in `head`; its `length` bytes are used.
    case complete
    /// The message is refused, and the connection cannot be used any further.
    case refused(WireFault)
}

/// How far a part of a message got.
enum WireStep: Equatable {
    /// All bytes were looked at, and more are needed.
    case incomplete
    /// The part is complete.
    case complete
    /// The part breaks a rule.
    case refused(WireCause)
}

extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let colon: UInt8 = 0x3A
}
