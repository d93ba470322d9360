import GatewayCore
import Glibc
import NIOCore

/// A channel whose bytes are HTTP/1.1, as the wire of a `ClientConnection`. Confined to its event loop.
final class ChannelWire: ChannelDuplexHandler, ClientWire {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: ClientConnection
    private var context: ChannelHandlerContext?

    init(loop: LoopContext, transport: ClientTransport = .plain) {
        connection = ClientConnection(loop: loop, transport: transport)
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

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { connection.received(unwrapInboundIn(data)) }

    func channelReadComplete(context: ChannelHandlerContext) {
        connection.readCycleEnded()
        context.flush()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { connection.writabilityChanged(context.channel.isWritable) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { connection.inputClosed() }
    }

    func channelInactive(context: ChannelHandlerContext) { connection.goneAway() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: From the connection

    func write(_ bytes: ByteBuffer) { context?.write(wrapOutboundOut(bytes), promise: nil) }

    func flush() { context?.flush() }

    func read() { context?.read() }

    func exchangeEnded() {}

    func closeOutput(lingering: Int64) {
        guard let context else { return }
        context.flush()
        let sent = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound(connection, eventLoop: context.eventLoop)
        sent.futureResult.whenComplete { _ in bound.value.outputEnded(lingering) }
        context.channel.close(mode: .output, promise: sent)
    }

    func close() { context?.close(promise: nil) }

    func dropUnread() {
        _ = (context?.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
    }
}
