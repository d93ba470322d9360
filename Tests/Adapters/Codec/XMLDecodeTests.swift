import Adapters
import Testing

@Suite("XML to value")
struct XMLDecodeTests {
    private func decode(_ text: String, limits: DecodeLimits = .init()) throws(CodecFault) -> Value {
        try XMLCodec.decode(Array(text.utf8), limits: limits)
    }

    @Test(
        "elements, attributes and text become fields",
        arguments: [
            ("<a/>", ["a": ""]), ("<a></a>", ["a": ""]), ("<a>x</a>", ["a": "x"]), ("<a> </a>", ["a": " "]),
            ("<a>\n<b>1</b>\n</a>", ["a": ["b": "1"]]), ("<a><b>1</b><c/><b>2</b></a>", ["a": ["b": ["1", "2"], "c": ""]]),
            ("<a x='1' y=\"2\"/>", ["a": ["@x": "1", "@y": "2"]]), ("<a x='1'>t</a>", ["a": ["@x": "1", "#text": "t"]]),
            ("<a x='1'> </a>", ["a": ["@x": "1", "#text": " "]]), ("<a x='1'> <b/> </a>", ["a": ["@x": "1", "b": ""]]),
            ("<a>t<b>1</b>u</a>", ["a": ["b": "1", "#text": "tu"]]), ("<a><![CDATA[<&]]]]><![CDATA[>]]></a>", ["a": "<&]]>"]),
            ("<a>&lt;&amp;&gt;&apos;&quot;&#65;&#x4e2d;</a>", ["a": "<&>'\"A中"]), ("<a b='&amp;&lt;&#38;&#10;'/>", ["a": ["@b": "&<&\n"]]),
            ("<p:a xmlns:p='u' xmlns='v'><p:b p:c='1'/></p:a>", ["a": ["b": ["@c": "1"]]]), ("<q:a><q:b/></q:a>", ["a": ["b": ""]]),
            ("<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:nil='true'/>", ["a": .null]),
            ("<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><b i:nil='1' k='v'/></a>", ["a": ["b": .null]]),
            ("<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:nil='false'>x</a>", ["a": "x"]),
            ("<a nil='true'/>", ["a": ["@nil": "true"]]),
            ("<a p:x='1' q:x='2'/>", ["a": ["@x": "2"]]), ("<!--c--><?p i?><a><!--d-->x<?p?>y</a><!--e-->", ["a": "xy"]),
            ("<a>x\r\ny\rz</a>", ["a": "x\ny\nz"]), ("<名 称='值'><子>张三</子></名>", ["名": ["@称": "值", "子": "张三"]]),
            ("\u{FEFF}<?xml version='1.0' encoding='utf-8' standalone='yes'?><a>𠀀</a>", ["a": "𠀀"]),
            ("<a xmlns='http://某某 局'>1</a>", ["a": "1"]),
        ] as [(String, Value)])
    func mapping(text: String, value: Value) throws {
        #expect(try decode(text) == value)
        #expect(try XMLCodec.decode(text: text) == value)
    }

    @Test("repeated siblings keep their order, few or many, next to each other or not")
    func repeated() throws {
        for count in [2, 3, 20, 30, 1000] {
            let text = (0..<count).map { "<b>\($0)</b><c\($0 % 5)>\($0)</c\($0 % 5)>" }.joined()
            let value = try decode("<a>\(text)</a>")
            #expect(value["a"]?["b"] == .array((0..<count).map { .string(String($0)) }))
            #expect(value["a"]?.object?.fields.count == 1 + min(count, 5))
            #expect(value["a"]?["c1"] == (count <= 6 ? "1" : .array(stride(from: 1, to: count, by: 5).map { .string(String($0)) })))
        }
    }

    @Test("a document in GBK is read by its declaration, by the override, and with four-byte characters")
    func charsets() throws {
        let gb = try Charset.gb18030.encode("<?xml version=\"1.0\" encoding=\"GBK\"?><a 名=\"𠀀\">张三㐀</a>")
        let value: Value = ["a": ["@名": "𠀀", "#text": "张三㐀"]]
        #expect(try XMLCodec.decode(gb) == value)
        let undeclared = try Charset.gb18030.encode("<a 名=\"𠀀\">张三㐀</a>")
        #expect(try XMLCodec.decode(undeclared, charset: .gbk) == value)
        let wrong = try Charset.gb18030.encode("<?xml version=\"1.0\" encoding=\"UTF-8\"?><a 名=\"𠀀\">张三㐀</a>")
        #expect(try XMLCodec.decode(wrong, charset: .gbk) == value)
        #expect(try XMLCodec.decode(text: "<?xml version=\"1.0\" encoding=\"GBK\"?><a 名=\"𠀀\">张三㐀</a>") == value)
        #expect(try XMLCodec.decode(text: "<?xml version='1.0' encoding='no-such'?><a/>") == ["a": ""])
        let big5 = try #require(Charset(named: "big5")).encode("<?xml version='1.0' encoding='Big5'?><a>許功蓋</a>")
        #expect(try XMLCodec.decode(big5) == ["a": "許功蓋"])
    }

    @Test("bytes in another charset than declared, unknown charsets and UTF-16 are refused")
    func wrongCharsets() throws {
        let gbk = try Charset.gb18030.encode("<a>张三</a>")
        let fault = codecFault { () throws(CodecFault) in try XMLCodec.decode(gbk) }
        #expect(fault?.offset == 3)
        #expect(codecFault { () throws(CodecFault) in try decode("<?xml version='1.0' encoding='no-such'?><a/>") } != nil)
        for utf16 in [
            [0xFF, 0xFE, 0x3C, 0, 0x61, 0, 0x2F, 0, 0x3E, 0], [0x3C, 0, 0x61, 0, 0x2F, 0, 0x3E, 0], [0, 0x3C, 0, 0x61, 0, 0x2F, 0, 0x3E],
        ] as [[UInt8]] {
            #expect(codecFault { () throws(CodecFault) in try XMLCodec.decode(utf16) } != nil)
        }
        // EBCDIC, which libxml2 would guess: <?xml
        #expect(codecFault { () throws(CodecFault) in try XMLCodec.decode([0x4C, 0x6F, 0xA7, 0x94, 0x93]) } != nil)
    }

    @Test("the offset of a fault lies within bytes that have another code for a character than we would write")
    func otherCodes() throws {
        let euros = Array("<?xml version='1.0' encoding='GBK'?><a>".utf8) + Array(repeating: 0x80, count: 97) + Array("<b></a>".utf8)
        let fault = codecFault { () throws(CodecFault) in try XMLCodec.decode(euros) }
        #expect((136...euros.count).contains(try #require(fault?.offset)), "\(String(describing: fault)) of \(euros.count)")
    }

    @Test("the offset of a fault counts the bytes as they came")
    func offsets() throws {
        let text = "<?xml version='1.0' encoding='GBK'?><a>张三张三&x;</a>"
        let fault = codecFault { () throws(CodecFault) in try XMLCodec.decode(Charset.gbk.encode(text)) }
        let before = try Charset.gbk.encode("<?xml version='1.0' encoding='GBK'?><a>张三张三").count
        #expect((before...before + 3).contains(try #require(fault?.offset)))
        #expect(codecFault { () throws(CodecFault) in try decode("\u{FEFF}<a>\0</a>") }?.offset == 6)
    }

    @Test(
        "DOCTYPEs, entities and characters that XML does not have are refused",
        arguments: [
            ("<!DOCTYPE a><a/>", "a DOCTYPE is not allowed"),
            ("<?xml version='1.0'?>\n<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", "a DOCTYPE is not allowed"),
            ("<!DOCTYPE a [<!ENTITY e SYSTEM 'http://127.0.0.1:1/'>]><a>&e;</a>", "a DOCTYPE is not allowed"),
            ("<!-- <a> --><!DOCTYPE a []><a/>", "a DOCTYPE is not allowed"), ("<a>&e;</a>", "an entity that XML does not define"),
            ("<a b='&e;'/>", "an entity that XML does not define"), ("<a>&nbsp;</a>", "an entity that XML does not define"),
            ("<a>\u{1}</a>", "a character that XML does not allow"), ("<a>&#1;</a>", "a character that XML does not allow"),
            ("<a>&#xD800;</a>", "a character that XML does not allow"), ("<a>&#x110000;</a>", "a character that XML does not allow"),
            ("<a>\u{FFFF}</a>", "a character that XML does not allow"), ("<a/>\0", "a character that XML does not allow"),
            ("", "the document is empty"), ("x", "the document does not begin with an element"),
            ("<a/><b/>", "something follows the document's element"), ("<a>", "the document ends within an element"),
            ("<a></b>", "an end tag does not match its start tag"), ("<a x=1/>", "an attribute's value must stand in quotation marks"),
            ("<a x='1' x='2'/>", "an attribute stands twice"), ("<a>a & b</a>", "a name is expected here"),
            ("<a>]]></a>", "]]> must not stand in text"),
            ("<html><br></html>", "an end tag does not match its start tag"),
        ])
    func refused(text: String, reason: String) {
        let fault = codecFault { () throws(CodecFault) in try decode(text) }
        #expect(fault?.reason == reason)
        #expect(fault?.offset != nil)
    }

    @Test("a reader that has refused a document reads the next one")
    func recovers() throws {
        for bad in ["<a><b>text<!DOCTYPE", "<a p='1'><b>&x;", "<a><b><c>张", "<a xmlns:x='u' xmlns:y='v'><b>"] {
            #expect(codecFault { () throws(CodecFault) in try decode(bad) } != nil)
            #expect(try decode("<x:a xmlns:x='w'><x:b>1</x:b></x:a>") == ["a": ["b": "1"]])
        }
    }

    @Test("bytes, depth and nodes are bounded")
    func limits() throws {
        #expect(codecFault { () throws(CodecFault) in try decode("<a>1</a>", limits: .init(bytes: 7)) } != nil)
        #expect(codecFault { () throws(CodecFault) in try decode("<a><b/></a>", limits: .init(depth: 1)) } != nil)
        #expect(codecFault { () throws(CodecFault) in try decode("<a b='1'><c/></a>", limits: .init(nodes: 2)) } != nil)
        #expect(try decode("<a b='1'><c/></a>", limits: .init(bytes: 17, depth: 2, nodes: 3)) == ["a": ["@b": "1", "c": ""]])
        let deep = String(repeating: "<a>", count: 100_000)
        #expect(
            codecFault { () throws(CodecFault) in try decode(deep, limits: .init(depth: .max)) }?.reason == "elements nest deeper than 256")
        let big = String(repeating: "0123456789", count: 1_200_000)
        #expect(try decode("<a><![CDATA[\(big)]]></a>")["a"]?.string?.utf8.count == 12_000_000)
    }

    @Test("a fault never quotes the document")
    func quotesNothing() {
        for text in [
            "<a230103199001010016></b>", "<a>&x230103199001010016;</a>", "<a b='230103199001010016' b='230103199001010016'/>",
            "<a 230103199001010016/>",
        ] {
            let fault = codecFault { () throws(CodecFault) in try decode(text) }
            #expect(fault != nil)
            #expect(fault?.description.contains("2301") == false)
        }
    }

    @Test("mutated documents never crash, and what is accepted survives writing and reading")
    func mutations() throws {
        let seed = Array(
            "<?xml version=\"1.0\"?><s:a xmlns:s='u' b=\"1&amp;\"><!--c--><d>张三&lt;</d><d><![CDATA[x]]></d>t&#65;<e f='g'/></s:a>".utf8)
        var random: UInt64 = 7
        func next(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % bound
        }
        var (accepted, different) = (0, 0)
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0...next(3) {
                switch next(3) {
                case 0: bytes[next(bytes.count)] = UInt8(next(256))
                case 1: bytes.remove(at: next(bytes.count))
                default: bytes.insert(seed[next(seed.count)], at: next(bytes.count))
                }
            }
            // The comment has libxml2 read the texts too.
            let plain = try? XMLCodec.decode(bytes + Array("<!--\u{7F}-->".utf8))
            guard let value = try? XMLCodec.decode(bytes) else {
                if plain != nil { different += 1 }
                continue
            }
            if plain != value { different += 1 }
            accepted += 1
            #expect(try XMLCodec.decode(XMLCodec.encode(value, nilNulls: true)) == value)
        }
        #expect(accepted > 100 && different == 0)
    }

    @Test(
        "texts that are read beside libxml2 are what it would have read, and what it refuses is refused",
        arguments: [
            "<a>&lt;b&gt;\r\n&amp;&quot;&apos;&#65;&#x5f20;&#x20BB7;\r]] ></a>", "<a>张三<b/>李四<![CDATA[<&\r\n]]]]><![CDATA[>]]>&#13;</a>",
            "<?xml version='1.0'?><!-- 张 &lt; --><a x='&lt;张>'>&#127;<?pi &lt; ?>\u{A0}</a>  <!-- - -->",
            "<a>\u{EFFF}\u{F000}\u{FFFD}&#xFFFD;</a>",
            "<a> &#32; <b>&#9;</b> 张 </a>", "<a><![CDATA[]]></a>", "<a>&#0000000000000065;张</a>", "<张>三</张>", "<a>&#x9;&#xA;&#xD;&#x1;</a>",
            "<a>张]]></a>", "<a>张]]&gt;</a>", "<a>&nbsp;张</a>", "<a>&;张</a>", "<a>&#;张</a>", "<a>&#x;张</a>", "<a>&#xD800;张</a>",
            "<a>&#1114112;张</a>",
            "<a>张\u{1}</a>", "<a>张\u{FFFE}</a>", "<a>张&lt</a>", "张<a/>", "<a/>张", "<a/>&lt;", "<![CDATA[]]><a>张</a>",
            "<a>张</a><![CDATA[]]>",
            "<a><![CDATA[张\u{1}]]></a>", "<a><![CDATA[张</a>", "<a>张<!-- -- --></a>", "<a>张<b></a>", "<a &lt;='张'/>", "<a>张<",
            "<a>张<!x></a>",
            "<?xml version='1.0'?>                    \n<a>张&lt;</a>\n                          ",
            "<a>\r\n                         <b>张</b></a>",
            "<a b='张\u{FFFF}'>张</a>", "<a>张</a b>", "<a>\u{7F}张&lt;</a>",
        ])
    func besideTheParser(text: String) {
        // A document with U+007F anywhere is libxml2's alone.
        let taken = try? XMLCodec.decode(Array(text.utf8))
        let plain = try? XMLCodec.decode(Array((text + "<!--\u{7F}-->").utf8))
        #expect(taken == plain)
        #expect(taken.map { JSONCodec.encode($0) } == plain.map { JSONCodec.encode($0) })
    }

    @Test("an attribute of the department's own beside XML Schema's of the same name is not lost")
    func schemaAttributes() throws {
        let text = "<id xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='xs:string' type='ID'>1</id>"
        #expect(try XMLCodec.decode(text: text) == ["id": ["@type": "ID", "#text": "1"]])
    }
}
