import Adapters
import GatewayCore
import NIOCore

/// The retries of one call at a department: what its rules allow, under the upstream's budget. Confined to its event loop.
struct CallRetries {
    private let rule: RetryRule
    private var made = 1

    /// Nil where the rules know none.
    init?(_ rules: CallRules) {
        guard let rule = rules.retry else { return nil }
        self.rule = rule
    }

    /// How many nanoseconds to wait before the call is made again; nil when what came of it stands. `fault` is what the mapping made of it.
    mutating func pause(
        after trip: RoundTripOutcome, _ fault: AdapterFault, isWrite: Bool, loop: LoopContext, ends: Int64, line: UpstreamLine
    ) -> Int64? {
        let reasons = Self.reasons(trip, fault)
        guard let pause = rule.pause(after: reasons, made: made, isWrite: isWrite, chance: loop.randomPair().0),
            loop.now + pause < ends, line.takeRetry()
        else { return nil }
        made += 1
        return pause
    }

    /// What a call ended with, in the words of the table.
    static func reasons(_ trip: RoundTripOutcome, _ fault: AdapterFault) -> [RetryRule.Reason] {
        switch trip.result {
        case .success(let reply):
            let status = RetryRule.Reason.status(reply.status)
            return fault.code == .upstreamUnavailable ? [status, .unavailable] : [status]
        case .failure(let fault):
            switch fault.code {
            case .upstreamUnavailable where trip.wasSent: return [.closed]
            // A refusal says itself when to come again; the department is not to be pressed.
            case .upstreamUnavailable: return fault.retryAfter == nil ? [.connect] : []
            case .upstreamTimeout: return trip.wasSent ? [.timeout] : []
            case .upstreamBadReply where trip.wasSent: return [.closed]
            default: return []
            }
        }
    }
}

extension LoopContext {
    /// Calls back later, unless the loop has stopped.
    func later(_ nanoseconds: Int64, _ body: @escaping () -> Void) {
        eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(nanoseconds), body)
    }
}
