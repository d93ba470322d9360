/// What a reply settles of a call.
public enum Settlement<Answer: Sendable>: Sendable {
    /// All of it.
    case answer(Answer)
    /// Nothing: the session is over.
    case sessionOver
    /// Nothing yet: the department wants to be asked again. The answer is for when nobody asks any more, where the file has one for that.
    case pending(Polling, Answer?)

    /// The same of another answer.
    func map<Other: Sendable>(_ change: (Answer) throws(AdapterFault) -> Other) throws(AdapterFault) -> Settlement<Other> {
        switch self {
        case .answer(let answer): .answer(try change(answer))
        case .sessionOver: .sessionOver
        case .pending(let polling, let answer): .pending(polling, answer.flatMap { try? change($0) })
        }
    }
}

/// How a call is made again and again while the department is not done: `pending` of a reply.
public struct Polling: Sendable {
    /// Holds of a reply that is none yet.
    let predicate: Predicate
    /// Milliseconds between two calls.
    let every: Int64
    /// Milliseconds from the first call to the end of all patience.
    public let within: Int64
    /// Whether what the department says by then is an answer: it took the task on and gave a ticket.
    let answers: Bool

    /// What is said when the patience ends.
    var fault: AdapterFault {
        AdapterFault(
            .upstreamTimeout, "the department has not finished after \(within / 1000) s of being asked; what it took on goes on there")
    }
}
