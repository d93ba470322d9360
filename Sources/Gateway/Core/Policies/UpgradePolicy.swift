internal import Adapters

/// A handshake that asks for a protocol that its route allows is a sound one, before a department hears of it.
enum UpgradePolicy: Policy {
    static let name = "upgrade"
    static let slot = PolicySlot.protect
    static let reason =
        "a change of protocol is asked for as its standard says, or refused here: two readings of a handshake are a way past the policies"

    static func applies(to route: Route) -> Bool { if case .plain(let plain) = route.target { !plain.upgrades.isEmpty } else { false } }

    static func onHead(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot)
        -> AdapterFault?
    {
        guard head.hasUpgrade, case .plain(let plain) = snapshot.routes[facts.route].target else { return nil }
        return ProtocolUpgrade(head, bytes, allowed: plain.upgrades)?.flaw(head, bytes)
    }
}
