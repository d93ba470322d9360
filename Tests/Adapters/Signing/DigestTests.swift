@testable import Adapters
import Foundation
import Testing

@Suite("Digests and MACs")
struct DigestTests {
    @Test(
        "the digests of \"abc\"",
        arguments: [
            (.md5, "900150983cd24fb0d6963f7d28e17f72"), (.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                .sha512,
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                    + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
            ), (.sm3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        ] as [(DigestAlgorithm, String)])
    func abc(algorithm: DigestAlgorithm, hex: String) {
        #expect(algorithm.isAvailable)
        let digest = Digest.compute(algorithm, Array("abc".utf8))
        #expect(SigningVectors.hex(digest) == hex)
        #expect(digest.count == algorithm.byteCount)
    }

    @Test("the empty text has a digest")
    func empty() {
        #expect(SigningVectors.hex(Digest.compute(.md5, [])) == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(Digest.compute(.sha256, UnsafeRawBufferPointer(start: nil, count: 0)) == Digest.compute(.sha256, []))
    }

    @Test("the four words are the big-endian SHA-256")
    func words() {
        let words = Array("abc".utf8).withUnsafeBytes { Digest.sha256Words($0) }
        #expect(words.0 == 0xba78_16bf_8f01_cfea)
        #expect(words.1 == 0x4141_40de_5dae_2223)
        #expect(words.2 == 0xb003_61a3_9617_7a9c)
        #expect(words.3 == 0xb410_ff61_f200_15ad)
    }

    @Test("HMAC of the published examples, an empty key and a key longer than a block")
    func hmac() {
        func hmac(_ algorithm: DigestAlgorithm, _ key: [UInt8], _ text: String) -> String {
            SigningVectors.hex(MAC.hmac(algorithm, key: key, Array(text.utf8)))
        }
        let key = Array("key".utf8)
        #expect(hmac(.sm3, key, "abc") == "28e63256e7c5a087b1f073265dc53092163f7b82729735d06f28f10af9d52393")
        // RFC 2202 §2 and §3 case 2, RFC 4231 §4.3 and §4.7.
        #expect(hmac(.md5, Array("Jefe".utf8), "what do ya want for nothing?") == "750c783e6ab0b503eaa86e310a5db738")
        #expect(hmac(.sha1, Array("Jefe".utf8), "what do ya want for nothing?") == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79")
        #expect(
            hmac(.sha256, Array("Jefe".utf8), "what do ya want for nothing?")
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            hmac(.sha256, [UInt8](repeating: 0xAA, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First")
                == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
        #expect(hmac(.sha256, [], "") == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test("more keys than are kept ready, again and again, in any order")
    func keys() {
        // Against the definition (RFC 2104 §2), not against what another key or call gave.
        func definition(_ algorithm: DigestAlgorithm, _ key: [UInt8], _ text: [UInt8]) -> [UInt8] {
            let padded = key + [UInt8](repeating: 0, count: 64 - key.count)
            return Digest.compute(algorithm, padded.map { $0 ^ 0x5C } + Digest.compute(algorithm, padded.map { $0 ^ 0x36 } + text))
        }
        var generator = SplitMix64(state: 20_261_130)
        for _ in 0..<2_000 {
            let algorithm: DigestAlgorithm = Bool.random(using: &generator) ? .sha256 : .sm3
            let key = Array("key \(Int.random(in: 0..<150, using: &generator))".utf8)
            let text = [UInt8](repeating: 0x61, count: Int.random(in: 0..<130, using: &generator))
            #expect(MAC.hmac(algorithm, key: key, text) == definition(algorithm, key, text))
        }
    }

    @Test("digests that take their bytes in turns do not mix")
    func turns() throws {
        let texts = ["one", "another", "and a third"].map { Array($0.utf8) }
        let expected = texts.map { ContentDigest(algorithm: .md5, output: .hex, expected: SigningVectors.hex(Digest.compute(.md5, $0))) }
        let running = try expected.map { try #require($0.running()) }
        for at in 0..<11 {
            for (text, digest) in zip(texts, running) where at < text.count { text[at...at].withUnsafeBytes { digest.append($0) } }
            #expect(Digest.compute(.md5, []).count == 16)
        }
        for (expected, running) in zip(expected, running) { #expect(expected.matches(running)) }
    }

    @Test("comparison finds a difference in every position and in the length")
    func constantTime() {
        let bytes = [UInt8](0..<32)
        #expect(ConstantTime.equal(bytes, bytes))
        #expect(ConstantTime.equal([], []))
        #expect(!ConstantTime.equal(bytes, Array(bytes.dropLast())))
        for index in bytes.indices {
            var other = bytes
            other[index] ^= 0x80
            #expect(!ConstantTime.equal(bytes, other))
        }
    }

    @Test("many threads at once compute the same")
    func threads() async {
        let expected = Digest.compute(.sm3, Array("abc".utf8))
        let results = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<500).allSatisfy { _ in Digest.compute(.sm3, Array("abc".utf8)) == expected } }
            }
            return await group.reduce(into: true) { $0 = $0 && $1 }
        }
        #expect(results)
    }

    @Test("SM3 of OpenSSL's vectors", .enabled(if: SigningVectors.isThere, "the shared suites are absent"))
    func sm3Suite() throws {
        var count = 0
        for record in try SigningVectors.records("evpmd_sm3.txt") where record["Digest"] == "SM3" {
            let input = try #require(SigningVectors.bytes(record["Input"] ?? "missing"))
            #expect(SigningVectors.hex(Digest.compute(.sm3, input)) == record["Output"]?.lowercased())
            count += 1
        }
        #expect(count >= 3)
    }

    @Test("HMAC-SM3 of OpenSSL's vectors", .enabled(if: SigningVectors.isThere, "the shared suites are absent"))
    func hmacSuite() throws {
        var count = 0
        for record in try SigningVectors.records("evpmac_sm3.txt") where record["MAC"] == "HMAC" {
            let key = try #require(SigningVectors.bytes(record["Key"] ?? "missing"))
            let input = try #require(SigningVectors.bytes(record["Input"] ?? "missing"))
            #expect(SigningVectors.hex(MAC.hmac(.sm3, key: key, input)) == record["Output"]?.lowercased())
            count += 1
        }
        #expect(count >= 4)
    }

    private struct Wycheproof: Decodable {
        struct Group: Decodable {
            let tagSize: Int
            let tests: [Case]
        }
        struct Case: Decodable {
            let tcId: Int
            let key: String
            let msg: String
            let tag: String
            let result: String
        }
        let numberOfTests: Int
        let testGroups: [Group]
    }

    @Test(
        "HMAC-SM3 of Wycheproof: valid tags match, changed ones do not",
        .enabled(if: SigningVectors.isThere, "the shared suites are absent"))
    func wycheproof() throws {
        let suite = try JSONDecoder().decode(Wycheproof.self, from: Data(try SigningVectors.contents("hmac_sm3_test.json")))
        var count = 0
        for group in suite.testGroups {
            for test in group.tests {
                let key = try #require(SigningVectors.bytes(test.key))
                let message = try #require(SigningVectors.bytes(test.msg))
                let tag = try #require(SigningVectors.bytes(test.tag))
                let computed = Array(MAC.hmac(.sm3, key: key, message).prefix(group.tagSize / 8))
                #expect(ConstantTime.equal(computed, tag) == (test.result == "valid"), "tcId \(test.tcId)")
                count += 1
            }
        }
        #expect(count == suite.numberOfTests && count == 174)
    }
}

/// The vectors under `suites/gm` of the shared folder, and the small conversions they need.
enum SigningVectors {
    private static var folder: String {
        let shared =
            ProcessInfo.processInfo.environment["TONGBAN_SHARED"]
            ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../../shared").standardized.path
        return shared + "/suites/gm/"
    }

    static var isThere: Bool { FileManager.default.fileExists(atPath: folder) }

    static func contents(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: folder + name))) }

    /// The records of one of OpenSSL's `evp*.txt` files: `Key = value` lines, an empty line between two records.
    static func records(_ name: String) throws -> [[String: String]] {
        var records: [[String: String]] = [[:]]
        for line in String(decoding: try contents(name), as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false) {
            if line.allSatisfy(\.isWhitespace) { records.append([:]) }
            guard !line.hasPrefix("#"), let sign = line.firstIndex(of: "=") else { continue }
            let key = line[..<sign].trimmingCharacters(in: .whitespaces)
            records[records.count - 1][key] = line[line.index(after: sign)...].trimmingCharacters(in: .whitespaces)
        }
        return records
    }

    /// Quoted text, or hexadecimal digits.
    static func bytes(_ text: String) -> [UInt8]? {
        if text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") { return Array(text.dropFirst().dropLast().utf8) }
        guard text.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        var rest = text[...]
        while !rest.isEmpty {
            guard let byte = UInt8(rest.prefix(2), radix: 16) else { return nil }
            bytes.append(byte)
            rest = rest.dropFirst(2)
        }
        return bytes
    }

    static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
