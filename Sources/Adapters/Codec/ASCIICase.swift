/// Texts that are the same but for the case of ASCII letters, such as names of header fields (RFC 9110 §5.1).
enum ASCIICase {
    /// Whether two texts are the same without regard to the case of ASCII letters. Eight bytes at a time: a head's names are compared
    /// for every name that a signing convention asks for.
    static func isSame(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        let (left, right) = (UnsafeRawBufferPointer(a), UnsafeRawBufferPointer(b))
        var at = 0
        while at &+ 8 <= left.count {
            let (one, other) = (
                left.loadUnaligned(fromByteOffset: at, as: UInt64.self), right.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            )
            if one != other, lower(one) != lower(other) { return false }
            at &+= 8
        }
        while at < left.count {
            if left[at] != right[at], lower(left[at]) != lower(right[at]) { return false }
            at &+= 1
        }
        return true
    }

    /// A byte in lower case, where it is a letter.
    @inline(__always)
    static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

    /// Eight bytes in lower case, as far as they are letters.
    @inline(__always)
    private static func lower(_ word: UInt64) -> UInt64 {
        // The sums reach a byte's highest bit from 'A' on, and from behind 'Z' on.
        let low = word & 0x7F7F_7F7F_7F7F_7F7F
        let fromA = low &+ 0x3F3F_3F3F_3F3F_3F3F
        let behindZ = low &+ 0x2525_2525_2525_2525
        return word | (fromA & ~behindZ & ~word & 0x8080_8080_8080_8080) >> 2
    }
}
