import Adapters
import Testing

@Suite("Problems")
struct ProblemTests {
    private static func problem(_ text: String, _ line: Int, _ column: Int, _ length: Int, help: String? = nil) -> String {
        let file = SourceFile(path: "Routes/departments/scjg.yaml", text: text)
        let place = Place(file: file, line: line, column: column, length: length)
        return Problem(.error, "unknown-key", "unknown key 'upsteam' in a department", at: place, help: help).description
    }

    @Test("the form of the design: place, rule, source line, caret, help")
    func form() {
        let text = String(repeating: "\n", count: 13) + "      upsteam:\n"
        #expect(
            Self.problem(text, 14, 7, 7, help: "did you mean 'upstream'?") == """
                Routes/departments/scjg.yaml:14:7: error[unknown-key]: unknown key 'upsteam' in a department
                   14 |       upsteam:
                      |       ^^^^^^^
                      help: did you mean 'upstream'?

                """)
    }

    @Test(
        "the caret stands under the word, whatever is before it",
        arguments: [
            ("丁戊: abc", 5, 3, "      ^^^"), ("a: 丁戊", 4, 2, "   ^^^^"), ("\ta: b", 5, 1, "\t   ^"), ("e\u{301}: b", 5, 1, "   ^"),
            ("😀: b", 4, 1, "    ^"), ("ＡＢ: b", 5, 1, "      ^"), ("𠮷: b", 4, 1, "    ^"), ("a: ", 4, 0, "   ^"), ("a", 99, 5, " ^"),
        ])
    func caret(line: String, column: Int, length: Int, expected: String) {
        let lines = Self.problem(line, 1, column, length).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[1] == "    1 | " + line)
        #expect(lines[2] == "      | " + expected)
    }

    @Test("a place outside the file, or none, leaves the source out")
    func withoutSource() {
        #expect(Self.problem("a", 2, 1, 1).split(separator: "\n").count == 1)
        #expect(Problem(.warning, "rule", "message", at: nil).description == "warning[rule]: message\n")
    }

    @Test("control characters never reach the terminal")
    func controls() {
        let shown = Self.problem("a: \u{1B}[31mred\u{9B}", 1, 1, 1)
        #expect(shown.contains("a: \u{FFFD}[31mred\u{FFFD}"))
        let message = Problem(.error, "r", "unknown key '\u{1B}[2J'", at: nil, help: "\u{7}").description
        #expect(!message.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
    }

    @Test("a very long line is shown around the place")
    func longLine() {
        let shown = Self.problem(String(repeating: "x", count: 5000) + "HERE" + String(repeating: "y", count: 5000), 1, 5001, 4)
        let lines = shown.split(separator: "\n")
        #expect(lines[1].count < 300)
        let start = lines[1].prefix { $0 != "H" }.count
        let caret = lines[2].prefix { $0 != "^" }.count
        #expect(start == caret && lines[1].dropFirst(start).hasPrefix("HERE") && lines[2].hasSuffix("^^^^"))
    }

    @Test("problems are sorted by file, line and column; equal places keep their order")
    func sorted() {
        let diagnostics = Diagnostics()
        let (a, b) = (SourceFile(path: "a.yaml", text: ""), SourceFile(path: "b.yaml", text: ""))
        for (file, line, column, rule) in [(b, 1, 1, "5"), (a, 10, 1, "4"), (a, 2, 9, "2"), (a, 2, 1, "1"), (a, 2, 9, "3")] {
            diagnostics.warning(rule, "", at: Place(file: file, line: line, column: column))
        }
        #expect(!diagnostics.hasErrors)
        diagnostics.error("0", "", at: nil)
        #expect(diagnostics.sorted.map(\.rule) == ["0", "1", "2", "3", "4", "5"])
        #expect(diagnostics.hasErrors)
    }

    @Test(
        "suggestions by edit distance",
        arguments: [
            ("upsteam", "upstream"), ("Upstream", "upstream"), ("usptream", "upstream"), ("endpoint", "endpoints"), ("tiemout", "timeout"),
            ("department", nil), ("x", nil), ("", nil), ("丁戊己", nil),
        ] as [(String, String?)])
    func suggestions(word: String, expected: String?) {
        #expect(suggestion(for: word, among: ["upstream", "timeout", "endpoints", "limits"]) == expected)
    }

    @Test("a huge key costs no huge table")
    func hugeKey() {
        #expect(suggestion(for: String(repeating: "k", count: 2_000_000), among: ["upstream", "timeout"]) == nil)
    }
}
