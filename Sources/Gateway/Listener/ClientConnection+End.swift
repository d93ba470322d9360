import Adapters
import GatewayCore
import Glibc
import NIOCore

// How a connection ends, and what cannot be read.
extension ClientConnection {
    /// Closes at once.
    func close() {
        guard stage != .closed else { return }
        stage = .closed
        context?.close(promise: nil)
    }

    /// The gateway stops: an idle connection goes, a busy one after its answer.
    func drain() {
        if stage == .idle { close() }
    }

    func deadlinePassed(now: Int64) {
        switch stage {
        case .idle where isHeldBack: goOn()
        case .idle, .lingering, .closed:
            deadline = .max
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

    /// A client that does not take its answer leaves it in the kernel's memory, and would go on having it there after the connection is
    /// closed: closing resets it instead.
    func dropsWhatIsUnread() {
        _ = (context?.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
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
