import Testing

@testable import Adapters

@Suite("Patterns are ECMA-262 regular expressions matched in linear time")
struct PatternTests {
    @Test(
        "A pattern finds what it describes",
        arguments: [
            ("^1[3-9][0-9]{9}$", "13800005678", true), ("^1[3-9][0-9]{9}$", "12800005678", false),
            ("^1[3-9][0-9]{9}$", "138000056780", false),
            ("b", "abc", true), ("b", "ac", false), ("^b", "abc", false), ("c$", "abc", true), ("c$", "cab", false),
            ("^a|b$", "xb", true), ("^a|b$", "ax", true), ("^a|b$", "xa", false), ("^(?:a|b)$", "b", true), ("^(?:a|b)$", "ab", false),
            ("^a*$", "", true), ("", "", true), ("^$", "", true), ("^$", "a", false), ("^a{2,3}$", "aa", true), ("^a{2,3}$", "aaaa", false),
            ("^a{2,}$", "aaaaaa", true), ("^a{2,}$", "a", false), ("^a{0}b$", "b", true), ("^(ab?){2}$", "aab", true), ("^a??$", "a", true),
            ("^[^a-c]$", "d", true), ("^[^a-c]$", "b", false), (#"^\d+\.\d{2}$"#, "12.50", true), (#"^[\w-]+$"#, "a-b_9", true),
            (#"^[\D]$"#, "5", false), (#"^\S+$"#, "a b", false), (#"^\u4e2d\x41$"#, "中A", true), (#"^\u{1F600}$"#, "😀", true),
            (#"^\p{L}+$"#, "哈尔滨é", true), (#"^\p{L}+$"#, "a1", false), (#"^\P{Lu}$"#, "A", false), ("^.$", "\n", false), ("^.$", "😀", true),
            ("^[一-龥]{2}$", "王明", true), ("^[]$", "a", false), ("^[^]$", "a", true), (#"^a\/b$"#, "a/b", true),
        ])
    func matches(source: String, text: String, expected: Bool) throws {
        #expect(try Pattern(source).matches(text) == expected)
    }

    @Test(
        "What is not regular, or too large, is refused with a reason",
        arguments: [
            "(?=a)", "(?<!a)b", "(?<n>a)", #"(a)\1"#, #"\bx"#, "a^b", "(a$)b", "a$b", "*a", "a**", "a{2}{3}", "(a", "a)", "[a", "[b-a]",
            "a{3,2}", "a{", "x{1001}", "(a{100}){100}", "a{257}", #"\p{Script=Han}"#, #"\q"#, "a\\", #"\u12"#,
            String(repeating: "(", count: 100) + String(repeating: ")", count: 100),
        ])
    func refused(source: String) {
        #expect(throws: Pattern.Fault.self) { try Pattern(source) }
    }

    @Test("A pattern that makes backtracking matchers slow takes linear time")
    func linear() throws {
        let pattern = try Pattern("^(a+)+$")
        let text = String(repeating: "a", count: 100_000) + "!"
        let clock = ContinuousClock()
        var isFound = true
        let time = clock.measure { isFound = pattern.matches(text) }
        #expect(!isFound)
        #expect(time < .seconds(5))
    }
}
