internal import CLibCrypto

/// A digest algorithm, by the name it has in configuration.
public enum DigestAlgorithm: String, Sendable, CaseIterable {
    /// MD5 (RFC 1321), 16 bytes. Broken as a digest; departments ask for it all the same.
    case md5
    /// SHA-1 (FIPS 180-4), 20 bytes. Broken as a digest.
    case sha1
    /// SHA-256 (FIPS 180-4), 32 bytes.
    case sha256
    /// SHA-512 (FIPS 180-4), 64 bytes.
    case sha512
    /// SM3 (GB/T 32905-2016), 32 bytes.
    case sm3

    /// How many bytes the digest has.
    public var byteCount: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha256, .sm3: 32
        case .sha512: 64
        }
    }

    /// Whether this build of libcrypto has the algorithm (`no-md5`, `no-sm3` builds exist). Configuration that names an algorithm
    /// must be refused at load when it is false.
    public var isAvailable: Bool { Library.method(self) != nil }

    /// Its place among the algorithms.
    var ordinal: Int {
        switch self {
        case .md5: 0
        case .sha1: 1
        case .sha256: 2
        case .sha512: 3
        case .sm3: 4
        }
    }

    /// The name that libcrypto knows it by.
    var libraryName: String {
        switch self {
        case .md5: "MD5"
        case .sha1: "SHA1"
        case .sha256: "SHA256"
        case .sha512: "SHA512"
        case .sm3: "SM3"
        }
    }
}

/// Digests of bytes in memory.
public enum Digest {
    /// libcrypto's own, for a digest that takes its bytes piece by piece.
    static func method(_ algorithm: DigestAlgorithm) -> OpaquePointer? { Library.method(algorithm) }

    /// libcrypto's HMAC.
    static var hmac: OpaquePointer? { Library.shared.hmac }

    /// The digest; empty only when the algorithm is not available, which `isAvailable` tells at load.
    public static func compute(_ algorithm: DigestAlgorithm, _ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { out, count in
            count = compute(algorithm, bytes, into: out.baseAddress)
        }
    }

    /// The digest; empty only when the algorithm is not available, which `isAvailable` tells at load.
    public static func compute(_ algorithm: DigestAlgorithm, _ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { compute(algorithm, $0) }
    }

    /// SHA-256 as four big-endian words, for looking up a credential by its digest without an array.
    ///
    /// Check `DigestAlgorithm.sha256.isAvailable` at load; it holds for every libcrypto, which cannot be built without SHA-256.
    public static func sha256Words(_ bytes: UnsafeRawBufferPointer) -> (UInt64, UInt64, UInt64, UInt64) {
        withUnsafeTemporaryAllocation(byteCount: Int(EVP_MAX_MD_SIZE), alignment: 8) { out in
            let length = compute(.sha256, bytes, into: out.baseAddress?.assumingMemoryBound(to: UInt8.self))
            // A made-up digest would let one credential pass for another. This fails for want of memory only, where Swift's own
            // allocation ends the process too; no input leads here.
            precondition(length == 32, "libcrypto cannot compute SHA-256")
            func word(_ index: Int) -> UInt64 { UInt64(bigEndian: out.load(fromByteOffset: index * 8, as: UInt64.self)) }
            return (word(0), word(1), word(2), word(3))
        }
    }

    /// Writes the digest, at most 64 bytes; returns its length, 0 on failure.
    private static func compute(_ algorithm: DigestAlgorithm, _ bytes: UnsafeRawBufferPointer, into out: UnsafeMutablePointer<UInt8>?)
        -> Int
    {
        guard let context = CryptoContexts.takeDigest(algorithm) else { return 0 }
        defer { CryptoContexts.giveBack(context, algorithm) }
        var length: UInt32 = 0
        guard bytes.isEmpty || EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1,
            EVP_DigestFinal_ex(context, out, &length) == 1
        else { return 0 }
        return Int(length)
    }
}

/// Message authentication codes.
public enum MAC {
    /// HMAC by the name that libcrypto has for a digest; empty when it has none of that name.
    static func hmac(digestName: String, key: UnsafeBufferPointer<UInt8>, _ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        CryptoContexts.withMAC(of: digestName, key: key) { context in
            [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { out, count in
                count = clibcrypto_hmac(context, bytes.baseAddress, bytes.count, out.baseAddress, out.count)
            }
        } ?? []
    }

    /// The same of bytes where they lie.
    static func hmac(_ algorithm: DigestAlgorithm, key: UnsafeBufferPointer<UInt8>, _ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        guard algorithm.isAvailable else { return [] }
        return hmac(digestName: algorithm.libraryName, key: key, bytes)
    }

    /// HMAC (RFC 2104, GB/T 15852.2); empty only when the algorithm is not available, which `isAvailable` tells at load.
    public static func hmac(_ algorithm: DigestAlgorithm, key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
        key.withUnsafeBufferPointer { key in bytes.withUnsafeBufferPointer { hmac(algorithm, key: key, $0) } }
    }
}

/// Comparison that takes the same time wherever the first difference is.
public enum ConstantTime {
    /// Whether two texts of bytes are the same. Only their lengths can be told from the time it takes.
    public static func equal(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        a.count == b.count && CRYPTO_memcmp(a, b, a.count) == 0
    }

    /// The same of bytes where they lie.
    static func equal(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = a.baseAddress, let other = b.baseAddress, a.count == b.count else { return a.isEmpty && b.isEmpty }
        return CRYPTO_memcmp(first, other, a.count) == 0
    }

    /// The same of bytes and a text's.
    static func equal(_ a: UnsafeBufferPointer<UInt8>, _ b: String) -> Bool { UTF8Text.withBytes(of: b) { equal(a, $0) } }

    /// The same of bytes where they lie and a list's.
    static func equal(_ a: UnsafeBufferPointer<UInt8>, _ b: [UInt8]) -> Bool { b.withUnsafeBufferPointer { equal(a, $0) } }

    /// Whether two texts have the same bytes.
    static func equal(_ a: String, _ b: String) -> Bool { UTF8Text.withBytes(of: a) { equal($0, b) } }
}

/// What is fetched from libcrypto once for the life of the process.
///
/// `@unchecked Sendable`: EVP_MD and EVP_MAC are never changed after they are fetched; OpenSSL documents fetched algorithm objects
/// as safe to use from several threads (openssl-threads(7)), and nothing here ever frees them.
private struct Library: @unchecked Sendable {
    static let shared = Library()

    private let md5, sha1, sha256, sha512, sm3: OpaquePointer?
    let hmac: OpaquePointer?

    private init() {
        let context = CryptoLibrary.context
        func fetch(_ algorithm: DigestAlgorithm) -> OpaquePointer? { EVP_MD_fetch(context, algorithm.libraryName, nil) }
        md5 = fetch(.md5)
        sha1 = fetch(.sha1)
        sha256 = fetch(.sha256)
        sha512 = fetch(.sha512)
        sm3 = fetch(.sm3)
        hmac = EVP_MAC_fetch(context, "HMAC", nil)
    }

    static func method(_ algorithm: DigestAlgorithm) -> OpaquePointer? {
        switch algorithm {
        case .md5: shared.md5
        case .sha1: shared.sha1
        case .sha256: shared.sha256
        case .sha512: shared.sha512
        case .sm3: shared.sm3
        }
    }
}
