internal import Adapters
package import GatewayCore

/// What a recording came to.
package struct RecordingResult: Sendable {
    /// One thing that a recording was held to.
    package struct Check: Sendable {
        /// `request`, `answer`, `fault`, `events`, `words`, or the request of a part.
        package let name: String
        /// What did not fit; empty when all did.
        package let differences: [TreeDifference]
    }

    /// The recording.
    package let name: String
    /// The department and operation, when the call could be read.
    package var target: String?
    /// What it was held to.
    package var checks: [Check] = []
    /// Why it could not be run.
    package var fault: String?
    /// Files that were written.
    package var written: [String] = []

    /// Whether it stands there as it should.
    package var passed: Bool { fault == nil && checks.allSatisfy { $0.differences.isEmpty } && (!checks.isEmpty || !written.isEmpty) }
}

/// Runs recordings against a configuration.
package struct RecordingRun {
    let snapshot: Snapshot
    let updates: Bool

    /// A run; with `updates` the files that a new recording lacks are written.
    package init(_ snapshot: Snapshot, updates: Bool = false) {
        self.snapshot = snapshot
        self.updates = updates
    }

    /// Runs one.
    package func run(_ recording: Recording) -> RecordingResult {
        var result = RecordingResult(name: recording.name)
        do throws(ToolFault) {
            let bytes = try recording.bytes(.call) ?? []
            let named = recording.department(among: snapshot.departments.map(\.id))
            switch TrialKind(bytes, in: snapshot, department: named) {
            case .call: try call(bytes, recording, named, &result)
            case .aggregation: try aggregation(bytes, recording, &result)
            case .callback: try callback(bytes, recording, &result)
            }
            if result.checks.isEmpty, result.written.isEmpty {
                result.fault =
                    "nothing to hold it to: no sent.http, answer.json, results.json, session.json, events.json or fault.json; look at it with 'gatewayctl try', then "
                    + "'gatewayctl test --update' keeps what comes out"
            }
        } catch { result.fault = error.description }
        return result
    }

    /// The names of the secrets of those departments that were run; a recording of several calls may be of any.
    package func secrets(of results: [RecordingResult]) -> Set<String> {
        let run = snapshot.departments.filter { department in
            results.contains { result in
                result.target.map { $0.hasPrefix("\(department.id) ") || $0.hasSuffix("several calls") } ?? true
            }
        }
        return Set(run.flatMap(\.secrets.names))
    }

    private func call(
        _ bytes: [UInt8], _ recording: Recording, _ named: String?, _ result: inout RecordingResult
    ) throws(ToolFault) {
        let mayBreak = try recording.bytes(.fault) != nil
        let bytes = try pinned(bytes, recording, named, mayBreak, &result)
        let file = try CallFile(bytes, in: snapshot, department: named, mayBreak: mayBreak)
        result.target = "\(file.department.id) \(file.subject)"
        try request(recording, file, &result)
        try reply(recording, file, &result)
    }

    private func request(_ recording: Recording, _ file: CallFile, _ result: inout RecordingResult) throws(ToolFault) {
        let built: DepartmentRequest
        do { built = try file.request() } catch {
            // What a department cannot take is answered at once, without a request.
            if try recording.json(.fault) != nil, try recording.bytes(.reply) == nil {
                return try fault(error, recording, &result)
            }
            let advice = file.stepsAdvice.map { "\n  \($0)" } ?? ""
            throw ToolFault("no request could be made: \(error.code.rawValue): \(error.detail)" + RecordingRun.fields(error) + advice)
        }
        if let sent = try recording.message(.sent) {
            let differences: [TreeDifference]
            do { differences = RequestComparison.differences(expected: try sent.request(), found: built) } catch {
                throw ToolFault(error.description, file: recording.path(.sent))
            }
            result.checks.append(.init(name: "request", differences: differences))
        } else if updates {
            try write(MessageText.bytes(built), .sent, recording, &result)
        }
    }

    private func reply(_ recording: Recording, _ file: CallFile, _ result: inout RecordingResult) throws(ToolFault) {
        guard let message = try recording.message(.reply) else { return }
        let reply: DepartmentReply
        do { reply = try message.reply().asFile(of: file.adapter) } catch {
            throw ToolFault(error.description, file: recording.path(.reply))
        }
        if let login = file.login { return try session(login, reply, file, recording, &result) }
        switch file.adapter.outcome(of: reply, to: file.call) {
        case .sessionExpired: try compare(["sessionExpired": true], .fault, recording, &result)
        case .pending: try pending(reply, file, recording, &result)
        case .failed(let problem): try fault(problem, recording, &result)
        case .answer(let made) where file.isStep: try compare(made, .results, recording, &result)
        case .answer(let made):
            switch Result(catching: { () throws(AdapterFault) in try file.typed(made) }) {
            case .success(let typed): try compare(typed, .answer, recording, &result)
            case .failure(let problem): try fault(problem, recording, &result)
            }
        }
    }

    private func session(
        _ login: LoginAdapter, _ reply: DepartmentReply, _ file: CallFile, _ recording: Recording, _ result: inout RecordingResult
    ) throws(ToolFault) {
        switch Result(catching: { () throws(AdapterFault) in try login.values(in: reply, to: file.call) }) {
        case .success(let values?): try compare(values, .session, recording, &result)
        case .success(nil): try compare(["pending": true], .fault, recording, &result)
        case .failure(let problem): try fault(problem, recording, &result)
        }
    }

    /// A department that is not done: a recording holds that, or what is answered when the time is over.
    private func pending(
        _ reply: DepartmentReply, _ file: CallFile, _ recording: Recording, _ result: inout RecordingResult
    ) throws(ToolFault) {
        if try recording.json(.fault) == nil, !file.isStep, case .pending(_, let made?) = try? file.adapter.settle(reply, to: file.call),
            let typed = try? file.typed(made)
        {
            return try compare(typed, .answer, recording, &result)
        }
        try compare(["pending": true], .fault, recording, &result)
    }

    /// Holds a fault to the recorded one: its code, and of `upstream` what the recording names.
    func fault(_ fault: AdapterFault, _ recording: Recording, _ result: inout RecordingResult) throws(ToolFault) {
        var upstream = Object()
        if let code = fault.upstreamCode { upstream["code"] = .string(code) }
        if let message = fault.upstreamMessage { upstream["message"] = .string(message) }
        var found: Object = ["code": .string(fault.code.rawValue)]
        let expected = try recording.json(.fault)
        if expected == nil || expected?["upstream"] != nil, !upstream.isEmpty { found["upstream"] = .object(upstream) }
        let hasAnswer = try recording.bytes(.answer) != nil
        let hasOther = [Recording.File.events, .results, .session].contains { FileAccess.exists(recording.path($0)) }
        if expected == nil, hasAnswer || hasOther {
            throw ToolFault("an answer was expected, and it became \(fault.code.rawValue): \(fault.detail)" + RecordingRun.fields(fault))
        }
        try compare(.object(found), .fault, recording, &result)
    }

    /// Holds what came out to a file, or writes the file where there is neither an answer nor a fault yet.
    func compare(_ found: Value, _ file: Recording.File, _ recording: Recording, _ result: inout RecordingResult) throws(ToolFault) {
        if let expected = try recording.json(file) {
            let differences = TreeDifference.between(expected, found)
            result.checks.append(.init(name: RecordingRun.name(of: file), differences: differences))
            return
        }
        let others = [Recording.File.answer, .events, .results, .session, .fault].filter { $0 != file }
        if let other = others.lazy.compactMap({ try? recording.json($0) }).first {
            let all = TreeDifference(pointer: "", expected: TreeDifference.shown(other), found: TreeDifference.shown(found))
            result.checks.append(.init(name: file == .fault ? "answer" : "fault", differences: [all]))
        } else if updates {
            try write(JSONCodec.encode(found, indented: true) + [0x0A], file, recording, &result)
        }
    }

    private static func name(of file: Recording.File) -> String {
        switch file {
        case .answer: "answer"
        case .events: "events"
        case .results: "results"
        case .session: "session"
        default: "fault"
        }
    }

    func write(
        _ bytes: [UInt8], _ file: Recording.File, _ recording: Recording, _ result: inout RecordingResult
    ) throws(ToolFault) {
        try FileAccess.write(bytes, to: recording.path(file))
        result.written.append(file.rawValue)
    }

    static func fields(_ fault: AdapterFault) -> String {
        fault.errors.map { "\n  \($0.field): \($0.rule): \($0.message)" }.joined()
    }
}
