import Adapters
import GatewayCore
import NIOCore

/// A round trip over a connection of the event loop's own pool.
final class CollectedExchange: DepartmentExchange, UpstreamSink, DeadlineOwner {
    private let loop: LoopContext
    private let trip: RoundTrip
    private let pool: UpstreamPool
    private var endpoint: String?
    private var nanoseconds: Int64 = 0
    private var isStale = false
    private var upstream: UpstreamConnection?
    private var sentAt: Int64 = 0
    private var status = 0
    private var head = ReplyHeadText([])
    private var body: [UInt8] = []
    private var replyHasBegun = false
    private var isOver = false

    var deadlineSlot = -1
    private(set) var deadline: Int64

    init(_ trip: RoundTrip, loop: LoopContext) {
        self.loop = loop
        self.trip = trip
        pool = trip.pool
        deadline = trip.callEnds
    }

    var priority: CallPriority { trip.priority }
    private var isWrite: Bool { trip.isWrite }
    /// The largest reply that is collected, in bytes.
    private var limit: Int { pool.settings.replyLimit }

    /// Sends the request.
    func start() {
        loop.deadlines.enter(self)
        pool.acquire(self, fresh: trip.isFresh)
    }

    /// Nobody waits for the outcome any more.
    func cancel() {
        guard !isOver else { return }
        isOver = true
        loop.deadlines.leave(self)
        pool.forget(self)
        upstream?.abandon(by: self)
        upstream = nil
    }

    private func finish(_ result: Result<DepartmentReply, AdapterFault>) {
        guard !isOver else { return }
        isOver = true
        loop.deadlines.leave(self)
        upstream = nil
        trip.owner.roundTripEnded(
            RoundTripOutcome(result: result, endpoint: endpoint, nanoseconds: nanoseconds, isStale: isStale, wasSent: sentAt > 0))
    }

    // MARK: UpstreamSink

    func upstreamReady(_ upstream: UpstreamConnection) {
        guard !isOver else { return pool.putBack(upstream) }
        self.upstream = upstream
        endpoint = upstream.endpointName
        upstream.begin(self, method: trip.request.method == "HEAD" ? .head : .post)
        upstream.write(
            DepartmentRequestHead.make(
                trip.request, host: upstream.endpointName, trace: trip.trace, authorization: pool.authorization, upstream.allocator))
        upstream.endRequest()
        upstream.flush()
        sentAt = loop.now
        deadline = min(trip.callEnds, sentAt + pool.firstByteTimeout)
    }

    func upstreamHead(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer) {
        nanoseconds = loop.now - sentAt
        replyHasBegun = true
        deadline = trip.callEnds
        status = head.status
        self.head = ReplyHeadText(head, bytes)
        if case .length(let length) = head.framing {
            if length > UInt64(limit) { return refuseLength() }
            body.reserveCapacity(Int(length))
        }
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard !isOver else { return }
        guard body.count + bytes.readableBytes <= limit else { return refuseLength() }
        body.append(contentsOf: bytes.readableBytesView)
    }

    private func refuseLength() {
        let upstream = self.upstream
        finish(.failure(AdapterFault(.upstreamBadReply, "the reply is larger than \(limit) bytes")))
        upstream?.abandon(by: self)
    }

    func upstreamEnd() {
        finish(.success(DepartmentReply(status: status, head: head, body: body)))
    }

    func upstreamFailed(_ failure: UpstreamFailure) {
        guard !isOver else { return }
        let stale = upstream?.isReused ?? false
        upstream = nil
        if case .closedBeforeReply = failure, stale, !isWrite { isStale = true }
        finish(.failure(failure.fault(isWrite: isWrite)))
    }

    func deadlinePassed(now: Int64) {
        let upstream = self.upstream
        pool.forget(self)
        let detail = isWrite && sentAt > 0 ? "; it is not sent again, and whether the department acted is not known" : ""
        finish(.failure(AdapterFault(.upstreamTimeout, "the department did not answer in time\(detail)")))
        upstream?.abandon(by: self, timedOut: true)
    }
}

extension ReplyHeadText {
    /// The fields of a head as they stand in what was received.
    fileprivate init(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer) {
        guard let first = head.fields.first, let last = head.fields.last else {
            self.init([])
            return
        }
        let start = first.name.range.lowerBound
        let type = head.first(.contentType)?.value.range
        self.init(
            lines: Array(bytes[start..<last.value.range.upperBound]),
            contentType: type.map { $0.lowerBound - start..<$0.upperBound - start },
            hasContentEncoding: head.present.contains(.contentEncoding))
    }
}

/// A department's request as HTTP.
enum DepartmentRequestHead {
    /// The whole request, head and body. The adapter has made sure that no field holds a line end; one that does is left out.
    static func make(
        _ request: DepartmentRequest, host: String, trace: TraceContext, authorization: String? = nil, _ allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        let hasLength = request.hasLength
        var capacity = 256 + request.method.utf8.count + request.target.utf8.count + host.utf8.count + request.body.count
        capacity += authorization?.utf8.count ?? 0
        for field in request.fields { capacity += field.name.utf8.count + field.value.utf8.count + 4 }
        var buffer = allocator.buffer(capacity: capacity)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { memory in
            var out = ByteCursor(memory)
            out.write(text: request.method)
            out.write(" ")
            out.write(text: request.target)
            out.write(" HTTP/1.1\r\nHost: ")
            out.write(text: host)
            for field in request.fields where field.isSafe {
                out.write("\r\n")
                out.write(text: field.name)
                out.write(": ")
                out.write(text: field.value)
            }
            if let authorization, request.field("Authorization") == nil {
                out.write("\r\nAuthorization: ")
                out.write(text: authorization)
            }
            out.write("\r\ntraceparent: ")
            trace.writeTraceparent(to: &out)
            if hasLength {
                out.write("\r\nContent-Length: ")
                out.write(decimal: Int64(request.body.count))
            }
            out.write("\r\n\r\n")
            out.write(request.body)
            return out.count
        }
        return buffer
    }
}

extension DepartmentRequest.Field {
    /// Whether the field can be written without becoming two.
    var isSafe: Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
            && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }
}
