import GatewayCore
import NIOCore
import NIOSSL
import NIOTLS

/// Waits for a client's TLS handshake, then puts into its place what speaks the protocol that was agreed on (ALPN, RFC 7301). Confined
/// to its event loop.
final class TLSArrival: ChannelInboundHandler, RemovableChannelHandler, DeadlineOwner {
    typealias InboundIn = ByteBuffer

    private let loop: LoopContext
    private var context: ChannelHandlerContext?
    var deadlineSlot = -1
    let deadline: Int64

    init(loop: LoopContext) {
        self.loop = loop
        // A handshake may take as long as a head.
        deadline = loop.now + loop.current.timeouts.head
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.deadlines.enter(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        loop.deadlines.leave(self)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { return context.close(promise: nil) }
        guard case .handshakeCompleted(let agreed)? = event as? TLSUserEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        do {
            let pipeline = context.pipeline.syncOperations
            let certificate = try pipeline.nioSSL_peerCertificate().flatMap { CallerCertificate(der: try $0.toDERBytes()) }
            if agreed == "h2" {
                let transport = ClientTransport(isSecure: true, isHTTP2: true, certificate: certificate)
                try pipeline.addHandler(HTTP2Session(loop: loop, transport: transport))
            } else {
                try pipeline.addHandler(ChannelWire(loop: loop, transport: ClientTransport(isSecure: true, certificate: certificate)))
            }
            pipeline.removeHandler(self, promise: nil)
        } catch { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func deadlinePassed(now: Int64) {
        loop.deadlines.leave(self)
        context?.close(promise: nil)
    }
}
