import Adapters
import Testing

/// Patterns through `match` and `search`, as configurations use them.
@Suite("I-Regexp (RFC 9485)")
struct IRegexpTests {
    private func holds(_ function: String, _ pattern: String, _ text: String) throws -> Bool {
        let quoted = pattern.replacing("\\", with: "\\\\").replacing("'", with: "\\'").replacing("\n", with: "\\n")
        return try Predicate("\(function)($, '\(quoted)')", loose: false).holds(on: .string(text))
    }

    @Test(
        "a whole text matches",
        arguments: [
            ("", ""), ("a|b", "b"), ("a|", ""), ("|a", "a"), ("()", ""), ("(a|bc)*d", "abcad"), ("a?b+c*", "bb"), ("a{3}", "aaa"),
            ("a{2,3}", "aa"),
            ("a{2,}", "aaaaa"), ("a{0}b", "b"), ("a{0,1}b", "ab"), ("(ab){2}", "abab"), (".", "中"), ("...", "a\u{2028}\t"),
            ("[a-c]+", "abccba"),
            ("[^a-c]", "d"), ("[-a]+", "-a"), ("[a-]+", "a-"), ("[\\-a]+", "-a"), ("[\\]\\[\\\\]+", "][\\"), ("[.^$*]+", "^$*."),
            ("\\(\\)\\*\\+\\-\\.\\?\\[\\\\\\]\\^\\{\\|\\}", "()*+-.?[\\]^{|}"), ("\\n\\r\\t", "\n\r\t"),
            ("[0-9]{17}[0-9X]", "11010519491231002X"),
            ("\\p{Lu}\\p{Ll}*", "Ärger"), ("\\p{L}+", "办件Ab"), ("\\P{N}", "x"), ("[\\p{Nd}_]+", "1_２"), ("[^\\p{L}]", "9"),
            ("\\p{Sc}", "¥"),
            ("\\p{Zs}", "\u{3000}"), ("^ab$", "ab"), ("(^a|b)c", "ac"), ("[一-龥]{2,4}", "张三"), ("𠮷+", "𠮷𠮷"), ("e\u{301}", "e\u{301}"),
            ("'", "'"), ("/", "/"),
        ])
    func matches(pattern: String, text: String) throws {
        #expect(try holds("match", pattern, text))
        #expect(try holds("search", pattern, text))
    }

    @Test(
        "a whole text does not match",
        arguments: [
            ("", "a"), ("a|b", "ab"), ("a{3}", "aa"), ("a{3}", "aaaa"), ("a{2,3}", "aaaa"), ("a+", ""), (".", ""), (".", "\n"), (".", "\r"),
            (".", "ab"),
            ("[a-c]", "d"), ("[^a-c]", "b"), ("\\p{Lu}", "a"), ("\\P{Lu}", "A"), ("[^\\p{L}]", "x"), ("a^", "a"), ("$a", "a"), ("a", "A"),
            ("e\u{301}", "\u{E9}"), ("[0-9]", "２"), ("", "\n"),
        ])
    func doesNotMatch(pattern: String, text: String) throws {
        #expect(try !holds("match", pattern, text))
    }

    @Test("search finds a part, match wants the whole")
    func searching() throws {
        #expect(try holds("search", "[0-9]{4}", "no 2023 here"))
        #expect(try !holds("match", "[0-9]{4}", "no 2023 here"))
        #expect(try !holds("search", "[0-9]{5}", "no 2023 here"))
        #expect(try holds("search", "^no", "no 2023"))
        #expect(try !holds("search", "^2023", "no 2023"))
        #expect(try holds("search", "3$", "no 2023"))
        #expect(try !holds("search", "2$", "no 2023"))
        #expect(try holds("search", "", "anything"))
    }

    @Test(
        "what is not an I-Regexp is refused with the path",
        arguments: [
            "(", ")", "a)", "(a", "[", "[]", "[^]", "[a", "]", "}", "{", "{1}", "*", "+a", "?", "a**", "a+?", "a{", "a{}", "a{,1}",
            "a{2,1}", "a{1", "a{1,2", "\\",
            "\\d", "\\w", "\\s", "\\b", "\\$", "\\1", "\\u0041", "(?:a)", "(?i)a", "[b-a]", "[a-b-c]", "[[a]]", "[a-\\p{L}]", "\\p", "\\p{",
            "\\p{X}", "\\p{Lx}",
            "\\p{Luu}", "\\p{}", "\\p{Cs}", "\\p{IsGreek}", "[a&&[b]]",
        ])
    func refused(pattern: String) throws {
        #expect(throws: JSONPathSyntaxFault.self) { try holds("match", pattern, "") }
        // The same pattern found in a document is no fault; it matches nothing.
        let inDocument = try Predicate("match($.text, $.pattern) || search($.text, $.pattern)", loose: false)
        #expect(!inDocument.holds(on: ["text": "", "pattern": .string(pattern)]))
    }

    @Test("size is bounded, for patterns in documents more tightly")
    func bounds() throws {
        #expect(try holds("match", "(a{50}){50}", String(repeating: "a", count: 2500)))
        for pattern in [
            "(a{100}){100}", "a{4097}", "a{99999999999999999999}", "((((a{10}){10}){10}){10}){10}", String(repeating: "a", count: 2049),
        ] {
            #expect(throws: JSONPathSyntaxFault.self) { try holds("match", pattern, "") }
        }
        let deep = String(repeating: "(", count: 64) + "a" + String(repeating: ")", count: 64)
        #expect(try holds("match", deep, "a"))
        #expect(throws: JSONPathSyntaxFault.self) { try holds("match", "(" + deep + ")", "a") }
        let inDocument = try Predicate("match($.text, $.pattern)", loose: false)
        #expect(inDocument.holds(on: ["text": .string(String(repeating: "a", count: 500)), "pattern": "a{500}"]))
        #expect(!inDocument.holds(on: ["text": .string(String(repeating: "a", count: 600)), "pattern": "a{600}"]))
        #expect(try holds("match", "((){1000000}a{0}){1000000}", ""))
    }

    @Test(
        "patterns that make others backtrack for ever take linear time",
        arguments: ["(a+)+b", "(a|a)*b", "(a*)*b", "(a|aa)+b", "(.*)*(.*)*x", "(a?){40}a{40}b", "([a-z]+)*[0-9]", "(^|a)*b"])
    func linearTime(pattern: String) throws {
        let text = String(repeating: "a", count: 5_000)
        let started = ContinuousClock.now
        #expect(try !holds("match", pattern, text))
        #expect(try !holds("search", pattern, text))
        #expect(ContinuousClock.now - started < .seconds(20))
    }

    @Test("agrees with a plain definition of matching on 3,000 random patterns")
    func againstDefinition() throws {
        var random = SplitMix64(state: 9485)
        for _ in 0..<3000 {
            let tree = RandomPattern(&random, depth: 4)
            for _ in 0..<4 {
                let text = (0..<Int.random(in: 0...7, using: &random)).map { _ in "abc".randomElement(using: &random) ?? "a" }
                let expected = tree.ends(in: text, from: 0).contains(text.count)
                #expect(try holds("match", tree.text, String(text)) == expected, "\(tree.text) on \(String(text))")
                let somewhere = (0...text.count).contains { !tree.ends(in: text, from: $0).isEmpty }
                #expect(try holds("search", tree.text, String(text)) == somewhere, "\(tree.text) in \(String(text))")
            }
        }
    }
}

/// A pattern over a, b and c with its meaning written out: where a match that begins at a position can end.
private indirect enum RandomPattern {
    case letter(Character), any, but(Character), start, end
    case sequence([RandomPattern]), choice([RandomPattern]), repeated(RandomPattern, Int, Int?)

    init(_ random: inout SplitMix64, depth: Int) {
        let letter: Character = "abc".randomElement(using: &random) ?? "a"
        switch Int.random(in: 0..<(depth == 0 ? 9 : 20), using: &random) {
        case 0...4: self = .letter(letter)
        case 5: self = .any
        case 6: self = .but(letter)
        case 7: self = .start
        case 8: self = .end
        case 9...12: self = .sequence((0..<Int.random(in: 0...3, using: &random)).map { _ in RandomPattern(&random, depth: depth - 1) })
        case 13...15: self = .choice((0..<Int.random(in: 1...3, using: &random)).map { _ in RandomPattern(&random, depth: depth - 1) })
        default:
            let least = Int.random(in: 0...2, using: &random)
            let most = Bool.random(using: &random) ? nil : least + Int.random(in: 0...2, using: &random)
            self = .repeated(RandomPattern(&random, depth: depth - 1), least, most)
        }
    }

    var text: String {
        switch self {
        case .letter(let letter): String(letter)
        case .any: "."
        case .but(let letter): "[^\(letter)]"
        case .start: "^"
        case .end: "$"
        case .sequence(let parts): "(" + parts.map(\.text).joined() + ")"
        case .choice(let branches): "(" + branches.map(\.text).joined(separator: "|") + ")"
        case .repeated(let inner, 0, nil): "(\(inner.text))*"
        case .repeated(let inner, 1, nil): "(\(inner.text))+"
        case .repeated(let inner, let least, nil): "(\(inner.text)){\(least),}"
        case .repeated(let inner, let least, let most?): most == least ? "(\(inner.text)){\(least)}" : "(\(inner.text)){\(least),\(most)}"
        }
    }

    func ends(in text: [Character], from position: Int) -> Set<Int> {
        switch self {
        case .letter(let letter): return position < text.count && text[position] == letter ? [position + 1] : []
        case .any: return position < text.count ? [position + 1] : []
        case .but(let letter): return position < text.count && text[position] != letter ? [position + 1] : []
        case .start: return position == 0 ? [0] : []
        case .end: return position == text.count ? [position] : []
        case .sequence(let parts):
            return parts.reduce([position]) { starts, part in Set(starts.flatMap { part.ends(in: text, from: $0) }) }
        case .choice(let branches): return Set(branches.flatMap { $0.ends(in: text, from: position) })
        case .repeated(let inner, let least, let most):
            var reached: Set<Int> = [position]
            for _ in 0..<least { reached = Set(reached.flatMap { inner.ends(in: text, from: $0) }) }
            // After as many rounds as there are positions nothing new can be reached.
            for _ in 0..<(most.map { $0 - least } ?? text.count + 1) {
                reached.formUnion(reached.flatMap { inner.ends(in: text, from: $0) })
            }
            return reached
        }
    }
}
