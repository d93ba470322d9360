import NIOCore

/// What serves one request once its head is accepted. All calls happen on the connection's loop.
protocol ClientExchange: AnyObject {
    /// Begins. Not in the initialiser: whatever answers at once needs the exchange to be in its place.
    func start()
    /// Bytes of the request's body.
    func requestBody(_ bytes: ByteBuffer)
    /// The request is complete.
    func requestEnd()
    /// The bytes at hand have been delivered: the moment to flush towards the upstream.
    func readCycleEnded()
    /// The client takes more bytes, or does not.
    func clientWritable(_ writable: Bool)
    /// The exchange is over for the client, whatever the upstream does: it went away, or got its problem.
    func cancel()
}

extension ClientExchange {
    func start() {}
    func readCycleEnded() {}
    func clientWritable(_ writable: Bool) {}
}
