import GatewayCore
import NIOCore

/// One question to one endpoint whether it is well. Confined to its event loop.
final class HealthProbe: UpstreamSink, DeadlineOwner {
    private let rule: HealthRule
    private let pool: UpstreamPool
    private let deadlines: DeadlineBook
    private let done: (Bool) -> Void
    private var upstream: UpstreamConnection?
    private var isGood = false
    private var received = 0
    private var isOver = false

    var deadlineSlot = -1
    let deadline: Int64

    /// More than this of an answer is not looked at.
    private static let mostReceived = 1 << 20

    init(_ rule: HealthRule, pool: UpstreamPool, deadlines: DeadlineBook, now: Int64, done: @escaping (Bool) -> Void) {
        self.rule = rule
        self.pool = pool
        self.deadlines = deadlines
        self.done = done
        deadline = now + rule.timeout
    }

    /// Begins; `index` is the endpoint's place.
    func start(at index: Int) {
        deadlines.enter(self)
        pool.connect(check: self, at: index)
    }

    private func finish(_ isGood: Bool) {
        guard !isOver else { return }
        isOver = true
        deadlines.leave(self)
        upstream = nil
        done(isGood)
    }

    func upstreamReady(_ upstream: UpstreamConnection) {
        guard !isOver else { return upstream.abandon(by: self) }
        self.upstream = upstream
        upstream.begin(self, method: .get)
        var authorization = ""
        if let text = pool.authorization { authorization = "Authorization: \(text)\r\n" }
        upstream.write(
            ByteBuffer(
                string: "GET \(rule.path) HTTP/1.1\r\nHost: \(upstream.endpointName)\r\nUser-Agent: tongban-health\r\n\(authorization)\r\n")
        )
        upstream.endRequest()
        upstream.flush()
    }

    func upstreamHead(_ head: ReplyHead, _ bytes: UnsafeRawBufferPointer) { isGood = rule.isGood(head.status) }

    func upstreamBody(_ bytes: ByteBuffer) {
        received += bytes.readableBytes
        guard received > Self.mostReceived else { return }
        let upstream = self.upstream
        finish(isGood)
        upstream?.abandon(by: self)
    }

    func upstreamEnd() { finish(isGood) }
    func upstreamFailed(_ failure: UpstreamFailure) { finish(false) }

    func deadlinePassed(now: Int64) {
        let upstream = self.upstream
        finish(false)
        upstream?.abandon(by: self)
    }
}
