/// How TLS is spoken to an upstream. Equal when the certificates and keys behind its references are equal, so that a pool whose
/// certificate was renewed is another pool.
public struct UpstreamTLS: Sendable, Hashable {
    /// A version of TLS.
    public enum Version: String, Sendable, Hashable, CaseIterable, Comparable {
        /// RFC 2246; broken, for old servers only.
        case v10 = "1.0"
        /// RFC 4346; broken, for old servers only.
        case v11 = "1.1"
        /// RFC 5246.
        case v12 = "1.2"
        /// RFC 8446.
        case v13 = "1.3"

        /// The older one first.
        public static func < (left: Version, right: Version) -> Bool { left.rawValue < right.rawValue }
    }

    /// Who may have signed the server's certificate, in PEM; nil is whom the system trusts.
    public var roots: Material?
    /// The gateway's own certificate with its chain, in PEM.
    public var certificate: Material?
    /// The certificate's key, in PEM.
    public var key: Material?
    /// The name that the server's certificate must bear, where it is not the endpoint's host.
    public var name: String?
    /// The oldest version that is spoken.
    public var minimum = Version.v12
    /// Why a version below 1.2 is spoken.
    public var outdatedReason: String?
    /// Why the server's certificate is not verified; nil when it is.
    public var unverifiedReason: String?

    /// Verified, by the system's roots, TLS 1.2 or newer.
    public init() {}

    /// What is given up here, with the reason that the file gives: for status and explanations.
    public var waivers: [String] {
        [
            unverifiedReason.map { "the certificate is not verified: \($0)" },
            outdatedReason.map { "TLS \(minimum.rawValue) is spoken: \($0)" },
        ].compactMap(\.self)
    }
}
