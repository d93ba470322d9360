import GatewayCore
import NIOCore

/// Why an upstream could not be reached or did not answer.
enum UpstreamFailure: Error {
    /// No connection could be opened.
    case unreachable
    /// A connection did not open in time.
    case connectTimeout
    /// Every connection is in use and the queue is full.
    case saturated
    /// The connection closed before any byte of a reply.
    case closedBeforeReply
    /// The connection closed in the middle of a reply.
    case closedInReply
    /// The reply leaves HTTP, which nobody asked for.
    case unexpectedUpgrade
    /// The reply is no HTTP.
    case malformed(WireFault)
}

/// The one who asked: an upstream connection tells it what comes back. All calls happen on the loop both live on.
protocol UpstreamSink: AnyObject {
    /// A connection is there. The sink sends its request on it.
    func upstreamReady(_ connection: UpstreamConnection)
    /// The final head of a reply. `bytes` hold it and are valid during the call only.
    func upstreamHead(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer)
    /// An informational head (1xx other than 100 and 101).
    func upstreamInformational(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer)
    /// Bytes of the body.
    func upstreamBody(_ bytes: ByteBuffer)
    /// The reply is complete. The connection is already back in its pool.
    func upstreamEnd()
    /// Nothing more will come.
    func upstreamFailed(_ failure: UpstreamFailure)
    /// The bytes at hand have been delivered: the moment to flush.
    func upstreamReadComplete()
    /// The upstream takes more bytes, or does not.
    func upstreamWritable(_ writable: Bool)
}

extension UpstreamSink {
    func upstreamInformational(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer) {}
    func upstreamReadComplete() {}
    func upstreamWritable(_ writable: Bool) {}
}
