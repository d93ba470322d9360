internal import CLibCrypto

/// One thread's contexts of libcrypto's, kept from one use to the next: to make one, to choose an algorithm by its name, or to take in a
/// key costs libcrypto about as much as to digest what a request has.
final class CryptoContexts {
    /// How many keys are kept ready: those of the callers and departments that are busy.
    static let mostKeys = 64

    private struct MACContext {
        let digest: String
        let key: [UInt8]
        let pointer: OpaquePointer
    }

    private static let local = ThreadLocal { CryptoContexts() }

    /// A context for each algorithm, by its ordinal: hashing a name would take longer than finding it.
    private var digests = [OpaquePointer?](repeating: nil, count: DigestAlgorithm.allCases.count)
    private var macs = Recent<MACContext>(most: CryptoContexts.mostKeys)

    private init() {}

    deinit {
        for pointer in digests { EVP_MD_CTX_free(pointer) }
        for mac in macs.all { EVP_MAC_CTX_free(mac.pointer) }
    }

    /// Takes a context that begins a digest: give it back, or free it. Nil when the algorithm is not available, or for want of memory.
    static func takeDigest(_ algorithm: DigestAlgorithm) -> OpaquePointer? {
        guard let method = Digest.method(algorithm) else { return nil }
        let kept = local.withObject { $0.exchange(nil, algorithm) }
        guard let context = kept ?? EVP_MD_CTX_new() else { return nil }
        guard EVP_DigestInit_ex2(context, method, nil) == 1 else {
            EVP_MD_CTX_free(context)
            return nil
        }
        return context
    }

    /// Keeps a context for this thread's next digest.
    static func giveBack(_ context: OpaquePointer, _ algorithm: DigestAlgorithm) {
        EVP_MD_CTX_free(local.withObject { $0.exchange(context, algorithm) })
    }

    private func exchange(_ context: OpaquePointer?, _ algorithm: DigestAlgorithm) -> OpaquePointer? {
        let old = digests[algorithm.ordinal]
        digests[algorithm.ordinal] = context
        return old
    }

    /// Calls `body` with a context of HMAC that has a key, ready for a message; nil when libcrypto has no such digest, or no memory.
    static func withMAC(of digest: String, key: UnsafeBufferPointer<UInt8>, _ body: (OpaquePointer) -> [UInt8]) -> [UInt8]? {
        local.withObject { contexts in contexts.mac(digest, key).map(body) }
    }

    private func mac(_ digest: String, _ bytes: UnsafeBufferPointer<UInt8>) -> OpaquePointer? {
        for mac in macs.all where ConstantTime.equal(bytes, mac.key) && mac.digest == digest {
            return clibcrypto_hmac_again(mac.pointer, mac.key, mac.key.count) == 1 ? mac.pointer : nil
        }
        let key = Array(bytes)
        guard let method = Digest.hmac, let pointer = clibcrypto_hmac_context(method, digest, key, key.count) else { return nil }
        if let gone = macs.keep(MACContext(digest: digest, key: key, pointer: pointer)) { EVP_MAC_CTX_free(gone.pointer) }
        return pointer
    }
}
