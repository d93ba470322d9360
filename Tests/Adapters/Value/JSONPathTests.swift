import Adapters
import Testing

@Suite("JSONPath")
struct JSONPathTests {
    private let reply: Value = [
        "code": 0,
        "data": [
            "rows": [
                ["sblsh": "0001", "bjzt": "09", "steps": [1, 2, 3]],
                ["sblsh": "0002", "bjzt": "01", "steps": []],
            ],
            "事项名称": "企业设立登记", "@id": "7", "#text": "x", "a-b": true,
        ],
    ]

    @Test(
        "a singular path follows names and indexes",
        arguments: [
            ("$", nil), ("$.code", .integer(0)), ("$.data.rows[0].sblsh", "0001"), ("$.data.rows[-1].bjzt", "01"),
            ("$['data']['rows'][1]['sblsh']", "0002"), ("$.data.事项名称", "企业设立登记"), ("$.data['@id']", "7"),
            ("$.data['#text']", "x"), ("$.data[\"a-b\"]", true), ("$ .data\n.rows [0] [ 'bjzt' ]", "09"),
        ] as [(String, Value?)])
    func singular(text: String, expected: Value?) throws {
        let path = try JSONPath(text)
        #expect(path.isSingular)
        #expect(path.first(in: reply) == expected ?? reply)
        #expect(path.values(in: reply) == [expected ?? reply])
        #expect(path.description == text)
    }

    @Test(
        "a path that leads nowhere selects nothing",
        arguments: [
            "$.nope", "$.code.x", "$.code[0]", "$.data[0]", "$.data.rows.sblsh", "$.data.rows[2]", "$.data.rows[-3]", "$.Data",
            "$.data.rows[9007199254740991]", "$.data.rows[-9007199254740991]", "$.data.rows[0].steps[3]",
        ])
    func nowhere(text: String) throws {
        let path = try JSONPath(text)
        #expect(path.first(in: reply) == nil)
        #expect(path.values(in: reply).isEmpty)
        #expect(path.nodes(in: reply).isEmpty)
    }

    @Test(
        "scalars and empty collections have no children", arguments: [.null, true, 1, 1.5, .decimal("1e999"), "text", [], [:]] as [Value])
    func leaves(root: Value) throws {
        for text in ["$.a", "$[0]", "$[-1]", "$.*", "$[1:]", "$[?@]", "$..a", "$..[0]"] {
            #expect(try JSONPath(text).first(in: root) == nil, "\(text)")
        }
        #expect(try JSONPath("$").first(in: root) == root)
    }

    @Test("a path with a wildcard, a slice, a filter, several selectors or a descendant segment is not singular")
    func notSingular() throws {
        for text in ["$.*", "$[*]", "$[0:1]", "$[?@.a]", "$['a','b']", "$..a", "$.a[*].b", "$..[0]"] {
            #expect(try !JSONPath(text).isSingular, "\(text)")
        }
    }

    @Test("the first of several nodes is the first in document order")
    func firstOfSeveral() throws {
        #expect(try JSONPath("$..sblsh").first(in: reply) == "0001")
        #expect(try JSONPath("$.data.rows[?@.bjzt == '01'].sblsh").first(in: reply) == "0002")
        #expect(try JSONPath("$.data.rows[::-1].sblsh").values(in: reply) == ["0002", "0001"])
        #expect(try JSONPath("$.data.rows[*]['bjzt','sblsh']").values(in: reply) == ["09", "0001", "01", "0002"])
    }

    @Test("nodes carry their normalized paths")
    func normalizedPaths() throws {
        #expect(try JSONPath("$..bjzt").nodes(in: reply).map(\.path) == ["$['data']['rows'][0]['bjzt']", "$['data']['rows'][1]['bjzt']"])
        let odd: Value = ["it's": 1, "back\\slash": 2, "\u{8}\t\n\u{C}\r": 3, "\u{0}\u{1F}": 4]
        #expect(
            try JSONPath("$.*").nodes(in: odd).map(\.path) == [
                "$['it\\'s']", "$['back\\\\slash']", "$['\\b\\t\\n\\f\\r']", "$['\\u0000\\u001f']",
            ])
    }

    @Test("a path that begins with '@' starts at the current element, one that begins with '$' at the root")
    func relative() throws {
        let rows = try JSONPath("$.data.rows").first(in: reply)?.array ?? []
        let current = try #require(rows.last)
        let relative = try JSONPath("@.sblsh", allowingRelative: true)
        #expect(relative.isRelative)
        #expect(relative.first(in: reply, current: current) == "0002")
        #expect(relative.first(in: current) == "0002")
        #expect(try JSONPath("@['bjzt','sblsh']", allowingRelative: true).values(in: reply, current: current) == ["01", "0002"])
        #expect(try JSONPath("@[?@ == $.code]", allowingRelative: true).first(in: reply, current: [1, 0]) == 0)
        #expect(try JSONPath("@..*", allowingRelative: true).nodes(in: ["a": 1]).map(\.path) == ["@['a']"])
        let absolute = try JSONPath("$.code", allowingRelative: true)
        #expect(!absolute.isRelative)
        #expect(absolute.first(in: reply, current: current) == 0)
        #expect(throws: JSONPathSyntaxFault.self) { try JSONPath("@.sblsh") }
    }

    @Test("names are compared by their scalars: equivalent spellings are different names")
    func scalarNames() throws {
        let composed = "caf\u{E9}"
        let decomposed = "cafe\u{301}"
        var object = Object()
        object.append(decomposed, 1)
        #expect(try JSONPath("$.\(composed)").first(in: .object(object)) == nil)
        #expect(try JSONPath("$.\(decomposed)").first(in: .object(object)) == 1)
        #expect(try JSONPath("$..['\(composed)']").first(in: .object(object)) == nil)
        // U+212B and A with a ring are canonically equivalent and both three bytes long.
        var angstrom = Object()
        angstrom.append("\u{212B}", 1)
        #expect(try JSONPath("$.A\u{30A}").first(in: .object(angstrom)) == nil)
        #expect(try JSONPath("$.K").first(in: ["\u{212A}": 1]) == nil)
        #expect(try JSONPath("$[?@ == '\u{212B}']").first(in: ["A\u{30A}"]) == nil)
    }

    @Test("names of every length are told apart by each of their bytes", arguments: 1...40)
    func nameLengths(length: Int) throws {
        let name = String(repeating: "n", count: length)
        let path = try JSONPath("$.\(name)")
        #expect(path.first(in: [name: 1]) == 1)
        for position in 0..<length {
            var other = Array(name)
            other[position] = "x"
            #expect(path.first(in: [String(other): 1]) == nil)
        }
        #expect(path.first(in: [name + "n": 1]) == nil)
        #expect(path.first(in: [String(name.dropLast()): 1]) == nil)
    }

    @Test("a filter without comparison asks for existence, nulls and false included")
    func existence() throws {
        let list: Value = [["a": .null], ["a": false], ["b": 1], 7]
        #expect(try JSONPath("$[?@.a]").values(in: list) == [["a": .null], ["a": false]])
        #expect(try JSONPath("$[?!@.a]").values(in: list) == [["b": 1], 7])
    }

    @Test("the functions count, measure and take the value of nodes")
    func functions() throws {
        #expect(try JSONPath("$.data.rows[?count(@.steps[*]) == 3].sblsh").values(in: reply) == ["0001"])
        #expect(try JSONPath("$.data.rows[?length(@.steps) == 0].sblsh").values(in: reply) == ["0002"])
        #expect(try JSONPath("$.data.rows[?value(@..sblsh) == '0002'].bjzt").values(in: reply) == ["01"])
        #expect(try JSONPath("$[?length(@) == 2]").values(in: ["中文", "\u{1F600}\u{20BB7}", "e\u{301}", "abc", 12, [1, 2]]).count == 4)
        #expect(try JSONPath("$[?value(@.*) == 1]").values(in: [[1, 2], [1], [1, 1]]) == [[1]])
    }

    @Test("deep documents are walked to the bottom")
    func deepDocument() throws {
        var value: Value = ["leaf": 1]
        for _ in 0..<500 { value = .array([value]) }
        #expect(try JSONPath("$..leaf").values(in: value) == [1])
        #expect(try JSONPath("$" + String(repeating: "[0]", count: 500) + ".leaf").first(in: value) == 1)
    }
}
