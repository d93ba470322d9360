import NIOCore

/// A peer of one event loop that has something written for it.
protocol FlushOwner: AnyObject {
    /// Sends what is written.
    func flushIsDue()
}

/// What an owner has written and not sent.
struct UnsentBytes {
    /// What is done about them.
    enum Way { case nothing, now, later }

    private var count = 0
    /// Whether the owner waits for the end of the turn.
    private(set) var isDue = false

    /// So many more were written.
    mutating func wrote(_ bytes: Int) { count += bytes }

    /// What a flush that is asked for comes to: more than the channel takes without saying that its peer does not read leaves at once.
    mutating func way() -> Way {
        if count >= FlushQueue.most { return .now }
        guard count > 0, !isDue else { return .nothing }
        isDue = true
        return .later
    }

    /// All of it was sent.
    mutating func sent() { (count, isDue) = (0, false) }
}

/// Has what is written in one turn of an event loop leave together at its end. Confined to that loop.
///
/// A write wakes who waits for it: on another core that costs more than the write itself, and one that is awake already costs nothing to
/// tell. So those that are answered in one turn, many where there is much to do, are told one after the other, not each between two pieces
/// of work (docs/decisions/flush-at-the-end.md).
final class FlushQueue {
    /// Nanoseconds after which the first that waits is not held up by another piece of work of the same turn.
    private static let patience: Int64 = 250_000

    /// Bytes that one owner may have waiting: below NIO's mark of 64 KiB, from which on a channel takes no more.
    static let most = 32_768

    private let eventLoop: any EventLoop
    private var waiting: [any FlushOwner] = []
    /// The room of the turn before.
    private var spare: [any FlushOwner] = []
    private var isFlushing = false
    /// When the first of those that wait came, in nanoseconds of the monotonic clock.
    private var since: Int64 = 0
    /// What is done at the end of a turn. It holds the queue until `end`: a weak reference would be looked up every turn.
    private var flushAtEnd: (@Sendable () -> Void)?

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        flushAtEnd = { bound.value.flushAll() }
    }

    /// Nothing is written any more.
    func end() {
        flushAll()
        flushAtEnd = nil
    }

    /// Has an owner send what it has written, in this turn.
    func add(_ owner: some FlushOwner) {
        waiting.append(owner)
        guard waiting.count == 1, !isFlushing else { return }
        since = Self.now
        if let flushAtEnd { eventLoop.execute(flushAtEnd) } else { flushAll() }
    }

    /// A connection has done what its read brought. Only here and at the end of the turn anything is flushed: a flush may end an exchange, which
    /// must not happen in the middle of another's work.
    func pieceEnded() {
        guard !waiting.isEmpty, !isFlushing, Self.now - since > Self.patience else { return }
        flushAll()
    }

    private static var now: Int64 { Int64(bitPattern: NIODeadline.now().uptimeNanoseconds) }

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
