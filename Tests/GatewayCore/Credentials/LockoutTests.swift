import Adapters
import Testing

@testable import GatewayCore

@Suite("Repeated failures") struct LockoutTests {
    typealias Outcome = SignedCall.Outcome

    private static let rule = "lockout: { failures: 3, consumer-failures: 5, within: 1m, for: 2m, except: [10.0.0.0/8] }"
    private static let good = SignedCall(fields: [("X-Api-Key", "demo-daqing-key")])
    private static let bad = SignedCall(fields: [("X-Api-Key", "demo-daqing-kez")])
    private static let second: Int64 = 1_000_000_000

    private func snapshot(_ rule: String = rule) throws -> Snapshot {
        try SignedCall.snapshot(#"signatures: [{ key: "60030305", secret: CA }]"#, top: rule)
    }

    private func at(_ seconds: Int64, _ call: SignedCall, from client: String = "203.0.113.7") -> SignedCall {
        var copy = call
        copy.uptime = seconds * Self.second
        copy.client = client
        return copy
    }

    @Test("from one address lock it for a while, whatever it then sends, and nobody else")
    func address() throws {
        let snapshot = try snapshot()
        for second: Int64 in 1...3 { #expect(try at(second, Self.bad).outcome(snapshot) == .refused(.badCredential, .unknownKey)) }
        let (facts, fault) = try at(4, Self.good).ask(snapshot)
        #expect(fault?.code == .rateLimited)
        #expect(facts.credential?.failure == .locked)
        #expect(facts.credential?.retryAfter == 119)
        #expect(try at(4, Self.good, from: "203.0.113.8").outcome(snapshot) == .admitted)
        #expect(try at(122, Self.good).outcome(snapshot) == .refused(.rateLimited, .locked))
        #expect(try at(124, Self.good).outcome(snapshot) == .admitted)
    }

    @Test("the one that locks is marked, once")
    func marked() throws {
        let snapshot = try snapshot()
        let marks = try (1...5).map { try at($0, Self.bad).ask(snapshot).facts.credential?.locksNow }
        #expect(marks == [false, false, true, false, false])
    }

    @Test("that lie far apart, are no guesses, or come from an address that is excepted do not lock")
    func harmless() throws {
        let snapshot = try snapshot()
        for number: Int64 in 0..<6 {
            #expect(try at(1 + number * 61, Self.bad).outcome(snapshot).reason == .unknownKey)
            #expect(try at(1000 + number, SignedCall()).outcome(snapshot).reason == .missing)
            #expect(try at(1000 + number, Self.bad, from: "10.1.2.3").outcome(snapshot).reason == .unknownKey)
        }
        #expect(try at(1010, Self.good).outcome(snapshot) == .admitted)
        #expect(try at(1010, Self.good, from: "10.1.2.3").outcome(snapshot) == .admitted)
        let off = try self.snapshot("lockout: off")
        for second: Int64 in 1...50 { #expect(try at(second, Self.bad).outcome(off).reason == .unknownKey) }
    }

    @Test("in one consumer's name lock the consumer, whatever addresses they come from, and no other")
    func consumer() throws {
        let snapshot = try snapshot()
        let wrong = SignedCall.xca.with("X-Ca-Signature", "AAAA")
        for number in 1...5 {
            #expect(try at(Int64(number), wrong, from: "203.0.113.\(number)").outcome(snapshot).reason == .wrongSignature)
        }
        #expect(try at(6, SignedCall.xca, from: "203.0.113.99").outcome(snapshot) == .refused(.rateLimited, .locked))
        // The consumer is the same, by whichever of its keys it comes.
        #expect(try at(6, Self.good, from: "203.0.113.99").outcome(snapshot) == .refused(.rateLimited, .locked))
    }

    @Test("are counted in a table of fixed size: many addresses fill it, and those that are locked stay")
    func bounded() throws {
        let table = LockoutTable()
        var rule = LockoutRule()
        rule.failures = 3
        func address(_ number: Int) -> LockoutTable.Subject { .address(ClientAddress(high: UInt64(number) << 16 | 0x2001, low: 1)) }
        for _ in 0..<3 { _ = table.failed(address(999_999_999), rule, now: 0) }
        for number in 0..<300_000 { #expect(!table.failed(address(number), rule, now: 1)) }
        #expect(table.lock(of: address(999_999_999), now: 2) != nil)
        #expect(table.lock(of: address(5), now: 2) == nil)
    }

    @Test("a rule that cannot be meant is a problem with its place")
    func problems() {
        for text in [
            "lockout: { failures: 1 }", "lockout: { within: 2d }", "lockout: { except: [10.0.0.1/8] }", "lockout: { faliures: 4 }",
        ] {
            let found = SignedCall.configuration("", top: text).compile().problems
            #expect(found.contains { $0.severity == .error && $0.place != nil }, "\(text)")
        }
    }
}
