import Adapters
import ArgumentParser
import Glibc

/// A department's request, shown.
enum RequestText {
    /// The request as it would leave: head as text, body decoded by its charset, or in hex where it is no text.
    static func text(_ request: DepartmentRequest) -> String {
        var lines = ["-- request", "\(request.method) \(request.target) HTTP/1.1"]
        lines += request.fields.map { "\($0.name): \($0.value)" }
        lines.append("Content-Length: \(request.body.count)")
        lines.append("")
        let body = body(request.body)
        if body.charset != "UTF-8", body.charset != "" {
            lines.append("-- body, \(request.body.count) bytes of \(body.charset), shown as text")
        }
        lines.append(body.text)
        return lines.joined(separator: "\n")
    }

    /// The same for programs; `body` is Base64 of the exact bytes.
    static func value(_ request: DepartmentRequest) -> Value {
        let body = body(request.body)
        return [
            "method": .string(request.method), "target": .string(request.target),
            "fields": .array(request.fields.map { ["name": .string($0.name), "value": .string($0.value)] }),
            "body": .string(Base64Codec.encode(request.body)), "charset": .string(body.charset), "text": .string(body.text),
        ]
    }

    private static func body(_ bytes: [UInt8]) -> (text: String, charset: String) {
        if let text = String(validating: bytes, as: UTF8.self) { return (text, "UTF-8") }
        if let text = try? Charset.gb18030.decode(bytes) { return (text, "GB18030") }
        let rows = stride(from: 0, to: bytes.count, by: 16).map { start in
            bytes[start..<min(start + 16, bytes.count)].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
        }
        return (rows.joined(separator: "\n"), "")
    }
}

/// A recorded HTTP reply.
enum HTTPText {
    /// Reads a status line, fields, an empty line, and the body as it stands. Line ends may be LF; framing fields are not
    /// looked at, since the recording's end is the body's.
    static func reply(_ bytes: [UInt8]) throws -> DepartmentReply {
        var offset = 0
        func line() -> String? {
            guard let end = bytes[offset...].firstIndex(of: 0x0A) else { return nil }
            var text = bytes[offset..<end]
            if text.last == 0x0D { text.removeLast() }
            offset = end + 1
            return String(decoding: text, as: UTF8.self)
        }
        guard let first = line(), let match = first.wholeMatch(of: /HTTP\/1\.[01] ([0-9]{3})( .*)?/), let status = Int(match.1) else {
            standardError("gatewayctl: the reply does not begin with a status line such as 'HTTP/1.1 200 OK'\n")
            throw ExitCode(1)
        }
        var fields: [DepartmentRequest.Field] = []
        while let text = line(), !text.isEmpty {
            guard let colon = text.firstIndex(of: ":") else {
                standardError("gatewayctl: line \(fields.count + 2) of the reply is no header field\n")
                throw ExitCode(1)
            }
            let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            fields.append(DepartmentRequest.Field(String(text[..<colon]), String(value)))
        }
        return DepartmentReply(status: status, fields: fields, body: Array(bytes[offset...]))
    }
}
