internal import CLibCrypto

/// What the digest of a content must be that is still to come.
public struct ContentDigest: Sendable, Hashable {
    let algorithm: DigestAlgorithm
    let output: SigningOutput
    let expected: String

    /// A digest that takes the content piece by piece; nil for want of memory.
    public func running() -> RunningDigest? { RunningDigest(algorithm) }

    /// Whether the content that was taken is the one that was promised.
    public func matches(_ running: RunningDigest) -> Bool {
        let bytes = running.finish()
        return !bytes.isEmpty && ConstantTime.equal(expected, output.text(bytes))
    }
}

/// A digest that takes its bytes piece by piece. Confined to whoever made it.
public final class RunningDigest {
    private let algorithm: DigestAlgorithm
    private let context: OpaquePointer

    /// The digest of nothing yet; nil when the algorithm is not available, or for want of memory.
    public init?(_ algorithm: DigestAlgorithm) {
        guard let context = CryptoContexts.takeDigest(algorithm) else { return nil }
        self.algorithm = algorithm
        self.context = context
    }

    deinit { CryptoContexts.giveBack(context, algorithm) }

    /// Takes more bytes.
    public func append(_ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        // A failure of libcrypto's shows in `finish`, whose digest is then another.
        _ = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    /// The digest of all bytes; afterwards nothing may be taken any more. Empty when libcrypto gives none.
    func finish() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Int(EVP_MAX_MD_SIZE)) { out, count in
            var length: UInt32 = 0
            count = EVP_DigestFinal_ex(context, out.baseAddress, &length) == 1 ? Int(length) : 0
        }
    }
}
