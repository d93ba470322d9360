internal import Adapters

/// A plain route of a department that is closed is answered with the time it opens. A contract call meets the same hours when its
/// department is asked, so that a part of an aggregation says so too.
enum OpeningHoursPolicy: Policy {
    static let name = "hours"
    static let slot = PolicySlot.admit
    static let reason = "outside the department's hours nothing is sent; the answer says when it opens"

    static func applies(to route: Route) -> Bool { if case .plain(let plain) = route.target { plain.rules.hours != nil } else { false } }

    static func onHead(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot)
        -> AdapterFault?
    {
        guard case .plain(let plain) = snapshot.routes[facts.route].target, let hours = plain.rules.hours else { return nil }
        return hours.fault(at: facts.epochSeconds, department: snapshot.departments[plain.department].name)
    }
}
