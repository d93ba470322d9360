/// How far an exchange has come. Code, documentation, logs and tests read this one table.
public enum ExchangePhase: String, Sendable, CaseIterable {
    /// The head is read.
    case received
    /// A route answers to it.
    case matched
    /// Every policy let it pass.
    case admitted
    /// The upstream has the request's head.
    case sent
    /// The upstream's reply has begun, or the gateway answers itself.
    case answered
    /// The last byte is written and the record is made.
    case ended
}

/// Every way an exchange can end. Exactly one per exchange, in exactly one record.
public enum ExchangeEnd: String, Sendable, CaseIterable {
    /// The answer was written whole.
    case completed
    /// The gateway answered with a problem before any department was asked.
    case refused
    /// The bytes were no HTTP request; the connection is closed.
    case malformed
    /// The department was asked and the answer is a problem.
    case failed
    /// The upstream's reply broke off after its head had been passed on; the connection is closed.
    case truncated
    /// The client went away before the answer was written.
    case abandoned
    /// The client took too long to send its request or to take the answer.
    case stalled

    /// Its place in the table.
    public var index: Int {
        switch self {
        case .completed: 0
        case .refused: 1
        case .malformed: 2
        case .failed: 3
        case .truncated: 4
        case .abandoned: 5
        case .stalled: 6
        }
    }

    /// What it means, for people.
    public var meaning: String {
        switch self {
        case .completed: "the answer was written whole"
        case .refused: "the gateway answered with a problem before any department was asked"
        case .malformed: "the bytes were no HTTP request"
        case .failed: "a department was asked and the answer is a problem"
        case .truncated: "the upstream's reply broke off after its head had been passed on"
        case .abandoned: "the client went away before the answer was written"
        case .stalled: "the client took too long to send its request or to take the answer"
        }
    }
}
