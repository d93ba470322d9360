/// When an endpoint that fails is left alone, and for how long. Times are nanoseconds.
public struct BreakerRule: Sendable, Hashable {
    /// How many failures it takes at least.
    public var failures = 20
    /// Which share of the calls they must be, in percent.
    public var share = 50
    /// The time that is looked back on; at least its half.
    public var window: Int64 = 10_000_000_000
    /// How long the endpoint is left alone after it opened; doubled each time the probe fails.
    public var pause: Int64 = 5_000_000_000
    /// The longest pause.
    public var longestPause: Int64 = 60_000_000_000

    /// The defaults.
    public init() {}

    /// The pause after so many openings in a row, from 1.
    func pause(after openings: Int) -> Int64 { min(longestPause, pause << Int64(min(max(0, openings - 1), 16))) }
}

/// What a call told of the endpoint that it was sent to.
public enum CallVerdict: Sendable, Hashable {
    /// An answer came, whatever it says.
    case answered
    /// No connection, no answer in time, a reply that is none, or a status that says that the server is down.
    case failed
    /// Nothing: it was never sent, or whoever asked went away.
    case unused
}

/// A circuit breaker (closed, open, half-open) of one endpoint, with its clock as an argument: monotonic nanoseconds.
///
/// It counts in two halves of the window. Open, it lets nobody pass until the pause is over; then one call, the probe, and on what
/// becomes of that the rest depends. What calls say that began before it opened does not count.
public struct CircuitBreaker: Sendable {
    /// What it says to one call.
    public enum Turn: Sendable, Hashable {
        /// Go on.
        case pass
        /// Go on, as the one whose end decides.
        case probe
        /// Not now; nanoseconds until it is worth asking again.
        case refuse(retryAfter: Int64)
    }

    /// The words of its state, for status and metrics.
    public enum State: String, Sendable, CaseIterable {
        /// Calls pass.
        case closed
        /// No call passes.
        case open
        /// The one call is out.
        case probing
    }

    private enum Stage: Sendable { case closed, open(until: Int64), probing(since: Int64) }
    private struct Half: Sendable {
        var calls = 0
        var failures = 0
    }

    private var stage = Stage.closed
    private var current = Half()
    private var previous = Half()
    /// When the current half ends.
    private var halfEnds = Int64.min
    /// How often it has opened without closing in between.
    private var openings = 0

    /// A closed one.
    public init() {}

    /// Whether a call may pass now. Asked once per call: a probe that was let pass is out until `report`.
    public mutating func ask(_ rule: BreakerRule, now: Int64) -> Turn {
        let answer = look(rule, now: now)
        if answer == .probe { stage = .probing(since: now) }
        return answer
    }

    /// The same without taking the probe.
    public func look(_ rule: BreakerRule, now: Int64) -> Turn {
        switch stage {
        case .closed: return .pass
        case .open(let until): return now >= until ? .probe : .refuse(retryAfter: until - now)
        // A probe that never reports must not lock the endpoint for ever.
        case .probing(let since): return now - since >= rule.longestPause ? .probe : .refuse(retryAfter: 1_000_000_000)
        }
    }

    /// Notes what became of a call; true when the breaker opened on it.
    @discardableResult
    public mutating func report(_ verdict: CallVerdict, wasProbe: Bool, _ rule: BreakerRule, now: Int64) -> Bool {
        switch stage {
        case .probing where wasProbe:
            switch verdict {
            case .answered: self = CircuitBreaker()
            case .failed:
                open(rule, now: now)
                return true
            case .unused: stage = .open(until: now)
            }
        case .probing, .open: break
        case .closed: return count(verdict, rule, now: now)
        }
        return false
    }

    private mutating func count(_ verdict: CallVerdict, _ rule: BreakerRule, now: Int64) -> Bool {
        guard verdict != .unused else { return false }
        turn(rule, now: now)
        current.calls += 1
        guard verdict == .failed else { return false }
        current.failures += 1
        let (failures, calls) = (current.failures + previous.failures, current.calls + previous.calls)
        guard failures >= rule.failures, failures * 100 >= rule.share * calls else { return false }
        open(rule, now: now)
        return true
    }

    private mutating func turn(_ rule: BreakerRule, now: Int64) {
        guard now >= halfEnds else { return }
        let half = max(1, rule.window / 2)
        previous = halfEnds > Int64.min && now - halfEnds < half ? current : Half()
        current = Half()
        halfEnds = now + half
    }

    private mutating func open(_ rule: BreakerRule, now: Int64) {
        openings += 1
        stage = .open(until: now + rule.pause(after: openings))
        (current, previous) = (Half(), Half())
    }

    /// Its state in a word.
    public var state: State {
        switch stage {
        case .closed: .closed
        case .open: .open
        case .probing: .probing
        }
    }
}
