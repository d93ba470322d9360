import Testing

@testable import Adapters

/// What a caller's grants do not open: computed with, and never answered.
@Suite("Parts of which a caller sees a part")
struct PartAnswerTests {
    private typealias Fixture = AggregationFixture

    private static let guide = """
        operation: items.guide
        parts:
          item: { operation: items.get, input: { itemCode: $.itemCode } }
          found: { operation: items.list, departments: all, need: none, input: { keyword: $.parts.item.name } }
        answer:
          item: RULE
          sameItem: { all: "$.parts.found.items[?@.baseCode && @.baseCode == $.parts.item.baseCode]" }
        """

    /// The guide for a caller who may see of an item what `shown` leaves.
    private func answer(_ rule: String = "$.parts.item", extra: String = "") throws -> Value {
        let yaml = Self.guide.replacing("RULE", with: rule) + extra
        var run = try #require(Fixture(yaml).run(["itemCode": "I1"]), "\(Fixture(yaml).problems)")
        let first = run.next()
        run.began(first[0].part, Fixture.targets("a"))
        run.take(
            first[0].part, 0,
            .success(
                PartAnswer(
                    full: ["itemCode": "I1", "name": "许可", "baseCode": "B", "authority": ["name": "N", "uscc": "U"]],
                    shown: ["itemCode": "I1", "authority": ["name": "N"]], isCounted: false)))
        let second = run.next()
        // What is asked is computed with all of it.
        #expect(second.first?.input["keyword"] == "许可")
        run.began(second[0].part, Fixture.targets("a", "b"))
        run.take(
            second[0].part, 0,
            .success(
                PartAnswer(
                    full: ["items": [["itemCode": "I2", "baseCode": "B"], ["itemCode": "I3"], ["itemCode": "I4", "baseCode": "B"]]],
                    shown: ["items": [["itemCode": "I2"], ["itemCode": "I3"], .null]], isCounted: true)))
        run.take(second[0].part, 1, Fixture.list([["itemCode": "I5", "baseCode": "B"], ["itemCode": "I6", "baseCode": "C"]]))
        return try run.answer().result.get()
    }

    @Test("filters see fields that the caller does not, and what comes out is cut as its department's grant says")
    func filters() throws {
        let answer = try answer()
        #expect(answer["item"] == ["itemCode": "I1", "authority": ["name": "N"]])
        #expect(answer["sameItem"] == [["itemCode": "I2"], ["itemCode": "I5", "baseCode": "B"]])
        // Entries that are left out are not counted either.
        let parts = answer["parts"]?.array?.filter { $0["part"] == "found" }
        #expect(parts?.compactMap { $0["total"] } == [2, 2])
    }

    @Test(
        "no rule copies out what was not granted: not alone, not in a text, not as one of several, not through a list or a filter",
        arguments: [
            "{ fields: { itemCode: $.parts.item.baseCode, name: $.parts.item.authority.uscc } }",
            "{ fields: { itemCode: { from: [$.parts.item.baseCode, $.parts.item.name] }, name: { concat: [$.parts.item.name] } } }",
            "{ fields: { name: { digest: { md5: $.parts.item.baseCode } }, summary: { first: [$.parts.item.baseCode] } } }",
            "{ fields: { name: { all: \"$.parts.item[?@ == 'B']\", join: \",\" }, summary: { all: \"$.parts..uscc\", pick: 0 } } }",
            "{ fields: { name: { document: { json: object }, fields: { a: $.parts.item.baseCode } } } }",
            "{ merge: [{ fields: { name: $.parts.item.name } }, { fields: { itemCode: $.parts.item.baseCode } }] }",
            "{ fields: { materials: { each: \"$.parts.found.items[?@.baseCode]\", fields: { name: \"@.baseCode\" } } } }",
        ])
    func nothingComesOut(rule: String) throws {
        let yaml = Self.guide.replacing("RULE", with: rule)
        try #require(Fixture(yaml).plan != nil, "\(Fixture(yaml).problems)")
        let item = JSONCodec.encode(try answer(rule)["item"] ?? .null)
        let text = String(decoding: item, as: UTF8.self)
        for hidden in ["许可", "\"U\"", "I4", "9d5ed678fe57bcca610140957afab571"] { #expect(!text.contains(hidden)) }
        // Of what department b answered the caller sees all, its base codes too.
        if !rule.contains("found") { #expect(!text.contains("\"B\"")) }
        if rule.contains("found") { #expect(text.matches(of: /"B"/).count == 1 && text.contains("\"C\""), "\(text)") }
    }

    @Test("a fallback copies nothing that was not granted")
    func fallback() throws {
        let yaml = """
            operation: items.guide
            parts:
              item: { operation: items.get, input: { itemCode: $.itemCode } }
              other:
                operation: items.get
                need: none
                after: item
                input: { itemCode: $.itemCode }
                fallback: { itemCode: $.parts.item.baseCode, name: $.parts.item.itemCode }
            answer: { item: $.parts.other }
            """
        var run = try #require(Fixture(yaml).run(["itemCode": "I1"]), "\(Fixture(yaml).problems)")
        let first = run.next()
        run.began(first[0].part, Fixture.targets("a"))
        run.take(
            first[0].part, 0,
            .success(PartAnswer(full: ["itemCode": "I1", "baseCode": "B"], shown: ["itemCode": "I1"], isCounted: false)))
        let second = run.next()
        run.began(second[0].part, Fixture.targets("b"))
        run.take(second[0].part, 0, Fixture.failure(.upstreamTimeout))
        #expect(try run.answer().result.get()["item"] == ["name": "I1"])
    }

    @Test("lists are merged by fields that the caller does not see")
    func order() throws {
        let yaml = """
            operation: cases.search
            parts: { found: { operation: cases.search, departments: all, merge: { order: [-applyTime], distinct: caseNo } } }
            paging: gateway
            """
        var run = try #require(Fixture(yaml).run([:]))
        _ = run.next()
        run.began(0, Fixture.targets("a", "b"))
        func answer(_ number: String, _ time: String) -> Result<PartAnswer, AdapterFault> {
            let item: Value = ["caseNo": .string(number), "applyTime": .string(time), "status": "accepted"]
            return .success(
                PartAnswer(full: ["items": [item], "total": 1], shown: ["items": [["status": .string(number)]]], isCounted: false))
        }
        run.take(0, 0, answer("1", "2026-11-01"))
        run.take(0, 1, answer("2", "2026-11-02"))
        #expect(try run.answer().result.get()["items"] == [["status": "2"], ["status": "1"]])
    }

    @Test("parts[] says how much was looked at where a department has more than it gave and the page needs more")
    func seen() throws {
        let plan = Aggregation.everyDepartment("items.list", isPaged: true)
        func answer(size: Int64, counted: Bool) throws -> Value {
            let call = AdapterCall(
                input: ["page": 2, "size": .integer(size)], secrets: Secrets([:]), moment: CallMoment(epochMilliseconds: 0, random: (1, 2)))
            var run = AggregationRun(plan, call)
            _ = run.next()
            run.began(0, Fixture.targets("a"))
            let list: Value = ["items": [["itemCode": "1"], ["itemCode": "2"]], "total": 9]
            run.take(0, 0, .success(PartAnswer(full: list, shown: ["items": [["itemCode": "1"], .null]], isCounted: counted)))
            return try run.answer().result.get()
        }
        let whole = try answer(size: 2, counted: false)
        #expect(whole["parts"]?.array?.first?["seen"] == 2)
        #expect(whole["total"] == 9)
        #expect(try answer(size: 1, counted: false)["parts"]?.array?.first?["seen"] == nil)
        // To a caller limited to regions nothing is told of what it may not see.
        let limited = try answer(size: 2, counted: true)
        #expect(limited["total"] == 1)
        #expect(limited["parts"]?.array?.first?["seen"] == 1)
        #expect(limited["parts"]?.array?.first?["total"] == 1)
    }
}
