import GatewayCore
import NIOCore

/// One stream of an HTTP/2 connection, as the HTTP/1.1 that `ClientConnection` speaks, and its answer as frames. What the exchange does in
/// between it does as for every other client. When both are done it may serve another stream. Confined to its event loop.
final class HTTP2Stream: ClientWire {
    let connection: ClientConnection
    private unowned let session: HTTP2Session
    /// The slot of the stream that it is; -1 when that is closed.
    private var slot = -1
    /// Whether an exchange is under way.
    private var isBusy = false
    private var isClosed = false

    // The request.
    private var framing = HTTP2RequestHead.Framing.none
    /// How much was received that the exchange has not taken, as far as the client knows.
    private var held = 0
    /// Content that waits until the exchange takes more, and what ends it.
    private var backlog = ByteBuffer()
    private var backlogEnd = ByteBuffer()

    // The answer.
    private var method = RequestMethod.get
    private var parser = ReplyHeadParser(limits: HTTP2Stream.limits)
    private var body: BodyReader?
    /// What the exchange has written and is not looked at yet.
    private var pending = ByteBuffer()
    /// Content that waits for a window or for its turn.
    private var queue = CircularBuffer<ByteBuffer>()
    private var queued = 0
    /// Whether the last byte of the answer is there, if perhaps in the queue.
    private var isWhole = false
    /// Whether it was sent.
    private var isAnswered = false
    private var isFull = false
    private var closesWhenAnswered = false
    /// For how long the client may take to end or reset a request whose answer it has.
    private var lingering: Int64 = 0
    /// Whether it stands among those that wait for a turn.
    private(set) var isWaiting = false

    private static let highWater = 65_536
    private static let lowWater = 32_768

    /// The gateway's own answers and those it has read from a department already: bounded before they come here.
    private static let limits: WireLimits = {
        var limits = WireLimits()
        limits.headBytes = 1 << 21
        limits.fields = 2000
        return limits
    }()

    init(session: HTTP2Session) {
        self.session = session
        connection = ClientConnection(loop: session.loop, transport: session.transport)
        connection.begin(on: self, clientAddress: session.clientAddress, isWritable: true)
    }

    // MARK: The request

    /// Is a stream that was opened.
    func attach(_ request: HTTP2Request) {
        slot = request.slot
        isBusy = true
        framing = request.framing
        method = request.isHead ? .head : .get
        body = nil
        pending = ByteBuffer()
        parser.reset()
        isWhole = false
        isAnswered = false
    }

    /// The stream is closed.
    func detach() {
        slot = -1
        held = 0
        backlog = ByteBuffer()
        backlogEnd = ByteBuffer()
        queue.removeAll()
        session.queued -= queued
        queued = 0
        if isWaiting { session.waiting.removeAll { $0 === self } }
        isWaiting = false
    }

    /// The head of the request.
    func begin(_ head: ByteBuffer) { connection.received(head) }

    /// The request cannot be read.
    func refuse(_ fault: WireFault) { connection.refuseMalformed(fault) }

    /// Content; the last of it `ends` the request.
    func content(_ bytes: ByteBuffer, ends: Bool) {
        held += bytes.readableBytes
        // Of a request that is answered nothing is wanted any more. It is read on for a moment, and dropped.
        if closesWhenAnswered, isWhole { return requestMoved(ends: ends) }
        let end = ends && framing == .chunked ? ByteBuffer(staticString: "0\r\n\r\n") : ByteBuffer()
        if isBusy { hand(bytes, end) }
        requestMoved(ends: ends)
    }

    /// A trailer section, which ends the request.
    func trailers(_ section: ByteBuffer) {
        if isBusy, framing == .chunked { hand(ByteBuffer(), section) }
        requestMoved(ends: true)
    }

    /// Gives content to the exchange, or keeps it while that takes none: as it came, so that the window bounds what is kept.
    private func hand(_ bytes: ByteBuffer, _ end: ByteBuffer) {
        guard connection.takesMore() else {
            if backlog.readableBytes == 0 { backlog = bytes } else { backlog.writeImmutableBuffer(bytes) }
            if end.readableBytes > 0 { backlogEnd = end }
            return
        }
        guard framing == .chunked else {
            if bytes.readableBytes > 0 { connection.received(bytes) }
            return
        }
        var chunk = session.loop.allocator.buffer(capacity: bytes.readableBytes + end.readableBytes + 32)
        if bytes.readableBytes > 0 {
            _ = chunk.writeWithUnsafeMutableBytes(minimumWritableBytes: WireWriter.longestChunkHeader) {
                WireWriter.chunkHeader(bytes.readableBytes, into: $0)
            }
            chunk.writeImmutableBuffer(bytes)
            chunk.writeStaticString("\r\n")
        }
        chunk.writeImmutableBuffer(end)
        if chunk.readableBytes > 0 { connection.received(chunk) }
    }

    private func requestMoved(ends: Bool) {
        guard slot >= 0 else { return }
        if ends, !session.machine.isOpen(slot) { return release() }
        if !isBusy || connection.takesMore() { tellTaken() }
    }

    /// The exchange takes more.
    func read() {
        if backlog.readableBytes > 0 || backlogEnd.readableBytes > 0 {
            let (bytes, end) = (backlog, backlogEnd)
            (backlog, backlogEnd) = (ByteBuffer(), ByteBuffer())
            hand(bytes, end)
            connection.readCycleEnded()
            guard connection.takesMore() else { return }
        }
        tellTaken()
    }

    /// As much may come as the exchange has taken (RFC 9113 §6.9).
    private func tellTaken() {
        guard slot >= 0, held > 0 else { return }
        session.machine.take(slot, held)
        held = 0
        if !session.machine.control.isEmpty { session.flushSoon() }
    }

    // MARK: The answer

    func write(_ bytes: ByteBuffer) {
        guard slot >= 0, !isWhole else { return }
        if pending.readableBytes == 0 { pending = bytes } else { pending.writeImmutableBuffer(bytes) }
        while !isWhole, slot >= 0, body != nil || pending.readableBytes > 0 {
            guard body == nil ? head() : content() else { break }
        }
        if slot < 0 || pending.readableBytes == 0 { pending = ByteBuffer() }
        if !isFull, queued > Self.highWater {
            isFull = true
            connection.writabilityChanged(false)
        }
    }

    func flush() { session.flushSoon() }

    /// Whether there may be more to do.
    private func head() -> Bool {
        switch pending.withUnsafeReadableBytes({ parser.parse($0, requestMethod: method) }) {
        case .incomplete: return false
        case .refused:
            reset(.internalError)
            return false
        case .complete: break
        }
        let isInterim = parser.head.isInformational
        let isEmpty = !isInterim && (parser.head.framing == .none || parser.head.framing == .length(0))
        let isSent = pending.withUnsafeReadableBytes { session.send(parser.head, $0, slot, ends: isEmpty) }
        guard isSent else {
            reset(.internalError)
            return false
        }
        pending.moveReaderIndex(forwardBy: parser.head.length)
        if isEmpty {
            isWhole = true
            answered()
        } else if !isInterim {
            body = BodyReader(framing: parser.head.framing, limits: HTTP2Stream.limits, isReply: true)
        }
        parser.reset()
        return !isWhole
    }

    /// Whether there may be more to do.
    private func content() -> Bool {
        guard let step = pending.withUnsafeReadableBytes({ body?.next($0) }) else { return false }
        switch step {
        case .payload(let range, let consumed):
            // Where a length was said, the last byte is the end; a chunked answer has an end of its own.
            isWhole = body?.isFinished ?? false
            send(range)
            pending.moveReaderIndex(forwardBy: consumed)
            return !isWhole
        case .needMore(let consumed):
            pending.moveReaderIndex(forwardBy: consumed)
            return false
        case .end(let consumed):
            isWhole = true
            send(0..<0)
            pending.moveReaderIndex(forwardBy: consumed)
            return false
        case .refused:
            reset(.internalError)
            return false
        }
    }

    /// Sends a range of what is pending, or has it wait.
    private func send(_ range: Range<Int>) {
        guard !range.isEmpty || isWhole else { return }
        var sent = 0
        if queue.isEmpty, session.sendsNow {
            sent = pending.withUnsafeReadableBytes {
                session.send(UnsafeRawBufferPointer(rebasing: $0[range]), slot, ends: isWhole)
            }
            if sent == range.count {
                if isWhole { answered() }
                return
            }
            guard slot >= 0 else { return }
        }
        // A frame without content needs no window: only those in front of it make it wait.
        let rest = pending.getSlice(at: pending.readerIndex + range.lowerBound + sent, length: range.count - sent) ?? ByteBuffer()
        queue.append(rest)
        queued += rest.readableBytes
        session.queued += rest.readableBytes
        guard !isWaiting else { return }
        isWaiting = true
        session.waiting.append(self)
    }

    /// Its turn: sends a frame of what waits, where the windows let it.
    func sendsFrame() -> Bool {
        guard isWaiting, slot >= 0, let first = queue.first else {
            isWaiting = false
            return false
        }
        let isLast = isWhole && queue.count == 1
        let sent = first.withUnsafeReadableBytes { session.send($0, slot, ends: isLast, frames: 1) }
        guard slot >= 0, sent > 0 || first.readableBytes == 0 else { return false }
        queued -= sent
        session.queued -= sent
        // A client that takes what it is sent may take its time.
        if !isBusy { connection.answerMoves() }
        if sent == first.readableBytes {
            queue.removeFirst()
        } else {
            queue[queue.startIndex].moveReaderIndex(forwardBy: sent)
        }
        isWaiting = !queue.isEmpty
        if isFull, queued < Self.lowWater {
            isFull = false
            session.relieved.append(self)
        }
        if isLast, queue.isEmpty { answered() }
        return true
    }

    /// It takes more again.
    func relieve() {
        if slot >= 0, !isFull { connection.writabilityChanged(true) }
    }

    /// The last byte of the answer was sent.
    private func answered() {
        guard slot >= 0 else { return }
        isAnswered = true
        if !session.machine.isOpen(slot) {
            release()
        } else if closesWhenAnswered {
            linger()
        }
    }

    // MARK: The end

    /// Both sides have ended the stream.
    private func release() {
        _ = session.take(slot)
        if closesWhenAnswered { return finish() }
        if !isBusy { rest() }
    }

    func exchangeEnded() {
        guard isBusy else { return }
        isBusy = false
        if slot < 0 { rest() }
    }

    /// Waits for another request, or is not needed any more.
    private func rest() {
        guard !isClosed else { return }
        // A stream that sent its last bytes in one turn has not been relieved yet, and never will be.
        isFull = false
        if !connection.isWritable { connection.writabilityChanged(true) }
        if !session.keep(self) { connection.close() }
        session.settle()
    }

    func closeOutput(lingering: Int64) {
        closesWhenAnswered = true
        self.lingering = lingering
        // One whose answer is in the queue goes when that is sent.
        if slot < 0 || !isWhole { finish() } else if isAnswered { linger() }
    }

    /// The answer was sent, and the request goes on. A client whose stream is reset at once may lose the answer (curl 7.88 does): for a moment
    /// the request is read on and dropped, as that of HTTP/1.1 is.
    private func linger() {
        if lingering > 0 { connection.outputEnded(lingering) } else { finish() }
    }

    /// The exchange wants nothing more of the stream.
    private func finish() {
        reset(isAnswered ? .noError : .internalError)
        connection.goneAway()
    }

    /// An answer that is whole ends a request that goes on without an error: it is not wanted any more, and nothing is wrong with it
    /// (RFC 9113 §8.1). One that is not ends with one: the client learns that it is not.
    private func reset(_ code: HTTP2ErrorCode) {
        guard slot >= 0 else { return }
        session.machine.reset(slot, code)
        _ = session.take(slot)
        session.flushSoon()
    }

    /// The stream is closed, not by us: ends the exchange that is under way.
    func vanish(as end: ExchangeEnd) { connection.goneAway(as: end) }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        // Whoever is writing to the connection may still look at it when the write comes back: a failed write ends the streams at once.
        let bound = NIOLoopBound(self, eventLoop: session.loop.eventLoop)
        session.loop.eventLoop.execute { _ = bound.value }
        reset(isAnswered ? .noError : body == nil ? .cancel : .internalError)
        session.forget(self)
        connection.end()
        session.settle()
    }

    func dropUnread() {}
}
