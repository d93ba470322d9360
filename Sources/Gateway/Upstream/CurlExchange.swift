import Adapters
import GatewayCore
import NIOCore
import Synchronization

/// A round trip through libcurl, for upstreams that need what only it can do. It ends on its event loop like any other.
final class CurlExchange: DepartmentExchange, DeadlineOwner {
    private let loop: LoopContext
    private let trip: RoundTrip
    private let engine: CurlEngine
    private var transfer: CurlTransfer?
    private var outcome = RoundTripOutcome(result: .failure(AdapterFault(.internal, "no outcome")))
    private var attempts = 0
    private var lastEndpoint: Endpoint?
    private var isOver = false

    var deadlineSlot = -1
    private(set) var deadline: Int64

    init(_ trip: RoundTrip, loop: LoopContext, engine: CurlEngine) {
        self.loop = loop
        self.trip = trip
        self.engine = engine
        deadline = trip.callEnds
    }

    func start() {
        loop.deadlines.enter(self)
        send()
    }

    func cancel() {
        guard !isOver else { return }
        isOver = true
        loop.deadlines.leave(self)
        transfer.map(engine.cancel)
        transfer = nil
    }

    private func send() {
        let settings = trip.pool.settings
        let endpoint = attempts == 0 ? trip.endpoint ?? trip.pool.endpoint(after: nil) : trip.pool.endpoint(after: lastEndpoint)
        lastEndpoint = endpoint
        attempts += 1
        outcome.endpoint = endpoint.description
        let now = loop.now
        deadline = min(trip.callEnds, now + settings.connectTimeout.nanoseconds + settings.firstByteTimeout.nanoseconds)
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let limits = loop.current.wireLimits
        let transfer = CurlTransfer(
            .http(trip.request, fields: fields(endpoint), isWrite: trip.isWrite), path: trip.request.target, at: endpoint, settings,
            within: (trip.callEnds - now) / 1_000_000, headLimit: (limits.headBytes, limits.fields)
        ) { result, nanoseconds, retries in
            bound.eventLoop.execute { bound.value.ended(result, nanoseconds, retries) }
        }
        self.transfer = transfer
        engine.begin(transfer)
    }

    /// The header fields, in libcurl's spelling: an empty value is written with a semicolon, and a name alone keeps libcurl from
    /// adding a field of its own.
    private func fields(_ endpoint: Endpoint) -> [String] {
        let request = trip.request
        var fields = ["Host: \(endpoint)", "Expect:"]
        for name in ["Accept", "Content-Type"] where request.field(name) == nil { fields.append("\(name):") }
        for field in request.fields where field.isSafe {
            fields.append(field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)")
        }
        fields.append("traceparent: \(trip.trace.traceparent)")
        return fields
    }

    private func ended(_ result: CurlTransfer.Outcome, _ nanoseconds: Int64, _ retries: Int) {
        guard !isOver else { return }
        outcome.nanoseconds += nanoseconds
        outcome.retries += retries
        switch result {
        case .reply(let reply): finish(.success(reply))
        case .failed(let failure):
            // An endpoint that cannot be reached is followed by the next, each of them once.
            if failure.meansUnreached, attempts < trip.pool.settings.endpoints.count, loop.now < trip.callEnds { return send() }
            outcome.wasSent = !failure.meansUnreached
            finish(.failure(failure.fault(isWrite: trip.isWrite)))
        }
    }

    private func finish(_ result: Result<DepartmentReply, AdapterFault>) {
        guard !isOver else { return }
        isOver = true
        loop.deadlines.leave(self)
        transfer = nil
        outcome.result = result
        trip.owner.roundTripEnded(outcome)
    }

    func deadlinePassed(now: Int64) {
        if now < trip.callEnds, transfer?.hasBegun.load(ordering: .relaxed) == true {
            // The reply has begun: from here on the whole call's time counts.
            deadline = trip.callEnds
            return
        }
        transfer.map(engine.cancel)
        finish(.failure(UpstreamFailure.timeout.fault(isWrite: trip.isWrite)))
    }
}
