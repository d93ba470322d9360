public import Adapters
internal import Synchronization

/// Where an issuer's keys come from. Read on the path of requests; what is fetched is put in by whoever performs, and what was there stays
/// until something better is: an issuer that is down for a while changes nothing.
public final class TokenKeySource: Sendable {
    /// How keys are fetched.
    public struct Remote: Sendable, Hashable {
        /// Where.
        public let upstream: UpstreamSettings
        /// The path of the key set.
        public let path: String
        /// How long keys are used before they are fetched again, in nanoseconds.
        public let refresh: Int64
        /// The algorithm of keys that name none.
        public let usual: TokenAlgorithm?
    }

    private struct State {
        var keys: TokenKeySet?
        var due = Int64.min
        var failures = 0
        var isFetching = false
        var lastAsked = Int64.min
    }

    /// How to fetch; nil for keys that came with the configuration.
    public let remote: Remote?
    private let state: Mutex<State>
    private let asked = Atomic<Bool>(false)
    private let count: Atomic<UInt64>

    /// No keys, ever: those of a configuration that is only checked.
    static let none = TokenKeySource()

    private init() {
        remote = nil
        state = Mutex(State())
        count = Atomic(0)
    }

    /// Keys that are there.
    init(_ keys: TokenKeySet) {
        remote = nil
        state = Mutex(State(keys: keys))
        count = Atomic(1)
    }

    /// Keys that are fetched.
    init(_ remote: Remote) {
        self.remote = remote
        state = Mutex(State())
        count = Atomic(0)
    }

    /// A number that is another whenever the keys are.
    var generation: UInt64 { count.load(ordering: .acquiring) }

    /// The keys and their `generation`; nil before the first ones came.
    public var current: (keys: TokenKeySet, generation: UInt64)? {
        state.withLock { state in state.keys.map { ($0, generation) } }
    }

    /// A token names a key that is not there: the issuer may have a new one. Never fetches; says that somebody should.
    func ask() { asked.store(true, ordering: .relaxed) }

    /// Whether keys should be fetched at `now`, nanoseconds of a monotonic clock; then the caller does, and tells what came of it.
    public func isDue(now: Int64) -> Bool {
        guard remote != nil else { return false }
        let wanted = asked.load(ordering: .relaxed)
        return state.withLock { state in
            // Who invents key ids does not make us fetch more often than twice a minute.
            let early = wanted && (state.lastAsked == .min || now - state.lastAsked > 30_000_000_000) && state.failures == 0
            guard !state.isFetching, state.due <= now || early else { return false }
            if early { state.lastAsked = now }
            asked.store(false, ordering: .relaxed)
            state.isFetching = true
            return true
        }
    }

    /// How often in a row fetching has failed: another endpoint may answer.
    public var failures: Int { state.withLock { $0.failures } }

    /// Takes the text of a key set that was fetched, or none where that failed; says why it is not used.
    public func fetched(_ text: [UInt8]?, now: Int64) -> TokenKey.Flaw? {
        guard let remote else { return nil }
        var flaw: TokenKey.Flaw?
        var keys: TokenKeySet?
        if let text {
            do { keys = try TokenKeySet(text: text, usual: remote.usual) } catch { flaw = error }
        }
        let fetched = keys
        state.withLock { state in
            state.isFetching = false
            if let fetched {
                // The same keys again, as nearly always: what was verified with them stays so.
                if state.keys?.isSame(as: fetched) != true {
                    state.keys = fetched
                    count.add(1, ordering: .releasing)
                }
                state.failures = 0
                state.due = now &+ remote.refresh
            } else {
                state.failures = min(state.failures + 1, 16)
                // 1, 2, 4, … seconds, at most five minutes and no later than usual.
                state.due = now &+ min(remote.refresh, min(300, 1 << (state.failures - 1)) * 1_000_000_000)
            }
        }
        return flaw
    }
}
