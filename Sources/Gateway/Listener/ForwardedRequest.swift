import GatewayCore
import NIOCore

/// The head of a plain route's request, as the upstream gets it.
enum ForwardedRequest {
    /// Writes the head: hop-by-hop fields and the gateway's own credential gone, `X-Forwarded-*`, trace and request id set.
    static func make(
        _ plain: PlainRoute, _ route: Route, head: RequestHead, bytes: UnsafeRawBufferPointer, connection: ClientConnection,
        endpoint: String, upgrade: ProtocolUpgrade? = nil
    ) -> ByteBuffer {
        let capacity = head.length + 768 + (upgrade?.name.utf8.count ?? 0) + (plain.rewrite?.count ?? 0) + endpoint.utf8.count
        var buffer = connection.allocator.buffer(capacity: capacity)
        _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { memory in
            var out = ByteCursor(memory)
            out.write(bytes, head.methodSpan.range)
            out.write(" ")
            if let path = connection.current.normalPath {
                path.withUnsafeBytes { target(&out, plain, head, bytes, $0, 0..<path.count) }
            } else {
                target(&out, plain, head, bytes, bytes, head.path.range)
            }
            out.write(" HTTP/1.1\r\nHost: ")
            out.write(text: endpoint)
            out.write("\r\n")
            fields(&out, plain, route, head, bytes, connection.current)
            if let upgrade {
                out.write("Connection: Upgrade\r\nUpgrade: ")
                out.write(text: upgrade.name)
                out.write("\r\n")
            }
            forwarded(&out, head, bytes, connection)
            identity(&out, connection.current.facts)
            switch head.framing {
            case .length(let length):
                out.write("Content-Length: ")
                out.write(decimal: Int64(clamping: length))
                out.write("\r\n\r\n")
            case .chunked: out.write("Transfer-Encoding: chunked\r\n\r\n")
            case .none, .untilClose: out.write("\r\n")
            }
            return out.count
        }
        return buffer
    }

    /// `path` is where in `text` the path stands: in the head, or beside it in its normal form.
    private static func target(
        _ out: inout ByteCursor, _ plain: PlainRoute, _ head: RequestHead, _ bytes: UnsafeRawBufferPointer,
        _ text: UnsafeRawBufferPointer, _ path: Range<Int>
    ) {
        if head.form == .asterisk { return out.write("*") }
        if let rewrite = plain.rewrite, plain.prefixLength <= path.count {
            out.write(rewrite)
            let rest = path.lowerBound + plain.prefixLength..<path.upperBound
            if rewrite.isEmpty, rest.isEmpty || text[rest.lowerBound] != UInt8(ascii: "/") { out.write("/") }
            out.write(text, rest)
        } else if path.isEmpty {
            out.write("/")
        } else {
            out.write(text, path)
        }
        if let query = head.query {
            out.write("?")
            out.write(bytes, query.range)
        }
    }

    private static func fields(
        _ out: inout ByteCursor, _ plain: PlainRoute, _ route: Route, _ head: RequestHead, _ bytes: UnsafeRawBufferPointer,
        _ current: CurrentExchange
    ) {
        let users = route.access == .granted ? current.state?.snapshot.consumers.tokens.userHeaders ?? [] : []
        for field in head.fields where field.isForwarded && (!field.hasUnderscore || plain.keepsUnderscores) {
            switch field.known {
            case .host, .expect, .xForwardedFor, .xForwardedProto, .xForwardedHost, .traceparent, .xRequestID: continue
            // The key is between the consumer and the gateway; a department has no business with it.
            case .xAPIKey where route.access == .granted: continue
            case .authorization where current.facts.comesWithToken: continue
            // Nor with a user's token: whoever has it can be that user elsewhere.
            case .other, .authorization:
                if users.contains(where: { field.isNamed($0, in: bytes) }) { continue }
            default: break
            }
            out.write(bytes, field.name.range)
            out.write(": ")
            out.write(bytes, field.value.range)
            out.write("\r\n")
        }
    }

    private static func forwarded(
        _ out: inout ByteCursor, _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ connection: ClientConnection
    ) {
        out.write("X-Forwarded-For: ")
        for field in head.fields where field.known == .xForwardedFor {
            out.write(bytes, field.value.range)
            out.write(", ")
        }
        out.write(text: connection.clientAddress)
        out.write(connection.transport.isSecure ? "\r\nX-Forwarded-Proto: https\r\n" : "\r\nX-Forwarded-Proto: http\r\n")
        if !head.host.isEmpty {
            out.write("X-Forwarded-Host: ")
            out.write(bytes, head.host.range)
            out.write("\r\n")
        }
    }

    private static func identity(_ out: inout ByteCursor, _ facts: ExchangeFacts) {
        out.write("traceparent: ")
        facts.trace.writeTraceparent(to: &out)
        out.write("\r\nX-Request-Id: ")
        if let id = facts.requestID { out.write(text: id) } else { facts.trace.writeTraceID(to: &out) }
        out.write("\r\n")
    }
}
