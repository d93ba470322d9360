package import Adapters
package import GatewayCore

/// An operation that several calls answer, taken through its plan without a network: the call as the contract has it, and for each
/// department of each part the reply that it gave.
package struct AggregationTrial {
    /// One department that is asked for one part.
    package struct Asked {
        /// The part's name.
        package let part: String
        /// The department's id.
        package let department: String
        /// The contract's request that the department is asked with.
        package let input: Value
        /// What is sent.
        package let request: Result<DepartmentRequest, AdapterFault>
        /// What it answered, in the contract's terms; nil where no reply is there.
        package let result: Result<PartAnswer, AdapterFault>?

        /// The name of its files: `PART/DEPARTMENT`.
        package var name: String { "\(part)/\(department)" }
    }

    /// What became of the whole.
    package struct Outcome {
        /// Everybody who was asked, in order.
        package let asked: [Asked]
        /// The answer; nil where a reply is missing.
        package let answer: Result<Value, AdapterFault>?
    }

    /// A reply in a file: nothing there, silence (an empty file), or a message.
    package enum Reply {
        /// No file.
        case missing
        /// The department does not answer in time.
        case silence
        /// What it answered.
        case message(DepartmentReply)
    }

    /// The operation.
    package let operation: ContractOperation
    private let plan: Aggregation
    private let snapshot: Snapshot
    private let call: AdapterCall
    private let file: Value
    private let user: CallerUser?

    /// Reads a call's file; `trace` notes where the answer's fields come from.
    package init(_ bytes: [UInt8], in snapshot: Snapshot, trace: MappingTrace? = nil) throws(ToolFault) {
        file = try CallFile.object(bytes, keys: CallFile.keys)
        operation = try CallFile.operation(file, snapshot)
        let id = operation.id
        guard let index = snapshot.contract.operations.firstIndex(where: { $0.id == id }), let plan = snapshot.aggregations[index] else {
            throw ToolFault("\(id) is answered by one department, and not by several calls")
        }
        self.plan = plan
        self.snapshot = snapshot
        user = try CallFile.user(file["user"])
        let input = try CallFile.input(file["input"] ?? .object(Object()), operation, false)
        call = AdapterCall(
            input: CallerUser.stand(user, in: input), secrets: Secrets([:]),
            moment: try CallFile.moment(file), trace: trace)
    }

    /// Runs the plan. `reply` gives what a department answered for a part. Departments without a reply are not asked where others of the
    /// same part have one, as those that a caller has no grant for; where nobody has one all are, and the run ends there.
    package func run(reply: (_ part: String, _ department: String) throws(ToolFault) -> Reply) throws(ToolFault) -> Outcome {
        var run = AggregationRun(plan, call)
        var asked: [Asked] = []
        while true {
            let asks = run.next()
            if run.isOver { return Outcome(asked: asked, answer: typed(run)) }
            guard !asks.isEmpty else { return Outcome(asked: asked, answer: nil) }
            for ask in asks {
                let part = plan.parts[ask.part]
                let (targets, replies) = try self.targets(part, ask.input, reply)
                run.began(ask.part, targets.map { $0.map { AggregationRun.Target(id: $0.id, name: $0.name) } })
                for (position, department) in ((try? targets.get()) ?? []).enumerated() {
                    let one = try self.asked(part, department, ask.input, replies[department.id] ?? .missing)
                    asked.append(one)
                    guard let result = one.result else { continue }
                    run.take(ask.part, position, result)
                }
            }
        }
    }

    private func typed(_ run: AggregationRun) -> Result<Value, AdapterFault> {
        run.answer().result.flatMap { value in Result { () throws(AdapterFault) -> Value in try operation.typeReply(value) } }
    }

    /// Whom a part asks, and what they answered.
    private func targets(
        _ part: Aggregation.Part, _ input: Value, _ reply: (String, String) throws(ToolFault) -> Reply
    ) throws(ToolFault) -> (Result<[Department], AdapterFault>, [String: Reply]) {
        var replies: [String: Reply] = [:]
        if let code = snapshot.contract.operation(part.operation)?.departmentCode(in: input)?.code {
            guard let index = snapshot.department(of: code, offering: part.operation) else {
                return (.failure(AdapterFault(.notFound, "no department offers \(part.operation) for this code")), replies)
            }
            let department = snapshot.departments[index]
            replies[department.id] = try reply(part.name, department.id)
            return (.success([department]), replies)
        }
        var offered = snapshot.departments.filter { $0.translation.operations[part.operation] != nil }
        switch part.targets {
        case .named: return (.failure(AdapterFault(.notFound, "nothing names a department for \(part.operation)")), replies)
        case .every: break
        case .listed(let ids): offered = offered.filter { ids.contains($0.id) }
        }
        for department in offered { replies[department.id] = try reply(part.name, department.id) }
        let answered = offered.filter { if case .missing = replies[$0.id] ?? .missing { false } else { true } }
        let chosen = answered.isEmpty ? offered : answered
        if chosen.isEmpty { return (.failure(AdapterFault(.notFound, "no department offers \(part.operation)")), replies) }
        return (.success(chosen), replies)
    }

    private func asked(_ part: Aggregation.Part, _ department: Department, _ input: Value, _ reply: Reply) throws(ToolFault) -> Asked {
        guard let adapter = department.translation.operations[part.operation], let operation = snapshot.contract.operation(part.operation)
        else {
            let fault = AdapterFault(.notFound, "\(department.id) does not offer \(part.operation)")
            return Asked(part: part.name, department: department.id, input: input, request: .failure(fault), result: .failure(fault))
        }
        // Of several calls for one large page the first is shown.
        let pages = adapter.pages(for: input)
        let input = pages?.input ?? input
        let call = AdapterCall(input: CallerUser.stand(user, in: input), secrets: department.secrets, moment: self.call.moment)
            .with(session: CallFile.session(file["session"]?[department.id], adapter, department))
            .with(steps: try CallFile.results(file["steps"]?[department.id], of: adapter, department))
        let request = Result { () throws(AdapterFault) -> DepartmentRequest in try adapter.request(call) }
        return Asked(
            part: part.name, department: department.id, input: input, request: request,
            result: result(reply, request, adapter, operation, call, pages))
    }

    private func result(
        _ reply: Reply, _ request: Result<DepartmentRequest, AdapterFault>, _ adapter: OperationAdapter, _ operation: ContractOperation,
        _ call: AdapterCall, _ pages: PageWalk?
    ) -> Result<PartAnswer, AdapterFault>? {
        if case .failure(let fault) = request { return .failure(fault) }
        switch reply {
        case .missing: return nil
        case .silence: return .failure(AdapterFault(.upstreamTimeout, "the department did not answer in time"))
        case .message(let message):
            switch adapter.outcome(of: message.asFile(of: adapter), to: call) {
            case .sessionExpired: return .failure(AdapterFault(.upstreamCredential, "the department does not accept the session"))
            case .pending: return .failure(AdapterFault(.upstreamTimeout, "the department is not done"))
            case .failed(let fault): return .failure(fault)
            case .answer(let made):
                return Result { () throws(AdapterFault) -> PartAnswer in
                    var page = made
                    if var pages {
                        let whole = try pages.take(made)
                        page = whole ?? pages.whole
                    }
                    let whole = PartAnswer(whole: try operation.answer(from: page, to: call.input))
                    return adapter.filter(for: call.input)?.applied(to: whole) ?? whole
                }
            }
        }
    }
}
