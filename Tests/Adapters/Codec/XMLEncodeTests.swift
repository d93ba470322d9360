import Adapters
import Testing

@Suite("Value to XML")
struct XMLEncodeTests {
    private func text(_ value: Value, nilNulls: Bool = false) throws -> String { try XMLCodec.encodeText(value, nilNulls: nilNulls) }

    @Test("fields become elements, attributes and text")
    func forms() throws {
        #expect(
            try text(["a": ["@x": "1\"<>&'\n", "b": ["1", "2"], "c": [:], "d": "", "#text": "t"]])
                == "<a x=\"1&quot;&lt;&gt;&amp;'&#10;\"><b>1</b><b>2</b><c/><d/>t</a>")
        #expect(
            try text(["s:Envelope": ["@xmlns:s": "u", "s:Body": ["r": "x]]>y\r\nz"]]])
                == "<s:Envelope xmlns:s=\"u\"><s:Body><r>x]]&gt;y&#13;\nz</r></s:Body></s:Envelope>")
        #expect(
            try text(["a": ["i": 7, "d": 1.5, "t": true, "n": .null, "x": .decimal("12345678901234567890"), "e": [], "@z": 3, "@n": .null]])
                == "<a z=\"3\"><i>7</i><d>1.5</d><t>true</t><n/><x>12345678901234567890</x></a>")
    }

    @Test("an attribute's name may begin with a mark that combines with the sign before it")
    func combiningNames() throws {
        let value = try XMLCodec.decode(text: "<a \u{59D}=\"1\"/>")
        #expect(value == ["a": ["@\u{59D}": "1"]])
        #expect(try text(value) == "<a \u{59D}=\"1\"/>")
    }

    @Test("null can be written as xsi:nil and is null again when read")
    func nulls() throws {
        let value: Value = ["a": ["b": .null, "c": "1"]]
        let written = try text(value, nilNulls: true)
        #expect(try XMLCodec.decode(text: written) == value)
        #expect(try XMLCodec.decode(text: try text(value)) == ["a": ["b": "", "c": "1"]])
    }

    @Test("a declaration names the charset, and the bytes are in it")
    func declarations() throws {
        let value: Value = ["a": "张三"]
        #expect(try XMLCodec.encode(value) == Array("<a>张三</a>".utf8))
        #expect(try XMLCodec.encode(value, encoding: .utf8) == Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>张三</a>".utf8))
        let gbk = try XMLCodec.encode(value, encoding: .gbk)
        #expect(gbk == (try Charset.gbk.encode("<?xml version=\"1.0\" encoding=\"GBK\"?><a>张三</a>")))
        #expect(XMLCodec.Declaration(of: gbk)?.encoding == "GBK")
        #expect(XMLCodec.Declaration(of: Array("<?xml version = '1.0'\n encoding = 'x y'?>".utf8))?.encoding == "x y")
        #expect(XMLCodec.Declaration(of: Array("<?xml version='1.0'?>".utf8))?.version == "1.0")
        #expect(XMLCodec.Declaration(of: Array("<a encoding='GBK'/>".utf8)) == nil)
        #expect(try XMLCodec.encodeText(value, declaring: "GBK") == "<?xml version=\"1.0\" encoding=\"GBK\"?><a>张三</a>")
    }

    @Test("what GBK or another charset lacks becomes a character reference, so that every reader gets the same text")
    func references() throws {
        let value: Value = ["a": ["@n": "𠀀", "#text": "张㐀三"]]
        let gbk = try XMLCodec.encode(value, encoding: .gbk)
        #expect(gbk == (try Charset.gbk.encode("<?xml version=\"1.0\" encoding=\"GBK\"?><a n=\"&#131072;\">张&#13312;三</a>")))
        for name in ["GBK", "GB2312", "GB18030", "Big5", "ISO-8859-1", "UTF-8"] {
            #expect(try XMLCodec.decode(XMLCodec.encode(value, encoding: Charset(named: name))) == value, "\(name)")
        }
        #expect(codecFault { () throws(CodecFault) in try XMLCodec.encode(["张": "1"], encoding: Charset(named: "ISO-8859-1")) } != nil)
        #expect(codecFault { () throws(CodecFault) in try XMLCodec.encode(["a": ["@㐀": "1"]], encoding: .gbk) } != nil)
        #expect(codecFault { () throws(CodecFault) in try XMLCodec.encode(["a": ["@㐀": "1"]], encoding: .gb18030) } == nil)
    }

    @Test("every character of the basic plane that XML allows survives a GBK document")
    func wholePlane() throws {
        var text = ""
        for code in UInt32(0x20)..<0xFFFE {
            if let scalar = Unicode.Scalar(code) { text.unicodeScalars.append(scalar) }
        }
        for charset in [Charset.gbk, .gb18030, .utf8] {
            let back = try XMLCodec.decode(XMLCodec.encode(["a": .string(text)], encoding: charset))
            #expect(back["a"]?.string.map { Array($0.utf8) } == Array(text.utf8))
        }
    }

    @Test(
        "what has no form in XML is refused",
        arguments: [
            [:], ["a": "1", "b": "2"], ["a": ["1", "2"]], "text", .null, ["": "1"], ["1a": "1"], ["a b": "1"], ["a:b:c": "1"], [":a": "1"],
            ["a:": "1"],
            ["a><b": "1"], ["a": ["b/": "1"]], ["a": ["@": "1"]], ["a": ["@x y": "1"]], ["a": ["@x": ["1"]]], ["a": ["#text": [:]]],
            ["a": [["1"]]],
            ["a": ["b": [["1"]]]], ["a": "\u{1}"], ["a": "\0"], ["a": "\u{FFFE}"], ["a": ["@b": "\u{B}"]], ["#text": "a"], ["@a": "1"],
            ["a": ["#x": "1"]],
        ] as [Value])
    func refused(value: Value) {
        #expect(codecFault { () throws(CodecFault) in try XMLCodec.encode(value) }?.format == "XML")
        #expect(codecFault { () throws(CodecFault) in try XMLCodec.encodeText(value) } != nil)
    }

    @Test("nesting is bounded")
    func depth() {
        var value: Value = "x"
        for _ in 0..<300 { value = ["a": value] }
        #expect(codecFault { () throws(CodecFault) in try XMLCodec.encode(value) } != nil)
    }

    @Test(
        "CDATA and escapes hold any text",
        arguments: ["", "a", "]]>", "]]]]>>", "a]]>b]]>", "]]", "<&>\"'\r\n\t中𠀀", "x\u{1}\0\u{FFFF}y", "]]\u{1}>"])
    func cdata(text: String) throws {
        let kept = text.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0xFFFF || "\r\n\t".unicodeScalars.contains($0) }
        let plain = String(String.UnicodeScalarView(kept))
        // CDATA cannot escape a carriage return: a reader makes CR LF a line feed (XML 1.0 §2.11).
        #expect(try XMLCodec.decode(text: "<a>\(XMLCodec.cdata(text))</a>")["a"]?.string == plain.replacing("\r\n", with: "\n"))
        #expect(try XMLCodec.decode(text: "<a>\(XMLCodec.escapeText(text))</a>")["a"]?.string == plain)
        #expect(try XMLCodec.decode(XMLCodec.encode(["a": ["@b": .string(plain)]])) == ["a": ["@b": .string(plain)]])
    }

    @Test(
        "every naughty string that XML allows survives, the others are refused",
        .enabled(if: CodecSuites.has("naughty-strings"), "suites/naughty-strings is not there; set TONGBAN_SHARED"))
    func naughtyStrings() throws {
        var survived = 0
        for text in try CodecSuites.naughtyStrings() {
            let allowed = text.unicodeScalars.allSatisfy {
                $0.value >= 0x20 && $0.value & 0xFFFE != 0xFFFE || "\r\n\t".unicodeScalars.contains($0)
            }
            let value: Value = ["a": ["@b": .string(text), "c": .string(text)]]
            for charset in [Charset.utf8, .gbk, .gb18030] {
                let written = try? XMLCodec.encode(value, encoding: charset)
                #expect((written != nil) == allowed)
                guard let written else { continue }
                let back = try XMLCodec.decode(written)
                #expect(back["a"]?["c"]?.string.map { Array($0.utf8) } == Array(text.utf8))
                #expect(back["a"]?["@b"]?.string.map { Array($0.utf8) } == Array(text.utf8))
                survived += 1
            }
        }
        #expect(survived > 1500)
    }
}
