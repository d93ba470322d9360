// What it costs to know who is calling: processor time of one thread for each request, from the parsed head to the answer of every policy.
//
//   scripts/build credential-costs && .build/release/credential-costs
//
// And how much memory a consumer takes once the configuration is read, unless `calls-only` is asked for.
//
// Each figure is the median of nine rounds, after one that does not count. The policies are those of a plain route: identity, trace, address,
// zone, body limit, the credential, the user, the grant, opening hours and the limits.

import Adapters
import CLibCrypto
import GatewayCore
import Glibc

/// Requests of one kind, and what comes of them.
struct Scenario {
    let name: String
    let target: String
    let requests: [Request]
    let snapshot: Snapshot
    /// Whether what was remembered of the requests of one round is forgotten before the next.
    let renews: (() throws -> Snapshot)?

    struct Request {
        let bytes: [UInt8]
        var body: [UInt8] = []
    }
}

enum Failure: Error, CustomStringConvertible {
    case refused(String, AdapterFault)
    case configuration(String)
    case noHead(String)

    var description: String {
        switch self {
        case .refused(let name, let fault): "\(name): refused: \(fault.detail)"
        case .configuration(let text): "the configuration cannot be used:\n\(text)"
        case .noHead(let name): "\(name): no head"
        }
    }
}

@main
enum CredentialCosts {
    static let now: Int64 = 1_700_000_000

    static func main() throws {
        let fixture = try Fixture()
        for scenario in try [
            fixture.nobody(), fixture.key(limits: false), fixture.key(limits: true), fixture.signed(), fixture.seen(), fixture.fresh(),
        ] {
            let nanoseconds = try measure(scenario)
            let text = String(Double(Int(nanoseconds / 10)) / 100)
            print(scenario.name.padded(to: 58) + text.padded(to: 9) + "µs   " + scenario.target)
        }
        // A profile is of calls, and reading a hundred thousand consumers would be most of it.
        guard !CommandLine.arguments.contains("calls-only") else { return }
        print(
            "memory of each of 100,000 consumers with a key and a grant".padded(to: 58) + "\(try fixture.memory())".padded(to: 9)
                + "bytes   wanted: 200")
    }

    /// The median of nine rounds, in nanoseconds for each request.
    static func measure(_ scenario: Scenario) throws -> Double {
        var rounds: [Double] = []
        for round in 0..<10 {
            let snapshot = try scenario.renews?() ?? scenario.snapshot
            let heads = try scenario.requests.map { request in
                try request.bytes.withUnsafeBytes { bytes in
                    var parser = RequestHeadParser(limits: WireLimits())
                    guard parser.parse(bytes) == .complete else { throw Failure.noHead(scenario.name) }
                    return parser.head
                }
            }
            let start = processorTime()
            for index in scenario.requests.indices { try ask(scenario, scenario.requests[index], heads[index], snapshot) }
            let taken = processorTime() - start
            if round > 0 { rounds.append(Double(taken) / Double(scenario.requests.count)) }
        }
        return rounds.sorted()[rounds.count / 2]
    }

    @inline(never)
    private static func ask(_ scenario: Scenario, _ request: Scenario.Request, _ head: RequestHead, _ snapshot: Snapshot) throws {
        var facts = ExchangeFacts(now: 1_000_000_000, epochSeconds: now, trace: TraceContext(high: 1, low: 2, span: 3))
        facts.client = Fixture.client
        facts.route = 0
        for route in snapshot.routes.indices where snapshot.routes[route].id == "everything" { facts.route = route }
        try request.bytes.withUnsafeBytes { bytes in
            if let fault = PolicyCatalog.onHead(head, bytes, &facts, snapshot) { throw Failure.refused(scenario.name, fault) }
        }
        guard let content = facts.credential?.content, let running = content.running() else { return }
        request.body.withUnsafeBytes { running.append($0) }
        guard content.matches(running) else { throw Failure.refused(scenario.name, AdapterFault(.badSignature, "content")) }
    }

    private static func processorTime() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension String {
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
