/// A department's own language: reads its requests, keeps its rules, writes its answers.
protocol Dialect: Sendable {
    /// The items it handles.
    var items: [ServiceItem] { get }
    /// The cases it has from the start.
    var seeds: [CaseFile] { get }
    /// What it offers, by the contract's names.
    var functions: [MockFunction] { get }
    /// Whether a path belongs to its interface.
    func serves(path: String) -> Bool
    /// The answer to a request; `now` in milliseconds since 1970.
    func answer(_ request: MockRequest, in state: inout DepartmentState, now: Int64) -> MockReply
}

/// A complete request, as a dialect sees it.
struct MockRequest: Sendable {
    let path: String
    /// What follows the question mark.
    var query = ""
    /// Values of header fields by lower-case name; repeated fields joined with a comma.
    let fields: [String: String]
    let body: [UInt8]

    /// The media type in lower case, and the charset in upper case where one is given.
    var contentType: (media: String, charset: String?) {
        let parts = (fields["content-type"] ?? "").split(separator: ";").map { part in
            part.filter { !$0.isWhitespace && $0 != "\"" }.lowercased()
        }
        let charset = parts.dropFirst().first { $0.hasPrefix("charset=") }?.dropFirst(8).uppercased()
        return (parts.first ?? "", charset)
    }
}

/// A reply, and how the transport mistreats it.
struct MockReply: Sendable {
    var status = 200
    var contentType: String
    var body: [UInt8]
    /// A fault that the transport commits.
    var quirk: Quirk?

    /// A reply whose body takes the faults of content that no dialect is needed for.
    init(contentType: String, body: [UInt8], quirk: Quirk? = nil) {
        self.contentType = contentType
        self.body = body
        self.quirk = quirk
        switch quirk?.mode {
        case .wrongCharset:
            // 0xFF begins no character in GB18030 or in UTF-8.
            self.body.insert(0xFF, at: body.firstIndex { $0 >= 0x80 } ?? body.count / 2)
        case .unparsable, .badJSON: self.body = Array(body.prefix(body.count * 2 / 3))
        case .html:
            self.contentType = "text/html; charset=utf-8"
            self.body = Array("<!DOCTYPE html><html><head><title>系统维护</title></head><body><h1>系统维护中，请稍后再试</h1></body></html>".utf8)
        case .huge:
            if let place = body.firstRange(of: Array(hugeMarker.utf8)) {
                self.body = Array(body[..<place.lowerBound]) + [UInt8](repeating: UInt8(ascii: "x"), count: 21 << 20)
                self.body += Array(body[place.upperBound...])
            }
        case .http500:
            status = 500
            self.contentType = "text/plain; charset=utf-8"
            self.body = Array("Internal Server Error".utf8)
        default: break
        }
    }
}

/// Stands where 21 MB of filler go when everything else is written.
let hugeMarker = "-filler-"
