internal import Adapters
internal import GatewayCore

/// The first two bytes choose an operation of a shipped department, the rest is the department's reply: a status line, header fields, an
/// empty line, the body. Every reply becomes an answer that fits the contract, or a problem; both are JSON.
enum MappingProperties {
    static func check(_ input: [UInt8]) throws(Finding) {
        guard input.count >= 2 else { return }
        let key = UInt16(input[0]) << 8 | UInt16(input[1])
        let entries = ShippedCalls.loaded.entries
        guard let entry = entries.first(where: { $0.key >= key }) ?? entries.first else { return }
        let reply = self.reply(input.dropFirst(2))
        try check(reply, entry)
        try checkLogin(reply, entry.department)
        for step in entry.adapter.steps { try checkOutcome(step.call.outcome(of: reply, to: entry.call), nil, nil, entry) }
    }

    private static func check(_ reply: DepartmentReply, _ entry: ShippedCalls.Entry) throws(Finding) {
        let direct = entry.department.translation.goal(of: entry.operation.id)?.direct?.answer(in: reply, to: entry.call)
        try checkOutcome(entry.adapter.outcome(of: reply, to: entry.call), entry.operation, direct, entry)
    }

    /// `operation` is nil for a step, whose results no contract types.
    private static func checkOutcome(
        _ outcome: ReplyOutcome, _ operation: ContractOperation?, _ direct: DirectAnswer?, _ entry: ShippedCalls.Entry
    ) throws(Finding) {
        switch outcome {
        case .sessionExpired: try claim(direct == nil, "one pass gives an answer, the mapping says that the session is over")
        case .pending: try claim(direct == nil, "one pass gives an answer, the mapping says that there is none yet")
        case .failed(let fault):
            try claim(direct == nil, "one pass gives an answer, the mapping a problem: \(fault.detail)")
            try check(fault, entry.department)
        case .answer(let made):
            guard let operation else { return try check(json: made) }
            let answer: Value
            do { answer = try operation.answer(from: made, to: entry.call.input) } catch {
                try claim(direct == nil, "one pass gives an answer, the contract a problem: \(error.detail)")
                return try check(error, entry.department)
            }
            try check(answer, operation)
            if let direct { try claim(direct.body == JSONCodec.encode(answer), "one pass gives another answer than the mapping") }
        }
    }

    private static func check(_ answer: Value, _ operation: ContractOperation) throws(Finding) {
        try check(json: answer)
        try claim((200...299).contains(operation.status(of: answer)), "an answer with status \(operation.status(of: answer))")
        for field in operation.requiredReplyFields { try claim(answer[field] != nil, "an answer without '\(field)'") }
        let again: Value
        do { again = try operation.typeReply(answer) } catch { throw Finding("an answer that does not fit the contract: \(error.detail)") }
        try claim(JSONCodec.encode(again) == JSONCodec.encode(answer), "an answer typed twice is another one")
    }

    private static func check(_ fault: AdapterFault, _ department: Department) throws(Finding) {
        try claim((400...599).contains(fault.code.status) && !fault.detail.isEmpty, "a problem with status \(fault.code.status)")
        try claim(fault.code != .internal, "a problem of our own: \(fault.detail)")
        try check(json: ProblemDocument.value(fault, traceID: String(repeating: "0", count: 32), department: department.id))
    }

    private static func check(json value: Value) throws(Finding) {
        let bytes = JSONCodec.encode(value)
        let limits = DecodeLimits(depth: 256)
        let again: Value
        do { again = try JSONCodec.decode(bytes, limits: limits) } catch { throw Finding("what is sent is no JSON: \(error.description)") }
        try claim(JSONCodec.encode(again) == bytes, "what is sent is read as another value")
    }

    private static func checkLogin(_ reply: DepartmentReply, _ department: Department) throws(Finding) {
        guard let login = department.translation.login else { return }
        let answer: Settlement<LoginAdapter.Answer>
        do throws(AdapterFault) { answer = try login.settle(reply, to: ShippedCalls.call(.object(Object()), department.secrets)) } catch {
            return try check(error, department)
        }
        if case .answer((_, let lifetime?)) = answer { try claim(lifetime >= 0, "a session that ended before it began") }
    }

    /// A reply from any bytes at all; what is no status line is 200.
    private static func reply(_ bytes: ArraySlice<UInt8>) -> DepartmentReply {
        var rest = bytes
        func line() -> String? {
            guard let end = rest.firstIndex(of: 0x0A) else { return nil }
            var line = rest[..<end]
            if line.last == 0x0D { line.removeLast() }
            rest = rest[(end + 1)...]
            return String(decoding: line, as: UTF8.self)
        }
        let status = line().flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) } ?? 200
        var fields: [DepartmentRequest.Field] = []
        while let text = line(), !text.isEmpty {
            let pair = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            fields.append(DepartmentRequest.Field(String(pair[0]), pair.count > 1 ? String(pair[1].drop { $0 == " " }) : ""))
        }
        return DepartmentReply(status: (100...999).contains(status) ? status : 200, fields: fields, body: Array(rest))
    }
}
