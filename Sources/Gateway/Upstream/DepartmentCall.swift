import Adapters
import GatewayCore
import NIOCore

/// One contract operation at one department: its steps and its main call, with the department's session where a call needs it. Calls
/// back exactly once. Confined to its event loop.
final class DepartmentCall {
    /// What came of it.
    typealias Outcome = SequencedCall<ContractGoal>.Outcome

    private let loop: LoopContext
    private let pool: UpstreamPool
    private let department: Department
    private let keeper: SessionKeeper?
    private let trace: TraceContext
    private let ends: Int64
    private var call: SequencedCall<ContractGoal>?
    private var isOver = false

    init(
        _ goal: ContractGoal, at department: Department, state: LoopSnapshot, input: Value, trace: TraceContext, loop: LoopContext,
        ends: Int64 = .max, done: @escaping (Outcome) -> Void
    ) {
        self.loop = loop
        self.department = department
        self.trace = trace
        pool = state.pools[department.upstream]
        keeper = state.keepers[department.upstream]
        let ends = min(ends, loop.now + pool.totalTimeout)
        self.ends = ends
        call = SequencedCall(
            goal, department.call(input), pool: pool, trace: trace, loop: loop, ends: ends,
            getSession: { [unowned self] old in getSession(forgetting: old) },
            done: { [self] outcome in
                call = nil
                guard !isOver else { return }
                isOver = true
                done(outcome)
            })
    }

    /// Begins.
    func start() { call?.start() }

    /// Nobody waits for the outcome any more. A login goes on: others may wait for it.
    func cancel() {
        isOver = true
        call?.cancel()
        call = nil
    }

    private func use(_ session: Result<DepartmentSession, AdapterFault>) { call?.use(session.map(Optional.some)) }

    private func getSession(forgetting old: DepartmentSession?) {
        guard let keeper, let login = department.translation.login else {
            call?.use(.success(nil))
            return
        }
        if let old { keeper.expire(old) }
        // The call waits for the login as long as it may wait at all; the login itself is bounded by the same time.
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        switch keeper.ask(now: loop.now, loop: loop.eventLoop, resume: { result in bound.value.use(result) }) {
        case .session(let session): use(.success(session))
        case .refused(let fault): use(.failure(fault))
        case .login: logIn(login, keeper)
        case .wait: break
        }
    }

    private func logIn(_ login: LoginAdapter, _ keeper: SessionKeeper) {
        // Held by the exchange that it waits for, not by this call: whoever asked may go away meanwhile.
        let sequence = SequencedCall<LoginAdapter>(
            login, department.call(.object(Object())), pool: pool, trace: trace, loop: loop, ends: ends, getSession: { _ in },
            done: { [self, loop] outcome in
                keeper.finish(outcome.result.map(\.session), expires: Self.expiry(outcome.result, now: loop.now), now: loop.now)
                use(outcome.result.map(\.session))
            })
        sequence.start()
    }

    /// A session is left a tenth before its time is up, at most ten seconds: a call that begins now should still find it valid.
    private static func expiry(_ result: Result<LoginAdapter.Answer, AdapterFault>, now: Int64) -> Int64 {
        guard case .success(let login) = result, let lifetime = login.lifetimeMilliseconds else { return .max }
        let margin = min(lifetime / 10, 10_000)
        return now + min(max(0, lifetime - margin), 365 * 86_400_000) * 1_000_000
    }
}

extension Department {
    /// A call with an input, at no moment yet.
    fileprivate func call(_ input: Value) -> AdapterCall {
        AdapterCall(input: input, secrets: secrets, moment: CallMoment(epochMilliseconds: 0, random: (0, 0)))
    }
}
