internal import Adapters
internal import GatewayCore

/// Recordings of operations that several calls answer.
extension RecordingRun {
    /// Holds the requests of the parts to `parts/PART/DEPARTMENT.sent.http`, and the whole to `answer.json` or `fault.json`.
    func aggregation(_ bytes: [UInt8], _ recording: Recording, _ result: inout RecordingResult) throws(ToolFault) {
        let trial = try AggregationTrial(bytes, in: snapshot)
        result.target = "\(trial.operation.id), several calls"
        let outcome = try trial.run { part, department throws(ToolFault) in
            try AggregationReplies(folder: recording.parts).reply(part, department)
        }
        for asked in outcome.asked { try request(asked, recording, &result) }
        switch outcome.answer {
        case .success(let answer)?: try compare(answer, .answer, recording, &result)
        case .failure(let fault)?: try self.fault(fault, recording, &result)
        case nil:
            let missing = outcome.asked.filter { $0.result == nil }.map { "\(recording.parts)/\($0.name).reply.http" }
            throw ToolFault("no reply is recorded at \(missing.joined(separator: " and ")); an empty file stands for silence")
        }
    }

    private func request(_ asked: AggregationTrial.Asked, _ recording: Recording, _ result: inout RecordingResult) throws(ToolFault) {
        let path = "\(recording.parts)/\(asked.name).sent.http"
        guard case .success(let request) = asked.request else { return }
        if let bytes = try FileAccess.readIfThere(path) {
            let differences: [TreeDifference]
            do { differences = RequestComparison.differences(expected: try MessageText(bytes).request(), found: request) } catch {
                throw ToolFault(error.message, file: path)
            }
            result.checks.append(.init(name: "request \(asked.name)", differences: differences))
        } else if updates, asked.result != nil {
            try FileAccess.write(MessageText.bytes(request), to: path)
            result.written.append("parts/\(asked.name).sent.http")
        }
    }
}

/// The recorded replies of an aggregation's parts.
package struct AggregationReplies {
    private let folder: String

    /// Those below a folder.
    package init(folder: String) { self.folder = folder }

    /// What a department answered for a part.
    package func reply(_ part: String, _ department: String) throws(ToolFault) -> AggregationTrial.Reply {
        let path = "\(folder)/\(part)/\(department).reply.http"
        guard let bytes = try FileAccess.readIfThere(path) else { return .missing }
        if bytes.isEmpty { return .silence }
        do { return .message(try MessageText(bytes).reply()) } catch { throw ToolFault(error.message, file: path) }
    }
}
