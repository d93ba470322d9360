internal import CLibCrypto

/// Documents in ciphertext: SM4 (GB/T 32907) and AES (FIPS 197) in blocks of 16 bytes, padded by PKCS #7 (RFC 5652 §6.3).
public struct BlockCipher: Sendable, Hashable {
    /// The algorithm, by the name it has in configuration.
    public enum Algorithm: String, Sendable, CaseIterable {
        /// A key of 16 bytes.
        case sm4
        /// A key of 16, 24 or 32 bytes.
        case aes

        /// How long a key can be, in bytes.
        public var keyLengths: [Int] { self == .sm4 ? [16] : [16, 24, 32] }
    }

    /// How blocks are chained (NIST SP 800-38A).
    public enum Mode: String, Sendable, CaseIterable {
        /// Each for itself. Equal blocks give equal ciphertext; departments ask for it all the same.
        case ecb
        /// Each with the one before it, the first with an initialisation vector.
        case cbc
    }

    /// How many bytes a block and an initialisation vector have.
    public static let blockLength = 16

    /// The algorithm.
    public let algorithm: Algorithm
    /// The mode.
    public let mode: Mode

    /// Makes a cipher.
    public init(_ algorithm: Algorithm, _ mode: Mode) {
        self.algorithm = algorithm
        self.mode = mode
    }

    /// Whether this build of libcrypto has the algorithm (`no-sm4` builds exist).
    public var isAvailable: Bool { algorithm.keyLengths.allSatisfy { CipherLibrary.method(self, keyLength: $0) != nil } }

    /// The bytes as ciphertext; `iv` is not looked at in ECB.
    public func encrypt(_ bytes: [UInt8], key: [UInt8], iv: [UInt8] = []) throws(CodecFault) -> [UInt8] {
        try run(bytes, key: key, iv: iv, encrypting: 1)
    }

    /// The bytes of a ciphertext. Wrong padding, which is what a wrong key gives nearly always, is a fault.
    public func decrypt(_ bytes: [UInt8], key: [UInt8], iv: [UInt8] = []) throws(CodecFault) -> [UInt8] {
        guard !bytes.isEmpty, bytes.count.isMultiple(of: BlockCipher.blockLength) else {
            throw fault("the ciphertext is not a number of whole blocks")
        }
        return try run(bytes, key: key, iv: iv, encrypting: 0)
    }

    private func run(_ bytes: [UInt8], key: [UInt8], iv: [UInt8], encrypting: CInt) throws(CodecFault) -> [UInt8] {
        guard algorithm.keyLengths.contains(key.count) else {
            throw fault("a key of \(key.count) bytes, and not of \(algorithm.keyLengths.map(String.init).joined(separator: ", "))")
        }
        guard mode == .ecb || iv.count == BlockCipher.blockLength else { throw fault("an initialisation vector that has not 16 bytes") }
        guard let method = CipherLibrary.method(self, keyLength: key.count), let context = EVP_CIPHER_CTX_new() else {
            throw fault("libcrypto does not have it")
        }
        defer { EVP_CIPHER_CTX_free(context) }
        let capacity = bytes.count + BlockCipher.blockLength
        guard let length = CInt(exactly: bytes.count), CInt(exactly: capacity) != nil else {
            throw fault("more bytes than libcrypto takes")
        }
        var isDone = false
        let out = [UInt8](unsafeUninitializedCapacity: capacity) { out, count in
            var (written, last): (CInt, CInt) = (0, 0)
            guard EVP_CipherInit_ex2(context, method, key, mode == .cbc ? iv : nil, encrypting, nil) == 1,
                EVP_CipherUpdate(context, out.baseAddress, &written, bytes, length) == 1,
                EVP_CipherFinal_ex(context, out.baseAddress?.advanced(by: Int(written)), &last) == 1
            else { return }
            count = Int(written + last)
            isDone = true
        }
        guard isDone else { throw fault("the ciphertext does not fit the key, or is damaged") }
        return out
    }

    private func fault(_ reason: String) -> CodecFault { CodecFault(format: algorithm.rawValue.uppercased(), reason: reason) }
}

/// The ciphers, fetched once for the life of the process from the gateway's own context.
///
/// `@unchecked Sendable`: an EVP_CIPHER is never changed after it is fetched; OpenSSL documents fetched algorithm objects as safe to use
/// from several threads (openssl-threads(7)), and nothing here ever frees them.
private struct CipherLibrary: @unchecked Sendable {
    private static let shared = CipherLibrary()
    private let methods: [String: OpaquePointer]

    private init() {
        var methods: [String: OpaquePointer] = [:]
        for name in ["SM4-ECB", "SM4-CBC"] + [128, 192, 256].flatMap({ ["AES-\($0)-ECB", "AES-\($0)-CBC"] }) {
            methods[name] = EVP_CIPHER_fetch(CryptoLibrary.context, name, nil)
        }
        self.methods = methods
    }

    static func method(_ cipher: BlockCipher, keyLength: Int) -> OpaquePointer? {
        let mode = cipher.mode.rawValue.uppercased()
        return shared.methods[cipher.algorithm == .sm4 ? "SM4-" + mode : "AES-\(keyLength * 8)-\(mode)"]
    }
}
