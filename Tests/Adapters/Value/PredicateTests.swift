import Adapters
import Testing

@Suite("Predicate")
struct PredicateTests {
    private func holds(_ text: String, _ root: Value, loose: Bool = false) throws -> Bool {
        try Predicate(text, loose: loose).holds(on: root)
    }

    @Test(
        "the verdicts that departments give",
        arguments: [
            ("$.RESULT.STATUS == '1'", ["RESULT": ["STATUS": "1"]], true), ("$.RESULT.STATUS == '1'", ["RESULT": ["STATUS": "0"]], false),
            ("$.RESULT.STATUS == '1'", ["html": [:]], false),
            ("$.code == 0 && $.custom.code == 1", ["code": 0, "custom": ["code": 1]], true),
            ("$.code == 0 && $.custom.code == 1", ["code": 0, "custom": ["code": 2]], false),
            ("!$.errors[0]", ["ack_code": "SUCCESS", "errors": []], true), ("!$.errors[0]", ["errors": ["e"]], false),
            ("@.resultStatus == 'S' || $.resultStatus == 'U'", ["resultStatus": "U"], true),
            ("($.a == 1 || $.b == 1) && !($.c == 1)", ["b": 1, "c": 2], true), ("$.success", ["success": false], true),
            (" $.code == 200 ", ["code": 200], true), ("match($.code, '0+1')", ["code": "000001"], true),
            ("count($.data[*]) > 0", ["data": [1]], true), ("$.data[?@.ok == $.want]", ["want": 2, "data": [["ok": 1], ["ok": 2]]], true),
        ] as [(String, Value, Bool)])
    func verdicts(text: String, root: Value, expected: Bool) throws {
        let predicate = try Predicate(text, loose: false)
        #expect(predicate.holds(on: root) == expected)
        #expect(predicate.description == text)
        #expect(!predicate.isLoose)
    }

    @Test(
        "loosely a number equals the text that writes it; strictly it does not",
        arguments: [
            ("$ == 200", "200"), ("$ == '200'", 200), ("$ == '1'", 1), ("$ == 0", "0"), ("$ == true", "true"), ("$ == 'false'", false),
            ("$ == '007'", 7), ("$ == 1", "1.0"), ("$ == '1.50'", 1.5), ("$ == 1e2", "100"), ("$ == -1", "-1"), ("$ == 0", "-0"),
            ("$ == '20081011000000'", 20_081_011_000_000), ("$ == '12345678901234567890'", .decimal("12345678901234567890")),
            ("$ < 10", "9"), ("$ >= '10'", 10), ("$ > '9'", 10), ("$ == '9223372036854775807'", .integer(.max)),
        ] as [(String, Value)])
    func looseComparison(text: String, root: Value) throws {
        #expect(try holds(text, root, loose: true))
        #expect(try !holds(text, root, loose: false))
    }

    @Test(
        "what is no number or says something else is not equal even loosely",
        arguments: [
            ("$ == 200", "SUCCESS"), ("$ == 0", ""), ("$ == 0", " 0"), ("$ == 1", "+1"), ("$ == 1", "1."), ("$ == 1", ".1"),
            ("$ == 16", "0x10"),
            ("$ == 1", true), ("$ == true", "TRUE"), ("$ == true", "1"), ("$ == null", "null"), ("$ == ''", .null), ("$ == '7'", "007"),
            ("$ == 1", "1e"), ("$ == 1", "1e+"), ("$ == 1", "nan"), ("$ == 1", "inf"), ("$ == 200", "２００"), ("$ == 1", [1]),
            ("$ < 10", "abc"),
            ("$ > 10", "abc"), ("$ == '9223372036854775808'", .integer(.max)),
        ] as [(String, Value)])
    func looseIsNotCareless(text: String, root: Value) throws {
        #expect(try !holds(text, root, loose: true))
    }

    @Test("loose comparison reaches into lists, objects and filters")
    func looseInside() throws {
        #expect(try holds("$.a == $.b", ["a": [1, "2", true], "b": ["1", 2, "true"]], loose: true))
        #expect(try holds("$[?@.code == 0]", [["code": "0"]], loose: true))
        #expect(try !holds("$[?@.code == 0]", [["code": "0"]]))
    }

    @Test("absent is equal to absent only, and neither less nor more than anything")
    func absence() throws {
        #expect(try holds("$.a == $.b", [:]))
        for text in ["$.a == null", "$.a == 0", "$.a == ''", "$.a < 1", "$.a > 1", "$.a <= 1", "$.a >= 1", "$.a < $.b", "$.a > $.b"] {
            #expect(try !holds(text, [:], loose: true), "\(text)")
        }
        #expect(try holds("$.a <= $.b && $.a >= $.b", [:]))
        #expect(try holds("$.a != 0", [:]))
        #expect(try holds("$.a == null", ["a": .null]))
    }

    @Test("texts are ordered by their scalars, not by their canonical forms")
    func textOrder() throws {
        #expect(try holds("$.a < $.b", ["a": "\u{FFFD}", "b": "\u{10000}"]))
        #expect(try holds("$.a < $.b", ["a": "e\u{301}", "b": "\u{E9}"]))
        #expect(try holds("$.a < $.b && !($.b < $.a)", ["a": "ab", "b": "abc"]))
        #expect(try holds("$.a <= $.b && $.a >= $.b", ["a": "同", "b": "同"]))
        #expect(try holds("$ > '10'", "9"))
    }

    @Test("objects are equal whatever the order of their names, and large ones do not take long")
    func objectEquality() throws {
        #expect(try holds("$.a == $.b", ["a": ["x": 1, "y": [2]], "b": ["y": [2], "x": 1.0]]))
        #expect(try !holds("$.a == $.b", ["a": ["x": 1, "y": 2], "b": ["y": 1, "x": 2]]))
        #expect(try !holds("$.a == $.b", ["a": ["x": 1], "b": ["x": 1, "y": 2]]))
        #expect(try !holds("$.a == $.b", ["a": ["x": 1], "b": ["z": 1]]))
        let count = 20_000
        var (forward, backward) = (Object(capacity: count), Object(capacity: count))
        for index in 0..<count {
            forward.append("name\(index)", .integer(Int64(index)))
            backward.append("name\(count - 1 - index)", .integer(Int64(count - 1 - index)))
        }
        let started = ContinuousClock.now
        #expect(try holds("$.a == $.b", ["a": .object(forward), "b": .object(backward)]))
        #expect(ContinuousClock.now - started < .seconds(5))
    }
}
