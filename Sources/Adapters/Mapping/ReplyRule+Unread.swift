extension ReplyRule {
    /// What a reply means whose body is not what it should be: the conditions that ask for no more than `$.http` are asked all the same,
    /// since departments, and what stands before them, answer 401 and 503 with pages of markup. Nil where none of them decides.
    func readUnread(_ reply: DepartmentReply, usesSession: Bool, trace: MappingTrace?) throws(AdapterFault) -> Reading? {
        let tree = withHTTP(.object(Object()), reply)
        let asked = verdicts.map { ($0.verdict, $0.predicate, $0.predicate.outcome(on: tree, knowingOnly: "http")) }
        trace?.note(
            asked.compactMap { verdict, predicate, outcome in
                outcome.map { ReplyDecision(verdict.rawValue, predicate.description, at: places[verdict.rawValue], held: $0) }
            })
        if let verdict = asked.first(where: { $0.2 == true })?.0 { return try settle(verdict, .null, usesSession, reply) }
        if let polling, polling.predicate.outcome(on: tree, knowingOnly: "http") == true { return .pending(polling, tree) }
        return nil
    }

    /// The tree of a reply that has no body and needs none: HTTP's own "no content" (RFC 9110 section 15.3.5), or a `success` that asks
    /// for no more than `$.http`. Nil where a body is due.
    func treeWithoutBody(_ reply: DepartmentReply) -> Value? {
        guard reply.body.isEmpty, !reader.format.isLax else { return nil }
        let tree = withHTTP(.object(Object()), reply)
        switch success {
        case .http: return reply.status == 204 || reply.status == 205 ? tree : nil
        case .when(let predicate): return predicate.outcome(on: tree, knowingOnly: "http") == true ? tree : nil
        }
    }
}
