import Adapters
import GatewayCore

/// An operation that several calls answer: makes the calls that the run asks for, as many at once as it asks, under one deadline, and
/// hands the answer on once. Confined to its event loop.
final class AggregatedCall: DeadlineOwner {
    private let connection: ClientConnection
    private let state: LoopSnapshot
    private let done: (Result<Value, AdapterFault>, String?) -> Void
    private var run: AggregationRun
    private var calls: [DepartmentCall] = []
    private var isOver = false
    /// Whether any department was asked: without one the request was refused, not failed.
    private(set) var hasAsked = false

    var deadlineSlot = -1
    let deadline: Int64

    init(
        _ plan: Aggregation, input: Value, state: LoopSnapshot, connection: ClientConnection,
        done: @escaping (Result<Value, AdapterFault>, String?) -> Void
    ) {
        self.connection = connection
        self.state = state
        self.done = done
        let loop = connection.loop
        let moment = CallMoment(epochMilliseconds: loop.epochMilliseconds, random: loop.randomPair())
        run = AggregationRun(plan, AdapterCall(input: input, secrets: Secrets([:]), moment: moment))
        deadline = plan.deadlineMilliseconds.map { loop.now + $0 * 1_000_000 } ?? .max
    }

    /// Begins.
    func start() {
        connection.loop.deadlines.enter(self)
        advance()
    }

    /// Nobody waits for the answer any more.
    func cancel() {
        guard !isOver else { return }
        end()
    }

    private func end() {
        isOver = true
        connection.loop.deadlines.leave(self)
        for call in calls { call.cancel() }
        calls = []
    }

    func deadlinePassed(now: Int64) {
        guard !isOver else { return }
        // Each call still out has this same end and reports it itself; whatever does not is late all the same.
        run.expire(AdapterFault(.upstreamTimeout, "the department did not answer within the time for all parts"))
        advance()
    }

    // MARK: The run

    private func advance() {
        while !isOver {
            let asks = run.next()
            if run.isOver { return finish() }
            guard !asks.isEmpty else { return }
            for ask in asks where !isOver { make(ask) }
        }
    }

    private func finish() {
        end()
        let (result, department) = run.answer()
        done(result, department)
    }

    private func make(_ ask: AggregationRun.Ask) {
        let part = run.plan.parts[ask.part]
        let snapshot = state.snapshot
        guard let operation = snapshot.contract.operations.firstIndex(where: { $0.id == part.operation }) else {
            return run.began(ask.part, .failure(AdapterFault(.internal, "the operation \(part.operation) is gone")))
        }
        let admission = CallAdmission(connection: connection, snapshot: snapshot, operation: operation)
        let targets: [Int]
        do { targets = try departments(part, ask.input, admission) } catch { return run.began(ask.part, .failure(error)) }
        run.began(
            ask.part,
            .success(targets.map { AggregationRun.Target(id: snapshot.departments[$0].id, name: snapshot.departments[$0].name) }))
        for (position, department) in targets.enumerated() where !isOver { call(department, position, ask, admission) }
    }

    private func departments(_ part: Aggregation.Part, _ input: Value, _ admission: CallAdmission) throws(AdapterFault) -> [Int] {
        if let one = try admission.named(by: input) {
            try admission.admit(one, input)
            return [one]
        }
        switch part.targets {
        case .named: throw AdapterFault(.notFound, "nothing names a department for \(part.operation)")
        case .every: return try admission.granted(input)
        case .listed(let ids): return try admission.granted(input, among: ids)
        }
    }

    private func call(_ department: Int, _ position: Int, _ ask: AggregationRun.Ask, _ admission: CallAdmission) {
        let target = state.snapshot.departments[department]
        let operation = state.snapshot.contract.operations[admission.operation]
        guard let goal = target.translation.goals[admission.operation]?.ofTree else { return }
        do throws(AdapterFault) { try admission.take(department, ask.input) } catch { return run.take(ask.part, position, .failure(error)) }
        let call = DepartmentCall(
            goal, at: target, state: state, input: CallerUser.stand(connection.current.facts.user, in: ask.input),
            trace: connection.current.facts.trace, loop: connection.loop,
            ends: deadline, rules: target.callRules[admission.operation], isPart: true
        ) { [weak self] outcome in
            guard let self, !self.isOver else { return }
            self.connection.current.note(outcome)
            let typed = outcome.result.flatMap { answer in
                Result { () throws(AdapterFault) -> PartAnswer in
                    let answer = try operation.answer(from: goal.tree(of: answer), to: ask.input)
                    return try admission.visible(answer, of: goal, at: department, to: ask.input)
                }
            }
            self.run.take(ask.part, position, typed)
            self.advance()
        }
        calls.append(call)
        hasAsked = true
        connection.current.phase = .sent
        call.start()
    }
}
