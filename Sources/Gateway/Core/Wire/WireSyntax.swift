/// Checks of what goes out: a value that came from a body, a configuration or another protocol must pass here before it is written
/// into a head. A CR or LF in it would end the line and start another.
public enum WireSyntax {
    /// Whether these bytes are a token (RFC 9110 §5.6.2), as a method or a field name must be.
    public static func isToken(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy(OctetSet.token.contains)
    }

    /// Whether these bytes can stand as a field value: HTAB, SP, visible ASCII and obs-text, no white space at either end (RFC 9110 §5.5).
    public static func isFieldValue(_ bytes: some Collection<UInt8>) -> Bool {
        var last: UInt8?
        for octet in bytes {
            if octet < 0x20 && octet != .tab || octet == 0x7F { return false }
            if last == nil, Octets.isBlank(octet) { return false }
            last = octet
        }
        return last.map { !Octets.isBlank($0) } ?? true
    }

    /// Whether these bytes can stand as a request-target: visible ASCII without `#`, at least one (RFC 9112 §3.2).
    public static func isTarget(_ bytes: some Collection<UInt8>) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }
    }

    @inline(__always)
    static func lowercase(_ octet: UInt8) -> UInt8 {
        octet &- UInt8(ascii: "A") < 26 ? octet | 0x20 : octet
    }
}

/// The authority of an http URI, and the value of Host (RFC 9110 §4.2.1, §7.2): a name, an IPv4 address or a bracketed IPv6 address,
/// then perhaps a port. No user information, no percent-encoding, and not empty.
enum Authority {
    static func isValid(_ bytes: UnsafeRawPointer, _ from: Int, _ end: Int) -> Bool {
        guard from < end else { return false }
        var at: Int
        if Octets.octet(bytes, from) == UInt8(ascii: "[") {
            at = Octets.endOfRun(of: .ipv6, bytes, from + 1, end)
            // "::" is the shortest address, and an address without a colon is none.
            guard at < end, at - from > 2, Octets.octet(bytes, at) == UInt8(ascii: "]"),
                Octets.first(.colon, bytes, from, at) < at
            else { return false }
            at += 1
        } else {
            at = Octets.endOfRun(of: .hostName, bytes, Octets.endOfPlainName(bytes, from, end), end)
            guard at > from else { return false }
        }
        return at == end || Octets.octet(bytes, at) == .colon && isPort(bytes, at + 1, end)
    }

    /// Digits up to 65535; an empty port is legal (RFC 3986 §3.2.3).
    private static func isPort(_ bytes: UnsafeRawPointer, _ from: Int, _ end: Int) -> Bool {
        var port = 0
        for at in from..<end {
            let digit = Octets.octet(bytes, at) &- UInt8(ascii: "0")
            guard digit < 10 else { return false }
            port = port * 10 + Int(digit)
            guard port <= 65535 else { return false }
        }
        return true
    }
}

/// The elements of a comma-separated list (RFC 9110 §5.6.1), the white space around them removed; empty ones are passed over.
struct ListElements: Sequence, IteratorProtocol {
    private let bytes: UnsafeRawPointer
    private var at: Int
    private let end: Int

    init(_ bytes: UnsafeRawPointer, _ span: ByteSpan) {
        self.bytes = bytes
        at = Int(span.start)
        end = span.end
    }

    mutating func next() -> Range<Int>? {
        while at < end {
            let from = Octets.endOfBlanks(bytes, at, end)
            let comma = Octets.first(UInt8(ascii: ","), bytes, from, end)
            at = comma + 1
            var to = comma
            while to > from, Octets.isBlank(Octets.octet(bytes, to - 1)) { to -= 1 }
            if to > from { return from..<to }
        }
        return nil
    }
}
