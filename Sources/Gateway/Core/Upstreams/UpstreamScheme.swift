/// How an upstream is spoken to, by the scheme of its endpoints.
public enum UpstreamScheme: String, Sendable, Hashable, CaseIterable {
    /// HTTP in the clear.
    case http
    /// HTTP over TLS.
    case https

    /// The port of an endpoint that names none.
    public var defaultPort: Int {
        switch self {
        case .http: 80
        case .https: 443
        }
    }

    /// Whether a connection begins with TLS.
    public var isSecure: Bool { self == .https }

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
