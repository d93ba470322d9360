import GatewayCore
import Glibc
import NIOCore

/// A channel whose bytes are HTTP/1.1, as the wire of a `ClientConnection`. Confined to its event loop.
final class ChannelWire: ChannelDuplexHandler, RemovableChannelHandler, ClientWire, FlushOwner {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: ClientConnection
    private var context: ChannelHandlerContext?
    /// Whether what has come is the beginning of HTTP/2's preface, so that the rest decides.
    private var mayBePreface: Bool
    private var unsent = UnsentBytes()
    private var arrived = ByteBuffer()

    /// A wire for a channel. In the clear a client may speak HTTP/2 from its first byte on (RFC 9113 §3.3); over TLS that is agreed on
    /// before.
    init(loop: LoopContext, transport: ClientTransport = .plain) {
        connection = ClientConnection(loop: loop, transport: transport)
        mayBePreface = !transport.isSecure
    }

    // MARK: From the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        connection.begin(
            on: self, clientAddress: context.channel.remoteAddress?.ipAddress ?? "unix", isWritable: context.channel.isWritable)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        connection.end()
    }

    func read(context: ChannelHandlerContext) {
        if connection.takesMore() { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if mayBePreface { arrive(bytes, context) } else { connection.received(bytes) }
    }

    /// The first bytes of the connection. Only the whole preface changes to HTTP/2: what differs from it in a byte is HTTP/1.1's to refuse.
    private func arrive(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        if arrived.readableBytes == 0 { arrived = bytes } else { arrived.writeImmutableBuffer(bytes) }
        guard connection.stage == .idle || connection.stage == .head else {
            // It was too slow, and has its answer.
            mayBePreface = false
            return connection.received(bytes)
        }
        let first = arrived.readableBytesView.prefix(HTTP2Connection.preface.count)
        let isPreface = first.elementsEqual(HTTP2Connection.preface.prefix(first.count))
        if isPreface, first.count < HTTP2Connection.preface.count { return connection.awaitsHead() }
        mayBePreface = false
        let all = arrived
        arrived = ByteBuffer()
        guard isPreface else { return connection.received(all) }
        let session = HTTP2Session(loop: connection.loop, transport: ClientTransport(isHTTP2: true))
        do { try context.pipeline.syncOperations.addHandler(session, position: .after(self)) } catch { return context.close(promise: nil) }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
        session.received(all)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        connection.readCycleEnded()
        flush()
        connection.loop.flushes.pieceEnded()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { connection.writabilityChanged(context.channel.isWritable) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { connection.inputClosed() }
    }

    func channelInactive(context: ChannelHandlerContext) { connection.goneAway() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { close() }

    // MARK: From the connection

    func write(_ bytes: ByteBuffer) {
        unsent.wrote(bytes.readableBytes)
        context?.write(wrapOutboundOut(bytes), promise: nil)
    }

    func flush() {
        switch unsent.way() {
        case .nothing: return
        case .now: flushNow()
        case .later: connection.loop.flushes.add(self)
        }
    }

    func flushIsDue() { if unsent.isDue { flushNow() } }

    private func flushNow() {
        unsent.sent()
        context?.flush()
    }

    func read() { context?.read() }

    func exchangeEnded() {}

    func closeOutput(lingering: Int64) {
        guard let context else { return }
        let (sent, ended) = (context.eventLoop.makePromise(of: Void.self), context.eventLoop.makePromise(of: Void.self))
        let (channel, bound) = (context.channel, NIOLoopBound(connection, eventLoop: context.eventLoop))
        ended.futureResult.whenComplete { _ in bound.value.outputEnded(lingering) }
        // A channel whose input has ended closes as a whole, with what it has not sent yet: so all of that goes first.
        sent.futureResult.whenComplete { _ in channel.close(mode: .output, promise: ended) }
        context.write(wrapOutboundOut(ByteBuffer()), promise: sent)
        flushNow()
    }

    func close() {
        flushIsDue()
        context?.close(promise: nil)
    }

    func dropUnread() {
        _ = (context?.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
    }
}
