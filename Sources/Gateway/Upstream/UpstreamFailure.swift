import Adapters
import GatewayCore

/// Why an upstream could not be reached or did not answer.
enum UpstreamFailure: Error {
    /// No connection could be opened.
    case unreachable
    /// A connection did not open in time.
    case connectTimeout
    /// No TLS connection came about, or the other side ended it with a reason.
    case tls(TLSFault)
    /// Every connection is in use and the queue is full.
    case saturated
    /// The connection closed before any byte of a reply.
    case closedBeforeReply
    /// The connection closed in the middle of a reply.
    case closedInReply
    /// The reply leaves HTTP, which nobody asked for.
    case unexpectedUpgrade
    /// The reply is no HTTP.
    case malformed(WireFault)

    /// The problem that the portal sees.
    func fault(isWrite: Bool) -> AdapterFault {
        switch self {
        case .unreachable, .connectTimeout: AdapterFault(.upstreamUnavailable, "no connection could be opened")
        case .tls(let fault): AdapterFault(.upstreamUnavailable, "no connection could be opened: \(fault.detail)")
        case .saturated: AdapterFault(.overloaded, "every connection to the department is in use")
        case .closedBeforeReply where isWrite:
            AdapterFault(.upstreamBadReply, "the department closed the connection without a reply; whether it acted is not known")
        case .closedBeforeReply: AdapterFault(.upstreamUnavailable, "the department closed the connection without a reply")
        case .closedInReply: AdapterFault(.upstreamBadReply, "the reply was cut off")
        case .unexpectedUpgrade: AdapterFault(.upstreamBadReply, "the reply is an upgrade that was not asked for")
        case .malformed(let fault): AdapterFault(.upstreamBadReply, "the reply is no HTTP: \(fault.reason)")
        }
    }
}
