/// How an upstream is spoken to, by the scheme of its endpoints.
public enum UpstreamScheme: String, Sendable, Hashable, CaseIterable {
    /// HTTP in the clear.
    case http
    /// HTTP over TLS.
    case https
    /// A mailbox over FTP (RFC 959); with `tls` over explicit TLS (RFC 4217).
    case ftp
    /// A mailbox over FTP with TLS from the first byte.
    case ftps
    /// A mailbox over SFTP.
    case sftp

    /// The port of an endpoint that names none.
    public var defaultPort: Int {
        switch self {
        case .http: 80
        case .https: 443
        case .ftp: 21
        case .ftps: 990
        case .sftp: 22
        }
    }

    /// Whether a connection begins with TLS.
    public var isSecure: Bool { self == .https || self == .ftps }
    /// Whether `tls` means something.
    public var takesTLS: Bool { isSecure || self == .ftp }
    /// Whether files are exchanged and no messages: the kind `mailbox`.
    public var carriesFiles: Bool { self == .ftp || self == .ftps || self == .sftp }

    /// Reads `scheme://host[:port]`, with nothing but a `/` after it; nil when the text is something else.
    public static func read(_ url: String) -> (scheme: UpstreamScheme, endpoint: Endpoint)? {
        for scheme in allCases where url.hasPrefix("\(scheme.rawValue)://") {
            var rest = url.dropFirst(scheme.rawValue.count + 3)
            if rest.hasSuffix("/") { rest = rest.dropLast() }
            return Endpoint(address: String(rest), defaultPort: scheme.defaultPort).map { (scheme, $0) }
        }
        return nil
    }
}
