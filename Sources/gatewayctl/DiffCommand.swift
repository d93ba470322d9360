import Adapters
import ArgumentParser
import GatewayCore
import IntegratorTools

/// What a reload would change.
struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Says what a reload would change: against the running gateway, or against another directory.",
        discussion: """
            Departments, operations, routes, consumers, the contract and settings that come, go or change, and the lines that do. The \
            directory is checked first. Secrets are not compared: a changed secret is a change for a reload, and not for this. \
            Exit codes: 0 no change, 2 changes are pending, 1 an error.
            """)

    @Argument(help: "The routes directory that would be loaded.") var directory = "Routes"
    @Option(help: "Compare with this directory instead of the running gateway.") var against: String?
    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let new = try ConfigurationTexts.read(directory)
        _ = try LocalConfiguration(sources: new, secrets: .machine(directory: nil)).usable()
        let (old, title) = try against.map { (try ConfigurationTexts.read($0), $0) } ?? running(beside: new)
        let diff = ConfigurationDiff(from: old, to: new)
        output.print(diff.value, text: diff.isEmpty ? "no change from \(title)" : "from \(title) to \(directory)\n" + diff.text)
        if !diff.isEmpty { throw ExitCode(2) }
    }

    /// What the gateway runs, and what to call it.
    private func running(beside new: RouteSources) throws(ToolFault) -> (RouteSources, String) {
        let client = AdminClient(socket: gateway.socket)
        let listed = try client.ask("GET", "/configuration")
        guard listed.status == 200 else {
            throw ToolFault("the gateway cannot say what it runs (status \(listed.status)); compare with --against DIR", kind: .gateway)
        }
        let texts = try ConfigurationTexts.running(listed.body, beside: new) { name throws(ToolFault) in
            try client.ask("GET", "/configuration?file=\(name)").body["text"]?.string
        }
        return (texts, "the gateway, revision \(listed.body["revision"]?.scalarText ?? "?")")
    }
}
