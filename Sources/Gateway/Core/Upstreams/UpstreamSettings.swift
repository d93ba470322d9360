/// A server of a department's.
public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// Host name or address, as written; without brackets.
    public let host: String
    /// TCP port.
    public let port: Int

    /// Makes an endpoint.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, `[v6]:port` or, with a default port, a bare host; nil when the text is something else.
    public init?(address: String, defaultPort: Int? = nil) {
        var host = Substring(address)
        var port = defaultPort
        if let colon = address.lastIndex(of: ":"), !address[colon...].contains("]") {
            let digits = address[address.index(after: colon)...]
            guard digits.count <= 5, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let number = Int(digits), number <= 65535 else {
                return nil
            }
            host = address[..<colon]
            port = number
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard host.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return nil }
        } else {
            guard host.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }) else { return nil }
        }
        guard !host.isEmpty, let port else { return nil }
        self.host = String(host)
        self.port = port
    }

    /// Whether the host is an IP address and no name.
    public var isAddress: Bool {
        host.contains(":") || host.split(separator: ".").count == 4 && host.allSatisfy { $0.isNumber || $0 == "." }
    }

    /// `host:port`, with brackets around an IPv6 address: the value of a Host field (RFC 9110 §7.2).
    public var description: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return "\(name):\(port)"
    }
}

/// How to reach an upstream and what it can stand.
public struct UpstreamSettings: Sendable, Hashable {
    /// The department's id, or the plain route's.
    public let id: String
    /// How its endpoints are spoken to, all of them alike.
    public let scheme: UpstreamScheme
    /// At least one; the one with the fewest calls at hand is asked.
    public let endpoints: [Endpoint]
    /// How TLS is spoken, where the scheme has it.
    public let tls: UpstreamTLS?
    /// By which code its calls travel.
    public let transport: UpstreamTransport
    /// How it asks who is calling; nil where it does not, or asks in its own documents.
    public let authentication: UpstreamAuthentication?
    /// How an SFTP server proves who it is.
    public let ssh: UpstreamSSH?
    /// A proxy on the way.
    public let proxy: UpstreamProxy?
    /// How long a connection may take to open.
    public let connectTimeout: Duration
    /// How long the first byte of a reply may take after the request is sent.
    public let firstByteTimeout: Duration
    /// How long a whole mapped call may take, login included. A streamed exchange is bounded by silence instead: this long without a byte.
    public let totalTimeout: Duration
    /// How long an idle connection is kept.
    public let keepAlive: Duration
    /// How many connections may be open at once, over the whole gateway.
    public let connections: Int
    /// The largest reply that is collected for a mapping, in bytes.
    public private(set) var replyLimit: Int
    /// The largest file that is passed on, in bytes.
    public let fileLimit: Int
    /// What it can stand, and how it is spared.
    public let protection: ProtectionRules

    /// Makes settings.
    public init(
        id: String, scheme: UpstreamScheme = .http, endpoints: [Endpoint], tls: UpstreamTLS? = nil, transport: UpstreamTransport = .loop,
        authentication: UpstreamAuthentication? = nil, proxy: UpstreamProxy? = nil, ssh: UpstreamSSH? = nil,
        connectTimeout: Duration = .seconds(2),
        firstByteTimeout: Duration = .seconds(30),
        totalTimeout: Duration = .seconds(60), keepAlive: Duration = .seconds(30), connections: Int = 1024, replyLimit: Int = 10 << 20,
        fileLimit: Int = 100 << 20, protection: ProtectionRules = ProtectionRules()
    ) {
        self.id = id
        self.scheme = scheme
        self.tls = tls
        self.transport = transport
        self.authentication = authentication
        self.proxy = proxy
        self.ssh = ssh
        self.endpoints = endpoints
        self.connectTimeout = connectTimeout
        self.firstByteTimeout = firstByteTimeout
        self.totalTimeout = totalTimeout
        self.keepAlive = keepAlive
        self.connections = connections
        self.replyLimit = replyLimit
        self.fileLimit = fileLimit
        self.protection = protection
    }

    /// The same with replies of at most so many bytes.
    func limited(to bytes: Int) -> UpstreamSettings {
        var copy = self
        copy.replyLimit = min(replyLimit, bytes)
        return copy
    }

    /// The endpoints as the file says them.
    public var urls: [String] { endpoints.map { "\(scheme.rawValue)://\($0)" } }

    /// What is given up here that is kept by default, each with its reason.
    public var waivers: [String] { (tls?.waivers ?? []) + (ssh?.waivers ?? []) }
}
