import Adapters
import ArgumentParser
import IntegratorTools

extension Gatewayctl {
    /// Runs the command that the arguments name, and ends the program as it came out.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let fault as ToolFault {
            end(fault, fault.kind == .usage ? .validationFailure : .failure, text: "gatewayctl: \(fault.description)")
        } catch {
            // What a command ends with after it has printed its report, and help that was asked for, have no message of their own.
            let code = exitCode(for: error)
            guard code == ExitCode.validationFailure, asksJSON else { exit(withError: error) }
            end(ToolFault(message(for: error), kind: .usage), code, text: "")
        }
    }

    /// Whether the arguments ask for JSON: they cannot always be parsed when that is needed.
    private static var asksJSON: Bool {
        let arguments = CommandLine.arguments
        return arguments.contains("--output=json") || zip(arguments, arguments.dropFirst()).contains { $0 == "--output" && $1 == "json" }
    }

    private static func end(_ fault: ToolFault, _ code: ExitCode, text: String) -> Never {
        if asksJSON {
            print(String(decoding: JSONCodec.encode(fault.value, indented: true), as: UTF8.self))
        } else {
            standardError(text.hasSuffix("\n") ? text : text + "\n")
        }
        exit(withError: code)
    }
}
