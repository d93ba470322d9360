import Testing

@testable import GatewayCore

@Suite("The gate of an event loop")
struct OverloadGateTests {
    private static let rule: OverloadRule = {
        var rule = OverloadRule()
        rule.exchanges = 8
        rule.lag = 100
        return rule
    }()

    @Test("lets in as many at once as the loop's share, and one more when one ends")
    func share() {
        var gate = OverloadGate()
        for number in 1...6 {
            #expect(gate.turnsAway(Self.rule, loops: 2) == (number > 4))
            if number > 4 { gate.end() }
        }
        gate.end()
        #expect(gate.turnsAway(Self.rule, loops: 2) == false)
        #expect(gate.turnsAway(Self.rule, loops: 2) == true)
    }

    private func turnedAway(_ gate: inout OverloadGate, of count: Int = 1000) -> Int {
        (0..<count).count { _ in
            defer { gate.end() }
            return gate.turnsAway(Self.rule, loops: 1)
        }
    }

    @Test("one late tick is nothing; more of them turn a growing share away, never all, and ticks in time let everybody in again")
    func lateness() {
        var gate = OverloadGate()
        gate.tick(late: 101, Self.rule)
        #expect(turnedAway(&gate) == 0)
        gate.tick(late: 101, Self.rule)
        #expect(turnedAway(&gate) == 200)
        for _ in 0..<20 { gate.tick(late: 5000, Self.rule) }
        #expect(turnedAway(&gate) == 900)
        for _ in 0..<20 { gate.tick(late: 3, Self.rule) }
        #expect(turnedAway(&gate) == 400)
        for _ in 0..<16 { gate.tick(late: 3, Self.rule) }
        #expect(turnedAway(&gate) == 0)
    }

    @Test("a loop that serves less than what comes sheds until it keeps up, and serves nearly all it can")
    func recovers() {
        // A tick of 50 units serves 50 requests; each that is turned away costs a twentieth of one.
        for load in [25, 100, 200] {
            var gate = OverloadGate()
            var backlog = 0.0
            var served = 0
            for _ in 0..<2000 {
                for _ in 0..<load {
                    let isTurnedAway = gate.turnsAway(OverloadRuleFixture.rule, loops: 1)
                    gate.end()
                    backlog += isTurnedAway ? 0.05 : 1
                    if !isTurnedAway { served += 1 }
                }
                backlog = max(0, backlog - 50)
                gate.tick(late: Int64(backlog), OverloadRuleFixture.rule)
            }
            #expect(backlog < 1500, "\(load): \(backlog)")
            #expect(served >= min(load, 40) * 2000 * 9 / 10, "\(load): \(served)")
            // The load goes away: in less than forty ticks of quiet nobody is turned away.
            for _ in 0..<40 { gate.tick(late: 0, OverloadRuleFixture.rule) }
            #expect(gate.turnsAway(OverloadRuleFixture.rule, loops: 1) == false)
        }
    }

    @Test("the more connections wait after they were turned away, the longer each does, within bounds")
    func pause() {
        var gate = OverloadGate()
        #expect(gate.pause == 250_000_000)
        for _ in 0..<2000 { gate.hold() }
        #expect(gate.pause == 8_000_000_000)
        for _ in 0..<100_000 { gate.hold() }
        #expect(gate.pause == 10_000_000_000)
        for _ in 0..<200_000 { gate.letGo() }
        #expect(gate.pause == 250_000_000)
    }

    private enum OverloadRuleFixture {
        static let rule: OverloadRule = {
            var rule = OverloadRule()
            rule.lag = 100
            return rule
        }()
    }
}
