import Testing

@testable import Adapters

/// Pages cut from the merged lists of departments that sort as they like.
@Suite("The merged list of several departments")
struct ListMergeTests {
    private typealias Fixture = AggregationFixture

    private static let search = """
        operation: cases.search
        parts:
          found: { operation: cases.search, departments: all, merge: { order: [-applyTime, caseNo], distinct: caseNo } }
        paging: gateway
        """

    private static func entry(_ number: Int, _ time: Int) -> Value {
        ["caseNo": .string("C\(number)"), "applyTime": .string("2026-11-\(10 + time)T00:00:00+08:00")]
    }

    private static func numbers(_ items: [Value]) -> [String] { items.compactMap { $0["caseNo"]?.string } }

    /// The pages of a search, one after the other, as a caller walks through them.
    private static func pages(_ lists: [[Value]], size: Int64, hiding hidden: Set<String> = []) throws -> [[Value]] {
        let plan = try #require(Fixture(search).plan != nil ? Fixture(search) : nil)
        let pages = Int64(lists.reduce(0) { $0 + $1.count }) / size + 2
        return try (1...pages).map { page in
            var run = try #require(plan.run(["page": .integer(page), "size": .integer(size)]))
            guard case .integer(let wanted)? = run.next().first?.input["size"] else { return [] }
            run.began(0, .success(lists.indices.map { .init(id: "d\($0)", name: "") }))
            for (position, list) in lists.enumerated() {
                let given = Array(list.prefix(Int(wanted)))
                let shown = given.map { hidden.contains($0["caseNo"]?.string ?? "") ? Value.null : $0 }
                run.take(
                    0, position,
                    .success(
                        PartAnswer(
                            full: ["items": .array(given), "total": .integer(Int64(list.count))], shown: ["items": .array(shown)],
                            isCounted: !hidden.isEmpty)))
            }
            return try run.answer().result.get()["items"]?.array ?? []
        }
    }

    @Test("pages one after the other hold every case exactly once, however each department sorts", arguments: 0..<60 as Range<UInt64>)
    func everyCaseOnce(seed: UInt64) throws {
        var chance = Chance(seed)
        var next = 0
        let lists = (0..<chance.below(4) + 1).map { _ in
            (0..<chance.below(25)).map { _ in
                next += 1
                return Self.entry(next, chance.below(15))
            }.sorted { _, _ in chance.below(2) == 0 }
        }
        let size = Int64(chance.below(7) + 1)
        let found = Self.numbers(try Self.pages(lists, size: size).flatMap(\.self))
        #expect(found.count == next)
        #expect(Set(found).count == next)
    }

    @Test("cases that two departments know stand once over all pages", arguments: 0..<60 as Range<UInt64>)
    func distinct(seed: UInt64) throws {
        var chance = Chance(seed)
        let lists = (0..<3).map { _ in
            // Each department knows some of the same cases, each once, in an order of its own.
            (0..<20).filter { _ in chance.below(2) == 0 }.map { Self.entry($0, $0 % 7) }.sorted { _, _ in chance.below(2) == 0 }
        }
        let found = Self.numbers(try Self.pages(lists, size: Int64(chance.below(6) + 1)).flatMap(\.self))
        let all = Set(Self.numbers(lists.flatMap(\.self)))
        #expect(found.count == all.count)
        #expect(Set(found) == all)
    }

    @Test("where every department sorts by the stated order the merged list is the sorted one", arguments: 0..<40 as Range<UInt64>)
    func sorted(seed: UInt64) throws {
        var chance = Chance(seed)
        var next = 0
        func precedes(_ a: Value, _ b: Value) -> Bool {
            let (left, right) = (a["applyTime"]?.string ?? "", b["applyTime"]?.string ?? "")
            return left == right ? (a["caseNo"]?.string ?? "") < (b["caseNo"]?.string ?? "") : left > right
        }
        let lists = (0..<3).map { _ in
            (0..<chance.below(20)).map { _ in
                next += 1
                return Self.entry(next, chance.below(9))
            }.sorted(by: precedes)
        }
        let found = try Self.pages(lists, size: 5).flatMap(\.self)
        #expect(Self.numbers(found) == Self.numbers(lists.flatMap(\.self).sorted(by: precedes)))
    }

    @Test(
        "entries that a caller may not see take no place from others: pages are shorter, and nothing is lost",
        arguments: 0..<30 as Range<UInt64>)
    func hidden(seed: UInt64) throws {
        var chance = Chance(seed)
        let lists = (0..<2).map { list in (0..<20).map { Self.entry(100 * list + $0, chance.below(9)) } }
        let all = Self.numbers(lists.flatMap(\.self))
        let hidden = Set(all.filter { _ in chance.below(2) == 0 })
        let found = Self.numbers(try Self.pages(lists, size: Int64(chance.below(6) + 2), hiding: hidden).flatMap(\.self))
        #expect(found.count == all.count - hidden.count)
        #expect(Set(found) == Set(all).subtracting(hidden))
    }

    @Test("an entry that is left out does not stand for the same one elsewhere that may be seen")
    func hiddenDuplicate() throws {
        var run = try #require(Fixture(Self.search).run([:]))
        _ = run.next()
        run.began(0, Fixture.targets("a", "b"))
        let one = Self.entry(1, 3)
        run.take(0, 0, .success(PartAnswer(full: ["items": [one], "total": 1], shown: ["items": [.null]], isCounted: true)))
        run.take(0, 1, .success(PartAnswer(whole: ["items": [one], "total": 1])))
        let answer = try run.answer().result.get()
        #expect(answer["items"] == [one])
        #expect(answer["total"] == 1)
    }
}

/// Chance that is the same every time.
private struct Chance {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 0xD1B5_4A32_D192_ED03 }

    mutating func below(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(bound))
    }
}
