package import Adapters

/// A whole HTTP message in a file: a first line, fields, an empty line, and the body as it stands or in chunks. Line ends may be LF;
/// Content-Length is not looked at, since the file's end is the body's.
package struct MessageText {
    /// The request line or the status line.
    package let line: String
    /// The header fields in order.
    package let fields: [DepartmentRequest.Field]
    /// The body.
    package let body: [UInt8]
    /// What to say where Content-Length has another length than the body: from a department that is a reply that was cut off, or two.
    package var lengthAdvice: String? {
        guard let field = fields.first(where: { $0.name.lowercased() == "content-length" }), Int(field.value) != body.count else {
            return nil
        }
        return "the file's body has \(body.count) bytes, and its Content-Length says \(field.value): it is taken as it stands, and from a "
            + "department it would be UPSTREAM_BAD_REPLY"
    }

    /// Reads a message. An interim reply before it, such as 100 Continue, is passed over (RFC 9110 section 15.2), and a body in chunks, as a
    /// capture of the wire has it, is put together.
    package init(_ bytes: [UInt8]) throws(ToolFault) {
        var lines = MessageLines(bytes)
        var (first, fields) = try lines.head()
        while first.wholeMatch(of: /HTTP\/[0-9.]+ 1[0-9]{2}( .*)?/) != nil, lines.rest.starts(with: "HTTP/".utf8) {
            (first, fields) = try lines.head()
        }
        line = first
        self.fields = fields
        let isChunked = fields.contains { $0.name.lowercased() == "transfer-encoding" && $0.value.lowercased().hasSuffix("chunked") }
        // Tools that show a head often took the body out of its chunks already: what is no chunk to its end is the body as it stands.
        body = (isChunked ? MessageLines.unchunked(lines.rest) : nil) ?? Array(lines.rest)
    }

    /// The message as a department's reply.
    package func reply() throws(ToolFault) -> DepartmentReply {
        guard let match = line.wholeMatch(of: /HTTP\/[0-9.]+ ([0-9]{3})( .*)?/), let status = Int(match.1) else {
            throw ToolFault("it does not begin with a status line such as 'HTTP/1.1 200 OK'")
        }
        return DepartmentReply(status: status, fields: fields, body: body)
    }

    /// The message as a department's request.
    package func request() throws(ToolFault) -> DepartmentRequest {
        guard let match = line.wholeMatch(of: /([A-Z]+) (\S+)( HTTP\/[0-9.]+)?/) else {
            throw ToolFault("it does not begin with a request line such as 'POST /path HTTP/1.1'")
        }
        return DepartmentRequest(method: String(match.1), target: String(match.2), fields: fields, body: body)
    }

    /// A request as a file holds it.
    package static func bytes(_ request: DepartmentRequest) -> [UInt8] {
        let head = ["\(request.method) \(request.target) HTTP/1.1"] + request.fields.map { "\($0.name): \($0.value)" }
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + request.body
    }
}

extension DepartmentReply {
    /// The reply as an exchange of files gives it: a recorded 202 without a body is an answer that is not there yet.
    func asFile(of adapter: OperationAdapter) -> DepartmentReply {
        adapter.usesFiles && status == 202 && body.isEmpty ? .pending : self
    }
}
