import Adapters
import GatewayCore
import Glibc
import NIOCore
import NIOPosix

/// The admin side. The TCP address answers probes and metrics only; whatever changes or tells more goes through the Unix
/// socket, whose file only its owner may use.
enum AdminServer {
    static func start(_ server: GatewayServer) async throws(GatewayServer.StartFault) -> [any Channel] {
        var channels: [any Channel] = []
        let path = server.adminSocketPath
        try await prepare(path)
        do {
            let channel = try await bootstrap(server, mayControl: true).bind(unixDomainSocketPath: path, cleanupExistingSocketFile: true)
                .get()
            chmod(path, 0o600)
            channels.append(channel)
        } catch {
            throw GatewayServer.StartFault(description: "cannot make the admin socket \(path): \(error)", problems: [])
        }
        let wanted: Endpoint?
        switch server.options.adminListen {
        case "off"?: wanted = nil
        case let text?: wanted = Endpoint(address: text)
        case nil: wanted = server.snapshot.settings.adminListen
        }
        guard let wanted else { return channels }
        do {
            channels.append(try await bootstrap(server, mayControl: false).bind(host: wanted.host, port: wanted.port).get())
        } catch {
            for channel in channels { try? await channel.close() }
            throw GatewayServer.StartFault(cannotListenOn: "\(wanted) for the admin side", error)
        }
        return channels
    }

    /// Makes the socket's directory, and refuses to take the socket of a gateway that is running.
    private static func prepare(_ path: String) async throws(GatewayServer.StartFault) {
        guard path.utf8.count < 104 else {
            throw GatewayServer.StartFault(description: "the admin socket's path is longer than 103 bytes: \(path)", problems: [])
        }
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex { mkdir(String(path[..<slash]), 0o755) }
        guard access(path, F_OK) == 0 else { return }
        let probe = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(unixDomainSocketPath: path).get()
        if let probe {
            try? await probe.close()
            throw GatewayServer.StartFault(description: "another gateway is answering on \(path)", problems: [])
        }
    }

    private static func bootstrap(_ server: GatewayServer, mayControl: Bool) -> ServerBootstrap {
        ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 64)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AdminConnection(AdminAPI(server: server, mayControl: mayControl)))
                }
            }
    }
}

/// One connection to the admin side: whole requests in, whole answers out, one at a time. It reads with the same parser as
/// the portal's side, so that there is one reading of HTTP in the house.
final class AdminConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let api: AdminAPI
    private var parser: RequestHeadParser
    private var body: BodyReader?
    private var received: [UInt8] = []
    private var request: AdminAPI.Request?
    private var keepAlive = false
    private var isAnswering = false
    private var input = ByteBuffer()

    private static let bodyLimit = 1 << 20

    init(_ api: AdminAPI) {
        self.api = api
        parser = RequestHeadParser(limits: WireLimits())
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        if input.readableBytes == 0 { input = buffer } else { input.writeBuffer(&buffer) }
        if input.readableBytes > Self.bodyLimit { return context.close(promise: nil) }
        advance(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func advance(_ context: ChannelHandlerContext) {
        while !isAnswering, input.readableBytes > 0 || body != nil {
            if body == nil {
                let verdict = input.withUnsafeReadableBytes { parser.parse($0) }
                switch verdict {
                case .incomplete: return
                case .refused(let fault): return write(AdminAPI.Reply(status: fault.status, text: fault.reason), context, keepAlive: false)
                case .complete: begin()
                }
            }
            guard readBody(context) else { return }
        }
    }

    private func begin() {
        let head = parser.head
        request = input.withUnsafeReadableBytes { bytes in
            AdminAPI.Request(
                method: head.method, path: String(decoding: bytes[head.path.range], as: UTF8.self),
                query: head.query.map { String(decoding: bytes[$0.range], as: UTF8.self) } ?? "")
        }
        keepAlive = head.keepAlive
        body = BodyReader(framing: head.framing, limits: WireLimits())
        received = []
        input.moveReaderIndex(forwardBy: head.length)
        parser.reset()
    }

    /// Whether the next request may be read.
    private func readBody(_ context: ChannelHandlerContext) -> Bool {
        while let step = input.withUnsafeReadableBytes({ body?.next($0) }) {
            switch step {
            case .payload(let range, let consumed):
                input.withUnsafeReadableBytes { received += $0[range] }
                input.moveReaderIndex(forwardBy: consumed)
            case .needMore(let consumed):
                input.moveReaderIndex(forwardBy: consumed)
                return false
            case .refused(let fault):
                write(AdminAPI.Reply(status: fault.status, text: fault.reason), context, keepAlive: false)
                return false
            case .end(let consumed):
                input.moveReaderIndex(forwardBy: consumed)
                body = nil
                answer(context)
                return false
            }
        }
        return false
    }

    private func answer(_ context: ChannelHandlerContext) {
        guard let request else { return }
        isAnswering = true
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let api = self.api
        Task {
            let reply = await api.answer(request)
            loop.execute {
                let (handler, context) = bound.value
                handler.isAnswering = false
                handler.write(reply, context, keepAlive: handler.keepAlive)
                handler.advance(context)
            }
        }
    }

    private func write(_ reply: AdminAPI.Reply, _ context: ChannelHandlerContext, keepAlive: Bool) {
        var buffer = context.channel.allocator.buffer(capacity: 256 + reply.body.count)
        buffer.writeString("HTTP/1.1 \(reply.status)\(ReplyFields.reason(reply.status))\r\nContent-Type: \(reply.mediaType)\r\n")
        buffer.writeString("Content-Length: \(reply.body.count)\r\n\(keepAlive ? "" : "Connection: close\r\n")\r\n")
        if request?.method != .head { buffer.writeBytes(reply.body) }
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(buffer)).whenComplete { _ in
            if !keepAlive { channel.close(promise: nil) }
        }
    }
}
