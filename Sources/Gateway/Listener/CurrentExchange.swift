import Adapters
import GatewayCore

/// Everything the connection knows of the exchange at hand; the record at its end is made from it.
struct CurrentExchange {
    /// The configuration the exchange began with, and keeps.
    var state: LoopSnapshot?
    /// What the policies know.
    var facts = ExchangeFacts(now: 0, epochSeconds: 0, trace: TraceContext(high: 0, low: 0, span: 0))
    var phase = ExchangePhase.received
    var method = RequestMethod.other
    var minorVersion: UInt8 = 1
    var bodyLimit = 0
    var bytesIn = 0
    var bytesOut = 0
    var status = 0
    /// The problem's code, where the answer is one.
    var code: ProblemCode?
    /// The endpoint that was asked.
    var endpoint: Endpoint?
    /// Nanoseconds from the request's last byte sent to the reply's first byte.
    var upstreamNanoseconds: Int64 = 0
    var retries = 0
    /// Milliseconds since 1970 when the head was complete.
    var epochMilliseconds: Int64 = 0
}
