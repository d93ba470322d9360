import Adapters
import Testing

@Suite("Value and Object")
struct ValueTests {
    @Test("an object keeps the order of its names and each name once")
    func order() {
        var object: Object = ["b": 1, "a": 2]
        object["c"] = 3
        object["b"] = 4
        #expect(object.fields.map(\.name) == ["b", "a", "c"])
        #expect(object.fields.map(\.value) == [4, 2, 3])
        let repeated: Object = ["a": 1, "b": 2, "a": 3]
        #expect(repeated.fields.map(\.name) == ["a", "b"])
        #expect(repeated["a"] == 3)
    }

    @Test("assigning nil removes a name; an unknown one is no matter")
    func removal() {
        var object: Object = ["a": 1, "b": 2]
        object["a"] = nil
        object["z"] = nil
        #expect(object == ["b": 2])
        #expect(object["a"] == nil)
        object["b"] = nil
        #expect(object.isEmpty)
        object["a"] = .null
        #expect(!object.isEmpty)
        #expect(object["a"] == .null)
    }

    @Test("a copy changes by itself")
    func copies() {
        let original: Object = ["a": ["b": 1]]
        var copy = original
        copy["a"] = 2
        copy.append("c", 3)
        #expect(original == ["a": ["b": 1]])
        #expect(copy == ["a": 2, "c": 3])
    }

    @Test("objects with the same fields in another order are different trees")
    func equality() {
        #expect(["a": 1, "b": 2] as Value == ["a": 1, "b": 2])
        #expect(["a": 1, "b": 2] as Value != ["b": 2, "a": 1])
        #expect(.integer(1) as Value != .double(1))
        #expect(Set<Value>([1, 1, "1", .null]).count == 3)
    }

    @Test("accessors answer for their own kind only")
    func accessors() {
        let kinds: [Value] = [.null, true, 1, 1.5, .decimal("1e400"), "x", [1], ["a": 1]]
        #expect(kinds.map { $0.string != nil } == [false, false, false, false, false, true, false, false])
        #expect(kinds.map { $0.array != nil } == [false, false, false, false, false, false, true, false])
        #expect(kinds.map { $0.object != nil } == [false, false, false, false, false, false, false, true])
        #expect(kinds.map { $0["a"] } == [nil, nil, nil, nil, nil, nil, nil, 1])
    }

    @Test(
        "a scalar's text is what a department writes",
        arguments: [
            ("007", "007"), (20_081_011_000_000, "20081011000000"), (.integer(.min), "-9223372036854775808"),
            (.double(938_620_800_000), "938620800000"),
            (1.5, "1.5"), (.double(-0.0), "0"), (.double(-3), "-3"), (.decimal("12345678901234567890"), "12345678901234567890"),
            (true, "true"),
            (false, "false"), (.null, nil), ([], nil), ([:], nil),
        ] as [(Value, String?)])
    func scalarText(value: Value, expected: String?) {
        #expect(value.scalarText == expected)
    }

    @Test("null, an empty text, list and object are empty; zero and false are not")
    func emptiness() {
        for value in [.null, "", [], [:]] as [Value] { #expect(value.isEmpty, "\(value)") }
        for value in [false, 0, 0.0, .decimal("0"), " ", [.null], ["a": .null]] as [Value] { #expect(!value.isEmpty, "\(value)") }
    }
}
