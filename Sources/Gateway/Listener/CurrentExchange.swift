import Adapters
import GatewayCore

/// Everything the connection knows of the exchange at hand; the record at its end is made from it. A class, so that nobody copies it.
final class CurrentExchange {
    /// The configuration the exchange began with, and keeps.
    var state: LoopSnapshot?
    /// What the policies know.
    var facts = ExchangeFacts(now: 0, epochSeconds: 0, trace: TraceContext(high: 0, low: 0, span: 0))
    var phase = ExchangePhase.received
    var method = RequestMethod.other
    /// How it came.
    var transport = ClientTransport.plain
    var minorVersion: UInt8 = 1
    var bodyLimit = 0
    var bytesIn = 0
    var bytesOut = 0
    var status = 0
    /// The problem's code, where the answer is one.
    var code: ProblemCode?
    /// What the caller says it needs the answer for, where it does.
    var purpose: String?
    /// The path in its normal form, where it came in another.
    var normalPath: [UInt8]?
    /// The endpoint that was asked.
    var endpoint: String?
    /// Nanoseconds from the request's last byte sent to the reply's first byte.
    var upstreamNanoseconds: Int64 = 0
    var retries = 0
    /// Whether it counts among those that the loop has at hand.
    var counts = false
    /// Milliseconds since 1970 when the head was complete.
    var epochMilliseconds: Int64 = 0

    /// The fields that tell the consumer of its rate.
    var rateFields: RateLimitFields? {
        guard facts.consumer >= 0 else { return nil }
        return state?.snapshot.consumers.consumers[facts.consumer].rate?.fields
    }

    /// Every policy let the request pass.
    func admitted(_ route: Route, _ snapshot: Snapshot) {
        phase = .admitted
        // A department's own upstream has the department's index; the ones of single routes come after.
        if case .plain(let plain) = route.target, plain.upstream < snapshot.departments.count { facts.department = plain.upstream }
    }

    /// Adds what a department's call cost.
    func note(_ outcome: DepartmentCall.Outcome) {
        if let endpoint = outcome.endpoint { self.endpoint = endpoint }
        upstreamNanoseconds = max(upstreamNanoseconds, outcome.nanoseconds)
        retries += outcome.retries
    }
}

extension AccessRecord {
    /// Fills in what is known of an exchange that has ended. In place: a record is large, and nobody keeps it.
    mutating func fill(_ exchange: CurrentExchange, end: ExchangeEnd, elapsed: Int64, clientAddress: String) {
        spanID = exchange.facts.trace.span
        if let purpose = exchange.purpose { self.purpose = purpose }
        if let id = exchange.facts.requestID { requestID = id }
        if let snapshot = exchange.state?.snapshot { note(exchange, snapshot) }
        if let endpoint = exchange.endpoint { upstream = endpoint }
        method = exchange.method.name.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }
        status = exchange.status
        code = exchange.code
        self.end = end.rawValue
        totalNanoseconds = elapsed
        upstreamNanoseconds = exchange.endpoint == nil ? -1 : exchange.upstreamNanoseconds
        bytesIn = Int64(exchange.bytesIn)
        bytesOut = Int64(exchange.bytesOut)
        client = clientAddress
        httpVersion = exchange.transport.isHTTP2 ? "2" : exchange.minorVersion == 0 ? "1.0" : "1.1"
        retries = exchange.retries
    }

    /// What the configuration says of those who took part.
    private mutating func note(_ exchange: CurrentExchange, _ snapshot: Snapshot) {
        revision = Int64(snapshot.revision)
        let (called, asked, route) = (exchange.facts.consumer, exchange.facts.department, exchange.facts.route)
        if called >= 0 { consumer = snapshot.consumers.consumers[called].id }
        if let user = exchange.facts.user, user.kind == .operator { self.operator = user.id }
        if let credential = exchange.facts.credential { note(credential, snapshot) }
        if asked >= 0 { department = snapshot.departments[asked].id }
        if route >= 0 {
            self.route = snapshot.routes[route].id
            path = snapshot.routes[route].pattern.description
        }
    }

    private mutating func note(_ credential: CredentialFacts, _ snapshot: Snapshot) {
        guard let failure = credential.failure else { return }
        reason = failure.rawValue
        if credential.claimed >= 0 { claimed = snapshot.consumers.consumers[credential.claimed].id }
    }
}
