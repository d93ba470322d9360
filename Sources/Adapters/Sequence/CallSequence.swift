/// The calls of one operation or login in their order: events go in, one action comes out, and whoever has a network does it.
///
/// A step whose condition does not hold is passed over. A fault of a step ends the sequence. When a reply says that the session is
/// over, a new one is asked for, once, and the sequence goes on from the first step that uses the session. The results of the steps
/// before it stay, and so do those of steps that change something, which are not made twice. A reply that says that the department is not
/// done has its call made again, as often and as long as the file says.
public struct CallSequence: Sendable {
    /// What is to be done.
    public enum Action: Sendable {
        /// Get the department's session and hand it to `use`.
        case needsSession
        /// Send this and hand what comes of it to `take`.
        case send(DepartmentRequest, isWrite: Bool)
        /// Nothing for so many milliseconds, then `again`: the department is not done.
        case wait(Int64)
        /// The session is over: forget it, get another, and hand that to `use`.
        case renew(DepartmentSession)
        /// Nothing: this is what came of it.
        case finish(Result<CallGoal.Answer, AdapterFault>)
    }

    /// A step that is made for several items.
    private struct Round {
        let items: [Value]
        var made: [Value] = []
    }

    private let goal: CallGoal
    private let steps: [CallStep]
    /// Whether the main call's request carries the session.
    private let usesSession: Bool
    /// The call as the contract's request has it.
    private let input: AdapterCall
    /// The call of the request that was sent last.
    private var sent: AdapterCall?
    private var session: DepartmentSession?
    private var results = Object()
    private var position = 0
    private var hasSession = false
    private var hasRenewed = false
    /// The items that steps are made for, and what came of those before, by the steps' names.
    private var rounds: [String: Round] = [:]
    /// When the call at hand was first answered with "not yet", in milliseconds since 1970.
    private var pendingSince: Int64?

    /// A sequence for a call at its moment; the call's own session does not count.
    public init(_ goal: CallGoal, _ call: AdapterCall) {
        self.goal = goal
        steps = goal.steps
        usesSession = goal.usesSession
        input = call
    }

    /// The step that is being made; nil when it is the main call.
    private var step: CallStep? { position < steps.count ? steps[position] : nil }

    /// Begins.
    public mutating func begin() -> Action {
        // Before anything is handed in that a longer list would leave half done.
        for step in steps where step.isWanted(in: input) {
            if let fault = step.items(in: input).flatMap(step.refusal) {
                return .finish(.failure(fault.inStep(step.name, ofLogin: goal.isLogin)))
            }
        }
        return steps.isEmpty && input.session == nil ? next(input) : next(input.moment)
    }

    /// Goes on with a session; nil when the department has no login.
    public mutating func use(_ session: DepartmentSession?, at moment: CallMoment) -> Action {
        self.session = session
        hasSession = true
        return next(moment)
    }

    /// Makes the last request anew, with a time and chance of its own: nothing came of it.
    public mutating func again(at moment: CallMoment) -> Action { next(moment) }

    /// Goes on with what came of the last request.
    public mutating func take(_ result: Result<DepartmentReply, AdapterFault>, at moment: CallMoment) -> Action {
        guard let call = sent else { return .finish(.failure(AdapterFault(.internal, "a reply to nothing"))) }
        do throws(AdapterFault) {
            let reply = try result.get()
            guard let step else {
                switch try goal.settle(reply, to: call) {
                case .answer(let answer): return .finish(.success(answer))
                case .sessionOver: return try renew()
                case .pending(let polling, let answer): return wait(polling, moment) ?? .finish(ending(polling, with: answer))
                }
            }
            switch try step.call.settle(reply, to: call) {
            case .answer(let answer): if !keep(answer, of: step) { return next(moment) }
            case .sessionOver: return try renew()
            case .pending(let polling, let answer):
                if let action = wait(polling, moment) { return action }
                guard let answer else { throw polling.fault }
                if !keep(answer, of: step) { return next(moment) }
            }
            position += 1
            return next(moment)
        } catch { return .finish(.failure(placed(error))) }
    }

    /// Keeps what came of a step; whether the step is done.
    private mutating func keep(_ answer: Value, of step: CallStep) -> Bool {
        pendingSince = nil
        guard var round = rounds[step.name] else {
            results[step.name] = answer
            return true
        }
        round.made.append(answer)
        guard round.made.count == round.items.count else {
            rounds[step.name] = round
            return false
        }
        rounds[step.name] = nil
        results[step.name] = .array(round.made)
        return true
    }

    /// What comes of a call when nobody asks any more.
    private func ending(_ polling: Polling, with answer: CallGoal.Answer?) -> Result<CallGoal.Answer, AdapterFault> {
        answer.map(Result.success) ?? .failure(placed(polling.fault))
    }

    /// The pause before the call is made again; nil when all patience is over.
    private mutating func wait(_ polling: Polling, _ moment: CallMoment) -> Action? {
        let since = pendingSince ?? moment.epochMilliseconds
        pendingSince = since
        return moment.epochMilliseconds - since + polling.every <= polling.within ? .wait(polling.every) : nil
    }

    /// The fault that the whole ends with, when nothing is tried again any more: behind a step that changed something it does not say that
    /// the whole may be.
    public func ended(by fault: AdapterFault) -> AdapterFault { hasChanged ? fault.behindChange : fault }

    /// Whether a step that changes something was answered: the department has taken on what cannot be taken back.
    private var hasChanged: Bool {
        steps.contains { $0.call.isWrite && (results[$0.name] != nil || rounds[$0.name]?.made.isEmpty == false) }
    }

    /// The fault with the call that it is a fault of, where that is not the operation itself.
    private func placed(_ fault: AdapterFault) -> AdapterFault {
        if let step { return fault.inStep(step.name, item: rounds[step.name].map { $0.made.count + 1 }, ofLogin: goal.isLogin) }
        return goal.isLogin ? fault.inLogin : fault
    }

    private mutating func next(_ moment: CallMoment) -> Action {
        next(input.with(session: session, at: moment, steps: steps.isEmpty ? nil : results))
    }

    private mutating func next(_ call: AdapterCall) -> Action {
        var call = call
        while let step {
            if results[step.name] == nil, step.isWanted(in: call) {
                guard step.each != nil else { break }
                let round = rounds[step.name] ?? Round(items: step.items(in: call) ?? [])
                rounds[step.name] = round
                guard round.items.isEmpty else { break }
                rounds[step.name] = nil
                results[step.name] = .array([])
                call = call.with(steps: results)
            }
            position += 1
        }
        if let step, let round = rounds[step.name] {
            if let fault = step.refusal(of: round.items) { return .finish(.failure(placed(fault))) }
            call = call.with(item: round.items[round.made.count])
        }
        guard hasSession || !(step?.call.usesSession ?? usesSession) else { return .needsSession }
        sent = call
        do throws(AdapterFault) {
            if let step { return .send(try step.call.request(call), isWrite: step.call.isWrite) }
            return .send(try goal.request(call), isWrite: goal.isWrite)
        } catch { return .finish(.failure(placed(error))) }
    }

    /// The department refused the last call because the session was over: it did nothing, so even a write may be sent again, once.
    private mutating func renew() throws(AdapterFault) -> Action {
        guard !hasRenewed, let old = session else {
            throw AdapterFault(.upstreamCredential, "the department does not accept a session it has just given")
        }
        hasRenewed = true
        (session, hasSession, pendingSince) = (nil, false, nil)
        // What was asked for under the old session may mean nothing under the new one.
        let first = steps.firstIndex { $0.call.usesSession } ?? steps.count
        for step in steps[first...] where !step.call.isWrite {
            results[step.name] = nil
            rounds[step.name] = nil
        }
        position = min(first, position)
        return .renew(old)
    }
}
