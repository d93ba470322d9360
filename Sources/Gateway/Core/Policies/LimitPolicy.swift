public import Adapters

/// The rows of `limits.yaml` that the head decides: who, what operation, from where. Those that name a department or a region wait until
/// one is found.
enum LimitPolicy: Policy {
    static let name = "limits"
    static let slot = PolicySlot.admit
    static let reason = "the rows of limits.yaml; a request that a later one refuses gives back what it took from the earlier ones"

    static func applies(to route: Route) -> Bool {
        switch route.target {
        case .contract, .plain, .callback: true
        case .contractDocument: false
        }
    }

    static func onHead(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot)
        -> AdapterFault?
    {
        let rows = snapshot.limits.rows(of: facts.route, atHead: true)
        guard !rows.isEmpty else { return nil }
        let route = snapshot.routes[facts.route]
        var caller = LimitLedger.Caller(consumer: facts.consumer, client: facts.client, operation: route.id)
        if case .plain(let plain) = route.target {
            caller.department = plain.department
            caller.region = snapshot.departments[plain.department].region
        }
        for row in rows {
            if let fault = facts.limits.take(row, snapshot.limits, caller, snapshot, now: facts.now, epochSeconds: facts.epochSeconds) {
                return fault
            }
        }
        return nil
    }
}

extension LimitPolicy {
    /// The rows that a call at a department meets, once it is known which; asked once for each call.
    static func onCall(_ call: CallFacts, _ facts: inout ExchangeFacts, _ snapshot: Snapshot) -> AdapterFault? {
        let rows = snapshot.limits.rows(of: facts.route, atHead: false)
        guard !rows.isEmpty else { return nil }
        let caller = LimitLedger.Caller(
            consumer: facts.consumer, client: facts.client, operation: snapshot.routes[facts.route].id, department: call.department,
            region: call.region ?? snapshot.departments[call.department].region)
        for row in rows {
            if let fault = facts.limits.take(row, snapshot.limits, caller, snapshot, now: facts.now, epochSeconds: facts.epochSeconds) {
                return fault
            }
        }
        return nil
    }
}

extension Snapshot {
    /// Takes from the limits that a call at a department meets.
    public func takeLimits(_ call: CallFacts, _ facts: inout ExchangeFacts) -> AdapterFault? { LimitPolicy.onCall(call, &facts, self) }
}
