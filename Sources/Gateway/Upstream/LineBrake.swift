import GatewayCore
import NIOCore

/// Holds the bytes of one connection to what its department's line can carry, both ways: what is written waits in pieces for its turn, and
/// what comes is read when it is due. It stands next to the socket, so that what TLS adds counts too. Nobody is refused: whoever sends
/// is told to wait as if the socket were full. Confined to its event loop.
final class LineBrake: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// One direction's line and the rule for it.
    private let line: UpstreamBandwidth
    private let clock: () -> Int64
    private var waiting = CircularBuffer<(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)>()
    /// How many of the waiting writes were flushed.
    private var flushed = 0
    private var waitingBytes = 0
    private var isWriting = false
    private var saidWritable = true
    /// This half is to end once everything that waits has passed.
    private var ending: EventLoopPromise<Void>??
    private var readsAt = Int64.min
    private var readTask: Scheduled<Void>?
    private var writeTask: Scheduled<Void>?
    /// Told when what waits falls under a bound, or rises over it.
    weak var connection: UpstreamConnection?

    /// So much may wait before the sender is told to.
    private static let highWater = 64 << 10

    init(_ line: UpstreamBandwidth, clock: @escaping () -> Int64) {
        self.line = line
        self.clock = clock
    }

    /// Whether more may be written without piling up.
    var isWritable: Bool { waitingBytes < Self.highWater }
    /// Whether anything waits for its turn.
    var holdsBack: Bool { waitingBytes > 0 }

    // MARK: To the department

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let bytes = unwrapOutboundIn(data)
        waitingBytes += bytes.readableBytes
        waiting.append((bytes, promise))
        tell()
    }

    func flush(context: ChannelHandlerContext) {
        flushed = waiting.count
        if !isWriting { drain(context) }
    }

    private func drain(_ context: ChannelHandlerContext) {
        isWriting = false
        var hasWritten = false
        while flushed > 0 {
            let now = clock()
            let count = min(waiting[waiting.startIndex].bytes.readableBytes, BandwidthRule.piece)
            let due = line.outward.reserve(count, line.rule, now: now)
            if due > now {
                // The turn is taken; the bytes follow when it comes.
                isWriting = true
                let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                writeTask = context.eventLoop.scheduleTask(in: .nanoseconds(due - now)) {
                    let (brake, context) = bound.value
                    brake.pass(count, context)
                    context.flush()
                    brake.drain(context)
                }
                break
            }
            pass(count, context)
            hasWritten = true
        }
        if hasWritten { context.flush() }
        tell()
        if let promise = ending, waiting.isEmpty {
            ending = nil
            context.close(mode: .output, promise: promise)
        }
    }

    /// Says whether more may be written, where that is no longer what was said last.
    private func tell() {
        guard isWritable != saidWritable else { return }
        saidWritable = isWritable
        connection?.lineChanged()
    }

    private func pass(_ count: Int, _ context: ChannelHandlerContext) {
        guard flushed > 0, !waiting.isEmpty else { return }
        waitingBytes -= count
        if waiting[waiting.startIndex].bytes.readableBytes > count, let piece = waiting[waiting.startIndex].bytes.readSlice(length: count) {
            context.write(wrapOutboundOut(piece), promise: nil)
        } else {
            let (bytes, promise) = waiting.removeFirst()
            flushed -= 1
            context.write(wrapOutboundOut(bytes), promise: promise)
        }
    }

    // MARK: From the department

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let count = unwrapInboundIn(data).readableBytes
        readsAt = line.inward.reserve(count, line.rule, now: clock()) &+ line.rule.time(count)
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        let now = clock()
        guard readsAt > now else { return context.read() }
        guard readTask == nil else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        readTask = context.eventLoop.scheduleTask(in: .nanoseconds(readsAt - now)) {
            let (brake, context) = bound.value
            brake.readTask = nil
            context.read()
        }
    }

    // MARK: The end

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output, !waiting.isEmpty {
            ending = .some(promise)
            return
        }
        // What still waits belongs to a call that nobody waits for any more.
        if mode == .all { forget() }
        context.close(mode: mode, promise: promise)
    }

    func handlerRemoved(context: ChannelHandlerContext) { forget() }

    private func forget() {
        readTask?.cancel()
        writeTask?.cancel()
        (readTask, writeTask) = (nil, nil)
        for (_, promise) in waiting { promise?.fail(ChannelError.ioOnClosedChannel) }
        waiting.removeAll()
        (flushed, waitingBytes) = (0, 0)
    }
}

/// A department's line, both ways.
struct UpstreamBandwidth {
    let rule: BandwidthRule
    /// To the department.
    let outward: BandwidthBucket
    /// From it.
    let inward: BandwidthBucket
}
