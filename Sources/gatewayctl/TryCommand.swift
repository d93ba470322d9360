import Adapters
import ArgumentParser
import GatewayCore
import IntegratorTools

/// Takes a contract call through a department's adapter without a network.
struct TryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "try", abstract: "Shows what would be sent for a call, what a reply would become, and where each field comes from.",
        discussion: """
            CALL is a JSON file: {"operation": "cases.get", "input": {"caseNo": "…"}}, and if you like "now" (RFC 3339), \
            "random" (32 hex digits), "session" (a token, or values by name), "steps" (results of steps: \
            {"ticket": {"code": "…"}}), "step" or "login": true (as --step and --login), "user" (who is behind the call: {"kind": "operator", "id": "…"}) and "department". --reply takes a whole HTTP reply: status line, fields, empty \
            line, body. A secret that is not set stands as its name in braces. No network.

            Where several departments answer the operation and the call names none, every part is shown, with the replies in \
            parts/PART/DEPARTMENT.reply.http beside CALL, the merged answer and its parts[]; "session" and "steps" are then by department.

            A department's push: CALL is {"callback": "hrb-progress", "from": "10.1.2.3"}, and --push (push.http beside CALL) the \
            push as it was received; the events and the words that the department hears are shown.
            """)

    @Argument(help: "The call, a JSON file; - is standard input.") var call: String
    @Option(help: "A department's HTTP reply, as received.") var reply: String?
    @Option(help: "A department's push to a callback, as received; push.http beside CALL if not given.") var push: String?
    @Option(help: "The folder of replies, by part and department; parts beside CALL if not given.") var parts: String?
    @Option(help: "The routes directory.") var directory = "Routes"
    @Option(help: "A directory with one file per secret.") var secrets: String?
    @Option(help: "The department, where the call names none.") var department: String?
    @Flag(help: "Show the department's login in place of the operation, and the session that a reply to it gives.") var login = false
    @Option(help: "A step of the operation, or with --login of the login, whose own request and reply are shown.") var step: String?
    @Flag(help: "Show the request's body in hex, even where it is text.") var hex = false
    @Flag(inversion: .prefixedNo, help: "Say where each field comes from.") var provenance = true
    @OptionGroup var output: OutputOptions

    func run() throws {
        let snapshot = try LocalConfiguration(directory: directory, secrets: .machine(directory: secrets), standIns: true).usable()
        let bytes = try FileAccess.read(call)
        switch TrialKind(bytes, in: snapshot, department: department) {
        case .call: try oneCall(bytes, snapshot)
        case .aggregation: try aggregation(bytes, snapshot)
        case .callback: try callback(bytes, snapshot)
        }
    }

    private func oneCall(_ bytes: [UInt8], _ snapshot: Snapshot) throws {
        try onlyFor("a callback", push, "--push")
        try onlyFor("an operation that several calls answer", parts, "--parts")
        let trace = MappingTrace()
        let trial = try CallFile(bytes, in: snapshot, department: department, login: login, step: step, trace: trace)
        var report = TrialReport(trial, trace: trace, hex: hex, provenance: provenance)
        report.addRequest()
        if let reply {
            let (read, advice) = try message(reply, { message throws(ToolFault) in (try message.reply(), message.lengthAdvice) })
            report.addReply(read, advice: advice)
        }
        try finish(report.value, report.lines, report.hasProblem)
    }

    private func aggregation(_ bytes: [UInt8], _ snapshot: Snapshot) throws {
        try onlyFor("one department's call", reply, "--reply")
        try onlyFor("a callback", push, "--push")
        let folder = parts ?? beside("parts")
        let trace = MappingTrace()
        let trial = try AggregationTrial(bytes, in: snapshot, trace: trace)
        let outcome = try trial.run { part, department throws(ToolFault) in
            try AggregationReplies(folder: folder).reply(part, department)
        }
        let report = AggregationReport(trial, outcome, trace: trace, folder: folder, hex: hex, provenance: provenance)
        try finish(report.value, report.lines, report.hasProblem)
    }

    private func callback(_ bytes: [UInt8], _ snapshot: Snapshot) throws {
        try onlyFor("a department's call", reply, "--reply")
        let trace = MappingTrace()
        let trial = try CallbackTrial(bytes, in: snapshot, trace: trace)
        let path = push ?? beside("push.http")
        let outcome = try message(path, { message throws(ToolFault) in try trial.receive(message) })
        let report = CallbackReport(trial, outcome, trace: trace, provenance: provenance)
        try finish(report.value, report.lines, report.hasProblem)
    }

    /// What a message in a file gives; what is wrong with it names the file.
    private func message<Made>(_ path: String, _ made: (MessageText) throws(ToolFault) -> Made) throws(ToolFault) -> Made {
        let bytes = try FileAccess.read(path)
        do throws(ToolFault) { return try made(try MessageText(bytes)) } catch { throw ToolFault(error.message, file: path) }
    }

    /// A name in the folder of the call's file.
    private func beside(_ name: String) -> String {
        call.lastIndex(of: "/").map { String(call[...$0]) + name } ?? name
    }

    private func onlyFor(_ what: String, _ value: String?, _ option: String) throws(ToolFault) {
        if value != nil { throw ToolFault("\(option) belongs to \(what), and this call is none", kind: .usage) }
    }

    private func finish(_ value: Object, _ lines: [String], _ hasProblem: Bool) throws {
        output.print(.object(value), text: lines.joined(separator: "\n"))
        if hasProblem { throw ExitCode(1) }
    }
}
