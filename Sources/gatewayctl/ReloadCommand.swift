import Adapters
import ArgumentParser
import Glibc
import IntegratorTools

/// Has the gateway read its routes directory anew.
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Has the gateway load its routes directory anew; a bad one changes nothing.")

    @Option(help: "Seconds to watch how exchanges end under the new configuration; the old one comes back when they fail. 0 does not.")
    var watch = 1
    @Flag(help: "Load the files though they are those that were gone back from.") var again = false
    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let path = "/reload?by=\(Self.user)&watch=\(watch)" + (again ? "&again=1" : "")
        try Self.finish(try AdminClient(socket: gateway.socket).ask("POST", path, timeout: 60 + watch).body, output)
    }

    /// Who asks, in letters that a query takes.
    static var user: String {
        let user = getenv("USER").map { String(cString: $0) } ?? "uid-\(getuid())"
        return String(
            user.unicodeScalars.filter {
                $0.isASCII && ($0.properties.isAlphabetic || $0.properties.numericType != nil || "-_.".unicodeScalars.contains($0))
            })
    }

    /// Says what a load came to, and ends with its code.
    static func finish(_ body: Value, _ output: OutputOptions) throws {
        let result = body["result"]?.string ?? "unknown"
        let revision = body["revision"]?.scalarText ?? "?"
        var lines = (body["problems"]?.array ?? []).compactMap { $0["text"]?.string }
        switch result {
        case "applied": lines.append("revision \(revision) is in use")
        case "unchanged": lines.append("nothing changed; revision \(revision) is in use")
        case "held":
            let left = body["heldFrom"]?.scalarText ?? "?"
            lines.append(
                "the files are still those of revision \(left), which was gone back from; revision \(revision) stays in use "
                    + "(--again loads them all the same)")
        case "rolledBack":
            lines.append("applied and taken back: \(body["reason"]?.string ?? ""); revision \(revision) is in use again")
        case "cannotStart": lines.append("could not start: \(body["reason"]?.string ?? ""); revision \(revision) stays in use")
        default: lines.append("refused; revision \(revision) stays in use")
        }
        output.print(body, text: lines.joined(separator: "\n"))
        switch result {
        case "applied", "unchanged", "held": return
        case "cannotStart": throw ExitCode(3)
        case "rolledBack": throw ExitCode(4)
        default: throw ExitCode(1)
        }
    }
}

/// What the gateway is doing.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "status", abstract: "Says what the gateway is serving, and since when.")

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var output: OutputOptions
    @Flag(help: "Wait until the gateway answers, at most --timeout seconds.") var wait = false
    @Option(help: "Seconds to wait.") var timeout = 30

    func run() throws {
        let client = AdminClient(socket: gateway.socket)
        let end = time(nil) + timeout
        while wait, time(nil) < end {
            if (try? client.ask("GET", "/status", timeout: 5)) != nil { break }
            usleep(100_000)
        }
        let answer = try client.ask("GET", "/status")
        guard answer.status == 200 else {
            throw ToolFault("the gateway answered with status \(answer.status)", kind: .gateway)
        }
        output.print(answer.body, text: Self.text(answer.body))
    }

    private static func text(_ status: Value) -> String {
        func line(_ name: String, _ key: String) -> String {
            let value = status[key]
            let text = value?.array.map { $0.compactMap(\.scalarText).joined(separator: ", ") } ?? value?.scalarText ?? "-"
            return name.padding(14) + text
        }
        var lines = [
            line("state", "state"), line("revision", "revision"), line("fingerprint", "fingerprint"), line("since", "startedAt"),
            line("routes from", "routesDirectory"), line("listening on", "listen"), line("admin", "admin"), line("workers", "workers"),
            line("connections", "connections"), line("departments", "departments"), line("routes", "routes"),
            line("consumers", "consumers"),
        ]
        if let refused = Self.refused(status["refused"]) { lines.append("refused".padding(14) + refused) }
        lines += (status["upstreams"]?.array ?? []).map(Self.line(of:))
        if status["waivers"]?.array?.isEmpty == false { lines.append(line("given up", "waivers")) }
        return lines.joined(separator: "\n")
    }
}

extension StatusCommand {
    private static func number(_ value: Value?) -> Int64 { if case .integer(let number)? = value { number } else { 0 } }

    /// What the gateway itself turned away since it began; nil when that is nothing.
    fileprivate static func refused(_ counts: Value?) -> String? {
        func part(_ key: String) -> [String] {
            (counts?[key]?.object?.fields ?? []).filter { number($0.value) > 0 }.map { "\($0.name) \(number($0.value))" }
        }
        var parts: [String] = []
        let (connections, requests, overload) = (part("connections"), part("requests"), number(counts?["overload"]))
        if !connections.isEmpty { parts.append("connections: " + connections.joined(separator: ", ")) }
        if !requests.isEmpty { parts.append("requests by limit: " + requests.joined(separator: ", ")) }
        if overload > 0 { parts.append("overload: \(overload)") }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// What goes on at one upstream, in a line: what is out, what waits, what was refused, and endpoints that do not serve.
    fileprivate static func line(of upstream: Value) -> String {
        func fields(_ key: String) -> [Object.Field] { upstream[key]?.object?.fields ?? [] }
        var parts = ["\(number(upstream["calls"]))\(upstream["concurrent"]?.scalarText.map { " of \($0)" } ?? "") out"]
        let waiting = fields("waiting").reduce(0) { $0 + number($1.value) }
        if waiting > 0 { parts.append("\(waiting) waiting") }
        let refused = fields("refused").filter { number($0.value) > 0 }.map { "\($0.name) \(number($0.value))" }
        if !refused.isEmpty { parts.append("refused: " + refused.joined(separator: ", ")) }
        for endpoint in upstream["endpoints"]?.array ?? [] {
            guard let state = endpoint["state"]?.string, state != "serving" else { continue }
            parts.append("\(endpoint["endpoint"]?.string ?? "?") \(state)")
        }
        return "  " + (upstream["name"]?.string ?? "?").padding(24) + parts.joined(separator: "; ")
    }
}

extension String {
    /// The text with spaces up to `width`.
    func padding(_ width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
