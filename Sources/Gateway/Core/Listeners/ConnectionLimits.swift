/// How many connections clients may have open.
public struct ConnectionLimits: Sendable, Hashable {
    /// Over the whole gateway.
    public var all = 50_000
    /// From one address; of IPv6 from one network of 64 bits, which one client has for itself.
    public var perAddress = 1_000

    /// The defaults.
    public init() {}
}

/// Who has how many connections open. Pure: connections come and go, and it says which may stay. Its memory follows the addresses that
/// have one open, and those are bounded by `ConnectionLimits.all`.
public struct ConnectionCensus: Sendable {
    /// Why a connection is closed as soon as it comes: the labels of the metrics.
    public enum Refusal: String, Sendable, Hashable, CaseIterable {
        /// The gateway has as many as it may.
        case all
        /// The client's address has.
        case address

        /// Its place among all.
        public var index: Int { self == .all ? 0 : 1 }
    }

    /// How many are open.
    public private(set) var open = 0
    private var byNetwork: [ClientAddress: Int] = [:]

    /// Nobody is there.
    public init() {}

    /// How many addresses have one open.
    public var networks: Int { byNetwork.count }

    /// One comes; nil when it may stay, and then it counts until `leave`. One without an address (a Unix socket) counts among all alone.
    public mutating func enter(_ client: ClientAddress?, _ limits: ConnectionLimits) -> Refusal? {
        guard open < limits.all else { return .all }
        if let network = client?.network {
            let count = byNetwork[network] ?? 0
            guard count < limits.perAddress else { return .address }
            byNetwork[network] = count + 1
        }
        open += 1
        return nil
    }

    /// One that stayed has gone.
    public mutating func leave(_ client: ClientAddress?) {
        open = max(0, open - 1)
        guard let network = client?.network, let count = byNetwork[network] else { return }
        byNetwork[network] = count > 1 ? count - 1 : nil
    }
}
