import Adapters
import GatewayCore
import NIOCore

// How a connection ends, and what cannot be read.
extension ClientConnection {
    /// Whether an answer that begins now is the connection's last: the gateway stops, or the rest of the request is more than is worth
    /// reading to save the connection, or may never come, since it was to wait for a 100 that was not sent.
    var endsAfterReply: Bool {
        guard let body else { return loop.isDraining }
        return loop.isDraining || transport.isHTTP2 || awaitsContinue || !body.ends(within: Self.worthReading)
    }

    /// How many bytes of a request that is answered already are read for the connection's sake.
    private static let worthReading: UInt64 = 65_536

    /// Closes at once.
    func close() {
        guard stage != .closed else { return }
        stage = .closed
        endHold()
        wire?.close()
    }

    /// The gateway stops: an idle connection goes, a busy one after its answer.
    func drain() {
        if stage == .idle { closeAfterFlush(lingering: 0) }
    }

    /// Sends what is written, however long the client takes within its time, then says that no more will come, and reads on for a moment: a
    /// close with unread bytes would reset the connection, and the client might lose the answer.
    func closeAfterFlush(lingering: Int64 = 1_000_000_000) {
        guard let wire, stage != .closed, stage != .lingering else { return }
        stage = .lingering
        endHold()
        deadline = loop.now + loop.current.timeouts.body
        body = nil
        input = ByteBuffer()
        isPaused = false
        wire.closeOutput(lingering: lingering)
        if readIsDue {
            readIsDue = false
            wire.read()
        }
    }

    /// The client has closed its half.
    func inputClosed() {
        switch stage {
        // A client that has sent its whole request may close its half and still read the answer.
        case .exchange where body == nil:
            hasEnded = true
            // Requests behind it have come whole, and are answered too.
            if input.readableBytes == 0 { machine.clientSendsNoMore() }
        case .exchange: goneAway()
        case .tunnel: serving?.requestEnd()
        case .idle where waitsForReader || isHeldBack: hasEnded = true
        // What it was answered may still be on the way.
        case .idle, .head:
            hasEnded = true
            closeAfterFlush(lingering: 0)
        case .lingering where !hasSentAll: hasEnded = true
        case .lingering, .closed: close()
        }
    }

    /// The client sends no more, and what is at hand is no whole request.
    func endsHere() {
        guard hasEnded, !isHeldBack, !waitsForReader, stage == .idle || stage == .head else { return }
        closeAfterFlush(lingering: 0)
    }

    /// Everything is sent, or cannot be.
    func outputEnded(_ lingering: Int64) {
        guard stage == .lingering else { return }
        hasSentAll = true
        if lingering == 0 || hasEnded { close() } else { deadline = loop.now + lingering }
    }

    func deadlinePassed(now: Int64) {
        switch stage {
        case .idle where isHeldBack: goOn()
        case .idle, .lingering, .closed:
            deadline = .max
            if waitsForReader { dropsWhatIsUnread() }
            close()
        case .tunnel: deadline = .max
        case .head: refuseSlowHead()
        case .exchange:
            deadline = .max
            let action = machine.requestBroken(.stalled)
            let exchange = serving
            serving = nil
            exchange?.cancel()
            if action == .problem {
                writeProblem(AdapterFault(.requestTimeout, "the body did not arrive in time"), end: .stalled)
            } else {
                dropsWhatIsUnread()
                perform(action)
            }
        }
    }

    /// Closing resets the connection from now on, instead of leaving what the client does not take in the kernel's memory.
    func dropsWhatIsUnread() { wire?.dropUnread() }

    /// Reads what is left of a refused request's body as far as it is at hand, so that the connection can go on.
    func discardBodyAtHand() {
        while body != nil {
            guard let step = input.withUnsafeReadableBytes({ body?.next($0) }) else { return }
            switch step {
            case .payload(_, let consumed): input.moveReaderIndex(forwardBy: consumed)
            case .needMore(let consumed):
                input.moveReaderIndex(forwardBy: consumed)
                return
            case .end(let consumed):
                input.moveReaderIndex(forwardBy: consumed)
                body = nil
                _ = machine.requestComplete()
            case .refused: return
            }
        }
    }

    func refuseMalformed(_ fault: WireFault) {
        startNamelessExchange()
        writeMalformed(fault, end: .malformed)
    }

    private func refuseSlowHead() {
        startNamelessExchange()
        writeProblem(AdapterFault(.requestTimeout, "the head did not arrive in time"), end: .stalled)
    }

    /// An exchange without a readable head: it is answered and recorded like any other, and the connection closes.
    private func startNamelessExchange() {
        stage = .exchange
        deadline = .max
        current = loop.beginExchange()
        current.transport = transport
        current.bytesIn = input.readableBytes
        machine = ExchangeStateMachine(keepAlive: false)
        _ = machine.requestBroken(.malformed)
    }
}
