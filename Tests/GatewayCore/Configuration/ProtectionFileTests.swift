import Adapters
import Testing

@testable import GatewayCore

@Suite("What a department's file says of sparing it")
struct ProtectionFileTests {
    private static func department(_ upstream: String = "", _ more: String = "") -> Sources {
        let text = """
            department: lab
            upstream:
              endpoints: [http://127.0.0.1:1]
            \(upstream)
            \(more)
            operations: {}
            """
        return Sources(departments: [("lab.yaml", text)])
    }

    private static func snapshot(_ sources: Sources) throws -> Snapshot {
        let (snapshot, problems) = sources.compile()
        return try #require(snapshot, "\(problems)")
    }

    @Test("nothing: no limit, a breaker for a department that is down for good, and endpoints that fail set aside")
    func defaults() throws {
        let rules = try Self.snapshot(Self.department()).upstreams[0].protection
        #expect(rules == ProtectionRules())
        #expect(rules.concurrent == nil && rules.rate == nil && rules.health == nil)
        #expect(rules.breaker?.failures == 20 && rules.outlier?.slower == nil)
    }

    @Test("limits, breaker, outlier and health in the units of the file")
    func words() throws {
        let text = """
              limits: { concurrent: 32, rate: 20/m, burst: 5, queue: 0, wait: 500ms, bandwidth: 10KiB }
              breaker: { failures: 2, share: 90, window: 1m, pause: 2m }
              outlier: off
              health: { path: "/ping?x=1", every: 1m, status: ["200"] }
            """
        let rules = try Self.snapshot(Self.department(text)).upstreams[0].protection
        #expect(rules.concurrent == 32)
        #expect(rules.rate == RateRule(count: 20, per: .seconds(60), burst: 5))
        #expect(rules.bandwidth == BandwidthRule(rate: 10_240))
        #expect(rules.queue == 0 && rules.wait == 500_000_000)
        #expect(rules.breaker?.share == 90 && rules.breaker?.window == 60_000_000_000)
        // The longest pause is never shorter than the first.
        #expect(rules.breaker?.longestPause == 120_000_000_000)
        #expect(rules.outlier == nil)
        #expect(rules.health?.path == "/ping?x=1" && rules.health?.every == 60_000_000_000 && rules.health?.statuses == [200])
    }

    @Test("a write goes first and a list last unless the file says otherwise; the first row of a table counts")
    func calls() throws {
        let more = """
            priority: { low: cases.withdraw, high: "items.get" }
            retry:
              - { operations: cases.get, on: [connect, "503"], attempts: 4, wait: 1s }
              - { operations: "cases.*", on: timeout, idempotent: true }
            hours: { open: "08:30-17:30", operations: ["cases.s*"] }
            """
        let snapshot = try Self.snapshot(Self.department("", more))
        func rules(_ id: String) throws -> CallRules {
            snapshot.departments[0].callRules[try #require(snapshot.contract.operations.firstIndex { $0.id == id })]
        }
        #expect(try rules("cases.submit").priority == .high)
        #expect(try rules("cases.get").priority == .normal)
        #expect(try rules("items.list").priority == .low)
        #expect(try rules("cases.withdraw").priority == .low)
        #expect(try rules("items.get").priority == .high)
        #expect(
            try rules("cases.get").retry
                == RetryRule(reasons: [.connect, .status(503)], attempts: 4, wait: 1_000_000_000, isIdempotent: false))
        #expect(try rules("cases.submit").retry?.isIdempotent == true)
        #expect(try rules("items.get").retry == nil)
        #expect(try rules("cases.submit").hours != nil)
        #expect(try rules("cases.get").hours == nil)
        #expect(snapshot.departments[0].plainHours == nil)
    }

    @Test("every mistake is found at its place, with what would have been right")
    func mistakes() throws {
        let upstream = """
              limits: { concurrent: 0, rate: 5 per second, burst: 3, wait: soon, queu: 5 }
              breaker: { share: 101, pause: 10s, longest: 5s }
              outlier: { slower: 1 }
              health: { every: 1s }
            """
        let more = """
            priority: { urgent: cases.submit, low: items.lst }
            retry: [{ on: conect, attempts: 1 }, { operations: nothing }]
            hours: { open: "8-17", days: [monday], holidays: ["2026-02-30"] }
            """
        let problems = Self.department(upstream, more).compile().problems
        let told = problems.map(\.description).joined(separator: "\n")
        for part in [
            "'concurrent' is 0", "'5 per second' is no rate", "such as 200/s", "'soon' is no length of time", "did you mean 'queue'?",
            "'share' is 101",
            "'longest' is shorter than 'pause'", "'slower' is 1", "'health' needs 'path'", "unknown key 'urgent'",
            "no operation 'items.lst'", "did you mean 'items.list'?", "'conect' is no reason to call again", "did you mean 'connect'?",
            "'attempts' is 1", "no operation 'nothing'", "'8-17' is no value of 'open'", "'monday' is no value of 'days'",
            "'2026-02-30' is no value of 'holidays'",
        ] {
            #expect(told.contains(part), "\(part) in\n\(told)")
        }
        #expect(problems.allSatisfy { $0.place != nil })
    }

    @Test("health checks over another transport than the loops' own are refused")
    func health() {
        let problems = Self.department("  transport: curl\n  health: { path: / }").compile().problems
        #expect(problems.map(\.rule) == ["wrong-place"])
        let burst = Self.department("  limits: { burst: 3 }").compile().problems
        #expect(burst.map(\.rule) == ["missing-key"])
    }
}
