import Testing

@testable import GatewayCore

@Suite("The table of keys")
struct KeyTableTests {
    @Test("every key is found by its whole digest and no other, in tables of every size", arguments: [0, 1, 2, 3, 64, 1000])
    func found(_ count: Int) {
        var keys: [KeyDigest: ConsumerTable.Key] = [:]
        // Digests that begin alike crowd the same places.
        func digest(_ index: Int) -> KeyDigest { KeyDigest((UInt64(index % 7), UInt64(index), 3, 4)) }
        for index in 0..<count { keys[digest(index)] = .init(consumer: index, expires: Int64(index) * 10) }
        let table = KeyTable(keys)
        for index in 0..<count {
            #expect(table[digest(index)]?.consumer == index)
            #expect(table[digest(index)]?.expires == Int64(index) * 10)
        }
        for index in count..<count + 50 { #expect(table[digest(index)] == nil) }
        #expect(table[KeyDigest((.max, .max, .max, .max))] == nil)
    }
}
