/// A set of ASCII characters as two words: a member test is a shift, and the set lives in the code, not in memory.
struct OctetSet: Sendable {
    let low: UInt64
    let high: UInt64

    @inline(__always)
    func contains(_ octet: UInt8) -> Bool {
        octet < 0x80 && ((octet < 0x40 ? low : high) &>> UInt64(octet & 0x3F)) & 1 != 0
    }

    /// `tchar` (RFC 9110 §5.6.2).
    static let token = OctetSet(low: 0x03FF_6CFA_0000_0000, high: 0x57FF_FFFF_C7FF_FFFE)
    /// What may stand in a registered name: `unreserved` of RFC 3986. Its `sub-delims` and percent-encodings are legal there and found in
    /// no host that a gateway routes by; a comma, above all, is two Host fields folded into one.
    static let hostName = OctetSet(low: 0x03FF_6000_0000_0000, high: 0x47FF_FFFE_87FF_FFFE)
    /// What may stand between the brackets of an IPv6 literal (RFC 3986 §3.2.2).
    static let ipv6 = OctetSet(low: 0x07FF_4000_0000_0000, high: 0x0000_007E_0000_007E)
    /// `qdtext` (RFC 9110 §5.6.4) without obs-text.
    static let quotedText = OctetSet(low: 0xFFFF_FFFB_0000_0200, high: 0x7FFF_FFFF_EFFF_FFFF)
}

/// Searches over raw bytes, eight at a time. Every function takes the offsets `[from, end)`, which must lie within the bytes, and
/// returns the offset of the first byte that ends the run, or `end`.
enum Octets {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let tops: UInt64 = 0x8080_8080_8080_8080

    /// The top bit of every byte below `bound` (at most 0x80); exact for the lowest one that is set, which is the one that is used.
    @inline(__always)
    private static func below(_ word: UInt64, _ bound: UInt64) -> UInt64 { (word &- ones &* bound) & ~word & tops }

    /// The top bit of every byte equal to `octet`; exact for the lowest one that is set.
    @inline(__always)
    private static func equal(_ word: UInt64, _ octet: UInt64) -> UInt64 { below(word ^ (ones &* octet), 1) }

    @inline(__always)
    static func word(_ bytes: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    static func octet(_ bytes: UnsafeRawPointer, _ offset: Int) -> UInt8 {
        bytes.load(fromByteOffset: offset, as: UInt8.self)
    }

    /// The end of a run of field-content: HTAB, SP, VCHAR and obs-text (RFC 9110 §5.5).
    @inline(__always)
    static func endOfText(_ bytes: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int {
        var at = from
        while true {
            if end - at >= 8 {
                let word = word(bytes, at)
                let stops = ((word &- ones &* 0x20) | ((word ^ (ones &* 0x7F)) &- ones)) & ~word & tops
                if stops == 0 {
                    at += 8
                    continue
                }
                at += stops.trailingZeroBitCount >> 3
            } else {
                if at == end { return end }
                let octet = octet(bytes, at)
                if octet >= 0x20, octet != 0x7F {
                    at += 1
                    continue
                }
            }
            if octet(bytes, at) != .tab { return at }
            at += 1
        }
    }

    /// The end of a run of letters, digits, hyphens and dots: what nearly every field name and host is made of, and all of it both
    /// `tchar` (RFC 9110 §5.6.2) and `unreserved` (RFC 3986 §2.3). The last seven bytes before `end` are left to the caller.
    @inline(__always)
    static func endOfPlainName(_ bytes: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int {
        var at = from
        while end - at >= 8 {
            let word = word(bytes, at)
            // Each sum carries into a byte's own top bit only, because the bytes are below 0x80 here.
            let low = word & ~tops
            let folded = low | (ones &* 0x20)
            let isLetter = (folded &+ ones &* 0x1F) & ~(folded &+ ones &* 0x05)
            let isDigit = (low &+ ones &* 0x50) & ~(low &+ ones &* 0x46)
            let isHyphenOrDot = (low &+ ones &* 0x53) & ~(low &+ ones &* 0x51)
            let stops = (word | ~(isLetter | isDigit | isHyphenOrDot)) & tops
            if stops != 0 { return at + stops.trailingZeroBitCount >> 3 }
            at += 8
        }
        return at
    }

    /// The end of a run of what a request-target may hold: visible ASCII without `#`. RFC 3986 leaves out a few of them (`"<>\^{|}` and
    /// the grave accent); they are common in the wild, mean nothing to framing, and pass unchanged.
    @inline(__always)
    static func endOfTarget(_ bytes: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int {
        var at = from
        while end - at >= 8 {
            let word = word(bytes, at)
            let stops = below(word, 0x21) | equal(word, 0x7F) | equal(word, 0x23) | (word & tops)
            if stops != 0 { return at + stops.trailingZeroBitCount >> 3 }
            at += 8
        }
        while at < end {
            let octet = octet(bytes, at)
            if octet < 0x21 || octet > 0x7E || octet == 0x23 { return at }
            at += 1
        }
        return end
    }

    /// The first place of `octet`.
    @inline(__always)
    static func first(_ octet: UInt8, _ bytes: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int {
        var at = from
        while end - at >= 8 {
            let hits = equal(word(bytes, at), UInt64(octet))
            if hits != 0 { return at + hits.trailingZeroBitCount >> 3 }
            at += 8
        }
        while at < end, self.octet(bytes, at) != octet { at += 1 }
        return at
    }

    /// The end of a run of members of `set`.
    @inline(__always)
    static func endOfRun(of set: OctetSet, _ bytes: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int {
        var at = from
        while at < end, set.contains(octet(bytes, at)) { at += 1 }
        return at
    }

    /// The end of optional white space (RFC 9110 §5.6.3).
    @inline(__always)
    static func endOfBlanks(_ bytes: UnsafeRawPointer, _ from: Int, _ end: Int) -> Int {
        var at = from
        while at < end, isBlank(octet(bytes, at)) { at += 1 }
        return at
    }

    @inline(__always)
    static func isBlank(_ octet: UInt8) -> Bool { octet == .space || octet == .tab }

    /// Whether `[from, end)` is `lowercase`, without regard to case. `lowercase` must hold no character of `@[\]^_`, for which the
    /// folding is not exact.
    @inline(__always)
    static func matches(_ bytes: UnsafeRawPointer, _ from: Int, _ end: Int, _ lowercase: StaticString) -> Bool {
        guard end - from == lowercase.utf8CodeUnitCount else { return false }
        for index in 0..<lowercase.utf8CodeUnitCount where octet(bytes, from + index) | 0x20 != lowercase.utf8Start[index] {
            return false
        }
        return true
    }
}
