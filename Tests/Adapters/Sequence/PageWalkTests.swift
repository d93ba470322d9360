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
            guard let whole = walk.take(.object(answer)) else { continue }
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
        #expect(walk.take(["items": full]) == nil)
        #expect(walk.ended(by: missing)?["items"] == full)
        #expect(walk.ended(by: AdapterFault(.upstreamTimeout, "late")) == nil)
        #expect(walk.take(["total": "0"])?["items"] == full)
        #expect(walk.take(["msg": "x"])?["items"] == nil)
    }
}
