/// What the calls of a sequence lead to at a department: an operation's answer, or a login's session.
public enum CallGoal: Sendable {
    /// An operation's answer.
    case operation(ContractGoal)
    /// A login's session.
    case login(LoginAdapter)

    /// What the main call's reply becomes.
    public enum Answer: Sendable {
        /// Of an operation.
        case operation(ContractGoal.Answer)
        /// Of a login.
        case login(LoginAdapter.Answer)
    }

    /// The calls before the main call.
    public var steps: [CallStep] {
        switch self {
        case .operation(let goal): goal.steps
        case .login(let goal): goal.steps
        }
    }

    /// Whether the main call's request carries the department's session.
    public var usesSession: Bool {
        switch self {
        case .operation(let goal): goal.usesSession
        case .login(let goal): goal.usesSession
        }
    }

    /// Whether the main call changes something.
    public var isWrite: Bool {
        switch self {
        case .operation(let goal): goal.isWrite
        case .login(let goal): goal.isWrite
        }
    }

    /// Whether it is a login.
    public var isLogin: Bool { if case .login = self { true } else { false } }

    /// The main call's request.
    public func request(_ call: AdapterCall) throws(AdapterFault) -> DepartmentRequest {
        switch self {
        case .operation(let goal): try goal.request(call)
        case .login(let goal): try goal.request(call)
        }
    }

    /// What the reply to the main call means.
    public func settle(_ reply: DepartmentReply, to call: AdapterCall) throws(AdapterFault) -> Settlement<Answer> {
        switch self {
        case .operation(let goal): try goal.settle(reply, to: call).map { (answer) throws(AdapterFault) in .operation(answer) }
        case .login(let goal): try goal.settle(reply, to: call).map { (answer) throws(AdapterFault) in .login(answer) }
        }
    }
}
