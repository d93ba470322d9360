import Adapters
import Testing

@testable import Gateway

@Suite("A list gathered from several departments")
struct ItemListGatheringTests {
    private func list(_ names: [String], total: Int64? = nil) -> Result<Value, AdapterFault> {
        var object: Object = ["items": .array(names.map { ["itemCode": .string($0)] })]
        if let total { object["total"] = .integer(total) }
        return .success(.object(object))
    }

    private func codes(_ answer: Result<Value, AdapterFault>) throws -> [String] {
        try answer.get()["items"]?.array?.compactMap { $0["itemCode"]?.string } ?? []
    }

    @Test("each department is asked for everything up to the end of the caller's page")
    func asksUpToThePage() {
        let gathering = ItemListGathering(departments: ["a", "b"], input: ["page": 3, "size": 20, "keyword": "许可"])
        #expect(gathering.partInput["page"] == 1)
        #expect(gathering.partInput["size"] == 60)
        #expect(gathering.partInput["keyword"] == "许可")
        #expect(ItemListGathering(departments: ["a"], input: ["page": 10000, "size": 100]).partInput["size"] == 1000)
    }

    @Test("the parts stand in the departments' order, whichever answers first")
    func order() throws {
        let gathering = ItemListGathering(departments: ["a", "b"], input: ["page": 1, "size": 3])
        #expect(!gathering.take(1, list(["b1", "b2"])))
        #expect(gathering.take(0, list(["a1", "a2"], total: 7)))
        #expect(try codes(gathering.answer()) == ["a1", "a2", "b1"])
        #expect(try gathering.answer().get()["total"] == 9)
    }

    @Test("one department that fails is named, and the others' entries are there")
    func oneFails() throws {
        let gathering = ItemListGathering(departments: ["a", "b"], input: [:])
        _ = gathering.take(0, .failure(AdapterFault(.upstreamTimeout, "late")))
        #expect(gathering.take(1, list(["b1"])))
        let answer = try gathering.answer().get()
        #expect(answer["total"] == 1)
        #expect(answer["parts"]?.array?.first?["status"] == "failed")
        #expect(answer["parts"]?.array?.first?["code"] == "UPSTREAM_TIMEOUT")
        #expect(answer["parts"]?.array?.last?["status"] == "answered")
    }

    @Test("only when every department fails is it a failure")
    func allFail() {
        let gathering = ItemListGathering(departments: ["a", "b"], input: [:])
        _ = gathering.take(0, .failure(AdapterFault(.upstreamUnavailable, "down")))
        _ = gathering.take(1, .failure(AdapterFault(.upstreamTimeout, "late")))
        guard case .failure(let fault) = gathering.answer() else {
            Issue.record("an answer without any department")
            return
        }
        #expect(fault.code == .upstreamUnavailable)
    }

    @Test("a page behind the end is empty and still has the total")
    func behindTheEnd() throws {
        let gathering = ItemListGathering(departments: ["a"], input: ["page": 9, "size": 5])
        #expect(gathering.take(0, list(["a1"])))
        #expect(try codes(gathering.answer()).isEmpty)
        #expect(try gathering.answer().get()["total"] == 1)
    }
}
