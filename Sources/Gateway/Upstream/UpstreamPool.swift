import Adapters
import GatewayCore
import NIOCore
import NIOPosix

/// The connections of one event loop to one upstream. Its endpoints take turns; the connection used last is used next, so
/// that the others can go idle. Confined to its event loop.
final class UpstreamPool {
    let settings: UpstreamSettings
    private let eventLoop: any EventLoop
    private let limits: WireLimits
    private let clock: () -> Int64
    private let meters: LoopMeters
    /// This loop's share of the upstream's connections, at least 1.
    private let capacity: Int
    /// Opens TLS, where the upstream has it.
    private let tls: TLSClient?
    private var idle: [UpstreamConnection] = []
    private var waiting: [Waiter] = []
    private var turn = 0
    /// Connections open or opening.
    private(set) var open = 0
    private var isRetired = false

    private struct Waiter {
        let sink: any UpstreamSink
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

    /// How many exchanges may wait for a connection before more are refused.
    private static let queueLimit = 4096

    init(
        settings: UpstreamSettings, tls: TLSClient?, loops: Int, eventLoop: any EventLoop, limits: WireLimits, meters: LoopMeters,
        clock: @escaping () -> Int64
    ) {
        self.tls = tls
        self.settings = settings
        self.eventLoop = eventLoop
        self.limits = limits
        self.clock = clock
        self.meters = meters
        capacity = max(1, settings.connections / max(1, loops))
        hostField = settings.endpoints.first?.description ?? ""
        firstByteTimeout = settings.firstByteTimeout.nanoseconds
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
        if !fresh {
            while let connection = idle.popLast() {
                if connection.isOpen { return sink.upstreamReady(connection) }
            }
        } else if open >= capacity, !idle.isEmpty {
            // Room for a new one: the oldest idle connection goes.
            idle.removeFirst().close()
        }
        if open < capacity {
            connect(for: sink)
        } else if waiting.count < Self.queueLimit {
            waiting.append(Waiter(sink: sink))
        } else {
            sink.upstreamFailed(.saturated)
        }
    }

    /// The sink waits no longer.
    func forget(_ sink: any UpstreamSink) { waiting.removeAll { $0.sink === sink } }

    /// Takes a connection back whose reply is complete.
    func putBack(_ connection: UpstreamConnection) {
        connection.idleSince = clock()
        if isRetired { return connection.close() }
        // A connection that was busy this instant is as good as a fresh one.
        if !waiting.isEmpty { return waiting.removeFirst().sink.upstreamReady(connection) }
        idle.append(connection)
    }

    /// A connection closed.
    func gone(_ connection: UpstreamConnection) {
        open -= 1
        meters.upstreamConnectionClosed()
        if let index = idle.firstIndex(where: { $0 === connection }) { idle.remove(at: index) }
        serveWaiting()
    }

    /// Closes what has been idle too long.
    func sweep(now: Int64) {
        let limit = settings.keepAlive.nanoseconds
        while let oldest = idle.first, now - oldest.idleSince > limit {
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
            connect(for: waiting.removeFirst().sink)
        }
    }

    /// The endpoint whose turn it is.
    func nextEndpoint() -> Endpoint {
        defer { turn = (turn + 1) % settings.endpoints.count }
        return settings.endpoints[turn % settings.endpoints.count]
    }

    /// Opens a connection; an endpoint that cannot be reached is followed by the next, each of them once.
    private func connect(for sink: any UpstreamSink, attempt: Int = 1) {
        open += 1
        let endpoint = nextEndpoint()
        let connection = UpstreamConnection(pool: self, endpoint: endpoint, limits: limits)
        let bound = NIOLoopBound((pool: self, connection: connection, sink: WeakSink(sink)), eventLoop: eventLoop)
        let handshake = tls == nil ? nil : TLSHandshake(connection, on: eventLoop)
        open(endpoint, connection, handshake)
            .whenComplete { result in bound.value.pool.connected(result, bound.value.connection, bound.value.sink, attempt) }
    }

    /// Opens a channel, with TLS where the upstream has it; done when the connection can be used.
    private func open(_ endpoint: Endpoint, _ connection: UpstreamConnection, _ handshake: TLSHandshake?) -> EventLoopFuture<Void> {
        let bound = NIOLoopBound((tls: tls, connection: connection, handshake: handshake), eventLoop: eventLoop)
        let timeout = TimeAmount.nanoseconds(settings.connectTimeout.nanoseconds)
        handshake?.bound(by: timeout, on: eventLoop)
        let connected = ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 4096, initial: 8192, maximum: 65536))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
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

    private func connected(_ result: Result<Void, any Error>, _ connection: UpstreamConnection, _ weak: WeakSink, _ attempt: Int) {
        switch result {
        case .success:
            meters.upstreamConnectionOpened()
            if let sink = weak.sink {
                sink.upstreamReady(connection)
            } else {
                // Whoever wanted it went away; it serves the next one.
                putBack(connection)
            }
        case .failure(let error):
            open -= 1
            if attempt < settings.endpoints.count, let sink = weak.sink { return connect(for: sink, attempt: attempt + 1) }
            weak.sink?.upstreamFailed(Self.failure(error))
            serveWaiting()
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
