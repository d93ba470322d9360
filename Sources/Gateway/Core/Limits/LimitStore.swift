internal import Synchronization

/// The buckets of all limits, shared by the event loops: sharded, each shard a few tables behind a lock that is held for one
/// decision. It outlives a reload, and its memory is bounded: beyond `most` live buckets a newcomer shares one with other newcomers
/// of the same limit, so that a flood of names neither fills the memory nor opens a limit.
public final class LimitStore: Sendable {
    private struct Shard: Sendable {
        var rates: LimitTable
        var counts: LimitTable
        var quotas: LimitTable
    }

    /// A mutex that can stand in an array.
    private final class Box: Sendable {
        let mutex: Mutex<Shard>
        init(_ shard: Shard) { mutex = Mutex(shard) }
    }

    private let seedHigh = Atomic<UInt64>(1)
    private let seedLow = Atomic<UInt64>(2)
    private let shards: [Box]

    /// An empty store with room for about `most` live buckets of each kind.
    public init(most: Int = 1 << 20) {
        let places = max(16, (most / Self.shardCount * 8 / 7).nextPowerOfTwo)
        shards = (0..<Self.shardCount).map { _ in
            Box(
                Shard(rates: LimitTable(most: places), counts: LimitTable(most: places), quotas: LimitTable(most: places)))
        }
    }

    private static let shardCount = 64

    private func withShard<Result>(_ key: LimitKey, _ body: (inout Shard) -> Result) -> Result {
        shards[Int(key.high >> 58)].mutex.withLock { body(&$0) }
    }

    /// What is mixed into the keys of addresses.
    public var seed: LimitSeed { LimitSeed(high: seedHigh.load(ordering: .relaxed), low: seedLow.load(ordering: .relaxed)) }

    /// Sets it; once, before anybody is served.
    public func plant(_ seed: LimitSeed) {
        seedHigh.store(seed.high, ordering: .relaxed)
        seedLow.store(seed.low, ordering: .relaxed)
    }

    // MARK: Rates

    /// Asks a rate for one; nil when the table is full, and the limit's own bucket is to be asked.
    func admit(_ key: LimitKey, _ rule: RateRule, now: Int64) -> RateDecision? {
        withShard(key) { shard in
            var decision: RateDecision?
            let isThere = shard.rates.update(key, fresh: .min, isAlive: { $0 > now }) { arrival in
                let (said, next) = RateBucket.decide(rule, cost: 1, seen: arrival, now: now)
                arrival = next
                decision = said
            }
            return isThere ? decision : nil
        }
    }

    /// Gives back what `admit` took.
    func giveBack(_ key: LimitKey, _ rule: RateRule, now: Int64) {
        withShard(key) { shard in
            guard shard.rates[key] != nil else { return }
            _ = shard.rates.update(key, fresh: .min, isAlive: { $0 > now }) { arrival in
                arrival = RateBucket.returned(rule, cost: 1, seen: arrival, now: now)
            }
        }
    }

    // MARK: Concurrency

    /// Enters one more where fewer than `limit` are in; nil when the table is full.
    func enter(_ key: LimitKey, limit: Int) -> Bool? {
        withShard(key) { shard in
            var entered = false
            let isThere = shard.counts.update(key, fresh: 0, isAlive: { $0 > 0 }) { count in
                entered = count < Int64(limit)
                if entered { count += 1 }
            }
            return isThere ? entered : nil
        }
    }

    /// One has gone.
    func leave(_ key: LimitKey) {
        withShard(key) { shard in
            guard shard.counts[key] != nil else { return }
            _ = shard.counts.update(key, fresh: 0, isAlive: { $0 > 0 }) { $0 = max(0, $0 - 1) }
        }
    }

    // MARK: Quotas

    /// Takes one of `limit` in a period; how many are left, negative when there was none. Nil when the table is full.
    func take(_ key: LimitKey, limit: Int, in period: QuotaPeriod) -> Int? {
        withShard(key) { shard in
            var left = -1
            let isThere = shard.quotas.update(key, fresh: 0, isAlive: { QuotaCell($0).isAlive(in: period) }) { value in
                var cell = QuotaCell(value)
                left = cell.take(limit: limit, in: period)
                value = cell.value
            }
            return isThere ? left : nil
        }
    }

    /// Gives back what `take` took.
    func giveBack(_ key: LimitKey, in period: QuotaPeriod) {
        withShard(key) { shard in
            guard shard.quotas[key] != nil else { return }
            _ = shard.quotas.update(key, fresh: 0, isAlive: { QuotaCell($0).isAlive(in: period) }) { value in
                var cell = QuotaCell(value)
                cell.giveBack(in: period)
                value = cell.value
            }
        }
    }

    // MARK: Keeping

    /// What must outlive a restart: quotas, and rates that have more than a second to make up for.
    public func kept(now: Int64) -> [KeptLimit] {
        var kept: [KeptLimit] = []
        for shard in shards {
            shard.mutex.withLock { shard in
                shard.quotas.forEach { key, value in
                    if QuotaCell(value).count > 0 { kept.append(KeptLimit(kind: .quota, high: key.high, low: key.low, value: value)) }
                }
                shard.rates.forEach { key, arrival in
                    let ahead = arrival - now
                    if arrival > now, ahead > 1_000_000_000 {
                        kept.append(KeptLimit(kind: .rate, high: key.high, low: key.low, value: ahead))
                    }
                }
            }
        }
        return kept
    }

    /// Takes what was kept; `elapsed` nanoseconds have passed since.
    public func restore(_ kept: [KeptLimit], elapsed: Int64, now: Int64) {
        for one in kept {
            let key = LimitKey(high: one.high, low: one.low)
            withShard(key) { shard in
                switch one.kind {
                case .quota: _ = shard.quotas.update(key, fresh: 0, isAlive: { _ in true }) { $0 = one.value }
                case .rate:
                    let ahead = one.value - max(0, elapsed)
                    guard ahead > 0 else { return }
                    _ = shard.rates.update(key, fresh: .min, isAlive: { $0 > now }) { $0 = now + ahead }
                }
            }
        }
    }

    /// How many buckets are kept, and the bytes that they take.
    public var size: (buckets: Int, bytes: Int) {
        shards.reduce((0, 0)) { sum, shard in
            shard.mutex.withLock { shard in
                let tables = [shard.rates, shard.counts, shard.quotas]
                return (sum.0 + tables.reduce(0) { $0 + $1.count }, sum.1 + tables.reduce(0) { $0 + $1.bytes })
            }
        }
    }
}

/// One number that outlives a restart.
public struct KeptLimit: Sendable, Hashable {
    /// What it is.
    public enum Kind: String, Sendable { case quota = "q", rate = "r" }

    /// What it is.
    public let kind: Kind
    /// The key's halves.
    public let high: UInt64
    /// The other half.
    public let low: UInt64
    /// Of a quota its cell, of a rate the nanoseconds until its bucket is full.
    public let value: Int64

    /// Makes one.
    public init(kind: Kind, high: UInt64, low: UInt64, value: Int64) {
        self.kind = kind
        self.high = high
        self.low = low
        self.value = value
    }
}

extension Int {
    /// The next power of two, or the number itself where it is one.
    fileprivate var nextPowerOfTwo: Int { self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
