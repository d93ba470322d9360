internal import Adapters

/// Default deny: a consumer may call what a grant names, in the regions and from the zones that it names, until it ends.
enum GrantPolicy: Policy {
    static let name = "grant"
    static let slot = PolicySlot.authorize
    static let reason = "nothing is open unless a grant in consumers.yaml says so"

    static let decidesOnCalls = true

    static func applies(to route: Route) -> Bool { route.access == .granted }

    static func onHead(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot)
        -> AdapterFault?
    {
        guard facts.consumer >= 0 else { return AuthenticationFailure.refusal(signed: false) }
        let consumer = snapshot.consumers.consumers[facts.consumer]
        switch snapshot.routes[facts.route].target {
        case .contractDocument, .callback: return nil
        case .contract(let operation):
            return consumer.mayCall(operation: operation) ? nil : AdapterFault(.notGranted, "no grant names this operation")
        case .plain:
            let crossing = snapshot.crossing(from: facts.client, to: snapshot.routes[facts.route])
            switch consumer.refusal(route: facts.route, crossing: crossing, now: facts.epochSeconds) {
            case nil: return nil
            case .zoneDenied: return Self.zoneDenied
            default: return AdapterFault(.notGranted, "no grant names this route")
            }
        }
    }

    static let zoneDenied = AdapterFault(.zoneDenied, "nothing lets this through from the caller's network")

    static func onCall(_ call: CallFacts, _ facts: inout ExchangeFacts, _ snapshot: Snapshot) -> AdapterFault? {
        let department = snapshot.departments[call.department]
        guard case .refused(let refusal) = snapshot.grants(call, facts) else { return nil }
        switch refusal {
        case .notGranted: return AdapterFault(.notGranted, "no grant names this operation of \(department.id)")
        case .zoneDenied: return Self.zoneDenied
        case .regionScope: return AdapterFault(.regionScope, "the grant for \(department.id) does not reach this region")
        }
    }
}

extension ExchangeFacts {
    /// Whether a grant of the caller's opens some fields of answers only.
    public func seesFieldsOnly(in snapshot: Snapshot) -> Bool {
        consumer >= 0 && snapshot.consumers.consumers[consumer].grants.namesFields
    }
}

extension Snapshot {
    /// What the caller's grants say of a call.
    public func grants(_ call: CallFacts, _ facts: ExchangeFacts) -> Consumer.Verdict {
        guard facts.consumer >= 0 else { return .refused(.notGranted) }
        let department = departments[call.department]
        var question = GrantQuestion(
            operation: call.operation, department: call.department, departmentRegion: department.region, requestRegion: call.region,
            now: facts.epochSeconds)
        question.crossing = crossing(from: facts.client, to: department.zone)
        return consumers.consumers[facts.consumer].verdict(question)
    }

    /// The zones of a caller and of whom it calls.
    func crossing(from client: ClientAddress?, to zone: Int?) -> ZoneCrossing {
        settings.zones.isEmpty ? ZoneCrossing() : ZoneCrossing(from: settings.zones.zone(of: client), to: zone)
    }

    /// The zones of a caller and of a plain route's department.
    func crossing(from client: ClientAddress?, to route: Route) -> ZoneCrossing { crossing(from: client, to: route.zone) }
}
