internal import Adapters

/// A callback takes pushes from the addresses that its file names, and from nowhere else.
enum CallerAddressPolicy: Policy {
    static let name = "caller-address"
    static let slot = PolicySlot.protect
    static let reason = "a callback takes pushes only from the addresses under 'from'"

    static func applies(to route: Route) -> Bool {
        if case .callback(let callback) = route.target { !callback.from.isEmpty } else { false }
    }

    static func onHead(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot)
        -> AdapterFault?
    {
        guard case .callback(let callback) = snapshot.routes[facts.route].target else { return nil }
        if let client = facts.client, callback.from.contains(where: { $0.contains(client) }) { return nil }
        return AdapterFault(.zoneDenied, "this callback takes nothing from this address")
    }
}
