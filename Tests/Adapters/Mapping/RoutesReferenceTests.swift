import Foundation
import Testing

@testable import Adapters

@Suite("docs/routes.md says what the loader does", .enabled(if: Project.exists("docs/routes.md"), "docs/routes.md is not there"))
struct RoutesReferenceTests {
    let text: String

    init() throws { text = String(decoding: try Project.bytes("docs/routes.md"), as: UTF8.self) }

    @Test("every word of the vocabulary stands in the reference")
    func words() {
        let words =
            MappingCompiler.keys + DepartmentTranslation.keys + AdapterCatalog.keys + ReplyCompiler.keys + [
                "token", "lifetime", "paging", "signed", "steps", "let", "changes", "when",
            ]
            + Verdict.allCases.map(\.rawValue) + PagingWord.allCases.map(\.rawValue) + DocumentRule.Wrapping.allCases.map(\.rawValue)
            + ScalarType.allCases.map(\.rawValue) + OperationAdapter.Paging.allCases.map(\.rawValue)
        for word in Set(words) { #expect(text.contains("`\(word)") || text.contains("| \(word)") || text.contains(", \(word)"), "\(word)") }
    }

    @Test("every operation shown compiles against the shipped contract")
    func examples() throws {
        let departments = try ShippedDepartments.loaded.get()
        let blocks = text.components(separatedBy: "```yaml\n").dropFirst().map {
            String($0.prefix(upTo: $0.range(of: "```")?.lowerBound ?? $0.endIndex))
        }
        let whole = blocks.filter { $0.contains("operations:\n") || $0.hasPrefix("login:\n") || $0.hasPrefix("codes:\n") }
        #expect(whole.count >= 6)
        for block in whole {
            let diagnostics = Diagnostics()
            let node = try #require(Node.read(Array(block.utf8), path: "example.yaml", diagnostics), "\(block)")
            let section = try #require(Section(node, as: "a department", keys: DepartmentTranslation.keys, diagnostics))
            _ = DepartmentTranslation(section, contract: departments.contract, diagnostics)
            #expect(diagnostics.problems.isEmpty, "\(diagnostics.sorted.map(\.description).joined())")
        }
    }

    @Test("every source and conversion shown in a table compiles")
    func table() throws {
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        var tried = 0
        for row in rows {
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3, let word = MappingCompiler.keys.first(where: { cells[0] == "`\($0)`" }),
                let example = cells[1].split(separator: "`").first.map(String.init), example.contains(":")
            else { continue }
            tried += 1
            let rule = example.hasPrefix("{") ? example : "{ from: $.a, \(example) }"
            let isReply = word == "call" || word == "cookie"
            let field = word == "position" ? "{ each: $.list, value: \(rule) }" : rule
            let fixture = TranslationFixture(
                """
                codes: { idType: { "1": idCard }, status: { "1": accepted } }
                login: { rest: { path: /l }, reply: { success: http, token: $.t } }
                operations:
                  cases.submit:
                    rest: { path: /a }
                    request: { \(isReply ? "" : "x: \(field)") }
                    reply: { success: http, fields: { \(isReply ? "x: \(field)" : "") } }
                """)
            #expect(fixture.problems.isEmpty, "\(fixture.problems.map(\.description).joined())")
        }
        #expect(tried >= 30)
    }
}
