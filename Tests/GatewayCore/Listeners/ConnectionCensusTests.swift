import GatewayCore
import Testing

@Suite("The census of connections") struct ConnectionCensusTests {
    private func limits(_ all: Int, _ perAddress: Int) -> ConnectionLimits {
        var limits = ConnectionLimits()
        (limits.all, limits.perAddress) = (all, perAddress)
        return limits
    }

    @Test("lets an address have so many, and others theirs")
    func perAddress() {
        var census = ConnectionCensus()
        let (one, other) = (ClientAddress("10.0.0.1"), ClientAddress("10.0.0.2"))
        for _ in 0..<3 { #expect(census.enter(one, limits(10, 3)) == nil) }
        #expect(census.enter(one, limits(10, 3)) == .address)
        #expect(census.enter(other, limits(10, 3)) == nil)
        census.leave(one)
        #expect(census.enter(one, limits(10, 3)) == nil)
        #expect(census.open == 4)
    }

    @Test("lets no more in than there may be in all, whoever they are")
    func all() {
        var census = ConnectionCensus()
        for number in 0..<5 { #expect(census.enter(ClientAddress("10.0.0.\(number)"), limits(5, 3)) == nil) }
        #expect(census.enter(ClientAddress("10.0.0.9"), limits(5, 3)) == .all)
        #expect(census.enter(nil, limits(5, 3)) == .all)
        census.leave(ClientAddress("10.0.0.0"))
        #expect(census.enter(nil, limits(5, 3)) == nil)
    }

    @Test("takes a network of IPv6 for one client, and an IPv4 address in IPv6 for itself")
    func networks() {
        var census = ConnectionCensus()
        #expect(census.enter(ClientAddress("2001:db8::1"), limits(10, 1)) == nil)
        #expect(census.enter(ClientAddress("2001:db8::2"), limits(10, 1)) == .address)
        #expect(census.enter(ClientAddress("2001:db8:0:1::1"), limits(10, 1)) == nil)
        #expect(census.enter(ClientAddress("::ffff:10.0.0.1"), limits(10, 1)) == nil)
        #expect(census.enter(ClientAddress("::ffff:10.0.0.2"), limits(10, 1)) == nil)
        #expect(census.enter(ClientAddress("10.0.0.1"), limits(10, 1)) == .address)
    }

    @Test("forgets whoever has gone, counts none twice, and holds both bounds, whatever comes and goes")
    func property() {
        var random = SplitMix(state: 7)
        var census = ConnectionCensus()
        var inside: [ClientAddress] = []
        let bounds = limits(40, 6)
        for _ in 0..<20_000 {
            if random.next() % 2 == 0, !inside.isEmpty {
                census.leave(inside.remove(at: Int(random.next() % UInt64(inside.count))))
            } else if let address = ClientAddress("10.0.0.\(random.next() % 12)") {
                let mine = inside.count { $0 == address }
                switch census.enter(address, bounds) {
                case nil: inside.append(address)
                case .all?: #expect(inside.count == 40)
                case .address?: #expect(mine == 6)
                }
            }
            #expect(census.open == inside.count && inside.count <= 40)
            #expect(census.networks == Set(inside).count)
        }
        for address in inside { census.leave(address) }
        #expect(census.open == 0 && census.networks == 0)
    }
}
