import GatewayCore
import NIOCore

/// The retries of one exchange on a plain route: what its route allows, for as long as the whole request is still at hand.
struct PlainRetries {
    private let rule: RetryRule
    private let isWrite: Bool
    private let hasKey: Bool
    private var made = 1
    private var kept: [ByteBuffer]? = []
    private var keptBytes = 0

    /// How much of a request's body is kept for another call, in bytes.
    private static let mostKept = 64 << 10

    /// Nil where the route knows none.
    init?(_ rules: CallRules, method: RequestMethod, head: RequestHead, bytes: UnsafeRawBufferPointer) {
        guard let rule = rules.retry else { return nil }
        self.rule = rule
        isWrite = !method.isSafe
        hasKey = head.present.contains(.idempotencyKey)
    }

    /// Keeps bytes of the body that are sent, as far as there is room.
    mutating func keep(_ bytes: ByteBuffer) {
        keptBytes += bytes.readableBytes
        if keptBytes > Self.mostKept { kept = nil }
        kept?.append(bytes)
    }

    /// A pause before the request is sent again, and the body to send; nil when what came of it stands.
    mutating func again(after reason: RetryRule.Reason, loop: LoopContext, line: UpstreamLine) -> (pause: Int64, body: [ByteBuffer])? {
        guard let body = kept,
            let pause = rule.pause(after: [reason], made: made, isWrite: isWrite, hasKey: hasKey, chance: loop.randomPair().0),
            line.takeRetry()
        else { return nil }
        made += 1
        (kept, keptBytes) = ([], 0)
        return (pause, body)
    }
}

extension UpstreamFailure {
    /// The word of the table of retries; nil for what is none of its business.
    var retryReason: RetryRule.Reason? {
        switch self {
        case .unreachable, .connectTimeout, .tls: .connect
        case .closedBeforeReply, .malformed, .unexpectedUpgrade: .closed
        case .timeout: .timeout
        default: nil
        }
    }
}
