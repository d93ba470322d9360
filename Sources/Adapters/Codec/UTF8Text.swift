import CSimdjson

/// UTF-8 checks and string building without a second validation.
enum UTF8Text {
    /// Whether the bytes are UTF-8 (RFC 3629); about 10 GB/s.
    static func isValid(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        return csimdjson_is_utf8(base, bytes.count)
    }

    /// A string of bytes that are known to be UTF-8.
    ///
    /// Every caller has checked the whole document with `isValid` (or simdjson's index, which does the same) and cuts it only at ASCII
    /// characters, which never occur inside a multi-byte sequence.
    @inline(__always)
    static func string(validated bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(copying: UTF8Span(unchecked: Span(_unsafeElements: bytes), isKnownASCII: false))
    }

    /// Runs `body` with the text's UTF-8 bytes.
    @inline(__always)
    static func withBytes<Result, Failure: Error>(
        of text: String, _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try text.utf8.span.withUnsafeBufferPointer(body)
    }

    /// Whether every byte is below 0x80.
    static func isASCII(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        let raw = UnsafeRawBufferPointer(bytes)
        var at = 0
        while at &+ 8 <= raw.count {
            if raw.loadUnaligned(fromByteOffset: at, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { return false }
            at &+= 8
        }
        while at < raw.count {
            if raw[at] >= 0x80 { return false }
            at &+= 1
        }
        return true
    }

    /// Negative, zero or positive as the bytes of `left` sort before, with or after those of `right`.
    static func compare(_ left: String, _ right: String) -> Int {
        withBytes(of: left) { a in
            withBytes(of: right) { b in
                let length = min(a.count, b.count)
                for index in 0..<length where a[index] != b[index] { return Int(a[index]) - Int(b[index]) }
                return a.count - b.count
            }
        }
    }

    /// Whether two texts of the same length are the same.
    @inline(__always)
    static func isSame(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ length: Int) -> Bool {
        let (left, right) = (UnsafeRawPointer(left), UnsafeRawPointer(right))
        if length >= 8 {
            var at = length &- 8
            // The last bytes first: long names of one document begin alike.
            while true {
                if left.loadUnaligned(fromByteOffset: at, as: UInt64.self) != right.loadUnaligned(fromByteOffset: at, as: UInt64.self) {
                    return false
                }
                if at == 0 { return true }
                at = max(0, at &- 8)
            }
        }
        if length >= 4 {
            return left.loadUnaligned(as: UInt32.self) == right.loadUnaligned(as: UInt32.self)
                && left.loadUnaligned(fromByteOffset: length &- 4, as: UInt32.self)
                    == right.loadUnaligned(fromByteOffset: length &- 4, as: UInt32.self)
        }
        var at = 0
        while at < length {
            if left.load(fromByteOffset: at, as: UInt8.self) != right.load(fromByteOffset: at, as: UInt8.self) { return false }
            at &+= 1
        }
        return true
    }

    /// The offset of the first byte that cannot be part of UTF-8; nil when there is none. For fault messages only.
    static func firstInvalid(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        if isValid(bytes) { return nil }
        // A prefix that was cut inside a sequence is invalid too: halve on sequence boundaries.
        var (low, high) = (0, bytes.count)
        while low < high {
            var middle = low + (high - low) / 2
            while middle > low, bytes[middle] & 0xC0 == 0x80 { middle -= 1 }
            if middle > low, isValid(UnsafeBufferPointer(rebasing: bytes[low..<middle])) {
                low = middle
            } else if middle > low {
                high = middle
            } else {
                break
            }
        }
        var at = low
        while at < high {
            let length = max(1, sequenceLength(bytes[at]))
            guard at + length <= high, isValid(UnsafeBufferPointer(rebasing: bytes[at..<(at + length)])) else { return at }
            at += length
        }
        return low
    }

    private static func sequenceLength(_ lead: UInt8) -> Int {
        switch lead {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }
}
