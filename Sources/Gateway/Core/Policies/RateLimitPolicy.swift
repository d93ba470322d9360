internal import Adapters

/// One GCRA bucket per consumer, shared by all its connections; it outlives a reload.
enum RateLimitPolicy: Policy {
    static let name = "rate-limit"
    static let slot = PolicySlot.admit
    static let reason = "a consumer over its rate is told when to come back; comes last, so that a refused call takes nothing"

    static func applies(to route: Route) -> Bool { route.access == .granted }

    static func onHead(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot)
        -> AdapterFault?
    {
        guard facts.consumer >= 0 else { return nil }
        guard let rate = snapshot.consumers.consumers[facts.consumer].rate else { return nil }
        let decision = rate.bucket.admit(rate.rule, now: facts.now)
        facts.rate = decision
        guard !decision.allowed else { return nil }
        return AdapterFault(.rateLimited, "the rate of this consumer is used up")
    }
}
