import Testing

@testable import Adapters

@Suite("What was kept last")
struct RecentTests {
    @Test("the oldest makes room, and is given to who keeps the newest", arguments: [1, 2, 5])
    func keeps(_ most: Int) {
        var recent = Recent<Int>(most: most)
        for number in 0..<20 {
            #expect(recent.keep(number) == (number < most ? nil : number - most))
            #expect(recent.all.sorted() == Array(max(0, number - most + 1)...number))
        }
    }
}
