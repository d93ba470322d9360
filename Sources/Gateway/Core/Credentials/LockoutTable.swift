internal import Synchronization

/// When repeated failures lock somebody out, and for how long.
public struct LockoutRule: Sendable, Hashable {
    /// So many failures from one address lock it.
    public var failures = 30
    /// So many in one consumer's name, from whatever addresses, lock the consumer.
    public var consumerFailures = 300
    /// Within this time, in nanoseconds.
    public var window: Int64 = 60_000_000_000
    /// For this time, in nanoseconds.
    public var duration: Int64 = 60_000_000_000
    /// Addresses that are never locked, such as those of a load balancer, behind which everybody is.
    public var except: [AddressRange] = ["127.0.0.0/8", "::1"].compactMap { AddressRange($0) }

    /// The defaults.
    public init() {}
}

/// Who is locked out: a table of fixed size, shared by all event loops; it outlives a reload. Times are nanoseconds of a monotonic clock.
///
/// Where there is no room the entry that says least makes way: one whose time is over, otherwise the one with the fewest failures.
public final class LockoutTable: Sendable {
    /// Whose failures are counted.
    public enum Subject: Sendable, Hashable {
        /// An address; of IPv6 the network of 64 bits, which is one subscriber.
        case address(ClientAddress)
        /// Whoever uses a key, known or not.
        case claim(String)
    }

    private struct Entry {
        var subject: UInt64 = 0
        var since: Int64 = 0
        var failures = 0
        var lockedUntil: Int64 = 0
    }

    private final class Shard: Sendable {
        let entries = Mutex<[Entry]>([])
    }

    private static let ways = 4
    private static let perShard = 4096
    private let shards = (0..<16).map { _ in Shard() }
    /// The end of the lock that ends last: while it is past, nobody is locked and nobody need look.
    private let last = Atomic<Int64>(.min)

    /// Nobody is locked out.
    public init() {}

    /// Whether anybody may be locked at all.
    public func mayLock(at now: Int64) -> Bool { last.load(ordering: .relaxed) > now }

    /// When the lock of a subject ends; nil when it has none.
    public func lock(of subject: Subject, now: Int64) -> Int64? {
        guard last.load(ordering: .relaxed) > now else { return nil }
        let word = LockoutTable.word(subject)
        return shards[Int(word & 15)].entries.withLock { entries in
            guard !entries.isEmpty else { return nil }
            for index in LockoutTable.set(word) where entries[index].subject == word && entries[index].lockedUntil > now {
                return entries[index].lockedUntil
            }
            return nil
        }
    }

    /// Counts a failure; true when it is the one that locks.
    public func failed(_ subject: Subject, _ rule: LockoutRule, now: Int64) -> Bool {
        let word = LockoutTable.word(subject)
        let most: Int
        switch subject {
        case .address: most = rule.failures
        case .claim: most = rule.consumerFailures
        }
        let until = now &+ rule.duration
        let locks = shards[Int(word & 15)].entries.withLock { entries in
            if entries.isEmpty { entries = [Entry](repeating: Entry(), count: LockoutTable.perShard) }
            let index = LockoutTable.place(word, in: entries, now: now, window: rule.window)
            if entries[index].subject != word || now - entries[index].since > rule.window {
                let lockedUntil = entries[index].subject == word ? entries[index].lockedUntil : 0
                entries[index] = Entry(subject: word, since: now, failures: 0, lockedUntil: lockedUntil)
            }
            entries[index].failures += 1
            guard entries[index].failures == most else { return false }
            entries[index].lockedUntil = until
            return true
        }
        if locks {
            var seen = last.load(ordering: .relaxed)
            while seen < until {
                let (exchanged, original) = last.weakCompareExchange(expected: seen, desired: until, ordering: .relaxed)
                if exchanged { break }
                seen = original
            }
        }
        return locks
    }

    /// The places that an entry may have.
    private static func set(_ word: UInt64) -> Range<Int> {
        let first = Int((word >> 4) % UInt64(perShard / ways)) * ways
        return first..<first + ways
    }

    private static func place(_ word: UInt64, in entries: [Entry], now: Int64, window: Int64) -> Int {
        var best = set(word).lowerBound
        var weight = Int.max
        for index in set(word) {
            let entry = entries[index]
            if entry.subject == word { return index }
            let isOver = entry.lockedUntil <= now && now - entry.since > window
            let own = entry.subject == 0 || isOver ? 0 : entry.lockedUntil > now ? Int.max - 1 : entry.failures
            if own < weight { (best, weight) = (index, own) }
        }
        return best
    }

    private static func word(_ subject: Subject) -> UInt64 {
        var hasher = Hasher()
        switch subject {
        case .address(let address):
            hasher.combine(0)
            hasher.combine(address.high)
            // IPv4 stands behind 80 zero bits and 16 ones; what else has an upper half is a network.
            if address.high == 0 { hasher.combine(address.low) }
        case .claim(let text):
            hasher.combine(1)
            hasher.combine(text)
        }
        let word = UInt64(bitPattern: Int64(hasher.finalize()))
        // Zero stands for an empty place.
        return word == 0 ? 1 : word
    }
}
