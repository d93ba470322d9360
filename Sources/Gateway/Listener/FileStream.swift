import Adapters
import GatewayCore
import NIOCore

/// A file of a department's on its way to the caller: fetched and passed on piece by piece, neither side faster than the other takes it,
/// never kept. Takes the place of the exchange that found out where the file is.
final class FileStream: ClientExchange, UpstreamSink, DeadlineOwner {
    private unowned let connection: ClientConnection
    private let pool: UpstreamPool
    private let file: FileReference
    private let target: String
    private let limit: Int
    private let department: String
    private var upstream: UpstreamConnection?
    private var received = 0
    private var isChunked = false
    private var hasBegun = false
    private var hasRetried = false
    private var isOver = false
    private var sentAt: Int64 = 0

    var deadlineSlot = -1
    private(set) var deadline = Int64.max

    init(_ file: FileReference, at target: String, department: Department, pool: UpstreamPool, connection: ClientConnection) {
        self.file = file
        self.target = target
        self.department = department.id
        self.pool = pool
        self.connection = connection
        limit = pool.settings.fileLimit
    }

    // MARK: ClientExchange

    func start() {
        connection.loop.deadlines.enter(self)
        deadline = connection.loop.now + pool.totalTimeout
        pool.acquire(self)
    }

    func requestBody(_ bytes: ByteBuffer) {}

    func requestEnd() {}

    func clientWritable(_ writable: Bool) {
        if writable { upstream?.resume() } else { upstream?.pause() }
    }

    func cancel() {
        guard !isOver else { return }
        finish()
        pool.forget(self)
        upstream?.abandon(by: self)
        upstream = nil
    }

    private func finish() {
        isOver = true
        connection.loop.deadlines.leave(self)
    }

    private func fail(_ fault: AdapterFault) {
        guard !isOver else { return }
        let upstream = self.upstream
        self.upstream = nil
        pool.forget(self)
        finish()
        upstream?.abandon(by: self)
        connection.fail(fault, department: department)
    }

    // MARK: UpstreamSink

    func upstreamReady(_ upstream: UpstreamConnection) {
        guard !isOver else { return pool.putBack(upstream) }
        self.upstream = upstream
        upstream.begin(self, method: .get)
        let request = DepartmentRequest(method: "GET", target: target)
        let trace = connection.current.facts.trace
        upstream.write(DepartmentRequestHead.make(request, host: upstream.endpointName, trace: trace, upstream.allocator))
        upstream.endRequest()
        upstream.flush()
        sentAt = connection.loop.now
        deadline = sentAt + pool.firstByteTimeout
    }

    func upstreamHead(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer) {
        guard !isOver else { return }
        connection.current.upstreamNanoseconds += connection.loop.now - sentAt
        deadline = connection.loop.now + pool.silenceTimeout
        guard head.status == 200 else {
            let isMissing = head.status == 404 || head.status == 410
            return fail(
                AdapterFault(
                    isMissing ? .notFound : .upstreamBadReply, "the department answered the file's URL with HTTP status \(head.status)"))
        }
        if case .length(let length) = head.framing, length > UInt64(limit) { return fail(FileReference.tooLarge(limit)) }
        let type = file.mediaType ?? head.first(.contentType).map { String(decoding: bytes[$0.value.range], as: UTF8.self) }
        hasBegun = true
        begin(head, type ?? "application/octet-stream")
    }

    private func begin(_ head: ReplyHead, _ type: String) {
        var length: Int64?
        switch head.framing {
        case .length(let count): length = Int64(clamping: count)
        case .none: length = 0
        case .chunked, .untilClose: break
        }
        isChunked = length == nil && connection.current.minorVersion > 0
        connection.current.status = 200
        connection.current.phase = .answered
        connection.machine.replyBegins(as: .completed, closing: (length == nil && !isChunked) || connection.endsAfterReply)
        connection.send(FileHead.make(type, file.disposition, length: length, isChunked: isChunked, connection))
        connection.flush()
    }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard !isOver else { return }
        received += bytes.readableBytes
        deadline = connection.loop.now + pool.silenceTimeout
        // The status has gone: a file that grows over the limit is cut, which the caller sees.
        guard received <= limit else { return fail(FileReference.tooLarge(limit)) }
        connection.send(isChunked ? ChunkFraming.wrap(bytes, connection.allocator) : bytes)
    }

    func upstreamReadComplete() {
        guard !isOver else { return }
        connection.flush()
    }

    func upstreamEnd() {
        guard !isOver else { return }
        if isChunked { connection.send(ByteBuffer(staticString: "0\r\n\r\n")) }
        upstream = nil
        finish()
        connection.flush()
        connection.perform(connection.machine.replyComplete())
    }

    func upstreamFailed(_ failure: UpstreamFailure) {
        guard !isOver else { return }
        let isStale = upstream?.isReused ?? false
        upstream = nil
        if case .closedBeforeReply = failure, isStale, !hasRetried {
            hasRetried = true
            connection.current.retries += 1
            return pool.acquire(self, fresh: true)
        }
        fail(failure.fault(isWrite: false))
    }

    func deadlinePassed(now: Int64) {
        // A caller that does not take the file is the client connection's matter.
        if hasBegun, !connection.isWritable {
            deadline = now + pool.silenceTimeout
            return
        }
        deadline = .max
        fail(AdapterFault(.upstreamTimeout, "the department did not send the file in time"))
    }
}

/// The head of a reply that carries a file.
enum FileHead {
    /// The head; a file is never cached, never guessed at, and saved rather than shown.
    static func make(_ type: String, _ disposition: String, length: Int64?, isChunked: Bool, _ connection: ClientConnection) -> ByteBuffer {
        let capacity = 1024 + ReplyFields.room(connection.current) + type.utf8.count + disposition.utf8.count
        var buffer = connection.allocator.buffer(capacity: capacity)
        _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { memory in
            var out = ByteCursor(memory)
            out.write("HTTP/1.1 200 OK\r\nContent-Type: ")
            out.write(text: type)
            out.write("\r\nContent-Disposition: ")
            out.write(text: disposition)
            if let length {
                out.write("\r\nContent-Length: ")
                out.write(decimal: length)
            } else if isChunked {
                out.write("\r\nTransfer-Encoding: chunked")
            }
            out.write("\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff")
            ReplyFields.append(&out, connection.current, loop: connection.loop, closing: !connection.machine.mayContinue)
            out.write("\r\n")
            return out.count
        }
        return buffer
    }
}
