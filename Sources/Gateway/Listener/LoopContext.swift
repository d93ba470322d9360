import Adapters
import GatewayCore
import Glibc
import Logging
import NIOCore
import NIOPosix

/// What all connections of one event loop share. Confined to that loop.
final class LoopContext {
    let eventLoop: any EventLoop
    let deadlines = DeadlineBook()
    private(set) var current: LoopSnapshot
    private(set) var isDraining = false
    private let shared: SharedParts
    private let access: AccessLogBuffer
    /// What the event loops' own transport cannot do.
    var curl: CurlEngine { shared.curl }
    let meters: LoopMeters
    /// Lets clients' connections in.
    var door: ConnectionDoor { shared.door }
    private var spans = SpanNumbers()
    private var random = RandomReserve()
    private var connections: [ObjectIdentifier: ClientConnection] = [:]
    /// Connections of HTTP/2, whose streams are among `connections`.
    private var sessions: [ObjectIdentifier: HTTP2Session] = [:]
    /// Those, and connections of HTTP/1.1 and to upstreams, that have something to send.
    let flushes: FlushQueue
    /// The allocator for what is read and written on this loop.
    let allocator = ByteBufferAllocator()
    private var secondOfDate: Int64 = -1
    /// The value of a Date field (RFC 9110 §6.6.1) for the current second.
    private(set) var dateField: [UInt8] = []
    private var sweeping: RepeatedTask?
    var gate = OverloadGate()
    /// When the sweep's next tick should come.
    private var nextTick = Int64.max

    /// What all loops share.
    struct SharedParts: Sendable {
        let loops: Int
        let sessions: SessionRegistry
        let guards: GuardRegistry
        let tls: TLSRegistry
        let curl: CurlEngine
        let caseNumbers: CaseNumberLedger
        let events: EventJournal
        let threads: NIOThreadPool
        let accessLog: AccessLog
        let door: ConnectionDoor
        let meters: Meters
        /// The counter of each end, in the table's order.
        let ends: [EndMeter]
        /// The counter of exchanges that no route answers to.
        let unrouted: RouteMeter
        let logger: Logger
    }

    /// A loop that begins with a snapshot.
    init(eventLoop: any EventLoop, first publication: Publication, shared: SharedParts) {
        self.eventLoop = eventLoop
        flushes = FlushQueue(eventLoop: eventLoop)
        self.shared = shared
        access = shared.accessLog.makeBuffer()
        meters = shared.meters.makeLoopMeters()
        current = LoopSnapshot(publication, pools: [])
        let limits = LoopSnapshot.limits(publication.snapshot.settings)
        let pools = publication.snapshot.upstreams.indices.map { pool(publication.snapshot, $0, limits) }
        current = LoopSnapshot(publication, pools: pools)
    }

    // MARK: Time and chance

    /// Nanoseconds of the monotonic clock.
    var now: Int64 { Int64(bitPattern: NIODeadline.now().uptimeNanoseconds) }

    /// Milliseconds since 1970.
    var epochMilliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }

    /// 128 random bits from the system: a department's nonce must not be guessed.
    func randomPair() -> (UInt64, UInt64) { (random.next(), random.next()) }

    private func refreshDate(_ seconds: Int64) {
        secondOfDate = seconds
        dateField = DateField.bytes(epochSeconds: seconds)
    }

    // MARK: Configuration

    /// Takes a new snapshot for exchanges to come. Pools of upstreams that did not change go on with their connections.
    func publish(_ publication: Publication) {
        let limits = LoopSnapshot.limits(publication.snapshot.settings)
        guard let pools = publication.pools(after: current, make: { self.pool(publication.snapshot, $0, limits) }) else {
            // It was made for another one: all of it anew.
            return publish(Publication(publication.snapshot, after: current.snapshot, shared))
        }
        current = LoopSnapshot(publication, pools: pools)
    }

    private func pool(_ snapshot: Snapshot, _ index: Int, _ limits: WireLimits) -> UpstreamPool {
        let settings = snapshot.upstreams[index]
        return UpstreamPool(
            settings: settings, tls: settings.tls.flatMap { try? shared.tls.client($0) },
            load: shared.guards.upstream(snapshot.upstreamName(index)), loops: shared.loops, eventLoop: eventLoop,
            limits: limits, meters: meters,
            flushes: flushes
        ) { [unowned self] in now }
    }

    // MARK: Connections

    func opened(_ connection: ClientConnection) {
        connections[ObjectIdentifier(connection)] = connection
        deadlines.enter(connection)
    }

    func closed(_ connection: ClientConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        deadlines.leave(connection)
    }

    func opened(_ session: HTTP2Session) {
        sessions[ObjectIdentifier(session)] = session
        deadlines.enter(session)
        if isDraining { session.drain() }
    }

    func closed(_ session: HTTP2Session) {
        guard sessions.removeValue(forKey: ObjectIdentifier(session)) != nil else { return }
        deadlines.leave(session)
    }

    /// What must end before the gateway may stop: connections, and of HTTP/2 each stream too.
    var openConnections: Int { connections.count + sessions.count }

    /// How many connections to upstreams are open.
    var upstreamConnections: Int { current.pools.reduce(0) { $0 + $1.open } }

    /// No request after the ones at hand: idle connections close now, the others after their answer.
    func drain() {
        isDraining = true
        for connection in connections.values { connection.drain() }
        for session in sessions.values { session.drain() }
    }

    /// Closes what is still open.
    func closeAll() {
        for connection in connections.values { connection.goneAway() }
        for session in sessions.values { session.close() }
        for pool in current.pools { pool.retire() }
        flushes.end()
        access.flush()
    }

    /// Begins the sweep of deadlines and idle connections.
    func startSweeping() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        let tick = TimeAmount.nanoseconds(DeadlineBook.tick)
        nextTick = now + DeadlineBook.tick
        sweeping = eventLoop.scheduleRepeatedTask(initialDelay: tick, delay: tick) { _ in bound.value.sweep() }
    }

    private func sweep() {
        let now = self.now
        gate.tick(late: now - nextTick, current.snapshot.settings.overload)
        nextTick = now + DeadlineBook.tick
        deadlines.sweep(now: now)
        for pool in current.pools {
            pool.sweep(now: now)
            pool.checkHealth(now: now, deadlines: deadlines)
        }
        access.tick()
    }

    /// Ends the sweep.
    func stopSweeping() {
        sweeping?.cancel()
        sweeping = nil
    }

    // MARK: Exchanges

    /// Why a request whose exchange has begun is turned away at once: the loop has too much to do. Nil when it is served.
    func turnsAway() -> AdapterFault? {
        guard gate.turnsAway(current.snapshot.settings.overload, loops: shared.loops) else { return nil }
        meters.shed()
        return OverloadGate.fault
    }

    /// The facts of an exchange that begins now.
    func beginExchange() -> CurrentExchange {
        let exchange = CurrentExchange()
        exchange.state = current
        exchange.epochMilliseconds = epochMilliseconds
        let seconds = exchange.epochMilliseconds / 1000
        if seconds != secondOfDate { refreshDate(seconds) }
        exchange.facts = ExchangeFacts(
            now: now, epochSeconds: seconds, trace: TraceContext(high: spans.next(), low: spans.next(), span: spans.next()))
        return exchange
    }

    /// A case number for an item, today in Asia/Shanghai; `done` is called on this loop.
    func caseNumber(itemCode: String, done: @escaping (Result<String, AdapterFault>) -> Void) {
        let day = CivilTime(epochSeconds: epochMilliseconds / 1000).compactDay
        if let number = shared.caseNumbers.next(itemCode: itemCode, day: day) { return done(.success(number)) }
        let (ledger, logger) = (shared.caseNumbers, shared.logger)
        let bound = NIOLoopBound(done, eventLoop: eventLoop)
        shared.threads.runIfActive(eventLoop: eventLoop) { try ledger.reserve(itemCode: itemCode, day: day) }
            .whenComplete { result in
                if case .failure(let error) = result { logger.error("no case number can be reserved", metadata: ["reason": "\(error)"]) }
                bound.value(result.mapError { _ in AdapterFault(.internal, "no case number can be reserved") })
            }
    }

    /// Keeps events that a department has pushed; `done` is called on this loop, once they are on the disk or with why they are not.
    func keep(_ entries: [EventJournal.Entry], done: @escaping (AdapterFault?) -> Void) {
        let day = CivilTime(epochSeconds: epochMilliseconds / 1000).compactDay
        let (journal, logger) = (shared.events, shared.logger)
        let bound = NIOLoopBound(done, eventLoop: eventLoop)
        shared.threads.runIfActive(eventLoop: eventLoop) { try journal.append(entries, day: day) }
            .whenComplete { result in
                guard case .failure(let error) = result else { return bound.value(nil) }
                logger.error("events cannot be kept", metadata: ["reason": "\(error)"])
                bound.value(AdapterFault(.internal, "the events cannot be kept now; push them again later"))
            }
    }

    /// Lets go of what an exchange took from the limits; one that a later limit refused, or that was not sent, gives back all of it.
    private func settleLimits(_ exchange: CurrentExchange) {
        guard let snapshot = exchange.state?.snapshot else { return }
        let wasSpared = exchange.code == .upstreamUnavailable && exchange.endpoint == nil
        let isOverLimit = exchange.code == .rateLimited || exchange.code == .quotaExceeded
        let givesBack = isOverLimit || exchange.code == .overloaded || wasSpared
        let now = exchange.facts.now
        exchange.facts.limits.settle(snapshot.limits, givesBack: givesBack, now: now, epochSeconds: exchange.facts.epochSeconds)
        guard givesBack, let decision = exchange.facts.rate, decision.allowed, exchange.facts.consumer >= 0 else { return }
        if let rate = snapshot.consumers.consumers[exchange.facts.consumer].rate { rate.bucket.giveBack(rate.rule, now: now) }
    }

    /// Makes the record of an exchange that has ended.
    func record(_ exchange: CurrentExchange, end: ExchangeEnd, clientAddress: String) {
        let elapsed = now - exchange.facts.now
        if exchange.counts { gate.end() }
        exchange.state?.count(exchange.code)
        if let credential = exchange.facts.credential, let failure = credential.failure {
            meters.authenticationFailed(failure.index, locks: credential.locksNow)
            if credential.locksNow {
                shared.logger.warning("locked out", metadata: ["client": "\(clientAddress)", "reason": "\(failure.rawValue)"])
            }
        }
        // An upgraded connection that fell silent was served.
        if exchange.code != nil || end == .stalled && exchange.status != 101,
            let limit = RefusedLimit(exchange.facts, code: exchange.code, end: end, exchange.state?.snapshot.limits)
        {
            meters.limited(limit)
        }
        if exchange.facts.limits.count > 0 || exchange.code != nil { settleLimits(exchange) }
        let (route, department) = (exchange.facts.route, exchange.facts.department)
        let measure = ExchangeMeasure(
            status: exchange.status, end: shared.ends[end.index], total: elapsed,
            upstream: exchange.endpoint == nil ? -1 : exchange.upstreamNanoseconds, bytesIn: Int64(exchange.bytesIn),
            bytesOut: Int64(exchange.bytesOut))
        meters.record(
            measure, route: route >= 0 ? exchange.state?.routeMeters[route] ?? shared.unrouted : shared.unrouted,
            department: department >= 0 ? exchange.state?.departmentMeters[department] : nil)
        let trace = exchange.facts.trace
        var record = AccessRecord(epochMilliseconds: exchange.epochMilliseconds, traceID: (trace.high, trace.low))
        record.fill(exchange, end: end, elapsed: elapsed, clientAddress: clientAddress)
        access.record(record)
    }
}
