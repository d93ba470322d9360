import Adapters
import GatewayCore
import NIOCore

/// Performs the calls of one sequence, one after the other, under one deadline. Calls back exactly once unless it is cancelled.
/// Confined to its event loop.
final class SequencedCall<Goal: SequenceGoal> {
    /// What came of it.
    struct Outcome {
        var result: Result<Goal.Answer, AdapterFault>
        var endpoint: String?
        /// Nanoseconds that all calls of the sequence spent at the department.
        var nanoseconds: Int64 = 0
        var retries = 0
    }

    private let loop: LoopContext
    private let pool: UpstreamPool
    private let trace: TraceContext
    private let ends: Int64
    private let done: (Outcome) -> Void
    /// Gets the department's session; `expired` is the one to forget. Calls `use` with it.
    private let getSession: (_ expired: DepartmentSession?) -> Void
    private var sequence: CallSequence<Goal>
    private var exchange: (any DepartmentExchange)?
    private var outcome = Outcome(result: .failure(AdapterFault(.internal, "no outcome")))
    private var isOver = false

    init(
        _ goal: Goal, _ call: AdapterCall, pool: UpstreamPool, trace: TraceContext, loop: LoopContext, ends: Int64,
        getSession: @escaping (DepartmentSession?) -> Void, done: @escaping (Outcome) -> Void
    ) {
        self.loop = loop
        self.pool = pool
        self.trace = trace
        self.ends = ends
        self.done = done
        self.getSession = getSession
        sequence = CallSequence(goal, call)
    }

    /// Begins.
    func start() { perform(sequence.begin(at: loop.moment)) }

    /// Goes on with a session, or without one where the department has no login.
    func use(_ session: Result<DepartmentSession?, AdapterFault>) {
        guard !isOver else { return }
        switch session {
        case .success(let session): perform(sequence.use(session, at: loop.moment))
        case .failure(let fault): finish(.failure(fault))
        }
    }

    /// Nobody waits for the outcome any more.
    func cancel() {
        isOver = true
        exchange?.cancel()
        exchange = nil
    }

    private func perform(_ action: CallSequence<Goal>.Action, isFresh: Bool = false) {
        switch action {
        case .needsSession: getSession(nil)
        case .renew(let old):
            outcome.retries += 1
            getSession(old)
        case .send(let request, let isWrite): send(request, isWrite: isWrite, isFresh: isFresh)
        case .finish(let result): finish(result)
        }
    }

    private func send(_ request: DepartmentRequest, isWrite: Bool, isFresh: Bool) {
        guard loop.now < ends else {
            return finish(.failure(AdapterFault(.upstreamTimeout, "the calls before this one took all the time there was")))
        }
        let next = loop.exchange(request, isWrite: isWrite, trace: trace, pool: pool, callEnds: ends, isFresh: isFresh) { [self] trip in
            exchange = nil
            outcome.endpoint = trip.endpoint
            outcome.nanoseconds += trip.nanoseconds
            outcome.retries += trip.retries
            if trip.isStale, !isFresh {
                // Made anew, not repeated: a department that did see the first would take its nonce for a replay.
                outcome.retries += 1
                return perform(sequence.again(at: loop.moment), isFresh: true)
            }
            let action = sequence.take(trip.result, at: loop.moment)
            // What came was understood: a file that held it may go now.
            switch action {
            case .finish(.failure), .renew: break
            case .finish(.success), .send, .needsSession: trip.settle?()
            }
            perform(action)
        }
        exchange = next
        next.start()
    }

    private func finish(_ result: Result<Goal.Answer, AdapterFault>) {
        guard !isOver else { return }
        isOver = true
        outcome.result = result
        done(outcome)
    }
}

extension LoopContext {
    /// Time and chance for one request.
    fileprivate var moment: CallMoment { CallMoment(epochMilliseconds: epochMilliseconds, random: randomPair()) }
}
