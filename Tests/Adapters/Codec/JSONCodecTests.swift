import Adapters
import Testing

@Suite("JSON codec")
struct JSONCodecTests {
    private func decode(_ text: String, limits: DecodeLimits = .init()) throws(CodecFault) -> Value {
        try JSONCodec.decode(Array(text.utf8), limits: limits)
    }

    private func encode(_ value: Value) -> String { String(decoding: JSONCodec.encode(value), as: UTF8.self) }

    @Test(
        "a number becomes the kind that holds it without loss",
        arguments: [
            ("0", Value.integer(0)), ("-0", .integer(0)), ("20081011000000", .integer(20_081_011_000_000)),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .decimal("9223372036854775808")), ("-9223372036854775809", .decimal("-9223372036854775809")),
            ("18446744073709551616", .decimal("18446744073709551616")), ("12345678901234567890123", .decimal("12345678901234567890123")),
            ("1.0", .double(1)), ("1e3", .double(1000)), ("0.1", .double(0.1)), ("12.50", .decimal("12.50")), ("-1.5E-3", .double(-0.0015)),
            ("1E400", .decimal("1E400")), ("1e-400", .decimal("1e-400")), ("1e308", .double(1e308)),
            ("5e-324", .double(.leastNonzeroMagnitude)),
            ("0.30000000000000004", .double(0.30000000000000004)), ("12345678901234567.89", .decimal("12345678901234567.89")),
            ("0.1234567890123456789", .decimal("0.1234567890123456789")), ("1e22", .double(1e22)), ("1e23", .double(1e23)),
            ("123456789012345e22", .double(123456789012345e22)), ("0e999999999999999999999", .double(0)),
        ])
    func numbers(text: String, value: Value) throws { #expect(try decode(text) == value) }

    @Test("minus zero with a point keeps its sign")
    func minusZero() throws { #expect(encode(try decode("-0.0")) == "-0.0") }

    @Test("a decimal is written back as it was read")
    func decimals() throws {
        let text = "[100000000000000000000,12345678901234567.890,1E400]"
        #expect(encode(try decode(text)) == text)
    }

    @Test("random doubles survive reading and writing, as does what strtod makes of random decimals")
    func randomDoubles() throws {
        var random: UInt64 = 0x9E37_79B9_7F4A_7C15
        for _ in 0..<20_000 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let number = Double(bitPattern: random)
            if number.isFinite, case .double(let back) = try decode(encode(.double(number))) {
                #expect(back.bitPattern == number.bitPattern)
            } else {
                #expect(!number.isFinite)
            }
            let text = "\(random % 1_000_000_000_000_000)e\(Int(random >> 32 % 60) % 60 - 30)"
            #expect(try decode(text) == .double(try #require(Double(text))), "\(text)")
        }
    }

    @Test("numbers that are not finite become null")
    func notFinite() { #expect(encode([.double(.nan), .double(.infinity), .double(-.infinity)]) == "[null,null,null]") }

    @Test("of two equal names the last wins in the place of the first")
    func duplicates() throws {
        #expect(encode(try decode(#"{"a":1,"b":2,"a":3}"#)) == #"{"a":3,"b":2}"#)
        let many = (0..<100).map { #""n\#($0)":\#($0)"# }.joined(separator: ",")
        let value = try decode("{\(many),\"n7\":true,\"n99\":false}")
        #expect(value.object?.fields.count == 100)
        #expect(value.object?.fields[7].value == true)
        #expect(value.object?.fields[99].value == false)
    }

    @Test("where names may stand once only, the second one is a fault at its place", arguments: [0, 1, 40])
    func once(others: Int) throws {
        let many = (0..<others).map { "\"n\($0)\":{\"a\":1}," }.joined()
        let limits = DecodeLimits(namesOnce: true)
        #expect(try decode("{\(many)\"a\":1,\"b\":{\"a\":2}}", limits: limits).object?.fields.count == others + 2)
        do {
            _ = try decode("{\(many)\"a\":1,\"\\u0061\":2}", limits: limits)
            Issue.record("read")
        } catch {
            #expect(error.reason == "a name stands twice in its object")
            #expect(error.offset == many.utf8.count + 7)
        }
    }

    @Test("names that are canonically equal are one name, as Object has it, however they are written")
    func canonicalNames() throws {
        #expect(try decode("{\"\u{E9}\":1,\"x\":2,\"e\u{301}\":3}").object?.fields.count == 2)
        #expect(try decode("{\"K\":1,\"\u{212A}\":3}").object?.fields.count == 1)
        #expect(try decode("{\"\u{212A}\":1,\"K\":3}")["K"] == 3)
    }

    @Test("every escape is read, and control characters are written escaped")
    func escapes() throws {
        #expect(try decode(#""\"\\\/\b\f\n\r\t\u0041\u4e2d\ud840\udc00\u0000""#) == .string("\"\\/\u{8}\u{C}\n\r\tA中𠀀\0"))
        #expect(
            encode(.string("\"\\/\u{8}\u{C}\n\r\tA中𠀀\0\u{1F}\u{7F}\u{2028}")) == #""\"\\/\b\f\n\r\tA中𠀀\u0000\u001f"# + "\u{7F}\u{2028}\"")
    }

    @Test(
        "a bad text is refused at its place",
        arguments: [
            ("", 0, "the text is empty"), ("  ", 0, "the text is empty"), ("[1,2", 4, "the text ends too early"),
            ("[1 2]", 3, "a comma or the end of the array is expected here"), ("{\"a\" 1}", 5, "a colon is expected here"),
            ("{\"a\":1,}", 7, "a name in quotation marks is expected here"), ("[1,]", 3, "a value is expected here"),
            ("{} x", 3, "something follows the value"), ("[01]", 1, "not a number"), ("[1.]", 1, "not a number"),
            ("[-]", 1, "not a number"),
            ("[1e]", 1, "not a number"), ("[1x]", 1, "not a number"), ("[truex]", 1, "a value is expected here"),
            ("[\"a\\x\"]", 3, "not an escape that JSON knows"), ("[\"\\ud800\"]", 2, "half of a surrogate pair without the other half"),
            ("[\"\\ud800\\u0041\"]", 2, "half of a surrogate pair without the other half"),
            ("[\"\\udc00\"]", 2, "half of a surrogate pair without the other half"),
            ("[\"\\u00g0\"]", 2, "\\u needs four hexadecimal digits"), ("[\"abc", 5, "the text ends inside a string"),
            ("[\"a\u{1}b\"]", 3, "a control character inside a string must be escaped"),
            ("\u{FEFF}[1 2]", 6, "a comma or the end of the array is expected here"),
        ])
    func faults(text: String, offset: Int, reason: String) {
        #expect(codecFault { () throws(CodecFault) in try decode(text) } == CodecFault(format: "JSON", reason: reason, offset: offset))
    }

    @Test("bytes that are not UTF-8 are refused at the first of them")
    func notUTF8() {
        for (bytes, offset) in [([0x22, 0xFF, 0x22], 1), ([0x22, 0x61, 0xE4, 0xB8, 0x22], 2), ([0x22, 0xED, 0xA0, 0x80, 0x22], 1)]
            as [([UInt8], Int)]
        {
            #expect(codecFault { () throws(CodecFault) in try JSONCodec.decode(bytes) }?.offset == offset)
        }
        var long = Array(repeating: UInt8(ascii: "a"), count: 100_000)
        (long[0], long[99_999], long[70_001]) = (0x22, 0x22, 0xC0)
        #expect(codecFault { () throws(CodecFault) in try JSONCodec.decode(long) }?.offset == 70_001)
    }

    @Test("bytes, depth and nodes are bounded, and no caller can lift the depth beyond what a stack bears")
    func limits() throws {
        #expect(codecFault { () throws(CodecFault) in try decode("[1,2,3]", limits: .init(bytes: 6)) } != nil)
        #expect(codecFault { () throws(CodecFault) in try decode("[1,2,3]", limits: .init(nodes: 3)) } != nil)
        #expect(try decode("[1,2,3]", limits: .init(bytes: 7, depth: 1, nodes: 4)) == [1, 2, 3])
        #expect(codecFault { () throws(CodecFault) in try decode("[[]]", limits: .init(depth: 1)) }?.offset == 1)
        let deep = String(repeating: "[", count: 100_000)
        #expect(codecFault { () throws(CodecFault) in try decode(deep, limits: .init(depth: .max)) }?.offset == 256)
        let nested = String(repeating: "{\"a\":", count: 64) + "1" + String(repeating: "}", count: 64)
        #expect(codecFault { () throws(CodecFault) in try decode(nested) } == nil)
    }

    @Test("a fault never quotes the text")
    func quotesNothing() {
        for text in ["{\"idNo\":230103199001010016x}", "[\"230103199001010016\\q\"]", "{\"230103199001010016\" 1}"] {
            let fault = codecFault { () throws(CodecFault) in try decode(text) }
            #expect(fault != nil)
            #expect(fault?.description.contains("2301") == false)
        }
    }

    @Test("an object of 100,000 names, and one that repeats its last names, cost no more than linear time")
    func hostileObjects() {
        let names = (0..<60_000).map { "\"n\($0)\":1" }.joined(separator: ",")
        let again = Array(repeating: "\"n59999\":1", count: 60_000).joined(separator: ",")
        let text = Array("{\(names),\(again)}".utf8)
        var count: Int?
        let spent = cpuMilliseconds { count = (try? JSONCodec.decode(text))?.object?.fields.count }
        #expect(count == 60_000)
        #expect(spent < 1000)
    }

    @Test("indented output is for people")
    func indented() {
        let text = String(decoding: JSONCodec.encode(["a": [1, [:]], "b": [:], "c": []], indented: true), as: UTF8.self)
        #expect(text == "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": {},\n  \"c\": []\n}")
    }

    @Test("encode(into:) and quote append")
    func append() {
        var out = Array("x=".utf8)
        JSONCodec.encode(["k": .integer(.min)], into: &out)
        JSONCodec.quote("a\"b", into: &out)
        #expect(String(decoding: out, as: UTF8.self) == #"x={"k":-9223372036854775808}"a\"b""#)
    }

    @Test(
        "every naughty string survives",
        .enabled(if: CodecSuites.has("naughty-strings"), "suites/naughty-strings is not there; set TONGBAN_SHARED"))
    func naughtyStrings() throws {
        let strings = try CodecSuites.naughtyStrings()
        #expect(strings.count == 515)
        for text in strings {
            let back = try JSONCodec.decode(JSONCodec.encode([.string(text)])).array?.first?.string
            #expect(back.map { Array($0.utf8) } == Array(text.utf8))
        }
    }

    @Test("mutated texts never crash, and what is accepted survives")
    func mutations() throws {
        let seed = Array(#"{"a":[1,-2.5e3,"x\u4e2d\n",true,null],"名":{"b":"","c":[[],{}]}}"#.utf8)
        var random: UInt64 = 42
        func next(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(random >> 33) % bound
        }
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0...next(3) {
                switch next(3) {
                case 0: bytes[next(bytes.count)] = UInt8(next(256))
                case 1: bytes.remove(at: next(bytes.count))
                default: bytes.insert(seed[next(seed.count)], at: next(bytes.count))
                }
            }
            guard let value = try? JSONCodec.decode(bytes) else { continue }
            accepted += 1
            #expect(try JSONCodec.decode(JSONCodec.encode(value)) == value)
        }
        #expect(accepted > 100)
    }
}
