import Testing

@testable import Adapters

/// Pages that are larger than a department gives at once.
@Suite("Large pages in several calls")
struct PageWalkTests {
    /// What a department with `count` entries answers, and how often it was asked.
    private func walk(_ largest: Int64, page: Int64, size: Int64, count: Int, total: Bool = true) -> (items: [Int64], calls: Int)? {
        guard var walk = PageWalk(largest, input: ["page": .integer(page), "size": .integer(size), "itemName": "x"]) else { return nil }
        var calls = 0
        while calls < 100 {
            guard case .integer(let at)? = walk.input["page"], walk.input["size"] == .integer(largest), walk.input["itemName"] == "x" else {
                return nil
            }
            calls += 1
            let all = (0..<Int64(count)).map(Value.integer)
            var answer: Object = ["items": .array(Array(all.dropFirst(Int((at - 1) * largest)).prefix(Int(largest))))]
            if total { answer["total"] = .string(String(count)) }
            guard let whole = (try? walk.take(.object(answer))) ?? nil else { continue }
            let items = whole["items"]?.array?.compactMap { item -> Int64? in if case .integer(let number) = item { number } else { nil } }
            if whole["page"] != .integer(page) || whole["size"] != .integer(size) { return nil }
            return (items ?? [], calls)
        }
        return nil
    }

    @Test("a page that fits needs none of it")
    func fits() {
        #expect(PageWalk(20, input: ["page": 3, "size": 20]) == nil)
        #expect(PageWalk(nil, input: ["page": 3, "size": 1000]) == nil)
    }

    @Test("the page is whole wherever it begins and whatever the department gives at once", arguments: [10, 17, 20, 33, 99] as [Int64])
    func whole(largest: Int64) throws {
        for size in [largest + 1, 60, 100] where size > largest {
            for page in 1...6 as ClosedRange<Int64> {
                for count in [0, 1, 19, 20, 240, 1000] {
                    let expected = Array((0..<Int64(count)).dropFirst(Int((page - 1) * size)).prefix(Int(size)))
                    let found = try #require(walk(largest, page: page, size: size, count: count))
                    #expect(found.items == expected)
                    #expect(found.calls <= PageWalk.callLimit)
                    #expect(try #require(walk(largest, page: page, size: size, count: count, total: false)).items == expected)
                }
            }
        }
    }

    @Test("it asks no further than the last entry, by a short page or by the total")
    func stops() throws {
        #expect(try #require(walk(20, page: 1, size: 100, count: 40)).calls == 2)
        #expect(try #require(walk(20, page: 1, size: 100, count: 50, total: false)).calls == 3)
        #expect(try #require(walk(20, page: 1, size: 60, count: 500)).calls == 3)
        #expect(try #require(walk(20, page: 1, size: 1000, count: 5000)).calls == PageWalk.callLimit)
    }

    @Test("behind the last page a department may not find anything, or give no list; otherwise a fault is one")
    func ends() throws {
        var walk = try #require(PageWalk(20, input: ["size": 40]))
        let missing = AdapterFault(.notFound, "nothing")
        #expect(walk.ended(by: missing) == nil)
        let full = Value.array((0..<20).map { Value.integer($0) })
        #expect(try walk.take(["items": full]) == nil)
        #expect(walk.ended(by: missing)?["items"] == full)
        #expect(walk.ended(by: AdapterFault(.upstreamTimeout, "late")) == nil)
        #expect(try walk.take(["total": "0"])?["items"] == full)
        #expect(try walk.take(["msg": "x"])?["items"] == nil)
    }

    /// The pages of a department that goes on by a cursor, and how many calls they took.
    private func pieces(page: Int64, size: Int64, largest: Int64?, count: Int) throws -> (items: [Int64], total: Int64?, calls: Int) {
        var walk = try #require(PageWalk(largest, input: ["page": .integer(page), "size": .integer(size)], byCursor: true))
        var calls = 0
        while calls < 100 {
            let start = try #require(walk.input[PageWalk.cursorName]?.string)
            let step = try #require(walk.input["size"]?.scalarText.flatMap { Int($0) })
            calls += 1
            let from = Int(start) ?? 0
            let end = min(from + step, count)
            var answer: Object = ["items": .array((from..<max(from, end)).map { .integer(Int64($0)) })]
            if end < count { answer[PageWalk.cursorName] = .string(String(end)) }
            guard let whole = try walk.take(.object(answer)) else { continue }
            #expect(whole[PageWalk.cursorName] == nil && whole["page"] == .integer(page))
            let items = whole["items"]?.array?.compactMap { item -> Int64? in if case .integer(let number) = item { number } else { nil } }
            return (items ?? [], whole["total"]?.scalarText.flatMap { Int64($0) }, calls)
        }
        return ([], nil, calls)
    }

    @Test("a department that goes on from piece to piece gives every page within reach", arguments: [nil, 10, 30, 100] as [Int64?])
    func cursor(largest: Int64?) throws {
        for (page, size, count) in [(1, 20, 0), (1, 20, 5), (1, 20, 20), (2, 20, 55), (3, 20, 55), (4, 20, 55), (5, 20, 1000)]
            as [(Int64, Int64, Int)]
        {
            let expected = Array((0..<Int64(count)).dropFirst(Int((page - 1) * size)).prefix(Int(size)))
            let found = try pieces(page: page, size: size, largest: largest, count: count)
            #expect(found.items == expected)
            #expect(found.calls <= PageWalk.callLimit)
            let total = try #require(found.total)
            #expect(total <= count && (page * size >= count ? total == count : total > page * size))
        }
    }

    @Test("a page behind all calls is refused, before any where that is known, and a list that goes in circles is none")
    func reach() throws {
        let rules = PageRules(largest: 10, cursor: try cursorRule())
        #expect(rules.refusal(of: ["page": 6, "size": 20]) == nil)
        #expect(rules.refusal(of: ["page": 7, "size": 20])?.errors.first?.field == "query:page")
        var walk = try #require(PageWalk(10, input: ["page": 3, "size": 20], byCursor: true))
        func piece(_ place: String) -> Value { ["items": [1], "paging cursor": .string(place)] }
        #expect(try walk.take(piece("x")) == nil && walk.take(piece("y")) == nil)
        #expect(throws: AdapterFault.self) { try walk.take(piece("x")) }
        var ended = try #require(PageWalk(nil, input: ["page": 1, "size": 20], byCursor: true))
        #expect(try ended.take(piece("a")) == nil)
        #expect(try ended.take(["paging cursor": ""])?["items"] == [1])
        // Pieces that are smaller than what was asked for: part of a search takes what there is, and says how much.
        for takesPart in [false, true] {
            var small = try #require(PageWalk(nil, input: ["page": 1, "size": 100], byCursor: true, takesPart: takesPart))
            for call in 1..<PageWalk.callLimit { #expect(try small.take(piece("c\(call)")) == nil) }
            let last = Result { try small.take(piece("c12")) }
            #expect((try? last.get())??["items"]?.array?.count == (takesPart ? 12 : nil))
        }
    }

    private func cursorRule() throws -> ValueRule {
        let operation = try TranslationFixture(Self.list).operation("items.list")
        return try #require(operation.pages.cursor)
    }

    private static let list = """
        operations:
          items.list:
            rest: { path: /a }
            query: { after: { paging: cursor }, n: { paging: size } }
            reply: { success: http, paging: { cursor: { from: $.next, when: "$.more == true" } }, fields: { items: { each: $.l, value: "@" } } }
        """

    @Test("a file says where the next piece begins, and both sides of it")
    func file() throws {
        let operation = try TranslationFixture(Self.list).operation("items.list")
        let walk = try #require(operation.pages(for: ["page": 1, "size": 20]))
        #expect(try operation.request(TranslationFixture.call(walk.input)).target == "/a?n=20")
        let reply = DepartmentReply(status: 200, body: Array(#"{"l":[1],"next":"c2","more":true}"#.utf8))
        guard case .answer(let answer) = operation.outcome(of: reply, to: TranslationFixture.call(walk.input)) else {
            Issue.record("no answer")
            return
        }
        #expect(answer[PageWalk.cursorName] == "c2")
        var next = walk
        #expect(try next.take(answer) == nil || answer["items"]?.array?.count == 20)
        for (wrong, code) in [
            ("after: { paging: cursor }, ", "unused-key"),
            ("paging: { cursor: { from: $.next, when: \"$.more == true\" } }, ", "missing-key"),
        ] {
            #expect(TranslationFixture(Self.list.replacing(wrong, with: "")).problems.map(\.rule) == [code], "\(wrong)")
        }
        let first = Self.list.replacing("after: { paging: cursor }, ", with: "").replacing(
            "cursor: { from: $.next, when: \"$.more == true\" }", with: "largest: 20")
        #expect(TranslationFixture(first).problems.map(\.rule) == ["missing-key"])
    }
}
