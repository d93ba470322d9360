import Adapters
import ArgumentParser
import Glibc
import IntegratorTools

/// What was in force, and when.
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Lists the configurations that were in force: when, by whom, and what changed.",
        discussion: "The newest stands last; '*' marks the one in force. Revisions that are kept can be gone back to with rollback.")

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let answer = try AdminClient(socket: gateway.socket).ask("GET", "/history")
        guard answer.status == 200 else { throw ToolFault("the gateway answered with status \(answer.status)", kind: .gateway) }
        output.print(answer.body, text: Self.text(answer.body))
    }

    private static func text(_ body: Value) -> String {
        let entries = body["entries"]?.array ?? []
        let current = entries.lastIndex { $0["revision"] == body["revision"] }
        var lines = entries.enumerated().map { index, entry in
            let changed = (entry["changed"]?.array ?? []).compactMap(\.string)
            let files = changed.prefix(3).joined(separator: ", ") + (changed.count > 3 ? " and \(changed.count - 3) more" : "")
            return (index == current ? "* " : "  ") + (entry["revision"]?.scalarText ?? "").padding(6)
                + (entry["appliedAt"]?.string ?? "").padding(27) + (entry["how"]?.string ?? "").padding(12)
                + (entry["by"]?.string ?? "").padding(14) + (entry["kept"] == true ? "kept" : "-").padding(6) + files
        }
        if let left = body["heldFrom"]?.scalarText {
            lines.append("the files in the routes directory are still those of revision \(left), which was gone back from")
        }
        return lines.joined(separator: "\n")
    }
}

/// Goes back to a configuration that was in force before.
struct RollbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Puts a configuration that was in force before in force again.",
        discussion: """
            Without a number it is the one before the one in force. It holds, over restarts too, until the files in the routes directory \
            are others than those that were left; a reload then loads them. Exit codes: 0 in force; 1 refused, such as a number that is not \
            kept; 3 it could not start.
            """)

    @Argument(help: "The revision's number, as 'gatewayctl history' lists it.") var revision: Int?
    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let wanted = revision.map { "&to=\($0)" } ?? ""
        let answer = try AdminClient(socket: gateway.socket).ask("POST", "/rollback?by=\(ReloadCommand.user)\(wanted)")
        try ReloadCommand.finish(answer.body, output)
    }
}
