/// When an endpoint that does worse than its neighbours gets no calls for a while. Times are nanoseconds.
public struct OutlierRule: Sendable, Hashable {
    /// So many failures in a row.
    public var failures = 5
    /// So many times slower than the others on average; nil does not look at time.
    public var slower: Int?
    /// How long it gets none.
    public var pause: Int64 = 30_000_000_000

    /// The defaults.
    public init() {}

    /// How many answers an average needs before it says something.
    static let calls = 20
}

/// The endpoints of one upstream: how many calls each has at hand, its breaker, whether it is set aside or found down. Pure.
public struct EndpointRoster: Sendable {
    /// One endpoint.
    public struct Slot: Sendable {
        /// Where it is.
        public let endpoint: Endpoint
        /// Calls that are out.
        public internal(set) var inFlight = 0
        /// Its breaker.
        public internal(set) var breaker = CircuitBreaker()
        /// What the health checks came to.
        var health = HealthRecord()
        /// Until when it is set aside for doing worse than its neighbours.
        var asideUntil = Int64.min
        var failuresInRow = 0
        /// Answers since it was last set aside, and their average time.
        var answers = 0
        var meanTime: Int64 = 0

        /// Whether it is set aside now.
        public func isAside(now: Int64) -> Bool { asideUntil > now }
    }

    /// What came of looking for an endpoint.
    enum Choice {
        case slot(Int, isProbe: Bool)
        /// None may be asked; nanoseconds until one may be.
        case none(retryAfter: Int64)
    }

    private var slots: [Slot] = []
    /// The slots of the configuration in use.
    private var current: [Int] = []
    private var turn = 0

    /// The endpoints of the configuration in use.
    var inUse: [Slot] { current.map { slots[$0] } }

    /// The slots of some endpoints, made where they are new. A slot keeps its number as long as the process lives, so that a call that
    /// began before a reload ends on the right one.
    mutating func places(of endpoints: [Endpoint]) -> [Int] {
        current = endpoints.map { endpoint in
            if let known = slots.firstIndex(where: { $0.endpoint == endpoint }) { return known }
            slots.append(Slot(endpoint: endpoint))
            return slots.count - 1
        }
        return current
    }

    /// Takes the endpoint with the fewest calls at hand among `places`; equals take turns. One whose breaker wants its probe comes first.
    mutating func choose(among places: [Int], except tried: [Int], breaker: BreakerRule?, now: Int64) -> Choice {
        var (best, retryAfter, probes) = (-1, Int64.max, false)
        turn &+= 1
        for offset in places.indices {
            let index = places[(turn &+ offset) % places.count]
            guard !tried.contains(index) else { continue }
            let slot = slots[index]
            if slot.asideUntil > now {
                retryAfter = min(retryAfter, slot.asideUntil - now)
                continue
            }
            guard slot.health.isWell else { continue }
            switch breaker.map({ slot.breaker.look($0, now: now) }) ?? .pass {
            case .refuse(let wait): retryAfter = min(retryAfter, wait)
            case .probe:
                (best, probes) = (index, true)
            case .pass: if !probes, best < 0 || slot.inFlight < slots[best].inFlight { best = index }
            }
        }
        guard best >= 0 else { return .none(retryAfter: retryAfter == .max ? 1_000_000_000 : retryAfter) }
        if probes, let breaker { _ = slots[best].breaker.ask(breaker, now: now) }
        slots[best].inFlight += 1
        return .slot(best, isProbe: probes)
    }

    /// A call has ended that `choose` sent somewhere; true when a breaker opened on it.
    mutating func end(_ permit: UpstreamPermit, _ verdict: CallVerdict, _ rules: ProtectionRules, now: Int64) -> Bool {
        guard slots.indices.contains(permit.slot) else { return false }
        slots[permit.slot].inFlight -= 1
        switch verdict {
        case .unused: break
        case .failed: slots[permit.slot].failuresInRow += 1
        case .answered:
            slots[permit.slot].failuresInRow = 0
            slots[permit.slot].answers += 1
            let time = now - permit.began
            let mean = slots[permit.slot].meanTime
            slots[permit.slot].meanTime = slots[permit.slot].answers == 1 ? time : mean + (time - mean) / 8
        }
        setAside(permit.slot, rules.outlier, now: now)
        guard let breaker = rules.breaker else { return false }
        return slots[permit.slot].breaker.report(verdict, wasProbe: permit.isProbe, breaker, now: now)
    }

    /// Sets an endpoint aside that does worse than the others; at most half of them, so that those left are not drowned.
    private mutating func setAside(_ index: Int, _ rule: OutlierRule?, now: Int64) {
        guard let rule, current.count > 1, !slots[index].isAside(now: now) else { return }
        guard slots[index].failuresInRow >= rule.failures || isSlow(index, rule, now: now) else { return }
        guard 2 * (inUse.count { $0.isAside(now: now) } + 1) <= current.count else { return }
        slots[index].asideUntil = now + rule.pause
        (slots[index].failuresInRow, slots[index].answers, slots[index].meanTime) = (0, 0, 0)
    }

    private func isSlow(_ index: Int, _ rule: OutlierRule, now: Int64) -> Bool {
        guard let slower = rule.slower, slots[index].answers >= OutlierRule.calls else { return false }
        let others = current.filter { $0 != index && slots[$0].answers >= OutlierRule.calls && !slots[$0].isAside(now: now) }
        guard !others.isEmpty else { return false }
        let mean = others.reduce(0) { $0 + slots[$1].meanTime } / Int64(others.count)
        return slots[index].meanTime > Int64(slower) * max(mean, 1_000_000)
    }

    // MARK: Health checks

    /// An endpoint in use that is to be asked now.
    mutating func takeCheck(_ rule: HealthRule, now: Int64) -> Int? { current.first { slots[$0].health.takeTurn(rule, now: now) } }

    /// What a check found.
    mutating func noteCheck(_ index: Int, isGood: Bool, _ rule: HealthRule) {
        guard slots.indices.contains(index) else { return }
        slots[index].health.note(isGood: isGood, rule)
    }

    /// Without checks every endpoint is held to be well.
    mutating func forgetChecks() { for index in slots.indices { slots[index].health = HealthRecord() } }
}
