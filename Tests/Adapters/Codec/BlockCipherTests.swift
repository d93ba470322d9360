import Testing

@testable import Adapters

@Suite("Documents in ciphertext and compressed")
struct BlockCipherTests {
    static let key = "0123456789abcdeffedcba9876543210"

    @Test("SM4 gives the vector of GB/T 32907, AES those of FIPS 197 and SP 800-38A; padding follows")
    func vectors() throws {
        let sm4 = try BlockCipher(.sm4, .ecb).encrypt(Hex.decode(Self.key), key: Hex.decode(Self.key))
        #expect(Hex.encode(Array(sm4.prefix(16))) == "681edf34d206965e86b3e94f536e4246" && sm4.count == 32)
        let block = try Hex.decode("00112233445566778899aabbccddeeff")
        let expected = [
            (16, "69c4e0d86a7b0430d8cdb78070b4c55a"), (24, "dda97ca4864cdfe06eaf70a0ec0d7191"), (32, "8ea2b7ca516745bfeafc49904b496089"),
        ]
        for (length, text) in expected {
            let out = try BlockCipher(.aes, .ecb).encrypt(block, key: (0..<length).map { UInt8($0) })
            #expect(Hex.encode(Array(out.prefix(16))) == text)
        }
        let cbc = try BlockCipher(.aes, .cbc).encrypt(
            Hex.decode("6bc1bee22e409f96e93d7e117393172a"), key: Hex.decode("2b7e151628aed2a6abf7158809cf4f3c"),
            iv: Hex.decode("000102030405060708090a0b0c0d0e0f"))
        #expect(Hex.encode(Array(cbc.prefix(16))) == "7649abac8119b246cee98e9b12e9197d")
    }

    @Test("every length comes back in both modes")
    func lengths() throws {
        let iv = [UInt8](repeating: 7, count: 16)
        for cipher in [BlockCipher(.sm4, .ecb), BlockCipher(.sm4, .cbc), BlockCipher(.aes, .ecb), BlockCipher(.aes, .cbc)] {
            for length in 0..<40 {
                let bytes = (0..<length).map { UInt8($0) }
                let out = try cipher.encrypt(bytes, key: Hex.decode(Self.key), iv: iv)
                #expect(out.count == (length / 16 + 1) * 16)
                #expect(try cipher.decrypt(out, key: Hex.decode(Self.key), iv: iv) == bytes)
            }
        }
    }

    @Test("a wrong key, a cut, an empty ciphertext, and keys and vectors of a wrong length are faults")
    func faults() throws {
        let cipher = BlockCipher(.sm4, .cbc)
        let key = try Hex.decode(Self.key)
        let iv = [UInt8](repeating: 7, count: 16)
        let out = try cipher.encrypt(Array("abc".utf8), key: key, iv: iv)
        #expect(throws: CodecFault.self) { try cipher.decrypt(out, key: Array(key.reversed()), iv: iv) }
        #expect(throws: CodecFault.self) { try cipher.decrypt(Array(out.dropLast()), key: key, iv: iv) }
        #expect(throws: CodecFault.self) { try cipher.decrypt([], key: key, iv: iv) }
        #expect(throws: CodecFault.self) { try cipher.encrypt([1], key: [1], iv: iv) }
        #expect(throws: CodecFault.self) { try cipher.encrypt([1], key: key, iv: [1]) }
    }

    @Test("gzip and zlib come back, and what another program wrote is read")
    func compression() throws {
        for length in [0, 1, 100, 65_536, 200_000] {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
            for format in Compression.Format.allCases {
                #expect(try Compression.expand(Compression.compress(bytes, format)) == bytes, "\(length)")
            }
        }
        // printf 张三 | gzip -n
        let other = try Hex.decode("1f8b08000000000000037bba67c1931d9d00cab0847906000000")
        #expect(try String(decoding: Compression.expand(other), as: UTF8.self) == "张三")
    }

    @Test("what is damaged, cut off, longer than allowed or followed by something is a fault")
    func damaged() throws {
        let whole = try Compression.compress(Array(repeating: 65, count: 100_000), .gzip)
        var damaged = whole
        damaged[whole.count - 6] ^= 1
        for bytes in [[], [1, 2, 3], Array(whole.dropLast()), damaged, whole + [0], Array(whole.prefix(5))] {
            #expect(throws: CodecFault.self) { try Compression.expand(bytes) }
        }
        let fault = #expect(throws: CodecFault.self) { try Compression.expand(whole, limit: 1000) }
        #expect(fault?.reason == "it expands to more than 1000 bytes")
    }

    @Test("Base64 in lines and for URLs is read whatever its lines and padding are")
    func base64() throws {
        let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let lines = Base64Codec.encode(bytes, lines: 76, end: "\r\n")
        #expect(lines.split(separator: "\r\n").map(\.count) == [76, 60])
        #expect(try Base64Codec.decode(lines) == bytes)
        #expect(Base64Codec.encode([], lines: 76, end: "\n") == "")
        for count in 0..<5 {
            let part = Array(bytes.prefix(count)) + [0xFB, 0xFF]
            let url = Base64Codec.encodeForURL(part)
            #expect(!url.contains { "+/=".contains($0) })
            #expect(try Base64Codec.decodeFromURL(url) == part)
            #expect(try Base64Codec.decodeFromURL(Base64Codec.encode(part)) == part)
        }
    }
}
