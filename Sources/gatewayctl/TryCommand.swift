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
            {"ticket": {"code": "…"}}) and "department". --reply takes a whole HTTP reply: status line, fields, empty \
            line, body. A secret that is not set stands as its name in braces. No network.
            """)

    @Argument(help: "The call, a JSON file; - is standard input.") var call: String
    @Option(help: "A department's HTTP reply, as received.") var reply: String?
    @Option(help: "The routes directory.") var directory = "Routes"
    @Option(help: "A directory with one file per secret.") var secrets: String?
    @Option(help: "The department, where the call names none.") var department: String?
    @Flag(help: "Show the department's login in place of the operation, and the session that a reply to it gives.") var login = false
    @Option(help: "A step of the operation, or with --login of the login, whose own request and reply are shown.") var step: String?
    @Flag(help: "Show the request's body in hex, even where it is text.") var hex = false
    @Flag(inversion: .prefixedNo, help: "Say where each field comes from.") var provenance = true
    @OptionGroup var output: OutputOptions

    func run() throws {
        let trace = MappingTrace()
        let trial = try orExit { () throws(ToolFault) in
            let snapshot = try LocalConfiguration(directory: directory, secrets: .machine(directory: secrets), standIns: true).usable()
            return try CallFile(try FileAccess.read(call), in: snapshot, department: department, login: login, step: step, trace: trace)
        }
        var report = TrialReport(trial, trace: trace, hex: hex, provenance: provenance)
        report.addRequest()
        if let reply {
            let message = try orExit { () throws(ToolFault) in
                do throws(ToolFault) { return try MessageText(try FileAccess.read(reply)).reply() } catch {
                    throw ToolFault("\(reply): \(error.description)")
                }
            }
            report.addReply(message)
        }
        output.print(.object(report.value), text: report.lines.joined(separator: "\n"))
        if report.hasProblem { throw ExitCode(1) }
    }
}
