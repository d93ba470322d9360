internal import Adapters
internal import GatewayCore

/// Recordings of what departments push.
extension RecordingRun {
    /// Holds a push to `events.json` or `fault.json`, and the words that the department hears to `answer.http`.
    func callback(_ bytes: [UInt8], _ recording: Recording, _ result: inout RecordingResult) throws(ToolFault) {
        let trial = try CallbackTrial(bytes, in: snapshot)
        result.target = "\(trial.department.id) \(trial.adapter.id)"
        guard let message = try recording.message(.push) else {
            throw ToolFault("a callback's recording has the push as it was received", file: recording.path(.push))
        }
        let outcome: CallbackTrial.Outcome
        do { outcome = try trial.receive(message) } catch { throw ToolFault(error.message, file: recording.path(.push)) }
        if let fault = outcome.fault, fault.code == .internal {
            throw ToolFault("the push could not be judged: \(fault.detail)")
        }
        if let fault = outcome.fault {
            try self.fault(fault, recording, &result)
        } else {
            try compare(.array((outcome.events ?? []).map(\.value)), .events, recording, &result)
        }
        try words(outcome.answer, recording, &result)
    }

    private func words(_ answer: CallbackAdapter.Answer?, _ recording: Recording, _ result: inout RecordingResult) throws(ToolFault) {
        guard let answer else { return }
        guard let expected = try recording.message(.words) else {
            if updates { try write(answer.message, .words, recording, &result) }
            return
        }
        let reply: DepartmentReply
        do { reply = try expected.reply() } catch { throw ToolFault(error.message, file: recording.path(.words)) }
        // What an answer means is compared as that of a request: neither the order nor the wrapping of fields counts.
        func request(_ fields: [DepartmentRequest.Field], _ body: [UInt8]) -> DepartmentRequest {
            DepartmentRequest(method: "POST", target: "/", fields: fields, body: body)
        }
        var differences = RequestComparison.differences(
            expected: request(reply.fields, reply.body),
            found: request(answer.mediaType.map { [.init("Content-Type", $0)] } ?? [], answer.body))
        if reply.status != answer.status {
            differences.insert(TreeDifference(pointer: "status", expected: "\(reply.status)", found: "\(answer.status)"), at: 0)
        }
        result.checks.append(.init(name: "words", differences: differences))
    }
}
