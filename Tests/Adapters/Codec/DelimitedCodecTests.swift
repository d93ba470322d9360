import Testing

@testable import Adapters

@Suite("Delimited text")
struct DelimitedCodecTests {
    static let named = DelimitedDialect(hasHeader: false, columns: ["a", "b"])

    @Test("a header names the columns; row ends of any kind; quotation marks around anything")
    func header() throws {
        let expected: Value = [["xm": "张三", "bz": "a,\"b\"\nc"], ["xm": "李四", "bz": ""]]
        for end in ["\r\n", "\n", "\r"] {
            let text = "\u{FEFF}xm,bz\(end)张三,\"a,\"\"b\"\"\nc\"\(end)\(end)李四,\(end)"
            #expect(try DelimitedCodec.decode(text, DelimitedDialect()) == expected)
        }
        #expect(try DelimitedCodec.decode("", DelimitedDialect()) == [])
        #expect(try DelimitedCodec.decode("xm,bz", DelimitedDialect()) == [])
    }

    @Test("a first row of its own, and characters that stand for others behind the escape, both ways")
    func firstRow() throws {
        var bars = DelimitedDialect(separator: "|", quote: nil, escape: "\\", hasHeader: false, columns: ["a", "b"])
        bars.first = ["code", "text", "count"]
        bars.escapes = ["n": "\n"]
        #expect(bars.contradiction == nil)
        let expected: Value = [["code": "0", "text": "成功", "count": "1"], ["a": "x\ny", "b": "|\\"]]
        #expect(try DelimitedCodec.decode("0|成功|1\r\nx\\ny|\\|\\\\\r\n", bars) == expected)
        #expect(try DelimitedCodec.decode("9|空|0", bars) == [["code": "9", "text": "空", "count": "0"]])
        #expect(try DelimitedCodec.decode("0|1\r\nx|y", bars) == [["code": "0", "text": "1"], ["a": "x", "b": "y"]])
        #expect(throws: CodecFault.self) { try DelimitedCodec.decode("0|1|2|3\r\nx|y", bars) }
        #expect(try DelimitedCodec.encode([["a": "x\ny", "b": "|\\"]], bars, columns: []) == "x\\ny|\\|\\\\\r\n")
        bars.escape = nil
        #expect(bars.contradiction != nil)
    }

    @Test("columns by position, a separator of several characters, an escape")
    func dialects() throws {
        let bars = DelimitedDialect(separator: "||", rowEnd: "##", quote: nil, escape: "\\", hasHeader: false, columns: ["a", "b"])
        #expect(try DelimitedCodec.decode("1|||2##3||\\|\\#\\\\##", bars) == [["a": "1", "b": "|2"], ["a": "3", "b": "|#\\"]])
        let both = DelimitedDialect(escape: "\\", hasHeader: false, columns: ["a", "b"])
        #expect(try DelimitedCodec.decode("\"x\\\"y\",z", both) == [["a": "x\"y", "b": "z"]])
    }

    @Test(
        "what does not fit is a fault that says where, and quotes nothing",
        arguments: [
            ("1,2,3", "delimited text: row 1 has 3 cells, and there are 2 columns (byte 0)"),
            ("1,2\n张三\n", "delimited text: row 2 has 1 cells, and there are 2 columns (byte 4)"),
            ("1,\"2", "delimited text: a quotation mark is not closed (byte 2)"),
            ("\"1\"x,2", "delimited text: something follows a closing quotation mark (byte 3)"),
        ])
    func faults(text: String, message: String) {
        let fault = #expect(throws: CodecFault.self) { try DelimitedCodec.decode(text, Self.named) }
        #expect(fault?.description == message)
    }

    @Test("a header without a column that must be there, and one with two of a name, are faults")
    func headers() {
        let dialect = DelimitedDialect(hasHeader: true, columns: ["a"])
        #expect(throws: CodecFault.self) { try DelimitedCodec.decode("b,c\n1,2", dialect) }
        #expect(throws: CodecFault.self) { try DelimitedCodec.decode("a,a\n1,2", dialect) }
    }

    @Test("cells are bounded")
    func limits() {
        let text = String(repeating: "1,2\n", count: 100)
        #expect(throws: CodecFault.self) { try DelimitedCodec.decode(text, Self.named, limits: DecodeLimits(nodes: 50)) }
    }

    @Test("a dialect that nobody could read is found out")
    func contradictions() {
        #expect(DelimitedDialect(separator: "").contradiction != nil)
        #expect(DelimitedDialect(separator: "\n").contradiction != nil)
        #expect(DelimitedDialect(separator: "|", rowEnd: "|\n").contradiction != nil)
        #expect(DelimitedDialect(quote: ",").contradiction != nil)
        #expect(DelimitedDialect(quote: "\"", escape: "\"").contradiction != nil)
        #expect(DelimitedDialect(hasHeader: false).contradiction != nil)
        #expect(DelimitedDialect(columns: ["a", "a"]).contradiction != nil)
        #expect(DelimitedDialect().contradiction == nil)
    }

    @Test("every value comes back from every dialect, or is refused where the dialect has no way to write it")
    func roundTrip() throws {
        let values = [
            "", "a", ",", "\"", "\\", "|", "||", "|||", "a|", "|a", "\r\n", "\n", "\r", "a\"\"b", "\\\"", "\u{FEFF}a", "\0", " a ",
            "a,\u{301}",
            "\"\u{301}", "中\u{20000}", "^|", "'", "\t", "#", "##",
        ]
        let dialects = [
            DelimitedDialect(), DelimitedDialect(separator: "\t"), DelimitedDialect(escape: "\\"),
            DelimitedDialect(separator: "|", quote: nil, escape: "\\"),
            DelimitedDialect(separator: "||", rowEnd: "##", quote: nil, escape: "^"),
            DelimitedDialect(separator: "||", rowEnd: "##", quote: "'"), DelimitedDialect(separator: "|", quote: nil),
            DelimitedDialect(separator: "||", rowEnd: "##", quote: nil), DelimitedDialect(separator: "、", rowEnd: "。", quote: nil),
        ]
        var (kept, refused) = (0, 0)
        for dialect in dialects {
            for value in values {
                for other in ["x", value] {
                    let row: Object = ["v": .string(value), "w": .string(other)]
                    guard let text = try? DelimitedCodec.encode([row, row], dialect, columns: ["v", "w"]) else {
                        #expect(dialect.quote == nil && dialect.escape == nil, "\(value.debugDescription) in \(dialect)")
                        refused += 1
                        continue
                    }
                    let back = try DelimitedCodec.decode(text, dialect)
                    #expect(back == [.object(row), .object(row)], "\(value.debugDescription) in \(dialect): \(text.debugDescription)")
                    kept += 1
                }
            }
        }
        #expect(kept > 300 && refused > 20)
    }
}
