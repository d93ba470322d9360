import GatewayCore

/// How a client's bytes come.
struct ClientTransport {
    /// Whether TLS is spoken.
    var isSecure = false
    /// Whether the requests are those of HTTP/2's streams.
    var isHTTP2 = false
    /// The certificate that the client showed, which was verified; nil without one.
    var certificate: CallerCertificate?

    /// HTTP/1.1 in the clear.
    static let plain = ClientTransport()
}
