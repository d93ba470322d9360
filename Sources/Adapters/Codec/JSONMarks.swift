import Glibc

/// Where numbers and words of a JSON text end (RFC 8259 section 2); what its two readers have in common.
enum JSONMarks {
    /// Whether a number or word may end at this offset: at white space, a structural character or the end.
    @inline(__always)
    static func isBoundary(_ bytes: UnsafeBufferPointer<UInt8>, _ offset: Int) -> Bool {
        guard offset < bytes.count else { return true }
        switch bytes[offset] {
        case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: ":"): return true
        default: return false
        }
    }

    /// Whether the word stands at this offset, and ends there.
    @inline(__always)
    static func has(_ word: StaticString, _ bytes: UnsafeBufferPointer<UInt8>, at offset: Int) -> Bool {
        let end = offset &+ word.utf8CodeUnitCount
        guard end <= bytes.count, let base = bytes.baseAddress else { return false }
        return memcmp(base + offset, word.utf8Start, word.utf8CodeUnitCount) == 0 && isBoundary(bytes, end)
    }
}
