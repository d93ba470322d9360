import Adapters
import GatewayCore
import Glibc
import NIOCore
import NIOSSL

/// One HTTP/2 connection of a client's (RFC 9113): `HTTP2Connection` decides, this does it. Its streams are exchanges of their own, each
/// with a `ClientConnection`. Known to its loop, so that a gateway that stops can ask it to go. Confined to its event loop.
final class HTTP2Session: ChannelDuplexHandler, DeadlineOwner, FlushOwner {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Where it stands: `leaving` when the client knows which stream is its last; `ending` when all is said.
    enum Stage { case open, leaving, ending, closed }

    let loop: LoopContext
    let transport: ClientTransport
    var machine: HTTP2Connection
    var stage = Stage.open
    private(set) var context: ChannelHandlerContext?
    private(set) var clientAddress = ""
    private var input = ByteBuffer()
    var output = ByteBuffer()
    /// Whether the loop will flush it when it has done what is at hand.
    var isFlushDue = false
    /// Answers to the client's frames that it has not taken yet.
    var unreadAnswers = 0
    /// Whether the channel takes more.
    private(set) var isWritable = true
    private var readIsDue = false

    /// The streams by their slots.
    private var streams: [HTTP2Stream?] = []
    /// Streams that have ended, for requests to come: what an exchange needs is kept warm.
    private var spare: [HTTP2Stream] = []
    private static let mostSpare = 8
    private var beginnings = HTTP2Beginnings()
    /// Streams to which this read brought something.
    private var touched: [HTTP2Stream] = []
    /// Streams with content that waits for a window or for the channel, in the order of their turns.
    var waiting = CircularBuffer<HTTP2Stream>()
    /// Bytes of answers that wait for windows, of all streams.
    var queued = 0
    private static let mostQueued = 4 << 20
    var isPumping = false
    /// Streams that take more again.
    var relieved: [HTTP2Stream] = []

    var deadlineSlot = -1
    private var idleDeadline: Int64
    private var headDeadline = Int64.max
    private var writeDeadline = Int64.max
    private var leaveDeadline = Int64.max

    /// A frame of the usual size at a time: what is read and not looked at yet stands in memory as often as there are connections, and with TLS
    /// twice.
    private static let reads = AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 4096, maximum: 16_384)

    init(loop: LoopContext, transport: ClientTransport) {
        self.loop = loop
        self.transport = transport
        var limits = HTTP2Limits()
        limits.headBytes = loop.current.wireLimits.headBytes
        machine = HTTP2Connection(limits: limits)
        idleDeadline = loop.now + loop.current.timeouts.idle
    }

    // MARK: From the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        isWritable = context.channel.isWritable
        clientAddress = context.channel.remoteAddress?.ipAddress ?? "unix"
        try? context.channel.syncOptions?.setOption(.recvAllocator, value: Self.reads)
        loop.opened(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        endStreams()
        loop.closed(self)
    }

    /// A client that does not take what it is sent is not read from: answers that need no window must not pile up.
    func read(context: ChannelHandlerContext) {
        if isWritable { context.read() } else { readIsDue = true }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { received(unwrapInboundIn(data)) }

    func channelReadComplete(context: ChannelHandlerContext) {
        readCycleEnded()
        loop.flushes.pieceEnded()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        writeDeadline = isWritable ? .max : loop.now + loop.current.timeouts.body
        guard isWritable else { return }
        if !waiting.isEmpty { flushSoon() }
        if readIsDue {
            readIsDue = false
            context.read()
        }
    }

    /// A client that has closed its half wants nothing more: streams that it waits for it would have left open.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { close() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        stage = .closed
        endStreams()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: Reading

    /// Bytes of the client's.
    func received(_ bytes: ByteBuffer) {
        guard stage == .open || stage == .leaving else { return }
        if input.readableBytes == 0 {
            input = bytes
        } else {
            // A new buffer: an old one with what is left at its end would grow for ever.
            var joined = loop.allocator.buffer(capacity: input.readableBytes + bytes.readableBytes)
            joined.writeImmutableBuffer(input)
            joined.writeImmutableBuffer(bytes)
            input = joined
        }
        let now = loop.now
        while stage == .open || stage == .leaving {
            let step = input.withUnsafeReadableBytes { machine.next($0, now: now) }
            var content = ByteBuffer()
            if case .content(_, let range, _) = step.event, !range.isEmpty {
                content = input.getSlice(at: input.readerIndex + range.lowerBound, length: range.count) ?? content
            }
            input.moveReaderIndex(forwardBy: step.consumed)
            if step.event == .needMore { break }
            perform(step.event, content)
            if machine.answers > 100 { flushNow() }
        }
        beginAll()
        if input.readableBytes == 0 { input = ByteBuffer() }
        // A head has its time, from its first byte.
        if machine.isInBlock || !machine.isEstablished {
            if headDeadline == .max { headDeadline = now + loop.current.timeouts.head }
        } else {
            headDeadline = .max
        }
        settle()
    }

    private func readCycleEnded() {
        for stream in touched { stream.connection.readCycleEnded() }
        touched.removeAll(keepingCapacity: true)
        flushSoon()
    }

    /// Does what the machine says.
    private func perform(_ event: HTTP2Event, _ content: ByteBuffer) {
        switch event {
        case .needMore, .nothing: return
        case .request(let request):
            headDeadline = .max
            begin(request)
        case .tooLarge(let request):
            headDeadline = .max
            attach(request).refuse(.headTooLarge)
        case .content(let slot, _, let ends):
            beginAll()
            guard let stream = stream(slot) else { return }
            touch(stream)
            stream.content(content, ends: ends)
        case .trailers(let slot):
            headDeadline = .max
            beginAll()
            guard let stream = stream(slot) else { return }
            let room = machine.requestRoom
            var section = loop.allocator.buffer(capacity: room)
            _ = section.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { machine.writeTrailers(into: $0) }
            touch(stream)
            stream.trailers(section)
        case .windowOpened: if !waiting.isEmpty { flushSoon() }
        case .reset(let slot): vanish(slot, as: .abandoned)
        case .broken(let slot, _):
            if let slot { vanish(slot, as: .malformed) } else { record(.malformed) }
        case .drained: leave()
        case .clientGoesAway: leave()
        case .failed(let fault): failed(fault)
        }
    }

    private func begin(_ request: HTTP2Request) {
        // What waits for windows is the gateway's memory: a client that leaves too much of it gets no more (RFC 9113 §8.7: it may ask again).
        guard queued < Self.mostQueued else {
            machine.reset(request.slot, .refusedStream)
            return flushSoon()
        }
        let room = machine.requestRoom
        var head = loop.allocator.buffer(capacity: room)
        _ = head.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { machine.writeRequestHead(into: $0) }
        beginnings.add(request, head)
    }

    /// Begins what has not been taken back.
    private func beginAll() {
        guard let taken = beginnings.take() else { return }
        for beginning in taken {
            guard stage == .open || stage == .leaving else {
                record(.abandoned)
                continue
            }
            let stream = attach(beginning.request)
            touch(stream)
            stream.begin(beginning.head)
        }
        beginnings.giveBack(taken)
    }

    /// A stream is no more, begun or not.
    private func vanish(_ slot: Int, as end: ExchangeEnd) {
        if beginnings.takeBack(slot) { record(end) } else { take(slot)?.vanish(as: end) }
    }

    // MARK: Streams

    private func attach(_ request: HTTP2Request) -> HTTP2Stream {
        let stream = spare.popLast() ?? HTTP2Stream(session: self)
        while streams.count <= request.slot { streams.append(nil) }
        streams[request.slot] = stream
        stream.attach(request)
        idleDeadline = .max
        return stream
    }

    /// This read brought it something.
    private func touch(_ stream: HTTP2Stream) {
        if touched.last !== stream { touched.append(stream) }
    }

    private func stream(_ slot: Int) -> HTTP2Stream? { slot >= 0 && slot < streams.count ? streams[slot] : nil }

    /// Takes the stream out of its slot, which is closed.
    func take(_ slot: Int) -> HTTP2Stream? {
        guard let stream = stream(slot) else { return nil }
        streams[slot] = nil
        stream.detach()
        return stream
    }

    /// A stream that is closed and whose exchange has ended can serve another request.
    func keep(_ stream: HTTP2Stream) -> Bool {
        guard stage == .open, spare.count < Self.mostSpare, !loop.isDraining else { return false }
        spare.append(stream)
        return true
    }

    /// A stream that is kept for later will not be needed.
    func forget(_ stream: HTTP2Stream) { spare.removeAll { $0 === stream } }

    /// Ends whatever is going on: the client is gone, or does not take what it is sent.
    private func endStreams(as end: ExchangeEnd = .abandoned) {
        for _ in 0..<beginnings.count { record(end) }
        beginnings.forget()
        for slot in streams.indices { take(slot)?.vanish(as: end) }
        for stream in spare { stream.vanish(as: end) }
        spare = []
        waiting.removeAll()
        touched = []
        relieved = []
        input = ByteBuffer()
        output = ByteBuffer()
    }

    /// What ended before there was an exchange leaves a record like any other.
    private func record(_ end: ExchangeEnd) {
        let exchange = loop.beginExchange()
        exchange.transport = transport
        exchange.code = end == .malformed ? .badRequest : nil
        exchange.phase = .ended
        loop.record(exchange, end: end, clientAddress: clientAddress)
    }

    // MARK: The end

    /// Whether there is nothing left to do; then the connection is idle, or goes.
    func settle() {
        guard machine.openStreams == 0 else { return }
        if stage == .leaving { return end() }
        if idleDeadline == .max { idleDeadline = loop.now + loop.current.timeouts.idle }
    }

    /// No stream after those at hand (RFC 9113 §6.8): said in two steps, so that none that is on its way is lost.
    func drain() {
        guard stage == .open else { return }
        machine.goAway(isFinal: false)
        // A client that does not answer at once has had its time.
        leaveDeadline = loop.now + Self.goAwayPause
        flushSoon()
    }

    private static let goAwayPause: Int64 = 1_000_000_000

    /// The client knows, or must.
    private func leave() {
        guard stage == .open else { return }
        machine.goAway(isFinal: true)
        stage = .leaving
        // Its streams have their own deadlines, and a gateway that stops has one for all (RFC 9113 §6.8: they go on to their end).
        leaveDeadline = .max
        flushSoon()
        settle()
    }

    /// Sends what is written, then says that no more will come and reads on for a moment: a close with unread bytes would reset the
    /// connection, and the client might lose what it was told last.
    private func end() {
        guard let context, stage != .ending, stage != .closed else { return }
        flushNow()
        guard stage != .closed else { return }
        stage = .ending
        leaveDeadline = loop.now + loop.current.timeouts.body
        endStreams()
        let sent = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        sent.futureResult.whenComplete { _ in bound.value.leaveDeadline = bound.value.loop.now + Self.goAwayPause }
        context.channel.close(mode: .output, promise: sent)
    }

    /// Closes at once.
    func close(as end: ExchangeEnd = .abandoned) {
        guard stage != .closed else { return }
        stage = .closed
        endStreams(as: end)
        context?.close(promise: nil)
    }

    /// A rule was broken that only the session sees.
    func fail(_ cause: HTTP2Cause) {
        guard stage == .open || stage == .leaving else { return }
        let fault = HTTP2Fault(cause)
        machine.fail(fault)
        failed(fault)
    }

    private func failed(_ fault: HTTP2Fault) {
        record(.malformed)
        guard fault.code == .enhanceYourCalm else { return end() }
        // Whoever floods is not read to its end: it is told, if it listens, and closed.
        flushNow()
        cut()
    }

    /// Closes without TLS's farewell: the library would wait for the client's, and read and decrypt until it comes.
    private func cut() {
        guard stage != .closed else { return }
        stage = .closed
        endStreams(as: .abandoned)
        guard let context else { return }
        let tls = try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)
        (tls ?? context).close(promise: nil)
    }

    var deadline: Int64 {
        switch stage {
        case .open, .leaving: min(min(idleDeadline, headDeadline), min(writeDeadline, leaveDeadline))
        case .ending: leaveDeadline
        case .closed: .max
        }
    }

    func deadlinePassed(now: Int64) {
        if stage == .ending || writeDeadline <= now {
            // What the client does not take must not stay in the kernel's memory.
            if writeDeadline <= now || !isWritable {
                _ = (context?.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            }
            return close(as: .stalled)
        }
        if headDeadline <= now {
            // Whoever has said nothing at all is told nothing.
            return fail(.slowBlock)
        }
        if stage == .leaving { return close() }
        leave()
    }
}
