import Adapters
import Testing

@Suite("YAML documents")
struct YAMLReaderTests {
    static func read(_ yaml: String) -> (Node?, [Problem]) { read(Array(yaml.utf8)) }

    static func read(_ bytes: [UInt8]) -> (Node?, [Problem]) {
        let diagnostics = Diagnostics()
        let node = Node.read(bytes, path: "test.yaml", diagnostics)
        return (node, diagnostics.problems)
    }

    private static func place(_ problem: Problem?) -> [Int] { problem?.place.map { [$0.line, $0.column] } ?? [] }

    @Test("every node knows where it stands")
    func places() throws {
        let (node, problems) = Self.read("# comment\nname: 省市场监督管理局\nlist:\n  - a\n  - {b: c, 丁: 戊}\n")
        let root = try #require(node)
        #expect(problems.isEmpty)
        #expect(root.entries?.map(\.key) == ["name", "list"])
        #expect([root.place.line, root.place.column] == [2, 1])
        let name = try #require(root["name"])
        #expect(name.text == "省市场监督管理局")
        #expect([name.place.line, name.place.column, name.place.length] == [2, 7, 8])
        let map = try #require(root["list"]?.items?.last)
        let last = try #require(map.entries?.last)
        #expect([last.place.line, last.place.column, last.place.length] == [5, 12, 1])
        #expect([last.value.place.line, last.value.place.column] == [5, 15])
    }

    @Test("lines end at LF, CRLF and CR, for libyaml and for us alike", arguments: ["\n", "\r\n", "\r"])
    func lineEnds(_ end: String) throws {
        let (node, problems) = Self.read(["a: 1", "", "b: [x", "  ,y]"].joined(separator: end))
        #expect(problems.isEmpty)
        let place = try #require(node?["b"]?.items?.last?.place)
        #expect([place.line, place.column] == [4, 4])
        #expect(place.file.line(4) == "  ,y]")
        #expect(place.file.line(2) == "")
        #expect(place.file.line(5) == nil)
        #expect(place.file.line(0) == nil)
        #expect(place.file.lines == ["a: 1", "", "b: [x", "  ,y]"])
    }

    @Test("a byte order mark is no part of the first key")
    func byteOrderMark() {
        let (node, problems) = Self.read([0xEF, 0xBB, 0xBF] + Array("a: 1\nb: 2\n".utf8))
        #expect(problems.isEmpty)
        #expect(node?["a"]?.text == "1")
        #expect(node?.entries?.map { [$0.place.line, $0.place.column] } == [[1, 1], [2, 1]])
        #expect(Self.read([0xEF, 0xBB, 0xBF]).1.map(\.rule) == ["empty-file"])
    }

    @Test("an alias stands for the node it names")
    func aliases() {
        let (node, problems) = Self.read("base: &b {x: 1}\nother: *b\n&k key: *k\nlist: [&s text, *s]")
        #expect(problems.isEmpty)
        #expect(node?["other"]?["x"]?.text == "1")
        #expect(node?["key"]?.text == "key")
        #expect(node?["list"]?.items?.map(\.text) == ["text", "text"])
    }

    @Test(
        "each fault is reported by its rule and place",
        arguments: [
            ("", "empty-file", [1, 1]), ("# only a comment\n", "empty-file", [1, 1]), ("a: 1\n\tb: 2", "yaml-syntax", [2, 1]),
            ("a: [1", "yaml-syntax", [1, 6]), ("a: 'b", "yaml-syntax", [1, 6]), ("a: b: c", "yaml-syntax", [1, 5]),
            ("a: 1\na: 2\nb: 3\na: 4", "duplicate-key", [2, 1]), ("a: *nobody", "unknown-anchor", [1, 4]),
            ("&a [*a]", "unknown-anchor", [1, 5]), ("a: !!int '5'", "yaml-tag", [1, 4]), ("a: !secret x", "yaml-tag", [1, 4]),
            ("a: !<tag:x,2000:y> x", "yaml-tag", [1, 4]), ("a: 1\n---\nb: 2", "several-documents", [2, 1]),
            ("[a, b]: c", "wrong-key", [1, 1]), ("? {a: 1}\n: c", "wrong-key", [1, 3]), ("a: x\u{0}y", "yaml-syntax", [1, 5]),
            ("b: 丁\na: 丁\u{7}y", "yaml-syntax", [2, 5]), ("a: 1\nb: 丁\u{2028}c", "line-separator", [2, 5]),
            ("a: x\u{85}y", "line-separator", [1, 5]), ("%YAML 3.0\n---\na: 1", "yaml-syntax", [1, 1]),
        ] as [(String, String, [Int])])
    func faults(_ yaml: String, rule: String, at place: [Int]) {
        let (_, problems) = Self.read(yaml)
        let first = problems.first
        #expect(first?.rule == rule)
        #expect(first?.severity == .error)
        #expect(Self.place(first) == place)
    }

    @Test("two duplicate keys are two problems, and the first value stands")
    func duplicates() {
        let (node, problems) = Self.read("a: 1\na: 2\nb: 3\na: 4")
        #expect(problems.map(\.rule) == ["duplicate-key", "duplicate-key"])
        #expect(problems.last?.help == "the first is on line 1")
        #expect(node?["a"]?.text == "1")
        #expect(node?.entries?.count == 2)
    }

    @Test("a duplicate is found among few keys and among many", arguments: [1, 15, 16, 17, 18, 5000])
    func duplicateAmongMany(count: Int) {
        for duplicate in Set([0, count / 2, count - 1]) {
            let yaml = (0..<count).map { "k\($0): \($0)\n" }.joined() + "k\(duplicate): again\nlast: 1\nlast: 2\n"
            let (node, problems) = Self.read(yaml)
            #expect(problems.map(\.rule) == ["duplicate-key", "duplicate-key"])
            #expect(problems.first?.help == "the first is on line \(duplicate + 1)")
            #expect(node?.entries?.count == count + 1)
        }
    }

    @Test("bytes that are not UTF-8 are refused at the first of them")
    func notUTF8() {
        let gbk: [UInt8] = Array("a: \u{FFFD}\nb: 丁".utf8) + [0xC3, 0xFB, 0xB3, 0xC6, 0x0A]
        let (node, problems) = Self.read(gbk)
        #expect(node == nil)
        #expect(problems.map(\.rule) == ["not-utf8"])
        #expect(Self.place(problems.first) == [2, 5])
        #expect(Self.read([0xFF, 0xFE, 0x61, 0x00]).1.first?.rule == "not-utf8")
        #expect(Self.read([0xED, 0xA0, 0x80]).1.first?.rule == "not-utf8", "a surrogate is no UTF-8")
    }

    @Test("100 levels are read, more are refused without a crash", arguments: [("[", "]"), ("{a: ", "}"), ("- ", "")])
    func depth(open: String, close: String) {
        func nested(_ levels: Int) -> String { String(repeating: open, count: levels) + "x" + String(repeating: close, count: levels) }
        #expect(Self.read(nested(100)).1.isEmpty)
        let (node, problems) = Self.read(nested(101))
        #expect(node == nil)
        #expect(problems.map(\.rule) == ["too-deep"])
        #expect(Self.read(nested(20_000)).1.map(\.rule) == ["too-deep"])
    }

    @Test("an alias bomb is refused, and cheaply")
    func bomb() {
        var yaml = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        for level in 1...20 {
            yaml += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ",") + "]\n"
        }
        let (node, problems) = Self.read(yaml)
        #expect(node == nil)
        #expect(problems.map(\.rule) == ["too-large"])
    }

    @Test("whatever bytes come, the reader answers with a document or with a problem inside the file")
    func mutations() {
        let seeds = [
            "department: hlj-scjg\nname: 省市场监督管理局\nupstream:\n  endpoints: [http://127.0.0.1:9101]\n  timeout: { connect: 1s, total: 10s }\n",
            "a: &x {b: 'c', \"d\": \"\\u4e01\\n\"}\n? e\n: - |\n    block\n  - >-\n    folded\n\n    text\n  - *x\n--- \n!!str f: ~\n...\n",
        ].map { Array($0.utf8) }
        let tokens = [
            "\t", "\n", "\r", "&a ", "*a", "!!str ", "- ", "? ", ": ", "[", "]", "{", "}", "'", "\"", "|\n", "#", "\u{FEFF}", "---\n",
            "%Y\n",
        ]
        var random = SplitMix64(state: 0x5EED)
        for round in 0..<4000 {
            var bytes = seeds[round % seeds.count]
            for _ in 0...Int.random(in: 0..<6, using: &random) {
                let at = Int.random(in: 0...bytes.count, using: &random)
                switch Int.random(in: 0..<5, using: &random) {
                case 0: bytes.insert(UInt8.random(in: 0...255, using: &random), at: at)
                case 1 where at < bytes.count: bytes.remove(at: at)
                case 2 where at < bytes.count: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                case 3: bytes.insert(contentsOf: Array((tokens.randomElement(using: &random) ?? "").utf8), at: at)
                default: bytes.replaceSubrange(at..<bytes.count, with: bytes.prefix(at).suffix(20))
                }
            }
            let (node, problems) = Self.read(bytes)
            #expect(node != nil || !problems.isEmpty, "round \(round) says nothing")
            for problem in problems {
                guard let place = problem.place else { continue }
                #expect(place.line >= 1 && place.column >= 1 && place.line <= place.file.lines.count, "round \(round)")
                #expect(problem.description.contains("[\(problem.rule)]"))
            }
            _ = node?.value
        }
    }
}
