import Testing

@testable import Adapters

@Suite("An operation that several calls answer")
struct AggregationRunTests {
    private typealias Fixture = AggregationFixture

    private static let search = """
        operation: cases.search
        parts:
          found: { operation: cases.search, departments: all, merge: { order: [-applyTime], distinct: caseNo } }
        paging: gateway
        """

    private static let guide = """
        operation: items.guide
        parts:
          found:
            operation: items.list
            departments: all
            need: none
            input: { keyword: $.parts.item.name, size: { const: 100 } }
          item: { operation: items.get, input: { itemCode: $.itemCode } }
        answer:
          item: $.parts.item
          sameItem: { all: "$.parts.found.items[?@.baseCode == $.parts.item.baseCode && @.itemCode != $.parts.item.itemCode]" }
        """

    private func entry(_ number: String, _ time: String) -> Value { ["caseNo": .string(number), "applyTime": .string(time)] }

    // MARK: The same call at many departments

    @Test("each department is asked for everything up to the end of the caller's page")
    func asksUpToThePage() throws {
        var run = try #require(Fixture(Self.search).run(["page": 3, "size": 20, "itemName": "许可"]))
        let asks = run.next()
        #expect(asks.map(\.input) == [["page": 1, "size": 60, "itemName": "许可"]])
        #expect(run.next().isEmpty)
        var deep = try #require(Fixture(Self.search).run(["page": 10000, "size": 100]))
        #expect(deep.next().first?.input["size"] == 1000)
    }

    @Test("lists are merged in the stated order, each case once, and cut to the page")
    func merges() throws {
        var run = try #require(Fixture(Self.search).run(["page": 1, "size": 2]))
        _ = run.next()
        run.began(0, Fixture.targets("a", "b"))
        run.take(0, 1, Fixture.list([entry("2", "2026-11-03"), entry("3", "2026-11-02")], total: 9))
        #expect(!run.isOver)
        run.take(0, 0, Fixture.list([entry("1", "2026-11-01"), entry("2", "2026-11-03")]))
        #expect(run.isOver)
        let answer = try run.answer().result.get()
        #expect(answer["items"]?.array?.compactMap { $0["caseNo"]?.string } == ["2", "3"])
        // Two of a and nine of b, one of them twice.
        #expect(answer["total"] == 10)
        #expect(answer["page"] == 1)
        #expect(
            answer["parts"] == [
                ["department": "a", "name": "name of a", "status": "answered", "total": 2],
                ["department": "b", "name": "name of b", "status": "answered", "total": 9],
            ])
    }

    @Test("without an order the parts stand in the departments' order, whichever answers first")
    func order() throws {
        let plan = Aggregation.everyDepartment("items.list", isPaged: true)
        var run = AggregationRun(plan, try #require(Fixture(Self.search).run(["page": 1, "size": 3])).testCall)
        _ = run.next()
        run.began(0, Fixture.targets("a", "b"))
        run.take(0, 1, Fixture.list([["itemCode": "b1"], ["itemCode": "b2"]]))
        run.take(0, 0, Fixture.list([["itemCode": "a1"], ["itemCode": "a2"]], total: 7))
        let answer = try run.answer().result.get()
        #expect(answer["items"]?.array?.compactMap { $0["itemCode"]?.string } == ["a1", "a2", "b1"])
        #expect(answer["total"] == 9)
    }

    @Test("one department that fails is named with its code, and the others' entries are there")
    func oneFails() throws {
        var run = try #require(Fixture(Self.search).run([:]))
        _ = run.next()
        run.began(0, Fixture.targets("a", "b"))
        run.take(0, 0, Fixture.failure(.upstreamTimeout))
        run.take(0, 1, Fixture.list([entry("1", "x")]))
        let answer = try run.answer().result.get()
        #expect(answer["items"]?.array?.count == 1)
        #expect(
            answer["parts"]?.array?.first
                == ["department": "a", "name": "name of a", "status": "failed", "code": "UPSTREAM_TIMEOUT"])
    }

    @Test("only when every department fails is it a failure, and it names the first")
    func allFail() throws {
        var run = try #require(Fixture(Self.search).run([:]))
        _ = run.next()
        run.began(0, Fixture.targets("a", "b"))
        run.take(0, 0, Fixture.failure(.upstreamUnavailable))
        run.take(0, 1, Fixture.failure(.upstreamTimeout))
        #expect(run.isOver)
        let (result, department) = run.answer()
        #expect(department == "a")
        #expect(throws: AdapterFault.self) { try result.get() }
    }

    @Test("'need: all' fails with one department, 'need: none' answers with none of them")
    func needs() throws {
        for (word, fails) in [("all", true), ("none", false)] {
            let yaml = Self.search.replacing("departments: all,", with: "departments: all, need: \(word),")
            var run = try #require(Fixture(yaml).run([:]))
            _ = run.next()
            run.began(0, Fixture.targets("a", "b"))
            run.take(0, 0, Fixture.failure(.upstreamTimeout))
            run.take(0, 1, word == "all" ? Fixture.list([]) : Fixture.failure(.upstreamTimeout))
            #expect(run.isOver)
            #expect((try? run.answer().result.get()) == nil || !fails)
            if fails { #expect(throws: AdapterFault.self) { try run.answer().result.get() } }
        }
    }

    @Test("answers that are no lists become one, in which the first department's word stands")
    func objects() throws {
        let plan = Aggregation.everyDepartment("verifications.create", isPaged: false)
        var run = AggregationRun(plan, try #require(Fixture(Self.search).run([:])).testCall)
        _ = run.next()
        run.began(0, Fixture.targets("a", "b"))
        run.take(0, 0, .success(["match": ["name": true]]))
        run.take(0, 1, .success(["match": ["name": false, "address": true]]))
        #expect(try run.answer().result.get()["match"] == ["name": true, "address": true])
    }

    // MARK: A graph

    @Test("a part waits for the one whose answer it names, and is fed by it")
    func feeds() throws {
        var run = try #require(Fixture(Self.guide).run(["itemCode": "I1"]))
        let first = run.next()
        #expect(first.map { run.plan.parts[$0.part].name } == ["item"])
        #expect(first.first?.input == ["itemCode": "I1"])
        run.began(first[0].part, Fixture.targets("a"))
        run.take(first[0].part, 0, .success(["itemCode": "I1", "name": "许可", "baseCode": "B"]))
        let second = run.next()
        #expect(second.first?.input == ["keyword": "许可", "size": 100])
        run.began(second[0].part, Fixture.targets("a", "b"))
        run.take(second[0].part, 0, Fixture.list([["itemCode": "I1", "baseCode": "B"]]))
        run.take(second[0].part, 1, Fixture.list([["itemCode": "I2", "baseCode": "B"], ["itemCode": "I3", "baseCode": "C"]]))
        let answer = try run.answer().result.get()
        #expect(answer["item"]?["name"] == "许可")
        #expect(answer["sameItem"] == [["itemCode": "I2", "baseCode": "B"]])
        #expect(answer["parts"]?.array?.compactMap { $0["part"]?.string } == ["item", "found", "found"])
    }

    @Test("a needed part that fails ends the whole at once; the parts that wait for it are never asked")
    func fatal() throws {
        var run = try #require(Fixture(Self.guide).run(["itemCode": "I1"]))
        let first = run.next()
        run.began(first[0].part, Fixture.targets("a"))
        run.take(first[0].part, 0, Fixture.failure(.notFound))
        #expect(run.next().isEmpty)
        #expect(run.isOver)
        let (result, department) = run.answer()
        #expect(department == "a")
        guard case .failure(let fault) = result else { throw AdapterFault(.internal, "an answer without its needed part") }
        #expect(fault.code == .notFound)
    }

    @Test("an optional part that fails leaves an answer that says so")
    func optional() throws {
        var run = try #require(Fixture(Self.guide).run(["itemCode": "I1"]))
        let first = run.next()
        run.began(first[0].part, Fixture.targets("a"))
        run.take(first[0].part, 0, .success(["itemCode": "I1", "name": "许可"]))
        let second = run.next()
        run.began(second[0].part, .failure(AdapterFault(.notGranted, "no grant")))
        let answer = try run.answer().result.get()
        #expect(answer["item"]?["itemCode"] == "I1")
        #expect(answer["parts"]?.array?.last == ["part": "found", "status": "failed", "code": "NOT_GRANTED"])
    }

    @Test("a part that stands in for another is asked only when that one fails, and its answer stands under both names")
    func substitutes() throws {
        let yaml = """
            operation: items.guide
            parts:
              item: { operation: items.get, input: { itemCode: $.itemCode } }
              spare: { operation: items.get, input: { itemCode: { const: S } }, instead-of: item }
            answer: { item: $.parts.item }
            """
        var failing = try #require(Fixture(yaml).run(["itemCode": "I1"]))
        let first = failing.next()
        #expect(first.count == 1)
        failing.began(0, Fixture.targets("a"))
        failing.take(0, 0, Fixture.failure(.upstreamUnavailable))
        #expect(!failing.isOver)
        let second = failing.next()
        #expect(second.first?.input == ["itemCode": "S"])
        failing.began(second[0].part, Fixture.targets("b"))
        failing.take(second[0].part, 0, .success(["itemCode": "S"]))
        let answer = try failing.answer().result.get()
        #expect(answer["item"] == ["itemCode": "S"])
        #expect(answer["parts"]?.array?.compactMap { $0["status"]?.string } == ["failed", "answered"])

        var working = try #require(Fixture(yaml).run(["itemCode": "I1"]))
        _ = working.next()
        working.began(0, Fixture.targets("a"))
        working.take(0, 0, .success(["itemCode": "I1"]))
        #expect(working.next().isEmpty)
        #expect(working.isOver)
        #expect(try working.answer().result.get()["parts"]?.array?.count == 1)
    }

    @Test("a fallback stands for a part that failed, and parts[] says that it does")
    func fallback() throws {
        let yaml = Self.guide.replacing(
            "need: none\n", with: "need: one\n    fallback: { items: { all: \"$.none[*]\" }, total: { const: 0 } }\n")
        var run = try #require(Fixture(yaml).run(["itemCode": "I1"]))
        let first = run.next()
        run.began(first[0].part, Fixture.targets("a"))
        run.take(first[0].part, 0, .success(["itemCode": "I1", "name": "许可"]))
        let second = run.next()
        run.began(second[0].part, Fixture.targets("b"))
        run.take(second[0].part, 0, Fixture.failure(.upstreamTimeout))
        let parts = try run.answer().result.get()["parts"]?.array
        #expect(parts?.compactMap { $0["status"]?.string } == ["answered", "failed", "fallback"])
    }

    @Test("when the time for all is over, what is still out has failed and what is there is the answer")
    func deadline() throws {
        var run = try #require(Fixture(Self.search).run([:]))
        _ = run.next()
        run.began(0, Fixture.targets("a", "b"))
        run.take(0, 1, Fixture.list([entry("1", "x")]))
        run.expire(AdapterFault(.upstreamTimeout, "late"))
        #expect(run.isOver)
        let answer = try run.answer().result.get()
        #expect(answer["parts"]?.array?.compactMap { $0["status"]?.string } == ["failed", "answered"])
    }

    @Test("a condition that does not hold skips the part")
    func condition() throws {
        let yaml = Self.guide.replacing("departments: all\n", with: "departments: all\n    when: \"$.parts.item.name == 'x'\"\n")
        var run = try #require(Fixture(yaml).run(["itemCode": "I1"]))
        _ = run.next()
        run.began(0, Fixture.targets("a"))
        run.take(0, 0, .success(["itemCode": "I1", "name": "许可"]))
        #expect(run.next().isEmpty)
        #expect(run.isOver)
        #expect(try run.answer().result.get()["parts"]?.array?.last == ["part": "found", "status": "skipped"])
    }
}

extension AggregationRun {
    /// The call that a run was begun with.
    fileprivate var testCall: AdapterCall {
        AdapterCall(input: input, secrets: Secrets([:]), moment: CallMoment(epochMilliseconds: 0, random: (1, 2)))
    }
}
