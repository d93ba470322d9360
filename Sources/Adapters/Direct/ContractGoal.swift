/// What a call of an operation leads to where the contract's answer is all that is wanted: the answer as it is sent, or, where the
/// reply needs more, the mapping's. A class: every step of a call holds on to it.
public final class ContractGoal: Sendable {
    /// What the main call's reply becomes.
    public enum Answer: Sendable {
        /// What the mapping made; not typed yet.
        case tree(Value)
        /// The contract's answer.
        case written(DirectAnswer)
    }

    private let adapter: OperationAdapter
    /// Gives the answers that need one pass; nil where the mapping makes every answer.
    public let direct: DirectReply?

    /// A goal; without `direct` the mapping makes every answer.
    public init(_ adapter: OperationAdapter, _ direct: DirectReply?) {
        self.adapter = adapter
        self.direct = direct
    }

    /// The operation, by the contract's name of it.
    public var operation: String { adapter.id }

    /// The same where the answer is wanted as a tree.
    public var ofTree: ContractGoal { ContractGoal(adapter, nil) }

    /// How a call that asks for more entries than the department gives at once is made; nil where one call will do.
    /// Where as much as the calls give is an answer too, it is asked for with `takingPart`.
    public func pages(for input: Value, takingPart: Bool = false) -> PageWalk? { adapter.pages(for: input, takingPart: takingPart) }

    /// Why a call is not made at all: it names a criterion that the department cannot search by, or a page that cannot be had. Nil when it is made.
    public func refusal(of input: Value, by department: String, takingPart: Bool = false) -> AdapterFault? {
        adapter.refusal(of: input, by: department, takingPart: takingPart)
    }

    /// What the items of an answer are still to be looked at for; nil where the department or the mapping has done so.
    public func filter(for input: Value) -> ItemFilter? { adapter.filter(for: input) }

    /// Whether the department itself is asked for a criterion.
    public func hands(on criterion: String) -> Bool { adapter.criteria.uses(criterion) }

    /// The operation's steps.
    public var steps: [CallStep] { adapter.steps }
    /// Whether the main call's request carries the department's session.
    public var usesSession: Bool { adapter.usesSession }
    /// Whether the main call changes something.
    public var isWrite: Bool { adapter.isWrite }

    /// The main call's request.
    public func request(_ call: AdapterCall) throws(AdapterFault) -> DepartmentRequest { try adapter.request(call) }

    /// What the reply to the main call means.
    public func settle(_ reply: DepartmentReply, to call: AdapterCall) throws(AdapterFault) -> Settlement<Answer> {
        if let answer = direct?.answer(in: reply, to: call) { return .answer(.written(answer)) }
        return try adapter.settle(reply, to: call).map { (value) throws(AdapterFault) in .tree(value) }
    }

    /// The mapping's answer, whatever the plan could do; nil when the session is over, or there is none yet.
    public func tree(of reply: DepartmentReply, to call: AdapterCall) throws(AdapterFault) -> Value? {
        if case .answer(let value) = try adapter.settle(reply, to: call) { value } else { nil }
    }

    /// The mapping's answer of an outcome.
    public func tree(of answer: Answer) throws(AdapterFault) -> Value {
        switch answer {
        case .tree(let value): return value
        case .written(let answer):
            guard let value = try tree(of: answer.reply, to: answer.call) else {
                throw AdapterFault(.internal, "a reply that was read cannot be read again")
            }
            return value
        }
    }
}
