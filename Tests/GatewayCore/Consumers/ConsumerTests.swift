import Adapters
import GatewayCore
import Testing

@Suite("Regions") struct RegionTests {
    private func covers(_ outer: String, _ inner: String) throws -> Bool {
        try #require(Region(outer)).covers(try #require(Region(inner)))
    }

    @Test(
        "cover what lies in them",
        arguments: [
            ("230000", "230600", true), ("230600", "230600", true), ("230600", "230602", true), ("230600", "230100", false),
            ("230602", "230600", false), ("230100", "230000", false), ("230102", "230102001000", true),
            ("230102001000", "230102001005", true),
            ("230102001000", "230102002000", false), ("231000", "231081", true), ("231000", "230000", false),
        ] as [(String, String, Bool)])
    func covering(_ outer: String, _ inner: String, _ expected: Bool) throws { #expect(try covers(outer, inner) == expected) }

    @Test("are 6 or 12 digits", arguments: ["", "23", "2306", "23060a", "2306000", "23060000000", "２３０６００"])
    func badRegion(_ text: String) { #expect(Region(text) == nil) }
}

@Suite("Key digests") struct KeyDigestTests {
    @Test("find the key whose SHA-256 stands in the file")
    func lookup() throws {
        // printf %s demo-portal-key | sha256sum
        let stored = try #require(KeyDigest(hex: "9bdc095594e27a33d12a48fd6ed8d3b3a4bb7abc6219b82867f2b5660b13be90"))
        let computed = KeyDigest(Array("demo-portal-key".utf8).withUnsafeBytes { Digest.sha256Words($0) })
        #expect(stored == computed)
        let table = ConsumerTable(consumers: [], keys: [stored: .init(consumer: 3, expires: 1000)])
        #expect(table.consumer(of: computed, now: 999) == 3)
        #expect(table.consumer(of: computed, now: 1000) == nil)
        let other = KeyDigest(Array("demo-portal-kez".utf8).withUnsafeBytes { Digest.sha256Words($0) })
        #expect(table.consumer(of: other, now: 0) == nil)
    }

    @Test("are 64 hex digits", arguments: ["", "9b", String(repeating: "g", count: 64), String(repeating: "0", count: 63)])
    func badDigest(_ text: String) { #expect(KeyDigest(hex: text) == nil) }
}

@Suite("Endpoints") struct EndpointTests {
    @Test(
        "are read from URLs and addresses",
        arguments: [
            ("http://127.0.0.1:9101", "127.0.0.1:9101"), ("http://a.example", "a.example:80"), ("http://[::1]:90/", "[::1]:90"),
            ("https://a.example", "a.example:443"), ("https://a.example:8443/", "a.example:8443"),
        ])
    func goodOnes(_ url: String, _ text: String) { #expect(UpstreamScheme.read(url)?.endpoint.description == text) }

    @Test(
        "are nothing else",
        arguments: [
            "gopher://a", "http://", "https:///", "http://a/b", "http://a:99999", "http://a:x", "a:80", "http://u@a", "http://[::1",
        ])
    func badOnes(_ url: String) { #expect(UpstreamScheme.read(url) == nil) }
}
