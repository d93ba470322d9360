extension RequestHead {
    /// Takes the request-target apart (RFC 9112 §3.2). Its bytes are visible ASCII already.
    @inline(__always)
    mutating func readTarget(_ bytes: UnsafeRawPointer) -> WireCause? {
        let from = Int(target.start)
        if Octets.octet(bytes, from) == UInt8(ascii: "/") {
            form = .origin
            split(bytes, from)
            return nil
        }
        if Octets.octet(bytes, from) == UInt8(ascii: "*"), target.count == 1 {
            form = .asterisk
            return method == .options ? nil : .targetForm
        }
        return readAbsolute(bytes, from)
    }

    /// `http` and `https` only, with an authority and without user information (RFC 9110 §4.2.1, §4.2.4).
    private mutating func readAbsolute(_ bytes: UnsafeRawPointer, _ from: Int) -> WireCause? {
        let end = target.end
        let colon = Octets.first(.colon, bytes, from, end)
        guard Octets.matches(bytes, from, colon, "http") || Octets.matches(bytes, from, colon, "https"),
            end - colon > 3, Octets.matches(bytes, colon, colon + 3, "://")
        else { return .targetForm }
        let authority = colon + 3
        let slash = Octets.first(UInt8(ascii: "/"), bytes, authority, end)
        let authorityEnd = Octets.first(UInt8(ascii: "?"), bytes, authority, slash)
        guard Authority.isValid(bytes, authority, authorityEnd) else { return .host }
        form = .absolute
        host = ByteSpan(authority, authorityEnd)
        split(bytes, authorityEnd)
        return nil
    }

    @inline(__always)
    private mutating func split(_ bytes: UnsafeRawPointer, _ from: Int) {
        let mark = Octets.first(UInt8(ascii: "?"), bytes, from, target.end)
        path = ByteSpan(from, mark)
        if mark < target.end { query = ByteSpan(mark + 1, target.end) }
    }
}

/// `HTTP/1.0` and `HTTP/1.1`, in upper case (RFC 9112 §2.3).
enum HTTPVersion {
    /// `HTTP/1.` as a word with the version's last digit left out.
    private static let prefix: UInt64 = 0x002E_312F_5054_5448

    /// A fault as soon as the bytes at `from` cannot become a version that is spoken here.
    @inline(__always)
    static func check(_ bytes: UnsafeRawPointer, _ from: Int, _ end: Int) -> WireCause? {
        if end - from >= 8 {
            let word = Octets.word(bytes, from)
            if word & 0x00FF_FFFF_FFFF_FFFF == prefix, word >> 56 == 0x30 || word >> 56 == 0x31 { return nil }
        }
        return checkSlowly(bytes, from, min(end, from + 8))
    }

    private static func checkSlowly(_ bytes: UnsafeRawPointer, _ from: Int, _ end: Int) -> WireCause? {
        let pattern: StaticString = "HTTP/d.d"
        var isOther = false
        for index in 0..<(end - from) {
            let octet = Octets.octet(bytes, from + index)
            if index == 5 || index == 7 {
                guard octet &- UInt8(ascii: "0") < 10 else { return .version }
                if index == 5 ? octet != UInt8(ascii: "1") : octet > UInt8(ascii: "1") { isOther = true }
            } else if octet != pattern.utf8Start[index] {
                return .version
            }
        }
        return isOther && end - from == 8 ? .versionNotSupported : nil
    }
}
