import GatewayCore
import NIOCore

/// The head of a plain route's request, as the upstream gets it.
enum ForwardedRequest {
    /// Writes the head: hop-by-hop fields and the gateway's own credential gone, `X-Forwarded-*`, trace and request id set.
    static func make(
        _ plain: PlainRoute, _ route: Route, head: RequestHead, bytes: UnsafeRawBufferPointer, connection: ClientConnection,
        endpoint: String
    ) -> ByteBuffer {
        let capacity = head.length + 768 + (plain.rewrite?.count ?? 0) + endpoint.utf8.count
        var buffer = connection.allocator.buffer(capacity: capacity)
        _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { memory in
            var out = ByteCursor(memory)
            out.append(bytes, head.methodSpan.range)
            out.append(" ")
            target(&out, plain, head, bytes)
            out.append(" HTTP/1.1\r\nHost: ")
            out.append(text: endpoint)
            out.append("\r\n")
            fields(&out, route, head, bytes)
            forwarded(&out, head, bytes, connection)
            identity(&out, connection.current.facts)
            switch head.framing {
            case .length(let length):
                out.append("Content-Length: ")
                out.append(decimal: length)
                out.append("\r\n\r\n")
            case .chunked: out.append("Transfer-Encoding: chunked\r\n\r\n")
            case .none, .untilClose: out.append("\r\n")
            }
            return out.count
        }
        return buffer
    }

    private static func target(_ out: inout ByteCursor, _ plain: PlainRoute, _ head: RequestHead, _ bytes: UnsafeRawBufferPointer) {
        if head.form == .asterisk { return out.append("*") }
        let path = head.path.range
        if let rewrite = plain.rewrite, plain.prefixLength <= path.count {
            rewrite.withUnsafeBytes { out.append($0) }
            let rest = path.lowerBound + plain.prefixLength..<path.upperBound
            if rewrite.isEmpty, rest.isEmpty || bytes[rest.lowerBound] != UInt8(ascii: "/") { out.append("/") }
            out.append(bytes, rest)
        } else if path.isEmpty {
            out.append("/")
        } else {
            out.append(bytes, path)
        }
        if let query = head.query {
            out.append("?")
            out.append(bytes, query.range)
        }
    }

    private static func fields(_ out: inout ByteCursor, _ route: Route, _ head: RequestHead, _ bytes: UnsafeRawBufferPointer) {
        for field in head.fields where !field.isHopByHop {
            switch field.known {
            case .host, .contentLength, .expect, .xForwardedFor, .xForwardedProto, .xForwardedHost, .traceparent, .xRequestID: continue
            // The key is between the consumer and the gateway; a department has no business with it.
            case .xAPIKey where route.access == .granted: continue
            default: break
            }
            out.append(bytes, field.name.range)
            out.append(": ")
            out.append(bytes, field.value.range)
            out.append("\r\n")
        }
    }

    private static func forwarded(
        _ out: inout ByteCursor, _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ connection: ClientConnection
    ) {
        out.append("X-Forwarded-For: ")
        for field in head.fields where field.known == .xForwardedFor {
            out.append(bytes, field.value.range)
            out.append(", ")
        }
        out.append(text: connection.clientAddress)
        out.append("\r\nX-Forwarded-Proto: http\r\n")
        if let authority = head.authority {
            out.append("X-Forwarded-Host: ")
            out.append(bytes, authority.range)
            out.append("\r\n")
        }
    }

    private static func identity(_ out: inout ByteCursor, _ facts: ExchangeFacts) {
        out.append("traceparent: ")
        out.append(length: TraceContext.traceparentLength) { facts.trace.writeTraceparent($0) }
        out.append("\r\nX-Request-Id: ")
        if let id = facts.requestID { out.append(text: id) } else { out.append(length: 32) { facts.trace.writeTraceID($0) } }
        out.append("\r\n")
    }
}
