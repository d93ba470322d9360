import Testing

@testable import GatewayCore

@Suite("Bandwidth") struct BandwidthTests {
    private static let second: Int64 = 1_000_000_000

    @Test("over any stretch of time no more passes than the rate and a rested line's head start", arguments: 1...40)
    func never(seed: UInt64) {
        var random = SplitMix(state: seed)
        let rule = BandwidthRule(rate: Int(random.next() % 5_000_000) + 1024)
        let bucket = BandwidthBucket()
        var now = Int64(random.next() % 1_000_000)
        var passed: [(at: Int64, bytes: Int)] = []
        for _ in 0..<400 {
            // Some ask in a crowd, some after a rest.
            now += random.next() % 4 == 0 ? Int64(random.next() % UInt64(2 * Self.second)) : Int64(random.next() % 1_000_000)
            let bytes = Int(random.next() % UInt64(BandwidthRule.piece)) + 1
            passed.append((max(now, bucket.reserve(bytes, rule, now: now)), bytes))
        }
        passed.sort { $0.at < $1.at }
        for first in stride(from: 0, to: passed.count, by: 7) {
            var sum = 0
            for last in first..<passed.count {
                sum += passed[last].bytes
                let window = Double(passed[last].at - passed[first].at + rule.ahead) / 1e9
                #expect(Double(sum) <= Double(rule.rate) * window + Double(BandwidthRule.piece) + 1)
            }
        }
    }

    @Test("who stays below the rate never waits; who goes beyond waits just as long as the bytes before it take")
    func always() {
        let rule = BandwidthRule(rate: 1_000_000)
        let bucket = BandwidthBucket()
        for step in 0..<1000 {
            let now = Int64(step) * 10_000_000
            #expect(bucket.reserve(10_000, rule, now: now) <= now)
        }
        let busy = BandwidthBucket()
        // A rested line is a tenth of a second ahead: that much goes at once.
        #expect(busy.reserve(100_000, rule, now: Self.second) == Self.second - rule.ahead)
        #expect(busy.reserve(16_000, rule, now: Self.second) == Self.second)
        #expect(busy.reserve(16_000, rule, now: Self.second) == Self.second + 16_000_000)
        #expect(busy.reserve(1, rule, now: Self.second) == Self.second + 32_000_000)
    }

    @Test("a wider rule takes effect at once, and the strangest numbers do no harm")
    func changes() {
        let bucket = BandwidthBucket()
        #expect(BandwidthRule(rate: 0).rate == BandwidthRule.least && BandwidthRule(rate: .max).rate == BandwidthRule.most)
        let slow = BandwidthRule(rate: 0)
        _ = bucket.reserve(2048, slow, now: 0)
        let due = bucket.reserve(1, BandwidthRule(rate: 1 << 30), now: 0)
        #expect(due <= 2 * Self.second)
        #expect(bucket.reserve(.max, slow, now: 0) < .max / 2)
        #expect(BandwidthBucket().reserve(0, slow, now: .min / 2) < 0)
    }
}
