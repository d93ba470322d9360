import GatewayCore
import NIOCore

/// The one who asked: an upstream connection tells it what comes back. All calls happen on the loop both live on.
protocol UpstreamSink: AnyObject {
    /// Who goes first where room is short.
    var priority: CallPriority { get }
    /// A connection is there. The sink sends its request on it.
    func upstreamReady(_ connection: UpstreamConnection)
    /// The final head of a reply. `bytes` hold it and are valid during the call only.
    func upstreamHead(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer)
    /// An informational head (1xx other than 100 and 101).
    func upstreamInformational(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer)
    /// The upstream changes to another protocol (101). Who gets what it says from now on; nil when that was not asked for.
    func upstreamSwitches(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer) -> (any UpstreamSink)?
    /// Bytes of the body, or of another protocol.
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
    var priority: CallPriority { .normal }
    func upstreamInformational(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer) {}
    func upstreamSwitches(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer) -> (any UpstreamSink)? { nil }
    func upstreamReadComplete() {}
    func upstreamWritable(_ writable: Bool) {}
}
