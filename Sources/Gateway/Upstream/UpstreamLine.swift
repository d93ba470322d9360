import GatewayCore
import NIOCore

/// Who asks an upstream for a permit. All calls happen on its loop.
protocol PermitOwner: AnyObject {
    /// How urgent its call is.
    var priority: CallPriority { get }
    /// It may make one call. It ends the permit exactly once.
    func permitted(_ permit: UpstreamPermit)
    /// It may not.
    func refused(_ refusal: UpstreamRefusal)
}

/// One event loop's way to an upstream's guard: asks for permits and keeps who waits. Confined to its loop.
final class UpstreamLine {
    private let load: UpstreamGuard
    private let slots: [Int]
    private let eventLoop: any EventLoop
    private let clock: () -> Int64
    private var waiting: [UInt64: any PermitOwner] = [:]

    init(_ load: UpstreamGuard, _ settings: UpstreamSettings, eventLoop: any EventLoop, clock: @escaping () -> Int64) {
        self.load = load
        self.eventLoop = eventLoop
        self.clock = clock
        slots = load.configure(settings)
    }

    /// What the department's line can carry; nil where that is not said.
    func bandwidth(_ rules: ProtectionRules) -> UpstreamBandwidth? {
        rules.bandwidth.map { UpstreamBandwidth(rule: $0, outward: load.outward, inward: load.inward) }
    }

    /// The place of a permit's endpoint among the configured ones.
    func index(of permit: UpstreamPermit) -> Int { slots.firstIndex(of: permit.slot) ?? 0 }

    /// Asks for a permit. Allocates nothing.
    func ask(_ priority: CallPriority) -> UpstreamLoad.Turn { load.ask(slots, priority, now: clock()) }

    /// Waits for a permit after `ask` has said so: the owner hears at once, or later, or of a refusal.
    func enter(_ owner: any PermitOwner, ends: Int64 = .max) {
        let now = clock()
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let (ticket, entry) = load.enter(slots, owner.priority, ends: ends, now: now, on: eventLoop) { ticket, answer in
            bound.value.hear(ticket, answer)
        }
        switch entry {
        case .go(let permit): owner.permitted(permit)
        case .refuse(let refusal): owner.refused(refusal)
        case .waiting: waiting[ticket] = owner
        }
    }

    private func hear(_ ticket: UInt64, _ answer: UpstreamGuard.Answer) {
        let owner = waiting.removeValue(forKey: ticket)
        switch answer {
        // Whoever waited for it went away meanwhile.
        case .success(let permit): if let owner { owner.permitted(permit) } else { end(permit, .unused) }
        case .failure(let refusal): owner?.refused(refusal)
        }
    }

    /// The owner waits no longer.
    func forget(where isGone: (any PermitOwner) -> Bool) {
        guard !waiting.isEmpty else { return }
        for (ticket, owner) in waiting where isGone(owner) {
            waiting[ticket] = nil
            load.leave(ticket)
        }
    }

    /// Another endpoint for a call whose connection did not come about.
    func move(_ permit: UpstreamPermit, tried: [Int]) -> UpstreamPermit? { load.move(permit, slots, tried: tried, now: clock()) }

    /// A call has ended.
    func end(_ permit: UpstreamPermit, _ verdict: CallVerdict) { load.end(permit, verdict, now: clock()) }

    /// May a call be made again?
    func takeRetry() -> Bool { load.takeRetry() }

    /// An endpoint that is this loop's to ask now, by its place among the configured ones.
    func takeCheck(now: Int64) -> (slot: Int, index: Int, rule: HealthRule)? {
        guard let (slot, rule) = load.takeCheck(now: now), let index = slots.firstIndex(of: slot) else { return nil }
        return (slot, index, rule)
    }

    /// What a check found.
    func noteCheck(_ slot: Int, isGood: Bool) { load.noteCheck(slot, isGood: isGood) }

    /// Time passes.
    func tick(now: Int64) { load.tick(now: now) }
}
