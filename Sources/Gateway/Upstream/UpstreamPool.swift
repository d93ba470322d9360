import Adapters
import GatewayCore
import NIOCore
import NIOPosix

/// The connections of one event loop to one upstream. The upstream's guard says whether and where a call goes; the connection
/// used last is used next, so that the others can go idle. Confined to its event loop.
final class UpstreamPool {
    let settings: UpstreamSettings
    private let eventLoop: any EventLoop
    private let limits: WireLimits
    private let clock: () -> Int64
    private let meters: LoopMeters
    /// When what is written to its connections leaves.
    let flushes: FlushQueue
    /// This loop's share of the upstream's connections, at least 1.
    private let capacity: Int
    /// Opens TLS, where the upstream has it.
    private let tls: TLSClient?
    private var idle: [UpstreamConnection] = []
    private var waiting: [Waiter] = []
    /// The way to what all loops share of this upstream.
    let line: UpstreamLine
    /// Connections open or opening.
    private(set) var open = 0
    private var isRetired = false

    /// A call that has its permit and waits for a connection.
    private struct Waiter {
        let sink: any UpstreamSink
        let permit: UpstreamPermit
    }

    /// The value of a Host field for this upstream: its first endpoint, so that all of them serve one name.
    let hostField: String
    /// Nanoseconds that the first byte of a reply may take.
    let firstByteTimeout: Int64
    /// Nanoseconds without a byte after which a streamed reply is given up.
    let silenceTimeout: Int64
    /// Nanoseconds that a mapped call may take in all.
    let totalTimeout: Int64

    /// The Authorization field of mapped calls, where the upstream wants Basic (RFC 7617).
    let authorization: String?

    /// Nanoseconds that a connection may be idle; of ten thousand pools each is asked twenty times a second.
    private let keepAlive: Int64
    /// Whether its endpoints are checked by themselves.
    private let isChecked: Bool

    /// How many exchanges may wait for a connection before more are refused.
    private static let queueLimit = 4096

    init(
        settings: UpstreamSettings, tls: TLSClient?, load: UpstreamGuard, loops: Int, eventLoop: any EventLoop, limits: WireLimits,
        meters: LoopMeters, flushes: FlushQueue,
        clock: @escaping () -> Int64
    ) {
        self.tls = tls
        line = UpstreamLine(load, settings, eventLoop: eventLoop, clock: clock)
        self.settings = settings
        self.eventLoop = eventLoop
        self.limits = limits
        self.clock = clock
        self.meters = meters
        self.flushes = flushes
        capacity = max(1, settings.connections / max(1, loops))
        hostField = settings.endpoints.first?.description ?? ""
        firstByteTimeout = settings.firstByteTimeout.nanoseconds
        keepAlive = settings.keepAlive.nanoseconds
        isChecked = settings.protection.health != nil
        totalTimeout = settings.totalTimeout.nanoseconds
        authorization = settings.authentication.flatMap { login in
            guard login.scheme == .basic else { return nil }
            return "Basic " + Base64Codec.encode(login.user.bytes + [0x3A] + login.password.bytes)
        }
        silenceTimeout = settings.totalTimeout.nanoseconds
    }

    /// Gives the sink a connection, now or later; it hears `upstreamReady` or `upstreamFailed`. With `fresh` no connection
    /// that has been idle is used: for a request that must not meet a stale one.
    func acquire(_ sink: any UpstreamSink, fresh: Bool = false) {
        switch line.ask(sink.priority) {
        case .go(let permit): connect(sink, permit, fresh: fresh)
        case .refuse(let refusal): sink.upstreamFailed(.refused(refusal))
        case .wait: line.enter(ConnectionSeeker(sink, fresh: fresh, pool: self))
        }
    }

    /// Gives a sink that has its permit a connection to the permit's endpoint.
    fileprivate func connect(_ sink: any UpstreamSink, _ permit: UpstreamPermit, fresh: Bool) {
        let index = line.index(of: permit)
        if !fresh {
            while let connection = popIdle(index) {
                guard connection.isOpen else { continue }
                connection.permit = permit
                return sink.upstreamReady(connection)
            }
        }
        // Room for a new one: the oldest idle connection goes.
        if open >= capacity, !idle.isEmpty { idle.removeFirst().close() }
        if open < capacity {
            connect(for: sink, permit)
        } else if waiting.count < Self.queueLimit {
            waiting.append(Waiter(sink: sink, permit: permit))
        } else {
            line.end(permit, .unused)
            sink.upstreamFailed(.saturated)
        }
    }

    /// The connection to an endpoint that was used last.
    private func popIdle(_ index: Int) -> UpstreamConnection? {
        if settings.endpoints.count == 1 { return idle.popLast() }
        return idle.lastIndex { $0.index == index }.map { idle.remove(at: $0) }
    }

    /// The sink waits no longer.
    func forget(_ sink: any UpstreamSink) {
        line.forget { ($0 as? ConnectionSeeker)?.sink === sink }
        guard let place = waiting.firstIndex(where: { $0.sink === sink }) else { return }
        line.end(waiting.remove(at: place).permit, .unused)
    }

    /// Takes a connection back whose reply is complete.
    func putBack(_ connection: UpstreamConnection) {
        endPermit(of: connection)
        connection.idleSince = clock()
        // Without a time to be kept it serves once: some departments close behind every reply and do not say so.
        if isRetired || settings.keepAlive == .zero { return connection.close() }
        guard !waiting.isEmpty else { return idle.append(connection) }
        // A connection that was busy this instant is as good as a fresh one.
        if let place = waiting.firstIndex(where: { line.index(of: $0.permit) == connection.index }) {
            let waiter = waiting.remove(at: place)
            connection.permit = waiter.permit
            return waiter.sink.upstreamReady(connection)
        }
        // Whoever waits wants another endpoint: this one makes room.
        connection.close()
    }

    /// A connection closed.
    func gone(_ connection: UpstreamConnection) {
        open -= 1
        meters.upstreamConnectionClosed()
        endPermit(of: connection)
        if let index = idle.firstIndex(where: { $0 === connection }) { idle.remove(at: index) }
        serveWaiting()
    }

    /// The call on a connection is answered, and the connection goes on with something else.
    func answered(_ connection: UpstreamConnection) { endPermit(of: connection) }

    private func endPermit(of connection: UpstreamConnection) {
        guard let permit = connection.permit else { return }
        connection.permit = nil
        line.end(permit, connection.verdict)
    }

    /// Opens a connection to one endpoint for a health check, whatever the guard says of it.
    func connect(check sink: any UpstreamSink, at index: Int) {
        let endpoint = settings.endpoints[index]
        open += 1
        let connection = UpstreamConnection(pool: self, endpoint: endpoint, index: index, limits: limits)
        let bound = NIOLoopBound((pool: self, connection: connection, sink: sink), eventLoop: eventLoop)
        open(endpoint, connection, tls == nil ? nil : TLSHandshake(connection, on: eventLoop)).whenComplete { result in
            let (pool, connection, sink) = bound.value
            switch result {
            case .success:
                pool.meters.upstreamConnectionOpened()
                sink.upstreamReady(connection)
            case .failure(let error):
                pool.open -= 1
                sink.upstreamFailed(Self.failure(error))
                pool.serveWaiting()
            }
        }
    }

    /// Makes the health checks that are due.
    func checkHealth(now: Int64, deadlines: DeadlineBook) {
        guard isChecked, !isRetired else { return }
        while let (slot, index, rule) = line.takeCheck(now: now) {
            HealthProbe(rule, pool: self, deadlines: deadlines, now: now) { [line] isGood in line.noteCheck(slot, isGood: isGood) }
                .start(at: index)
        }
    }

    /// Closes what has been idle too long.
    func sweep(now: Int64) {
        line.tick(now: now)
        while let oldest = idle.first, now - oldest.idleSince > keepAlive {
            idle.removeFirst()
            oldest.close()
        }
    }

    /// A reload dropped or changed this upstream: exchanges end on it, nothing new begins.
    func retire() {
        isRetired = true
        let connections = idle
        idle = []
        for connection in connections { connection.close() }
    }

    private func serveWaiting() {
        while open < capacity, !waiting.isEmpty {
            let waiter = waiting.removeFirst()
            connect(for: waiter.sink, waiter.permit)
        }
    }

    /// The endpoint that follows another, or the first: for transports that choose themselves.
    func endpoint(after endpoint: Endpoint?) -> Endpoint {
        let place = endpoint.flatMap { settings.endpoints.firstIndex(of: $0) }.map { $0 + 1 } ?? 0
        return settings.endpoints[place % settings.endpoints.count]
    }

    /// Opens a connection; an endpoint that cannot be reached is followed by another, each of them once.
    private func connect(for sink: any UpstreamSink, _ permit: UpstreamPermit, tried: [Int] = []) {
        open += 1
        let index = line.index(of: permit)
        let endpoint = settings.endpoints[index]
        let connection = UpstreamConnection(pool: self, endpoint: endpoint, index: index, limits: limits)
        let bound = NIOLoopBound((pool: self, connection: connection, sink: WeakSink(sink)), eventLoop: eventLoop)
        let handshake = tls == nil ? nil : TLSHandshake(connection, on: eventLoop)
        open(endpoint, connection, handshake)
            .whenComplete { result in bound.value.pool.connected(result, bound.value.connection, bound.value.sink, permit, tried) }
    }

    /// Opens a channel, with TLS where the upstream has it; done when the connection can be used.
    private func open(_ endpoint: Endpoint, _ connection: UpstreamConnection, _ handshake: TLSHandshake?) -> EventLoopFuture<Void> {
        let brake = line.bandwidth(settings.protection).map { LineBrake($0, clock: clock) }
        brake?.connection = connection
        connection.brake = brake
        let bound = NIOLoopBound((tls: tls, connection: connection, handshake: handshake, brake: brake), eventLoop: eventLoop)
        let timeout = TimeAmount.nanoseconds(settings.connectTimeout.nanoseconds)
        handshake?.bound(by: timeout, on: eventLoop)
        let connected = ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 8192, maximum: 65536))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let brake = bound.value.brake { try channel.pipeline.syncOperations.addHandler(brake) }
                    if let tls = bound.value.tls, let handshake = bound.value.handshake {
                        try tls.add(to: channel, endpoint: endpoint, handshake: handshake)
                    } else {
                        try channel.pipeline.syncOperations.addHandler(bound.value.connection)
                    }
                }
            }
            .connect(host: endpoint.host, port: endpoint.port)
            .map { _ in }
        guard let handshake else { return connected }
        connected.whenFailure { bound.value.handshake?.fail($0) }
        return handshake.outcome
    }

    private func connected(
        _ result: Result<Void, any Error>, _ connection: UpstreamConnection, _ weak: WeakSink, _ permit: UpstreamPermit, _ tried: [Int]
    ) {
        switch result {
        case .success:
            meters.upstreamConnectionOpened()
            connection.permit = permit
            if let sink = weak.sink {
                sink.upstreamReady(connection)
            } else {
                // Whoever wanted it went away; it serves the next one.
                putBack(connection)
            }
        case .failure(let error):
            open -= 1
            let tried = tried + [permit.slot]
            guard let sink = weak.sink, tried.count < settings.endpoints.count, let next = line.move(permit, tried: tried) else {
                line.end(permit, .failed)
                weak.sink?.upstreamFailed(Self.failure(error))
                return serveWaiting()
            }
            connect(for: sink, next, tried: tried)
        }
    }

    private static func failure(_ error: any Error) -> UpstreamFailure {
        if case ChannelError.connectTimeout = error { return .connectTimeout }
        return TLSFault(error).map(UpstreamFailure.tls) ?? .unreachable
    }

    private final class WeakSink {
        weak var sink: (any UpstreamSink)?
        init(_ sink: any UpstreamSink) { self.sink = sink }
    }
}

/// A sink on its way to a connection: it needs a permit first.
private final class ConnectionSeeker: PermitOwner {
    let sink: any UpstreamSink
    private let fresh: Bool
    private let pool: UpstreamPool

    init(_ sink: any UpstreamSink, fresh: Bool, pool: UpstreamPool) {
        self.sink = sink
        self.fresh = fresh
        self.pool = pool
    }

    var priority: CallPriority { sink.priority }
    func permitted(_ permit: UpstreamPermit) { pool.connect(sink, permit, fresh: fresh) }
    func refused(_ refusal: UpstreamRefusal) { sink.upstreamFailed(.refused(refusal)) }
}
