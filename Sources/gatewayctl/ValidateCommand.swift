import Adapters
import ArgumentParser
import GatewayCore
import Glibc
import RouteFiles

/// Compiles a routes directory and prints every problem. No network, no running gateway.
struct ValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Checks a routes directory, and reports every problem with its place.")

    @Argument(help: "The routes directory.") var directory = "Routes"
    @Option(help: "A directory with one file per secret.") var secrets: String?
    @Flag(help: "A secret that is not set is an error, as it is for the gateway.") var requireSecrets = false
    @OptionGroup var output: OutputOptions

    func run() throws {
        let checked = LocalConfiguration.compile(directory, secrets: secrets, missingSecrets: requireSecrets ? .refuse : .warn)
        let errors = checked.problems.filter { $0.severity == .error }.count
        let warnings = checked.problems.count - errors
        let summary =
            checked.snapshot.map { snapshot in
                "\(directory): valid; \(snapshot.departments.count) departments, \(snapshot.routes.count) routes, "
                    + "\(snapshot.consumers.consumers.count) consumers, \(warnings) warning(s)"
            } ?? "\(directory): \(errors) error(s), \(warnings) warning(s)"
        output.print(
            [
                "valid": .bool(checked.snapshot != nil), "fingerprint": checked.snapshot.map { .string($0.fingerprint) } ?? .null,
                "problems": .array(checked.problems.map(ProblemReport.value)),
            ],
            text: (checked.problems.map(\.description) + [summary]).joined(separator: "\n"))
        if checked.snapshot == nil { throw ExitCode(1) }
    }
}

/// A configuration compiled on this side, away from any gateway.
enum LocalConfiguration {
    /// With `standIns` a secret that is not set is replaced by its name in braces, so that a trial works where no secret is.
    static func compile(
        _ directory: String, secrets: String?, missingSecrets: Compiler.MissingSecrets, standIns: Bool = false
    ) -> (snapshot: Snapshot?, problems: [Problem]) {
        let diagnostics = Diagnostics()
        let sources: RouteSources
        do throws(RouteDirectory.Fault) { sources = try RouteDirectory(path: directory).read() } catch {
            return (nil, [Problem(.error, "unreadable", error.description, at: nil)])
        }
        let compiler = Compiler(
            diagnostics, buckets: BucketRegistry(), missingSecrets: missingSecrets, file: RouteDirectory.referenced
        ) { name in
            RouteDirectory.secret(name, secretsDirectory: secrets) ?? (standIns ? "{\(name)}" : nil)
        }
        let snapshot = compiler.compile(sources, revision: 0)
        return (snapshot, diagnostics.sorted)
    }
}
