import ArgumentParser
import Adapters
import Glibc
import IntegratorTools

/// Asks the gateway, and checks configurations without one.
@main
struct Gatewayctl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gatewayctl", abstract: "Checks, loads and explains the gateway's configuration.",
        discussion: """
            Exit codes: 0 ok, or nothing changed; 1 an error; 2 changes are pending; 3 valid, but it could not start; \
            4 applied, unhealthy, and rolled back.
            """,
        subcommands: [
            ValidateCommand.self, ReloadCommand.self, StatusCommand.self, RoutesCommand.self, TryCommand.self, TestCommand.self,
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

/// What a tool gives, or the end of the program with what it has to say.
func orExit<Made>(_ tool: () throws(ToolFault) -> Made) throws -> Made {
    do throws(ToolFault) { return try tool() } catch {
        standardError("gatewayctl: \(error.description)\n")
        throw ExitCode(1)
    }
}

/// Writes a text to standard error, as it stands.
func standardError(_ text: String) {
    var text = text
    text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
