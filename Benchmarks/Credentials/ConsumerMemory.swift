import CMalloc
import GatewayCore

extension Fixture {
    /// Bytes that one consumer more takes, in a configuration of 100,000 with a key each and grants of a few kinds. The text of the file, which a
    /// revision keeps so that it can be shown and gone back to, is not counted.
    func memory() throws -> Int {
        let few = try held(consumers: 1_000)
        let many = try held(consumers: 101_000)
        return (many - few) / 100_000
    }

    /// Bytes that a configuration of so many holds on to.
    private func held(consumers count: Int) throws -> Int {
        var text = ""
        text.reserveCapacity(count * 160)
        for index in 0..<count {
            let digest = String(UInt64(index) &* 0x9E37_79B9_7F4A_7C15, radix: 16)
            text += "  c\(index):\n"
            text +=
                "    keys: [{ digest: \"sha256:\(String(repeating: "0", count: 16 - digest.count))\(digest)\(String(repeating: "0", count: 48))\" }]\n"
            text += "    grants: [{ departments: [\"*\"], operations: [\(index % 7 == 0 ? "cases.get" : "\"cases.*\"")] }]\n"
        }
        let before = cmalloc_used()
        let snapshot = try snapshot(more: text)
        let used = Int(cmalloc_used()) - Int(before) - (snapshot.sources.consumers?.bytes.count ?? 0)
        return withExtendedLifetime(snapshot) { used }
    }
}
