import Testing

@testable import Adapters

@Suite("What was meant, where a YAML file does not parse")
struct YAMLAdviceTests {
    private func only(_ yaml: String) throws -> Problem {
        let (_, problems) = YAMLReaderTests.read(yaml)
        try #require(problems.count == 1, "\(problems)")
        return problems[0]
    }

    @Test(
        "libyaml's sentence has beside it what would have been right",
        arguments: [
            ("a:\n  b: @.x\n", [2, 6], "a value that begins with @ needs quotes: \"@.x\""),
            ("a: { b: @.x, c: 1 }", [1, 9], "a value that begins with @ needs quotes: \"@.x\""),
            ("a: `x", [1, 4], "a value that begins with ` needs quotes: \"`x\""),
            ("a:\n\tb: 1\n", [2, 1], "a tab cannot indent a line: use blanks"),
            ("a:\n  b: 1\n  \tc: 2\n", [3, 3], "a tab cannot indent a line: use blanks"),
            ("a:\n    b: 1\n  c: 2\n", [3, 3], "the keys of a mapping begin in the same column, and this one began on line 1, column 1"),
            ("a: 1\n  b: 2\n", [2, 4], "a key stands in the column of those beside it; a text with ': ' in it needs quotes"),
            ("a: - b", [1, 4], "a list begins on a line of its own, or stands in brackets: [a, b]"),
            ("a: 1\nb: \"abc\nc: 2\n", [4, 1], "the quotation mark was opened on line 2, column 4, and is not closed"),
            (
                "a: 1\nb: \"abc\nc: 2\nd: \"x\"\n", [4, 5],
                "the quotation mark opened on line 2, column 4 is closed only on line 4: is one missing?"
            ),
            (
                "a: { b: 'x, c: 1 }\nd: 'y'\n", [2, 5],
                "the quotation mark opened on line 1, column 9 is closed only on line 2: is one missing?"
            ),
            ("a: \"\\d\"", [1, 5], #"between double quotes \ begins an escape: write \\, or take single quotes"#),
            ("a: *", [1, 5], "a value that begins with * or & needs quotes"),
            ("a: !foo!bar x", [1, 4], "a value that begins with ! needs quotes"),
            ("  a: 1\nb: 2", [2, 1], "the keys of a file begin in the same column"),
            ("a: 1\nfoo\nb: 2", [3, 1], "a key has a colon and a blank behind it, such as  name: value; see line 2"),
            ("a:\n  b:$.x\n\n  c: 1", [4, 4], "line 2: a blank is missing behind the colon; write  b: $.x"),
            ("a:\n  b：$.x\n  c: 1", [3, 4], "line 2: a full-width colon (：) means nothing to YAML; write  b: $.x"),
            ("a: { b: 1， c: 2 }", [1, 13], "'，' on this line is a full-width sign, which means nothing to YAML"),
            ("a: { b: 1 c: 2 }", [1, 12], "entries have commas between them; the bracket was opened on line 1, column 4"),
            ("a: \"x\" y\nb: 1", [1, 8], "nothing can stand behind a text in quotation marks: put all of it between them"),
        ] as [(String, [Int], String)])
    func advice(_ yaml: String, at place: [Int], _ help: String) throws {
        let problem = try only(yaml)
        #expect(problem.rule == "yaml-syntax")
        #expect(problem.place.map { [$0.line, $0.column] } == place)
        #expect(problem.help == help)
    }

    @Test("an entry in braces without the blank or with a full-width colon is read as it was meant, and said where its colon stands")
    func colons() throws {
        let (node, problems) = YAMLReaderTests.read("a: { from:$.x, const：'01', b: 1 }")
        #expect(problems.map(\.message) == ["a blank is missing behind the colon", "a full-width colon (：) means nothing to YAML"])
        #expect(problems.map(\.help) == ["from: $.x", "const: '01'"])
        #expect(problems.map { $0.place?.column } == [10, 21])
        #expect(node?["a"]?["from"]?.text == "$.x")
        #expect(node?["a"]?["const"]?.value == "01")
        #expect(node?["a"]?.entries?.count == 3)
        #expect(YAMLReaderTests.read("a: { b:c: , \"d:e\", f: , http://x }\ng:h:\n").1.isEmpty, "a colon in a key is no mistake")
    }

    @Test(
        "a single value that was to be a key and its value is told from other values",
        arguments: [
            ("name:$.x", "a blank is missing behind the colon; write  name: $.x"),
            ("名称：$.x", "a full-width colon (：) means nothing to YAML; write  名称: $.x"), ("http://127.0.0.1", nil),
            ("$.a[?@.b == ':x']", nil), ("a b:c", nil), ("name:", nil),
        ] as [(String, String?)])
    func singleValue(_ text: String, _ advice: String?) {
        let place = Place(file: SourceFile(path: "x.yaml", text: text), line: 1, column: 1)
        #expect(Node(.scalar(text, plain: true), at: place).colonAdvice == advice)
        #expect(Node(.scalar(text, plain: false), at: place).colonAdvice == nil)
    }

    @Test("a merge key is refused where it stands, and a key of that name is one in quotes")
    func merge() throws {
        let (node, problems) = YAMLReaderTests.read("a: &x { b: 1 }\nc:\n  <<: *x\n  d: 2\n\"<<\": 3\n")
        #expect(problems.map(\.rule) == ["yaml-merge"])
        #expect(problems.first?.place.map { [$0.line, $0.column] } == [3, 3])
        #expect(node?["c"]?.entries?.map(\.key) == ["d"])
        #expect(node?["<<"]?.text == "3")
    }

    @Test("UTF-16 is named, with its mark and without")
    func utf16() {
        let files: [[UInt8]] = [[0xFF, 0xFE, 0x61, 0, 0x3A, 0], [0xFE, 0xFF, 0, 0x61, 0, 0x3A], [0x61, 0, 0x3A, 0], [0, 0x61, 0, 0x3A]]
        for bytes in files {
            let (node, problems) = YAMLReaderTests.read(bytes)
            #expect(node == nil && problems.map(\.message) == ["the file is UTF-16, not UTF-8"])
            #expect(problems.first?.help == "save the file as UTF-8")
        }
    }
}
