import Adapters
import ArgumentParser
import Glibc
import IntegratorTools

/// Begins new files.
struct NewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Begins new files of a routes directory.", subcommands: [Department.self])

    /// Begins a department's file.
    struct Department: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes a department's first file, valid as it is, and a first recording.",
            discussion: """
                On a terminal, what no flag says is asked for. Otherwise --id, --name, --authority and --endpoint must be given. \
                Nothing that is there is replaced.
                """)

        @Option(help: "Its id, for logs, grants and metrics: lower-case letters, digits and '-'.") var id: String?
        @Option(help: "Its name, for people.") var name: String?
        @Option(help: "The unified social credit code that its item codes begin with.") var authority: String?
        @Option(help: "Its region, 6 or 12 digits.") var region: String?
        @Option(help: "How it is called: rest, soap, form, delimited or mailbox.") var kind: String?
        @Option(help: "Where it is, such as http://10.1.2.3:8080; of a mailbox ftp://, ftps:// or sftp://.") var endpoint: String?
        @Option(help: "The charset of its texts.") var charset: String?
        @Option(help: "How the gateway shows who it is: none, password, token or signature; of a mailbox none or password.") var auth:
            String?
        @Option(help: "The routes directory.") var directory = "Routes"
        @OptionGroup var output: OutputOptions

        func run() throws {
            let flags = [
                "id": id, "name": name, "authority": authority, "region": region, "kind": kind, "endpoint": endpoint, "charset": charset,
                "auth": auth,
            ]
            let given = flags.compactMapValues { $0 }
            let mustAsk = ["id", "name", "authority", "endpoint"].contains { given[$0] == nil }
            let ask: ((String) -> String?)? = mustAsk && isatty(STDIN_FILENO) == 1 ? { Self.ask($0) } : nil
            let department = try DepartmentQuestion.answers(given: given, ask: ask) { standardError($0 + "\n") }
            let written = try DepartmentWriter(directory: directory).write(department)
            let example = written.first { $0.hasSuffix("call.json") } ?? "CALL"
            let next = [
                "", "next:", "  edit      \(written.first ?? "")", "  gatewayctl validate \(directory)",
                "  gatewayctl try \(example) --reply \(example.replacing("call.json", with: "reply.http")) --directory \(directory)",
                "  gatewayctl test \(directory)",
            ]
            output.print(
                ["written": .array(written.map(Value.string))],
                text: (written.map { "written   \($0)" } + next).joined(separator: "\n"))
        }

        private static func ask(_ question: String) -> String? {
            standardError(question)
            return readLine()
        }
    }
}
