import ArgumentParser
import IntegratorTools

/// Runs recordings against a routes directory.
struct TestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Holds a routes directory to the recordings of its departments. No network.",
        discussion: """
            A recording is a folder with call.json and any of sent.http, reply.http, answer.json and fault.json (of a step results.json, of a login session.json). The request that the call \
            becomes is held to sent.http, what the reply becomes to answer.json or fault.json. They are looked for under \
            DIR/recordings/<department>/. Where several departments answer, replies and requests are parts/PART/DEPARTMENT.reply.http and \
            .sent.http (a folder of no department's). A folder of recordings may bring its department's file, department.yaml. A callback's has push.http, events.json or fault.json, and answer.http. The environment's secrets are not used: a secret stands as its name in braces unless \
            --secrets-file names one (DIR/recordings/secrets.env where it is there), so that a test comes out the same everywhere. \
            Exit code 1 when any recording does not come out.
            """)

    @Argument(help: "The routes directory.") var directory = "Routes"
    @Option(help: "Where the recordings are, or one of them; DIR/recordings if not given.") var recordings: String?
    @Option(help: "Run only those whose path begins with this, such as hlj-fgw/cases.get.") var only: String?
    @Option(help: "A file of NAME=value lines: the demo secrets that the recordings were made with.") var secretsFile: String?
    @Flag(
        help:
            "Write what comes out where a recording has no sent.http, or neither what came out (answer.json, results.json, session.json, events.json) nor fault.json."
    ) var update = false
    @OptionGroup var output: OutputOptions

    func run() throws {
        let report = try results()
        output.print(report.value, text: report.text)
        if report.failures > 0 { throw ExitCode(1) }
    }

    private func results() throws(ToolFault) -> RecordingReport {
        let root = recordings ?? "\(directory)/recordings"
        guard FileAccess.isDirectory(root) else {
            throw ToolFault(
                "there are no recordings at \(root); 'gatewayctl new department' makes a first one, --recordings names another place")
        }
        var values: [String: String] = [:]
        if let file = secretsFile ?? (FileAccess.exists("\(root)/secrets.env") ? "\(root)/secrets.env" : nil) {
            values = try SecretsFile.read(file)
        }
        let configuration = try RecordingConfiguration.compile(directory, recordings: root, secrets: values)
        let snapshot = try configuration.usable()
        let chosen = Recording.all(below: root).filter { recording in only.map { recording.name.hasPrefix($0) } ?? true }
        guard !chosen.isEmpty else {
            throw ToolFault(
                "no recording \(only.map { "begins with '\($0)'" } ?? "is there") below \(root): a folder with call.json")
        }
        let run = RecordingRun(snapshot, updates: update)
        let results = chosen.map(run.run)
        return RecordingReport(results, unsetSecrets: configuration.standIns.filter(run.secrets(of: results).contains))
    }
}
