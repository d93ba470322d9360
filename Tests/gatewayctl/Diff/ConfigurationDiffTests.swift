import Adapters
import GatewayCore
import Testing

@testable import IntegratorTools

@Suite("gatewayctl diff")
struct ConfigurationDiffTests {
    private func sources(_ files: [String: String]) -> RouteSources {
        func text(_ name: String) -> RouteSources.Text? { files[name].map { RouteSources.Text(path: "R/" + name, bytes: Array($0.utf8)) } }
        return RouteSources(
            directory: "R", gateway: text("gateway.yaml"), consumers: text("consumers.yaml"), contract: text("contract/openapi.yaml"),
            departments: files.keys.filter { $0.hasPrefix("departments/") }.sorted().compactMap(text))
    }

    private let old = [
        "gateway.yaml": "workers: 1\nlisten: a\n",
        "consumers.yaml": "consumers:\n  portal: { keys: [{ digest: \"sha256:\(String(repeating: "a1", count: 32))\" }] }\n",
        "contract/openapi.yaml": "paths: { /a: { get: { operationId: a.get } } }\n",
        "departments/x.yaml": """
        department: x
        codes: { s: { "1": a } }
        operations:
          a.get: { rest: { path: /a } }
        routes: [{ id: r }]

        """,
        "departments/y.yaml": "department: y\noperations: { a.get: { rest: { path: /a } } }\n",
    ]

    private func diff(_ change: (inout [String: String]) -> Void) -> ConfigurationDiff {
        var new = old
        change(&new)
        return ConfigurationDiff(from: sources(old), to: sources(new))
    }

    @Test("the aggregations that a gateway runs are compared too")
    func aggregations() throws {
        let text = Array("operation: a.get\ndeadline: 1s\n".utf8)
        let local = RouteSources(
            directory: "R", gateway: nil, consumers: nil, contract: nil, departments: [],
            aggregations: [.init(path: "R/aggregations/a.yaml", bytes: text)])
        let listed: Value = [
            "files": [["name": "aggregations/a.yaml", "sha256": .string(Hex.encode(Digest.compute(.sha256, text)))]]
        ]
        let same = try ConfigurationTexts.running(listed, beside: local) { _ in nil }
        #expect(ConfigurationDiff(from: same, to: local).isEmpty)
        let other: Value = ["files": [["name": "aggregations/a.yaml", "sha256": "0"]]]
        let changed = try ConfigurationTexts.running(other, beside: local) { _ in "operation: a.get\ndeadline: 2s\n" }
        let entries = ConfigurationDiff(from: changed, to: local).entries
        #expect(entries == [.init(kind: "aggregation", name: "a.get", change: .changed, keys: ["deadline"])])
    }

    @Test("the same files are no difference")
    func same() {
        #expect(diff { _ in }.isEmpty)
        #expect(diff { _ in }.text.isEmpty)
    }

    @Test("departments, operations, routes, consumers, the contract and settings are named with the keys that changed")
    func entries() {
        let found = diff { files in
            files["departments/y.yaml"] = nil
            files["departments/z.yaml"] = "department: z\noperations: { a.get: { rest: { path: /a } } }\n"
            files["departments/x.yaml"] = """
                department: x
                codes: { s: { "2": a } }
                operations:
                  a.get: { rest: { path: /b } }
                  b.get: { rest: { path: /b } }
                routes: []

                """
            files["gateway.yaml"] = "workers: 2\nlisten: b\n"
            files["consumers.yaml"]?.append("  city: {}\n")
            files["contract/openapi.yaml"] = "paths: { /a: { get: { operationId: a.get, summary: s } } }\n"
        }
        let text = found.text
        let expected = """
            departments
              ~ x: codes
              - y
              + z
            operations
              ~ x a.get: rest
              + x b.get
            routes
              - r
            consumers
              + city
            contracts
              ~ a.get: summary
            settings
              ~ listen
              ~ workers  (takes a restart)

            """
        #expect(text.hasPrefix(expected), "\(text)")
        #expect(text.contains("departments/x.yaml\n  -    2 | codes: { s: { \"1\": a } }\n"))
        #expect(text.contains("departments/y.yaml is gone") && text.contains("departments/z.yaml is new"))
        #expect(found.value["changes"]?.array?.count == 10)
    }

    @Test("comments are a difference in lines only")
    func comments() {
        let found = diff { $0["departments/x.yaml"]?.append("# more\n") }
        #expect(!found.isEmpty && found.entries.isEmpty)
        #expect(found.text == "comments or layout only; nothing that is served changes\n\ndepartments/x.yaml\n  +    6 | # more")
    }

    @Test("lines are shown without citizens' numbers and whole digests")
    func masked() {
        let found = diff { files in
            files["consumers.yaml"] = "consumers:\n  portal: { name: \"230100199001010016\" }\n"
        }
        #expect(found.text.contains("sha256:a1a1a1a1…") && !found.text.contains("a1a1a1a1a1"))
        #expect(found.text.contains("2301**********0016"))
    }

    @Test("a running gateway is asked for the texts that differ, and for no others")
    func running() throws {
        let local = sources(old)
        var asked: [String] = []
        let files = local.named.sorted { $0.key < $1.key }.map { name, bytes -> Value in
            let digest = name.hasSuffix("/y.yaml") ? "00" : Hex.encode(Digest.compute(.sha256, bytes))
            return ["name": .string(name), "sha256": .string(digest)]
        }
        let listed: Value = ["files": .array(files)]
        let running = try ConfigurationTexts.running(listed, beside: local) { name in
            asked.append(name)
            return "department: w\n"
        }
        #expect(asked == ["departments/y.yaml"])
        #expect(ConfigurationDiff(from: running, to: local).entries.map(\.name) == ["w", "y"])
    }
}
