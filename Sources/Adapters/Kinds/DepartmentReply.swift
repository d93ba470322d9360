/// A department's reply, complete.
public struct DepartmentReply: Sendable {
    /// The HTTP status.
    public let status: Int
    private let head: ReplyHeadText
    /// The header fields in order.
    public var fields: [DepartmentRequest.Field] { head.fields }
    /// The body.
    public let body: [UInt8]
    /// Whether there is no answer yet: a mailbox took the file, or was looked into, and nothing is there.
    public var isPending = false

    /// No answer yet: status 202 and nothing else.
    public static let pending: DepartmentReply = {
        var reply = DepartmentReply(status: 202)
        reply.isPending = true
        return reply
    }()

    /// Makes a reply.
    public init(status: Int, fields: [DepartmentRequest.Field] = [], body: [UInt8] = []) {
        self.init(status: status, head: ReplyHeadText(fields), body: body)
    }

    /// Makes a reply whose fields stand in the lines of its head.
    public init(status: Int, head: ReplyHeadText, body: [UInt8]) {
        self.status = status
        self.head = head
        self.body = body
    }

    /// The Content-Type.
    var contentType: String? { head.contentType }
    /// Whether the Content-Type has parameters, such as a charset.
    var hasMediaParameters: Bool { head.contentTypeHas(UInt8(ascii: ";")) }
    /// Whether the head says that the body is coded in some way.
    var hasContentEncoding: Bool { head.contentEncoding != nil }

    /// The reply with its body expanded, where it came compressed as gzip or zlib though nobody asked for that (RFC 9110 §8.4).
    func expanded() throws(AdapterFault) -> DepartmentReply {
        guard !body.isEmpty, let codings = head.contentEncoding else { return self }
        var bytes = body
        let layers = codings.split(separator: ",")
        // Each may be as long as a reply can be: nobody needs more than a server's and a proxy's.
        guard layers.count <= 2 else { throw AdapterFault(.upstreamBadReply, "the reply is compressed more than twice") }
        for coding in layers.reversed() {
            let name = coding.lowercased().filter { $0 != " " && $0 != "\t" }
            switch name {
            case "gzip", "x-gzip", "deflate":
                do { bytes = try Compression.expand(bytes) } catch {
                    throw AdapterFault(.upstreamBadReply, "the reply says that it is compressed as \(name): \(error.description)")
                }
            case "identity", "": continue
            default:
                throw AdapterFault(
                    .upstreamBadReply, "the reply is compressed in a way that nobody asked for and the gateway does not know")
            }
        }
        return DepartmentReply(status: status, head: head, body: bytes)
    }

    /// The first value of a header field, by name without regard to case.
    public func field(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// What `$.http` is: `status`; `headers`, the first value of each by its name in lower case; `fields`, all values of each as a list;
    /// and the `cookies` that it sets.
    var http: Value {
        var headers = Object(capacity: fields.count)
        var all = Object(capacity: fields.count)
        var cookies = Object()
        for field in fields {
            let name = field.name.lowercased()
            if headers[name] == nil { headers.append(name, .string(field.value)) }
            all[name] = .array((all[name]?.array ?? []) + [.string(field.value)])
            if let cookie = field.setCookie { cookies[cookie.name] = .string(cookie.value) }
        }
        return [
            "status": .integer(Int64(status)), "headers": .object(headers), "fields": .object(all), "cookies": .object(cookies),
        ]
    }

    /// The value of a cookie that the reply sets (RFC 6265 §5.2); of several with the name the last.
    func cookie(_ name: String) -> String? { fields.compactMap(\.setCookie).last { $0.name == name }?.value }
}

extension DepartmentRequest.Field {
    /// The cookie that a Set-Cookie field sets; nil for another field, or one without a name.
    var setCookie: (name: String, value: String)? {
        guard name.lowercased() == "set-cookie" else { return nil }
        let pair = value.prefix { $0 != ";" }
        guard let mark = pair.firstIndex(of: "=") else { return nil }
        func trimmed(_ text: Substring) -> String {
            var text = text
            while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
            while let last = text.last, last == " " || last == "\t" { text.removeLast() }
            return String(text)
        }
        let name = trimmed(pair[..<mark])
        return name.isEmpty ? nil : (name, trimmed(pair[pair.index(after: mark)...]))
    }
}
