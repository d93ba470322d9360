import GatewayCore
import NIOCore
import Synchronization

/// The load of one upstream, shared by all event loops: a lock around the state machine, held for no call-out. It outlives a reload.
final class UpstreamGuard: Sendable {
    /// What one that waited is told.
    typealias Answer = Result<UpstreamPermit, UpstreamRefusal>

    private struct Waiter: Sendable {
        let loop: any EventLoop
        let resume: @Sendable (Answer) -> Void
    }

    private struct State {
        var load = UpstreamLoad()
        var waiting: [UInt64: Waiter] = [:]
        var nextTicket: UInt64 = 1
    }

    private let state = Mutex(State())
    /// The line to the department, and the one from it.
    let (outward, inward) = (BandwidthBucket(), BandwidthBucket())
    /// Whether anybody waits, for the loops' ticks: most upstreams have nobody most of the time.
    private let hasWaiting = Atomic<Bool>(false)

    /// Takes a configuration's rules; returns the slots of its endpoints.
    func configure(_ settings: UpstreamSettings) -> [Int] {
        state.withLock { $0.load.configure(settings.protection, endpoints: settings.endpoints) }
    }

    /// Asks for a permit. Allocates nothing.
    func ask(_ slots: [Int], _ priority: CallPriority, now: Int64) -> UpstreamLoad.Turn {
        state.withLock { $0.load.ask(slots, priority, now: now) }
    }

    /// Waits for one; `resume` is called on `loop`, and only when the entry is `.waiting`. The ticket is for leaving.
    func enter(
        _ slots: [Int], _ priority: CallPriority, ends: Int64, now: Int64, on loop: any EventLoop,
        resume: @escaping @Sendable (UInt64, Answer) -> Void
    ) -> (ticket: UInt64, entry: UpstreamLoad.Entry) {
        let (ticket, entry, displaced) = state.withLock { state in
            let ticket = state.nextTicket
            state.nextTicket += 1
            let entry = state.load.enter(ticket, slots, priority, ends: ends, now: now)
            guard case .waiting(let lost) = entry else { return (ticket, entry, nil as (Waiter, UpstreamRefusal)?) }
            state.waiting[ticket] = Waiter(loop: loop) { resume(ticket, $0) }
            hasWaiting.store(true, ordering: .relaxed)
            let displaced = lost.flatMap { state.waiting.removeValue(forKey: $0) }.map { ($0, state.load.displacement) }
            return (ticket, entry, displaced)
        }
        if let (waiter, refusal) = displaced { waiter.loop.execute { waiter.resume(.failure(refusal)) } }
        return (ticket, entry)
    }

    /// One that waits goes away.
    func leave(_ ticket: UInt64) {
        state.withLock { state in
            state.load.leave(ticket)
            state.waiting[ticket] = nil
        }
    }

    /// No connection came about: another endpoint for the same call, if there is one.
    func move(_ permit: UpstreamPermit, _ slots: [Int], tried: [Int], now: Int64) -> UpstreamPermit? {
        state.withLock { $0.load.move(permit, slots, tried: tried, now: now) }
    }

    /// A call has ended.
    func end(_ permit: UpstreamPermit, _ verdict: CallVerdict, now: Int64) { tell { $0.end(permit, verdict, now: now) } }

    /// May a call be made again?
    func takeRetry() -> Bool { state.withLock { $0.load.takeRetry() } }

    /// Time passes.
    func tick(now: Int64) {
        guard hasWaiting.load(ordering: .relaxed) else { return }
        tell { $0.tick(now: now) }
    }

    /// An endpoint that is to be asked now whether it is well; one loop's turn at a time.
    func takeCheck(now: Int64) -> (slot: Int, rule: HealthRule)? { state.withLock { $0.load.takeCheck(now: now) } }

    /// What a check found.
    func noteCheck(_ slot: Int, isGood: Bool) { state.withLock { $0.load.noteCheck(slot, isGood: isGood) } }

    /// What is going on.
    func figures(now: Int64) -> UpstreamFigures { state.withLock { $0.load.figures(now: now) } }

    /// Lets something happen under the lock, and tells those who wait what follows without it.
    private func tell(_ event: (inout UpstreamLoad) -> UpstreamLoad.News) {
        let told: [(waiter: Waiter, answer: Answer)]? = state.withLock { state in
            let news = event(&state.load)
            guard !news.isEmpty else {
                if state.waiting.isEmpty { hasWaiting.store(false, ordering: .relaxed) }
                return nil
            }
            let granted = news.granted.compactMap { news in
                state.waiting.removeValue(forKey: news.ticket).map { ($0, Answer.success(news.permit)) }
            }
            let refused = news.refused.compactMap { news in
                state.waiting.removeValue(forKey: news.ticket).map { ($0, Answer.failure(news.refusal)) }
            }
            return granted + refused
        }
        for (waiter, answer) in told ?? [] { waiter.loop.execute { waiter.resume(answer) } }
    }
}

/// The guards of all upstreams by name. Control zone.
final class GuardRegistry: Sendable {
    private let guards = Mutex<[String: UpstreamGuard]>([:])

    /// The guard of a name: the one in use, or a new one.
    func upstream(_ name: String) -> UpstreamGuard {
        guards.withLock { guards in
            if let known = guards[name] { return known }
            let fresh = UpstreamGuard()
            guards[name] = fresh
            return fresh
        }
    }

    /// Forgets those that no configuration uses any more; calls that are out keep theirs.
    func keep(only names: Set<String>) { guards.withLock { guards in guards = guards.filter { names.contains($0.key) } } }

    /// What is going on everywhere, by name.
    func figures(now: Int64) -> [(name: String, figures: UpstreamFigures)] {
        guards.withLock { $0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value.figures(now: now)) }
    }
}
