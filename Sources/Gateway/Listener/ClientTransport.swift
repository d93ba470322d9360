/// How a client's bytes come.
struct ClientTransport {
    /// Whether TLS is spoken.
    var isSecure = false
    /// Whether the requests are those of HTTP/2's streams.
    var isHTTP2 = false

    /// HTTP/1.1 in the clear.
    static let plain = ClientTransport()
}
