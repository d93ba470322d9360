import Testing

@testable import Adapters

@Suite("Conversions")
struct ConversionTests {
    @Test("each conversion does what its name says")
    func conversions() throws {
        let expected: [(rule: String, input: Value, value: Value)] = [
            ("decimals: { places: 2, grouping: true }", "-1234567.8", "-1,234,567.80"),
            ("decimals: { places: 0, grouping: true }", "999", "999"),
            ("date: { in: \"yyyy年M月d日 ah:mm\", out: \"yyyyMMddHHmm\" }", "2026年11月9日 下午3:07", "202611091507"),
            ("date: { in: \"yyyy年M月d日 ah:mm\", out: \"yyyyMMddHHmm\" }", "2026年11月9日 上午12:07", "202611090007"),
            ("date: { in: \"yyyyMMddHHmm\", out: \"yyyy-MM-dd hh:mm a\" }", "202611091207", "2026-11-09 12:07 下午"),
            ("date: { in: \"MM/dd/yyyy h:mm a\", out: \"yyyyMMddHHmm\" }", "11/09/2026 9:05 PM", "202611092105"),
            ("date: { in: \"yyyy年M月d日 H时m分s秒\", out: \"yyyyMMddHHmmss\" }", "2026年11月9日 9时5分7秒", "20261109090507"),
            ("numerals: digits", "二〇二四年五月二十三日", "2024年5月23日"),
            ("numerals: digits", "壹亿贰仟叁佰万零伍拾元", "123000050元"),
            ("numerals: digits", "十二、一百零五、二十、一千零一十、九千九百九十九亿", "12、105、20、1010、999900000000"),
            // What is no number, or not in so many words, stays as it is, however large.
            (
                "numerals: digits", "一十百、三十二百、五百千、一亿万、三万五万、三百五、一万二、九百二十二亿三千三百七十二万三百六十八亿九千万",
                "一十百、三十二百、五百千、一亿万、三万五万、三百五、一万二、九百二十二亿三千三百七十二万三百六十八亿九千万"
            ),
            ("numerals: digits", "三百零五元、十", "305元、10"),
            (
                "html: text",
                "<P class='a>b'>申请人&nbsp;须：</p><ul><li>年满<b>18</b>岁</li>\n<li>A&amp;B &lt; 3&#8226;&#x2022;</li></ul><script>x<1</script>",
                "申请人 须：\n年满18岁\nA&B < 3••"
            ),
            ("html: text", "一<br/>二<!-- x > y -->三<!-->四<!-- - -->五", "一\n二三四五"),
            ("html: text", "<head-line>甲</head-line><title/>乙<title>丙</titles></title>丁<header>戊</header>", "甲乙丁戊"),
            ("html: text", "\u{3000}\u{3000}甲\u{3000}\u{A0}乙&#12288;丙", "甲 乙 丙"),
            ("html: text", "a < b && c &unknown; x</a <", "a < b && c &unknown; x</a <"),
            ("split: \",\", money: yuan-to-fen, sum: true, as: integer", "1200.50,80,-0.5", 128_000),
            ("sum: true", ["1", "-2.5"], "-1.5"), ("sum: true", ["", "1"], "1"), ("sum: true, default: \"0\"", [], "0"),
            ("sum: true", .array([Value](repeating: "1.5", count: 20_000)), "30000.0"),
            ("sum: true", ["-0.5", "0.5"], "0.0"), ("sum: true", ["0.5", "-1.25"], "-0.75"),
            ("sum: true", ["99.99", 0.01, .null], "100.00"),
            ("between: { start: \"v=[\", end: \"]\" }", "a v=[1] v=[2]", "1"),
            ("between: { end: \";\" }", "a;b", "a"),
            ("between: { start: \"(\" }", "f(x)", "x)"),
            ("between: { start: \"<\", end: \">\" }, default: none", "a<b", "none"),
            ("pairs: sorted", ["b": 1, "a": "x y", "c": ["d": true]], "a=x y&b=1&c={\"d\":true}"),
            ("pairs: { order: given, empty: skip, except: [s], encode: percent }", ["b": "中", "s": "1", "a": ""], "b=%E4%B8%AD"),
            ("pad: { left: \"0\", width: 6 }", "-5", "-00005"),
            ("money: fen-to-yuan", "100.0", "1"),
            ("trim: true", "  甲\u{3000}", "甲"),
            ("replace: { \"/\": \"-\", \"年\": \"\" }", "2023/11年", "2023-11"),
            ("split: \",\"", "1,2", ["1", "2"]),
            ("substring: { start: 1, length: 2 }", "𠮷野㐂", "野㐂"),
            ("substring: { start: 9 }, default: none", "abc", "none"),
            ("case: upper", "abx", "ABX"),
            ("pad: { left: \"0\", width: 4 }", "7", "0007"),
            ("pad: { right: \" \", width: 3 }", "7", "7  "),
            ("map: { \"1\": person, default: other }", 1, "person"),
            ("map: { \"1\": person, default: other }", "x", "other"),
            ("money: yuan-to-fen", "12.5", "1250"),
            ("money: yuan-to-fen, as: integer", "0.01", 1),
            ("money: fen-to-yuan", "1250", "12.5"),
            ("money: fen-to-yuan, as: number", 5, .decimal("0.05")),
            ("base64: encode", "中", "5Lit"),
            ("base64: decode", "5Lit", "中"),
            ("json: encode", ["a": 1], "{\"a\":1}"),
            ("json: decode", "[1,\"b\"]", [1, "b"]),
            ("as: string", 7, "7"),
            ("as: integer", "007", 7),
            ("as: number", "1.50", .decimal("1.50")),
            ("as: boolean", "0", false),
            ("then: [{ substring: { length: 2 } }, { pad: { left: \"0\", width: 3 } }, { case: lower }]", "ABC", "0ab"),
            ("width: half", "ＡＢ－１２（３）\u{3000}张", "AB-12(3) 张"),
            ("width: full", "A 1", "Ａ\u{3000}１"),
            ("substring: { last: 4 }", "13800005678", "5678"),
            ("split: \"-\", pick: 1", "a-b-c", "b"),
            ("split: \"-\", pick: -1", "a-b-c", "c"),
            ("split: \"-\", pick: 5, default: none", "a-b-c", "none"),
            ("pick: 0", "only", "only"),
            ("flatten: true", ["a", ["b", ["c"]], []], ["a", "b", "c"]),
            ("flatten: true", ["a": ["b": 1, "c": ["d": 2]], "e": [3]], ["a.b": 1, "a.c.d": 2, "e": [3]]),
            ("flatten: _", ["a": ["b": 1]], ["a_b": 1]),
            ("unique: true", ["a", "b", "a", 1, "1"], ["a", "b", 1, "1"]),
            (
                "unique: k", [["k": 1, "v": 1], ["k": 2], ["v": 3], ["k": 1, "v": 4], ["v": 3]],
                [["k": 1, "v": 1], ["k": 2], ["v": 3], ["v": 3]]
            ),
            ("money: yuan-to-wan", "125000", "12.5"),
            ("money: wan-to-yuan, as: integer", "12.5", 125_000),
            ("money: fen-to-yuan, decimals: 2", 1250, "12.50"),
            ("decimals: 2", "1.005", "1.01"),
            ("decimals: 2", "-9.995", "-10.00"),
            ("decimals: 0", "0.5", "1"),
            ("decimals: { places: 1, rounding: half-even }", "0.25", "0.2"),
            ("decimals: { places: 1, rounding: half-even }", "0.2500001", "0.3"),
            ("decimals: { places: 1, rounding: down }", "-0.09", "0.0"),
            ("decimals: 3, as: number", 5, .decimal("5.000")),
            ("hex: encode", "中", "e4b8ad"),
            ("hex: decode", "E4B8AD", "中"),
            ("url: encode", "a b/中", "a%20b%2F%E4%B8%AD"),
            ("url: decode", "%E4%B8%AD+1", "中+1"),
            ("entries: { name: n, value: v }", ["a": 1, "b": ["c"]], [["n": "a", "v": 1], ["n": "b", "v": ["c"]]]),
            (
                "entries: { name: n, value: v }", [["n": "a", "v": "1"], ["n": "b", "v": "2"], ["n": "a", "v": "3"]],
                ["a": ["1", "3"], "b": "2"]
            ),
            ("split: \",\"", "a,\u{301}b", ["a", "\u{301}b"]),
            ("replace: { \",\": \";\" }", ",\u{301}", ";\u{301}"),
            ("split: \",\", trim: true, map: { \"1\": a, \"2\": b }, join: \"+\"", "1,2", "a+b"),
        ]
        for (rule, input, value) in expected {
            #expect(try TranslationFixture(answer: "{ from: $.v, \(rule) }").answer(json(["v": input])) == value, "\(rule)")
        }
    }

    @Test(
        "the department's dates become RFC 3339 with +08:00",
        arguments: [
            ("yyyyMMddHHmmss", #""20231114221320""#), ("yyyyMMddHHmmss", "20231114221320"),
            ("\"yyyy-MM-dd HH:mm:ss\"", #""2023-11-14 22:13:20""#),
            ("\"yyyy-MM-dd HH:mm:ss.S\"", #""2023-11-14 22:13:20.0""#), ("ms", "1699971200000"), ("ms", #""1699971200999""#),
            ("s", "1699971200"),
            ("rfc3339", #""2023-11-14T14:13:20Z""#), ("[yyyyMMdd, \"yyyyMMdd'T'HHmmss\"]", #""20231114T221320""#),
            ("\"yyyyMMddHH:mm:ss\"", #""2023111422:13:20""#),
        ])
    func dates(form: String, source: String) throws {
        #expect(try TranslationFixture(answer: "{ from: $.v, date: \(form) }").answer("{\"v\":\(source)}") == "2023-11-14T22:13:20+08:00")
    }

    @Test(
        "days and Chinese dates",
        arguments: [
            ("yyyyMMdd", "20231102"), ("yyyy年MM月dd日", "2023年11月02日"), ("yyyy年M月d日", "2023年11月2日"), ("yyyy/M/d", "2023/11/02"),
        ])
    func days(form: String, source: String) throws {
        let long = try TranslationFixture(answer: "{ from: $.v, date: \"\(form)\" }").answer("{\"v\":\"\(source)\"}")
        #expect(long == "2023-11-02T00:00:00+08:00")
        let short = try TranslationFixture(answer: "{ from: $.v, date: { in: \"\(form)\", out: yyyy-MM-dd } }").answer(
            "{\"v\":\"\(source)\"}")
        #expect(short == "2023-11-02")
    }

    @Test("a contract date is written in the department's form, in Shanghai's time")
    func written() throws {
        let input: Value = ["t": "2023-11-14T14:13:20Z"]
        for (form, text) in [("yyyyMMddHHmmss", "20231114221320"), ("ms", "1699971200000"), ("\"yyyy年M月d日\"", "2023年11月14日")] {
            #expect(try TranslationFixture(field: "{ from: $.t, date: \(form) }").body(input) == "{\"x\":\"\(text)\"}")
        }
        #expect(
            try TranslationFixture(field: "{ from: $.t, date: { out: \"HH:mm d.M.yyyy\", zone: UTC } }").body(input)
                == #"{"x":"14:13 14.11.2023"}"#)
    }

    @Test("an impossible date is UPSTREAM_BAD_REPLY naming the forms, never the value", arguments: ["20231301000000", "2023", "", "２０２３"])
    func badDate(source: String) throws {
        let fixture = TranslationFixture(answer: "{ from: $.v, date: yyyyMMddHHmmss, required: true }")
        let fault = #expect(throws: AdapterFault.self) { try fixture.answer("{\"v\":\"\(source)\"}") }
        #expect(fault?.code == .upstreamBadReply)
        #expect(fault?.detail.contains("$.v") == true)
        if !source.isEmpty { #expect(fault?.detail.contains("yyyyMMddHHmmss") == true && fault?.detail.contains(source) == false) }
    }

    @Test(
        "what a conversion cannot take is a fault that says what was expected, never the value",
        arguments: [
            ("decimals: 2", "王五", "expected a decimal number at $.v"), ("hex: decode", "王五", "expected hex of UTF-8 text at $.v"),
            ("url: decode", "%zz", "expected url of UTF-8 text at $.v"), ("base64: decode", "/w==", "expected base64 of UTF-8 text at $.v"),
            ("entries: { name: n, value: v }", "王五", "expected an object or a list at $.v, found a single value"),
        ])
    func misfits(rule: String, text: String, detail: String) throws {
        let fixture = TranslationFixture(answer: "{ from: $.v, \(rule) }")
        let fault = #expect(throws: AdapterFault.self) { try fixture.answer(json(["v": .string(text)])) }
        #expect(fault?.code == .upstreamBadReply && fault?.detail.hasSuffix(detail) == true, "\(fault?.detail ?? "")")
    }

    @Test("a code in no map is UNMAPPED_CODE; a long one is not repeated")
    func unmapped() throws {
        let fixture = TranslationFixture(answer: "{ from: $.v, map: { \"01\": accepted } }")
        let short = #expect(throws: AdapterFault.self) { try fixture.answer(#"{"v":"88"}"#) }
        #expect(short == AdapterFault(.unmappedCode, "the department's code at $.v is not in its map", upstreamCode: "88"))
        let long = #expect(throws: AdapterFault.self) { try fixture.answer(#"{"v":"230100199001010016"}"#) }
        #expect(long?.code == .unmappedCode && long?.upstreamCode == nil)
        let number = #expect(throws: AdapterFault.self) { try fixture.answer(#"{"v":1}"#) }
        #expect(number?.code == .unmappedCode, "1 is not 01")
    }

    @Test("leading zeros and long numbers survive")
    func exactness() throws {
        let fixture = TranslationFixture(answer: "$.v")
        #expect(try fixture.answer(#"{"v":"000123"}"#) == "000123")
        #expect(try fixture.answer(#"{"v":230100199001010016}"#) == .integer(230_100_199_001_010_016))
    }

    private func json(_ value: Value) -> String { String(decoding: JSONCodec.encode(value), as: UTF8.self) }
}
