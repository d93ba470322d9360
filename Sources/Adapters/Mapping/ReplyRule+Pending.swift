extension ReplyRule {
    /// What it means that a mailbox holds no answer yet: the reply is an empty object, of which predicates may ask
    /// `$.http.status == 202`. Where neither a verdict nor `success` takes it, the department has not answered in time.
    func readPending(_ reply: DepartmentReply) throws(AdapterFault) -> Reading {
        let tree = withHTTP(.object(Object()), reply)
        if let verdict = verdict(on: tree) { return try settle(verdict, tree, false, reply) }
        switch success {
        case .http: return .success(tree)
        case .when(let predicate) where predicate.holds(on: tree): return .success(tree)
        case .when:
            throw AdapterFault(.upstreamTimeout, "the department has not put its answer there yet; what was handed in stays there")
        }
    }
}
