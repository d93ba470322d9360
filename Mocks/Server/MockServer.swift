public import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// One department's system, listening.
public final class MockServer: Sendable {
    /// The department that it plays.
    public let department: MockDepartment
    /// The address that it listens on.
    public let host: String
    /// The port that it listens on.
    public let port: Int
    private let listener: any Channel
    private let desk: Desk
    private let connections: Connections

    private init(_ department: MockDepartment, host: String, listener: any Channel, desk: Desk, connections: Connections) {
        (self.department, self.host, self.listener, self.desk, self.connections) = (department, host, listener, desk, connections)
        port = listener.localAddress?.port ?? 0
    }

    /// Starts a department on an address; port 0 takes a free one.
    public static func start(
        _ department: MockDepartment, host: String = "127.0.0.1", port: Int = 0, settings: MockSettings = MockSettings(),
        on group: any EventLoopGroup
    ) async throws -> MockServer {
        let desk = Desk(department, settings: settings)
        let connections = Connections()
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    connections.add(channel)
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: true, withErrorHandling: true)
                    try pipeline.addHandler(ExchangeHandler(desk: desk))
                }
            }
            .bind(host: host, port: port).get()
        return MockServer(department, host: host, listener: listener, desk: desk, connections: connections)
    }

    /// Stops listening and closes every connection.
    public func stop() async throws {
        try await listener.close().get()
        connections.closeAll()
    }

    /// Orders a misbehaviour for the next calls; `seconds` for `slow` (1 by default) and `hang` (600); `only` for one function.
    public func misbehave(_ mode: Misbehaviour, times: Int = 1, seconds: Double? = nil, only: MockFunction? = nil) {
        desk.misbehave(mode, times: times, seconds: seconds, only: only)
    }

    /// Ends an ordered misbehaviour.
    public func behave() { desk.behave() }

    /// How often each function was called since the start or the last reset.
    public var calls: [MockFunction: Int] { desk.calls }

    /// The most calls that were open at one time.
    public var maxConcurrent: Int { desk.maxConcurrent }

    /// What may be changed for a test.
    public var settings: MockSettings {
        get { desk.settings }
        set { desk.settings = newValue }
    }

    /// Forgets everything submitted, all tokens, nonces, counts and misbehaviour; keeps the settings.
    public func reset() { desk.reset() }

    /// Makes every login token unknown.
    public func forgetTokens() { desk.forgetTokens() }
}

/// The three departments together.
public final class MockCity: Sendable {
    /// 省市场监督管理局.
    public let scjg: MockServer
    /// 省发展和改革委员会.
    public let fgw: MockServer
    /// 哈尔滨市 platform.
    public let hrb: MockServer

    private init(_ scjg: MockServer, _ fgw: MockServer, _ hrb: MockServer) { (self.scjg, self.fgw, self.hrb) = (scjg, fgw, hrb) }

    /// All of them.
    public var servers: [MockServer] { [scjg, fgw, hrb] }

    /// Starts all three; port 0 takes a free one.
    public static func start(
        host: String = "127.0.0.1", scjgPort: Int = 0, fgwPort: Int = 0, hrbPort: Int = 0, settings: MockSettings = MockSettings(),
        on group: any EventLoopGroup
    ) async throws -> MockCity {
        MockCity(
            try await MockServer.start(.scjg, host: host, port: scjgPort, settings: settings, on: group),
            try await MockServer.start(.fgw, host: host, port: fgwPort, settings: settings, on: group),
            try await MockServer.start(.hrb, host: host, port: hrbPort, settings: settings, on: group))
    }

    /// Stops all three.
    public func stop() async throws {
        for server in servers { try await server.stop() }
    }
}

/// The open connections of a listener.
private final class Connections: Sendable {
    private let open = Mutex<[ObjectIdentifier: any Channel]>([:])

    func add(_ channel: any Channel) {
        let identity = ObjectIdentifier(channel)
        open.withLock { $0[identity] = channel }
        channel.closeFuture.whenComplete { [self] _ in open.withLock { _ = $0.removeValue(forKey: identity) } }
    }

    func closeAll() {
        for channel in open.withLock({ Array($0.values) }) { channel.close(promise: nil) }
    }
}
