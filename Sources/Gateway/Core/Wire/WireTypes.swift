// Module GatewayCore decides: no socket, no clock, no file, no logger, no randomness.

/// Bounds on what one HTTP message may make the gateway hold.
public struct WireLimits: Sendable, Hashable {
    /// The largest head, in bytes, its empty line included.
    public var headBytes = 32 << 10
    /// The longest request target, in bytes.
    public var targetBytes = 16 << 10
    /// The most header fields.
    public var fields = 100
    /// The largest trailer section, in bytes.
    public var trailerBytes = 8 << 10
    /// The longest chunk size line with its extensions, in bytes.
    public var chunkLineBytes = 512

    /// The defaults.
    public init() {}
}

/// A stretch of the received bytes, counted from the head's first byte.
public struct ByteSpan: Sendable, Hashable {
    /// Where it begins.
    public let start: Int32
    /// How long it is.
    public let count: Int32

    /// Makes a span from offsets that a parser bounded by `WireLimits.headBytes`.
    init(_ range: Range<Int>) {
        start = Int32(truncatingIfNeeded: range.lowerBound)
        count = Int32(truncatingIfNeeded: range.count)
    }

    /// The span as a range.
    public var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
}

/// Why bytes are no HTTP message, and the status that says so.
public struct WireFault: Error, Sendable, Hashable {
    /// 400, 413, 414, 417, 431, 501 or 505.
    public let status: Int
    /// What is wrong; never quotes the bytes.
    public let reason: String

    /// Makes a fault.
    public init(status: Int, reason: String) {
        self.status = status
        self.reason = reason
    }
}

/// How a body ends (RFC 9112 §6.3).
public enum BodyFraming: Sendable, Hashable {
    /// There is none.
    case none
    /// After this many bytes.
    case length(UInt64)
    /// With the chunk of size zero.
    case chunked
    /// With the connection; replies only.
    case untilClose
}

/// What a parser says about the bytes so far.
public enum HeadVerdict: Sendable, Hashable {
    /// The head's end is not there yet.
    case incomplete
    /// The head is complete and good.
    case complete
    /// The bytes are no head.
    case refused(WireFault)
}

/// A request method (RFC 9110 §9).
public enum RequestMethod: UInt8, Sendable {
    case get, head, post, put, delete, options, patch, connect, trace, other

    /// The method of a name; `other` for one that HTTP itself does not define.
    public init(_ name: String) {
        var name = name
        self = name.withUTF8 { RequestMethod(UnsafeRawBufferPointer($0)) }
    }

    init(_ bytes: UnsafeRawBufferPointer) {
        func matches(_ text: StaticString) -> Bool { text.withUTF8Buffer { $0.elementsEqual(bytes) } }
        switch bytes.count {
        case 3: self = matches("GET") ? .get : matches("PUT") ? .put : .other
        case 4: self = matches("POST") ? .post : matches("HEAD") ? .head : .other
        case 5: self = matches("PATCH") ? .patch : matches("TRACE") ? .trace : .other
        case 6: self = matches("DELETE") ? .delete : .other
        case 7: self = matches("OPTIONS") ? .options : matches("CONNECT") ? .connect : .other
        default: self = .other
        }
    }

    /// The name, `OTHER` for one that HTTP itself does not define.
    public var name: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .patch: "PATCH"
        case .connect: "CONNECT"
        case .trace: "TRACE"
        case .other: "OTHER"
        }
    }

    /// Whether it changes nothing (RFC 9110 §9.2.1).
    public var isSafe: Bool { self == .get || self == .head || self == .options || self == .trace }

    /// Whether sending it twice is the same as once (RFC 9110 §9.2.2).
    public var isIdempotent: Bool { isSafe || self == .put || self == .delete }
}
