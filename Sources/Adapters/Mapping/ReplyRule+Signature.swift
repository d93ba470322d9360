extension ReplyRule {
    /// Whether a reply was signed by the convention. `tree` is its body, perhaps with what stands at its root besides, which is no scalar.
    func isKept(
        _ convention: SigningConvention, by reply: DepartmentReply, _ tree: Value, _ call: AdapterCall
    ) throws(AdapterFault) -> Bool {
        try convention.isKept(by: CallbackPush(method: "", path: "", fields: reply.fields, body: reply.body), tree, call)
    }

    /// What a reply means that is not signed as it should be. Departments refuse without a signature: what its outside says of a refusal
    /// is passed on, and nothing else is believed or opened.
    func readUnsigned(_ reply: DepartmentReply, _ tree: Value, usesSession: Bool, trace: MappingTrace?) throws(AdapterFault) -> Reading {
        trace?.note(tree: tree)
        let decisions = decisions(on: tree, reply)
        trace?.note(decisions)
        if let verdict = verdict(on: tree) { return try settle(verdict, tree, usesSession, reply) }
        if let fault = statusFault(reply, tree, usesSession) {
            if usesSession, reply.status == 401 { return .expired }
            throw fault
        }
        // Where documents inside decide, the outside does not tell whether it is a refusal, unless there are none.
        let isPlain = unwraps.allSatisfy { $0.at.first(in: tree)?.isEmpty ?? true }
        let isRefusal = isPlain && !isSuccess(tree, (200...299).contains(reply.status))
        throw isRefusal ? rejection(tree) : unsigned(trace, decisions)
    }

    /// What is said of a reply that is not believed.
    func unsigned(_ trace: MappingTrace?, _ decisions: [ReplyDecision]) -> AdapterFault {
        let key = signature?.convention == nil ? "signature" : "signing"
        trace?.note(decisions + [ReplyDecision(key, "the reply carries the signature of its content", at: places[key], held: false)])
        return AdapterFault(.upstreamBadReply, "the department's reply does not carry the signature of its content")
    }
}
