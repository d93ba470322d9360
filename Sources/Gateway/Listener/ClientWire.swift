import NIOCore

/// What carries the exchanges of one `ClientConnection`: a channel of HTTP/1.1, or a stream of HTTP/2. All calls happen on the connection's
/// loop. Once it is closed it does nothing any more.
protocol ClientWire: AnyObject {
    /// Takes bytes for the client; they leave with the next flush at the latest.
    func write(_ bytes: ByteBuffer)
    /// Sends what is written.
    func flush()
    /// The client may send more: what was held back by `ClientConnection.takesMore` goes on.
    func read()
    /// The exchange has ended and the next one may begin.
    func exchangeEnded()
    /// Sends what is written, says that no more will come, then tells the connection by `outputEnded`.
    func closeOutput(lingering: Int64)
    /// Closes at once.
    func close()
    /// A client that does not take its answer leaves it in the kernel's memory, and would go on having it there after the connection is
    /// closed: closing resets it instead.
    func dropUnread()
}
