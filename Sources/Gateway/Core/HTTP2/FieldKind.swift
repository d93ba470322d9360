/// What a field's name means to whoever turns a request of HTTP/2 into one of HTTP/1.1.
package enum FieldKind: UInt8, Sendable {
    /// One that goes on as it is.
    case regular
    /// The pseudo-fields of a request (RFC 9113 §8.3.1).
    case method, scheme, path, authority
    /// A name that begins with a colon and is none of these.
    case unknownPseudo
    /// Fields with rules of their own.
    case host, cookie, te, contentLength
    /// What concerns one connection, and has no place in HTTP/2 (RFC 9113 §8.2.2).
    case connectionSpecific
    /// No name of a field: empty, not a token, or with upper-case letters (RFC 9113 §8.2.1).
    case invalid

    /// Whether it is a pseudo-field.
    var isPseudo: Bool {
        switch self {
        case .method, .scheme, .path, .authority, .unknownPseudo: true
        default: false
        }
    }

    /// The meaning of a name.
    package init(_ name: UnsafeRawBufferPointer) {
        guard let base = name.baseAddress, let first = name.first else {
            self = .invalid
            return
        }
        if first == .colon {
            self = Self.pseudo(base, name.count)
            return
        }
        var at = 0
        while at < name.count {
            let octet = Octets.octet(base, at)
            guard OctetSet.token.contains(octet), !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(octet) else {
                self = .invalid
                return
            }
            at += 1
        }
        self = Self.named(base, name.count)
    }

    private static func pseudo(_ name: UnsafeRawPointer, _ count: Int) -> FieldKind {
        if equals(name, count, ":path") { return .path }
        if equals(name, count, ":method") { return .method }
        if equals(name, count, ":scheme") { return .scheme }
        return equals(name, count, ":authority") ? .authority : .unknownPseudo
    }

    private static func named(_ name: UnsafeRawPointer, _ count: Int) -> FieldKind {
        switch KnownField.recognise(name, 0, count) {
        case .host: .host
        case .cookie: .cookie
        case .te: .te
        case .contentLength: .contentLength
        case .transferEncoding, .connection, .keepAlive, .proxyConnection, .upgrade: .connectionSpecific
        default: .regular
        }
    }

    @inline(__always)
    static func equals(_ bytes: UnsafeRawPointer, _ count: Int, _ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        for index in 0..<count where Octets.octet(bytes, index) != text.utf8Start[index] { return false }
        return true
    }
}
