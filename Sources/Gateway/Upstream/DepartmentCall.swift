import Adapters
import GatewayCore
import NIOCore

/// One contract operation at one department: log in if need be, translate, send, translate back, log in anew once if the
/// session was over. Calls back exactly once. Confined to its event loop.
final class DepartmentCall {
    /// What came of it.
    struct Outcome {
        var result: Result<Value, AdapterFault>
        var endpoint: String?
        var nanoseconds: Int64 = 0
        var retries = 0
    }

    private let loop: LoopContext
    private let pool: UpstreamPool
    private let department: Department
    private let adapter: OperationAdapter
    private let keeper: SessionKeeper?
    private let input: Value
    private let trace: TraceContext
    private let ends: Int64
    private let done: (Outcome) -> Void
    private var exchange: (any DepartmentExchange)?
    private var outcome = Outcome(result: .failure(AdapterFault(.internal, "no outcome")))
    private var hasLoggedInAgain = false
    private var isOver = false

    init(
        _ adapter: OperationAdapter, at department: Department, state: LoopSnapshot, input: Value, trace: TraceContext, loop: LoopContext,
        done: @escaping (Outcome) -> Void
    ) {
        self.loop = loop
        self.department = department
        self.adapter = adapter
        self.input = input
        self.trace = trace
        self.done = done
        pool = state.pools[department.upstream]
        keeper = state.keepers[department.upstream]
        ends = loop.now + pool.totalTimeout
    }

    /// Begins.
    func start() {
        guard adapter.usesSession, let keeper else { return send(session: nil) }
        // The call waits for the login as long as it may wait at all; the login itself is bounded by the same time.
        let bound = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let turn = keeper.ask(now: loop.now, loop: loop.eventLoop) { result in bound.value.loggedIn(result) }
        switch turn {
        case .token(let token): send(session: token)
        case .login: logIn(keeper)
        case .wait: break
        }
    }

    /// Nobody waits for the outcome any more. A login goes on: others may wait for it.
    func cancel() {
        isOver = true
        guard !isLoggingIn else { return }
        exchange?.cancel()
        exchange = nil
    }

    private var isLoggingIn = false

    private func finish(_ result: Result<Value, AdapterFault>) {
        guard !isOver else { return }
        isOver = true
        exchange = nil
        outcome.result = result
        done(outcome)
    }

    // MARK: Login

    private func logIn(_ keeper: SessionKeeper) {
        guard let login = department.translation.login else {
            keeper.finish(.failure(AdapterFault(.internal, "the login is gone")), expires: 0)
            return finish(.failure(AdapterFault(.internal, "the login is gone")))
        }
        let request: DepartmentRequest
        do { request = try login.request(adapterCall(session: nil)) } catch {
            keeper.finish(.failure(error), expires: 0)
            return finish(.failure(error))
        }
        isLoggingIn = true
        // A login changes nothing: it may be sent again on a fresh connection.
        let exchange = loop.exchange(request, isWrite: false, trace: trace, pool: pool, callEnds: ends) { outcome in
            self.isLoggingIn = false
            self.exchange = nil
            let result = Self.session(outcome.result, login)
            let expires = self.expiry(result)
            keeper.finish(result.map(\.token), expires: expires)
            self.loggedIn(result.map(\.token))
        }
        self.exchange = exchange
        exchange.start()
    }

    private static func session(
        _ result: Result<DepartmentReply, AdapterFault>, _ login: LoginAdapter
    ) -> Result<(token: String, lifetimeMilliseconds: Int64?), AdapterFault> {
        switch result {
        case .failure(let fault): return .failure(fault)
        case .success(let reply):
            do { return .success(try login.session(from: reply)) } catch { return .failure(error) }
        }
    }

    /// A token is left a tenth before its time is up, at most ten seconds: a call that begins now should still find it valid.
    private func expiry(_ result: Result<(token: String, lifetimeMilliseconds: Int64?), AdapterFault>) -> Int64 {
        guard case .success(let session) = result, let lifetime = session.lifetimeMilliseconds else { return .max }
        let margin = min(lifetime / 10, 10_000)
        return loop.now + min(max(0, lifetime - margin), 365 * 86_400_000) * 1_000_000
    }

    private func loggedIn(_ result: Result<String, AdapterFault>) {
        guard !isOver else { return }
        switch result {
        case .success(let token): send(session: token)
        case .failure(let fault): finish(.failure(fault))
        }
    }

    // MARK: The call

    private func adapterCall(session: String?) -> AdapterCall {
        AdapterCall(
            input: input, secrets: department.secrets,
            moment: CallMoment(epochMilliseconds: loop.epochMilliseconds, random: loop.randomPair()), session: session)
    }

    private func send(session: String?) {
        guard !isOver else { return }
        guard loop.now < ends else {
            return finish(.failure(AdapterFault(.upstreamTimeout, "the department's login did not answer in time")))
        }
        let call = adapterCall(session: session)
        let request: DepartmentRequest
        do { request = try adapter.request(call) } catch { return finish(.failure(error)) }
        let exchange = loop.exchange(request, isWrite: adapter.isWrite, trace: trace, pool: pool, callEnds: ends) {
            answered in
            self.outcome.endpoint = answered.endpoint
            self.outcome.nanoseconds += answered.nanoseconds
            self.outcome.retries += answered.retries
            self.answered(answered.result, call, settle: answered.settle)
        }
        self.exchange = exchange
        exchange.start()
    }

    private func answered(_ result: Result<DepartmentReply, AdapterFault>, _ call: AdapterCall, settle: (() -> Void)?) {
        switch result {
        case .failure(let fault): finish(.failure(fault))
        case .success(let reply):
            switch adapter.outcome(of: reply, to: call) {
            case .answer(let value):
                settle?()
                finish(.success(value))
            case .failed(let fault): finish(.failure(fault))
            case .sessionExpired: sessionExpired(call.session)
            }
        }
    }

    /// The department refused the call because the session was over: it did nothing, so even a write may be sent again, once.
    private func sessionExpired(_ token: String?) {
        guard !hasLoggedInAgain, let keeper, let token else {
            return finish(.failure(AdapterFault(.upstreamCredential, "the department does not accept a session it has just given")))
        }
        hasLoggedInAgain = true
        outcome.retries += 1
        keeper.expire(token)
        start()
    }
}
