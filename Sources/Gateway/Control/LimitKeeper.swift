import GatewayCore
import Glibc
import Logging
import NIOCore
import Synchronization

/// Keeps the limits over restarts: reads them at the start, writes them beside the calls and at the end. A crash forgets what was
/// counted since the last writing, a second or, where there is much to write, a hundred times what that takes.
final class LimitKeeper: Sendable {
    private struct State {
        var last: [KeptLimit] = []
        var due: Int64 = 0
        var isWriting = false
    }

    private let file: LimitFile
    private let store: LimitStore
    private let logger: Logger
    private let state = Mutex(State())

    /// A second.
    private static let pause: Int64 = 1_000_000_000

    init(_ file: LimitFile, _ store: LimitStore, _ logger: Logger) {
        self.file = file
        self.store = store
        self.logger = logger
    }

    /// Takes what the file remembers; without one everything is full, and the seed is a new one.
    func restore() throws(LimitFile.Fault) {
        guard let content = try file.read() else {
            return store.plant(LimitSeed(high: UInt64.random(in: .min ... .max), low: UInt64.random(in: .min ... .max)))
        }
        store.plant(content.seed)
        let elapsed = (Self.epochMilliseconds() - content.written) * 1_000_000
        store.restore(content.kept, elapsed: elapsed, now: Self.now())
    }

    /// Writes what has changed, when it is time to. Off the event loops.
    func tick() {
        let begun = Self.now()
        let mayWrite = state.withLock { state in
            guard !state.isWriting, begun >= state.due else { return false }
            state.isWriting = true
            return true
        }
        guard mayWrite else { return }
        let next = write()
        state.withLock { state in
            state.isWriting = false
            if let next { state.last = next }
            state.due = Self.now() + max(Self.pause, (Self.now() - begun) * 100)
        }
    }

    /// Writes what there is; nil when nothing has changed, or it could not be written.
    @discardableResult
    func write() -> [KeptLimit]? {
        let kept = store.kept(now: Self.now())
        // Rates run by themselves: only what was counted makes a writing worth while.
        let counted = kept.filter { $0.kind == .quota }
        guard state.withLock({ $0.last != counted }) || kept.count != counted.count else { return nil }
        do throws(LimitFile.Fault) {
            try file.write(.init(seed: store.seed, written: Self.epochMilliseconds(), kept: kept))
            return counted
        } catch {
            logger.error("limits cannot be kept", metadata: ["reason": "\(error)"])
            return nil
        }
    }

    private static func now() -> Int64 { Int64(bitPattern: NIODeadline.now().uptimeNanoseconds) }

    private static func epochMilliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
