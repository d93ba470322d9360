/// A reply head as an index over the received bytes. Every position counts from the first byte that was handed to the parser.
public struct ReplyHead: Sendable, FieldIndex {
    /// The status code, 100–599.
    public internal(set) var status = 0
    /// The reason phrase; it may be empty, and carries no meaning.
    public internal(set) var reason = ByteSpan.empty
    /// 0 or 1.
    public internal(set) var minorVersion: UInt8 = 1
    /// The field lines in the order received.
    public internal(set) var fields = ContiguousArray<FieldLine>()
    /// The known fields among them.
    public internal(set) var present = KnownFieldSet()
    /// Where the content ends. `none` for a reply to HEAD, for 1xx, 204 and 304 whatever the fields say.
    public internal(set) var framing = BodyFraming.none
    /// Content-Length, where there is one; in a reply to HEAD and in 304 it speaks of content that is not sent.
    public internal(set) var contentLength: UInt64?
    /// Whether Transfer-Encoding: chunked is there; in a reply to HEAD it speaks of content that is not sent.
    public internal(set) var isChunked = false
    /// Whether the connection may carry another request afterwards.
    public internal(set) var keepAlive = true
    /// The bytes of the head, from the first byte handed in to the end of the empty line.
    public internal(set) var length = 0

    /// Whether it is interim, with a final reply to follow. Not so for 101, which ends HTTP on this connection.
    public var isInformational: Bool { status >= 100 && status < 200 && status != 101 }

    mutating func reset() {
        fields.removeAll(keepingCapacity: true)
        present.removeAll()
        reason = .empty
        framing = .none
        contentLength = nil
        isChunked = false
        length = 0
    }
}
