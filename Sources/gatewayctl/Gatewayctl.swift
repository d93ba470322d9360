import ArgumentParser
import Adapters
import Glibc
import IntegratorTools

/// Asks the gateway, and checks configurations without one.
@main
struct Gatewayctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gatewayctl", abstract: "Checks, loads and explains the gateway's configuration.",
        discussion: """
            Exit codes: 0 ok, or nothing changed; 1 an error; 2 changes are pending; 3 valid, but it could not start; \
            4 applied, unhealthy, and rolled back; 64 a command line that is not understood. With --output json a command that \
            fails prints {"error": {"kind": …, "message": …}} on standard output, and nothing on standard error.
            """,
        subcommands: [
            ValidateCommand.self, ReloadCommand.self, RollbackCommand.self, HistoryCommand.self, StatusCommand.self, RoutesCommand.self,
            TryCommand.self, TestCommand.self,
            NewCommand.self, ImportCommand.self, DiffCommand.self, SchemaCommand.self, ConsumersCommand.self,
        ])
}

/// How a verb prints.
enum OutputForm: String, ExpressibleByArgument, CaseIterable {
    /// For people.
    case text
    /// For programs.
    case json
}

/// Options of every verb.
struct OutputOptions: ParsableArguments {
    @Option(help: "text or json.") var output = OutputForm.text

    /// Prints `value` as JSON, or `text` as it is.
    func print(_ value: Value, text: @autoclosure () -> String) {
        switch output {
        case .json: Swift.print(String(decoding: JSONCodec.encode(value, indented: true), as: UTF8.self))
        case .text:
            let text = text()
            if !text.isEmpty { Swift.print(text) }
        }
    }
}

/// How a verb finds the gateway.
struct GatewayOptions: ParsableArguments {
    @Option(help: "The gateway's admin socket.") var socket = "var/gateway.sock"
}

/// Writes a text to standard error, as it stands.
func standardError(_ text: String) {
    var text = text
    text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
