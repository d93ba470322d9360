import CLibCrypto
import Foundation
import Testing

@testable import Adapters

/// What `suites/gm` has beside digests and MACs (`DigestTests`): SM4 in all modes, SM2's signatures and ciphertexts, keys that do not
/// belong together. Some of it the gateway has no use for; then libcrypto itself is asked, so that what OpenSSL 3.0 has is known.
@Suite("SM2 and SM4 of OpenSSL's vectors", .enabled(if: SigningVectors.isThere, "the shared suites are absent"))
struct GMSuiteTests {
    private func field(_ record: [String: String], _ name: String) throws -> [UInt8] {
        try #require(SigningVectors.bytes(record[name] ?? "missing"), "\(record)")
    }

    // MARK: SM4

    @Test("SM4: every vector of every mode that OpenSSL 3.0 has; ECB and CBC also by the gateway's own ciphers")
    func sm4() throws {
        var modes: Set<String> = []
        for record in try SigningVectors.records("evpciph_sm4.txt") {
            guard let name = record["Cipher"] else { continue }
            let (key, plain, cipher) = (try field(record, "Key"), try field(record, "Plaintext"), try field(record, "Ciphertext"))
            let iv = record["IV"] == nil ? [] : try field(record, "IV")
            #expect(try run(name, key: key, iv: iv, plain) == cipher, "\(name)")
            if let mode = ["SM4-ECB": BlockCipher.Mode.ecb, "SM4-CBC": .cbc][name] {
                let own = try BlockCipher(.sm4, mode).encrypt(plain, key: key, iv: iv)
                // A block of padding follows.
                #expect(Array(own.dropLast(16)) == cipher, "\(name)")
                #expect(try BlockCipher(.sm4, mode).decrypt(own, key: key, iv: iv) == plain)
            }
            modes.insert(name)
        }
        #expect(modes == ["SM4-ECB", "SM4-CBC", "SM4-OFB", "SM4-CFB", "SM4-CTR"])
    }

    private func run(_ name: String, key: [UInt8], iv: [UInt8], _ bytes: [UInt8]) throws -> [UInt8] {
        let method = try #require(EVP_CIPHER_fetch(nil, name, nil), "\(name)")
        defer { EVP_CIPHER_free(method) }
        let context = try #require(EVP_CIPHER_CTX_new())
        defer { EVP_CIPHER_CTX_free(context) }
        try #require(EVP_EncryptInit_ex2(context, method, key, iv, nil) == 1)
        EVP_CIPHER_CTX_set_padding(context, 0)
        var out = [UInt8](repeating: 0, count: bytes.count + 32)
        var (first, last): (Int32, Int32) = (0, 0)
        try #require(EVP_EncryptUpdate(context, &out, &first, bytes, Int32(bytes.count)) == 1)
        var rest = [UInt8](repeating: 0, count: 32)
        try #require(EVP_EncryptFinal_ex(context, &rest, &last) == 1)
        return Array(out.prefix(Int(first))) + rest.prefix(Int(last))
    }

    // MARK: SM2

    /// A key of the files, by its name.
    private func key(_ name: String, in file: String) throws -> OpaquePointer {
        let text = String(decoding: try SigningVectors.contents(file), as: UTF8.self)
        let pattern = try Regex("(Private|Public)Key ?= ?\(name)\\n(-----BEGIN [\\s\\S]+?-----END [A-Z ]+-----)")
        let match = try #require(text.firstMatch(of: pattern), "\(name)")
        let pem = Array(try #require(match.output[2].substring).utf8)
        return try #require(clibcrypto_pem_key(nil, pem, Int32(pem.count), 0), "\(name)")
    }

    private func context(_ key: OpaquePointer, digest: String?) throws -> OpaquePointer? {
        let context = try #require(EVP_PKEY_CTX_new(key, nil))
        try #require(EVP_PKEY_verify_init(context) == 1)
        guard let digest else { return context }
        guard EVP_PKEY_CTX_set_signature_md(context, EVP_get_digestbyname(digest)) == 1 else {
            EVP_PKEY_CTX_free(context)
            return nil
        }
        return context
    }

    @Test(
        "SM2: every signature verifies, over the digest as it is; another digest than SM3 is refused; one that was changed does not verify")
    func signatures() throws {
        let key = try key("SM2_key1", in: "evppkey_sm2.txt")
        defer { EVP_PKEY_free(key) }
        var (verified, refused) = (0, 0)
        for record in try SigningVectors.records("evppkey_sm2.txt") where record["Verify"] == "SM2_key1" {
            let digest = record["Ctrl"]?.split(separator: ":").last.map(String.init)
            guard let context = try context(key, digest: digest) else {
                #expect(record["Result"] == "PKEY_CTRL_ERROR")
                refused += 1
                continue
            }
            defer { EVP_PKEY_CTX_free(context) }
            #expect(record["Result"] == nil)
            var (input, output) = (try field(record, "Input"), try field(record, "Output"))
            #expect(EVP_PKEY_verify(context, output, output.count, input, input.count) == 1)
            input[0] ^= 1
            #expect(EVP_PKEY_verify(context, output, output.count, input, input.count) != 1)
            input[0] ^= 1
            output[output.count - 1] ^= 1
            #expect(EVP_PKEY_verify(context, output, output.count, input, input.count) != 1)
            verified += 1
        }
        #expect(verified == 2 && refused == 1)
    }

    @Test("SM2: every ciphertext comes back as its text, and a changed one does not")
    func ciphertexts() throws {
        let key = try key("SM2_key1", in: "evppkey_sm2.txt")
        defer { EVP_PKEY_free(key) }
        func plain(_ bytes: [UInt8]) throws -> [UInt8]? {
            let context = try #require(EVP_PKEY_CTX_new(key, nil))
            defer { EVP_PKEY_CTX_free(context) }
            try #require(EVP_PKEY_decrypt_init(context) == 1)
            var out = [UInt8](repeating: 0, count: 1024)
            var length = out.count
            return EVP_PKEY_decrypt(context, &out, &length, bytes, bytes.count) == 1 ? Array(out.prefix(length)) : nil
        }
        var count = 0
        for record in try SigningVectors.records("evppkey_sm2.txt") where record["Decrypt"] == "SM2_key1" {
            var input = try field(record, "Input")
            #expect(try plain(input) == field(record, "Output"))
            input[input.count - 1] ^= 1
            #expect(try plain(input) == nil)
            count += 1
        }
        #expect(count == 4)
    }

    @Test("keys that do not belong together are told apart")
    func mismatches() throws {
        var count = 0
        for record in try SigningVectors.records("evppkey_mismatch.txt") {
            guard let pair = record["PrivPubKeyPair"] else { continue }
            let names = pair.split(separator: ":").map(String.init)
            let (first, second) = (try key(names[0], in: "evppkey_mismatch.txt"), try key(names[1], in: "evppkey_mismatch.txt"))
            defer {
                EVP_PKEY_free(first)
                EVP_PKEY_free(second)
            }
            // -1: of different types.
            #expect(EVP_PKEY_eq(first, second) == (record["Result"] == "KEYPAIR_TYPE_MISMATCH" ? -1 : 0), "\(pair)")
            count += 1
        }
        #expect(count >= 5)
    }
}
