public import Adapters

/// Refuses a body that says it is over the route's limit before any of it is read; the reader refuses one that grows over it.
enum BodyLimitPolicy: Policy {
    static let name = "body-limit"
    static let slot = PolicySlot.protect
    static let reason = "memory is bounded by the route's limit times the calls in flight"

    static func onHead(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot)
        -> AdapterFault?
    {
        guard case .length(let length) = head.framing else { return nil }
        let limit = snapshot.routes[facts.route].bodyLimit
        return length > UInt64(limit) ? Self.fault(limit) : nil
    }

    static func fault(_ limit: Int) -> AdapterFault { AdapterFault(.tooLarge, "the body may have at most \(limit) bytes here") }
}

extension AdapterFault {
    /// The problem of a body over `limit` bytes.
    public static func bodyTooLarge(_ limit: Int) -> AdapterFault { BodyLimitPolicy.fault(limit) }
}
