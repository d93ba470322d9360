/// The four forms of a request-target (RFC 9112 §3.2).
public enum TargetForm: UInt8, Sendable, Hashable {
    /// `/path?query`
    case origin
    /// `http://host/path?query`
    case absolute
    /// `*`, for OPTIONS only.
    case asterisk
    /// `host:port`, for CONNECT only, which the gateway refuses.
    case authority
}

/// A request head as an index over the received bytes. Every position counts from the first byte that was handed to the parser.
public struct RequestHead: Sendable, FieldIndex {
    /// The method.
    public internal(set) var method = RequestMethod.get
    /// Its bytes.
    public internal(set) var methodSpan = ByteSpan.empty
    /// The request-target as received.
    public internal(set) var target = ByteSpan.empty
    /// The target's form.
    public internal(set) var form = TargetForm.origin
    /// The path, beginning with `/`. Empty in absolute form without a path (`http://host`: `/` is meant, or `*` for OPTIONS) and in asterisk form.
    /// Bytes as received: percent-encodings and dot segments are the router's business.
    public internal(set) var path = ByteSpan.empty
    /// What follows the first `?`, without it.
    public internal(set) var query: ByteSpan?
    /// The effective host with its port: the target's authority in absolute form (it wins, RFC 9112 §3.2.2), otherwise the value of Host.
    /// Empty only in HTTP/1.0 without Host.
    public internal(set) var host = ByteSpan.empty
    /// 0 or 1.
    public internal(set) var minorVersion: UInt8 = 1
    /// The field lines in the order received.
    public internal(set) var fields = ContiguousArray<FieldLine>()
    /// The known fields among them.
    public internal(set) var present = KnownFieldSet()
    /// Where the content ends: `none`, `length` or `chunked`.
    public internal(set) var framing = BodyFraming.none
    /// Whether the connection may carry another request afterwards (RFC 9112 §9.3).
    public internal(set) var keepAlive = true
    /// Whether the client waits for 100 before it sends the content (RFC 9110 §10.1.1). Never in HTTP/1.0 or without content.
    public internal(set) var expectsContinue = false
    /// Whether the client asks for another protocol (RFC 9110 §7.8). It may be ignored; the fields are hop-by-hop.
    public internal(set) var hasUpgrade = false
    /// Content-Length, where there is one.
    public internal(set) var contentLength: UInt64?
    /// The bytes of the head, from the first byte handed in to the end of the empty line.
    public internal(set) var length = 0

    mutating func reset() {
        fields.removeAll(keepingCapacity: true)
        present.removeAll()
        query = nil
        path = .empty
        host = .empty
        framing = .none
        expectsContinue = false
        hasUpgrade = false
        contentLength = nil
        length = 0
    }
}
