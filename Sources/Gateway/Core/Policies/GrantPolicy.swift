internal import Adapters

/// Default deny: a consumer may call what a grant names, in the regions it names, until it ends.
struct GrantPolicy: Policy {
    let name = "grant"
    let slot = PolicySlot.authorize
    let reason = "nothing is open unless a grant in consumers.yaml says so"

    let decidesOnCalls = true

    func applies(to route: Route) -> Bool { route.access == .granted }

    func onHead(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot) -> AdapterFault? {
        guard facts.consumer >= 0 else { return AdapterFault(.badCredential, "a valid X-Api-Key is needed") }
        let consumer = snapshot.consumers.consumers[facts.consumer]
        switch snapshot.routes[facts.route].target {
        case .contractDocument, .callback: return nil
        case .contract(let operation):
            return consumer.mayCall(operation: operation) ? nil : AdapterFault(.notGranted, "no grant names this operation")
        case .plain:
            guard let end = consumer.routes[facts.route], end > facts.epochSeconds else {
                return AdapterFault(.notGranted, "no grant names this route")
            }
            return nil
        }
    }

    func onCall(_ call: CallFacts, _ facts: inout ExchangeFacts, _ snapshot: Snapshot) -> AdapterFault? {
        let department = snapshot.departments[call.department]
        let refusal = snapshot.consumers.consumers[facts.consumer].refusal(
            operation: call.operation, department: call.department, departmentRegion: department.region, requestRegion: call.region,
            now: facts.epochSeconds)
        switch refusal {
        case nil: return nil
        case .notGranted: return AdapterFault(.notGranted, "no grant names this operation of \(department.id)")
        case .regionScope: return AdapterFault(.regionScope, "the grant for \(department.id) does not reach this region")
        }
    }
}
