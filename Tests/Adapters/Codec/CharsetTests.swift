@testable import Adapters
import Testing

/// One pair of the WHATWG index: GB18030 bytes and their code point.
struct GB18030Pair: Hashable {
    let bytes: [UInt8]
    let code: UInt32
}

@Suite("Charsets")
struct CharsetTests {
    static let indexes = "encoding/index-gb18030.txt"

    private static func lines(_ path: String) throws -> [(Int, UInt32)] {
        try String(decoding: CodecSuites.bytes(path), as: UTF8.self).split(separator: "\n").compactMap { line in
            let parts = line.split(whereSeparator: \.isWhitespace)
            guard parts.count >= 2, let pointer = Int(parts[0]), parts[1].hasPrefix("0x") else { return nil }
            return UInt32(parts[1].dropFirst(2), radix: 16).map { (pointer, $0) }
        }
    }

    /// The two-byte part of the index (Encoding Standard §10.2).
    private static func twoBytePairs() throws -> [GB18030Pair] {
        try lines(indexes).map { pointer, code in
            let trail = pointer % 190
            return GB18030Pair(bytes: [UInt8(pointer / 190 + 0x81), UInt8(trail + (trail < 0x3F ? 0x40 : 0x41))], code: code)
        }
    }

    /// The four-byte part: all of the BMP that the ranges give, and a sample of the other planes.
    private static func fourBytePairs() throws -> [GB18030Pair] {
        let ranges = try lines("encoding/index-gb18030-ranges.txt")
        var pairs: [GB18030Pair] = []
        for (position, range) in ranges.enumerated() {
            let end = position + 1 < ranges.count ? ranges[position + 1].0 : range.0 + 0x100000
            for pointer in stride(from: range.0, to: min(end, 39420), by: 1) {
                // Encoding Standard §10.2.1: pointer 7457 is U+E7C7, against the ranges.
                if pointer == 7457 {
                    pairs.append(GB18030Pair(bytes: fourBytes(pointer), code: 0xE7C7))
                    continue
                }
                pairs.append(GB18030Pair(bytes: fourBytes(pointer), code: range.1 + UInt32(pointer - range.0)))
            }
        }
        for code in stride(from: UInt32(0x10000), through: 0x10FFFF, by: 97) {
            pairs.append(GB18030Pair(bytes: fourBytes(189_000 + Int(code - 0x10000)), code: code))
        }
        return pairs
    }

    private static func fourBytes(_ pointer: Int) -> [UInt8] {
        [UInt8(pointer / 12600 + 0x81), UInt8(pointer / 1260 % 10 + 0x30), UInt8(pointer / 10 % 126 + 0x81), UInt8(pointer % 10 + 0x30)]
    }

    @Test(
        "GB18030 agrees with the WHATWG index both ways but for the documented deviations",
        .enabled(if: CodecSuites.has(indexes), "suites/encoding is not there; set TONGBAN_SHARED"))
    func index() throws {
        let pairs = try Self.twoBytePairs() + Self.fourBytePairs()
        #expect(pairs.count > 60_000)
        var decoding: [String] = []
        var encoding: [String] = []
        for pair in pairs {
            guard let scalar = Unicode.Scalar(pair.code) else { continue }
            let expected = String(Character(scalar))
            let decoded = try? Charset.gb18030.decode(pair.bytes)
            if decoded != expected || decoded?.unicodeScalars.count != 1 {
                let hex = Hex.encode(pair.bytes, uppercase: true)
                let got = decoded?.unicodeScalars.first.map { String($0.value, radix: 16, uppercase: true) } ?? "refused"
                decoding.append("\(hex) \(String(pair.code, radix: 16, uppercase: true)) \(got)")
            }
            let encoded = try? Charset.gb18030.encode(expected)
            if encoded != pair.bytes {
                let got = encoded.map { Hex.encode($0, uppercase: true) } ?? "refused"
                encoding.append("\(String(pair.code, radix: 16, uppercase: true)) \(Hex.encode(pair.bytes, uppercase: true)) \(got)")
            }
        }
        #expect(
            decoding == [
                "A3A0 3000 E5E5", "FE51 E816 20087", "FE52 E817 20089", "FE53 E818 200CC", "FE6C E831 215D7", "FE76 E83B 2298F",
                "FE91 E855 241FE",
            ])
        // The first has two codes; the private-use ones have none; the rest are written in the two bytes of the 2022 edition.
        #expect(
            encoding == [
                "3000 A3A0 A1A1", "E816 FE51 refused", "E817 FE52 refused", "E818 FE53 refused", "E831 FE6C refused", "E83B FE76 refused",
                "E855 FE91 refused", "9FB4 82359037 FE59", "9FB5 82359038 FE61", "9FB6 82359039 FE66", "9FB7 82359130 FE67",
                "9FB8 82359131 FE6D", "9FB9 82359132 FE7E", "9FBA 82359133 FE90", "9FBB 82359134 FEA0", "FE10 84318236 A6D9",
                "FE11 84318237 A6DB", "FE12 84318238 A6DA", "FE13 84318239 A6DC", "FE14 84318330 A6DD", "FE15 84318331 A6DE",
                "FE16 84318332 A6DF", "FE17 84318333 A6EC", "FE18 84318334 A6ED", "FE19 84318335 A6F3",
            ])
    }

    @Test(
        "names are known without regard to case, with their aliases, and keep what was asked for",
        arguments: [
            ("UTF-8", "UTF-8"), ("utf8", "UTF-8"), ("us-ascii", "UTF-8"), ("gbk", "GBK"), ("CP936", "GBK"), ("GB2312", "GB2312"),
            ("euc-cn", "GB2312"), ("Gb18030", "GB18030"), ("BIG5", "Big5"), ("latin1", "ISO-8859-1"),
        ])
    func names(alias: String, name: String) { #expect(Charset(named: alias)?.name == name) }

    @Test("an unknown name is no charset", arguments: ["", "utf-16", "utf-7", "gb", "GBK//IGNORE", "x"])
    func unknown(name: String) { #expect(Charset(named: name) == nil) }

    @Test("all GB labels read GB18030, four-byte characters included; GBK and GB2312 write what every reader of GBK reads")
    func labels() throws {
        let text = "张三㐀𠀀ABC"
        let bytes = try Charset.gb18030.encode(text)
        #expect(Hex.encode(bytes, uppercase: true) == "D5C5C8FD8139EE3995328236414243")
        for name in ["GBK", "GB2312", "GB18030"] {
            let charset = try #require(Charset(named: name))
            #expect(try charset.decode(bytes) == text)
            #expect(Hex.encode(try charset.encode("张三ABC"), uppercase: true) == "D5C5C8FD414243")
            guard name != "GB18030" else { continue }
            #expect(codecFault { () throws(CodecFault) in try charset.encode(text) }?.offset == 6)
            #expect(codecFault { () throws(CodecFault) in try charset.encode("一€") }?.offset == 3)
            let json = try JSONCodec.encode(["x": .string(text)], charset: charset)
            #expect(try charset.decode(json) == #"{"x":"张三\u3400\ud840\udc00ABC"}"#)
            #expect(try JSONCodec.decode(text: charset.decode(json)) == ["x": .string(text)])
        }
    }

    @Test(
        "an invalid sequence is refused at its offset, or replaced on request",
        arguments: [
            ("GB18030", [0x41, 0xD5, 0xC5, 0xFF, 0x42], 3, "A张\u{FFFD}B"), ("GB18030", [0x41, 0xD5], 1, "A\u{FFFD}"),
            ("GBK", [0xFF, 0x41], 0, "\u{FFFD}A"), ("GB18030", [0x81, 0x30, 0x81], 0, "\u{FFFD}"),
            ("UTF-8", [0x41, 0xE4, 0xB8], 1, "A\u{FFFD}"), ("UTF-8", [0xC0, 0x80], 0, "\u{FFFD}\u{FFFD}"),
            ("UTF-8", [0xED, 0xA0, 0x80, 0x41], 0, "\u{FFFD}\u{FFFD}\u{FFFD}A"),
            ("UTF-8", [0xF4, 0x90, 0x80, 0x80], 0, "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"), ("Big5", [0x41, 0xFF], 1, "A\u{FFFD}"),
        ] as [(String, [UInt8], Int, String)])
    func invalid(name: String, bytes: [UInt8], offset: Int, replaced: String) throws {
        let charset = try #require(Charset(named: name))
        let fault = codecFault { () throws(CodecFault) in try charset.decode(bytes) }
        #expect(fault?.offset == offset)
        #expect(fault?.format == name)
        #expect(try charset.decode(bytes, replacingInvalid: true) == replaced)
    }

    @Test("a character that the charset does not have is refused at its offset")
    func missing() throws {
        let latin = try #require(Charset(named: "ISO-8859-1"))
        #expect(try latin.encode("é") == [0xE9])
        #expect(try latin.decode([0xE9]) == "é")
        #expect(codecFault { () throws(CodecFault) in try latin.encode("ab中") }?.offset == 2)
        let big5 = try #require(Charset(named: "Big5"))
        #expect(try big5.decode(big5.encode("許功蓋")) == "許功蓋")
        #expect(["CP950", "MS950", "x-big5"].allSatisfy { Charset(named: $0)?.description == "Big5" })
        #expect(codecFault { () throws(CodecFault) in try big5.encode("许") }?.offset == 0)
    }

    @Test("tag characters, which glibc drops, and the euro sign arrive or are refused")
    func droppedByIconv() throws {
        let text = "a\u{E0001}€\u{E007F}b"
        for name in ["GBK", "GB2312", "GB18030"] {
            let charset = try #require(Charset(named: name))
            if name == "GB18030" {
                #expect(try charset.decode(charset.encode(text)) == text)
            } else {
                #expect(codecFault { () throws(CodecFault) in try charset.encode(text) }?.offset == 1)
            }
            #expect(try XMLCodec.decode(XMLCodec.encode(["a": .string(text)], encoding: charset)) == ["a": .string(text)])
        }
        #expect(try Charset.gbk.decode([0x80, 0xC8, 0xFD, 0x80]) == "€三€")
        #expect(try #require(Charset(named: "Big5")).encode("€") == [0xA3, 0xE1])
        for name in ["Big5", "ISO-8859-1"] {
            let charset = try #require(Charset(named: name))
            #expect(codecFault { () throws(CodecFault) in try charset.encode("é\u{E0001}") } != nil)
            #expect(try XMLCodec.decode(XMLCodec.encode(["a": .string(text)], encoding: charset)) == ["a": .string(text)])
        }
    }

    @Test("many sequences that iconv cannot convert cost linear time")
    func manyMissing() throws {
        let text = String(repeating: "中㐀", count: 100_000)
        var back: Value?
        #expect(cpuMilliseconds { back = try? XMLCodec.decode(XMLCodec.encode(["a": .string(text)], encoding: .gbk)) } < 3000)
        #expect(back == ["a": .string(text)])
        let bytes = Array(repeating: [0xFF, 0xB0, 0xA1] as [UInt8], count: 100_000).flatMap { $0 }
        var replaced = ""
        #expect(cpuMilliseconds { replaced = (try? Charset.gbk.decode(bytes, replacingInvalid: true)) ?? "" } < 3000)
        #expect(replaced == String(repeating: "\u{FFFD}啊", count: 100_000))
    }

    @Test("long texts cross iconv's buffers unharmed")
    func long() throws {
        let text = String(repeating: "黑龙江省𠀀é1", count: 50_000)
        #expect(try Charset.gb18030.decode(Charset.gb18030.encode(text)) == text)
        let ascii = String(repeating: "a", count: 100_001)
        #expect(try Charset.gbk.decode(Array(ascii.utf8)) == ascii)
        var bytes = try Charset.gb18030.encode(text)
        bytes[bytes.count - 7] = 0xFF
        #expect(codecFault { () throws(CodecFault) in try Charset.gb18030.decode(bytes) } != nil)
    }

    @Test("threads have descriptors of their own")
    func threads() async throws {
        let bytes = try Charset.gb18030.encode(String(repeating: "张三𠀀", count: 500))
        let expected = try Charset.gb18030.decode(bytes)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 {
                group.addTask { (0..<50).allSatisfy { _ in (try? Charset.gb18030.decode(bytes)) == expected } }
            }
            for await same in group { #expect(same) }
        }
    }

    @Test(
        "every naughty string survives GB18030",
        .enabled(if: CodecSuites.has("naughty-strings"), "suites/naughty-strings is not there; set TONGBAN_SHARED"))
    func naughtyStrings() throws {
        for text in try CodecSuites.naughtyStrings() {
            let back = try Charset.gb18030.decode(Charset.gb18030.encode(text))
            #expect(Array(back.utf8) == Array(text.utf8))
        }
    }
}
