internal import Adapters
private import CLibCrypto

/// The certificate that a caller showed when it opened its TLS connection. The listener has verified that its authority signed it and that
/// the caller has its key; who that is, `consumers.yaml` says.
public final class CallerCertificate: Sendable {
    /// Whom it is for, as RFC 4514 writes it: the last part first, such as `CN=portal,O=Daqing,C=CN`.
    public let subject: String
    /// Seconds since 1970 at which it ends.
    public let expires: Int64
    /// The SHA-256 digest of its public key (SubjectPublicKeyInfo), which a renewed certificate may keep.
    let key: KeyDigest

    /// The digest as a configuration writes it.
    public var keyText: String { "sha256:" + key.hex }

    /// Reads a certificate; nil when the bytes are none.
    public init?(der: [UInt8]) {
        let certificate = clibcrypto_certificate(der, der.count, 0)
        guard let certificate else { return nil }
        defer { X509_free(certificate) }
        let subject = [UInt8](unsafeUninitializedCapacity: 4096) { out, count in
            count = clibcrypto_certificate_subject(certificate, out.baseAddress, out.count)
        }
        let key = [UInt8](unsafeUninitializedCapacity: 8192) { out, count in
            count = clibcrypto_certificate_key(certificate, out.baseAddress, out.count)
        }
        guard !key.isEmpty else { return nil }
        self.subject = String(decoding: subject, as: UTF8.self)
        self.key = key.withUnsafeBytes { KeyDigest(Digest.sha256Words($0)) }
        expires = clibcrypto_certificate_end(certificate)
    }

    /// Reads the first certificate of a PEM text; nil when there is none.
    public convenience init?(pem: [UInt8]) {
        guard let certificate = clibcrypto_certificate(pem, pem.count, 1) else { return nil }
        defer { X509_free(certificate) }
        let der = [UInt8](unsafeUninitializedCapacity: 65_536) { out, count in
            count = clibcrypto_certificate_der(certificate, out.baseAddress, out.count)
        }
        self.init(der: der)
    }
}

/// The certificates that are consumers' credentials.
public struct CertificateTable: Sendable {
    /// By subject, as `CallerCertificate.subject`, to the byte.
    var subjects: [[UInt8]: ConsumerTable.Key] = [:]
    /// By the digest of the public key.
    var keys: [KeyDigest: ConsumerTable.Key] = [:]

    /// Nobody comes with a certificate.
    public init() {}

    /// Whether nobody does.
    var isEmpty: Bool { subjects.isEmpty && keys.isEmpty }

    /// Whose a certificate is, whether its time is over or not; the public key says more than a name.
    func key(of certificate: CallerCertificate) -> ConsumerTable.Key? { keys[certificate.key] ?? subjects[Array(certificate.subject.utf8)] }
}
