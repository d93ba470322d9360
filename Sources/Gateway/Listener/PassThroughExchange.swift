import Adapters
import GatewayCore
import NIOCore

/// A plain reverse-proxy exchange: bytes stream both ways, neither side faster than the other takes them.
final class PassThroughExchange: ClientExchange, UpstreamSink, DeadlineOwner {
    private unowned let connection: ClientConnection
    private let pool: UpstreamPool
    private let method: RequestMethod
    private let isChunked: Bool
    private let hasBody: Bool
    /// The request's head as the upstream gets it; kept until a reply begins, so that a stale connection can be left.
    private let head: ByteBuffer
    private var pending: [ByteBuffer] = []
    private var upstream: UpstreamConnection?
    private var requestIsComplete = false
    private var hasRetried = false
    private var retries: PlainRetries?
    /// What the client wants to change to, where the route allows it.
    private let upgrade: ProtocolUpgrade?
    let priority: CallPriority
    private var replyIsChunked = false
    private var replyHasBegun = false
    private var isOver = false
    private var sentAt: Int64 = 0
    /// A reply's head that waits for its body's first bytes, so that both leave in one write.
    private var heldHead: ByteBuffer?

    var deadlineSlot = -1
    var deadline = Int64.max

    init(
        _ plain: PlainRoute, _ route: Route, head: RequestHead, bytes: UnsafeRawBufferPointer, connection: ClientConnection,
        pool: UpstreamPool
    ) {
        self.connection = connection
        self.pool = pool
        method = head.method
        priority = plain.rules.priority
        retries = PlainRetries(plain.rules, method: head.method, head: head, bytes: bytes)
        isChunked = head.framing == .chunked
        hasBody = head.framing != .none && head.framing != .length(0)
        upgrade = plain.upgrades.isEmpty ? nil : ProtocolUpgrade(head, bytes, allowed: plain.upgrades)
        self.head = ForwardedRequest.make(
            plain, route, head: head, bytes: bytes, connection: connection, endpoint: pool.hostField, upgrade: upgrade)
    }

    /// Asks for a connection.
    func start() {
        connection.loop.deadlines.enter(self)
        // Until a connection is there: others may hold all of them.
        deadline = connection.loop.now + pool.silenceTimeout
        pool.acquire(self)
    }

    /// Whether the request is sent once more, in a while: the route says so, all of it is at hand, and the budget lets it.
    private func goesAgain(after reason: RetryRule.Reason) -> Bool {
        guard !replyHasBegun, let next = retries?.again(after: reason, loop: connection.loop, line: pool.line) else { return false }
        let upstream = self.upstream
        self.upstream = nil
        upstream?.abandon(by: self, timedOut: reason == .timeout)
        pending = next.body + pending
        connection.current.retries += 1
        deadline = connection.loop.now + next.pause + pool.silenceTimeout
        connection.loop.later(next.pause) { [self] in if !isOver { pool.acquire(self) } }
        return true
    }

    private func finish() {
        guard !isOver else { return }
        isOver = true
        connection.loop.deadlines.leave(self)
    }

    // MARK: ClientExchange

    func requestBody(_ bytes: ByteBuffer) {
        guard !isOver, let upstream else {
            pending.append(bytes)
            // Nobody takes it yet: the client waits.
            connection.pauseReading()
            return
        }
        sendBody(bytes, upstream)
        if !upstream.isWritable { waitForUpstream() }
    }

    /// The upstream does not take the body as fast as it comes: the client waits, and both only for so long.
    private func waitForUpstream() {
        connection.pauseReading()
        if !replyHasBegun { deadline = connection.loop.now + pool.silenceTimeout }
    }

    private func sendBody(_ bytes: ByteBuffer, _ upstream: UpstreamConnection) {
        retries?.keep(bytes)
        guard isChunked else { return upstream.write(bytes) }
        upstream.write(ChunkFraming.wrap(bytes, connection.allocator))
    }

    func requestEnd() {
        requestIsComplete = true
        guard let upstream, !isOver else { return }
        endRequest(upstream)
    }

    private func endRequest(_ upstream: UpstreamConnection) {
        if isChunked { upstream.write(ByteBuffer(staticString: "0\r\n\r\n")) }
        upstream.endRequest()
        sentAt = connection.loop.now
        if !replyHasBegun { deadline = sentAt + pool.firstByteTimeout }
    }

    func readCycleEnded() { upstream?.flush() }

    func clientWritable(_ writable: Bool) {
        if writable { upstream?.resume() } else { upstream?.pause() }
    }

    func cancel() {
        guard !isOver else { return }
        finish()
        pool.forget(self)
        upstream?.abandon(by: self)
        upstream = nil
    }

    // MARK: UpstreamSink

    func upstreamReady(_ upstream: UpstreamConnection) {
        guard !isOver else { return pool.putBack(upstream) }
        self.upstream = upstream
        connection.current.phase = .sent
        connection.current.endpoint = upstream.endpointName
        deadline = .max
        upstream.begin(self, method: method)
        upstream.write(head)
        for bytes in pending { sendBody(bytes, upstream) }
        pending = []
        if requestIsComplete { endRequest(upstream) }
        // Otherwise it leaves at the end of the read, in one write with what of the body has come.
        if !connection.isInReadCycle { upstream.flush() }
        if upstream.isWritable { connection.resumeReading() } else { waitForUpstream() }
    }

    func upstreamWritable(_ writable: Bool) {
        guard !isOver else { return }
        guard writable else { return waitForUpstream() }
        if !requestIsComplete, !replyHasBegun { deadline = .max }
        connection.resumeReading()
    }

    func upstreamHead(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer) {
        guard !isOver, !goesAgain(after: .status(head.status)) else { return }
        replyHasBegun = true
        // An upstream that did not agree may have understood something else all the same.
        if upgrade != nil { upstream?.servesNoOther() }
        let loop = connection.loop
        if sentAt > 0 { connection.current.upstreamNanoseconds = loop.now - sentAt }
        // From here on only silence ends it: a download may take as long as it moves.
        deadline = loop.now + pool.silenceTimeout
        let forwarded = ForwardedReply.make(head, bytes: bytes, connection: connection, method: method)
        replyIsChunked = forwarded.isChunked
        heldHead = forwarded.buffer
        if head.framing == .none { flushHead() }
    }

    func upstreamSwitches(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer) -> (any UpstreamSink)? {
        guard !isOver, let upgrade, let upstream, requestIsComplete, upgrade.isAgreed(by: head, bytes) else { return nil }
        finish()
        if sentAt > 0 { connection.current.upstreamNanoseconds = connection.loop.now - sentAt }
        let tunnel = Tunnel(connection, upstream, silence: pool.silenceTimeout)
        connection.enter(tunnel, saying: ForwardedReply.switching(head, bytes: bytes, to: upgrade, connection: connection))
        return tunnel
    }

    func upstreamInformational(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer) {
        guard !isOver, connection.current.minorVersion == 1 else { return }
        connection.send(ForwardedReply.informational(head, bytes: bytes, connection.allocator))
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard !isOver else { return }
        deadline = connection.loop.now + pool.silenceTimeout
        if replyIsChunked {
            flushHead()
            connection.send(ChunkFraming.wrap(bytes, connection.allocator))
        } else if var held = heldHead, bytes.readableBytes <= 16384 {
            // One copy of a small body costs less than a second segment.
            heldHead = nil
            var bytes = bytes
            held.writeBuffer(&bytes)
            connection.send(held)
        } else {
            flushHead()
            connection.send(bytes)
        }
    }

    private func flushHead() {
        guard let held = heldHead else { return }
        heldHead = nil
        connection.send(held)
    }

    func upstreamEnd() {
        guard !isOver else { return }
        flushHead()
        if replyIsChunked { connection.send(ByteBuffer(staticString: "0\r\n\r\n")) }
        if !requestIsComplete { upstream?.abandon(by: self) }
        upstream = nil
        finish()
        connection.flush()
        connection.perform(connection.machine.replyComplete())
    }

    func upstreamReadComplete() {
        guard !isOver else { return }
        flushHead()
        connection.flush()
    }

    func upstreamFailed(_ failure: UpstreamFailure) {
        guard !isOver else { return }
        let stale = upstream?.isReused ?? false
        upstream = nil
        if case .closedBeforeReply = failure, stale, !hasRetried, !hasBody, method.isIdempotent {
            hasRetried = true
            connection.current.retries += 1
            return pool.acquire(self, fresh: true)
        }
        if let reason = failure.retryReason, goesAgain(after: reason) { return }
        finish()
        connection.fail(failure.fault(isWrite: !method.isSafe), department: pool.settings.id)
    }

    func deadlinePassed(now: Int64) {
        // A client that does not take the answer, or does not send its body, is the client connection's matter.
        let waitsForClient = replyHasBegun ? !connection.isWritable : !requestIsComplete && upstream?.isWritable == true
        if waitsForClient {
            deadline = now + pool.silenceTimeout
            return
        }
        deadline = .max
        pool.forget(self)
        if sentAt > 0, !replyHasBegun, goesAgain(after: .timeout) { return }
        let upstream = self.upstream
        self.upstream = nil
        finish()
        upstream?.abandon(by: self, timedOut: true)
        connection.fail(AdapterFault(.upstreamTimeout, "the upstream did not answer in time"), department: pool.settings.id)
    }
}
