import Testing

@testable import GatewayCore

private let second: Int64 = 1_000_000_000

@Suite("A circuit breaker")
struct CircuitBreakerTests {
    private static let rule: BreakerRule = {
        var rule = BreakerRule()
        rule.failures = 5
        rule.window = 10 * second
        rule.pause = 4 * second
        rule.longestPause = 10 * second
        return rule
    }()

    private func opened(at now: Int64) -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<5 { breaker.report(.failed, wasProbe: false, Self.rule, now: now) }
        return breaker
    }

    @Test("opens on enough failures, and says honestly how long it stays so")
    func opens() {
        var breaker = CircuitBreaker()
        for number in 1...5 {
            #expect(breaker.ask(Self.rule, now: 7 * second) == .pass)
            #expect(breaker.report(.failed, wasProbe: false, Self.rule, now: 7 * second) == (number == 5))
        }
        #expect(breaker.state == .open)
        #expect(breaker.ask(Self.rule, now: 8 * second) == .refuse(retryAfter: 3 * second))
        #expect(breaker.ask(Self.rule, now: 11 * second - 1) == .refuse(retryAfter: 1))
        #expect(breaker.ask(Self.rule, now: 11 * second) == .probe)
    }

    @Test("stays closed while failures are a small share, or too old, or no verdict at all")
    func staysClosed() {
        var mixed = CircuitBreaker()
        for _ in 0..<20 {
            mixed.report(.answered, wasProbe: false, Self.rule, now: 0)
            mixed.report(.answered, wasProbe: false, Self.rule, now: 0)
            mixed.report(.failed, wasProbe: false, Self.rule, now: 0)
        }
        #expect(mixed.state == .closed)
        var slow = CircuitBreaker()
        for number in 0..<40 { slow.report(.failed, wasProbe: false, Self.rule, now: Int64(number) * 4 * second) }
        #expect(slow.state == .closed)
        var unused = CircuitBreaker()
        for _ in 0..<100 { unused.report(.unused, wasProbe: false, Self.rule, now: 0) }
        #expect(unused.state == .closed)
    }

    @Test("lets one probe pass when the pause is over, and closes when it is answered")
    func probe() {
        var breaker = opened(at: 0)
        #expect(breaker.ask(Self.rule, now: 4 * second) == .probe)
        #expect(breaker.state == .probing)
        for _ in 0..<50 { #expect(breaker.ask(Self.rule, now: 4 * second) == .refuse(retryAfter: second)) }
        // What comes late from before it opened decides nothing.
        breaker.report(.answered, wasProbe: false, Self.rule, now: 4 * second)
        #expect(breaker.state == .probing)
        breaker.report(.answered, wasProbe: true, Self.rule, now: 5 * second)
        #expect(breaker.state == .closed)
        #expect(breaker.ask(Self.rule, now: 5 * second) == .pass)
    }

    @Test("a failed probe opens it for twice as long, up to the longest pause; a closed one begins anew")
    func doubles() {
        var breaker = opened(at: 0)
        var now: Int64 = 0
        for pause in [4, 8, 10, 10] {
            #expect(breaker.ask(Self.rule, now: now) == .refuse(retryAfter: Int64(pause) * second))
            now += Int64(pause) * second
            #expect(breaker.ask(Self.rule, now: now) == .probe)
            breaker.report(.failed, wasProbe: true, Self.rule, now: now)
        }
        now += 10 * second
        #expect(breaker.ask(Self.rule, now: now) == .probe)
        breaker.report(.answered, wasProbe: true, Self.rule, now: now)
        for _ in 0..<5 { breaker.report(.failed, wasProbe: false, Self.rule, now: now) }
        #expect(breaker.ask(Self.rule, now: now) == .refuse(retryAfter: 4 * second))
    }

    @Test("a probe that was never sent leaves the way to another; one that never reports does not lock it for ever")
    func lostProbe() {
        var breaker = opened(at: 0)
        #expect(breaker.ask(Self.rule, now: 4 * second) == .probe)
        breaker.report(.unused, wasProbe: true, Self.rule, now: 5 * second)
        #expect(breaker.ask(Self.rule, now: 5 * second) == .probe)
        #expect(breaker.ask(Self.rule, now: 14 * second) == .refuse(retryAfter: second))
        #expect(breaker.ask(Self.rule, now: 15 * second) == .probe)
    }
}
