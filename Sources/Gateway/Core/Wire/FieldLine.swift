/// The fields that the gateway itself looks at; every other is passed through unread.
public enum KnownField: UInt8, Sendable {
    case other, host, contentLength, transferEncoding, connection, keepAlive, te, trailer, upgrade, expect, proxyConnection
    case proxyAuthorization, proxyAuthenticate, xForwardedFor, xForwardedProto, xForwardedHost, traceparent, xRequestID, xAPIKey
    case authorization, contentType, date

    /// The field of a name, without regard to case; `name` holds token characters only.
    init(_ name: UnsafeRawBufferPointer) {
        self = .other
        switch name.count {
        case 2: if isName(name, "te") { self = .te }
        case 4: if isName(name, "host") { self = .host } else if isName(name, "date") { self = .date }
        case 6: if isName(name, "expect") { self = .expect }
        case 7: if isName(name, "upgrade") { self = .upgrade } else if isName(name, "trailer") { self = .trailer }
        case 9: if isName(name, "x-api-key") { self = .xAPIKey }
        case 10: if isName(name, "connection") { self = .connection } else if isName(name, "keep-alive") { self = .keepAlive }
        case 11: if isName(name, "traceparent") { self = .traceparent }
        case 12: if isName(name, "content-type") { self = .contentType } else if isName(name, "x-request-id") { self = .xRequestID }
        case 13: if isName(name, "authorization") { self = .authorization }
        case 14: if isName(name, "content-length") { self = .contentLength }
        case 15: if isName(name, "x-forwarded-for") { self = .xForwardedFor }
        case 16:
            if isName(name, "x-forwarded-host") { self = .xForwardedHost } else if isName(name, "proxy-connection") { self = .proxyConnection }
        case 17:
            if isName(name, "transfer-encoding") { self = .transferEncoding } else if isName(name, "x-forwarded-proto") { self = .xForwardedProto }
        case 18: if isName(name, "proxy-authenticate") { self = .proxyAuthenticate }
        case 19: if isName(name, "proxy-authorization") { self = .proxyAuthorization }
        default: break
        }
    }

    /// Whether the field belongs to one connection and never to the next (RFC 9110 §7.6.1).
    var isHopByHop: Bool {
        switch self {
        case .connection, .keepAlive, .te, .trailer, .transferEncoding, .upgrade, .proxyConnection, .proxyAuthorization, .proxyAuthenticate:
            true
        default: false
        }
    }

    /// Whether `Connection` may name the field. One that frames the message, names its target or its caller may not be
    /// taken out of it by the sender's word: what the gateway checked would not be what the upstream sees.
    var mayBeNominated: Bool {
        switch self {
        case .host, .contentLength, .contentType, .authorization, .xAPIKey, .xForwardedFor, .xForwardedProto, .xForwardedHost: false
        default: true
        }
    }
}

/// One header field, as spans of the received bytes.
public struct FieldLine: Sendable {
    /// The name, as written.
    public let name: ByteSpan
    /// The value, without the white space around it.
    public let value: ByteSpan
    /// Which one it is.
    public let known: KnownField
    /// Whether it stays on this connection: by its name, or because `Connection` names it.
    public internal(set) var isHopByHop: Bool
}

/// Compares a token with a lower-case name, without regard to case.
@inline(__always)
func isName(_ bytes: UnsafeRawBufferPointer, _ lower: StaticString) -> Bool {
    guard bytes.count == lower.utf8CodeUnitCount else { return false }
    let text = lower.utf8Start
    for index in 0..<bytes.count where bytes[index] | 0x20 != text[index] { return false }
    return true
}

/// Which bytes may stand in a token (RFC 9110 §5.6.2), as two 64-bit maps of the ASCII range.
@inline(__always)
func isTokenByte(_ byte: UInt8) -> Bool {
    // !#$%&'*+-.0-9 and A-Z^_`a-z|~
    let low: UInt64 = 0x03FF_6CFA_0000_0000
    let high: UInt64 = 0x57FF_FFFF_C7FF_FFFE
    if byte < 64 { return low >> UInt64(byte) & 1 == 1 }
    return byte < 128 && high >> UInt64(byte - 64) & 1 == 1
}
