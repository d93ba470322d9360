import Adapters
import ArgumentParser
import GatewayCore
import IntegratorTools

/// What the gateway serves.
struct RoutesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "routes", abstract: "Lists and explains routes.", subcommands: [List.self, Explain.self])

    /// Where the routes come from.
    struct Source: ParsableArguments {
        @Option(help: "Read this routes directory instead of asking the gateway.") var directory: String?
        @OptionGroup var gateway: GatewayOptions

        func routes() throws -> [Value] {
            guard let directory else {
                let answer = try AdminClient(socket: gateway.socket).ask("GET", "/routes")
                guard answer.status == 200, let routes = answer.body.array else {
                    throw ToolFault("the gateway cannot say what it serves (status \(answer.status))", kind: .gateway)
                }
                return routes
            }
            let snapshot = try LocalConfiguration(directory: directory, secrets: .machine(directory: nil)).usable()
            return snapshot.routes.indices.map { RouteExplanation.value($0, in: snapshot) }
        }
    }

    /// One line a route.
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "One line a route.")
        @OptionGroup var source: Source
        @OptionGroup var output: OutputOptions

        func run() throws {
            let routes = try source.routes()
            let lines = routes.map { route in
                let methods = (route["methods"]?.array ?? []).compactMap(\.string).joined(separator: ",")
                let to =
                    route["departments"]?.array.map { $0.compactMap { $0["department"]?.string }.joined(separator: ", ") }
                    ?? route["upstream"]?["endpoints"]?.array?.compactMap(\.string).joined(separator: ", ") ?? "the gateway"
                return (route["id"]?.string ?? "").padding(20) + (methods.isEmpty ? "any" : methods).padding(8)
                    + (route["path"]?.string ?? "").padding(30) + (route["access"]?.string ?? "").padding(9) + to
            }
            output.print(.array(routes), text: lines.joined(separator: "\n"))
        }
    }

    /// Everything about one route.
    struct Explain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says what answers to a route, who may call it, and which policies it passes.")
        @Argument(help: "The route's id.") var id: String
        @OptionGroup var source: Source
        @OptionGroup var output: OutputOptions

        func run() throws {
            let routes = try source.routes()
            guard let route = routes.first(where: { $0["id"]?.string == id }) else {
                let known = routes.compactMap { $0["id"]?.string }
                let help = suggestion(for: id, among: known).map { "did you mean '\($0)'?" } ?? "known: \(known.joined(separator: ", "))"
                throw ToolFault("no route '\(id)'; \(help)")
            }
            output.print(route, text: Self.text(route))
        }

        private static func text(_ route: Value) -> String {
            func list(_ value: Value?) -> String { (value?.array ?? []).compactMap(\.scalarText).joined(separator: ", ") }
            var lines = [
                "route".padding(13) + (route["id"]?.string ?? "") + "  (\(route["origin"]?.string ?? ""))",
                "match".padding(13)
                    + "host \(list(route["hosts"]))  path \(route["path"]?.string ?? "")  methods \(list(route["methods"]))",
                "access".padding(13) + (route["access"]?.string ?? "") + "; open to \(list(route["consumers"]))",
                "body limit".padding(13) + (route["bodyLimit"]?.scalarText ?? "") + " bytes",
            ]
            for department in route["departments"]?.array ?? [] {
                let codes = list(department["authorities"]) + " " + list(department["items"])
                lines.append(
                    "department".padding(13) + (department["department"]?.string ?? "") + " " + (department["name"]?.string ?? "")
                        + "  [\(codes)]  "
                        + upstream(department["upstream"]))
            }
            if let value = route["upstream"] { lines.append("upstream".padding(13) + upstream(value)) }
            for policy in route["policies"]?.array ?? [] {
                lines.append(
                    "policy".padding(13) + (policy["slot"]?.string ?? "").padding(14) + (policy["name"]?.string ?? "").padding(15)
                        + (policy["reason"]?.string ?? ""))
            }
            return lines.joined(separator: "\n")
        }

        private static func upstream(_ value: Value?) -> String {
            let endpoints = (value?["endpoints"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
            let waivers = (value?["waivers"]?.array ?? []).compactMap(\.string).map { "; \($0)" }.joined()
            return
                "\(endpoints)  connect \(value?["connectTimeout"]?.string ?? ""), first byte \(value?["firstByteTimeout"]?.string ?? ""), "
                + "total \(value?["totalTimeout"]?.string ?? "")\(waivers)"
        }
    }
}
