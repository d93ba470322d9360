import GatewayCore
import NIOCore

/// What is left of an exchange once both sides have changed to another protocol: bytes, passed on both ways as they come. Neither side is
/// faster than the other takes them, and when nothing moves for as long as a reply may be silent it ends. Confined to its event loop.
final class Tunnel: ClientExchange, UpstreamSink, DeadlineOwner {
    private unowned let connection: ClientConnection
    private let upstream: UpstreamConnection
    /// Nanoseconds without a byte in either direction after which it ends.
    private let silence: Int64
    private var isOver = false

    var deadlineSlot = -1
    var deadline: Int64

    init(_ connection: ClientConnection, _ upstream: UpstreamConnection, silence: Int64) {
        self.connection = connection
        self.upstream = upstream
        self.silence = silence
        deadline = connection.loop.now + silence
        connection.loop.deadlines.enter(self)
        connection.loop.meters.upgraded()
    }

    private func moved() { deadline = connection.loop.now + silence }

    private func end() {
        isOver = true
        connection.loop.deadlines.leave(self)
        connection.loop.meters.upgradeEnded()
    }

    // MARK: From the client

    func requestBody(_ bytes: ByteBuffer) {
        guard !isOver else { return }
        moved()
        upstream.write(bytes)
        if !upstream.isWritable { connection.pauseReading() }
    }

    /// The client says no more; what the department still says is passed on.
    func requestEnd() {
        guard !isOver else { return }
        upstream.flush()
        upstream.endOutput()
    }

    func readCycleEnded() { upstream.flush() }

    func clientWritable(_ writable: Bool) {
        guard !isOver else { return }
        // The client takes what it is sent: that is movement too.
        if writable {
            moved()
            upstream.resume()
        } else {
            upstream.pause()
        }
    }

    func cancel() {
        guard !isOver else { return }
        end()
        upstream.abandon(by: self)
    }

    // MARK: From the department

    func upstreamReady(_ upstream: UpstreamConnection) {}
    func upstreamHead(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer) {}

    func upstreamBody(_ bytes: ByteBuffer) {
        guard !isOver else { return }
        moved()
        connection.send(bytes)
    }

    func upstreamReadComplete() { if !isOver { connection.flush() } }

    func upstreamWritable(_ writable: Bool) {
        guard !isOver else { return }
        if writable {
            moved()
            connection.resumeReading()
        } else {
            connection.pauseReading()
        }
    }

    func upstreamEnd() {
        guard !isOver else { return }
        end()
        connection.flush()
        connection.perform(connection.machine.replyComplete())
    }

    func upstreamFailed(_ failure: UpstreamFailure) { upstreamEnd() }

    func deadlinePassed(now: Int64) {
        guard !isOver else { return }
        end()
        upstream.abandon(by: self)
        connection.dropsWhatIsUnread()
        connection.perform(connection.machine.requestBroken(.stalled))
    }
}

extension ClientConnection {
    /// Changes to another protocol with the bytes of a 101. What the client has sent behind its request is that protocol's.
    func enter(_ tunnel: Tunnel, saying bytes: ByteBuffer) {
        current.status = 101
        current.phase = .answered
        machine.replyBegins(as: .completed, closing: true)
        stage = .tunnel
        deadline = .max
        serving = tunnel
        send(bytes)
        flush()
        resumeReading()
        if input.readableBytes > 0 { advanceOutsideRead() }
        if hasEnded { tunnel.requestEnd() }
    }
}
