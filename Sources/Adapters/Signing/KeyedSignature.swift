internal import CLibCrypto

/// A signature with a private key, by what it has in configuration.
public enum SignatureAlgorithm: Sendable, Hashable {
    /// SM2 with SM3 (GB/T 32918.2), over the identity and the public key too.
    case sm2(identity: String)
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2).
    case rsa(DigestAlgorithm)
    /// RSASSA-PSS (RFC 8017 §8.1), its salt as long as the digest.
    case pss(DigestAlgorithm)

    /// The identity that everybody uses who agreed on none (GM/T 0009).
    public static let defaultIdentity = "1234567812345678"

    /// What a configuration may write.
    static let words = ["sm2", "rsa-sha256", "rsa-sha512", "rsa-sha1", "rsa-md5", "rsa-pss-sha256", "rsa-pss-sha512"]

    /// The algorithm of a word; nil for any other.
    init?(_ word: String, identity: String = defaultIdentity) {
        guard SignatureAlgorithm.words.contains(word) else { return nil }
        if word == "sm2" {
            self = .sm2(identity: identity)
        } else if let digest = DigestAlgorithm(rawValue: String(word.split(separator: "-").last ?? "")) {
            self = word.hasPrefix("rsa-pss-") ? .pss(digest) : .rsa(digest)
        } else {
            return nil
        }
    }

    fileprivate var digest: DigestAlgorithm {
        switch self {
        case .sm2: .sm3
        case .rsa(let digest), .pss(let digest): digest
        }
    }

    /// What to call it in a message.
    var title: String { if case .sm2 = self { "sm2" } else { "rsa" } }

    fileprivate var keyType: String { if case .sm2 = self { "SM2" } else { "RSA" } }
    fileprivate var isPSS: Bool { if case .pss = self { true } else { false } }
    fileprivate var identity: [UInt8]? { if case .sm2(let identity) = self { Array(identity.utf8) } else { nil } }
}

/// Signatures with private keys. A key is a text: PEM, the Base64 of its DER, or for SM2 the hexadecimal number (a public one as `04`, x
/// and y, or without the `04`).
public enum KeyedSignature {
    /// The signature of bytes; nil when the text is no private key of the algorithm's kind. SM2's is `raw` r and s of 32 bytes each, or DER.
    public static func sign(_ algorithm: SignatureAlgorithm, key text: String, raw: Bool = false, _ bytes: [UInt8]) -> [UInt8]? {
        guard let key = Key.of(text, algorithm, isPrivate: true) else { return nil }
        let identity = algorithm.identity
        let signature = [UInt8](unsafeUninitializedCapacity: 2048) { out, count in
            count = clibcrypto_sign(
                CryptoLibrary.context, key.pointer, algorithm.digest.libraryName, identity, Int32(identity?.count ?? 0),
                algorithm.isPSS ? 1 : 0, bytes, bytes.count, out.baseAddress, out.count)
        }
        guard !signature.isEmpty else { return nil }
        guard raw, identity != nil else { return signature }
        var numbers = [UInt8](repeating: 0, count: 64)
        return clibcrypto_raw_signature(signature, signature.count, &numbers) == 1 ? numbers : nil
    }

    /// Whether a signature of bytes is right. The key is a public key, a certificate, or the private key.
    public static func verify(
        _ algorithm: SignatureAlgorithm, key text: String, raw: Bool = false, _ bytes: [UInt8], signature: [UInt8]
    ) -> Bool {
        guard let key = Key.of(text, algorithm, isPrivate: false) else { return false }
        let identity = algorithm.identity
        var signature = signature
        if raw, identity != nil {
            guard signature.count == 64 else { return false }
            signature = [UInt8](unsafeUninitializedCapacity: 160) { out, count in
                count = clibcrypto_der_signature(signature, 32, out.baseAddress)
            }
        }
        guard !signature.isEmpty else { return false }
        return clibcrypto_verify(
            CryptoLibrary.context, key.pointer, algorithm.digest.libraryName, identity, Int32(identity?.count ?? 0),
            algorithm.isPSS ? 1 : 0,
            bytes, bytes.count, signature, signature.count) == 1
    }

    /// Whether a text is a key of the algorithm's kind.
    public static func isKey(_ text: String, for algorithm: SignatureAlgorithm, isPrivate: Bool) -> Bool {
        Key(text, algorithm, isPrivate: isPrivate) != nil
    }
}

/// A key of libcrypto's, freed with the object. Confined to one thread.
private final class Key {
    let pointer: OpaquePointer

    /// The key of a text, which this thread may have read before: reading PEM takes as long as a verification.
    static func of(_ text: String, _ algorithm: SignatureAlgorithm, isPrivate: Bool) -> Key? {
        if let known = Ring.local.withObject({ $0.key(text, algorithm, isPrivate) }) { return known }
        guard let key = Key(text, algorithm, isPrivate: isPrivate) else { return nil }
        Ring.local.withObject { $0.keep(key, text, algorithm, isPrivate) }
        return key
    }

    /// The keys that this thread used last.
    private final class Ring {
        private struct Entry {
            let text: String
            let type: String
            let isPrivate: Bool
            let key: Key
        }

        static let local = ThreadLocal { Ring() }

        private var entries = Recent<Entry>(most: CryptoContexts.mostKeys)

        func key(_ text: String, _ algorithm: SignatureAlgorithm, _ isPrivate: Bool) -> Key? {
            entries.all.first { $0.isPrivate == isPrivate && $0.type == algorithm.keyType && $0.text == text }?.key
        }

        func keep(_ key: Key, _ text: String, _ algorithm: SignatureAlgorithm, _ isPrivate: Bool) {
            entries.keep(Entry(text: text, type: algorithm.keyType, isPrivate: isPrivate, key: key))
        }
    }

    init?(_ text: String, _ algorithm: SignatureAlgorithm, isPrivate: Bool) {
        guard let pointer = Key.parse(text, algorithm, isPrivate: isPrivate) else { return nil }
        guard EVP_PKEY_is_a(pointer, algorithm.keyType) == 1 else {
            EVP_PKEY_free(pointer)
            return nil
        }
        self.pointer = pointer
    }

    deinit { EVP_PKEY_free(pointer) }

    private static func parse(_ text: String, _ algorithm: SignatureAlgorithm, isPrivate: Bool) -> OpaquePointer? {
        let only: Int32 = isPrivate ? 1 : 0
        if text.contains("-----BEGIN ") {
            let pem = Array(text.utf8)
            return clibcrypto_pem_key(CryptoLibrary.context, pem, Int32(pem.count), only)
        }
        let plain = String(text.filter { !$0.isWhitespace })
        if case .sm2 = algorithm, let number = try? Hex.decode(plain) {
            switch number.count {
            case 32 where isPrivate: return clibcrypto_sm2_key(CryptoLibrary.context, number, 32)
            case 33 where !isPrivate, 65 where !isPrivate: return clibcrypto_sm2_key(CryptoLibrary.context, number, number.count)
            case 64 where !isPrivate: return clibcrypto_sm2_key(CryptoLibrary.context, [4] + number, 65)
            default: break
            }
        }
        guard let der = (try? Hex.decode(plain)) ?? (try? Base64Codec.decode(plain)), !der.isEmpty else { return nil }
        return clibcrypto_der_key(CryptoLibrary.context, der, der.count, only)
    }
}
