import NIOCore

/// A peer of one event loop that has something written for it.
protocol FlushOwner: AnyObject {
    /// Sends what is written.
    func flushIsDue()
}

/// Has what is written in one turn of an event loop leave together at its end. Confined to that loop.
///
/// A write wakes who waits for it: on another core that costs more than the write itself, and one that is awake already costs nothing to
/// tell. So those that are answered in one turn, many where there is much to do, are told one after the other, not each between two pieces
/// of work (docs/decisions/flush-at-the-end.md).
final class FlushQueue {
    /// Nanoseconds that what is written waits at most for other work of the same turn, but for the piece at hand.
    private static let patience: Int64 = 250_000

    private let eventLoop: any EventLoop
    private var waiting: [any FlushOwner] = []
    /// The room of the turn before.
    private var spare: [any FlushOwner] = []
    private var isFlushing = false
    /// When the first of those that wait came, in nanoseconds of the monotonic clock.
    private var since: Int64 = 0
    private var flushAtEnd: (@Sendable () -> Void)?

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        let bound = NIOLoopBound(Weak(self), eventLoop: eventLoop)
        flushAtEnd = { bound.value.queue?.flushAll() }
    }

    private struct Weak {
        weak var queue: FlushQueue?
        init(_ queue: FlushQueue) { self.queue = queue }
    }

    /// Has an owner send what it has written, in this turn.
    func add(_ owner: some FlushOwner) {
        waiting.append(owner)
        if isFlushing { return }
        let now = Int64(bitPattern: NIODeadline.now().uptimeNanoseconds)
        if waiting.count == 1 {
            since = now
            if let flushAtEnd { eventLoop.execute(flushAtEnd) }
        } else if now - since > Self.patience {
            flushAll()
        }
    }

    private func flushAll() {
        guard !isFlushing else { return }
        isFlushing = true
        while !waiting.isEmpty {
            swap(&waiting, &spare)
            for owner in spare { owner.flushIsDue() }
            spare.removeAll(keepingCapacity: true)
        }
        isFlushing = false
    }
}
