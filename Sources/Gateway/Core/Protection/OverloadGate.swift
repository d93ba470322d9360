public import Adapters

/// When the gateway itself has too much to do. Times are nanoseconds.
public struct OverloadRule: Sendable, Hashable {
    /// Exchanges at once, over the whole gateway; each event loop has its share.
    public var exchanges = 20_000
    /// How late an event loop may be.
    public var lag: Int64 = 1_000_000_000

    /// The defaults.
    public init() {}
}

/// Decides on one event loop whether a request is served or turned away before anything is spent on it. Pure.
///
/// Two signs: as many exchanges at once as there may be; and a loop that comes late to its own ticks, twice in a row, because what is at
/// hand takes longer than it should. Lateness sheds a share of the requests that grows with every late tick and falls with
/// every one in time, so that the loop comes back by itself, and without swinging.
public struct OverloadGate: Sendable {
    private var inFlight = 0
    private var lateTicks = 0
    /// The share that is turned away, in thousandths.
    private var share = 0
    private var debt = 0
    /// Connections that are not read for a while because a request of theirs was turned away.
    private var held = 0

    /// Nothing is going on.
    public init() {}

    /// The loop's tick came, so much after its time.
    public mutating func tick(late: Int64, _ rule: OverloadRule) {
        guard late > rule.lag else {
            lateTicks = 0
            share = max(0, share - 25)
            return
        }
        lateTicks += 1
        if lateTicks >= 2 { share = min(900, share + 200) }
    }

    /// A request is there; true when it is turned away. It counts as one exchange either way, until `end`.
    public mutating func turnsAway(_ rule: OverloadRule, loops: Int) -> Bool {
        inFlight += 1
        if inFlight > max(1, rule.exchanges / max(1, loops)) { return true }
        debt += share
        guard debt >= 1000 else { return false }
        debt -= 1000
        return true
    }

    /// An exchange has ended.
    public mutating func end() { inFlight = max(0, inFlight - 1) }

    /// How long a connection is not read after a request of it was turned away, in nanoseconds. Turning away costs an event loop some tens of
    /// microseconds: the more connections wait, the longer each does, so that not many more than 250 a second are turned away however many ask.
    public var pause: Int64 { min(10_000_000_000, max(250_000_000, Int64(held) * 4_000_000)) }

    /// A connection is not read for a while, until `letGo`.
    public mutating func hold() { held += 1 }

    /// It is read again, or has ended.
    public mutating func letGo() { held = max(0, held - 1) }

    /// What one that is turned away hears.
    public static let fault: AdapterFault = {
        var fault = AdapterFault(.overloaded, "the gateway has more to do than it can; nothing was sent")
        fault.retryAfter = 1
        return fault
    }()
}
