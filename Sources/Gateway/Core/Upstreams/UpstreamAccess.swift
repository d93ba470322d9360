/// By which code an upstream's calls travel.
public enum UpstreamTransport: String, Sendable, Hashable, CaseIterable {
    /// The event loops' own: HTTP/1.1, with or without TLS.
    case loop
    /// libcurl, on a thread of its own: what the loops' own cannot do.
    case curl
}

/// How an upstream asks who is calling, on the level of HTTP.
public struct UpstreamAuthentication: Sendable, Hashable {
    /// A scheme of authentication.
    public enum Scheme: String, Sendable, Hashable, CaseIterable {
        /// RFC 7617: the password travels with every request.
        case basic
        /// RFC 7616: the server asks, and the answer proves the password.
        case digest
        /// Microsoft's NTLM: three messages on one connection.
        case ntlm
        /// The login of a file server: a password, or over SFTP a key.
        case login
    }

    /// The scheme.
    public let scheme: Scheme
    /// Who calls; for NTLM perhaps `DOMAIN\user`.
    public let user: Material
    /// The password; empty with a key.
    public let password: Material
    /// The file of a private key, for SFTP.
    public let keyFile: String?

    /// Makes an authentication.
    public init(scheme: Scheme, user: Material, password: Material, keyFile: String? = nil) {
        self.scheme = scheme
        self.user = user
        self.password = password
        self.keyFile = keyFile
    }
}

/// A proxy on the way to an upstream.
public struct UpstreamProxy: Sendable, Hashable {
    /// `http://`, `socks5://` or `socks5h://`, host and port.
    public let url: String
    /// Who asks the proxy; with a password or not at all.
    public let user: Material?
    /// The password.
    public let password: Material?

    /// The schemes that a proxy can have; `socks5h` lets the proxy look names up.
    public static let schemes = ["http", "socks5", "socks5h"]

    /// Makes a proxy; nil when the URL is none.
    public init?(url: String, user: Material? = nil, password: Material? = nil) {
        guard let scheme = Self.schemes.first(where: { url.hasPrefix("\($0)://") }) else { return nil }
        guard let endpoint = Endpoint(address: String(url.dropFirst(scheme.count + 3)), defaultPort: scheme == "http" ? 8080 : 1080) else {
            return nil
        }
        self.url = "\(scheme)://\(endpoint)"
        self.user = user
        self.password = password
    }
}

/// How an SFTP server proves who it is.
public struct UpstreamSSH: Sendable, Hashable {
    /// The SHA-256 of its host key in Base64, without padding.
    public let hostKey: String?
    /// Why any host key is taken; nil when it is compared.
    public let unverifiedReason: String?

    /// What is given up here, with the reason that the file gives.
    public var waivers: [String] { unverifiedReason.map { ["the host key is not compared: \($0)"] } ?? [] }
}
