import Adapters
import GatewayCore

/// One round trip to a department whose reply is collected whole, by whichever transport its upstream has. Confined to its event
/// loop; tells its owner exactly once, and never after `cancel`.
protocol DepartmentExchange: AnyObject {
    /// Sends the request.
    func start()
    /// Nobody waits for the outcome any more.
    func cancel()
}

/// Who waits for a round trip.
protocol RoundTripOwner: AnyObject {
    /// It is over.
    func roundTripEnded(_ outcome: RoundTripOutcome)
}

/// What came of a round trip.
struct RoundTripOutcome {
    var result: Result<DepartmentReply, AdapterFault>
    var endpoint: String?
    /// Nanoseconds from the request's last byte sent to the reply's first byte.
    var nanoseconds: Int64 = 0
    var retries = 0
    /// Whether a read was lost with a connection that had been kept: the department may have closed it before it saw the request.
    var isStale = false
    /// Whether any of the request may have reached the department.
    var wasSent = true
    /// What is to be done at the department once the reply was understood, such as removing the answer's file.
    var settle: (() -> Void)?
}

/// What a round trip begins with. A class: transports and whoever waits for them hold on to it.
final class RoundTrip {
    let request: DepartmentRequest
    /// Whether it changes something at the department: such a request is never sent twice.
    let isWrite: Bool
    let trace: TraceContext
    let pool: UpstreamPool
    /// When the whole call must be over, in nanoseconds of the loop's clock.
    let callEnds: Int64
    /// Whether only a new connection will do.
    let isFresh: Bool
    /// Who goes first where room is short.
    let priority: CallPriority
    /// The endpoint to ask, for transports that do not choose themselves.
    let endpoint: Endpoint?
    let owner: any RoundTripOwner

    init(
        request: DepartmentRequest, isWrite: Bool, trace: TraceContext, pool: UpstreamPool, callEnds: Int64, isFresh: Bool,
        priority: CallPriority = .normal, endpoint: Endpoint? = nil, owner: any RoundTripOwner
    ) {
        self.request = request
        self.isWrite = isWrite
        self.trace = trace
        self.pool = pool
        self.callEnds = callEnds
        self.isFresh = isFresh
        self.priority = priority
        self.endpoint = endpoint
        self.owner = owner
    }

    /// The same trip to an endpoint, for another owner.
    func to(_ endpoint: Endpoint, for owner: any RoundTripOwner) -> RoundTrip {
        RoundTrip(
            request: request, isWrite: isWrite, trace: trace, pool: pool, callEnds: callEnds, isFresh: isFresh, priority: priority,
            endpoint: endpoint, owner: owner)
    }
}

extension LoopContext {
    /// The exchange for a round trip: the one place that knows the transports.
    func exchange(_ trip: RoundTrip) -> any DepartmentExchange {
        if let delivery = trip.request.delivery {
            return PermittedExchange(trip, loop: self) { [self] in MailboxExchange($0, delivery, loop: self, engine: curl) }
        }
        switch trip.pool.settings.transport {
        case .loop: return CollectedExchange(trip, loop: self)
        case .curl: return PermittedExchange(trip, loop: self) { [self] in CurlExchange($0, loop: self, engine: curl) }
        }
    }
}
