import Testing

@testable import Adapters

/// Text in columns of fixed widths.
@Suite("Fixed widths")
struct FixedWidthsTests {
    private static func dialect(_ columns: FixedWidths.Column..., first: [FixedWidths.Column] = [], last: [FixedWidths.Column] = [])
        -> DelimitedDialect
    {
        var widths = FixedWidths(columns)
        widths.first = first
        widths.last = last
        var dialect = DelimitedDialect(quote: nil, hasHeader: false, columns: columns.map(\.name))
        dialect.widths = widths
        return dialect
    }

    private static let plain = dialect(
        .init("no", width: 4), .init("name", width: 8), .init("sum", width: 7, fill: "0", fillsLeft: true))

    @Test("widths are bytes of the charset, so an ideograph of GBK has two and one of UTF-8 three")
    func bytes() throws {
        let gbk = "7   张三    0000123\r\n"
        let rows: Value = [["no": "7", "name": "张三", "sum": "123"]]
        #expect(try DelimitedCodec.decode(gbk, Self.plain, charset: .gbk) == rows)
        #expect(try DelimitedCodec.encode([["no": "7", "name": "张三", "sum": "123"]], Self.plain, columns: [], charset: .gbk) == gbk)
        #expect(try DelimitedCodec.encode([["no": "7", "name": "张三", "sum": "123"]], Self.plain, columns: []) == "7   张三  0000123\r\n")
        var characters = Self.plain
        characters.widths?.countsCharacters = true
        #expect(try DelimitedCodec.encode([["name": "张三"]], characters, columns: []) == "    张三      0000000\r\n")
    }

    @Test("what fills a cell is taken off, and of a number one digit stays")
    func filling() throws {
        let rows = try DelimitedCodec.decode("0700甲      0000000\n00  乙乙乙乙0000.50\n", Self.plain, charset: .gbk)
        #expect(rows == [["no": "0700", "name": "甲", "sum": "0"], ["no": "00", "name": "乙乙乙乙", "sum": "0.50"]])
    }

    @Test("a sign stands before the zeros, and what GBK lacks is read where it came as GB18030")
    func signs() throws {
        let row: Object = ["no": "1", "name": "李", "sum": "-12"]
        let text = try DelimitedCodec.encode([row], Self.plain, columns: [], charset: .gbk)
        #expect(text == "1   李      -000012\r\n")
        #expect(try DelimitedCodec.decode(text, Self.plain, charset: .gbk) == [.object(row)])
        let rare = "1   𠮷    0000000"
        #expect(try DelimitedCodec.decode(rare, Self.plain, charset: .gbk) == [["no": "1", "name": "𠮷", "sum": "0"]])
    }

    @Test("a document as a text counts in the charset of what it stands in")
    func documents() throws {
        let operation = try TranslationFixture.compiled(
            """
            operations:
              cases.submit:
                rest: { path: /a, body: text, charset: GBK }
                request: { text: { document: { delimited: { widths: { xm: 8 } } }, fields: { xm: $.name } } }
                reply: { success: http, fields: {} }
            """)
        let sent = try operation.request(TranslationFixture.call(["name": "张三"]))
        #expect(sent.body == (try Charset.gbk.encode("张三    \r\n")))
    }

    @Test("rows before and behind all others have columns of their own")
    func records() throws {
        let dialect = Self.dialect(
            .init("t", width: 1), .init("a", width: 3), first: [.init("h", width: 1), .init("n", width: 2)],
            last: [.init("e", width: 1), .init("crc", width: 4)])
        #expect(
            try DelimitedCodec.decode("H02\r\nDab \r\nDcd\r\nTFFFF", dialect)
                == [["h": "H", "n": "02"], ["t": "D", "a": "ab"], ["t": "D", "a": "cd"], ["e": "T", "crc": "FFFF"]])
    }

    @Test(
        "a row that is too short or too long, and a character across two columns, are faults",
        arguments: ["7   张三    12", "7   张三    0000123x", "7  张三三   0000123", "7"])
    func broken(row: String) { #expect(throws: CodecFault.self) { try DelimitedCodec.decode(row, Self.plain, charset: .gbk) } }

    @Test(
        "a value that is too wide, or would begin a row, is not written",
        arguments: [["name": "张三李四王"], ["no": "12345"], ["name": "a\r\nb"], ["name": "a\u{0}"], ["name": ["x"]]] as [Object])
    func unwritable(row: Object) {
        #expect(throws: CodecFault.self) { try DelimitedCodec.encode([row], Self.plain, columns: [], charset: .gbk) }
    }

    @Test("whatever ends a row, no value does")
    func rowEnds() {
        var dialect = Self.plain
        dialect.rowEnd = "$$"
        #expect(throws: CodecFault.self) { try DelimitedCodec.encode([["name": "a$$b"]], dialect, columns: []) }
        #expect(throws: CodecFault.self) { try DelimitedCodec.encode([["no": "abc$", "name": "$x"]], dialect, columns: []) }
    }

    @Test("where nothing ends a row, all is one, and a file may not say so")
    func noRowEnd() throws {
        var dialect = Self.plain
        dialect.rowEnd = ""
        #expect(try DelimitedCodec.decode("7   a       0000123", dialect) == [["no": "7", "name": "a", "sum": "123"]])
        let yaml = """
            operations:
              cases.get:
                rest: { path: /a }
                reply: { as: delimited, delimited: { widths: { a: 3 }, rows: "" }, success: http, fields: { x: "$[0].a" } }
            """
        #expect(TranslationFixture(yaml).problems.map(\.rule) == ["wrong-value"])
    }

    @Test("a file says the columns, and is told what is wrong with them")
    func file() throws {
        let yaml = """
            operations:
              cases.submit:
                delimited: { path: /a, charset: GBK, widths: { xm: 6, je: { width: 5, left: "0" } } }
                request: { xm: $.name, je: $.sum }
                reply: { as: json, success: http, fields: {} }
            """
        let operation = try TranslationFixture.compiled(yaml)
        let sent = try operation.request(TranslationFixture.call(["name": "张三", "sum": 12]))
        #expect(sent.body == (try Charset.gbk.encode("张三  00012\r\n")))
        #expect(throws: AdapterFault.self) { try operation.request(TranslationFixture.call(["name": "张三李四", "sum": 12])) }
        for (wrong, code) in [
            ("{ xm: 0, je: 5 }", "wrong-value"), ("{ xm: 6 }", "unknown-field"),
            ("{ xm: 6, je: { width: 5, left: \"甲\" } }", "wrong-value"),
            ("{ xm: 6, je: { width: 5, left: \"0\", right: \" \" } }", "two-defaults"), ("[6, 5]", "wrong-type"),
            ("{ xm: 6, je: 5 }, separator: \",\"", "wrong-place"),
        ] {
            let fixture = TranslationFixture(yaml.replacing("{ xm: 6, je: { width: 5, left: \"0\" } }", with: wrong))
            #expect(fixture.problems.map(\.rule) == [code], "\(wrong)")
        }
    }
}
