import Testing

@testable import GatewayCore

/// Each grant is kept once, and says what it would say if it stood at every department that it names.
@Suite("Grants for many departments") struct DepartmentGrantsTests {
    private static func key(_ grant: DepartmentGrant) -> String { "\(grant.operations) \(grant.regions) \(grant.zones) \(grant.expires)" }

    @Test("any grants for any departments are found at those and at no others")
    func any() {
        var random = SplitMix(state: 11)
        for _ in 0..<300 {
            let count = Int.random(in: 1...130, using: &random)
            var grants = DepartmentGrants()
            var plain = [[DepartmentGrant]](repeating: [], count: count)
            for number in 0..<Int.random(in: 0...6, using: &random) {
                let wanted: [Int] =
                    switch Int.random(in: 0..<4, using: &random) {
                    case 0: []
                    case 1: [Int.random(in: 0..<count, using: &random)]
                    case 2: Array(0..<count)
                    default: (0..<count).filter { _ in Bool.random(using: &random) }
                    }
                let grant = DepartmentGrant(operations: UInt64.random(in: 1...15, using: &random), regions: [], expires: Int64(number))
                grants.add(grant, for: ChosenIndexes(wanted))
                for index in wanted { plain[index].append(grant) }
            }
            for index in 0..<count {
                #expect(grants[index].map(Self.key).sorted() == plain[index].map(Self.key).sorted())
                var seen: [String] = []
                grants.each(of: index) { grant in
                    seen.append(Self.key(grant))
                    return false
                }
                #expect(seen.sorted() == plain[index].map(Self.key).sorted())
            }
            #expect(grants[count].isEmpty && grants[-1].isEmpty && grants[100_000].isEmpty)
            #expect(grants.operations == plain.joined().reduce(0) { $0 | $1.operations })
        }
    }

    @Test("patterns choose a name, a beginning or all, each once")
    func patterns() {
        let names = NamePatterns(["hlj-fgw", "hlj-scjg", "hrb", "hrb-zwfw"])
        #expect(names.chosen(["hrb"]).indexes == [2])
        #expect(names.chosen(["hrb*", "hrb-zwfw", "none", "*x"]).indexes == [2, 3])
        #expect(names.chosen(["*"]).indexes == [0, 1, 2, 3])
        #expect(names.chosen([]).indexes.isEmpty && names.chosen(["hr", "h"]).indexes.isEmpty)
        #expect(names.matchesAny("hlj-*") && !names.matchesAny("hlj"))
    }
}
