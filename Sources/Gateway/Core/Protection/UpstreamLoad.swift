/// All that is going on at one department's system: what is out, what waits, how its endpoints fare. A pure state machine: events go
/// in with the time, decisions come out. Shared by the event loops behind one lock; it outlives a reload.
public struct UpstreamLoad: Sendable {
    /// What it says to a call.
    public enum Turn: Sendable, Hashable {
        /// Go.
        case go(UpstreamPermit)
        /// There is no room now; `enter` waits for it.
        case wait
        /// Go away.
        case refuse(UpstreamRefusal)
    }

    /// What it says to a call that enters the line.
    public enum Entry: Sendable, Hashable {
        /// Room has come up meanwhile.
        case go(UpstreamPermit)
        /// It waits; `displaced` lost its place to it.
        case waiting(displaced: UInt64?)
        /// Go away.
        case refuse(UpstreamRefusal)
    }

    /// What those who wait are told.
    public struct News: Sendable {
        /// These go.
        public internal(set) var granted: [(ticket: UInt64, permit: UpstreamPermit)] = []
        /// These go away.
        public internal(set) var refused: [(ticket: UInt64, refusal: UpstreamRefusal)] = []

        /// Whether there is none.
        public var isEmpty: Bool { granted.isEmpty && refused.isEmpty }
    }

    /// What it counts since the process began.
    public struct Counts: Sendable, Hashable {
        /// Calls that were let through.
        public var calls = 0
        /// Calls that waited.
        public var waited = 0
        /// Refused calls, by the reason's place among all.
        public var refused = [Int](repeating: 0, count: UpstreamRefusal.Reason.allCases.count)
        /// Calls that were made again.
        public var retries = 0
        /// Calls that would have been, had the budget not been spent.
        public var retriesSpared = 0
        /// How often a breaker opened.
        public var openings = 0

        /// Nothing counted yet.
        public init() {}
    }

    private var rules = ProtectionRules()
    private var roster = EndpointRoster()
    private var line = WaitingLine()
    private var inFlight = 0
    /// A class, and the only reference to it.
    private let bucket = RateBucket()
    /// The average time of a call, for telling how long those who come later had better wait.
    private var meanTime: Int64 = 0
    private var counts = Counts()
    private var retries = RetryBudget()

    /// Nothing is going on.
    public init() {}

    // MARK: Configuration

    /// Takes the rules of a configuration; returns the slots of its endpoints.
    public mutating func configure(_ rules: ProtectionRules, endpoints: [Endpoint]) -> [Int] {
        self.rules = rules
        if rules.health == nil { roster.forgetChecks() }
        return roster.places(of: endpoints)
    }

    // MARK: A call

    /// May a call go to one of these slots? Takes nothing unless it may.
    public mutating func ask(_ slots: [Int], _ priority: CallPriority, now: Int64) -> Turn {
        guard !line.isAhead(of: priority), hasRoom, takeRate(now: now) else { return .wait }
        return choose(slots, except: [], now: now)
    }

    /// The same for one that is ready to wait until `ends`.
    public mutating func enter(_ ticket: UInt64, _ slots: [Int], _ priority: CallPriority, ends: Int64, now: Int64) -> Entry {
        switch ask(slots, priority, now: now) {
        case .go(let permit): return .go(permit)
        case .refuse(let refusal): return .refuse(refusal)
        case .wait: break
        }
        let place = WaitingLine.Place(ticket: ticket, priority: priority, ends: min(ends, now + rules.wait), slots: slots)
        guard let (displaced, _) = line.enter(place, limit: rules.queue) else { return .refuse(refused(.lineFull(retryAfter: estimate))) }
        counts.waited += 1
        if displaced != nil { _ = refused(.displaced(retryAfter: estimate)) }
        return .waiting(displaced: displaced)
    }

    /// What one whose place was taken is told.
    public var displacement: UpstreamRefusal { .displaced(retryAfter: estimate) }

    /// No connection came about: another endpoint for the same call, in place of the permit at hand; nil, and nothing is changed, when
    /// none is left.
    public mutating func move(_ permit: UpstreamPermit, _ slots: [Int], tried: [Int], now: Int64) -> UpstreamPermit? {
        guard case .slot(let slot, let isProbe) = roster.choose(among: slots, except: tried, breaker: rules.breaker, now: now) else {
            return nil
        }
        if roster.end(permit, .failed, rules, now: now) { counts.openings += 1 }
        return UpstreamPermit(slot: slot, began: permit.began, isProbe: isProbe)
    }

    /// A call has ended; what follows for those who wait.
    public mutating func end(_ permit: UpstreamPermit, _ verdict: CallVerdict, now: Int64) -> News {
        inFlight -= 1
        if roster.end(permit, verdict, rules, now: now) { counts.openings += 1 }
        if verdict == .answered {
            let time = now - permit.began
            meanTime = meanTime == 0 ? time : meanTime + (time - meanTime) / 8
        }
        return line.isEmpty ? News() : advance(now: now)
    }

    /// One that waits goes away.
    public mutating func leave(_ ticket: UInt64) { line.leave(ticket) }

    /// Time passes: some have waited too long, and the rate may let others go.
    public mutating func tick(now: Int64) -> News {
        guard !line.isEmpty else { return News() }
        let late = line.expire(now: now)
        var news = advance(now: now)
        for ticket in late { news.refused.append((ticket, refused(.waitedTooLong(retryAfter: estimate)))) }
        return news
    }

    /// May a call be made again? Takes it from the budget.
    public mutating func takeRetry() -> Bool {
        let mayRetry = retries.take()
        if mayRetry { counts.retries += 1 } else { counts.retriesSpared += 1 }
        return mayRetry
    }

    /// An endpoint that is to be asked now whether it is well, and how; taken by whoever asks first.
    public mutating func takeCheck(now: Int64) -> (slot: Int, rule: HealthRule)? {
        guard let rule = rules.health, let slot = roster.takeCheck(rule, now: now) else { return nil }
        return (slot, rule)
    }

    /// What a check found.
    public mutating func noteCheck(_ slot: Int, isGood: Bool) {
        if let rule = rules.health { roster.noteCheck(slot, isGood: isGood, rule) }
    }

    // MARK: Deciding

    private var hasRoom: Bool { rules.concurrent.map { inFlight < $0 } ?? true }

    private func takeRate(now: Int64) -> Bool { rules.rate.map { bucket.admit($0, now: now).allowed } ?? true }

    private mutating func choose(_ slots: [Int], except tried: [Int], now: Int64) -> Turn {
        switch roster.choose(among: slots, except: tried, breaker: rules.breaker, now: now) {
        case .slot(let slot, let isProbe):
            inFlight += 1
            counts.calls &+= 1
            retries.put()
            return .go(UpstreamPermit(slot: slot, began: now, isProbe: isProbe))
        case .none(let retryAfter):
            // It took from the rate and is not sent.
            if let rate = rules.rate { bucket.giveBack(rate, now: now) }
            return .refuse(refused(.resting(retryAfter: retryAfter)))
        }
    }

    private mutating func advance(now: Int64) -> News {
        var news = News()
        while let first = line.first, hasRoom, takeRate(now: now) {
            _ = line.popFirst()
            switch choose(first.slots, except: [], now: now) {
            case .go(let permit): news.granted.append((first.ticket, permit))
            case .refuse(let refusal): news.refused.append((first.ticket, refusal))
            case .wait: break
            }
        }
        return news
    }

    private mutating func refused(_ refusal: UpstreamRefusal) -> UpstreamRefusal {
        if let index = UpstreamRefusal.Reason.allCases.firstIndex(of: refusal.reason) { counts.refused[index] += 1 }
        return refusal
    }

    /// How long the line in front of a newcomer takes, from one second to one minute.
    private var estimate: Int64 {
        let byTime = meanTime * Int64(line.count + 1) / Int64(max(1, rules.concurrent ?? 1))
        let byRate = rules.rate.map { $0.interval * Int64(line.count + 1) } ?? 0
        return min(60_000_000_000, max(1_000_000_000, byTime, byRate))
    }

    // MARK: Figures

    /// What status and metrics show.
    public func figures(now: Int64) -> UpstreamFigures {
        UpstreamFigures(
            inFlight: inFlight, waiting: CallPriority.allCases.map(line.count), concurrent: rules.concurrent, counts: counts,
            endpoints: roster.inUse.map { slot in
                UpstreamFigures.EndpointFigures(
                    name: slot.endpoint.description, inFlight: slot.inFlight, breaker: slot.breaker.state,
                    isAside: slot.isAside(now: now), isHealthy: slot.health.isWell)
            })
    }
}

/// What is going on at an upstream, for status and metrics.
public struct UpstreamFigures: Sendable, Hashable {
    /// One endpoint.
    public struct EndpointFigures: Sendable, Hashable {
        /// Host and port.
        public let name: String
        /// Calls that are out.
        public let inFlight: Int
        /// Its breaker.
        public let breaker: CircuitBreaker.State
        /// Whether it is set aside for doing worse than its neighbours.
        public let isAside: Bool
        /// Whether the health checks find it well.
        public let isHealthy: Bool

        /// All of this in a word.
        public var state: EndpointState {
            if !isHealthy { return .down }
            return switch breaker {
            case .open: .open
            case .probing: .probing
            case .closed: isAside ? .aside : .serving
            }
        }
    }

    /// The state of an endpoint in a word: the labels of the metrics.
    public enum EndpointState: String, Sendable, CaseIterable {
        /// Calls go to it.
        case serving
        /// It is set aside for doing worse than its neighbours.
        case aside
        /// Its breaker is open.
        case open
        /// Its breaker waits for a probe.
        case probing
        /// The health checks find it down.
        case down
    }

    /// Calls that are out.
    public let inFlight: Int
    /// Calls that wait, by priority.
    public let waiting: [Int]
    /// How many may be out.
    public let concurrent: Int?
    /// What was counted.
    public let counts: UpstreamLoad.Counts
    /// The endpoints.
    public let endpoints: [EndpointFigures]
}
