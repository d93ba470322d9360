internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// One connection: reads a request, finds who answers it, writes the reply or commits the fault that was ordered.
///
/// Confined to its channel's event loop.
final class ExchangeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Phase {
        case idle
        /// Collecting a body for the desk.
        case collecting(HTTPRequestHead, ByteBuffer)
        /// Counting a body: an upload, with its digest, or an echo.
        case counting(HTTPRequestHead, bytes: Int, digest: Digest?, rate: Int)
        /// Sending a download.
        case streaming(left: Int, keepAlive: Bool)
        /// The rest of the request does not matter.
        case discarding
    }

    /// The largest body that is collected.
    private static let limit = 64 << 20

    private let desk: Desk
    private var phase = Phase.idle
    private var isCounted = false
    private var isPumping = false
    /// When a slow upload may read on.
    private var due = NIODeadline.uptimeNanoseconds(0)

    init(desk: Desk) { self.desk = desk }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let bytes): take(bytes, context)
        case .end: finish(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        phase = .discarding
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        pump(context)
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: Reading

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        let path = head.path
        if head.headers["expect"].contains(where: { $0.lowercased() == "100-continue" }) {
            context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .continue))), promise: nil)
        }
        if desk.hasPlainPaths, path == "/open/upload", [.POST, .PUT].contains(head.method) {
            let rate = PlainPaths.number("rate", in: head.uri, standard: 0) ?? 0
            phase = .counting(head, bytes: 0, digest: Digest("SHA256"), rate: rate)
            if rate > 0 { _ = context.channel.setOption(.autoRead, value: false) }
        } else if desk.hasPlainPaths, path.hasPrefix("/open/echo") {
            phase = .counting(head, bytes: 0, digest: nil, rate: 0)
        } else {
            if desk.serves(path: path) {
                isCounted = true
                desk.entered()
            }
            phase = .collecting(head, ByteBuffer())
        }
    }

    private func take(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        switch phase {
        case .collecting(let head, var body):
            phase = .idle
            body.writeImmutableBuffer(bytes)
            if body.readableBytes > Self.limit {
                phase = .discarding
                send(plain(413, ["error": "too large"]), to: head, context, closing: true)
            } else {
                phase = .collecting(head, body)
            }
        case .counting(let head, let count, let digest, let rate):
            if let digest { bytes.withUnsafeReadableBytes { digest.update($0) } }
            phase = .counting(head, bytes: count + bytes.readableBytes, digest: digest, rate: rate)
            if rate > 0 { due = max(due, .now()) + .nanoseconds(Int64(Double(bytes.readableBytes) / Double(rate) * 1e9)) }
        case .idle, .streaming, .discarding: break
        }
    }

    /// A slow reader: the next read waits until the bytes taken so far are due, so the sender's socket fills.
    func channelReadComplete(context: ChannelHandlerContext) {
        if case .counting(_, _, _, let rate) = phase, rate > 0 {
            context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { context.read() }
        }
        context.fireChannelReadComplete()
    }

    private func finish(_ context: ChannelHandlerContext) {
        switch phase {
        case .collecting(let head, let body):
            phase = .idle
            answer(head, Array(buffer: body), context)
        case .counting(let head, let bytes, let digest, let rate):
            phase = .idle
            if rate > 0 { context.channel.setOption(.autoRead, value: true).assumeIsolated().whenSuccess { context.read() } }
            let report: JSON =
                if let digest { ["bytes": .number(bytes), "sha256": .text(digest.finish())] } else { echo(head, bytes) }
            send(plain(200, report), to: head, context)
        case .idle, .streaming, .discarding: break
        }
    }

    // MARK: Answering

    private func answer(_ head: HTTPRequestHead, _ body: [UInt8], _ context: ChannelHandlerContext) {
        let path = head.path
        if let control = desk.control(method: head.method.rawValue, path: path, body: body) {
            return send(plain(control.status, control.body), to: head, context)
        }
        if desk.hasPlainPaths, [.GET, .HEAD].contains(head.method), path == "/open/notice" {
            return send(MockReply(contentType: "application/json", body: PlainPaths.notice), to: head, context)
        }
        if desk.hasPlainPaths, [.GET, .HEAD].contains(head.method), path == "/open/blob" { return download(head, context) }
        guard desk.serves(path: path) else { return send(plain(404, ["error": "no such path"]), to: head, context) }
        guard head.method == .POST else { return send(plain(405, ["error": "POST only"]), to: head, context) }
        var fields: [String: String] = [:]
        for (name, value) in head.headers {
            let key = name.lowercased()
            fields[key] = fields[key].map { $0 + "," + value } ?? value
        }
        let query = head.uri.split(separator: "?", maxSplits: 1).dropFirst().first.map(String.init) ?? ""
        let reply = desk.answer(MockRequest(path: path, query: query, fields: fields, body: body))
        perform(reply, to: head, context)
    }

    /// Writes a department's reply, or commits the transport's part of a fault.
    private func perform(_ reply: MockReply, to head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        switch reply.quirk?.mode {
        case .slow:
            context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64((reply.quirk?.seconds ?? 1) * 1000))) {
                self.send(reply, to: head, context)
            }
        case .hang:
            context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64((reply.quirk?.seconds ?? 600) * 1000))) {
                context.close(promise: nil)
            }
        case .cutOff:
            writeHead(reply, to: head, context)
            let half = ByteBuffer(bytes: reply.body.prefix(reply.body.count / 2))
            let written = context.eventLoop.makePromise(of: Void.self)
            written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(half))), promise: written)
        case .connectionReset:
            guard let options = context.channel as? any SocketOptionProvider else { return context.close(promise: nil) }
            // Lingering for no time turns a close into an RST.
            options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        case .badFraming:
            writeHead(reply, to: head, context, extra: [("Content-Length", String(reply.body.count + 7))])
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: reply.body)))), promise: nil)
            end(keepAlive: false, context)
        default: send(reply, to: head, context)
        }
    }

    private func echo(_ head: HTTPRequestHead, _ bytes: Int) -> JSON {
        [
            "method": .text(head.method.rawValue), "target": .text(head.uri),
            "headers": .list(head.headers.map { .list([.text($0.name), .text($0.value)]) }), "bodyBytes": .number(bytes),
        ]
    }

    private func plain(_ status: Int, _ body: JSON) -> MockReply {
        var reply = MockReply(contentType: "application/json", body: Array(body.rendered.utf8))
        reply.status = status
        return reply
    }

    // MARK: Writing

    private func send(_ reply: MockReply, to head: HTTPRequestHead, _ context: ChannelHandlerContext, closing: Bool = false) {
        writeHead(reply, to: head, context, keepAlive: head.isKeepAlive && !closing)
        if head.method != .HEAD { context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: reply.body)))), promise: nil) }
        end(keepAlive: head.isKeepAlive && !closing, context)
    }

    private func writeHead(
        _ reply: MockReply, to head: HTTPRequestHead, _ context: ChannelHandlerContext, keepAlive: Bool = true,
        extra: [(String, String)] = []
    ) {
        var headers = HTTPHeaders([("Content-Type", reply.contentType), ("Content-Length", String(reply.body.count))])
        for (name, value) in extra { headers.add(name: name, value: value) }
        if !keepAlive { headers.add(name: "Connection", value: "close") }
        let status = HTTPResponseStatus(statusCode: reply.status)
        context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers))), promise: nil)
    }

    private func end(keepAlive: Bool, _ context: ChannelHandlerContext) {
        leave()
        if keepAlive {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            return
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }

    private func leave() {
        if isCounted { desk.left() }
        isCounted = false
    }

    // MARK: Downloading

    private func download(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard let size = PlainPaths.number("size", in: head.uri, standard: PlainPaths.standardSize) else {
            return send(plain(400, ["error": "size is not a number"]), to: head, context)
        }
        let fields = [("Content-Type", "application/octet-stream"), ("Content-Length", String(size))]
        let headers = HTTPHeaders(fields + (head.isKeepAlive ? [] : [("Connection", "close")]))
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers))), promise: nil)
        if head.method == .HEAD { return end(keepAlive: head.isKeepAlive, context) }
        phase = .streaming(left: size, keepAlive: head.isKeepAlive)
        pump(context)
    }

    /// Writes as long as the peer takes it; called again when it takes more.
    private func pump(_ context: ChannelHandlerContext) {
        guard !isPumping else { return }
        isPumping = true
        defer { isPumping = false }
        while case .streaming(let left, let keepAlive) = phase, context.channel.isWritable {
            let piece = PlainPaths.pattern.getSlice(at: 0, length: min(left, PlainPaths.pattern.readableBytes)) ?? ByteBuffer()
            phase = .streaming(left: left - piece.readableBytes, keepAlive: keepAlive)
            if left == 0 {
                phase = .idle
                return end(keepAlive: keepAlive, context)
            }
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(piece))), promise: nil)
        }
    }
}

extension HTTPRequestHead {
    /// The target's path.
    fileprivate var path: String { String(uri.prefix { $0 != "?" }) }
}
