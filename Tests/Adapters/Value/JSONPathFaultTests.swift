import Adapters
import Testing

@Suite("Faults in paths and predicates")
struct JSONPathFaultTests {
    private func fault(path: String) -> JSONPathSyntaxFault? {
        do {
            _ = try JSONPath(path)
            return nil
        } catch { return error }
    }

    private func fault(predicate: String) -> JSONPathSyntaxFault? {
        do {
            _ = try Predicate(predicate, loose: true)
            return nil
        } catch { return error }
    }

    @Test(
        "a path's fault says what was expected and where",
        arguments: [
            ("", 0, "begins with '$'"), ("RESULT.STATUS", 0, "begins with '$'"), ("@.a", 0, "no current element"),
            ("$.", 2, "expected a name or '*' after '.', found the end"), ("$.a-b", 3, "a name with '-' is written ['…']"),
            ("$.@id", 2, "such a name is written ['…']"), ("$.1a", 2, "such a name is written"), ("$['a'", 5, "expected ']' or ','"),
            ("$['办件", 2, "no closing '"), ("$['办件'", 6, "expected ']'"), ("$[a]", 2, "expected a quoted name"),
            ("$[01]", 2, "leading zero"),
            ("$[-0]", 2, "leading zero"), ("$[9007199254740992]", 2, "2^53-1"), ("$[1:-9007199254740992]", 4, "2^53-1"),
            ("$[99999999999999999999999999]", 2, "2^53-1"), ("$.a ", 3, "blank space"), ("$['\\x']", 3, "unknown escape '\\x'"),
            ("$['\\uD800']", 3, "high surrogate"), ("$['\\u12G4']", 7, "four hexadecimal digits"), ("$['\t']", 3, "U+0009"),
            ("$[?@.a", 6, "expected '&&', '||', ']' or ','"), ("$[?(@.a]", 7, "expected ')'"), ("$[?@.a = 1]", 7, "write '=='"),
            ("$[?@.* == 1]", 3, "must be singular"), ("$[?!@.a == 1]", 3, "write !(…)"), ("$[?@.a == True]", 10, "written 'true'"),
            ("$[?@.a == SUCCESS]", 10, "stands in quotes"), ("$[?@.a == 01]", 10, "leading zero"), ("$[?1]", 3, "no test"),
            ("$[?foo(@)]", 3, "unknown function 'foo': length, count, match, search, value"), ("$[?length(@)]", 3, "compare it"),
            ("$[?length(@.*) > 1]", 10, "must be singular"), ("$[?count(1) > 1]", 9, "takes a path"),
            ("$[?match(@.a)]", 12, "expected ','"),
            ("$[?match(@.a, 'x') == true]", 3, "cannot be compared"), ("$[?count (@.*) == 1]", 8, "right after"),
            ("$[?length(@.a, 1) == 1]", 13, "expected ')' after the argument"), ("$[?search(@, 'a', 1)]", 16, "after the two arguments"),
            ("$[?match(@, '\\\\d+')]", 12, "write [0-9], at character 1"), ("$[?match(@, 'a[b')]", 12, "at character 2"),
        ])
    func pathFault(text: String, offset: Int, message: String) throws {
        let fault = try #require(self.fault(path: text), "\(text) was accepted")
        #expect(fault.offset == offset, "\(text): \(fault)")
        #expect(fault.message.contains(message), "\(text): \(fault)")
    }

    @Test(
        "a predicate's fault says what was expected and where",
        arguments: [
            ("", 0, "expected a path"), ("true", 0, "no test"), ("$.a == '1", 7, "no closing '"), ("$.a == 1 &&", 11, "found the end"),
            ("$.a == 1 || || $.b", 12, "found '|'"), ("$.a == 1 $.b", 9, "expected '&&', '||' or the end"),
            ("$.a == 1 & $.b", 9, "found '&'"),
            ("!!$.a", 1, "found '!'"), ("$.a in ['1']", 4, "found 'i'"), ("($.a == 1", 9, "expected ')'"), ("$.a == 1)", 8, "found ')'"),
            ("$.a == $.b[*]", 7, "must be singular"), ("$.办件 = 1", 5, "write '=='"),
        ])
    func predicateFault(text: String, offset: Int, message: String) throws {
        let fault = try #require(self.fault(predicate: text), "\(text) was accepted")
        #expect(fault.offset == offset, "\(text): \(fault)")
        #expect(fault.message.contains(message), "\(text): \(fault)")
    }

    @Test("size and depth are bounded")
    func bounds() throws {
        #expect(fault(path: "$" + String(repeating: "[0]", count: 5461)) == nil)
        #expect(fault(path: "$" + String(repeating: "[0]", count: 5462))?.message.contains("16384") == true)
        #expect(fault(path: "$" + String(repeating: "字", count: 1_000_000))?.message.contains("16384") == true)
        func nested(_ depth: Int) -> String { String(repeating: "(", count: depth) + "$.a" + String(repeating: ")", count: depth) }
        #expect(fault(predicate: nested(64)) == nil)
        #expect(fault(predicate: nested(65))?.message == "nested deeper than 64")
        #expect(fault(path: "$" + String(repeating: "[?@", count: 5000))?.message == "nested deeper than 64")
        #expect(fault(predicate: String(repeating: "length(", count: 2000))?.message == "nested deeper than 64")
    }

    @Test("the description gives the one-based character")
    func description() {
        #expect(fault(path: "$.a ")?.description == "blank space after the path (at character 4)")
    }
}
