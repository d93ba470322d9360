import Adapters
import GatewayCore
import NIOCore

/// One contract operation at one department: its steps and its main call, with the department's session where a call needs it. Calls
/// back exactly once, and never after `cancel`. Confined to its event loop.
final class DepartmentCall: SequencedCallOwner {
    /// What came of it.
    struct Outcome {
        let result: Result<ContractGoal.Answer, AdapterFault>
        let endpoint: String?
        /// Nanoseconds that all calls spent at the department.
        let nanoseconds: Int64
        let retries: Int
    }

    private let loop: LoopContext
    private let pool: UpstreamPool
    private let department: Department
    private let keeper: SessionKeeper?
    private let trace: TraceContext
    private let ends: Int64
    private let rules: CallRules
    /// The one goal of all calls.
    private let goal: ContractGoal
    /// The pages of the department that are still to be asked for; nil where one call gives all.
    private var pages: PageWalk?
    /// Why no call is made at all.
    private let refusal: AdapterFault?
    /// What was spent on the pages before.
    private var nanoseconds: Int64 = 0
    private var retries = 0
    private var call: SequencedCall?
    private var done: ((Outcome) -> Void)?

    init(
        _ goal: ContractGoal, at department: Department, state: LoopSnapshot, input: Value, trace: TraceContext, loop: LoopContext,
        ends: Int64 = .max, rules: CallRules = CallRules(), isPart: Bool = false, done: @escaping (Outcome) -> Void
    ) {
        self.rules = rules
        self.loop = loop
        self.department = department
        self.trace = trace
        self.done = done
        pool = state.pools[department.upstream]
        keeper = state.keepers[department.upstream]
        self.ends = min(ends, loop.now + pool.totalTimeout)
        pages = goal.pages(for: input, takingPart: isPart)
        refusal = goal.refusal(of: input, by: department.name, takingPart: isPart)
        // Pages are joined as trees.
        self.goal = pages == nil ? goal : goal.ofTree
        call = next(pages?.input ?? input)
    }

    private func next(_ input: Value) -> SequencedCall {
        SequencedCall(
            .operation(goal), department.call(input, at: loop.moment), pool: pool, trace: trace, loop: loop, ends: ends, rules: rules,
            owner: self)
    }

    /// Begins.
    func start() {
        if let fault = rules.hours?.fault(at: loop.epochMilliseconds / 1000, department: department.name) {
            return ended(SequencedCall.Outcome(result: .failure(fault)))
        }
        // Before its steps are made, which may change something.
        if let refusal { return ended(SequencedCall.Outcome(result: .failure(refusal))) }
        call?.start()
    }

    /// Nobody waits for the outcome any more. A login goes on: others may wait for it.
    func cancel() {
        done = nil
        call?.cancel()
        call = nil
    }

    func ended(_ outcome: SequencedCall.Outcome) {
        call = nil
        guard let done else { return }
        nanoseconds += outcome.nanoseconds
        retries += outcome.retries
        let result = outcome.result.flatMap { answer -> Result<ContractGoal.Answer, AdapterFault> in
            guard case .operation(let answer) = answer else { return .failure(AdapterFault(.internal, "a login's answer")) }
            return .success(answer)
        }
        guard let whole = joined(result) else {
            call = next(pages?.input ?? .null)
            call?.start()
            return
        }
        self.done = nil
        done(Outcome(result: whole, endpoint: outcome.endpoint, nanoseconds: nanoseconds, retries: retries))
    }

    /// What came of all calls; nil where another page is to be asked for.
    private func joined(_ result: Result<ContractGoal.Answer, AdapterFault>) -> Result<ContractGoal.Answer, AdapterFault>? {
        guard var pages else { return result }
        defer { self.pages = pages }
        do throws(AdapterFault) {
            return try pages.take(try goal.tree(of: try result.get())).map { .success(.tree($0)) }
        } catch { return pages.ended(by: error).map { .success(.tree($0)) } ?? .failure(error) }
    }

    private func use(_ session: Result<DepartmentSession, AdapterFault>) { call?.use(session.map(Optional.some)) }

    func needsSession(forgetting old: DepartmentSession?) {
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
        case .login:
            LoginCall(loop: loop, keeper: keeper) { [self] in use($0) }
                .start(login, department.call(.object(Object()), at: loop.moment), pool: pool, trace: trace, ends: ends)
        case .wait: break
        }
    }
}

/// One login at a department, for all calls that wait for its session: whoever asked may go away meanwhile. Held by the calls under way.
private final class LoginCall: SequencedCallOwner {
    private let loop: LoopContext
    private let keeper: SessionKeeper
    private let done: (Result<DepartmentSession, AdapterFault>) -> Void

    init(loop: LoopContext, keeper: SessionKeeper, done: @escaping (Result<DepartmentSession, AdapterFault>) -> Void) {
        self.loop = loop
        self.keeper = keeper
        self.done = done
    }

    func start(_ login: LoginAdapter, _ call: AdapterCall, pool: UpstreamPool, trace: TraceContext, ends: Int64) {
        SequencedCall(.login(login), call, pool: pool, trace: trace, loop: loop, ends: ends, rules: .login, owner: self).start()
    }

    /// A login makes the session and needs none.
    func needsSession(forgetting expired: DepartmentSession?) {}

    func ended(_ outcome: SequencedCall.Outcome) {
        let result = outcome.result.flatMap { answer -> Result<LoginAdapter.Answer, AdapterFault> in
            guard case .login(let login) = answer else { return .failure(AdapterFault(.internal, "an operation's answer")) }
            return .success(login)
        }
        let session = result.map(\.session)
        keeper.finish(session, expires: Self.expiry(result, now: loop.now), now: loop.now)
        done(session)
    }

    /// A session is left a tenth before its time is up, at most ten seconds: a call that begins now should still find it valid.
    private static func expiry(_ result: Result<LoginAdapter.Answer, AdapterFault>, now: Int64) -> Int64 {
        guard case .success(let login) = result, let lifetime = login.lifetimeMilliseconds else { return .max }
        let margin = min(lifetime / 10, 10_000)
        return now + min(max(0, lifetime - margin), 365 * 86_400_000) * 1_000_000
    }
}

extension Department {
    /// A call with an input.
    fileprivate func call(_ input: Value, at moment: CallMoment) -> AdapterCall {
        AdapterCall(input: input, secrets: secrets, moment: moment)
    }
}
