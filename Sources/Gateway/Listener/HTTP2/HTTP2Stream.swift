import GatewayCore
import NIOCore
import NIOHPACK
import NIOHTTP2

/// One stream of an HTTP/2 connection, as the HTTP/1.1 that `ClientConnection` speaks, and its answer as frames. One request and one answer;
/// what the exchange does in between it does as for every other client. Confined to its event loop.
final class HTTP2Stream: ChannelDuplexHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = HTTP2Frame.FramePayload

    private var framing: HTTP2RequestHead.Framing?
    private var hasEnded = false
    private var isReset = false

    private var method = RequestMethod.get
    private var parser = ReplyHeadParser(limits: HTTP2Stream.limits)
    private var body: BodyReader?
    /// What the exchange has written and is not in frames yet.
    private var pending = ByteBuffer()
    private var hasAnswered = false

    /// The gateway's own answers and those it has read from a department already: bounded before they come here.
    private static let limits: WireLimits = {
        var limits = WireLimits()
        limits.headBytes = 1 << 21
        limits.fields = 2000
        return limits
    }()

    // MARK: The request

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isReset else { return }
        switch unwrapInboundIn(data) {
        case .headers(let frame): framing == nil ? begin(frame, context) : end(frame.headers, context)
        case .data(let frame): content(frame, context)
        default: break
        }
    }

    private func begin(_ frame: HTTP2Frame.FramePayload.Headers, _ context: ChannelHandlerContext) {
        guard let (head, framing) = HTTP2RequestHead.make(frame.headers, hasContent: !frame.endStream, context.channel.allocator) else {
            return reset(.protocolError, context)
        }
        self.framing = framing
        hasEnded = frame.endStream
        if frame.headers[":method"].first == "HEAD" { method = .head }
        context.fireChannelRead(wrapInboundOut(head))
    }

    private func content(_ frame: HTTP2Frame.FramePayload.Data, _ context: ChannelHandlerContext) {
        guard case .byteBuffer(let bytes) = frame.data, let framing else { return }
        hasEnded = frame.endStream
        guard case .chunked = framing else {
            if bytes.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(bytes)) }
            return
        }
        var chunk = context.channel.allocator.buffer(capacity: bytes.readableBytes + 32)
        if bytes.readableBytes > 0 {
            chunk.writeString(String(bytes.readableBytes, radix: 16) + "\r\n")
            chunk.writeImmutableBuffer(bytes)
            chunk.writeStaticString("\r\n")
        }
        if frame.endStream { chunk.writeStaticString("0\r\n\r\n") }
        if chunk.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(chunk)) }
    }

    /// A trailer section ends the request.
    private func end(_ headers: HPACKHeaders, _ context: ChannelHandlerContext) {
        hasEnded = true
        guard case .chunked? = framing else { return }
        guard let section = HTTP2RequestHead.trailers(headers, context.channel.allocator) else {
            return reset(.protocolError, context)
        }
        context.fireChannelRead(wrapInboundOut(section))
    }

    private func reset(_ code: HTTP2ErrorCode, _ context: ChannelHandlerContext) {
        isReset = true
        context.writeAndFlush(wrapOutboundOut(.rstStream(code)), promise: nil)
    }

    // MARK: The answer

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var bytes = unwrapOutboundIn(data)
        guard !isReset, !hasAnswered else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        if pending.readableBytes == 0 { pending = bytes } else { pending.writeBuffer(&bytes) }
        advance(context)
        promise?.succeed()
    }

    private func advance(_ context: ChannelHandlerContext) {
        while !isReset, !hasAnswered, body != nil || pending.readableBytes > 0 {
            guard body == nil ? head(context) : content(context) else { break }
        }
        if pending.readableBytes == 0 { pending = ByteBuffer() }
    }

    /// Whether there may be more to do.
    private func head(_ context: ChannelHandlerContext) -> Bool {
        switch pending.withUnsafeReadableBytes({ parser.parse($0, requestMethod: method) }) {
        case .incomplete: return false
        case .refused:
            reset(.internalError, context)
            return false
        case .complete: break
        }
        let head = parser.head
        let headers = pending.withUnsafeReadableBytes { HTTP2Stream.headers(head, $0) }
        pending.moveReaderIndex(forwardBy: head.length)
        parser.reset()
        let reader = BodyReader(framing: head.framing, limits: HTTP2Stream.limits, isReply: true)
        let isWhole = !head.isInformational && (head.framing == .none || head.framing == .length(0))
        context.write(wrapOutboundOut(.headers(.init(headers: headers, endStream: isWhole))), promise: nil)
        if head.isInformational { return true }
        if isWhole { hasAnswered = true } else { body = reader }
        return !isWhole
    }

    private static func headers(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer) -> HPACKHeaders {
        var headers = HPACKHeaders([(":status", String(head.status))])
        headers.reserveCapacity(head.fields.count + 1)
        for field in head.fields where field.isForwarded || field.known == .contentLength {
            if field.known == .connection || field.known == .transferEncoding { continue }
            headers.add(
                name: String(decoding: bytes[field.name.range], as: UTF8.self).lowercased(),
                value: String(decoding: bytes[field.value.range], as: UTF8.self))
        }
        return headers
    }

    /// Whether there may be more to do.
    private func content(_ context: ChannelHandlerContext) -> Bool {
        guard let step = pending.withUnsafeReadableBytes({ body?.next($0) }) else { return false }
        switch step {
        case .payload(let range, let consumed):
            let slice = pending.getSlice(at: pending.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
            pending.moveReaderIndex(forwardBy: consumed)
            // Where a length was said, the last byte is the end; a chunked answer has an end of its own.
            let isLast = body?.isFinished ?? false
            context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(slice), endStream: isLast))), promise: nil)
            hasAnswered = isLast
            return !isLast
        case .needMore(let consumed):
            pending.moveReaderIndex(forwardBy: consumed)
            return false
        case .end(let consumed):
            pending.moveReaderIndex(forwardBy: consumed)
            hasAnswered = true
            context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true))), promise: nil)
            return false
        case .refused:
            reset(.internalError, context)
            return false
        }
    }

    // MARK: The end

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        // An answer that is not whole ends with a reset, which closing the stream sends: the client learns that it is not.
        guard hasAnswered else { return context.close(mode: .all, promise: promise) }
        // The answer is whole. A request that goes on is not wanted any more, and nothing is wrong with it (RFC 9113 §8.1).
        if !hasEnded, !isReset {
            isReset = true
            context.writeAndFlush(wrapOutboundOut(.rstStream(.noError)), promise: nil)
        }
        if mode == .output { promise?.succeed() } else { context.close(mode: mode, promise: promise) }
    }

    /// With the last byte of the answer the stream is over, before the exchange has heard that it was written: it hears that first.
    func channelInactive(context: ChannelHandlerContext) {
        guard hasAnswered else { return context.fireChannelInactive() }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.eventLoop.execute { bound.value.fireChannelInactive() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
