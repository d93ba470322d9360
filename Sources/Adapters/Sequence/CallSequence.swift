/// What a sequence of calls leads to: an operation's answer, or a login's session.
public protocol SequenceGoal: Sendable {
    /// What the main call's reply becomes.
    associatedtype Answer: Sendable

    /// The calls before the main call, in their order.
    var steps: [CallStep] { get }
    /// Whether the main call's request carries the department's session.
    var usesSession: Bool { get }
    /// Whether the main call changes something, so that it must not be sent twice.
    var isWrite: Bool { get }
    /// Whether it is the department's login.
    var isLogin: Bool { get }

    /// The main call's request.
    func request(_ call: AdapterCall) throws(AdapterFault) -> DepartmentRequest
    /// What the reply to the main call means.
    func settle(_ reply: DepartmentReply, to call: AdapterCall) throws(AdapterFault) -> Settlement<Answer>
}

extension SequenceGoal {
    /// An operation is none.
    public var isLogin: Bool { false }
}

/// The calls of one operation or login in their order: events go in, one action comes out, and whoever has a network does it.
///
/// A step whose condition does not hold is passed over. A fault of a step ends the sequence. When a reply says that the session is
/// over, a new one is asked for, once, and the sequence goes on from the first step that uses the session. The results of the steps
/// before it stay, and so do those of steps that change something, which are not made twice. A reply that says that the department is not
/// done has its call made again, as often and as long as the file says.
public struct CallSequence<Goal: SequenceGoal>: Sendable {
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
        case finish(Result<Goal.Answer, AdapterFault>)
    }

    private let goal: Goal
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
    /// When the call at hand was first answered with "not yet", in milliseconds since 1970.
    private var pendingSince: Int64?

    /// A sequence for a call at its moment; the call's own session does not count.
    @specialized(where Goal == CallGoal)
    public init(_ goal: Goal, _ call: AdapterCall) {
        self.goal = goal
        steps = goal.steps
        usesSession = goal.usesSession
        input = call
    }

    /// The step that is being made; nil when it is the main call.
    private var step: CallStep? { position < steps.count ? steps[position] : nil }

    /// Begins.
    @specialized(where Goal == CallGoal)
    public mutating func begin() -> Action {
        steps.isEmpty && input.session == nil ? next(input) : next(input.moment)
    }

    /// Goes on with a session; nil when the department has no login.
    @specialized(where Goal == CallGoal)
    public mutating func use(_ session: DepartmentSession?, at moment: CallMoment) -> Action {
        self.session = session
        hasSession = true
        return next(moment)
    }

    /// Makes the last request anew, with a time and chance of its own: nothing came of it.
    @specialized(where Goal == CallGoal)
    public mutating func again(at moment: CallMoment) -> Action { next(moment) }

    /// Goes on with what came of the last request.
    @specialized(where Goal == CallGoal)
    public mutating func take(_ result: Result<DepartmentReply, AdapterFault>, at moment: CallMoment) -> Action {
        guard let call = sent else { return .finish(.failure(AdapterFault(.internal, "a reply to nothing"))) }
        do throws(AdapterFault) {
            let reply = try result.get()
            guard let step else {
                switch try goal.settle(reply, to: call) {
                case .answer(let answer): return .finish(.success(answer))
                case .sessionOver: return try renew()
                case .pending(let polling): return try wait(polling, moment)
                }
            }
            switch try step.call.settle(reply, to: call) {
            case .answer(let answer): results[step.name] = answer
            case .sessionOver: return try renew()
            case .pending(let polling): return try wait(polling, moment)
            }
            position += 1
            pendingSince = nil
            return next(moment)
        } catch { return .finish(.failure(placed(error))) }
    }

    private mutating func wait(_ polling: Polling, _ moment: CallMoment) throws(AdapterFault) -> Action {
        let since = pendingSince ?? moment.epochMilliseconds
        pendingSince = since
        guard moment.epochMilliseconds - since + polling.every <= polling.within else { throw polling.fault }
        return .wait(polling.every)
    }

    /// The fault with the call that it is a fault of, where that is not the operation itself.
    private func placed(_ fault: AdapterFault) -> AdapterFault {
        if let step { return fault.inStep(step.name, ofLogin: goal.isLogin) }
        return goal.isLogin ? fault.inLogin : fault
    }

    @specialized(where Goal == CallGoal)
    private mutating func next(_ moment: CallMoment) -> Action {
        next(input.with(session: session, at: moment, steps: steps.isEmpty ? nil : results))
    }

    @specialized(where Goal == CallGoal)
    private mutating func next(_ call: AdapterCall) -> Action {
        while let step, results[step.name] != nil || !step.isWanted(in: call) { position += 1 }
        guard hasSession || !(step?.call.usesSession ?? usesSession) else { return .needsSession }
        sent = call
        do throws(AdapterFault) {
            if let step { return .send(try step.call.request(call), isWrite: step.call.isWrite) }
            return .send(try goal.request(call), isWrite: goal.isWrite)
        } catch { return .finish(.failure(placed(error))) }
    }

    /// The department refused the last call because the session was over: it did nothing, so even a write may be sent again, once.
    @specialized(where Goal == CallGoal)
    private mutating func renew() throws(AdapterFault) -> Action {
        guard !hasRenewed, let old = session else {
            throw AdapterFault(.upstreamCredential, "the department does not accept a session it has just given")
        }
        hasRenewed = true
        (session, hasSession, pendingSince) = (nil, false, nil)
        // What was asked for under the old session may mean nothing under the new one.
        let first = steps.firstIndex { $0.call.usesSession } ?? steps.count
        for step in steps[first...] where !step.call.isWrite { results[step.name] = nil }
        position = min(first, position)
        return .renew(old)
    }
}
