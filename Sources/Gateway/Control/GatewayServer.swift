public import GatewayCore
public import Adapters
import Glibc
public import Logging
import NIOCore
import NIOPosix
import NIOSSL
import RouteFiles
import Synchronization

/// The gateway: its event loops, its listeners, its admin side. Start it once, stop it once.
public final class GatewayServer: Sendable {
    /// What the command line may say over the files.
    public struct Options: Sendable {
        /// The routes directory.
        public var routes = "Routes"
        /// Addresses to listen on instead of those in `gateway.yaml`.
        public var listen: [Endpoint] = []
        /// The admin address instead of the one in `gateway.yaml`; `off` for none.
        public var adminListen: String?
        /// The admin socket instead of the one in `gateway.yaml`.
        public var adminSocket: String?
        /// The state directory instead of the one in `gateway.yaml`.
        public var state: String?
        /// Where secrets are mounted.
        public var secretsDirectory: String?
        /// Where access records go instead of where `gateway.yaml` says.
        public var accessLog: GatewaySettings.AccessLogTarget?

        /// The defaults.
        public init() {}
    }

    /// Why the gateway cannot start.
    public struct StartFault: Error, Sendable, CustomStringConvertible {
        /// What is wrong.
        public let description: String
        /// The problems of the configuration, when that is the reason.
        public let problems: [Problem]

        /// A fault.
        public init(description: String, problems: [Problem] = []) {
            self.description = description
            self.problems = problems
        }
    }

    let options: Options
    let logger: Logger
    let store: ConfigurationStore
    let group: MultiThreadedEventLoopGroup
    let threads = NIOThreadPool(numberOfThreads: 2)
    let loops: [NIOLoopBound<LoopContext>]
    let accessLog: AccessLog
    let startedAt: Int64
    let sessions: SessionRegistry
    let guards = GuardRegistry()
    let tls = TLSRegistry()
    private let curl = CurlEngine()
    private let keySets: KeySetRefresh
    private let caseNumbers: CaseNumberLedger
    private let events: EventJournal
    private let limits: LimitKeeper
    let current: Mutex<Snapshot>
    let listeners: Mutex<[ListenerChannel]> = .init([])
    private let adminChannels: Mutex<[any Channel]> = .init([])
    private let draining = Atomic<Bool>(false)
    let meters: Meters
    /// Lets clients' connections in.
    let door = ConnectionDoor(files: OpenFiles.raise())
    /// What the loops share.
    let shared: LoopContext.SharedParts
    /// One load at a time.
    let turn = LoadTurn()

    struct ListenerChannel: Sendable {
        let address: Endpoint
        let channel: any Channel
        let context: ListenerContext
    }

    /// Loads the configuration and makes the event loops. Nothing listens before `start`.
    public init(options: Options, logger: Logger) throws(StartFault) {
        self.options = options
        self.logger = logger
        let sources = try Self.sources(options)
        let state = options.state ?? Compiler.settings(of: sources).state
        store = try Self.store(options, state)
        let (snapshot, warnings) = try Self.first(store.start(sources), options)
        for problem in warnings { logger.warning("configuration", metadata: ["problem": "\(problem)"]) }
        current = Mutex(snapshot)
        adminSocketPath = options.adminSocket ?? snapshot.settings.adminSocket
        let workers = snapshot.settings.workers > 0 ? snapshot.settings.workers : System.coreCount
        group = MultiThreadedEventLoopGroup(numberOfThreads: workers)
        sessions = SessionRegistry()
        keySets = KeySetRefresh(curl: curl, logger: logger)
        if let fault = tls.prepare(snapshot) { throw StartFault(description: fault) }
        let ledger: CaseNumberLedger
        mkdir(state, 0o750)
        let today = CivilTime(epochSeconds: Self.epochSeconds()).compactDay
        do { ledger = try CaseNumberLedger(path: "\(state)/case-numbers", today: today) } catch {
            throw StartFault(description: "the state directory cannot be used: \(error)", problems: [])
        }
        caseNumbers = ledger
        let journal: EventJournal
        do { journal = try EventJournal(directory: "\(state)/events") } catch {
            throw StartFault(description: "the state directory cannot be used: \(error)", problems: [])
        }
        events = journal
        limits = LimitKeeper(LimitFile(path: "\(state)/limits"), store.limits, logger)
        do { try limits.restore() } catch {
            throw StartFault(description: "the state directory cannot be used: \(error)", problems: [])
        }
        do { accessLog = try AccessLog(target: AccessLogTarget(options.accessLog ?? snapshot.settings.accessLog)) } catch {
            throw StartFault(description: "the access log cannot be written: \(error)", problems: [])
        }
        let meters = Meters(ends: ExchangeEnd.allCases.map(\.rawValue), failures: AuthenticationFailure.allCases.map(\.rawValue))
        self.meters = meters
        let ends = ExchangeEnd.allCases.compactMap { meters.end($0.rawValue) }
        let shared = LoopContext.SharedParts(
            loops: workers, sessions: sessions, guards: guards, tls: tls, curl: curl, caseNumbers: ledger, events: journal,
            threads: threads,
            accessLog: accessLog, door: door, meters: meters,
            ends: ends,
            unrouted: meters.route("none"), logger: logger)
        self.shared = shared
        let publication = Publication(snapshot, after: nil, shared)
        var loops: [NIOLoopBound<LoopContext>] = []
        for eventLoop in group.makeIterator() {
            guard
                let bound = try? eventLoop.submit({
                    NIOLoopBound(LoopContext(eventLoop: eventLoop, first: publication, shared: shared), eventLoop: eventLoop)
                }).wait()
            else { throw StartFault(description: "an event loop did not start", problems: []) }
            loops.append(bound)
        }
        self.loops = loops
        startedAt = Self.epochSeconds()
        if let fault = store.applied(snapshot, at: startedAt, by: "start", how: .start) {
            throw StartFault(description: "the state directory cannot be used: \(fault)")
        }
    }

    static func epochSeconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec)
    }

    /// The snapshot in use.
    public var snapshot: Snapshot { current.withLock { $0 } }

    /// Whether the gateway is stopping.
    public var isDraining: Bool { draining.load(ordering: .relaxed) }

    /// The addresses that serve the portal, with the ports that the system chose.
    public var addresses: [Endpoint] {
        listeners.withLock { $0.map { Endpoint(host: $0.address.host, port: $0.channel.localAddress?.port ?? $0.address.port) } }
    }

    /// The address of the admin side, with the port that the system chose; nil when it is off.
    public var adminAddress: Endpoint? {
        adminChannels.withLock { channels in
            channels.compactMap { channel in
                channel.localAddress.flatMap { address in address.port.map { Endpoint(host: address.ipAddress ?? "", port: $0) } }
            }.first
        }
    }

    /// The admin socket's path.
    public let adminSocketPath: String

    /// Opens the listeners and the admin side.
    public func start() async throws(StartFault) {
        threads.start()
        keySets.start(on: loops[0].eventLoop) { [weak self] in self?.snapshot.consumers.tokens.sources ?? [] }
        for bound in loops { bound.eventLoop.execute { bound.value.startSweeping() } }
        keepLimits()
        let wanted = options.listen.isEmpty ? snapshot.settings.listen : options.listen.map { ListenerSettings($0) }
        var opened: [ListenerChannel] = []
        for settings in wanted { opened.append(try await bind(settings.address, try context(settings))) }
        listeners.withLock { $0 = opened }
        let admin = try await AdminServer.start(self)
        adminChannels.withLock { $0 = admin }
    }

    /// What a listener shows. Reads keys, so it is made off the event loops.
    func context(_ settings: ListenerSettings) throws(StartFault) -> ListenerContext {
        do { return try ListenerContext(settings.tls) } catch {
            throw StartFault(description: "the certificates of \(settings.address) cannot be used: \(error)")
        }
    }

    func bind(_ address: Endpoint, _ context: ListenerContext) async throws(StartFault) -> ListenerChannel {
        var contexts: [ObjectIdentifier: NIOLoopBound<LoopContext>] = [:]
        for bound in loops { contexts[ObjectIdentifier(bound.eventLoop)] = bound }
        let byLoop = contexts
        do {
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 4096)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .serverChannelOption(.maxMessagesPerRead, value: 64)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.maxMessagesPerRead, value: 1)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .childChannelOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 4096, maximum: 65536))
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        guard let loop = byLoop[ObjectIdentifier(channel.eventLoop)] else {
                            throw ChannelError.inappropriateOperationForState
                        }
                        try loop.value.letIn(channel)
                        guard let tls = context.context else {
                            return try channel.pipeline.syncOperations.addHandler(ChannelWire(loop: loop.value))
                        }
                        try channel.pipeline.syncOperations.addHandlers([NIOSSLServerHandler(context: tls), TLSArrival(loop: loop.value)])
                    }
                }
                .bind(host: address.host, port: address.port).get()
            return ListenerChannel(address: address, channel: channel, context: context)
        } catch {
            throw StartFault(cannotListenOn: address.description, error)
        }
    }

    /// Has the limits written once a second, beside the calls.
    private func keepLimits() {
        let (keeper, threads) = (limits, threads)
        group.next().scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            threads.submit { state in if case .active = state { keeper.tick() } }
        }
    }

    // MARK: Stopping

    /// Stops: no new connections, no new requests; exchanges at hand may end within the drain time.
    public func stop() async {
        guard !draining.exchange(true, ordering: .sequentiallyConsistent) else { return }
        for listener in listeners.withLock({ $0 }) { try? await listener.channel.close() }
        for bound in loops { bound.eventLoop.execute { bound.value.drain() } }
        let limit = ContinuousClock.now + snapshot.settings.drainTimeout
        while await openConnections() > 0, ContinuousClock.now < limit { try? await Task.sleep(for: .milliseconds(20)) }
        for bound in loops {
            try? await bound.eventLoop.submit {
                bound.value.stopSweeping()
                bound.value.closeAll()
            }.get()
        }
        keySets.stop()
        curl.stop()
        for channel in adminChannels.withLock({ $0 }) { try? await channel.close() }
        unlink(adminSocketPath)
        accessLog.close()
        // The next gateway may be started in this process.
        caseNumbers.close()
        events.close()
        limits.write()
        try? await threads.shutdownGracefully()
        try? await group.shutdownGracefully()
    }

    /// Cuts what is at hand and writes the records, for whoever does not want to wait for `stop`.
    public func cutShort() async {
        for bound in loops { try? await bound.eventLoop.submit { bound.value.closeAll() }.get() }
        accessLog.close()
    }

    /// Opens the access log's file anew, after something else has renamed it.
    public func reopenAccessLog() {
        do { try accessLog.reopen() } catch { logger.error("access log", metadata: ["reason": "\(error)"]) }
    }

    /// The Prometheus page.
    func metricsPage() -> [UInt8] {
        MetricsPage.render(meters, upstreams: upstreamFigures, accessLog: accessLog.figures, process: ProcessFigures.read())
    }

    /// What is going on at the upstreams.
    var upstreamFigures: [(name: String, figures: UpstreamFigures)] {
        guards.figures(now: Int64(bitPattern: NIODeadline.now().uptimeNanoseconds))
    }

    /// What must end before the gateway may stop: connections of clients, and of HTTP/2 each stream too.
    public func openConnections() async -> Int {
        var count = 0
        for bound in loops { count += (try? await bound.eventLoop.submit { bound.value.openConnections }.get()) ?? 0 }
        return count
    }
}
