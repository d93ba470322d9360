import GatewayCore
import NIOCore
import NIOHTTP2

/// One HTTP/2 connection of a client's (RFC 9113): its streams are exchanges of their own. Known to its loop, so that a gateway that stops
/// can ask it to go (GOAWAY). Confined to its event loop.
final class HTTP2Session: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    /// How many requests may be under way at once on one connection.
    static let streams = 100

    private let loop: LoopContext
    private var channel: (any Channel)?

    private init(loop: LoopContext) { self.loop = loop }

    /// Speaks HTTP/2 on a channel from now on.
    static func begin(on channel: any Channel, loop: LoopContext, certificate: CallerCertificate?) throws {
        let pipeline = channel.pipeline.syncOperations
        var management = NIOHTTP2ServerConnectionManagementHandler.Configuration.defaults
        management.maxIdleTime = .nanoseconds(loop.current.timeouts.idle)
        management.maxGraceTime = .nanoseconds(loop.current.timeouts.body)
        let manager = NIOHTTP2ServerConnectionManagementHandler(eventLoop: channel.eventLoop, configuration: management)
        let bound = NIOLoopBound(loop, eventLoop: channel.eventLoop)
        _ = try pipeline.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: connection(loop), streamConfiguration: stream(),
            streamDelegate: manager.http2StreamDelegate
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                let loop = bound.value
                try stream.pipeline.syncOperations.addHandlers([
                    HTTP2Stream(),
                    ChannelWire(loop: loop, transport: ClientTransport(isSecure: true, isHTTP2: true, certificate: certificate)),
                ])
            }
        }
        try pipeline.addHandlers([manager, HTTP2Session(loop: loop)])
    }

    private static func connection(_ loop: LoopContext) -> NIOHTTP2Handler.ConnectionConfiguration {
        var configuration = NIOHTTP2Handler.ConnectionConfiguration()
        let head = loop.current.wireLimits.headBytes
        configuration.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: streams), HTTP2Setting(parameter: .maxHeaderListSize, value: head),
        ]
        // What is spoken to the client in one go is bounded by what it takes: control frames that it does not read are not piled up.
        configuration.maximumBufferedControlFrames = 1000
        configuration.maximumSequentialContinuationFrames = 5
        return configuration
    }

    private static func stream() -> NIOHTTP2Handler.StreamConfiguration {
        var configuration = NIOHTTP2Handler.StreamConfiguration()
        configuration.outboundBufferSizeHighWatermark = 65_536
        configuration.outboundBufferSizeLowWatermark = 32_768
        return configuration
    }

    func handlerAdded(context: ChannelHandlerContext) {
        channel = context.channel
        loop.opened(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        channel = nil
        loop.closed(self)
    }

    /// A client that has closed its half wants nothing more: streams that it waits for it would have left open.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    /// A broken connection ends; nio-http2 has told the client why.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A fault of one stream has ended that stream already (RFC 9113 §5.4.2).
        if error is NIOHTTP2Errors.StreamError { return }
        context.close(promise: nil)
    }

    /// No stream after those at hand.
    func drain() { channel?.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }

    /// Closes at once.
    func close() { channel?.close(promise: nil) }
}
