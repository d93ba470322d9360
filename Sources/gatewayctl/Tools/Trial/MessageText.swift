package import Adapters

/// A whole HTTP message in a file: a first line, fields, an empty line, and the body as it stands. Line ends may be LF; framing fields
/// are not looked at, since the file's end is the body's.
package struct MessageText {
    /// The request line or the status line.
    package let line: String
    /// The header fields in order.
    package let fields: [DepartmentRequest.Field]
    /// The body.
    package let body: [UInt8]

    /// Reads a message.
    package init(_ bytes: [UInt8]) throws(ToolFault) {
        var offset = 0
        func line() -> String? {
            guard offset < bytes.count else { return nil }
            let end = bytes[offset...].firstIndex(of: 0x0A) ?? bytes.count
            var text = bytes[offset..<end]
            if text.last == 0x0D { text.removeLast() }
            offset = min(end + 1, bytes.count)
            return String(decoding: text, as: UTF8.self)
        }
        guard let first = line(), !first.isEmpty else { throw ToolFault("the message is empty") }
        self.line = first
        var fields: [DepartmentRequest.Field] = []
        while let text = line(), !text.isEmpty {
            guard let colon = text.firstIndex(of: ":") else { throw ToolFault("line \(fields.count + 2) is no header field") }
            let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            fields.append(DepartmentRequest.Field(String(text[..<colon]), String(value)))
        }
        self.fields = fields
        body = Array(bytes[offset...])
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
