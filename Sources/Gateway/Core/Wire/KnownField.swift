/// The fields that the gateway itself reads, writes or removes. Recognised by length and bytes, without regard to case and without a
/// `String`. At most 64 of them: `KnownFieldSet` is one word.
public enum KnownField: UInt8, Sendable, Hashable, CaseIterable {
    /// Any other field.
    case other
    // The spellings are in `name`.
    case host, contentLength, transferEncoding, connection, keepAlive, te, trailer, upgrade, expect
    case proxyConnection, proxyAuthenticate, proxyAuthorization, http2Settings
    case xForwardedFor, xForwardedProto, xForwardedHost, xForwardedPort, forwarded, xRealIP, via
    case traceparent, tracestate, baggage, xRequestID, xAPIKey, authorization, wwwAuthenticate, idempotencyKey
    case contentType, contentEncoding, contentLanguage, contentDisposition, contentRange, contentDigest
    case accept, acceptEncoding, acceptLanguage, cookie, setCookie, userAgent, origin, referer
    case date, server, location, retryAfter, allow, age, vary, etag, expires, lastModified, cacheControl, pragma
    case ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince, ifRange, range, acceptRanges

    /// The usual spelling; empty for `other`.
    public var name: StaticString {
        Int(rawValue) < Self.names.count ? Self.names[Int(rawValue)] : ""
    }

    /// Removed by every proxy whether nominated or not (RFC 9110 §7.6.1; RFC 9112 §9.6; §11.7 for the credentials of this hop).
    public var isHopByHop: Bool {
        switch self {
        case .connection, .keepAlive, .te, .trailer, .transferEncoding, .upgrade, .proxyConnection, .proxyAuthenticate,
            .proxyAuthorization, .http2Settings:
            true
        default: false
        }
    }

    private static let names: [StaticString] = [
        "", "Host", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "TE", "Trailer", "Upgrade", "Expect",
        "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "HTTP2-Settings",
        "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port", "Forwarded", "X-Real-IP", "Via",
        "Traceparent", "Tracestate", "Baggage", "X-Request-ID", "X-API-Key", "Authorization", "WWW-Authenticate", "Idempotency-Key",
        "Content-Type", "Content-Encoding", "Content-Language", "Content-Disposition", "Content-Range", "Content-Digest",
        "Accept", "Accept-Encoding", "Accept-Language", "Cookie", "Set-Cookie", "User-Agent", "Origin", "Referer",
        "Date", "Server", "Location", "Retry-After", "Allow", "Age", "Vary", "ETag", "Expires", "Last-Modified", "Cache-Control",
        "Pragma", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range", "Accept-Ranges",
    ]
}

/// A set of known fields.
public struct KnownFieldSet: Sendable, Hashable {
    private(set) var bits: UInt64 = 0

    /// The empty set.
    public init() {}

    /// The set of these.
    public init(_ fields: KnownField...) {
        for field in fields { insert(field) }
    }

    /// Whether `field` is in it.
    @inline(__always)
    public func contains(_ field: KnownField) -> Bool { bits & (1 &<< UInt64(field.rawValue)) != 0 }

    /// Adds `field`.
    @inline(__always)
    public mutating func insert(_ field: KnownField) { bits |= 1 &<< UInt64(field.rawValue) }

    mutating func removeAll() { bits = 0 }
}

extension KnownField {
    /// The field whose name is `[from, end)`; the name must be a token already, because the folding of case is exact for tokens only.
    /// Bytes up to `limit` may be read, so that a short name is one load.
    @inline(__always)
    static func recognise(_ bytes: UnsafeRawPointer, _ from: Int, _ end: Int, limit: Int = 0) -> KnownField {
        let count = end - from
        guard count >= 2, count <= 19 else { return .other }
        if count >= 8 { return long(bytes, from, count) }
        if limit - from >= 8 {
            // The bytes behind the name are there, and cut off again.
            let cut = (1 as UInt64) &<< UInt64(8 * count) &- 1
            return short((Octets.word(bytes, from) | fold) & cut, count)
        }
        var word: UInt64 = 0
        for index in 0..<count { word |= UInt64(Octets.octet(bytes, from + index) | 0x20) &<< UInt64(8 * index) }
        return short(word, count)
    }

    private static let fold: UInt64 = 0x2020_2020_2020_2020

    /// Up to eight characters of a lower-case spelling as a word, the first in the lowest byte. Folded into a constant by the compiler.
    @inline(__always)
    private static func key(_ spelling: StaticString, from: Int = 0) -> UInt64 {
        var word: UInt64 = 0
        for index in 0..<min(8, spelling.utf8CodeUnitCount - from) {
            word |= UInt64(spelling.utf8Start[from + index]) &<< UInt64(8 * index)
        }
        return word
    }

    @inline(__always)
    private static func short(_ word: UInt64, _ count: Int) -> KnownField {
        switch count {
        case 2:
            if word == key("te") { return .te }
        case 3:
            if word == key("via") { return .via }
            if word == key("age") { return .age }
        case 4:
            if word == key("host") { return .host }
            if word == key("date") { return .date }
            if word == key("vary") { return .vary }
            if word == key("etag") { return .etag }
        case 5:
            if word == key("allow") { return .allow }
            if word == key("range") { return .range }
        case 6:
            if word == key("expect") { return .expect }
            if word == key("accept") { return .accept }
            if word == key("cookie") { return .cookie }
            if word == key("origin") { return .origin }
            if word == key("server") { return .server }
            if word == key("pragma") { return .pragma }
        case 7:
            if word == key("trailer") { return .trailer }
            if word == key("upgrade") { return .upgrade }
            if word == key("baggage") { return .baggage }
            if word == key("referer") { return .referer }
            if word == key("expires") { return .expires }
        default: break
        }
        return .other
    }

    /// A name of 8 to 19 characters: its first eight, its last eight, and the eight behind the first where these two do not meet.
    private struct Folded {
        let head: UInt64
        let middle: UInt64
        let tail: UInt64

        @inline(__always)
        init(_ bytes: UnsafeRawPointer, _ from: Int, _ count: Int) {
            head = Octets.word(bytes, from) | fold
            middle = count > 16 ? Octets.word(bytes, from + 8) | fold : 0
            tail = Octets.word(bytes, from + count - 8) | fold
        }

        @inline(__always)
        func `is`(_ spelling: StaticString) -> Bool {
            let count = spelling.utf8CodeUnitCount
            return head == key(spelling) && tail == key(spelling, from: count - 8)
                && (count <= 16 || middle == key(spelling, from: 8))
        }
    }

    @inline(__always)
    private static func long(_ bytes: UnsafeRawPointer, _ from: Int, _ count: Int) -> KnownField {
        let seen = Folded(bytes, from, count)
        return count < 14 ? medium(seen, count) : longest(seen, count)
    }

    @inline(__always)
    private static func medium(_ seen: Folded, _ count: Int) -> KnownField {
        switch count {
        case 8:
            if seen.is("location") { return .location }
            if seen.is("if-match") { return .ifMatch }
            if seen.is("if-range") { return .ifRange }
        case 9:
            if seen.is("forwarded") { return .forwarded }
            if seen.is("x-real-ip") { return .xRealIP }
            if seen.is("x-api-key") { return .xAPIKey }
        case 10:
            if seen.is("connection") { return .connection }
            if seen.is("keep-alive") { return .keepAlive }
            if seen.is("tracestate") { return .tracestate }
            if seen.is("set-cookie") { return .setCookie }
            if seen.is("user-agent") { return .userAgent }
        case 11:
            if seen.is("traceparent") { return .traceparent }
            if seen.is("retry-after") { return .retryAfter }
        case 12:
            if seen.is("x-request-id") { return .xRequestID }
            if seen.is("content-type") { return .contentType }
        case 13:
            if seen.is("authorization") { return .authorization }
            if seen.is("content-range") { return .contentRange }
            if seen.is("last-modified") { return .lastModified }
            if seen.is("cache-control") { return .cacheControl }
            if seen.is("if-none-match") { return .ifNoneMatch }
            if seen.is("accept-ranges") { return .acceptRanges }
        default: break
        }
        return .other
    }

    @inline(__always)
    private static func longest(_ seen: Folded, _ count: Int) -> KnownField {
        switch count {
        case 14:
            if seen.is("content-length") { return .contentLength }
            if seen.is("http2-settings") { return .http2Settings }
            if seen.is("content-digest") { return .contentDigest }
        case 15:
            if seen.is("x-forwarded-for") { return .xForwardedFor }
            if seen.is("idempotency-key") { return .idempotencyKey }
            if seen.is("accept-encoding") { return .acceptEncoding }
            if seen.is("accept-language") { return .acceptLanguage }
        case 16:
            if seen.is("proxy-connection") { return .proxyConnection }
            if seen.is("x-forwarded-host") { return .xForwardedHost }
            if seen.is("x-forwarded-port") { return .xForwardedPort }
            if seen.is("www-authenticate") { return .wwwAuthenticate }
            if seen.is("content-encoding") { return .contentEncoding }
            if seen.is("content-language") { return .contentLanguage }
        case 17:
            if seen.is("transfer-encoding") { return .transferEncoding }
            if seen.is("x-forwarded-proto") { return .xForwardedProto }
            if seen.is("if-modified-since") { return .ifModifiedSince }
        case 18:
            if seen.is("proxy-authenticate") { return .proxyAuthenticate }
        case 19:
            if seen.is("proxy-authorization") { return .proxyAuthorization }
            if seen.is("content-disposition") { return .contentDisposition }
            if seen.is("if-unmodified-since") { return .ifUnmodifiedSince }
        default: break
        }
        return .other
    }
}
