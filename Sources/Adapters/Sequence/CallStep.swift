/// A call of its own that an operation or a login makes before its main call. Immutable; safe to share.
public struct CallStep: Sendable {
    /// Its name in the file; its results stand at `$.steps.NAME`.
    public let name: String
    /// The call. Its answer is an object of the results.
    public let call: OperationAdapter
    /// The step is made only when this holds of the contract's request and the results so far.
    let condition: Predicate?

    /// The names of its results.
    public var resultNames: [String] { call.answer.fields.map(\.name) }

    /// Whether the step is made for a call that holds the results of the steps before it.
    public func isWanted(in call: AdapterCall) -> Bool { condition?.holds(on: call.input) ?? true }
}

extension AdapterCall {
    /// The call with the results of earlier steps, by the steps' names: what later steps and the main call see at `$.steps`.
    public func with(steps results: Object?) -> AdapterCall { results.map { adding(.object($0), as: "steps") } ?? self }
}

extension AdapterFault {
    /// The fault of a step: its detail says which, and whether it is one of the login's.
    func inStep(_ name: String, ofLogin isLogin: Bool) -> AdapterFault {
        with(detail: "in the step '\(name)'\(isLogin ? " of the login" : ""): \(detail)")
    }

    /// The fault of a login: whoever called did not ask for one, and is told.
    var inLogin: AdapterFault { with(detail: "at the login: \(detail)") }
}
