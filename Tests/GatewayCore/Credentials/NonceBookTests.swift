import GatewayCore
import Testing

@Suite("Nonces") struct NonceBookTests {
    @Test("are seen while their time counts, and forgotten after it")
    func window() {
        let book = NonceBook(limit: 100)
        #expect(book.note("a", of: 1000, now: 1000, skew: 60) == .fresh)
        #expect(book.note("a", of: 1000, now: 1059, skew: 60) == .seen)
        #expect(book.note("a", of: 1055, now: 1059, skew: 60) == .seen)
        #expect(book.note("b", of: 1061, now: 1062, skew: 60) == .fresh)
        #expect(book.count == 1)
        #expect(book.note("a", of: 1062, now: 1062, skew: 60) == .fresh)
    }

    @Test("never take more room than they have: a flood shortens the time that a request may be old, and lets none in twice")
    func flood() {
        let book = NonceBook(limit: 1000)
        var admitted: Set<String> = []
        var forgotten = 0
        for second in 0..<50 {
            for number in 0..<100 {
                // Every tenth comes with a clock that is half a minute behind.
                let time = Int64(10_000 + second - (number % 10 == 0 ? 30 : 0))
                switch book.note("\(second)-\(number)", of: time, now: Int64(10_000 + second), skew: 60) {
                case .fresh: #expect(admitted.insert("\(second)-\(number)").inserted)
                case .seen: Issue.record("none of them was sent twice")
                case .forgotten: forgotten += 1
                }
                #expect(book.count <= 1000)
            }
            // What is current is always taken, and taken once.
            #expect(book.note("current-\(second)", of: Int64(10_000 + second), now: Int64(10_000 + second), skew: 60) == .fresh)
            #expect(book.note("current-\(second)", of: Int64(10_000 + second), now: Int64(10_000 + second), skew: 60) == .seen)
        }
        #expect(forgotten > 0)
        for second in 0..<50 {
            #expect(book.note("current-\(second)", of: Int64(10_000 + second), now: 10_050, skew: 60) != .fresh)
        }
    }
}
