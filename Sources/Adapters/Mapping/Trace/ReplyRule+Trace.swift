extension ReplyRule {
    /// The conditions in the order in which a reply is held to them, up to the one that decides. They are evaluated anew, which only
    /// happens for a trace.
    func decisions(on tree: Value, _ reply: DepartmentReply) -> [ReplyDecision] {
        var made: [ReplyDecision] = []
        for (verdict, predicate) in verdicts {
            let held = predicate.holds(on: tree)
            made.append(ReplyDecision(verdict.rawValue, predicate.description, at: places[verdict.rawValue], held: held))
            if held { return made }
        }
        if isSOAP, SoapFault(in: tree) != nil {
            return made + [ReplyDecision("fault", "the reply is a SOAP Fault", at: nil, held: true)]
        }
        if let polling {
            let held = polling.predicate.holds(on: tree)
            made.append(ReplyDecision("pending", polling.predicate.description, at: places["pending"], held: held))
            if held { return made }
        }
        let isSuccessStatus = (200...299).contains(reply.status)
        var isSuccess = isSuccessStatus
        switch success {
        case .http: made.append(ReplyDecision("success", "HTTP status \(reply.status)", at: places["success"], held: isSuccess))
        case .when(let predicate):
            isSuccess = (isSuccessStatus || asksStatus) && predicate.holds(on: tree)
            made.append(ReplyDecision("success", predicate.description, at: places["success"], held: isSuccess))
        }
        guard !isSuccess else { return made + expected(of: tree) }
        if !isSuccessStatus { made.append(ReplyDecision("http", "HTTP status \(reply.status)", at: nil, held: true)) }
        for path in codes {
            let held = text([path], tree) != nil
            made.append(ReplyDecision("failure", "a code at \(path.origin.text)", at: places["failure"], held: held))
            if held { break }
        }
        return made
    }

    private func expected(of tree: Value) -> [ReplyDecision] {
        var made: [ReplyDecision] = []
        for predicate in expectations {
            let held = predicate.holds(on: tree)
            made.append(ReplyDecision("expect", predicate.description, at: places["expect"], held: held))
            if !held { break }
        }
        return made
    }
}
