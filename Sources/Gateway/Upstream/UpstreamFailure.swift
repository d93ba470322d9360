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
    /// The department is spared: there is no room, or its endpoints are left alone.
    case refused(UpstreamRefusal)
    /// The connection closed before any byte of a reply.
    case closedBeforeReply
    /// The connection closed in the middle of a reply.
    case closedInReply
    /// The reply leaves HTTP, which nobody asked for.
    case unexpectedUpgrade
    /// The reply is no HTTP.
    case malformed(WireFault)
    /// The reply is no HTTP, or no reply of the protocol's.
    case unreadable
    /// No answer in time.
    case timeout
    /// The reply is larger than so many bytes.
    case tooLarge(Int)
    /// The reply's head is over its limit.
    case headTooLarge
    /// The proxy on the way refused.
    case proxy
    /// The server does not accept the login.
    case loginDenied
    /// The SFTP server shows another host key.
    case hostKey
    /// There is no such file or directory.
    case noSuchFile
    /// The file server refused a command.
    case commandRefused

    /// Whether nothing was sent because no connection came about, so that another endpoint may be tried.
    var meansUnreached: Bool {
        switch self {
        case .unreachable, .connectTimeout, .tls: true
        default: false
        }
    }

    /// The problem that the portal sees.
    func fault(isWrite: Bool) -> AdapterFault {
        switch self {
        case .unreachable, .connectTimeout: AdapterFault(.upstreamUnavailable, "no connection could be opened")
        case .tls(let fault): AdapterFault(.upstreamUnavailable, "no connection could be opened: \(fault.detail)")
        case .saturated: AdapterFault(.overloaded, "every connection to the department is in use")
        case .refused(let refusal): refusal.fault
        case .closedBeforeReply where isWrite:
            AdapterFault(.upstreamBadReply, "the department closed the connection without a reply; whether it acted is not known")
        case .closedBeforeReply: AdapterFault(.upstreamUnavailable, "the department closed the connection without a reply")
        case .closedInReply: AdapterFault(.upstreamBadReply, "the reply was cut off")
        case .unexpectedUpgrade: AdapterFault(.upstreamBadReply, "the reply is an upgrade that was not asked for")
        case .malformed(let fault): AdapterFault(.upstreamBadReply, "the reply is no HTTP: \(fault.replySentence) (\(fault.reason))")
        case .unreadable: AdapterFault(.upstreamBadReply, "the reply is not of the protocol")
        case .timeout where isWrite:
            AdapterFault(
                .upstreamTimeout,
                "the department did not answer in time; it is not sent again, and whether the department acted is not known")
        case .timeout: AdapterFault(.upstreamTimeout, "the department did not answer in time")
        case .tooLarge(let limit): AdapterFault(.upstreamBadReply, "the reply is larger than \(limit) bytes")
        case .headTooLarge: AdapterFault(.upstreamBadReply, "the reply's head is larger than the limit")
        case .proxy: AdapterFault(.upstreamUnavailable, "no connection could be opened: the proxy refused")
        case .loginDenied: AdapterFault(.upstreamCredential, "the department does not accept the gateway's login")
        case .hostKey: AdapterFault(.upstreamUnavailable, "no connection could be opened: the department's server shows another host key")
        case .noSuchFile: AdapterFault(.upstreamBadReply, "the department's server has no such file")
        case .commandRefused: AdapterFault(.upstreamBadReply, "the department's server refused a command")
        }
    }
}

extension UpstreamRefusal {
    /// The problem that the portal sees. Nothing was sent, so that anything may be tried again.
    var fault: AdapterFault {
        var fault =
            switch self {
            case .lineFull: AdapterFault(.overloaded, "as many calls wait for this department as may; nothing was sent")
            case .waitedTooLong: AdapterFault(.overloaded, "the department had no room in time; nothing was sent")
            case .displaced: AdapterFault(.overloaded, "a more urgent call took the place of this one; nothing was sent")
            case .resting:
                AdapterFault(.upstreamUnavailable, "the department has failed too often and is left alone for a while; nothing was sent")
            }
        fault.retryAfter = RateLimitFields.seconds(retryAfter)
        return fault
    }
}
