import Adapters
import Testing

@testable import GatewayCore

@Suite("limits.yaml")
struct LimitsFileTests {
    private static let consumers = """
        consumers:
          portal: { grants: [{ departments: ["*"], operations: ["*"], routes: ["*"] }] }
          city: { grants: [{ departments: ["*"], operations: ["*"] }] }
        """

    private static func compile(_ limits: String) -> (snapshot: Snapshot?, problems: [Problem]) {
        Sources(consumers: consumers, limits: limits, departments: [("lab.yaml", Sources.plain)]).compile()
    }

    private func facts(_ route: Int, consumer: Int, now: Int64 = 5, at epochSeconds: Int64 = 1_780_000_000) -> ExchangeFacts {
        var facts = ExchangeFacts(now: now, epochSeconds: epochSeconds, trace: TraceContext(high: 1, low: 1, span: 1))
        facts.route = route
        facts.consumer = consumer
        facts.client = ClientAddress("10.1.1.1")
        return facts
    }

    private func onHead(_ facts: inout ExchangeFacts, _ snapshot: Snapshot) -> AdapterFault? {
        LimitPolicy.onHead(RequestHead(), UnsafeRawBufferPointer(start: nil, count: 0), &facts, snapshot)
    }

    @Test("a bucket for each consumer and operation, for those that the row names")
    func perConsumerAndOperation() throws {
        let (found, problems) = Self.compile(
            "limits: { reads: { for: { consumers: city, operations: [cases.get, items.get] }, per: [consumer, operation], rate: 2/m } }")
        let snapshot = try #require(found, "\(problems)")
        func route(_ id: String) throws -> Int { try #require(snapshot.routes.firstIndex { $0.id == id }) }
        func ask(_ id: String, _ consumer: Int) throws -> String? {
            var facts = facts(try route(id), consumer: consumer)
            return onHead(&facts, snapshot)?.detail
        }
        // By the file's order the portal is 0 and the city 1.
        for _ in 0..<2 { #expect(try ask("cases.get", 1) == nil) }
        #expect(try ask("cases.get", 1) == "the limit 'reads' (rate) is used up")
        #expect(try ask("items.get", 1) == nil)
        for _ in 0..<5 {
            #expect(try ask("cases.get", 0) == nil)
            #expect(try ask("cases.submit", 1) == nil)
            #expect(try ask("cases.get", -1) == nil)
        }
    }

    @Test("a request that a later limit refuses gives back what it took from the earlier ones, of every kind")
    func givesBack() throws {
        let text = """
            limits:
              first: { rate: 3/d, daily: 3, monthly: 3, concurrent: 3 }
              second: { daily: 1 }
            """
        let (found, problems) = Self.compile(text)
        let snapshot = try #require(found, "\(problems)")
        let route = try #require(snapshot.routes.firstIndex { $0.id == "everything" })
        for round in 0..<20 {
            var facts = facts(route, consumer: -1)
            let fault = onHead(&facts, snapshot)
            #expect((fault == nil) == (round == 0))
            if round > 0 { #expect(fault?.code == .quotaExceeded && fault?.detail == "the limit 'second' (daily) is used up") }
            facts.limits.settle(snapshot.limits, givesBack: fault != nil, now: facts.now, epochSeconds: facts.epochSeconds)
        }
        // The day after: the second is new, the first has two of its rate left, three of its day, two of its month.
        var next = facts(route, consumer: -1, at: 1_780_000_000 + 86_400)
        #expect(onHead(&next, snapshot) == nil)
        #expect(next.limits.entries.map(\.decision.remaining) == [0, 1, 2, 1, 0])
    }

    @Test("what is at once is let go at the end, whatever came of it")
    func concurrency() throws {
        let (found, problems) = Self.compile("limits: { few: { per: address, concurrent: 2 } }")
        let snapshot = try #require(found, "\(problems)")
        let route = try #require(snapshot.routes.firstIndex { $0.id == "everything" })
        var open: [ExchangeFacts] = []
        for _ in 0..<3 {
            var facts = facts(route, consumer: -1)
            let fault = onHead(&facts, snapshot)
            #expect((fault == nil) == (open.count < 2))
            #expect(fault?.retryAfter ?? 1 == 1)
            if fault == nil {
                open.append(facts)
            } else {
                facts.limits.settle(snapshot.limits, givesBack: true, now: 5, epochSeconds: 5)
            }
        }
        for facts in open { facts.limits.settle(snapshot.limits, givesBack: false, now: 5, epochSeconds: 5) }
        var again = facts(route, consumer: -1)
        #expect(onHead(&again, snapshot) == nil)
    }

    @Test("a row that names departments or regions waits until one is found")
    func perDepartment() throws {
        let text = """
            limits:
              each: { per: [consumer, department], rate: 1/m }
              cities: { for: { regions: ["230600"] }, per: region, daily: 1 }
            """
        let department = """
            department: lab
            authority: 11230000MB1A0001XM
            region: "230000"
            upstream: { endpoints: [http://127.0.0.1:1] }
            operations: {}
            """
        let (found, problems) = Sources(consumers: Self.consumers, limits: text, departments: [("lab.yaml", department)]).compile()
        let snapshot = try #require(found, "\(problems)")
        #expect(snapshot.limits.isAsked)
        func call(_ consumer: Int, region: String?) -> String? {
            var facts = facts(0, consumer: consumer)
            #expect(onHead(&facts, snapshot) == nil)
            return snapshot.takeLimits(CallFacts(operation: 0, department: 0, region: region.flatMap(Region.init)), &facts)?.detail
        }
        #expect(call(0, region: "230602") == nil)
        #expect(call(0, region: "230602")?.contains("'each'") == true)
        #expect(call(1, region: "230602")?.contains("'cities'") == true)
        #expect(call(1, region: "230100")?.contains("'each'") == true)
    }

    @Test("the fields tell of every measure but what is at once")
    func fields() throws {
        let (found, problems) = Self.compile("limits: { all: { rate: 5/s, burst: 9, concurrent: 4, daily: 100, monthly: 1000 } }")
        let snapshot = try #require(found, "\(problems)")
        var facts = facts(try #require(snapshot.routes.firstIndex { $0.id == "everything" }), consumer: -1)
        #expect(onHead(&facts, snapshot) == nil)
        let text = withUnsafeTemporaryAllocation(byteCount: 2000, alignment: 1) { memory in
            var out = ByteCursor(memory)
            facts.limits.write(snapshot.limits, to: &out)
            return String(decoding: memory.prefix(out.count), as: UTF8.self)
        }
        let seconds = QuotaPeriod(.day, at: facts.epochSeconds).ends
        #expect(
            text.split(separator: "\r\n").prefix(4).map(String.init) == [
                "RateLimit: \"all\";r=8;t=1", "RateLimit-Policy: \"all\";q=5;w=1", "RateLimit: \"all-day\";r=99;t=\(seconds)",
                "RateLimit-Policy: \"all-day\";q=100;w=86400",
            ])
        #expect(text.hasSuffix("RateLimit-Policy: \"all-month\";q=1000\r\n"))
    }

    @Test("taking from limits a second time on a connection allocates no new storage")
    func handOver() throws {
        let (found, _) = Self.compile("limits: { a: { rate: 1000/s, daily: 1000 } }")
        let snapshot = try #require(found)
        let route = try #require(snapshot.routes.firstIndex { $0.id == "everything" })
        var first = facts(route, consumer: -1)
        _ = onHead(&first, snapshot)
        let address = first.limits.storage
        var second = facts(route, consumer: -1)
        second.limits = first.limits.handOver()
        #expect(second.limits.count == 0 && first.limits.count == 0)
        _ = onHead(&second, snapshot)
        #expect(second.limits.storage == address)
    }

    @Test("every mistake is found at its place, with what would have been right")
    func mistakes() {
        let text = """
            limits:
              one: { per: [consumr], rate: 5, daily: 0 }
              Two: { rate: 1/s }
              three: { for: { consumers: citty, operations: cases.gett, regions: "23", routes: nothing }, rate: 1/s }
              four: { burst: 2, monthly: 5 }
              five: { concurent: 2 }
            """
        let told = Self.compile(text).problems.map(\.description).joined(separator: "\n")
        for part in [
            "'consumr' is nothing that a limit can count by", "did you mean 'consumer'?", "'5' is no rate", "'daily' is 0",
            "'Two' cannot be a limit's name", "'citty' matches none of the consumers", "did you mean 'city'?", "did you mean 'cases.get'?",
            "'23' is no region", "'nothing' matches none of the routes", "'burst' belongs to a 'rate'", "did you mean 'concurrent'?",
        ] {
            #expect(told.contains(part), "\(part) in\n\(told)")
        }
        let empty = Self.compile("limits: { none: { per: consumer } }").problems.map(\.description).joined()
        #expect(empty.contains("says of nothing how much"))
    }
}
