import Adapters
import ArgumentParser
import GatewayCore
import IntegratorTools

/// Prints a JSON Schema for editors.
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Prints the JSON Schema (2020-12) of a configuration file, for completion and errors in editors.",
        discussion: """
            With a routes directory that has a contract, the names of the contract's operations are in the schema of a department's file. \
            An editor with a YAML language server finds it by the first line of the file: # yaml-language-server: $schema=PATH
            """)

    /// A file that has a schema.
    enum File: String, ExpressibleByArgument, CaseIterable {
        case department, aggregation, gateway, consumers, limits

        var described: ConfigurationSchema.File {
            switch self {
            case .department: .department
            case .aggregation: .aggregation
            case .gateway: .gateway
            case .consumers: .consumers
            case .limits: .limits
            }
        }
    }

    @Argument(help: "department, aggregation, gateway, consumers or limits.") var file = File.department
    @Option(help: "The routes directory, for the contract's operations.") var directory = "Routes"
    @OptionGroup var output: OutputOptions

    func run() throws {
        let schema = ConfigurationSchema.document(file.described, operations: ContractFile.operations(in: directory))
        output.print(schema, text: String(decoding: JSONCodec.encode(schema, indented: true), as: UTF8.self))
    }
}
