internal import CLibCrypto

/// One key that tokens are verified with, bound to one algorithm: what a token says of itself chooses nothing.
public struct TokenKey: Sendable {
    /// Why a JSON Web Key cannot be used.
    public struct Flaw: Error, Sendable, Hashable, CustomStringConvertible {
        /// The reason.
        public let description: String
    }

    /// Its id, where it has one.
    public let id: String?
    /// The one algorithm that it verifies.
    public let algorithm: TokenAlgorithm
    private let material: Material

    private enum Material: Sendable {
        case key(VerifyingKey)
        case secret([UInt8])
    }

    /// Reads a JSON Web Key. `usual` is the algorithm of keys that name none; `secrets` says whether a symmetric one may come from there.
    public init(_ jwk: Value, usual: TokenAlgorithm? = nil, secrets: Bool = false) throws(Flaw) {
        guard let type = jwk["kty"]?.string else { throw Flaw(description: "a key without 'kty'") }
        if let use = jwk["use"]?.string, use != "sig" { throw Flaw(description: "a key that is not for signatures") }
        if let operations = jwk["key_ops"]?.array, !operations.contains("verify") { throw Flaw(description: "a key that does not verify") }
        guard jwk["d"] == nil else { throw Flaw(description: "a private key: it must not be here") }
        id = jwk["kid"]?.string
        algorithm = try TokenKey.algorithm(jwk, type, usual)
        switch (type, algorithm.family) {
        case ("RSA", .rsa), ("RSA", .pss): material = .key(try TokenKey.rsa(jwk))
        case ("EC", .curve): material = .key(try TokenKey.curve(jwk, algorithm))
        case ("OKP", .edwards): material = .key(try TokenKey.edwards(jwk))
        case ("oct", .secret):
            guard secrets else { throw Flaw(description: "a symmetric key, which must not be published") }
            let bytes = try TokenKey.bytes(jwk, "k")
            guard bytes.count >= 32 else { throw Flaw(description: "a symmetric key of fewer than 256 bits") }
            material = .secret(bytes)
        // What a key server wrote stands in no log.
        default: throw Flaw(description: "a key of a type that does not go with \(algorithm.rawValue)")
        }
    }

    /// Whether a signature is that of bytes.
    func verifies(_ bytes: UnsafeRawBufferPointer, signature: [UInt8]) -> Bool {
        switch material {
        case .secret(let secret):
            let made = secret.withUnsafeBufferPointer { secret in
                bytes.withMemoryRebound(to: UInt8.self) { MAC.hmac(digestName: algorithm.digest ?? "", key: secret, $0) }
            }
            return !made.isEmpty && ConstantTime.equal(made, signature)
        case .key(let key): return key.verifies(algorithm, bytes, signature)
        }
    }

    // MARK: Reading

    private static func algorithm(_ jwk: Value, _ type: String, _ usual: TokenAlgorithm?) throws(Flaw) -> TokenAlgorithm {
        if let name = jwk["alg"]?.string {
            // RFC 7520's key of P-521 goes about under a name that no registry has.
            if let algorithm = TokenAlgorithm(rawValue: name == "ES521" ? "ES512" : name) { return algorithm }
            throw Flaw(description: "a key for an algorithm that is not known")
        }
        switch (type, jwk["crv"]?.string) {
        case ("EC", "P-256"): return .es256
        case ("EC", "P-384"): return .es384
        case ("EC", "P-521"): return .es512
        case ("OKP", _): return .edDSA
        default:
            guard let usual else { throw Flaw(description: "a key without 'alg'") }
            return usual
        }
    }

    private static func bytes(_ jwk: Value, _ name: String) throws(Flaw) -> [UInt8] {
        guard let text = jwk[name]?.string, text.utf8.count <= 4096, let bytes = try? Base64Codec.decodeFromURL(text), !bytes.isEmpty else {
            throw Flaw(description: "a key without a usable '\(name)'")
        }
        return bytes
    }

    private static func rsa(_ jwk: Value) throws(Flaw) -> VerifyingKey {
        let modulus = Array(try bytes(jwk, "n").drop { $0 == 0 })
        let exponent = Array(try bytes(jwk, "e").drop { $0 == 0 })
        let isLong = modulus.count > 256 || modulus.count == 256 && modulus[0] >= 0x80
        guard isLong, modulus.count <= 1024 else { throw Flaw(description: "an RSA key of fewer than 2048 bits, or more than 8192") }
        // A long exponent makes every verification as dear as a signature.
        guard (1...4).contains(exponent.count), exponent.last.map({ $0 & 1 == 1 }) == true, exponent != [1] else {
            throw Flaw(description: "an RSA key with an unusual exponent")
        }
        let pointer = clibcrypto_rsa_key(CryptoLibrary.context, modulus, Int32(modulus.count), exponent, Int32(exponent.count))
        guard let key = VerifyingKey(pointer) else { throw Flaw(description: "an RSA key that libcrypto does not take") }
        return key
    }

    private static func curve(_ jwk: Value, _ algorithm: TokenAlgorithm) throws(Flaw) -> VerifyingKey {
        let curves: [TokenAlgorithm: String] = [.es256: "P-256", .es384: "P-384", .es512: "P-521"]
        guard let curve = curves[algorithm], jwk["crv"]?.string == curve else {
            throw Flaw(description: "a key on a curve that does not go with \(algorithm.rawValue)")
        }
        let (x, y) = (try bytes(jwk, "x"), try bytes(jwk, "y"))
        guard x.count == algorithm.coordinateLength, y.count == x.count else { throw Flaw(description: "a point of the wrong length") }
        let point = [4] + x + y
        guard let key = VerifyingKey(clibcrypto_curve_key(CryptoLibrary.context, curve, point, point.count)) else {
            throw Flaw(description: "a point that is not on the curve \(curve)")
        }
        return key
    }

    private static func edwards(_ jwk: Value) throws(Flaw) -> VerifyingKey {
        guard let curve = jwk["crv"]?.string, curve == "Ed25519" || curve == "Ed448" else {
            throw Flaw(description: "a key on a curve that does not go with EdDSA")
        }
        let x = try bytes(jwk, "x")
        guard let key = VerifyingKey(clibcrypto_edwards_key(CryptoLibrary.context, curve.uppercased(), x, x.count)) else {
            throw Flaw(description: "a key of the wrong length")
        }
        return key
    }
}

/// A public key of libcrypto's.
///
/// `@unchecked Sendable`: it is never changed after it is made, and OpenSSL documents keys as safe to verify with from several threads
/// (openssl-threads(7)); it is freed when nobody has it any more.
final class VerifyingKey: @unchecked Sendable {
    private let pointer: OpaquePointer

    init?(_ pointer: OpaquePointer?) {
        guard let pointer else { return nil }
        self.pointer = pointer
    }

    deinit { EVP_PKEY_free(pointer) }

    func verifies(_ algorithm: TokenAlgorithm, _ bytes: UnsafeRawBufferPointer, _ signature: [UInt8]) -> Bool {
        var signature = signature
        if algorithm.family == .curve {
            let width = algorithm.coordinateLength
            guard signature.count == 2 * width else { return false }
            signature = [UInt8](unsafeUninitializedCapacity: 160) { out, count in
                count = clibcrypto_der_signature(signature, Int32(width), out.baseAddress)
            }
        }
        guard !signature.isEmpty, let base = bytes.bindMemory(to: UInt8.self).baseAddress else { return false }
        return clibcrypto_verify(
            CryptoLibrary.context, pointer, algorithm.digest, nil, 0, algorithm.family == .pss ? 1 : 0, base, bytes.count, signature,
            signature.count) == 1
    }
}

/// The keys of an issuer.
public struct TokenKeySet: Sendable {
    /// The most keys that a set may have.
    public static let most = 64

    /// The keys.
    public let keys: [TokenKey]
    /// What was left out, and why.
    public let flaws: [TokenKey.Flaw]
    private let document: Value

    /// Reads a JSON Web Key Set (RFC 7517 §5), or a single key. Keys that cannot be used are left out; a set without any that can, with two of
    /// one id, or with too many is refused.
    public init(_ document: Value, usual: TokenAlgorithm? = nil, secrets: Bool = false) throws(TokenKey.Flaw) {
        let list = document["keys"]?.array ?? (document["kty"] != nil ? [document] : nil)
        guard let list else { throw TokenKey.Flaw(description: "no JSON Web Key Set: 'keys' is missing") }
        guard list.count <= TokenKeySet.most else { throw TokenKey.Flaw(description: "more than \(TokenKeySet.most) keys") }
        var (keys, flaws): ([TokenKey], [TokenKey.Flaw]) = ([], [])
        for jwk in list {
            do { keys.append(try TokenKey(jwk, usual: usual, secrets: secrets)) } catch { flaws.append(error) }
        }
        guard !keys.isEmpty else { throw flaws.first ?? TokenKey.Flaw(description: "a set without keys") }
        var seen: Set<String> = []
        for key in keys {
            if let id = key.id, !seen.insert("\(id) \(key.algorithm.rawValue)").inserted {
                throw TokenKey.Flaw(description: "two keys of one id")
            }
        }
        self.keys = keys
        self.flaws = flaws
        self.document = document
    }

    /// Whether another set says the same.
    public func isSame(as other: TokenKeySet) -> Bool { document == other.document }

    /// Reads the text of a set; at most 256 KiB.
    public init(text: [UInt8], usual: TokenAlgorithm? = nil, secrets: Bool = false) throws(TokenKey.Flaw) {
        guard text.count <= 256 << 10 else { throw TokenKey.Flaw(description: "larger than 256 KiB") }
        guard let document = try? JSONCodec.decode(text) else { throw TokenKey.Flaw(description: "no JSON") }
        try self.init(document, usual: usual, secrets: secrets)
    }

    /// The key that a token means: by its id where it says one, otherwise the only one of its algorithm.
    func key(id: String?, algorithm: TokenAlgorithm) -> TokenKey? {
        let candidates = keys.filter { $0.algorithm == algorithm && (id == nil || $0.id == id) }
        return candidates.count == 1 ? candidates.first : nil
    }
}
