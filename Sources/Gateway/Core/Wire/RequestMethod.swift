/// A request method (RFC 9110 §9).
public enum RequestMethod: UInt8, Sendable, Hashable, CaseIterable {
    /// The methods of RFC 9110 and RFC 5789. The parser refuses `connect` and `trace` with 501: the gateway is no tunnel and no mirror.
    case get, head, post, put, delete, options, patch, connect, trace
    /// Another registered method; its bytes are in the head's `methodSpan`.
    case other

    /// The method as it is written; empty for `other`.
    public var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .patch: "PATCH"
        case .connect: "CONNECT"
        case .trace: "TRACE"
        case .other: ""
        }
    }

    /// Whether the request asks for no change (RFC 9110 §9.2.1).
    public var isSafe: Bool { self == .get || self == .head || self == .options || self == .trace }

    /// Whether sending it twice is the same as sending it once (RFC 9110 §9.2.2).
    public var isIdempotent: Bool { isSafe || self == .put || self == .delete }

    /// The longest token that is still taken for a method, in bytes; the longest registered one has 17. What is longer is no method that
    /// someone knows elsewhere (501) but noise (400).
    static let longestName = 32

    /// Registered methods (RFC 9110 §16.1.1) beside the ones above. Anything else is answered 501 (RFC 9110 §9.1), as llhttp refuses it:
    /// a method that one of two neighbours does not know may have framing rules that it does not know.
    private static let registered: [StaticString] = [
        "ACL", "BIND", "CHECKOUT", "COPY", "LINK", "LOCK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MOVE", "PROPFIND", "PROPPATCH",
        "QUERY", "REBIND", "REPORT", "SEARCH", "UNBIND", "UNLINK", "UNLOCK",
    ]

    /// The method at `[from, end)`, case-sensitive; nil where it is not known.
    @inline(__always)
    static func recognise(_ bytes: UnsafeRawPointer, _ from: Int, _ end: Int) -> RequestMethod? {
        let method: RequestMethod
        switch Octets.octet(bytes, from) {
        case UInt8(ascii: "G"): method = .get
        case UInt8(ascii: "H"): method = .head
        case UInt8(ascii: "P"):
            guard end - from > 2 else { return nil }
            switch Octets.octet(bytes, from + 1) {
            case UInt8(ascii: "O"): method = .post
            case UInt8(ascii: "U"): method = .put
            default: method = .patch
            }
        case UInt8(ascii: "D"): method = .delete
        case UInt8(ascii: "O"): method = .options
        case UInt8(ascii: "C"): method = .connect
        case UInt8(ascii: "T"): method = .trace
        default: method = .other
        }
        if method != .other, equals(bytes, from, end, method.name) { return method }
        return registered.contains { equals(bytes, from, end, $0) } ? .other : nil
    }

    @inline(__always)
    private static func equals(_ bytes: UnsafeRawPointer, _ from: Int, _ end: Int, _ name: StaticString) -> Bool {
        guard end - from == name.utf8CodeUnitCount else { return false }
        for index in 0..<name.utf8CodeUnitCount where Octets.octet(bytes, from + index) != name.utf8Start[index] { return false }
        return true
    }
}
