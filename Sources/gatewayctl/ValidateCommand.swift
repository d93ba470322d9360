import Adapters
import ArgumentParser
import GatewayCore
import IntegratorTools

/// Compiles a routes directory and prints every problem. No network, no running gateway.
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Checks a routes directory, and reports every problem with its place.")

    @Argument(help: "The routes directory.") var directory = "Routes"
    @Option(help: "A directory with one file per secret.") var secrets: String?
    @Flag(help: "A secret that is not set is an error, as it is for the gateway.") var requireSecrets = false
    @OptionGroup var output: OutputOptions

    func run() throws {
        let checked = LocalConfiguration(
            directory: directory, secrets: .machine(directory: secrets), missing: requireSecrets ? .refuse : .warn)
        let counts = ProblemCounts(checked.problems)
        let summary =
            checked.snapshot.map { snapshot in
                "\(directory): valid; \(snapshot.departments.count) departments, \(snapshot.routes.count) routes, "
                    + "\(snapshot.consumers.consumers.count) consumers; \(counts.text)"
            } ?? "\(directory): not valid; \(counts.text)"
        output.print(
            [
                "valid": .bool(checked.snapshot != nil), "fingerprint": checked.snapshot.map { .string($0.fingerprint) } ?? .null,
                "errors": .integer(Int64(counts.errors)), "warnings": .integer(Int64(counts.warnings)),
                "problems": .array(checked.problems.map(ProblemReport.value)),
            ],
            text: (checked.problems.map(\.description) + [summary]).joined(separator: "\n"))
        if checked.snapshot == nil { throw ExitCode(1) }
    }
}
