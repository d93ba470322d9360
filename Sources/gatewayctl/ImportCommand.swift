import Adapters
import ArgumentParser
import IntegratorTools

/// Begins a department's file from a description of its interface.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Begins a department's file from a description of its interface.",
        subcommands: [WSDL.self, OpenAPI.self])

    /// What both descriptions take.
    struct Options: ParsableArguments {
        @Argument(help: "The description's file.") var file: String
        @Option(help: "The department's id; the file's name if not given.") var id: String?
        @Option(help: "The department's name, for people.") var name: String?
        @Option(help: "The unified social credit code that its item codes begin with.") var authority: String?
        @Option(name: .customLong("operation"), help: "Which operation is which: cases.get=queryData. May stand several times.")
        var operations: [String] = []
        @Option(help: "The routes directory, for its contract.") var directory = "Routes"
        @Option(name: .customLong("out"), help: "Write to this file, which must not be there yet; standard output if not given.")
        var target: String?
        @OptionGroup var output: OutputOptions

        func choices() throws(ToolFault) -> ImportChoices {
            let stem = file.split(separator: "/").last.map { $0.prefix { $0 != "." } } ?? "department"
            let plain = stem.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
            let made = String(plain).first?.isLetter == true ? String(plain) : "department"
            let pairs = try operations.map { text throws(ToolFault) -> (contract: String, own: String) in
                let halves = text.split(separator: "=", maxSplits: 1).map(String.init)
                guard halves.count == 2, let contract = halves.first, let own = halves.last else {
                    throw ToolFault(
                        "--operation '\(text)': a contract's operation, '=', and the interface's, such as cases.get=queryData", kind: .usage
                    )
                }
                return (contract, own)
            }
            return ImportChoices(id: id ?? made, name: name, authority: authority, operations: pairs)
        }

        /// The contract, or how to get one.
        func contract() throws(ToolFault) -> Contract {
            guard FileAccess.exists("\(directory)/contract/openapi.yaml") else {
                throw ToolFault(
                    "is no routes directory: it has no contract/openapi.yaml, whose operations an import is written for; name one with "
                        + "--directory DIR, or copy contract/ of the gateway's Routes into it", file: directory)
            }
            return try ContractFile.read(directory)
        }

        /// Prints or writes the file, and says on standard error what is not in it.
        func finish(_ made: (text: String, notes: [ImportNote])) throws {
            if let target { try FileAccess.write(Array(made.text.utf8), to: target) }
            let notes: [Value] = made.notes.map { note in
                ["file": .string(note.file), "line": .integer(Int64(note.line)), "text": .string(note.text)]
            }
            if output.output == .text, !made.notes.isEmpty {
                standardError("not taken over:\n" + made.notes.map { "  \($0.description)\n" }.joined())
            }
            output.print(
                ["text": .string(made.text), "notTakenOver": .array(notes), "written": target.map { .string($0) } ?? .null],
                text: target.map { "written   \($0)" } ?? String(made.text.dropLast()))
        }
    }

    /// From a WSDL.
    struct WSDL: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "wsdl", abstract: "From a WSDL 1.1: document or rpc, literal or encoded, with the schemas in files beside it.",
            discussion: """
                The file is valid as it is. Operations that --operation names are written out, the others stand in comments; CHOOSE marks \
                what a person must decide. What cannot be taken over is listed with its line.
                """)
        @Option(help: "The port, where the WSDL has several.") var port: String?
        @OptionGroup var options: Options

        func run() throws {
            var reader = try WSDLImport(options.file, port: port)
            try options.finish(try reader.text(try options.choices(), contract: try options.contract()))
        }
    }

    /// From an OpenAPI document.
    struct OpenAPI: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "openapi", abstract: "From an OpenAPI 3 or Swagger 2 document, in YAML or JSON.",
            discussion: """
                The file is valid as it is. Operations that --operation names (by operationId, or as "GET /path") are written out, the \
                others stand in comments; CHOOSE marks what a person must decide. What cannot be taken over is listed with its line.
                """)
        @OptionGroup var options: Options

        func run() throws {
            var reader = try OpenAPIImport(options.file)
            try options.finish(try reader.text(try options.choices(), contract: try options.contract()))
        }
    }
}
