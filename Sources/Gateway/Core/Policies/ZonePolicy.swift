internal import Adapters

/// A route that anyone may call is open to its own zone, and to others only where it names them.
enum ZonePolicy: Policy {
    static let name = "zone"
    static let slot = PolicySlot.protect
    static let reason = "no route crosses a zone without saying so"

    static func applies(to route: Route) -> Bool { route.access == .anyone && (route.zone != nil || route.zones != 0) }

    static func onHead(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot)
        -> AdapterFault?
    {
        let route = snapshot.routes[facts.route]
        return snapshot.crossing(from: facts.client, to: route).isOpen(to: route.zones) ? nil : GrantPolicy.zoneDenied
    }
}
