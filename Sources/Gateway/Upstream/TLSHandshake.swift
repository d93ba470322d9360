import NIOCore
import NIOTLS

/// Waits for the end of a TLS handshake, then hands the channel to the connection's own handler. Confined to its event loop.
final class TLSHandshake: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let connection: UpstreamConnection
    private let promise: EventLoopPromise<Void>
    private var isOver = false
    private var channel: (any Channel)?
    private var timer: Scheduled<Void>?
    /// Why the server's certificate was refused: more than the error says that follows.
    var verdict: TLSFault?

    init(_ connection: UpstreamConnection, on eventLoop: any EventLoop) {
        self.connection = connection
        promise = eventLoop.makePromise()
    }

    /// How it went.
    var outcome: EventLoopFuture<Void> { promise.futureResult }

    /// Bounds the handshake, counted from now.
    func bound(by time: TimeAmount, on eventLoop: any EventLoop) {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleTask(in: time) { bound.value.fail(ChannelError.connectTimeout(time)) }
    }

    /// It came to nothing; no effect when it is over.
    func fail(_ error: any Error) {
        guard !isOver else { return }
        isOver = true
        timer?.cancel()
        promise.fail(error)
        channel?.close(promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) { channel = context.channel }

    func handlerRemoved(context: ChannelHandlerContext) {
        fail(TLSFault.closed)
        channel = nil
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard let event = event as? TLSUserEvent, case .handshakeCompleted = event, !isOver else {
            return context.fireUserInboundEventTriggered(event)
        }
        isOver = true
        timer?.cancel()
        do {
            try context.pipeline.syncOperations.addHandler(connection, position: .after(self))
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
            promise.succeed()
        } catch {
            promise.fail(error)
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(verdict ?? TLSFault(error) ?? TLSFault.other)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(verdict ?? TLSFault.closed)
        context.fireChannelInactive()
    }
}
