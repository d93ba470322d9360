import Foundation
import Testing

@testable import GatewayCore

/// A small generator with a fixed seed (SplitMix64), so that a failure can be repeated.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

private let suite: URL = {
    let shared =
        ProcessInfo.processInfo.environment["TONGBAN_SHARED"].map { URL(fileURLWithPath: $0) }
        ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared")
    return shared.appendingPathComponent("suites/ratelimit/gcra-throttled.json")
}()

private struct Table: Decodable {
    struct Row: Decodable {
        let now, volume, remaining, reset, retry: Int64
        let limited: Bool

        init(from decoder: any Decoder) throws {
            var row = try decoder.unkeyedContainer()
            now = try row.decode(Int64.self)
            volume = try row.decode(Int64.self)
            remaining = try row.decode(Int64.self)
            reset = try row.decode(Int64.self)
            retry = try row.decode(Int64.self)
            limited = try row.decode(Bool.self)
        }
    }

    let limit: Int
    let cases: [Row]
}

private let second: Int64 = 1_000_000_000
private let millisecond: Int64 = 1_000_000

@Suite struct RateBucketTests {
    @Test(
        "The 16 rows of throttled's table come out the same",
        .enabled(if: FileManager.default.fileExists(atPath: suite.path), "shared/suites/ratelimit is absent"))
    func throttledTable() throws {
        let table = try JSONDecoder().decode(Table.self, from: Data(contentsOf: suite))
        #expect(table.cases.count == 16)
        let rule = try #require(RateRule(count: 1, per: .seconds(1), burst: table.limit))
        let bucket = RateBucket()
        for (index, row) in table.cases.enumerated() {
            let decision = bucket.admit(rule, cost: Int(row.volume), now: row.now * millisecond)
            #expect(decision.allowed == !row.limited, "row \(index)")
            #expect(decision.remaining == Int(row.remaining), "row \(index)")
            #expect(decision.resetAfter == row.reset * millisecond, "row \(index)")
            #expect(decision.retryAfter == (row.retry < 0 ? nil : row.retry * millisecond), "row \(index)")
        }
    }

    @Test("No window admits more than the burst and what the rate earned", arguments: 0..<40)
    func windows(seed: Int) throws {
        var random = SeededGenerator(state: UInt64(seed))
        let burst = Int.random(in: 1...20, using: &random)
        let rule = try #require(RateRule(count: Int.random(in: 1...500, using: &random), per: .seconds(1), burst: burst))
        let bucket = RateBucket()
        var now = Int64.random(in: 0...1_000_000_000_000, using: &random)
        var admitted: [Int64] = []
        for _ in 0..<3_000 {
            now += Int64.random(in: 0...(rule.interval * 2), using: &random) * (Int.random(in: 0..<50, using: &random) == 0 ? 40 : 1) / 3
            if bucket.admit(rule, now: now).allowed { admitted.append(now) }
        }
        #expect(admitted.count > 100)
        for start in stride(from: 0, to: admitted.count, by: 7) {
            for end in stride(from: start, to: admitted.count, by: 3) {
                let earned = (admitted[end] - admitted[start]) / rule.interval
                #expect(Int64(end - start + 1) <= Int64(burst) + earned)
            }
        }
    }

    @Test("A client at or below its rate is never refused", arguments: [1, 3, 7, 10, 200, 999, 100_000])
    func belowRate(count: Int) throws {
        let rule = try #require(RateRule(count: count, per: .seconds(1), burst: 1))
        let bucket = RateBucket()
        var random = SeededGenerator(state: UInt64(count))
        var now: Int64 = 12_345
        for request in 0..<20_000 {
            #expect(bucket.admit(rule, now: now).allowed, "request \(request)")
            now += rule.interval + Int64.random(in: 0...2, using: &random)
        }
    }

    @Test("A request is admitted exactly when retryAfter has passed")
    func retryAfterIsExact() throws {
        let rule = try #require(RateRule(count: 3, per: .seconds(1), burst: 4))
        let bucket = RateBucket()
        for _ in 0..<4 { #expect(bucket.admit(rule, now: 500).allowed) }
        let wait = try #require(bucket.admit(rule, cost: 2, now: 500).retryAfter)
        #expect(!bucket.admit(rule, cost: 2, now: 500 + wait - 1).allowed)
        #expect(bucket.admit(rule, cost: 2, now: 500 + wait).allowed)
    }

    @Test("A clock that steps back neither opens nor locks the bucket", arguments: [1, 3_600, 86_400 * 365])
    func clockStepsBack(seconds: Int64) throws {
        let rule = try #require(RateRule(count: 10, per: .seconds(1), burst: 5))
        let bucket = RateBucket()
        let late = 400 * 86_400 * second
        while bucket.admit(rule, now: late).allowed {}
        let early = late - seconds * second
        #expect(!bucket.admit(rule, now: early).allowed)
        let wait = try #require(bucket.admit(rule, now: early).retryAfter)
        #expect(wait <= rule.interval)
        var admitted = 0
        for step in 0...100 where bucket.admit(rule, now: early + Int64(step) * rule.interval / 10).allowed { admitted += 1 }
        #expect(admitted == 10)
    }

    @Test("Loops whose clocks differ by milliseconds get no more together than the rate")
    func clocksApart() throws {
        let rule = try #require(RateRule(count: 1_000, per: .seconds(1), burst: 1))
        let bucket = RateBucket()
        var admitted = 0
        for step in Int64(0)..<100_000 {
            let behind = step % 2 == 0 ? 0 : 5 * millisecond
            if bucket.admit(rule, now: second + step * 10_000 - behind).allowed { admitted += 1 }
        }
        #expect(admitted == 1_000)
    }

    @Test("A cost over the burst is refused for good and takes nothing")
    func overBurst() throws {
        let rule = try #require(RateRule(count: 1, per: .seconds(1), burst: 5))
        let bucket = RateBucket()
        let decision = bucket.admit(rule, cost: .max, now: 0)
        #expect(decision == RateDecision(allowed: false, remaining: 5, resetAfter: 0, retryAfter: nil))
        #expect(bucket.admit(rule, cost: -3, now: 0).remaining == 5)
        #expect(bucket.admit(rule, cost: 5, now: 0).allowed)
    }

    @Test("What is given back can be taken again, and a full bucket does not overflow")
    func giveBack() throws {
        let rule = try #require(RateRule(count: 1, per: .seconds(1), burst: 2))
        let bucket = RateBucket()
        bucket.giveBack(rule, now: 0)
        #expect(bucket.admit(rule, now: 0).allowed)
        #expect(bucket.admit(rule, now: 0).remaining == 0)
        bucket.giveBack(rule, now: 0)
        #expect(bucket.admit(rule, now: 0).allowed)
        #expect(!bucket.admit(rule, now: 0).allowed)
        bucket.giveBack(rule, cost: 2, now: second)
        #expect(bucket.admit(rule, cost: 0, now: second).remaining == 2)
    }

    @Test("A lower rate after a reload keeps what was used and locks nobody out for longer than its own burst")
    func ruleChange() throws {
        let wide = try #require(RateRule(count: 1, per: .seconds(3_600), burst: 10))
        let tight = try #require(RateRule(count: 1, per: .seconds(1), burst: 2))
        let bucket = RateBucket()
        #expect(bucket.admit(wide, cost: 10, now: 0).allowed)
        let decision = bucket.admit(tight, now: 0)
        #expect(!decision.allowed)
        #expect(decision.retryAfter == second)
    }

    @Test("Rules out of bounds are refused")
    func ruleBounds() {
        #expect(RateRule(count: 0, per: .seconds(1)) == nil)
        #expect(RateRule(count: 1, per: .zero) == nil)
        #expect(RateRule(count: 1, per: .seconds(-1)) == nil)
        #expect(RateRule(count: 1, per: .milliseconds(-1)) == nil)
        #expect(RateRule(count: 1, per: .seconds(1), burst: 0) == nil)
        #expect(RateRule(count: .max, per: .seconds(1)) == nil)
        #expect(RateRule(count: 1, per: .seconds(367 * 86_400)) == nil)
        #expect(RateRule(count: 1, per: .seconds(1), burst: .max) == nil)
        #expect(RateRule(count: 1_000_000, per: .seconds(1), burst: 1_000_000_000)?.interval == 1_000)
        #expect(RateRule(count: 200, per: .seconds(1))?.burst == 200)
    }

    @Test("Threads together get no more than the burst")
    func concurrently() async throws {
        let rule = try #require(RateRule(count: 1, per: .seconds(1), burst: 1_000))
        let bucket = RateBucket()
        let admitted = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 { group.addTask { (0..<1_000).reduce(0) { sum, _ in sum + (bucket.admit(rule, now: 7).allowed ? 1 : 0) } } }
            return await group.reduce(0, +)
        }
        #expect(admitted == 1_000)
    }
}

@Suite struct BucketRegistryTests {
    @Test("A reload keeps the buckets it names and drops the others")
    func reload() throws {
        let rule = try #require(RateRule(count: 1, per: .seconds(60), burst: 1))
        let registry = BucketRegistry()
        let portal = BucketKey(owner: "portal", limit: "default")
        let harbin = BucketKey(owner: "harbin", limit: "default")
        #expect(registry.bucket(for: portal).admit(rule, now: 0).allowed)
        #expect(registry.bucket(for: harbin).admit(rule, now: 0).allowed)
        registry.retain(only: [portal])
        #expect(registry.count == 1)
        #expect(!registry.bucket(for: portal).admit(rule, now: 0).allowed)
        #expect(registry.bucket(for: harbin).admit(rule, now: 0).allowed)
        #expect(registry.bucket(for: BucketKey(owner: "portal", limit: "submit")) !== registry.bucket(for: portal))
    }
}

@Suite struct RateLimitFieldsTests {
    private func text(_ fields: RateLimitFields, _ decision: RateDecision) -> String {
        var bytes: [UInt8] = []
        fields.append(decision, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("An accepted request is told what remains and when the bucket is full")
    func accepted() throws {
        let rule = try #require(RateRule(count: 100, per: .seconds(60), burst: 20))
        let fields = try #require(RateLimitFields(name: "portal", rule: rule))
        let decision = RateDecision(allowed: true, remaining: 19, resetAfter: 600_000_001, retryAfter: nil)
        #expect(text(fields, decision) == "RateLimit: \"portal\";r=19;t=1\r\nRateLimit-Policy: \"portal\";q=100;w=60\r\n")
        #expect(fields.policy == "\"portal\";q=100;w=60")
    }

    @Test("A refused request is told when to come again, in whole seconds rounded up")
    func refused() throws {
        let rule = try #require(RateRule(count: 1, per: .milliseconds(1_500)))
        let fields = try #require(RateLimitFields(name: "a\"b\\c", rule: rule))
        let decision = RateDecision(allowed: false, remaining: 0, resetAfter: 1_500_000_000, retryAfter: 1_000_000_001)
        #expect(
            text(fields, decision)
                == "RateLimit: \"a\\\"b\\\\c\";r=0;t=2\r\nRateLimit-Policy: \"a\\\"b\\\\c\";q=1\r\nRetry-After: 2\r\n")
        #expect([0, 1, second, second + 1, -5].map(RateLimitFields.seconds) == [0, 1, 1, 2, 0])
    }

    @Test("A name that no structured field can hold is refused; a buffer that is too small gets nothing")
    func bounds() throws {
        let rule = try #require(RateRule(count: 1, per: .seconds(1)))
        for name in ["", "市", "a\r\nX: y", "a\u{7F}", String(repeating: "a", count: 65)] {
            #expect(RateLimitFields(name: name, rule: rule) == nil)
        }
        let fields = try #require(RateLimitFields(name: "n", rule: rule))
        let decision = RateDecision(allowed: false, remaining: .max, resetAfter: .max, retryAfter: .max)
        let whole = text(fields, decision).utf8.count
        #expect(whole > 100 && whole <= fields.maximumLength)
        for size in 0..<whole {
            var bytes = [UInt8](repeating: 0, count: size)
            #expect(bytes.withUnsafeMutableBytes { fields.write(decision, to: $0) } == 0)
        }
    }
}
