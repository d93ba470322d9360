import Adapters
import GatewayCore
import NIOCore

/// A round trip over a connection of the event loop's own pool.
final class CollectedExchange: DepartmentExchange, UpstreamSink, DeadlineOwner {
    private let loop: LoopContext
    private let trip: RoundTrip
    private let pool: UpstreamPool
    private var outcome = RoundTripOutcome(result: .failure(AdapterFault(.internal, "no outcome")))
    private var upstream: UpstreamConnection?
    private var sentAt: Int64 = 0
    private var status = 0
    private var fields: [DepartmentRequest.Field] = []
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
        upstream?.abandon()
        upstream = nil
    }

    private func finish(_ result: Result<DepartmentReply, AdapterFault>) {
        guard !isOver else { return }
        isOver = true
        loop.deadlines.leave(self)
        upstream = nil
        outcome.result = result
        trip.done(outcome)
    }

    // MARK: UpstreamSink

    func upstreamReady(_ upstream: UpstreamConnection) {
        guard !isOver else { return pool.putBack(upstream) }
        self.upstream = upstream
        outcome.endpoint = upstream.endpointName
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
        outcome.nanoseconds = loop.now - sentAt
        replyHasBegun = true
        deadline = trip.callEnds
        status = head.status
        fields = head.fields.map { field in
            DepartmentRequest.Field(
                String(decoding: bytes[field.name.range], as: UTF8.self), String(decoding: bytes[field.value.range], as: UTF8.self))
        }
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
        upstream?.abandon()
    }

    func upstreamEnd() {
        finish(.success(DepartmentReply(status: status, fields: fields, body: body)))
    }

    func upstreamFailed(_ failure: UpstreamFailure) {
        guard !isOver else { return }
        let stale = upstream?.isReused ?? false
        upstream = nil
        if case .closedBeforeReply = failure, stale, !isWrite { outcome.isStale = true }
        finish(.failure(failure.fault(isWrite: isWrite)))
    }

    func deadlinePassed(now: Int64) {
        let upstream = self.upstream
        pool.forget(self)
        let detail = isWrite && sentAt > 0 ? "; it is not sent again, and whether the department acted is not known" : ""
        finish(.failure(AdapterFault(.upstreamTimeout, "the department did not answer in time\(detail)")))
        upstream?.abandon()
    }
}

/// A department's request as HTTP.
enum DepartmentRequestHead {
    /// The whole request, head and body. The adapter has made sure that no field holds a line end; one that does is left out.
    static func make(
        _ request: DepartmentRequest, host: String, trace: TraceContext, authorization: String? = nil, _ allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: 512 + request.target.utf8.count + request.body.count)
        buffer.writeString("\(request.method) \(request.target) HTTP/1.1\r\nHost: \(host)\r\n")
        for field in request.fields where field.isSafe { buffer.writeString("\(field.name): \(field.value)\r\n") }
        if let authorization, request.field("Authorization") == nil { buffer.writeString("Authorization: \(authorization)\r\n") }
        buffer.writeStaticString("traceparent: ")
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 64) { memory in
            var out = ByteCursor(memory)
            trace.writeTraceparent(to: &out)
            return out.count
        }
        if request.body.isEmpty, request.method == "GET" || request.method == "HEAD" || request.method == "DELETE" {
            buffer.writeStaticString("\r\n\r\n")
        } else {
            buffer.writeString("\r\nContent-Length: \(request.body.count)\r\n\r\n")
            buffer.writeBytes(request.body)
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
