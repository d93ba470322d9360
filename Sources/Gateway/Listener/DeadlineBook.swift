/// Something that must not take for ever.
protocol DeadlineOwner: AnyObject {
    /// Where it stands in the book; -1 when it is not in it. Only the book changes this.
    var deadlineSlot: Int { get set }
    /// When its time is up, in nanoseconds of the loop's clock; `Int64.max` for never.
    var deadline: Int64 { get }
    /// Its time is up. It may change its deadline or leave the book.
    func deadlinePassed(now: Int64)
}

/// The deadlines of one event loop, looked at every 50 ms. A timer per exchange would cost a heap operation and two
/// allocations each; a sweep over a flat array costs nanoseconds.
final class DeadlineBook {
    private var owners: [any DeadlineOwner] = []

    /// How often the loop sweeps.
    static let tick = Int64(50_000_000)

    /// Enters an owner; once is enough.
    func enter(_ owner: some DeadlineOwner) {
        guard owner.deadlineSlot < 0 else { return }
        owner.deadlineSlot = owners.count
        owners.append(owner)
    }

    /// Removes an owner; no effect when it is not in the book.
    func leave(_ owner: some DeadlineOwner) {
        let slot = owner.deadlineSlot
        guard slot >= 0 else { return }
        owner.deadlineSlot = -1
        let last = owners.removeLast()
        if slot < owners.count {
            owners[slot] = last
            last.deadlineSlot = slot
        }
    }

    /// Tells every owner whose time is up.
    func sweep(now: Int64) {
        var due: [any DeadlineOwner] = []
        for owner in owners where owner.deadline <= now { due.append(owner) }
        for owner in due where owner.deadlineSlot >= 0 && owner.deadline <= now { owner.deadlinePassed(now: now) }
    }
}
