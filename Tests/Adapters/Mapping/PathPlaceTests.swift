import Testing

@testable import Adapters

@Suite("The place of the last path")
struct PathPlaceTests {
    /// Objects in objects, with names that are canonically equivalent and are not the same.
    private let tree: Value = [
        "a": ["x": 1, "y": ["x": 2, "z": 3], "list": [["x": 4], ["x": 5]], "": 6],
        "\u{516D}": ["x": 7, "y": 8], "\u{F9D1}": ["x": 9], "\u{E9}": ["x": 10], "e\u{301}": ["x": 11], "x": 12, "a.y": ["x": 13],
        "3:a": ["x": 14], "text": "15",
    ]

    @Test("whatever was asked for before, a path finds what it finds by itself")
    func agrees() throws {
        let paths = try [
            "$.a.x", "$.a.y.x", "$.a.y.z", "$.a.y", "$.a.list[0].x", "$.a.list[1].x", "$.a.list[-1].x", "$.a.list[2].x", "$.a.none",
            "$.none.x", "$['\u{516D}'].x", "$['\u{F9D1}'].x", "$['\u{516D}'].y", "$['\u{E9}'].x", "$['e\u{301}'].x", "$.x", "$['a.y'].x",
            "$['3:a'].x", "$.text.x", "$.a.list.x", "$.a['']",
        ].map { try JSONPath($0) }
        let ways = paths.map { PathPlace.Way($0) }
        for one in paths.indices {
            for other in paths.indices {
                let place = PathPlace()
                for position in [one, other, other, one] {
                    let way = try #require(ways[position], "\(paths[position])")
                    let found = place.value(at: way, in: tree)
                    #expect(found == paths[position].first(in: tree), "\(paths[one]), then \(paths[other])")
                }
            }
        }
    }

    @Test(
        "what is relative, searches or ends with a position has none", arguments: ["@.a", "$..a", "$.a[*]", "$.a[0]", "$", "$.a[?@.x].x"])
    func none(_ path: String) throws {
        #expect(PathPlace.Way(try JSONPath(path, allowingRelative: true)) == nil)
    }
}
