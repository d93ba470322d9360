import GatewayCore
import NIOCore
import NIOSSL

/// One connection to a department. Confined to its event loop.
final class UpstreamConnection: ChannelDuplexHandler, FlushOwner {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer

    private enum Stage { case idle, awaitingHead, body, tunnel, closed }

    /// Its pool.
    private let pool: UpstreamPool
    /// Where it leads, `host:port`, made once: it is written in every record and mapped request.
    let endpointName: String
    /// The endpoint's place among the upstream's.
    let index: Int
    /// The right to the call at hand; its pool gives and ends it.
    var permit: UpstreamPermit? {
        didSet { if permit != nil { verdict = .unused } }
    }
    /// What the call at hand tells of the endpoint, as far as it has come.
    private(set) var verdict = CallVerdict.unused
    /// How many replies it has carried.
    private(set) var uses = 0
    /// When it was put back, in nanoseconds of the loop's clock.
    var idleSince: Int64 = 0
    private let limits: WireLimits
    private var stage = Stage.idle
    private var parser: ReplyHeadParser
    private var body: BodyReader?
    private var reusable = true
    private var endsWithConnection = false
    private var requestComplete = false
    private var method = RequestMethod.get
    private var input = ByteBuffer()
    /// Strong, and cleared at every end of an exchange: a weak one would cost an allocation per exchange.
    private var sink: (any UpstreamSink)?
    private var context: ChannelHandlerContext?
    private var unsent = UnsentBytes()
    private var isPaused = false
    private var readIsDue = false
    /// What TLS said before it ended the connection.
    private var tlsFault: TLSFault?
    /// Whether TLS ended without saying so: what came may not be all (RFC 8446 §6.1).
    private var isTruncated = false

    init(pool: UpstreamPool, endpoint: Endpoint, index: Int, limits: WireLimits) {
        self.pool = pool
        self.index = index
        endpointName = endpoint.description
        self.limits = limits
        self.parser = ReplyHeadParser(limits: limits)
    }

    /// Whether the connection has carried a reply before: it may have gone stale.
    var isReused: Bool { uses > 0 }
    /// Whether the channel is open.
    var isOpen: Bool { stage != .closed && context?.channel.isActive == true }
    /// Whether more bytes may be written without piling up.
    var isWritable: Bool { context?.channel.isWritable == true && brake?.isWritable != false }
    /// Holds it to what the department's line can carry, where that is said.
    var brake: LineBrake?
    /// The allocator for buffers to send.
    let allocator = ByteBufferAllocator()

    // MARK: What the sink does

    /// Takes the connection for one exchange.
    func begin(_ sink: any UpstreamSink, method: RequestMethod) {
        self.sink = sink
        self.method = method
        stage = .awaitingHead
        // A kept connection may have gone stale, which says nothing of the endpoint.
        verdict = isReused ? .unused : .failed
        requestComplete = false
        parser.reset()
    }

    /// Writes bytes of the request. Nothing leaves before `flush`.
    func write(_ buffer: ByteBuffer) {
        guard let context, stage != .closed else { return }
        unsent.wrote(buffer.readableBytes)
        context.write(wrapOutboundOut(buffer), promise: nil)
    }

    /// Sends what was written, in this turn of the loop.
    func flush() {
        switch unsent.way() {
        case .nothing: return
        case .now: flushNow()
        case .later: pool.flushes.add(self)
        }
    }

    func flushIsDue() { if unsent.isDue { flushNow() } }

    private func flushNow() {
        unsent.sent()
        context?.flush()
    }

    /// The last byte of the request was written.
    func endRequest() { requestComplete = true }

    /// No other exchange is to be served on it.
    func servesNoOther() { reusable = false }

    /// Says no more, and goes on listening.
    func endOutput() {
        flushIsDue()
        context?.close(mode: .output, promise: nil)
    }

    /// Gives the exchange up; the connection cannot serve another. It tells something of the endpoint when no answer came in time.
    /// A sink that has had its whole reply has nothing to give up, though it may still know the connection: that serves another.
    func abandon(by owner: any UpstreamSink, timedOut: Bool = false) {
        guard sink == nil || sink === owner else { return }
        // What the gateway itself holds back has not been the department's to answer.
        if timedOut, brake?.holdsBack != true { verdict = .failed } else if stage == .awaitingHead { verdict = .unused }
        sink = nil
        close()
    }

    /// Stops reading until `resume`: the client does not keep up.
    func pause() { isPaused = true }

    /// Reads on.
    func resume() {
        guard isPaused else { return }
        isPaused = false
        if readIsDue {
            readIsDue = false
            context?.read()
        }
    }

    /// Closes an idle connection.
    func close() {
        guard stage != .closed else { return }
        stage = .closed
        pool.gone(self)
        flushIsDue()
        context?.close(promise: nil)
    }

    // MARK: ChannelHandler

    typealias OutboundOut = ByteBuffer

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func read(context: ChannelHandlerContext) {
        if isPaused { readIsDue = true } else { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // TLS may still bring what was on the way.
        guard stage != .closed else { return }
        var buffer = unwrapInboundIn(data)
        if input.readableBytes == 0 { input = buffer } else { input.writeBuffer(&buffer) }
        advance()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        sink?.upstreamReadComplete()
        context.fireChannelReadComplete()
        pool.flushes.pieceEnded()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { sink?.upstreamWritable(isWritable) }

    /// The line takes more, or does not.
    func lineChanged() { sink?.upstreamWritable(isWritable) }

    func channelInactive(context: ChannelHandlerContext) {
        let was = stage
        if stage != .closed {
            stage = .closed
            if was == .body, isTruncated || !endsWithConnection { verdict = .failed }
            pool.gone(self)
        }
        guard let sink else { return }
        self.sink = nil
        switch was {
        case .body where endsWithConnection && !isTruncated: sink.upstreamEnd()
        case .body: sink.upstreamFailed(.closedInReply)
        case .awaitingHead where tlsFault != nil: sink.upstreamFailed(.tls(tlsFault ?? .other))
        case .awaitingHead: sink.upstreamFailed(input.readableBytes == 0 ? .closedBeforeReply : .closedInReply)
        case .tunnel: sink.upstreamEnd()
        case .idle, .closed: break
        }
        sink.upstreamReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The channel's own errors (reset, broken pipe) end in channelInactive, which says what they mean.
        if case NIOSSLError.uncleanShutdown = error { isTruncated = true } else { tlsFault = TLSFault(error) ?? tlsFault }
        context.close(promise: nil)
    }

    // MARK: Reading the reply

    private func advance() {
        while true {
            switch stage {
            case .awaitingHead: if !readHead() { return }
            case .body: if !readBody() { return }
            case .tunnel:
                let bytes = input
                input = ByteBuffer()
                if bytes.readableBytes > 0 { sink?.upstreamBody(bytes) }
                return
            case .idle:
                // Bytes that nobody asked for: the connection cannot be trusted with another request.
                if input.readableBytes > 0 { close() }
                return
            case .closed: return
            }
        }
    }

    /// Whether there may be more to do.
    private func readHead() -> Bool {
        guard input.readableBytes > 0 else { return false }
        let verdict = input.withUnsafeReadableBytes { parser.parse($0, requestMethod: method) }
        switch verdict {
        case .incomplete: return false
        case .refused(let fault):
            fail(.malformed(fault))
            return false
        case .complete:
            let head = parser.head
            if head.status == 101 { return switchProtocol(head) }
            if head.isInformational {
                if head.status != 100 { input.withUnsafeReadableBytes { sink?.upstreamInformational(head, $0) } }
                input.moveReaderIndex(forwardBy: head.length)
                parser.reset()
                return true
            }
            self.verdict = CallVerdict(status: head.status)
            endsWithConnection = head.framing == .untilClose
            reusable = head.keepAlive && !endsWithConnection
            body = BodyReader(framing: head.framing, limits: limits, isReply: true)
            stage = .body
            input.withUnsafeReadableBytes { sink?.upstreamHead(head, $0) }
            guard stage == .body else { return false }
            input.moveReaderIndex(forwardBy: head.length)
            return true
        }
    }

    /// Both sides change to another protocol, where that was asked for. The call is answered with it: what follows is a connection.
    private func switchProtocol(_ head: ReplyHead) -> Bool {
        guard let next = input.withUnsafeReadableBytes({ sink?.upstreamSwitches(head, $0) }), stage == .awaitingHead else {
            if stage == .awaitingHead { fail(.unexpectedUpgrade) }
            return false
        }
        sink = next
        stage = .tunnel
        verdict = .answered
        pool.answered(self)
        input.moveReaderIndex(forwardBy: head.length)
        // What was said of room meanwhile was said to the one before.
        if isWritable { next.upstreamWritable(true) }
        return true
    }

    /// Whether there may be more to do.
    private func readBody() -> Bool {
        guard let step = input.withUnsafeReadableBytes({ body?.next($0) }) else { return false }
        switch step {
        case .payload(let range, let consumed):
            if let slice = input.getSlice(at: input.readerIndex + range.lowerBound, length: range.count) { sink?.upstreamBody(slice) }
            guard stage == .body else { return false }
            input.moveReaderIndex(forwardBy: consumed)
            return true
        case .needMore(let consumed):
            input.moveReaderIndex(forwardBy: consumed)
            if input.readableBytes == 0 { input = ByteBuffer() }
            return false
        case .end(let consumed):
            input.moveReaderIndex(forwardBy: consumed)
            finish()
            return false
        case .refused(let fault):
            fail(.malformed(fault))
            return false
        }
    }

    private func finish() {
        let sink = self.sink
        self.sink = nil
        body = nil
        uses += 1
        isPaused = false
        if reusable, requestComplete, input.readableBytes == 0, isOpen {
            stage = .idle
            input = ByteBuffer()
            pool.putBack(self)
        } else {
            close()
        }
        sink?.upstreamEnd()
        sink?.upstreamReadComplete()
        if readIsDue {
            readIsDue = false
            context?.read()
        }
    }

    private func fail(_ failure: UpstreamFailure) {
        verdict = .failed
        let sink = self.sink
        self.sink = nil
        close()
        sink?.upstreamFailed(failure)
        sink?.upstreamReadComplete()
    }
}
