import Adapters
import GatewayCore
import NIOCore

/// Who has the calls of a sequence made. All calls happen on its event loop.
protocol SequencedCallOwner: AnyObject {
    /// The calls need the department's session; `expired` is the one to forget. The owner goes on with `use`.
    func needsSession(forgetting expired: DepartmentSession?)
    /// The calls are over; said once, and never after `cancel`.
    func ended(_ outcome: SequencedCall.Outcome)
}

/// Performs the calls of one sequence, one after the other, under one deadline. Confined to its event loop.
final class SequencedCall: RoundTripOwner {
    /// What came of it.
    struct Outcome {
        var result: Result<CallGoal.Answer, AdapterFault>
        var endpoint: String?
        /// Nanoseconds that all calls of the sequence spent at the department.
        var nanoseconds: Int64 = 0
        var retries = 0
    }

    private let loop: LoopContext
    private let pool: UpstreamPool
    private let trace: TraceContext
    private let ends: Int64
    /// Held until the calls are over.
    private var owner: (any SequencedCallOwner)?
    private var sequence: CallSequence
    private var exchange: (any DepartmentExchange)?
    private let priority: CallPriority
    private var retryRules: CallRetries?
    /// Whether the round trip at hand changes something.
    private var isWrite = false
    /// Whether the round trip at hand is made anew, on a new connection.
    private var isFresh = false
    private var endpoint: String?
    private var nanoseconds: Int64 = 0
    private var retries = 0

    init(
        _ goal: CallGoal, _ call: AdapterCall, pool: UpstreamPool, trace: TraceContext, loop: LoopContext, ends: Int64,
        rules: CallRules = CallRules(), owner: any SequencedCallOwner
    ) {
        self.loop = loop
        priority = rules.priority
        retryRules = CallRetries(rules)
        self.pool = pool
        self.trace = trace
        self.ends = ends
        self.owner = owner
        sequence = CallSequence(goal, call)
    }

    /// Begins.
    func start() { perform(sequence.begin()) }

    /// Goes on with a session, or without one where the department has no login.
    func use(_ session: Result<DepartmentSession?, AdapterFault>) {
        guard owner != nil else { return }
        switch session {
        case .success(let session): perform(sequence.use(session, at: loop.moment))
        case .failure(let fault): finish(.failure(fault))
        }
    }

    /// Nobody waits for the outcome any more.
    func cancel() {
        owner = nil
        exchange?.cancel()
        exchange = nil
    }

    private func perform(_ action: CallSequence.Action) {
        switch action {
        case .needsSession: owner?.needsSession(forgetting: nil)
        case .renew(let old):
            retries += 1
            owner?.needsSession(forgetting: old)
        case .wait(let milliseconds): goAgain(in: milliseconds * 1_000_000)
        case .send(let request, let isWrite): send(request, isWrite: isWrite)
        case .finish(let result): finish(result.mapError { sequence.ended(by: $0) })
        }
    }

    private func send(_ request: DepartmentRequest, isWrite: Bool) {
        guard loop.now < ends else {
            return finish(.failure(AdapterFault(.upstreamTimeout, "the calls before this one took all the time there was")))
        }
        self.isWrite = isWrite
        let trip = RoundTrip(
            request: request, isWrite: isWrite, trace: trace, pool: pool, callEnds: ends, isFresh: isFresh, priority: priority, owner: self)
        let next = loop.exchange(trip)
        exchange = next
        next.start()
    }

    func roundTripEnded(_ trip: RoundTripOutcome) {
        exchange = nil
        endpoint = trip.endpoint
        nanoseconds += trip.nanoseconds
        retries += trip.retries
        if trip.isStale, !isFresh {
            // Made anew, not repeated: a department that did see the first would take its nonce for a replay.
            retries += 1
            isFresh = true
            return perform(sequence.again(at: loop.moment))
        }
        isFresh = false
        let action = sequence.take(trip.result, at: loop.moment)
        if case .finish(.failure(let fault)) = action, goesAgain(after: trip, fault) { return }
        // What came was understood: a file that held it may go now.
        switch action {
        case .finish(.failure), .renew, .wait: break
        case .finish(.success), .send, .needsSession: trip.settle?()
        }
        perform(action)
    }

    /// Whether the call is made anew, in a while: its rules say so, and the budget lets it.
    private func goesAgain(after trip: RoundTripOutcome, _ fault: AdapterFault) -> Bool {
        let pause = retryRules?.pause(after: trip, fault, isWrite: isWrite, loop: loop, ends: ends, line: pool.line)
        guard let pause else { return false }
        retries += 1
        goAgain(in: pause)
        return true
    }

    private func goAgain(in nanoseconds: Int64) {
        loop.later(nanoseconds) { [self] in if owner != nil { perform(sequence.again(at: loop.moment)) } }
    }

    private func finish(_ result: Result<CallGoal.Answer, AdapterFault>) {
        guard let owner else { return }
        self.owner = nil
        owner.ended(Outcome(result: result, endpoint: endpoint, nanoseconds: nanoseconds, retries: retries))
    }
}

extension LoopContext {
    /// Time and chance for one request.
    var moment: CallMoment { CallMoment(epochMilliseconds: epochMilliseconds, random: randomPair()) }
}
