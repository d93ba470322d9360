import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// TLS in front of a mock department: what comes in is passed on in the clear.
final class TLSFront: Sendable {
    private let channel: any Channel
    private let accepted = Counter()

    /// The port it listens on.
    var port: Int { channel.localAddress?.port ?? 0 }
    /// How many connections it has accepted.
    var connections: Int { accepted.value.load(ordering: .relaxed) }

    /// Listens on a port of the system's choice and passes on to `port`, with `certificate` and `key` in PEM files.
    static func start(
        to port: Int, certificate: String, key: String, askingFor authority: String? = nil,
        versions: (least: TLSVersion, most: TLSVersion?) = (.tlsv12, nil), ciphers: String? = nil
    ) async throws -> TLSFront {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        configuration.minimumTLSVersion = versions.least
        configuration.maximumTLSVersion = versions.most
        if let ciphers { configuration.cipherSuites = ciphers }
        if let authority {
            configuration.trustRoots = .file(authority)
            configuration.certificateVerification = .noHostnameVerification
        }
        return try await TLSFront(port, try NIOSSLContext(configuration: configuration))
    }

    private init(_ port: Int, _ context: NIOSSLContext) async throws {
        let count = accepted
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                count.value.add(1, ordering: .relaxed)
                return ClientBootstrap(group: channel.eventLoop).connect(host: "127.0.0.1", port: port).flatMapThrowing { back in
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    try channel.pipeline.syncOperations.addHandler(Relay(to: back))
                    try back.pipeline.syncOperations.addHandler(Relay(to: channel))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    /// Listens no more.
    func stop() async throws { try await channel.close() }
}

private final class Counter: Sendable {
    let value = Atomic<Int>(0)
}

/// Hands everything to another channel of the same loop.
private final class Relay: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let other: any Channel

    init(to other: any Channel) { self.other = other }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { other.writeAndFlush(unwrapInboundIn(data), promise: nil) }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
