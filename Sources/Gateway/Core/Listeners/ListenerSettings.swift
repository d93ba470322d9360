/// An address that serves the portal, and how.
public struct ListenerSettings: Sendable, Hashable {
    /// Where it listens.
    public var address: Endpoint
    /// How TLS is spoken there; nil for none.
    public var tls: ListenerTLS?

    /// An address, without TLS unless it is given.
    public init(_ address: Endpoint, tls: ListenerTLS? = nil) {
        self.address = address
        self.tls = tls
    }
}

/// How TLS is spoken to clients. Equal when the certificates and keys behind its references are equal.
public struct ListenerTLS: Sendable, Hashable {
    /// A certificate with its chain, and its key, both in PEM.
    public struct Identity: Sendable, Hashable {
        /// The certificate, then those that signed it.
        public var certificate: Material
        /// The key.
        public var key: Material

        /// An identity.
        public init(certificate: Material, key: Material) {
            self.certificate = certificate
            self.key = key
        }
    }

    /// Whether clients show certificates.
    public enum ClientCertificates: String, Sendable, Hashable, CaseIterable {
        /// Nobody is asked for one.
        case none
        /// Who has one may show it.
        case optional
        /// Without one there is no connection.
        case required
    }

    /// The versions that can be the oldest: all others are broken (RFC 8996).
    public enum Version: String, Sendable, Hashable, CaseIterable {
        /// RFC 5246.
        case v12 = "1.2"
        /// RFC 8446.
        case v13 = "1.3"
    }

    /// What the gateway shows, by the name that the client asks for (RFC 6066 §3): the first is for all other names.
    public var identities: [Identity] = []
    /// The oldest version that is spoken.
    public var minimum = Version.v12
    /// Whether clients show certificates.
    public var clients = ClientCertificates.none
    /// Who may have signed them, in PEM.
    public var clientRoots: Material?

    /// Nothing to show yet.
    public init() {}
}
