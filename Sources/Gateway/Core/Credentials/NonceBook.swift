internal import Synchronization

/// The nonces of one credential that were seen while their time counts. Shared by all event loops; a lock is held for a look-up.
///
/// Bounded: when it is full, the second with the oldest requests is forgotten and no request of that second or an older one is taken any more.
/// So a flood shortens the time that a request may be old; it never lets one in twice, and it never grows.
public final class NonceBook: Sendable {
    /// What the book says of a nonce.
    public enum Verdict: Sendable, Hashable {
        /// Not seen before; it is noted now.
        case fresh
        /// Seen before.
        case seen
        /// Of a time of which the book knows nothing any more.
        case forgotten
    }

    private struct State {
        /// The nonces, in parts, so that growing is never long.
        var known = [Set<UInt64>](repeating: [], count: NonceBook.parts)
        /// The nonces of each second, for forgetting them.
        var seconds: [Int64: [UInt64]] = [:]
        var count = 0
        /// Requests before this second are not taken.
        var floor = Int64.min
        /// The second up to which old ones were dropped.
        var swept = Int64.min
    }

    private static let parts = 16

    private let state = Mutex(State())
    private let limit: Int

    /// An empty book of at most `limit` nonces.
    public init(limit: Int) { self.limit = max(1, limit) }

    /// How many nonces are kept.
    public var count: Int { state.withLock { $0.count } }

    /// Notes a nonce of a request whose signature is right. The request's own time and the present are seconds since 1970; requests
    /// further from now than `skew` seconds are not taken by whoever asks.
    public func note(_ nonce: String, of time: Int64, now: Int64, skew: Int64) -> Verdict {
        var hasher = Hasher()
        hasher.combine(nonce)
        // Hashed with a key that the process chose at random, so nobody outside can make two alike.
        let word = UInt64(bitPattern: Int64(hasher.finalize()))
        let part = Int(word % UInt64(NonceBook.parts))
        return state.withLock { state in
            NonceBook.sweep(&state, before: now - skew - 1)
            guard time >= state.floor else { return .forgotten }
            guard state.known[part].insert(word).inserted else { return .seen }
            state.seconds[time, default: []].append(word)
            state.count += 1
            while state.count > limit, let oldest = state.seconds.keys.min() {
                NonceBook.drop(oldest, &state)
                state.floor = max(state.floor, oldest + 1)
            }
            return .fresh
        }
    }

    private static func sweep(_ state: inout State, before second: Int64) {
        guard second > state.swept else { return }
        state.swept = second
        for old in state.seconds.keys where old < second { drop(old, &state) }
    }

    private static func drop(_ second: Int64, _ state: inout State) {
        for word in state.seconds.removeValue(forKey: second) ?? [] {
            if state.known[Int(word % UInt64(parts))].remove(word) != nil { state.count -= 1 }
        }
    }
}
