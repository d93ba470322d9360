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

    /// What the department offers.
    public var functions: [MockFunction] { desk.functions }

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

/// All departments together.
public final class MockCity: Sendable {
    /// All of them.
    public let servers: [MockServer]

    private init(_ servers: [MockServer]) { self.servers = servers }

    /// A department's server.
    public subscript(department: MockDepartment) -> MockServer {
        // `start` starts one for each department.
        servers.first { $0.department == department } ?? servers[0]
    }

    /// 省市场监督管理局.
    public var scjg: MockServer { self[.scjg] }
    /// 省发展和改革委员会.
    public var fgw: MockServer { self[.fgw] }
    /// 哈尔滨市 platform.
    public var hrb: MockServer { self[.hrb] }

    /// Starts all of them; a department without a port, or with port 0, takes a free one.
    public static func start(
        host: String = "127.0.0.1", ports: [MockDepartment: Int] = [:], settings: MockSettings = MockSettings(),
        on group: any EventLoopGroup
    ) async throws -> MockCity {
        var servers: [MockServer] = []
        for department in MockDepartment.allCases {
            servers.append(try await MockServer.start(department, host: host, port: ports[department] ?? 0, settings: settings, on: group))
        }
        return MockCity(servers)
    }

    /// Stops all of them.
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
