/// What can be said of a text's bytes without making the text.
enum JSONTapeText {
    /// A number that differs for most texts that differ, and whether the text is ASCII.
    @inline(__always)
    static func mix(_ text: UnsafePointer<UInt8>, _ length: Int) -> (mixed: UInt64, isASCII: Bool) {
        let raw = UnsafeRawPointer(text)
        let high: UInt64 = 0x8080_8080_8080_8080
        let size = UInt64(truncatingIfNeeded: length)
        if length >= 8 {
            let first = raw.loadUnaligned(as: UInt64.self)
            let last = raw.loadUnaligned(fromByteOffset: length &- 8, as: UInt64.self)
            let isASCII = (first | last) & high == 0
            let isWhole = length <= 16 || UTF8Text.isASCII(UnsafeBufferPointer(start: text, count: length))
            return (first ^ (last &* 31) ^ size, isASCII && isWhole)
        }
        var word: UInt64 = 0
        if length >= 4 {
            let last = raw.loadUnaligned(fromByteOffset: length &- 4, as: UInt32.self)
            word = UInt64(raw.loadUnaligned(as: UInt32.self)) | UInt64(last) << 32
        } else if length > 0 {
            word = UInt64(text[0]) | UInt64(text[length >> 1]) << 8 | UInt64(text[length &- 1]) << 16
        }
        return (word ^ size, word & high == 0)
    }

    /// Whether every escape is one that JSON knows, and no half of a surrogate pair stands alone.
    static func isSound(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = 0
        while at < bytes.count {
            guard bytes[at] == 0x5C else {
                at &+= 1
                continue
            }
            guard at &+ 1 < bytes.count else { return false }
            switch bytes[at &+ 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
                UInt8(ascii: "r"), UInt8(ascii: "t"):
                at &+= 2
            case UInt8(ascii: "u"):
                guard let code = unit(bytes, at) else { return false }
                at &+= 6
                if 0xDC00...0xDFFF ~= code { return false }
                if 0xD800...0xDBFF ~= code {
                    guard let low = unit(bytes, at), 0xDC00...0xDFFF ~= low else { return false }
                    at &+= 6
                }
            default: return false
            }
        }
        return true
    }

    /// The UTF-16 unit that an escape `\uXXXX` at `at` names.
    private static func unit(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> UInt32? {
        guard at &+ 6 <= bytes.count, bytes[at] == 0x5C, bytes[at &+ 1] == UInt8(ascii: "u") else { return nil }
        var code: UInt32 = 0
        for position in (at &+ 2)..<(at &+ 6) {
            guard let digit = Hex.digit(bytes[position]) else { return nil }
            code = code << 4 | UInt32(digit)
        }
        return code
    }

    /// Whether no other bytes are canonically equivalent (which Swift's comparison of strings looks at) as long as the others pass too:
    /// ASCII and the unified ideographs U+4000 to U+9FFF.
    static func isUnambiguous(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = 0
        while at < bytes.count {
            if bytes[at] < 0x80 {
                at &+= 1
            } else if 0xE4...0xE9 ~= bytes[at] {
                at &+= 3
            } else {
                return false
            }
        }
        return true
    }
}
