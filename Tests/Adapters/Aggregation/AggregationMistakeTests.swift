import Foundation
import Testing

@testable import Adapters

@Suite("Mistakes in an aggregation's file")
struct AggregationMistakeTests {
    private func problems(_ yaml: String) -> [String] { AggregationFixture(yaml).problems }

    private func whole(_ part: String, answer: String = "answer: { item: $.parts.item }") -> String {
        "operation: items.guide\nparts:\n  item: \(part)\n\(answer)\n"
    }

    @Test(
        "each is found at its place, with what would have been right",
        arguments: [
            ("{ operation: items.gett, input: { itemCode: $.itemCode } }", "3:", "did you mean 'items.get'?"),
            ("{ operation: items.get, input: { itemCod: $.itemCode } }", "3:", "did you mean 'itemCode'?"),
            ("{ operation: items.get, input: { itemCode: $.itemCod } }", "3:", "did you mean '$.itemCode'?"),
            ("{ operation: items.get, input: {} }", "3:", "requires 'itemCode'"),
            ("{ operation: items.get, input: { itemCode: $.parts.itm.name } }", "3:", "did you mean '$.parts.item'?"),
            ("{ operation: items.get, departments: [d], input: { itemCode: $.itemCode } }", "3:", "there is no department 'd'"),
            ("{ operation: items.list }", "3:", "nothing names a department"),
            ("{ operation: items.get, input: { itemCode: { secret: S } } }", "3:", "an aggregation has no secrets"),
            ("{ operation: items.get, input: { itemCode: $.parts.item.itemCode } }", "3:", "wait for each other"),
            ("{ operation: items.list, departments: all, merge: { order: [-nam] } }", "3:", "have no field 'nam'"),
            ("{ operation: items.get, input: { itemCode: $.itemCode }, instead-of: itm }", "3:", "there is no part 'itm'"),
            ("{ operation: items.get, input: { itemCode: $.itemCode }, ned: all }", "3:", "did you mean 'need'?"),
        ])
    func parts(_ part: String, _ line: String, _ words: String) {
        let problems = problems(whole(part))
        #expect(problems.contains { $0.hasPrefix("x.yaml:\(line)") && $0.contains(words) }, "\(problems)")
    }

    @Test("the answer's fields are held to the contract")
    func answer() {
        let unknown = problems(whole("{ operation: items.get, input: { itemCode: $.itemCode } }", answer: "answer: { itm: $.parts.item }"))
        #expect(
            unknown.contains { $0.contains("the contract's answer has no field 'itm'") && $0.contains("did you mean 'item'?") },
            "\(unknown)")
        #expect(unknown.contains { $0.contains("requires 'item'") })
        let path = problems(
            whole("{ operation: items.get, input: { itemCode: $.itemCode } }", answer: "answer: { item: $.parts.item.nam }"))
        #expect(path.contains { $0.contains("did you mean '$.parts.item.name'?") }, "\(path)")
    }

    @Test("the files that ship compile without a problem", arguments: ["cases-search", "items-guide"])
    func shipped(_ name: String) throws {
        let file = ContractFixture.root.appending(path: "Routes/aggregations/\(name).yaml")
        let fixture = AggregationFixture(try String(contentsOf: file, encoding: .utf8))
        #expect(fixture.problems.isEmpty, "\(fixture.problems)")
        #expect(fixture.plan != nil)
    }
}
