import GatewayCore
import NIOCore
import NIOHPACK

/// The head of a stream's request as HTTP/1.1, written only when nothing in it could mean something else there.
///
/// HTTP/2 can carry what HTTP/1.1 cannot say: line ends inside values, spaces in a path, two names of a host. A request with any of these
/// is malformed (RFC 9113 §8.1.1, §8.2.1, §8.3.1), and no byte of it goes on.
enum HTTP2RequestHead {
    /// How the content follows the head.
    enum Framing {
        /// There is none.
        case none
        /// As many bytes as the head says; nio-http2 counts them.
        case length
        /// In chunks.
        case chunked
    }

    private static let pseudo: Set<String> = [":method", ":scheme", ":path", ":authority"]
    /// Fields of a connection, which HTTP/2 has other words for (RFC 9113 §8.2.2).
    private static let forbidden: Set<String> = ["connection", "proxy-connection", "keep-alive", "transfer-encoding", "upgrade"]

    /// The bytes of the head, and how the content follows; nil when it is malformed.
    static func make(_ headers: HPACKHeaders, hasContent: Bool, _ allocator: ByteBufferAllocator) -> (ByteBuffer, Framing)? {
        guard let method = one(":method", headers), WireSyntax.isToken(method.utf8), method != "CONNECT",
            let scheme = one(":scheme", headers),
            scheme == "https" || scheme == "http", let path = one(":path", headers), isPath(path, method),
            let host = host(headers)
        else { return nil }
        var buffer = allocator.buffer(capacity: 512)
        buffer.writeString("\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\n")
        var cookies: [String] = []
        var hasLength = false
        for (name, value, _) in headers where name != "host" {
            if name.hasPrefix(":") {
                guard pseudo.contains(name) else { return nil }
                continue
            }
            guard isField(name, value) else { return nil }
            switch name {
            case "cookie": cookies.append(value)
            case "te": guard value == "trailers" else { return nil }
            case "content-length":
                guard !hasLength, isNumber(value), hasContent || value == "0" else { return nil }
                hasLength = true
                buffer.writeString("content-length: \(value)\r\n")
            default: buffer.writeString("\(name): \(value)\r\n")
            }
        }
        // Crumbs are one field again (RFC 9113 §8.2.3).
        if !cookies.isEmpty { buffer.writeString("cookie: \(cookies.joined(separator: "; "))\r\n") }
        if hasContent, !hasLength { buffer.writeStaticString("transfer-encoding: chunked\r\n") }
        buffer.writeStaticString("\r\n")
        return (buffer, hasContent ? hasLength ? .length : .chunked : .none)
    }

    /// The trailer section of a chunked message; nil when it is malformed.
    static func trailers(_ headers: HPACKHeaders, _ allocator: ByteBufferAllocator) -> ByteBuffer? {
        var buffer = allocator.buffer(capacity: 128)
        buffer.writeStaticString("0\r\n")
        for (name, value, _) in headers {
            guard isField(name, value), name != "content-length", name != "host" else { return nil }
            buffer.writeString("\(name): \(value)\r\n")
        }
        buffer.writeStaticString("\r\n")
        return buffer
    }

    /// The value of a name that stands once.
    private static func one(_ name: String, _ headers: HPACKHeaders) -> String? {
        let values = headers[name]
        return values.count == 1 ? values[0] : nil
    }

    /// The one name of the host, from `:authority` or `host`; both must say the same (RFC 9113 §8.3.1).
    private static func host(_ headers: HPACKHeaders) -> String? {
        let (authorities, hosts) = (headers[":authority"], headers["host"])
        guard authorities.count <= 1, hosts.count <= 1, let host = authorities.first ?? hosts.first else { return nil }
        if let other = hosts.first, other != host { return nil }
        return !host.isEmpty && host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "@") && $0 != UInt8(ascii: "/") }
            ? host : nil
    }

    private static func isPath(_ path: String, _ method: String) -> Bool {
        guard path.utf8.first == UInt8(ascii: "/") || (path == "*" && method == "OPTIONS") else { return false }
        return WireSyntax.isTarget(path.utf8)
    }

    /// Whether a field can stand in HTTP/1.1 as it is; names are in lower case here (RFC 9113 §8.2).
    private static func isField(_ name: String, _ value: String) -> Bool {
        WireSyntax.isToken(name.utf8) && !forbidden.contains(name) && !name.utf8.contains { (0x41...0x5A).contains($0) }
            && WireSyntax.isFieldValue(value.utf8)
    }

    private static func isNumber(_ text: String) -> Bool {
        (1...18).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
}
