private import CLibCrypto

/// What stands in a PEM text (RFC 7468), as far as a configuration can be checked before it is used.
public enum PEM {
    /// How many certificates the text holds; nil when one of them cannot be read.
    public static func certificates(in text: [UInt8]) -> Int? {
        let count = text.withUnsafeBytes { clibcrypto_pem_certificates($0.baseAddress, Int32(clamping: $0.count)) }
        return count < 0 ? nil : Int(count)
    }

    /// Whether the text holds a private key that is not encrypted.
    public static func hasKey(_ text: [UInt8]) -> Bool {
        text.withUnsafeBytes { clibcrypto_pem_key_matches(nil, 0, $0.baseAddress, Int32(clamping: $0.count)) } == 1
    }

    /// Whether the key belongs to the first certificate.
    public static func matches(certificate: [UInt8], key: [UInt8]) -> Bool {
        certificate.withUnsafeBytes { certificate in
            key.withUnsafeBytes { key in
                clibcrypto_pem_key_matches(
                    certificate.baseAddress, Int32(clamping: certificate.count), key.baseAddress, Int32(clamping: key.count))
            }
        } == 1
    }
}
