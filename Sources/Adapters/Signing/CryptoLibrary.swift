internal import CLibCrypto

/// The gateway's own context of libcrypto, one for the life of the process: no `openssl.cnf` on the machine changes what it offers, so
/// that an algorithm cannot be taken away after the configuration was checked.
///
/// `@unchecked Sendable`: OpenSSL documents library contexts as safe to use from several threads (openssl-threads(7)), and nothing
/// ever frees this one.
struct CryptoLibrary: @unchecked Sendable {
    private static let shared = CryptoLibrary()

    private let pointer = OSSL_LIB_CTX_new()

    private init() {}

    /// The context.
    static var context: OpaquePointer? { shared.pointer }
}
