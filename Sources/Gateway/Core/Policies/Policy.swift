public import Adapters

/// Where a policy stands among the others, and why there.
public enum PolicySlot: Int, Sendable, CaseIterable {
    /// Names the exchange, so that every later refusal can be found again.
    case identify
    /// Cheap checks that need to know nobody.
    case protect
    /// Finds out who is calling.
    case authenticate
    /// Decides what the caller may do; needs the caller.
    case authorize
    /// Decides whether there is room; comes last, so that a refused call takes nothing.
    case admit

    /// The name in `routes explain`.
    public var name: String { String(describing: self) }
}

/// One rule that every exchange passes. Synchronous and pure: what it needs was put into the snapshot or into a shared
/// bucket beforehand. A fault ends the exchange with that problem. A type and no value: a policy has nothing of its own, and a list of types is
/// walked without copying anything.
public protocol Policy: Sendable {
    /// A stable name.
    static var name: String { get }
    /// Where it stands.
    static var slot: PolicySlot { get }
    /// What it does, in one sentence, for `routes explain`.
    static var reason: String { get }
    /// Whether it has anything to say once a call's department is known.
    static var decidesOnCalls: Bool { get }
    /// Whether it has anything to say about a route.
    static func applies(to route: Route) -> Bool
    /// Decides on the head alone.
    static func onHead(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot)
        -> AdapterFault?
    /// Decides on the head and its content, where `facts.awaitsContent` was set on the head alone.
    static func onContent(
        _ content: [UInt8], _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot
    ) -> AdapterFault?
    /// Decides once a contract call's department is known.
    static func onCall(_ call: CallFacts, _ facts: inout ExchangeFacts, _ snapshot: Snapshot) -> AdapterFault?
}

extension Policy {
    /// Nothing.
    public static var decidesOnCalls: Bool { false }
    /// Every route.
    public static func applies(to route: Route) -> Bool { true }
    /// Nothing to say.
    public static func onHead(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot)
        -> AdapterFault?
    {
        nil
    }
    /// The content says nothing more.
    public static func onContent(
        _ content: [UInt8], _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot
    ) -> AdapterFault? {
        onHead(head, bytes, &facts, snapshot)
    }
    /// Nothing to say.
    public static func onCall(_ call: CallFacts, _ facts: inout ExchangeFacts, _ snapshot: Snapshot) -> AdapterFault? { nil }
}

/// Every policy there is. A new one is a file and a line here; the slot decides the order.
public enum PolicyCatalog {
    /// The policies in the order they are asked.
    public static let all: [any Policy.Type] = inOrder([
        RequestIdentityPolicy.self,
        TraceContextPolicy.self,
        CallerAddressPolicy.self,
        ZonePolicy.self,
        BodyLimitPolicy.self,
        UpgradePolicy.self,
        CredentialPolicy.self,
        UserPolicy.self,
        GrantPolicy.self,
        OpeningHoursPolicy.self,
        RateLimitPolicy.self,
        LimitPolicy.self,
    ])

    /// Those of them that decide on calls: a call is asked about more than once, and most policies have nothing to say to it.
    private static let onCalls = all.filter { $0.decidesOnCalls }

    private static func inOrder(_ policies: [any Policy.Type]) -> [any Policy.Type] {
        PolicySlot.allCases.flatMap { slot in policies.filter { $0.slot == slot } }
    }

    /// Asks every policy about a head, in order, until one refuses, or wants the content first (`facts.awaitsContent`).
    public static func onHead(
        _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot
    ) -> AdapterFault? {
        for policy in snapshot.policies[facts.route] {
            if let fault = policy.onHead(head, bytes, &facts, snapshot) { return fault }
            if facts.awaitsContent { return nil }
        }
        return nil
    }

    /// Asks the policies that waited for the content: the one that authenticates, and all behind it.
    public static func onContent(
        _ content: [UInt8], _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot
    ) -> AdapterFault? {
        for policy in snapshot.policies[facts.route] where policy.slot.rawValue >= PolicySlot.authenticate.rawValue {
            if let fault = policy.onContent(content, head, bytes, &facts, snapshot) { return fault }
        }
        return nil
    }

    /// Asks every policy about a call, in order, until one refuses.
    public static func onCall(_ call: CallFacts, _ facts: inout ExchangeFacts, _ snapshot: Snapshot) -> AdapterFault? {
        for policy in onCalls where policy.applies(to: snapshot.routes[facts.route]) {
            if let fault = policy.onCall(call, &facts, snapshot) { return fault }
        }
        return nil
    }
}
