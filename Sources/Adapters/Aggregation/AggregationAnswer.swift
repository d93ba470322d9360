extension AggregationRun {
    /// What came of the whole, and the department to name when it is a failure. Not yet typed by the contract.
    public func answer() -> (result: Result<Value, AdapterFault>, department: String?) {
        if let fatal { return (.failure(fatal.fault), fatal.department) }
        do throws(AdapterFault) {
            var object = try content()
            if plan.isPaged { page(&object) }
            object["parts"] = .array(reports())
            return (.success(.object(object)), nil)
        } catch { return (.failure(error), nil) }
    }

    private func content() throws(AdapterFault) -> Object {
        if let rules = plan.answer { return try rules.object(in: answerScope) }
        guard let only = plan.parts.indices.first, let object = value(of: only)?.shown.object else {
            throw AdapterFault(.internal, "the aggregation of \(plan.operation) has no answer")
        }
        return object
    }

    /// Cuts `items` to the page that was asked for. What the caller may not see is taken out only then: a page may have fewer entries for
    /// it, and the next one begins where it would have begun.
    private func page(_ object: inout Object) {
        let items = object["items"]?.array ?? []
        let (page, size) = PagingWord.asked(by: input)
        let start = Int(min((page - 1).multipliedReportingOverflow(by: size).partialValue, Int64(items.count)))
        let end = Int(min(Int64(start) + size, Int64(items.count)))
        object["items"] = .array(items[start..<end].filter { $0 != .null })
        if object["total"] == nil { object["total"] = .integer(Int64(items.count { $0 != .null })) }
        object["page"] = .integer(page)
        object["size"] = .integer(size)
    }

    /// Who was asked for which part, and what came of it: the truth about the answer.
    private func reports() -> [Value] {
        var reports: [Value] = []
        for (part, state) in zip(plan.parts, states) {
            let before = reports.count
            switch state {
            case .waiting, .asked: reports.append(report(part, nil, "skipped"))
            case .skipped:
                // A part that nobody needed to stand in is not worth a word.
                if part.substituted == nil { reports.append(report(part, nil, "skipped")) }
            case .answered(_, let replies): reports += replies.map { report(part, $0) }
            case .failed(let fault, let replies):
                reports += replies.map { report(part, $0) }
                if reports.count == before { reports.append(report(part, nil, "failed", fault.code)) }
            case .fellBack(_, let fault, let replies):
                reports += replies.map { report(part, $0) }
                if reports.count == before { reports.append(report(part, nil, "failed", fault.code)) }
                reports.append(report(part, nil, "fallback"))
            }
        }
        return reports
    }

    private func report(_ part: Aggregation.Part, _ reply: Reply) -> Value {
        switch reply.result {
        case .success(let answer)?:
            guard part.isGathered else { return report(part, reply.target, "answered") }
            let report = report(part, reply.target, "answered", total: answer.total)
            // The page needs more of what the department has than it gave: neither the list nor its order is whole.
            guard let needed = needed(part), answer.given < min(needed, answer.stated), var object = report.object else { return report }
            object["seen"] = .integer(answer.isCounted ? answer.total : answer.given)
            return .object(object)
        case .failure(let fault)?: return report(part, reply.target, "failed", fault.code)
        case nil: return report(part, reply.target, "skipped")
        }
    }

    private func report(
        _ part: Aggregation.Part, _ target: Target?, _ status: String, _ code: ProblemCode? = nil, total: Int64? = nil
    ) -> Value {
        var object = Object(capacity: 6)
        if plan.parts.count > 1 { object["part"] = .string(part.name) }
        if let target {
            object["department"] = .string(target.id)
            object["name"] = .string(target.name)
        }
        object["status"] = .string(status)
        if let code { object["code"] = .string(code.rawValue) }
        if let total { object["total"] = .integer(total) }
        return .object(object)
    }
}
