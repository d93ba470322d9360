import Adapters
import GatewayCore
import NIOCore

/// One connection of a client's. Reads heads, asks the policies, hands the exchange to whoever serves it, and writes the
/// answer. One exchange at a time: what a client pipelines waits in the buffer. Confined to its event loop.
final class ClientConnection: DeadlineOwner {
    enum Stage { case idle, head, exchange, tunnel, lingering, closed }

    let loop: LoopContext
    /// How the client's bytes come.
    let transport: ClientTransport
    var stage = Stage.idle
    /// What its bytes come and go by; nil when that is gone.
    private(set) var wire: (any ClientWire)?
    var input = ByteBuffer()
    private var parser: RequestHeadParser
    var body: BodyReader?
    /// Holds the content to the digest that its signature promised.
    private var contentCheck: ContentCheck?
    private var bodyReceived = 0
    /// Whether the client holds its body back until it is told to go on, and was not.
    var awaitsContinue = false
    private var pace = BodyPace()
    var isPaused = false
    /// Whether the request that was read last was turned away, and the next one waits for that.
    var isHeldBack = false
    /// Whether the loop counts it among those.
    var isCountedAsHeld = false
    /// Whether the next request waits until the client takes what was written before: answers must not pile up.
    var waitsForReader = false
    /// Whether the client has closed its half: what is at hand is all that comes.
    var hasEnded = false
    /// Whether everything is sent, or cannot be, after the last answer.
    var hasSentAll = false
    var readIsDue = false
    private var isAdvancing = false

    // The exchange at hand.
    var current = CurrentExchange()
    var machine = ExchangeStateMachine(keepAlive: false)
    var serving: (any ClientExchange)?

    var deadlineSlot = -1
    var deadline = Int64.max
    /// The client's address, for records and X-Forwarded-For.
    private(set) var clientAddress = ""
    /// The same as a number.
    private var client: ClientAddress?

    init(loop: LoopContext, transport: ClientTransport = .plain) {
        self.loop = loop
        self.transport = transport
        parser = RequestHeadParser(limits: loop.current.wireLimits)
    }

    /// The allocator for buffers to send.
    let allocator = ByteBufferAllocator()
    /// Whether the client takes what is written, as the wire said last.
    private(set) var isWritable = true
    /// Whether bytes of the client's are being worked through: what is written meanwhile is flushed at the end.
    var isInReadCycle: Bool { isAdvancing }

    /// Whether bytes of the request at hand are still to come: after an answer they can only be thrown away.
    private var isReceiving: Bool { body != nil }

    /// Sends what is written.
    func flush() { wire?.flush() }

    /// Makes the record of the exchange.
    func record(_ end: ExchangeEnd) {
        current.phase = .ended
        loop.record(current, end: end, clientAddress: clientAddress)
        current.state = nil
    }

    // MARK: The wire

    /// Is served from now on by a wire.
    func begin(on wire: some ClientWire, clientAddress: String, isWritable: Bool) {
        self.wire = wire
        self.isWritable = isWritable
        self.clientAddress = clientAddress
        client = ClientAddress(clientAddress)
        loop.opened(self)
        deadline = loop.now + loop.current.timeouts.idle
    }

    /// The wire is gone.
    func end() {
        wire = nil
        loop.closed(self)
    }

    /// Whether the client may send more; if not, the wire is told when it may.
    func takesMore() -> Bool {
        if isPaused { readIsDue = true }
        return !isPaused
    }

    /// A head has begun whose bytes are not to be read yet.
    func awaitsHead() {
        guard stage == .idle else { return }
        stage = .head
        deadline = loop.now + loop.current.timeouts.head
    }

    /// Bytes of the client's.
    func received(_ bytes: ByteBuffer) {
        if stage == .lingering || stage == .closed { return }
        if input.readableBytes == 0 {
            input = bytes
        } else {
            input.writeImmutableBuffer(bytes)
        }
        advance()
    }

    /// The bytes at hand have been delivered.
    func readCycleEnded() { serving?.readCycleEnded() }

    /// The client takes more bytes, or does not.
    func writabilityChanged(_ writable: Bool) {
        isWritable = writable
        if stage == .exchange {
            // A client that takes nothing is given so long; one that does again, what is left for its body.
            deadline = !writable ? loop.now + loop.current.timeouts.body : isReceiving && !isPaused ? pace.resume(now: loop.now) : .max
        }
        serving?.clientWritable(writable)
        if writable, waitsForReader { goOn() }
    }

    /// Ends whatever is going on: the client is gone, or the gateway cannot wait any longer. An exchange that is not answered ends as `unanswered`.
    func goneAway(as unanswered: ExchangeEnd = .abandoned) {
        guard stage != .closed else { return }
        let wasServing = stage == .exchange || stage == .tunnel
        stage = .closed
        endHold()
        if wasServing, let end = machine.clientGone() {
            let exchange = serving
            serving = nil
            exchange?.cancel()
            record(end == .abandoned ? unanswered : end)
        }
        wire?.close()
    }

    // MARK: Reading

    /// Stops reading from the client until `resumeReading`: the upstream does not keep up.
    func pauseReading() {
        isPaused = true
        pace.pause(now: loop.now)
        expect(by: .max)
    }

    /// Sets when the client must have sent more. While it does not take what it is sent, that is what it must do first, and by then.
    private func expect(by time: Int64) {
        if isWritable { deadline = time }
    }

    /// Reads on.
    func resumeReading() {
        guard isPaused else { return }
        isPaused = false
        if stage == .exchange, body != nil { expect(by: pace.resume(now: loop.now)) }
        // A body that has come whole has its end still to be taken, though no byte of it is left.
        if input.readableBytes > 0 || body?.isFinished == true { advanceOutsideRead() }
        if readIsDue, !isPaused {
            readIsDue = false
            wire?.read()
        }
    }

    /// The client takes what is left of an answer that the exchange is done with.
    func answerMoves() {
        if stage == .idle { deadline = loop.now + loop.current.timeouts.idle }
    }

    /// Works through the bytes at hand when no read of the channel's brought them: whatever is passed on leaves at once.
    func advanceOutsideRead() {
        advance()
        serving?.readCycleEnded()
        wire?.flush()
    }

    /// Works through the bytes at hand. Not re-entrant: an exchange that ends inside is followed by the loop here.
    func advance() {
        guard !isAdvancing else { return }
        isAdvancing = true
        defer { isAdvancing = false }
        while true {
            switch stage {
            case .idle, .head: if isHeldBack || waits() || !readHead() { return endsHere() }
            case .exchange:
                // With the body complete, what follows is the next request: it waits, and so does the client.
                guard body != nil else {
                    if input.readableBytes > loop.current.wireLimits.headBytes { pauseReading() }
                    return
                }
                if isPaused || !readBody() { return }
            case .tunnel:
                let bytes = input
                input = ByteBuffer()
                current.bytesIn += bytes.readableBytes
                if bytes.readableBytes > 0 { serving?.requestBody(bytes) }
                return
            case .lingering, .closed: return
            }
        }
    }

    /// Whether the next request has to wait, because the client does not take the answers that it has.
    private func waits() -> Bool {
        guard stage == .idle, input.readableBytes > 0, !isWritable else { return false }
        waitsForReader = true
        isPaused = true
        deadline = loop.now + loop.current.timeouts.body
        return true
    }

    private func readHead() -> Bool {
        guard input.readableBytes > 0 else { return false }
        awaitsHead()
        let verdict = input.withUnsafeReadableBytes { parser.parse($0) }
        switch verdict {
        case .incomplete: return false
        case .refused(let fault):
            refuseMalformed(fault)
            return false
        case .complete:
            stage = .exchange
            deadline = .max
            bodyReceived = 0
            pace.begin(now: loop.now, silence: loop.current.timeouts.body)
            begin()
            return true
        }
    }

    /// Starts the exchange whose head is complete.
    private func begin() {
        let head = parser.head
        let exchange = loop.beginExchange()
        exchange.transport = transport
        exchange.facts.limits = current.facts.limits.handOver()
        current = exchange
        current.facts.client = client
        current.facts.certificate = transport.certificate
        current.method = head.method
        current.minorVersion = head.minorVersion
        current.bytesIn = head.length
        machine = ExchangeStateMachine(keepAlive: head.keepAlive && !loop.isDraining)
        body = BodyReader(framing: head.framing, limits: loop.current.wireLimits)
        current.counts = true
        let shed = loop.turnsAway()
        let admission = input.withUnsafeReadableBytes { bytes -> Admission in
            if let shed { return .refuse(shed, allow: []) }
            let admission = Admission.decide(head, bytes, current)
            if case .serve(let route) = admission {
                serving = ExchangeFactory.make(route, head: head, bytes: bytes, connection: self)
            }
            return admission
        }
        input.moveReaderIndex(forwardBy: head.length)
        parser.reset()
        contentCheck = current.facts.credential?.content.flatMap(ContentCheck.init)
        awaitsContinue = head.expectsContinue && head.framing != .none
        switch admission {
        case .refuse where shed != nil: turnAway()
        case .refuse(let fault, let allow): refuse(fault, allow: allow)
        case .serve:
            if awaitsContinue { sendContinue() }
            awaitsContinue = false
            serving?.start()
        }
    }

    /// Whether there may be more to do.
    private func readBody() -> Bool {
        guard let step = input.withUnsafeReadableBytes({ body?.next($0) }) else { return false }
        switch step {
        case .payload(let range, let consumed):
            bodyReceived += range.count
            current.bytesIn += consumed
            guard bodyReceived <= current.bodyLimit || machine.isAnswered else {
                refuse(.bodyTooLarge(current.bodyLimit), allow: [])
                return stage == .exchange || stage == .idle
            }
            let slice = input.getSlice(at: input.readerIndex + range.lowerBound, length: range.count)
            input.moveReaderIndex(forwardBy: consumed)
            if let slice, let piece = contentCheck == nil ? slice : contentCheck?.pass(slice) { serving?.requestBody(piece) }
            return stage == .exchange
        case .needMore(let consumed):
            input.moveReaderIndex(forwardBy: consumed)
            current.bytesIn += consumed
            if input.readableBytes == 0 { input = ByteBuffer() }
            if hasEnded {
                goneAway()
            } else if !isPaused {
                expect(
                    by: pace.deadline(
                        received: bodyReceived, now: loop.now, silence: loop.current.timeouts.body, rate: loop.current.bodyRate))
            }
            return false
        case .end(let consumed):
            input.moveReaderIndex(forwardBy: consumed)
            current.bytesIn += consumed
            body = nil
            expect(by: .max)
            if contentCheck != nil, !endContentCheck() { return stage == .exchange || stage == .idle }
            perform(machine.requestComplete())
            serving?.requestEnd()
            return true
        case .refused(let fault):
            current.code = nil
            body = nil
            let action = machine.requestBroken(.malformed)
            let exchange = serving
            serving = nil
            exchange?.cancel()
            if action == .problem { writeMalformed(fault, end: .malformed) } else { perform(action) }
            return false
        }
    }

    /// Whether the content is the signed one: then its last piece is passed on, otherwise the request is refused.
    private func endContentCheck() -> Bool {
        let last = contentCheck?.end()
        contentCheck = nil
        if let last {
            if last.readableBytes > 0 { serving?.requestBody(last) }
            return true
        }
        _ = machine.requestComplete()
        guard let snapshot = current.state?.snapshot else { return false }
        refuse(PolicyCatalog.contentIsWrong(&current.facts, snapshot), allow: [])
        return false
    }

    // MARK: Ending

    /// Does what the state machine decided.
    func perform(_ action: ExchangeStateMachine.Action) {
        switch action {
        case .wait, .problem: return
        case .next(let end):
            serving = nil
            record(end)
            body = nil
            stage = .idle
            deadline = loop.now + loop.current.timeouts.idle
            if loop.isDraining { return closeAfterFlush() }
            if isHeldBack { return holdBack() }
            goOn()
        case .readRest:
            serving = nil
            contentCheck = nil
            resumeReading()
        case .close(let end):
            serving = nil
            record(end)
            closeAfterFlush()
        case .abort(let end):
            serving = nil
            record(end)
            close()
        }
    }

    /// Reads the next request.
    func goOn() {
        endHold()
        waitsForReader = false
        isPaused = false
        deadline = loop.now + loop.current.timeouts.idle
        if input.readableBytes > 0 { advanceOutsideRead() } else { endsHere() }
        if readIsDue, !isPaused {
            readIsDue = false
            wire?.read()
        }
        if stage == .idle { wire?.exchangeEnded() }
    }
}
