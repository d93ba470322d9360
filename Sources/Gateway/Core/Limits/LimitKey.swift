/// What is mixed into the keys of addresses: random for each state directory, so that nobody can choose whose bucket is met.
public struct LimitSeed: Sendable, Hashable {
    /// One half.
    public let high: UInt64
    /// The other.
    public let low: UInt64

    /// Makes a seed; both must be random.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}

/// Which bucket: 128 bits mixed from the limit and whom it counts for. Two that differ are taken for different; a chance of one in
/// 2^64 at a few million live buckets.
public struct LimitKey: Sendable, Hashable {
    /// One half, never 0.
    public private(set) var high: UInt64
    /// The other.
    public private(set) var low: UInt64

    /// The key of a limit before it is known for whom.
    public init(_ name: String) {
        high = 0x2545_F491_4F6C_DD1D
        low = 0xD6E8_FEB8_6659_FD93
        for byte in name.utf8 { mix(UInt64(byte) + 1) }
        mix(0x9E37_79B9_7F4A_7C15)
    }

    init(high: UInt64, low: UInt64) {
        self.high = high | 1
        self.low = low
    }

    /// Adds a word of whom it counts for.
    public mutating func mix(_ word: UInt64) {
        let first = (high ^ word &* 0xBF58_476D_1CE4_E5B9).multipliedFullWidth(by: low | 1)
        let second = (low ^ word ^ 0x94D0_49BB_1331_11EB).multipliedFullWidth(by: high | 1)
        high = (first.high ^ first.low &+ second.low) | 1
        low = second.high ^ second.low &+ first.low &+ (word << 32 | word >> 32)
    }

    /// Adds a text of whom it counts for.
    public mutating func mix(_ text: String) { for byte in text.utf8 { mix(UInt64(byte) + 1) } }
}

extension ClientAddress {
    private var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// The network that one client has: an IPv4 address, or the first 64 bits of an IPv6 address.
    var network: ClientAddress { isIPv4 ? self : ClientAddress(high: high, low: 0) }

    /// Adds the network that one client has.
    func mixNetwork(into key: inout LimitKey, _ seed: LimitSeed) {
        key.mix(seed.high)
        key.mix(isIPv4 ? low : high)
        key.mix(seed.low)
    }
}
