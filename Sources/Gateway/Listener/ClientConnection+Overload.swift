import Adapters
import GatewayCore

// What a gateway that has too much to do does with a request: as little as it can.
extension ClientConnection {
    /// How long a connection is not read after a request of it was turned away. Whoever heeds `Retry-After` does not notice; whoever asks again at
    /// once waits, and costs nothing meanwhile.
    private static let pause = Int64(250_000_000)

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
                retryAfter: OverloadGate.fault.retryAfter),
            end: .refused)
    }

    /// The request that was turned away is answered: the next one waits in the kernel.
    func holdBack() {
        pauseReading()
        deadline = loop.now + Self.pause
    }
}
