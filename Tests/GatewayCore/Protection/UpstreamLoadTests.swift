import Testing

@testable import GatewayCore

private let second: Int64 = 1_000_000_000

@Suite("The load of an upstream")
struct UpstreamLoadTests {
    private static func rules(_ change: (inout ProtectionRules) -> Void) -> ProtectionRules {
        var rules = ProtectionRules()
        change(&rules)
        return rules
    }

    private static func endpoints(_ count: Int) -> [Endpoint] { (0..<count).map { Endpoint(host: "10.0.0.\($0 + 1)", port: 80) } }

    private func permit(_ turn: UpstreamLoad.Turn) throws -> UpstreamPermit {
        guard case .go(let permit) = turn else { throw Unexpected(turn: "\(turn)") }
        return permit
    }

    private struct Unexpected: Error { let turn: String }

    @Test("no more calls are out than there is room for; who waits goes when one ends")
    func concurrency() throws {
        var load = UpstreamLoad()
        let slots = load.configure(Self.rules { $0.concurrent = 2 }, endpoints: Self.endpoints(1))
        let first = try permit(load.ask(slots, .normal, now: 0))
        _ = try permit(load.ask(slots, .normal, now: 0))
        #expect(load.ask(slots, .normal, now: 0) == .wait)
        #expect(load.enter(7, slots, .normal, ends: .max, now: 0) == .waiting(displaced: nil))
        #expect(load.figures(now: 0).inFlight == 2)
        let news = load.end(first, .answered, now: second)
        #expect(news.granted.map(\.ticket) == [7])
        #expect(load.figures(now: second).inFlight == 2)
        #expect(load.figures(now: second).waiting == [0, 0, 0])
    }

    @Test("the more urgent goes first, among equals the one that came first, and a newcomer does not overtake its equals")
    func priority() throws {
        var load = UpstreamLoad()
        let slots = load.configure(Self.rules { $0.concurrent = 1 }, endpoints: Self.endpoints(1))
        var out = try permit(load.ask(slots, .low, now: 0))
        let line: [CallPriority] = [.low, .normal, .high, .low, .normal, .high]
        for (ticket, priority) in line.enumerated() {
            #expect(load.enter(UInt64(ticket), slots, priority, ends: .max, now: 0) == .waiting(displaced: nil))
        }
        var order: [UInt64] = []
        for _ in line {
            #expect(load.ask(slots, .low, now: 0) == .wait)
            let news = load.end(out, .answered, now: 0)
            let granted = try #require(news.granted.first)
            order.append(granted.ticket)
            out = granted.permit
        }
        #expect(order == [2, 5, 1, 4, 0, 3])
    }

    @Test("the line is bounded: a list is turned away, a submission takes a list's place")
    func bounded() throws {
        var load = UpstreamLoad()
        let slots = load.configure(
            Self.rules {
                $0.concurrent = 1
                $0.queue = 2
            }, endpoints: Self.endpoints(1))
        _ = try permit(load.ask(slots, .normal, now: 0))
        #expect(load.enter(1, slots, .low, ends: .max, now: 0) == .waiting(displaced: nil))
        #expect(load.enter(2, slots, .low, ends: .max, now: 0) == .waiting(displaced: nil))
        #expect(load.enter(3, slots, .low, ends: .max, now: 0) == .refuse(.lineFull(retryAfter: second)))
        #expect(load.enter(4, slots, .high, ends: .max, now: 0) == .waiting(displaced: 2))
        #expect(load.enter(5, slots, .high, ends: .max, now: 0) == .waiting(displaced: 1))
        #expect(load.enter(6, slots, .high, ends: .max, now: 0) == .refuse(.lineFull(retryAfter: second)))
        #expect(load.figures(now: 0).counts.refused == [2, 0, 2, 0])
        #expect(load.figures(now: 0).counts.waited == 4)
    }

    @Test("without a line nobody waits")
    func noLine() throws {
        var load = UpstreamLoad()
        let slots = load.configure(
            Self.rules {
                $0.concurrent = 1
                $0.queue = 0
            }, endpoints: Self.endpoints(1))
        _ = try permit(load.ask(slots, .normal, now: 0))
        #expect(load.enter(1, slots, .high, ends: .max, now: 0) == .refuse(.lineFull(retryAfter: second)))
    }

    @Test("who has waited long enough is told so, with the time that the line would take")
    func deadline() throws {
        var load = UpstreamLoad()
        let slots = load.configure(
            Self.rules {
                $0.concurrent = 1
                $0.wait = 3 * second
            }, endpoints: Self.endpoints(1))
        // One call of eight seconds: from then on the line is known to be slow.
        _ = load.end(try permit(load.ask(slots, .normal, now: 0)), .answered, now: 8 * second)
        _ = try permit(load.ask(slots, .normal, now: 8 * second))
        _ = load.enter(1, slots, .normal, ends: 9 * second, now: 8 * second)
        _ = load.enter(2, slots, .normal, ends: .max, now: 8 * second)
        #expect(load.tick(now: 9 * second - 1).isEmpty)
        let early = load.tick(now: 9 * second)
        #expect(early.refused.map(\.ticket) == [1])
        let late = load.tick(now: 11 * second)
        #expect(late.refused.map(\.ticket) == [2])
        #expect(late.refused.map(\.refusal) == [.waitedTooLong(retryAfter: 8 * second)])
    }

    @Test("the rate of a department lets go as it allows, whoever asks")
    func rate() throws {
        var load = UpstreamLoad()
        let slots = load.configure(
            Self.rules { $0.rate = RateRule(count: 2, per: .seconds(1), burst: 1) }, endpoints: Self.endpoints(1))
        _ = try permit(load.ask(slots, .normal, now: 0))
        #expect(load.ask(slots, .normal, now: 0) == .wait)
        _ = load.enter(1, slots, .normal, ends: .max, now: 0)
        _ = load.enter(2, slots, .normal, ends: .max, now: 0)
        #expect(load.tick(now: second / 2 - 1).isEmpty)
        #expect(load.tick(now: second / 2).granted.map(\.ticket) == [1])
        #expect(load.tick(now: second).granted.map(\.ticket) == [2])
    }

    @Test("the endpoint with the fewest calls at hand is asked; equals take turns")
    func leastRequests() throws {
        var load = UpstreamLoad()
        let slots = load.configure(ProtectionRules(), endpoints: Self.endpoints(3))
        var out: [UpstreamPermit] = []
        for _ in 0..<300 { out.append(try permit(load.ask(slots, .normal, now: 0))) }
        #expect(load.figures(now: 0).endpoints.map(\.inFlight) == [100, 100, 100])
        for permit in out where permit.slot == 1 { _ = load.end(permit, .answered, now: 0) }
        for _ in 0..<50 { #expect(try permit(load.ask(slots, .normal, now: 0)).slot == 1) }
    }

    @Test("an endpoint that fails is set aside, but never more than half of them; later it comes back")
    func outlier() throws {
        var load = UpstreamLoad()
        let slots = load.configure(
            Self.rules {
                $0.breaker = nil
                $0.outlier?.failures = 3
                $0.outlier?.pause = 10 * second
            }, endpoints: Self.endpoints(3))
        for _ in 0..<30 {
            let permit = try permit(load.ask(slots, .normal, now: 0))
            _ = load.end(permit, permit.slot == 0 ? .failed : .answered, now: 0)
        }
        #expect(load.figures(now: 0).endpoints.map(\.isAside) == [true, false, false])
        for _ in 0..<30 {
            let permit = try permit(load.ask(slots, .normal, now: second))
            #expect(permit.slot != 0)
            _ = load.end(permit, .failed, now: second)
        }
        #expect(load.figures(now: second).endpoints.map(\.isAside) == [true, false, false])
        var seen: Set<Int> = []
        for _ in 0..<9 { seen.insert(try permit(load.ask(slots, .normal, now: 11 * second)).slot) }
        #expect(seen == [0, 1, 2])
    }

    @Test("an endpoint that is much slower than the others is set aside where the file says so")
    func slowOutlier() throws {
        var load = UpstreamLoad()
        let slots = load.configure(Self.rules { $0.outlier?.slower = 3 }, endpoints: Self.endpoints(2))
        for round in 0..<60 {
            let now = Int64(round) * second
            let permit = try permit(load.ask(slots, .normal, now: now))
            _ = load.end(permit, .answered, now: now + (permit.slot == 1 ? second / 2 : second / 50))
        }
        #expect(load.figures(now: 45 * second).endpoints.map(\.isAside) == [false, true])
    }

    @Test("a call whose connection did not come about goes to another endpoint and keeps its room")
    func moves() throws {
        var load = UpstreamLoad()
        let slots = load.configure(Self.rules { $0.concurrent = 1 }, endpoints: Self.endpoints(2))
        let first = try permit(load.ask(slots, .normal, now: 0))
        let moved = load.move(first, slots, tried: [first.slot], now: 0)
        let second = try #require(moved)
        #expect(second.slot != first.slot)
        #expect(load.figures(now: 0).inFlight == 1)
        #expect(load.move(second, slots, tried: [first.slot, second.slot], now: 0) == nil)
        _ = load.end(second, .failed, now: 0)
        #expect(load.figures(now: 0).inFlight == 0)
        #expect(load.figures(now: 0).endpoints.map(\.inFlight) == [0, 0])
    }

    @Test("when every breaker is open the call is refused with the time of the first to try again, and takes nothing of the rate")
    func resting() throws {
        var load = UpstreamLoad()
        let slots = load.configure(
            Self.rules {
                $0.breaker?.failures = 2
                $0.breaker?.pause = 5 * second
                $0.outlier = nil
                $0.rate = RateRule(count: 5, per: .seconds(100))
            }, endpoints: Self.endpoints(2))
        for now in [0, second] { for _ in 0..<2 { _ = load.end(try permit(load.ask(slots, .normal, now: now)), .failed, now: now) } }
        for _ in 0..<10 { #expect(load.ask(slots, .normal, now: 2 * second) == .refuse(.resting(retryAfter: 4 * second))) }
        #expect(load.figures(now: 0).counts.openings == 2)
        let probe = try permit(load.ask(slots, .normal, now: 6 * second))
        #expect(probe.isProbe)
        guard case .refuse(.resting) = load.ask(slots, .normal, now: 6 * second) else {
            // The other endpoint, whose pause is over too, may probe as well.
            return
        }
    }

    @Test("a reload changes the rules and forgets neither calls nor breakers; an endpoint that moves in the list keeps its own")
    func reload() throws {
        var load = UpstreamLoad()
        let old = Self.endpoints(2)
        let slots = load.configure(
            Self.rules {
                $0.concurrent = 4
                $0.breaker?.failures = 1
                $0.outlier = nil
            }, endpoints: old)
        let out = try permit(load.ask(slots, .normal, now: 0))
        let broken = try permit(load.ask(slots, .normal, now: 0))
        _ = load.end(broken, .failed, now: 0)
        let next = load.configure(
            Self.rules {
                $0.concurrent = 1
                $0.outlier = nil
            }, endpoints: [Endpoint(host: "10.9.9.9", port: 1)] + old.reversed())
        #expect(load.ask(next, .normal, now: 0) == .wait)
        #expect(load.figures(now: 0).endpoints.map(\.name) == ["10.9.9.9:1", "10.0.0.2:80", "10.0.0.1:80"])
        #expect(load.figures(now: 0).endpoints.count { $0.breaker == .open } == 1)
        _ = load.end(out, .answered, now: 0)
        _ = try permit(load.ask(next, .normal, now: 0))
    }

    @Test("whatever happens, no more are out than may be, nobody is told twice, and in the end nothing is left over", arguments: 0..<20)
    func conservation(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        var load = UpstreamLoad()
        let limit = Int.random(in: 1...8, using: &random)
        let slots = load.configure(
            Self.rules {
                $0.concurrent = limit
                $0.queue = 6
                $0.wait = second
                $0.breaker?.failures = 4
                $0.breaker?.pause = second / 2
            }, endpoints: Self.endpoints(3))
        var (now, ticket): (Int64, UInt64) = (0, 0)
        var out: [UpstreamPermit] = []
        var waiting: Set<UInt64> = []
        func hear(_ news: UpstreamLoad.News) {
            for granted in news.granted {
                #expect(waiting.remove(granted.ticket) != nil)
                out.append(granted.permit)
            }
            for refused in news.refused { #expect(waiting.remove(refused.ticket) != nil) }
        }
        for _ in 0..<4000 {
            now += Int64.random(in: 0...second / 50, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let priority = CallPriority.allCases.randomElement(using: &random) ?? .normal
                switch load.ask(slots, priority, now: now) {
                case .go(let permit): out.append(permit)
                case .refuse: break
                case .wait:
                    ticket += 1
                    guard case .waiting(let displaced) = load.enter(ticket, slots, priority, ends: .max, now: now) else { continue }
                    waiting.insert(ticket)
                    if let displaced { #expect(waiting.remove(displaced) != nil) }
                }
            case 5..<8:
                guard !out.isEmpty else { continue }
                let permit = out.remove(at: Int.random(in: 0..<out.count, using: &random))
                hear(load.end(permit, [.answered, .answered, .failed, .unused].randomElement(using: &random) ?? .unused, now: now))
            case 8: hear(load.tick(now: now))
            default:
                guard let gone = waiting.randomElement(using: &random) else { continue }
                waiting.remove(gone)
                load.leave(gone)
            }
            #expect(out.count <= limit)
            let figures = load.figures(now: now)
            #expect(figures.inFlight == out.count)
            #expect(figures.endpoints.reduce(0) { $0 + $1.inFlight } == out.count)
            #expect(figures.waiting.reduce(0, +) == waiting.count)
        }
        while !out.isEmpty || !waiting.isEmpty {
            now += second
            if !out.isEmpty { hear(load.end(out.removeLast(), .answered, now: now)) }
            hear(load.tick(now: now))
        }
        #expect(load.figures(now: now).inFlight == 0)
    }
}

/// A small generator with a fixed seed (SplitMix64), so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
