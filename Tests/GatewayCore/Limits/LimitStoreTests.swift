import Adapters
import Testing

@testable import GatewayCore

private let second: Int64 = 1_000_000_000

@Suite("The buckets of limits")
struct LimitStoreTests {
    private func key(_ number: Int) -> LimitKey {
        var key = LimitKey("test")
        key.mix(UInt64(number))
        return key
    }

    @Test("a rate has a bucket for each key, with the algorithm of the single bucket")
    func rates() throws {
        let store = LimitStore()
        let rule = try #require(RateRule(count: 3, per: .seconds(1), burst: 2))
        let single = RateBucket()
        var random = SplitMix(state: 3)
        var now: Int64 = 5
        for _ in 0..<2000 {
            now += Int64.random(in: 0...second / 3, using: &random)
            #expect(store.admit(key(1), rule, now: now) == single.admit(rule, now: now))
            if Int.random(in: 0..<9, using: &random) == 0 {
                store.giveBack(key(1), rule, now: now)
                single.giveBack(rule, now: now)
            }
        }
        #expect(store.admit(key(2), rule, now: now)?.remaining == 1)
    }

    @Test("no window of any key admits more than the burst and what the rate earned; a client below its rate is never refused")
    func windows() throws {
        let store = LimitStore(most: 64)
        let rule = try #require(RateRule(count: 10, per: .seconds(1), burst: 4))
        var random = SplitMix(state: 11)
        var admitted = [[Int64]](repeating: [], count: 8)
        var now: Int64 = 1
        for _ in 0..<20_000 {
            now += Int64.random(in: 0...second / 200, using: &random)
            let who = Int.random(in: 0..<8, using: &random)
            if try #require(store.admit(key(who), rule, now: now)).allowed { admitted[who].append(now) }
        }
        for times in admitted {
            #expect(times.count > 50)
            for start in stride(from: 0, to: times.count, by: 5) {
                for end in stride(from: start, to: times.count, by: 3) {
                    #expect(Int64(end - start + 1) <= 4 + (times[end] - times[start]) / (second / 10))
                }
            }
        }
        for step in 0..<500 { #expect(store.admit(key(99), rule, now: now + Int64(step) * second / 10)?.allowed == true) }
    }

    @Test("a million live buckets take less than 200 bytes each, and full ones make room by themselves")
    func memory() throws {
        let store = LimitStore(most: 1 << 20)
        let rule = try #require(RateRule(count: 1, per: .seconds(60)))
        let admitted = (0..<1_000_000).count { store.admit(key($0), rule, now: 1)?.allowed == true }
        #expect(admitted == 1_000_000)
        let (buckets, bytes) = store.size
        #expect(buckets == 1_000_000)
        #expect(bytes / buckets <= 200, "\(bytes / buckets) bytes")
        for number in [0, 1, 500_000, 999_999] { #expect(store.admit(key(number), rule, now: 2)?.allowed == false) }
        // A minute later all of them are full again, and worth nothing.
        for number in 1_000_000..<2_000_000 { _ = store.admit(key(number), rule, now: 61 * second) }
        #expect(store.size.bytes <= 2 * bytes)
    }

    @Test("beyond its room the store says so, and keeps what is alive")
    func bounded() throws {
        let store = LimitStore(most: 1 << 10)
        let rule = try #require(RateRule(count: 1, per: .seconds(60)))
        var refused = 0
        for number in 0..<10_000 where store.admit(key(number), rule, now: 1) == nil { refused += 1 }
        #expect(refused > 7000)
        #expect(store.size.buckets + refused == 10_000)
        #expect(store.size.bytes <= 3 * 24 * 4096)
        for number in 0..<20 where store.admit(key(number), rule, now: 2) != nil {
            #expect(store.admit(key(number), rule, now: 2)?.allowed == false)
        }
    }

    @Test("at once: as many as there may be, and a place is free when one goes")
    func concurrency() {
        let store = LimitStore()
        #expect(store.enter(key(1), limit: 2) == true)
        #expect(store.enter(key(1), limit: 2) == true)
        #expect(store.enter(key(1), limit: 2) == false)
        #expect(store.enter(key(2), limit: 2) == true)
        store.leave(key(1))
        #expect(store.enter(key(1), limit: 2) == true)
        #expect(store.enter(key(1), limit: 2) == false)
        store.leave(key(3))
        #expect(store.size.buckets == 2)
    }

    @Test("a quota begins anew at midnight in Asia/Shanghai, and says when that is")
    func quotas() throws {
        let store = LimitStore()
        let evening = try #require(CivilTime(year: 2026, month: 11, day: 30, hour: 23, minute: 59, second: 50)).epochSeconds
        let today = QuotaPeriod(.day, at: evening)
        #expect(today.ends == 10)
        #expect((0..<4).map { _ in store.take(key(1), limit: 3, in: today) } == [2, 1, 0, -1])
        store.giveBack(key(1), in: today)
        #expect(store.take(key(1), limit: 3, in: today) == 0)
        #expect(store.take(key(1), limit: 3, in: QuotaPeriod(.day, at: evening + 9)) == -1)
        #expect(store.take(key(1), limit: 3, in: QuotaPeriod(.day, at: evening + 10)) == 2)
        let month = QuotaPeriod(.month, at: evening)
        #expect(month.ends == 10)
        #expect(QuotaPeriod(.month, at: evening + 10).number == month.number + 1)
        let february = try #require(CivilTime(year: 2028, month: 2, day: 1)).epochSeconds
        #expect(QuotaPeriod(.month, at: february).ends == 29 * 86_400)
    }

    @Test("a clock that steps back keeps what was used of a quota, and locks none until a day that was never there")
    func clockSteps() {
        let store = LimitStore()
        let now: Int64 = 1_780_000_000
        for _ in 0..<3 { _ = store.take(key(1), limit: 5, in: QuotaPeriod(.day, at: now)) }
        // Ten days ahead is another day; back again, what was used last stays used.
        #expect(store.take(key(1), limit: 5, in: QuotaPeriod(.day, at: now + 864_000)) == 4)
        #expect(store.take(key(1), limit: 5, in: QuotaPeriod(.day, at: now)) == 3)
        // Back beyond yesterday: what was used stays used.
        #expect(store.take(key(1), limit: 5, in: QuotaPeriod(.day, at: now - 864_000)) == 2)
    }

    @Test("what is kept and taken back is the same: quotas whole, rates less what has passed")
    func restart() throws {
        let store = LimitStore()
        let rule = try #require(RateRule(count: 1, per: .seconds(60), burst: 3))
        let day = QuotaPeriod(.day, at: 1_780_000_000)
        for _ in 0..<3 {
            _ = store.admit(key(1), rule, now: 7)
            _ = store.take(key(2), limit: 10, in: day)
        }
        let kept = store.kept(now: 7)
        #expect(kept.count == 2)
        // Another process, whose clock began elsewhere; a minute has passed.
        let next = LimitStore()
        next.restore(kept, elapsed: 60 * second, now: 900 * second)
        #expect(next.admit(key(1), rule, now: 900 * second)?.allowed == true)
        #expect(next.admit(key(1), rule, now: 900 * second)?.allowed == false)
        #expect(next.take(key(2), limit: 10, in: day) == 6)
        // A wall clock that stepped back meanwhile locks nothing for longer than a full burst takes.
        let back = LimitStore()
        back.restore(kept, elapsed: -500_000 * second, now: 0)
        #expect(back.admit(key(1), rule, now: 0)?.allowed == false)
        #expect(back.admit(key(1), rule, now: 60 * second)?.allowed == true)
    }

    @Test("keys that differ in one word differ, and addresses of one IPv6 network are one")
    func keys() throws {
        var seen: Set<LimitKey> = []
        for number in 0..<20_000 { seen.insert(key(number)) }
        for name in ["a", "b", "ab", "ba", "a b"] { seen.insert(LimitKey(name)) }
        #expect(seen.count == 20_005)
        func network(_ text: String, _ seed: LimitSeed = LimitSeed(high: 5, low: 6)) throws -> LimitKey {
            var key = LimitKey("x")
            try #require(ClientAddress(text)).mixNetwork(into: &key, seed)
            return key
        }
        #expect(try network("2001:db8::1") == network("2001:db8::ffff:1"))
        #expect(try network("2001:db8::1") != network("2001:db8:0:1::1"))
        #expect(try network("10.0.0.1") != network("10.0.0.2"))
        #expect(try network("10.0.0.1") != network("10.0.0.1", LimitSeed(high: 7, low: 6)))
    }
}
