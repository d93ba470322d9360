import CLibCrypto
import NIOSSL

/// Why no TLS connection came about.
enum TLSFault: Error, Hashable {
    case unknownAuthority
    case expired
    case notYetValid
    case wrongName
    case badCertificate(String)
    case noCommonVersion
    case noCommonCipher
    case wantsOurCertificate
    case refusesOurCertificate
    case notTLS
    case closed
    case other

    /// What is wrong, for a problem's detail.
    var detail: String {
        switch self {
        case .unknownAuthority: "the department's certificate is signed by an authority that is not trusted here"
        case .expired: "the department's certificate has expired"
        case .notYetValid: "the department's certificate is not valid yet"
        case .wrongName: "the department's certificate is for another name"
        case .badCertificate(let reason): "the department's certificate cannot be accepted: \(reason)"
        case .noCommonVersion: "the department speaks no version of TLS that is allowed here"
        case .noCommonCipher: "the department and the gateway have no cipher in common"
        case .wantsOurCertificate: "the department asks for a certificate of the gateway's, and none is configured"
        case .refusesOurCertificate: "the department does not accept the gateway's certificate"
        case .notTLS: "the department's port does not speak TLS"
        case .closed: "the department closed the connection during the TLS handshake"
        case .other: "the TLS handshake failed"
        }
    }

    /// A fault of verification, X509_V_ERR_…; nil for X509_V_OK.
    init?(verification result: Int32) {
        switch result {
        case X509_V_OK: return nil
        case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: self = .wrongName
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
            X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_UNTRUSTED:
            self = .unknownAuthority
        default: self = .badCertificate(String(cString: X509_verify_cert_error_string(Int(result))))
        }
    }

    /// What BoringSSL calls a fault, and what it means.
    private static let words: [(String, TLSFault)] = [
        ("CERTIFICATE_REQUIRED", .wantsOurCertificate), ("UNSUPPORTED_PROTOCOL", .noCommonVersion),
        ("ALERT_PROTOCOL_VERSION", .noCommonVersion), ("NO_SHARED_CIPHER", .noCommonCipher),
        ("ALERT_HANDSHAKE_FAILURE", .noCommonCipher), ("INSUFFICIENT_SECURITY", .noCommonCipher),
        ("ALERT_BAD_CERTIFICATE", .refusesOurCertificate), ("ALERT_UNSUPPORTED_CERTIFICATE", .refusesOurCertificate),
        ("ALERT_CERTIFICATE_", .refusesOurCertificate), ("ALERT_UNKNOWN_CA", .refusesOurCertificate),
        ("ALERT_ACCESS_DENIED", .refusesOurCertificate), ("WRONG_VERSION_NUMBER", .notTLS), ("HTTP_REQUEST", .notTLS),
        ("CERTIFICATE_VERIFY_FAILED", .unknownAuthority), ("EOF_DURING_HANDSHAKE", .closed),
    ]

    /// What a text of BoringSSL's or OpenSSL's means; nil for one that names no fault. They write one name in two ways.
    init?(words text: String) {
        let text = String(text.uppercased().map { $0 == " " ? "_" : $0 })
        guard let fault = Self.words.first(where: { text.contains($0.0) })?.1 else { return nil }
        self = fault
    }

    /// What an error of NIOSSL's means; nil for one that is no fault of TLS.
    init?(_ error: any Error) {
        switch error {
        case let fault as TLSFault: self = fault
        case let error as NIOSSLExtraError:
            self = error == .failedToValidateHostname || error == .serverHostnameImpossibleToMatch ? .wrongName : .other
        case NIOSSLError.unableToValidateCertificate, NIOSSLError.noCertificateToValidate: self = .unknownAuthority
        case NIOSSLError.handshakeFailed, is BoringSSLError:
            self = TLSFault(words: "\(error)") ?? .other
        default: return nil
        }
    }
}
