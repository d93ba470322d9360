import Adapters
import Testing

@Suite("Sections")
struct SectionTests {
    private struct Fixture {
        let section: Section
        let diagnostics: Diagnostics
        var rules: [String] { diagnostics.problems.map(\.rule) }
    }

    private static func section(_ yaml: String, keys: [String] = ["a", "b"]) throws -> Fixture {
        let diagnostics = Diagnostics()
        let node = try #require(Node.read(Array(yaml.utf8), path: "test.yaml", diagnostics))
        try #require(diagnostics.problems.isEmpty)
        return Fixture(section: try #require(Section(node, as: "a department", keys: keys, diagnostics)), diagnostics: diagnostics)
    }

    @Test("every unknown key is reported, with a suggestion or with what is allowed")
    func unknownKeys() throws {
        let fixture = try Self.section("upsteam: 1\nzzzzzz: 2\nname: x", keys: ["upstream", "name"])
        #expect(fixture.rules == ["unknown-key", "unknown-key"])
        #expect(fixture.diagnostics.problems.map(\.help) == ["did you mean 'upstream'?", "allowed here: upstream, name"])
        #expect(fixture.section.string("name") == "x")
    }

    @Test("a list or a single value is no section")
    func notAMapping() throws {
        for yaml in ["[a]", "a", "~"] {
            let diagnostics = Diagnostics()
            let node = try #require(Node.read(Array(yaml.utf8), path: "test.yaml", diagnostics))
            #expect(Section(node, as: "a department", keys: ["a"], diagnostics) == nil)
            #expect(diagnostics.problems.map(\.rule) == ["wrong-type"])
        }
    }

    @Test("texts: quoted or not, never a list, null is absent")
    func texts() throws {
        let fixture = try Self.section("a: 007\nb: ''", keys: ["a", "b", "c"])
        #expect(fixture.section.string("a") == "007")
        #expect(fixture.section.requiredString("b") == "")
        #expect(fixture.section.string("c") == nil)
        #expect(fixture.rules.isEmpty)
        #expect(fixture.section.requiredString("c") == nil)
        #expect(fixture.rules == ["missing-key"])
        let wrong = try Self.section("a: [1]\nb: ~")
        #expect(wrong.section.string("a") == nil)
        #expect(wrong.section.string("b") == nil)
        #expect(wrong.rules == ["wrong-type"])
        #expect(wrong.section.requiredString("b") == nil)
        #expect(wrong.diagnostics.problems.last?.place?.line == 2, "a null points at its key")
    }

    @Test("choices, numbers, truth values")
    func scalars() throws {
        let fixture = try Self.section(
            "a: fst\nb: 12\nc: yes\nd: '5'\ne: 99999999999999999999\nf: true", keys: ["a", "b", "c", "d", "e", "f"])
        #expect(fixture.section.choice("a", of: ["fast", "slow"]) == nil)
        #expect(fixture.diagnostics.problems.last?.help == "did you mean 'fast'?")
        #expect(fixture.section.integer("b", in: 0...12) == 12)
        #expect(fixture.section.integer("b", in: 0...11) == nil)
        #expect(fixture.section.bool("c") == nil, "YAML 1.2 knows true and false only")
        #expect(fixture.section.integer("d", in: 0...9) == nil, "a quoted number is a text")
        #expect(fixture.section.integer("e", in: 0...9) == nil)
        #expect(fixture.section.bool("f") == true)
        #expect(fixture.rules == ["unknown-value", "out-of-range", "wrong-type", "wrong-type", "wrong-type"])
    }

    @Test(
        "lengths of time",
        arguments: [
            ("500ms", .milliseconds(500)), ("2s", .seconds(2)), ("1m", .seconds(60)), ("12h", .seconds(43_200)),
            ("30d", .seconds(2_592_000)),
            ("1.5s", nil), ("5", nil), ("-1s", nil), ("1 s", nil), ("999999999999d", nil), ("1000000000000s", nil), ("１s", nil), ("", nil),
        ] as [(String, Duration?)])
    func durations(text: String, expected: Duration?) throws {
        let fixture = try Self.section("a: \"\(text)\"")
        #expect(fixture.section.duration("a", in: .milliseconds(1)...(.seconds(86_400 * 365))) == expected)
        #expect(fixture.rules.isEmpty == (expected != nil))
    }

    @Test(
        "sizes",
        arguments: [
            ("512", 512), ("1B", 1), ("64KiB", 65_536), ("10MiB", 10_485_760), ("1GiB", 1_073_741_824), ("1MB", nil), ("0", nil),
            ("999999999999GiB", nil), ("9999999999999", nil), ("", nil),
        ] as [(String, Int?)])
    func sizes(text: String, expected: Int?) throws {
        let fixture = try Self.section("a: \"\(text)\"")
        #expect(fixture.section.byteCount("a", in: 1...(1 << 40)) == expected)
        #expect(fixture.rules.isEmpty == (expected != nil))
    }

    @Test("lists of texts")
    func lists() throws {
        let fixture = try Self.section("a: x\nb: [y, 1]\nc: {d: 1}\ne: [x, [y], ~, z]", keys: ["a", "b", "c", "e"])
        #expect(fixture.section.strings("a") == ["x"])
        #expect(fixture.section.strings("b") == ["y", "1"])
        #expect(fixture.section.strings("c") == nil)
        #expect(fixture.section.strings("e") == ["x", "z"])
        #expect(fixture.rules == ["wrong-type", "wrong-type", "wrong-type"])
    }

    @Test(
        "plain scalars have the types of YAML 1.2, quoted ones are texts",
        arguments: [
            ("1", .integer(1)), ("-7", .integer(-7)), ("+7", .integer(7)), ("1.5", .double(1.5)), (".5", .double(0.5)), ("5.", .double(5)),
            ("1e3", .double(1000)), ("true", .bool(true)), ("~", .null), ("null", .null), ("yes", "yes"), ("'1'", "1"),
            ("\"true\"", "true"),
            ("!!str 1", "1"), ("0x1F", "0x1F"), ("0x1p4", "0x1p4"), (".inf", ".inf"), (".nan", ".nan"), ("inf", "inf"), ("nan", "nan"),
            ("1_000", "1_000"), ("2301X", "2301X"), ("1e", "1e"), ("+", "+"), ("1-2", "1-2"), ("12:30", "12:30"),
            ("99999999999999999999", .decimal("99999999999999999999")), ("1e999", .decimal("1e999")),
            ("+99999999999999999999", "+99999999999999999999"),
            ("|\n  1", "1"), ("[1, {a: b}]", [1, ["a": "b"]]),
        ] as [(String, Value)])
    func values(yaml: String, expected: Value) throws {
        let (node, problems) = YAMLReaderTests.read("v: " + yaml)
        #expect(problems.isEmpty)
        #expect(node?["v"]?.value == expected)
    }
}
