import Adapters
import Testing

@Suite("Forms and percent-encoding")
struct FormCodecTests {
    @Test("fields are written in order, in the charset, and read again")
    func roundTrip() throws {
        let fields = [("sqrmc", "张三𠀀"), ("a b", "1+1=2&x"), ("empty", ""), ("*-._~", "\r\n")]
        let bytes = try FormCodec.encode(fields, charset: .gb18030)
        #expect(String(decoding: bytes, as: UTF8.self) == "sqrmc=%D5%C5%C8%FD%952%826&a+b=1%2B1%3D2%26x&empty=&*-._%7E=%0D%0A")
        #expect(try FormCodec.decode(bytes, charset: .gb18030) == ["sqrmc": "张三𠀀", "a b": "1+1=2&x", "empty": "", "*-._~": "\r\n"])
    }

    @Test(
        "forms are read as the field writes them",
        arguments: [
            ("", [:]), ("a", ["a": ""]), ("a=", ["a": ""]), ("=1", ["": "1"]), ("a=1&&b=2&", ["a": "1", "b": "2"]), ("a=1=2", ["a": "1=2"]),
            ("a=1&b=2&a=3&a=4", ["a": ["1", "3", "4"], "b": "2"]), ("a=%e5%BC%a0+x", ["a": "张 x"]), ("x=张", ["x": "张"]),
        ] as [(String, Value)])
    func reads(text: String, value: Value) throws { #expect(try FormCodec.decode(Array(text.utf8), charset: .utf8) == value) }

    @Test(
        "bad escapes, wrong charsets and too many fields are refused",
        arguments: [("a=%", 2), ("a=%4", 2), ("a=%zz", 2), ("a=1&b=%FF", 6), ("%C0=1", 0)])
    func refused(text: String, offset: Int) {
        #expect(codecFault { () throws(CodecFault) in try FormCodec.decode(Array(text.utf8), charset: .utf8) }?.offset == offset)
    }

    @Test("bytes and fields are bounded, and a character that the charset lacks is refused")
    func limits() throws {
        #expect(
            codecFault { () throws(CodecFault) in try FormCodec.decode(Array("a=1&b=2".utf8), charset: .utf8, limits: .init(nodes: 1)) }
                != nil)
        #expect(
            codecFault { () throws(CodecFault) in try FormCodec.decode(Array("a=1&b=2".utf8), charset: .utf8, limits: .init(bytes: 6)) }
                != nil)
        let latin = try #require(Charset(named: "latin1"))
        #expect(codecFault { () throws(CodecFault) in try FormCodec.encode([("a", "中")], charset: latin) } != nil)
    }

    @Test("a text stays one query value and one path segment")
    func percent() throws {
        let text = "a b/c?d&e=f+g%中~;#"
        #expect(FormCodec.percentEncodeQuery(text) == "a%20b%2Fc%3Fd%26e%3Df%2Bg%25%E4%B8%AD~%3B%23")
        #expect(FormCodec.percentEncodePathSegment(text) == "a%20b%2Fc%3Fd&e=f+g%25%E4%B8%AD~;%23")
        #expect(FormCodec.percentEncodePathSegment("..") == "%2E.")
        #expect(FormCodec.percentEncodePathSegment(".") == "%2E")
        #expect(try FormCodec.percentDecode(FormCodec.percentEncodeQuery(text)) == Array(text.utf8))
        #expect(try FormCodec.percentDecode("a+b%2f") == Array("a+b/".utf8))
        #expect(codecFault { () throws(CodecFault) in try FormCodec.percentDecode("a%2") }?.offset == 1)
    }
}

@Suite("Base64 and hexadecimal")
struct BinaryTextTests {
    @Test(
        "RFC 4648 §10",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func vectors(plain: String, encoded: String) throws {
        #expect(Base64Codec.encode(Array(plain.utf8)) == encoded)
        #expect(try Base64Codec.decode(encoded) == Array(plain.utf8))
    }

    @Test("all bytes survive, and white space between digits does no harm")
    func roundTrip() throws {
        for length in 0..<300 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 7 + length) }
            let text = Base64Codec.encode(bytes)
            #expect(try Base64Codec.decode(text) == bytes)
            #expect(try Base64Codec.decode(" \r\n" + text.map { "\($0)\n" }.joined() + "\t") == bytes)
            #expect(try Hex.decode(Hex.encode(bytes)) == bytes)
            #expect(try Hex.decode(Hex.encode(bytes, uppercase: true)) == bytes)
        }
    }

    @Test(
        "what is not Base64 is refused",
        arguments: ["Z", "Zg", "Zg=", "Zg===", "=", "Z===", "Zg==Zg==", "Zm9v=", "Zm9v====", "Zh==", "Zm9=", "Zm-v", "Zm9v!", "Zm=v", "中"])
    func refused(text: String) {
        #expect(codecFault { () throws(CodecFault) in try Base64Codec.decode(text) }?.offset != nil)
    }

    @Test("what is not hexadecimal is refused", arguments: [("0", 1), ("0g", 1), ("g0", 0), ("00 0", 2), ("001", 3)])
    func notHexadecimal(text: String, offset: Int) {
        #expect(codecFault { () throws(CodecFault) in try Hex.decode(text) }?.offset == offset)
    }
}
