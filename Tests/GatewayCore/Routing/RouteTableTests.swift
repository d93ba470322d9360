import GatewayCore
import Testing

@Suite("The route table") struct RouteTableTests {
    private func table(_ entries: [(host: String, path: String, methods: [String])]) throws -> (RouteTable, [RouteTable.Conflict]) {
        var conflicts: [RouteTable.Conflict] = []
        let list = try entries.enumerated().map { index, entry in
            RouteTable.Entry(hosts: [entry.host], pattern: try PathPattern(entry.path), methods: entry.methods, route: index)
        }
        return (RouteTable(list, conflicts: &conflicts), conflicts)
    }

    private func find(_ table: RouteTable, _ method: String, _ path: String, host: String = "") -> (
        route: Int?, captures: [String], allow: [String]
    ) {
        let (host, path, method) = (Array(host.utf8), Array(path.utf8), Array(method.utf8))
        let lookup = host.withUnsafeBytes { host in
            path.withUnsafeBytes { path in method.withUnsafeBytes { table.lookup(host: host, path: path, method: $0) } }
        }
        switch lookup {
        case .found(let route, let captures):
            return (route, (0..<captures.count).map { String(decoding: path[captures[$0]], as: UTF8.self) }, [])
        case .methodNotAllowed(let allow): return (nil, [], allow)
        case .notFound: return (nil, [], [])
        }
    }

    @Test("finds literal segments before parameters before prefixes")
    func order() throws {
        let (table, conflicts) = try table([
            ("*", "/v1/cases/{caseNo}", ["GET"]), ("*", "/v1/cases/search", ["POST"]), ("*", "/v1/*", []), ("*", "/*", []),
            ("*", "/v1/cases/{caseNo}/events", ["GET"]),
        ])
        #expect(conflicts.isEmpty)
        #expect(find(table, "GET", "/v1/cases/A1").route == 0)
        #expect(find(table, "GET", "/v1/cases/A1").captures == ["A1"])
        #expect(find(table, "POST", "/v1/cases/search").route == 1)
        #expect(find(table, "GET", "/v1/cases/A1/events").captures == ["A1"])
        #expect(find(table, "GET", "/v1/other/x").route == 2)
        #expect(find(table, "PUT", "/elsewhere").route == 3)
        #expect(find(table, "GET", "/").route == 3)
    }

    @Test("answers HEAD where GET is served, and names the methods it knows")
    func methods() throws {
        let (table, _) = try table([("*", "/v1/items", ["GET"]), ("*", "/v1/items/{code}", ["GET", "PUT"])])
        #expect(find(table, "HEAD", "/v1/items").route == 0)
        #expect(Set(find(table, "DELETE", "/v1/items/1").allow) == ["GET", "HEAD", "PUT"])
        #expect(find(table, "GET", "/v1/items/").route == nil)
        #expect(find(table, "GET", "/v1/item").allow.isEmpty)
    }

    @Test("prefers a host that is named, and falls back to any")
    func hosts() throws {
        let (table, _) = try table([("*", "/*", []), ("a.example", "/x", [])])
        #expect(table.usesHosts)
        #expect(find(table, "GET", "/x", host: "a.example").route == 1)
        #expect(find(table, "GET", "/x", host: "b.example").route == 0)
        #expect(find(table, "GET", "/y", host: "a.example").route == 0)
    }

    @Test("reports two routes that answer to the same requests")
    func conflict() throws {
        let (_, conflicts) = try table([("*", "/a/{x}", ["GET"]), ("*", "/a/{y}", ["GET", "POST"]), ("*", "/a/{z}", ["PUT"])])
        #expect(conflicts.map(\.route) == [1])
        #expect(conflicts.map(\.other) == [0])
    }

    @Test("finds one of 100,000 paths, and none that is not there")
    func many() throws {
        let (table, _) = try table((0..<100_000).map { ("*", "/p/\($0)", []) })
        for number in stride(from: 0, to: 100_000, by: 9973) { #expect(find(table, "GET", "/p/\(number)").route == number) }
        #expect(find(table, "GET", "/p/100000").route == nil)
    }

    @Test("refuses patterns that mean nothing", arguments: ["a", "/a/../b", "/a*", "/{a}b", "/a?b", "/a b", "/{}"])
    func badPattern(_ text: String) {
        #expect(throws: PathPattern.Fault.self) { try PathPattern(text) }
    }

    @Test(
        "lets no path climb, and no broken encoding pass",
        arguments: [
            ("/a/b", true), ("/", true), ("/a/..", false), ("/../a", false), ("/a/./b", false), ("/a/%2e%2E/b", false),
            ("/a/.%2e/b", false),
            ("/a/...", true), ("/a/.hidden", true), ("/a%00b", false), ("/a%2", false), ("/a%zz", false), ("/a/..%2fb", false),
            ("/a/%2f..", false), ("/a/..%5Cb", false), ("/a/..\\b", false), ("/a\\..\\b", false), ("/a/..;x/b", false), ("/a/..;", false),
            ("/a/%2e%2e;x=1/b", false), ("/a/%252e%252e/b", false), ("/a/%25252e./b", false), ("/a/..%252fb", false), ("/a/x;../b", true),
            ("/a/..x", true), ("/a/..%20", true), ("/a%2fb", true), ("/100%25", true), ("/a/%25zz", true), ("/a\\b", true),
            ("/%E5%93%88", true), ("/a/.", false), ("/a/%25%32%65%25%32%65/x", false), ("/a/%252%65%252%65/x", false),
            ("/a/%25%32%35%32%65./x", false), ("/a//b", true),
            ("/a/%c0%ae%c0%ae/b", false), ("/a/..%c0%af..", false), ("/a/%e0%80%ae./x", false), ("/a/%f0%80%80%ae/x", false),
            ("/a/%25c0%25ae./x", false), ("/a/..%c1%9cb", false), ("/a/%c0%aex", true), ("/a/%c4%e3", true), ("/a/%c0", true),
            ("/a/%c0%", false),
        ] as [(String, Bool)])
    func pathSafety(_ path: String, _ safe: Bool) {
        #expect(Array(path.utf8).withUnsafeBytes { judgePath($0) != .refused } == safe)
    }

    @Test(
        "knows one spelling of a path",
        arguments: [
            ("/a/b", nil), ("/a//b", "/a/b"), ("//a///b//", "/a/b/"), ("/%61/%7e%2D", "/a/~-"), ("/%e5%93%88", "/%E5%93%88"),
            ("/%E5%93%88", nil), ("/a%2fb", "/a%2Fb"), ("/%2Ehidden", "/.hidden"), ("/100%25", nil), ("/a%2520", nil), ("/", nil),
            ("", nil),
        ] as [(String, String?)])
    func normalForm(_ path: String, _ normal: String?) {
        Array(path.utf8).withUnsafeBytes { bytes in
            #expect(judgePath(bytes) == (normal == nil ? .normal : .equivalent))
            let written = normalPath(bytes)
            #expect(String(decoding: written, as: UTF8.self) == normal ?? path)
            #expect(written.withUnsafeBytes { judgePath($0) } == .normal)
        }
    }

    @Test("takes patterns in their normal form, so that none is out of reach")
    func normalPatterns() throws {
        let (table, _) = try table([("*", "/a/%7e%e5", []), ("*", "/b/*", [])])
        #expect(find(table, "GET", "/a/~%E5").route == 0)
        #expect(try PathPattern("/a/%7e%e5").literalPrefixLength == "/a/~%E5".utf8.count)
        for text in ["/a//b", "//", "//*", "/a//*"] { #expect(throws: PathPattern.Fault.self) { try PathPattern(text) } }
        #expect(throws: Never.self) { try PathPattern("/a/") }
    }
}

@Suite("The byte map") struct ByteMapTests {
    @Test("keeps the first of two equal keys, and tells like keys apart")
    func basics() {
        let map = ByteMap([
            (Array("11230000MB1A0001XM".utf8), 1), (Array("11230000MB1A00028M".utf8), 2), (Array("11230000MB1A0001XM".utf8), 3), ([], 4),
        ])
        #expect(map.count == 3)
        #expect(map.find("11230000MB1A0001XM") == 1)
        #expect(map.find("11230000MB1A00028M") == 2)
        #expect(map.find("") == 4)
        #expect(map.find("11230000MB1A0001X") == nil)
        #expect(ByteMap<Int>([]).find("x") == nil)
    }
}
