import Testing

@testable import GatewayCore

@Suite("A row of the table of retries")
struct RetryRuleTests {
    private let rule = RetryRule(reasons: [.connect, .timeout, .status(503)], attempts: 3, wait: 1000, isIdempotent: false)

    @Test("counts for what it names, as often as it says")
    func reasons() {
        #expect(rule.pause(after: [.status(503)], made: 1, isWrite: false, chance: 0) == 1000)
        #expect(rule.pause(after: [.status(502), .timeout], made: 1, isWrite: false, chance: 0) == 1000)
        #expect(rule.pause(after: [.status(502)], made: 1, isWrite: false, chance: 0) == nil)
        #expect(rule.pause(after: [], made: 1, isWrite: false, chance: 0) == nil)
        #expect(rule.pause(after: [.timeout], made: 3, isWrite: false, chance: 0) == nil)
    }

    @Test("the pause doubles, and chance takes up to a half of it")
    func pauses() throws {
        for chance in [0, 1, 499, 500, UInt64.max] {
            let first = try #require(rule.pause(after: [.timeout], made: 1, isWrite: false, chance: chance))
            #expect((501...1000).contains(first))
            let second = try #require(rule.pause(after: [.timeout], made: 2, isWrite: false, chance: chance))
            #expect((1001...2000).contains(second))
        }
        let none = RetryRule(reasons: [.timeout], attempts: 10, wait: 0, isIdempotent: false)
        #expect(none.pause(after: [.timeout], made: 9, isWrite: false, chance: 12345) == 0)
    }

    @Test("a write is made again only when nothing was sent, or when twice is once to the department")
    func writes() {
        #expect(rule.pause(after: [.connect], made: 1, isWrite: true, chance: 0) != nil)
        #expect(rule.pause(after: [.timeout], made: 1, isWrite: true, chance: 0) == nil)
        #expect(rule.pause(after: [.timeout], made: 1, isWrite: true, hasKey: true, chance: 0) != nil)
        let idempotent = RetryRule(reasons: [.timeout], attempts: 2, wait: 0, isIdempotent: true)
        #expect(idempotent.pause(after: [.timeout], made: 1, isWrite: true, chance: 0) != nil)
        #expect(idempotent.pause(after: [.connect], made: 1, isWrite: true, chance: 0) == nil)
    }

    @Test("the budget: ten at once, then one for every five calls")
    func budget() {
        var budget = RetryBudget()
        var taken = 0
        while budget.take() { taken += 1 }
        #expect(taken == 10)
        for _ in 0..<500 {
            budget.put()
            if budget.take() { taken += 1 }
        }
        #expect(taken == 110)
        for _ in 0..<1000 { budget.put() }
        taken = 0
        while budget.take() { taken += 1 }
        #expect(taken == 10)
    }

    @Test("health checks: so many in a row turn it, and a single one does not")
    func health() {
        var rule = HealthRule(path: "/")
        rule.every = 100
        var record = HealthRecord()
        #expect(record.takeTurn(rule, now: 0) == true)
        #expect(record.takeTurn(rule, now: 99) == false)
        #expect(record.takeTurn(rule, now: 100) == true)
        for isGood in [false, false, true, false, false] {
            record.note(isGood: isGood, rule)
            #expect(record.isWell)
        }
        record.note(isGood: false, rule)
        #expect(!record.isWell)
        for isGood in [true, false, true] { record.note(isGood: isGood, rule) }
        #expect(!record.isWell)
        record.note(isGood: true, rule)
        #expect(record.isWell)
        #expect(rule.isGood(204) && rule.isGood(302) && !rule.isGood(404) && !rule.isGood(503))
        rule.statuses = [404]
        #expect(rule.isGood(404) && !rule.isGood(200))
    }
}
