/// A call of its own that an operation or a login makes before its main call. Immutable; safe to share.
public struct CallStep: Sendable {
    /// Its name in the file; its results stand at `$.steps.NAME`.
    public let name: String
    /// The call. Its answer is an object of the results.
    public let call: OperationAdapter
    /// The step is made only when this holds of the contract's request and the results so far.
    let condition: Predicate?
    /// The list for whose items the step is made, once for each; nil where it is made once.
    let each: PathReference?

    /// How many items a step is made for at most.
    static let itemLimit = 200

    /// The names of its results.
    public var resultNames: [String] { call.answer.fields.map(\.name) }

    /// The items that the step is made for, each standing at `$.item`; nil where it is made once.
    func items(in call: AdapterCall) -> [Value]? {
        guard let each else { return nil }
        // A list as it is, or the values that a path finds.
        let found = each.values(in: MappingScope(request: call))
        return found.flatMap { $0.array ?? [$0] }
    }

    /// Why a step is not made for so many items.
    func refusal(of items: [Value]) -> AdapterFault? {
        guard items.count > CallStep.itemLimit else { return nil }
        let message = "there are more than \(CallStep.itemLimit), which are handed in one by one"
        let errors = each?.origin.pointer.map { [FieldError(field: $0, rule: "maxItems", message: message)] }
        return AdapterFault(.invalidField, "a field does not fit what the department takes", errors: errors ?? [])
    }

    /// The call for the first of the step's items, where it is made for several.
    public func forFirstItem(of call: AdapterCall) -> AdapterCall { items(in: call)?.first.map(call.with(item:)) ?? call }

    /// Whether the step is made for a call that holds the results of the steps before it.
    public func isWanted(in call: AdapterCall) -> Bool { condition?.holds(on: call.input) ?? true }
}

extension AdapterCall {
    /// The call with the results of earlier steps, by the steps' names: what later steps and the main call see at `$.steps`.
    public func with(steps results: Object?) -> AdapterCall { results.map { adding(.object($0), as: "steps") } ?? self }

    /// The call with the item that a step is made for, at `$.item`.
    func with(item: Value) -> AdapterCall { adding(item, as: "item") }
}

extension AdapterFault {
    /// The fault of a call behind one that changed something: it must not say that the whole may be tried again.
    var behindChange: AdapterFault {
        guard code == .overloaded || code == .upstreamUnavailable || code == .rateLimited else { return self }
        return AdapterFault(
            .upstreamTimeout,
            "the department has taken on what came before, and could not be asked on (\(detail)); what it took on goes on there",
            upstreamCode: upstreamCode, upstreamMessage: upstreamMessage)
    }

    /// The fault of a step: its detail says which, and whether it is one of the login's.
    func inStep(_ name: String, item: Int? = nil, ofLogin isLogin: Bool) -> AdapterFault {
        let number = item.map { " for item \($0)" } ?? ""
        return with(detail: "in the step '\(name)'\(number)\(isLogin ? " of the login" : ""): \(detail)")
    }

    /// The fault of a login: whoever called did not ask for one, and is told.
    var inLogin: AdapterFault { with(detail: "at the login: \(detail)") }
}
