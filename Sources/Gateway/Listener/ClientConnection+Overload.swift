import Adapters
import GatewayCore

// What a gateway that has too much to do does with a request: as little as it can.
extension ClientConnection {
    /// The problem in two halves, around the trace's id: nothing is looked up or encoded for it.
    private static let problem: (before: [UInt8], behind: [UInt8]) = {
        let mark = "TRACE"
        let text = JSONCodec.encode(ProblemDocument.value(OverloadGate.fault, traceID: mark, department: nil))
        guard let place = text.firstRange(of: Array(mark.utf8)) else { return (text, []) }
        return (Array(text[..<place.lowerBound]), Array(text[place.upperBound...]))
    }()

    /// Turns the request away whose exchange has begun.
    func turnAway() {
        discardBodyAtHand()
        current.code = .overloaded
        isHeldBack = !transport.isHTTP2
        let body = Self.problem.before + Array(current.facts.trace.traceID.utf8) + Self.problem.behind
        write(
            LocalReply(
                status: ProblemCode.overloaded.status, mediaType: ProblemDocument.mediaType, body: body,
                retryAfter: (loop.gate.pause + 999_999_999) / 1_000_000_000),
            end: .refused)
    }

    /// The request that was turned away is answered: the next one waits in the kernel. Whoever heeds `Retry-After` does not notice; whoever asks
    /// again at once waits, and costs nothing meanwhile.
    func holdBack() {
        pauseReading()
        loop.gate.hold()
        isCountedAsHeld = true
        deadline = loop.now + loop.gate.pause
    }

    /// The wait is over, or the connection is.
    func endHold() {
        isHeldBack = false
        guard isCountedAsHeld else { return }
        isCountedAsHeld = false
        loop.gate.letGo()
    }
}
