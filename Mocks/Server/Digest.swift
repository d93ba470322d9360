internal import CLibCrypto

/// MD5 and SHA-256 through OpenSSL's EVP, in one piece or streamed.
final class Digest {
    private let context = EVP_MD_CTX_new()

    /// Starts a digest by OpenSSL's name for it, such as "MD5" or "SHA256".
    init(_ name: String) {
        EVP_DigestInit_ex(context, EVP_get_digestbyname(name), nil)
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Takes in more bytes.
    func update(_ bytes: UnsafeRawBufferPointer) {
        if !bytes.isEmpty { EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }
    }

    /// Ends the digest: lower-case hex.
    func finish() -> String {
        var out = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        EVP_DigestFinal_ex(context, &out, &count)
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: out.prefix(Int(count)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    /// HMAC-SHA256 of bytes.
    static func hmacSHA256(key: String, _ bytes: [UInt8]) -> [UInt8] {
        var out = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count = 0
        let key = Array(key.utf8)
        EVP_Q_mac(nil, "HMAC", nil, "SHA256", nil, key, key.count, bytes, bytes.count, &out, out.count, &count)
        return Array(out.prefix(count))
    }

    /// MD5 of bytes, lower-case hex.
    static func md5(_ bytes: [UInt8]) -> String {
        let digest = Digest("MD5")
        bytes.withUnsafeBytes { digest.update($0) }
        return digest.finish()
    }
}
