import Adapters
import GatewayCore
import NIOCore

/// A round trip by a transport that has no pool of its own: gets a permit of the upstream's first, and ends it with what came.
final class PermittedExchange: DepartmentExchange, RoundTripOwner, PermitOwner, DeadlineOwner {
    private let trip: RoundTrip
    private let loop: LoopContext
    private let make: (RoundTrip) -> any DepartmentExchange
    private var inner: (any DepartmentExchange)?
    private var permit: UpstreamPermit?
    private var isOver = false

    var deadlineSlot = -1
    var deadline: Int64 { inner == nil ? trip.callEnds : .max }

    init(_ trip: RoundTrip, loop: LoopContext, _ make: @escaping (RoundTrip) -> any DepartmentExchange) {
        self.trip = trip
        self.loop = loop
        self.make = make
    }

    var priority: CallPriority { trip.priority }

    func start() {
        loop.deadlines.enter(self)
        switch trip.pool.line.ask(priority) {
        case .go(let permit): permitted(permit)
        case .refuse(let refusal): refused(refusal)
        case .wait: trip.pool.line.enter(self, ends: trip.callEnds)
        }
    }

    func cancel() {
        guard !isOver else { return }
        end(.unused)
        inner?.cancel()
        inner = nil
    }

    func permitted(_ permit: UpstreamPermit) {
        guard !isOver else { return trip.pool.line.end(permit, .unused) }
        self.permit = permit
        loop.deadlines.leave(self)
        let inner = make(trip.to(trip.pool.settings.endpoints[trip.pool.line.index(of: permit)], for: self))
        self.inner = inner
        inner.start()
    }

    func roundTripEnded(_ outcome: RoundTripOutcome) {
        guard !isOver else { return }
        end(outcome.verdict)
        inner = nil
        trip.owner.roundTripEnded(outcome)
    }

    func refused(_ refusal: UpstreamRefusal) { finish(UpstreamFailure.refused(refusal).fault(isWrite: trip.isWrite)) }

    func deadlinePassed(now: Int64) { finish(UpstreamFailure.timeout.fault(isWrite: false)) }

    private func finish(_ fault: AdapterFault) {
        guard !isOver else { return }
        end(.unused)
        var outcome = RoundTripOutcome(result: .failure(fault))
        outcome.wasSent = false
        trip.owner.roundTripEnded(outcome)
    }

    private func end(_ verdict: CallVerdict) {
        isOver = true
        loop.deadlines.leave(self)
        trip.pool.line.forget { $0 === self }
        if let permit { trip.pool.line.end(permit, verdict) }
        permit = nil
    }
}

extension RoundTripOutcome {
    /// What it tells of the endpoint.
    var verdict: CallVerdict {
        switch result {
        case .success(let reply): CallVerdict(status: reply.status)
        case .failure(let fault):
            switch fault.code {
            case .upstreamUnavailable, .upstreamTimeout: .failed
            case .overloaded, .internal: .unused
            default: .answered
            }
        }
    }
}

extension CallVerdict {
    /// What a status tells: these four say that the server cannot serve. A 500 may be a department's way of saying no.
    init(status: Int) { self = [429, 502, 503, 504].contains(status) ? .failed : .answered }
}
