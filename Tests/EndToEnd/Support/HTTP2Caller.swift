import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import NIOSSL
import Synchronization

/// A client of HTTP/2 over TLS that sends whatever a story wants, sound or not.
final class HTTP2Caller: Sendable {
    /// What came on a stream.
    struct Reply: Sendable {
        var interim: [String] = []
        var headers = HPACKHeaders()
        var body: [UInt8] = []
        /// Why the stream was reset; nil when it was not.
        var reset: HTTP2ErrorCode?
        /// Whether the answer is whole.
        var isWhole = false

        var status: String? { headers.first(name: ":status") }
    }

    private let channel: any Channel
    private let multiplexer: NIOHTTP2Handler.StreamMultiplexer

    /// Connects to a port of 127.0.0.1, with a certificate of its own where one is given: the paths of PEM files.
    init(port: Int, certificate: String? = nil, key: String? = nil) async throws {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let certificate, let key {
            tls.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
        }
        tls.certificateVerification = .none
        tls.applicationProtocols = ["h2"]
        let context = try NIOSSLContext(configuration: tls)
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.headerBlockValidation = .disabled
        connection.contentLengthValidation = .disabled
        multiplexer = try await channel.configureHTTP2Pipeline(
            mode: .client, connectionConfiguration: connection, streamConfiguration: .init()
        ) { $0.eventLoop.makeSucceededVoidFuture() }.get()
    }

    /// Whether the connection is open.
    var isOpen: Bool { channel.isActive }

    /// Sends a request and waits for what comes of it. `wait` false resets the stream at once and says nothing.
    func ask(
        _ fields: [(String, String)], body: [UInt8]? = nil, trailers: [(String, String)] = [], resetting: Bool = false
    ) async throws -> Reply {
        let promise = channel.eventLoop.makePromise(of: Reply.self)
        let made = channel.eventLoop.makePromise(of: (any Channel).self)
        multiplexer.createStreamChannel(promise: made) { stream in
            stream.eventLoop.makeCompletedFuture { try stream.pipeline.syncOperations.addHandler(Collector(promise)) }
        }
        made.futureResult.whenFailure { promise.fail($0) }
        // What does not come in time does not come.
        let late = channel.eventLoop.scheduleTask(in: .seconds(10)) { promise.fail(WireSurprise("nothing came in time")) }
        promise.futureResult.whenComplete { _ in late.cancel() }
        let stream = try await made.futureResult.get()
        let ends = body == nil && trailers.isEmpty
        stream.write(HTTP2Frame.FramePayload.headers(.init(headers: HPACKHeaders(fields), endStream: ends)), promise: nil)
        if let body {
            stream.write(
                HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(ByteBuffer(bytes: body)), endStream: trailers.isEmpty)), promise: nil)
        }
        if !trailers.isEmpty {
            stream.write(HTTP2Frame.FramePayload.headers(.init(headers: HPACKHeaders(trailers), endStream: true)), promise: nil)
        }
        if resetting { stream.write(HTTP2Frame.FramePayload.rstStream(.cancel), promise: nil) }
        stream.flush()
        return try await promise.futureResult.get()
    }

    /// A sound request.
    func get(_ path: String, key: String? = Stage.portalKey) async throws -> Reply {
        var fields = [(":method", "GET"), (":scheme", "https"), (":path", path), (":authority", "portal.example")]
        if let key { fields.append(("x-api-key", key)) }
        return try await ask(fields)
    }

    /// Closes the connection.
    func close() async { try? await channel.close() }
}

/// Collects what comes on one stream.
private final class Collector: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload

    private let promise: EventLoopPromise<HTTP2Caller.Reply>
    private var reply = HTTP2Caller.Reply()
    private var isOver = false

    init(_ promise: EventLoopPromise<HTTP2Caller.Reply>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let frame):
            if let status = frame.headers.first(name: ":status"), status.hasPrefix("1") {
                reply.interim.append(status)
            } else {
                reply.headers = frame.headers
            }
            if frame.endStream { finish(whole: true) }
        case .data(let frame):
            if case .byteBuffer(let bytes) = frame.data { reply.body += Array(bytes.readableBytesView) }
            if frame.endStream { finish(whole: true) }
        case .rstStream(let code):
            if !reply.isWhole { reply.reset = code }
            finish(whole: false)
        default: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let closed = event as? StreamClosedEvent, let reason = closed.reason, reply.reset == nil, !reply.isWhole { reply.reset = reason }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) { finish(whole: false) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        finish(whole: false)
        context.close(promise: nil)
    }

    private func finish(whole: Bool) {
        guard !isOver else { return }
        isOver = true
        reply.isWhole = whole
        promise.succeed(reply)
    }
}
