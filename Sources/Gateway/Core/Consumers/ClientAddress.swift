/// A client's address as a number, so that a comparison costs no text: IPv6, or IPv4 as `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2).
public struct ClientAddress: Sendable, Hashable {
    /// The upper 64 bits.
    public let high: UInt64
    /// The lower 64 bits.
    public let low: UInt64

    /// An address by its halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads an IPv4 or IPv6 address, without brackets, port or zone; nil when the text is something else.
    public init?(_ text: some StringProtocol) {
        if text.contains(":") {
            guard let words = Self.words(text) else { return nil }
            high = words[0..<4].reduce(0) { $0 << 16 | UInt64($1) }
            low = words[4..<8].reduce(0) { $0 << 16 | UInt64($1) }
        } else {
            guard let address = Self.ipv4(text) else { return nil }
            high = 0
            low = 0xFFFF_0000_0000 | UInt64(address)
        }
    }

    private static func ipv4(_ text: some StringProtocol) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let byte = UInt8(part),
                part.utf8.count == 1 || part.utf8.first != 0x30
            else { return nil }
            address = address << 8 | UInt32(byte)
        }
        return address
    }

    /// The eight words of an IPv6 address (RFC 4291 §2.2), `::` and a dotted end included.
    private static func words(_ text: some StringProtocol) -> [UInt16]? {
        let halves = String(text).split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2 else { return nil }
        var sides: [[UInt16]] = []
        for half in halves {
            var words: [UInt16] = []
            let parts = half.isEmpty ? [] : half.split(separator: ":", omittingEmptySubsequences: false)
            for (index, part) in parts.enumerated() {
                if index == parts.count - 1, part.contains(".") {
                    guard let address = ipv4(part) else { return nil }
                    words += [UInt16(address >> 16), UInt16(address & 0xFFFF)]
                } else {
                    guard (1...4).contains(part.utf8.count), part.allSatisfy({ $0.isASCII && $0.isHexDigit }),
                        let word = UInt16(part, radix: 16)
                    else { return nil }
                    words.append(word)
                }
            }
            sides.append(words)
        }
        if sides.count == 1 { return sides[0].count == 8 ? sides[0] : nil }
        let missing = 8 - sides[0].count - sides[1].count
        guard missing >= 1 else { return nil }
        return sides[0] + [UInt16](repeating: 0, count: missing) + sides[1]
    }
}

/// A range of addresses: all that begin with the same bits (CIDR, RFC 4632 §3.1).
public struct AddressRange: Sendable, Hashable {
    private let first: ClientAddress
    private let mask: ClientAddress
    /// How many bits its addresses have in common, of 128.
    let width: Int

    /// Reads `10.1.0.0/16`, `2001:db8::/32` or a single address; nil when the text is something else, or has bits behind its prefix.
    public init?(_ text: String) {
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = ClientAddress(halves[0]) else { return nil }
        let most = halves[0].contains(":") ? 128 : 32
        var bits = most
        if halves.count == 2 {
            guard halves[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(halves[1]), number <= most else {
                return nil
            }
            bits = number
        }
        let whole = bits + 128 - most
        width = whole
        mask = ClientAddress(high: Self.ones(min(whole, 64)), low: Self.ones(max(0, whole - 64)))
        guard address.high & ~mask.high == 0, address.low & ~mask.low == 0 else { return nil }
        first = address
    }

    private static func ones(_ count: Int) -> UInt64 { count == 0 ? 0 : ~0 << UInt64(64 - count) }

    /// Whether an address lies in the range.
    public func contains(_ address: ClientAddress) -> Bool {
        address.high & mask.high == first.high && address.low & mask.low == first.low
    }
}
