internal import GatewayCore

/// RFC 3339 with milliseconds and +08:00. Everything but the milliseconds is formatted once a second.
struct TimestampText {
    private var second: Int64 = .min
    private var bytes: [UInt8] = Array("0000-00-00T00:00:00.000+08:00".utf8)

    /// Writes the time, 29 bytes.
    mutating func write(_ epochMilliseconds: Int64, to cursor: inout ByteCursor) {
        let now = epochMilliseconds.floorDivided(by: 1_000)
        if now != second { format(now) }
        put(Int(epochMilliseconds &- now &* 1_000), at: 20, width: 3)
        cursor.write(bytes)
    }

    private mutating func format(_ now: Int64) {
        second = now
        let local = ShanghaiTime.seconds(now &* 1_000)
        let day = local.floorDivided(by: 86_400)
        let rest = Int(local &- day &* 86_400)
        let date = ShanghaiTime.civil(days: day)
        put(date.year, at: 0, width: 4)
        put(date.month, at: 5, width: 2)
        put(date.day, at: 8, width: 2)
        put(rest / 3_600, at: 11, width: 2)
        put(rest / 60 % 60, at: 14, width: 2)
        put(rest % 60, at: 17, width: 2)
    }

    private mutating func put(_ number: Int, at start: Int, width: Int) {
        var rest = number
        for index in stride(from: start + width - 1, through: start, by: -1) {
            bytes[index] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
    }
}

extension ByteCursor {
    /// Writes nanoseconds as milliseconds with three decimals, cut off after the microsecond.
    mutating func write(milliseconds nanoseconds: Int64) {
        let microseconds = max(0, nanoseconds) / 1_000
        write(decimal: microseconds / 1_000)
        write(UInt8(ascii: "."))
        write(Int(microseconds % 1_000), width: 3)
    }

    /// Writes the inside of a JSON string (RFC 8259 §7), at most `AccessRecord.longestText` bytes of the text.
    mutating func write(json text: String) {
        let native: Void? = text.utf8.withContiguousStorageIfAvailable { write(jsonBytes: UnsafeRawBufferPointer($0)) }
        if native == nil { Array(text.utf8).withUnsafeBytes { write(jsonBytes: $0) } }
    }

    /// Writes the inside of a JSON string with personal numbers masked, before a following escape could hide their borders.
    mutating func write(maskedJSON text: String) {
        let clean = text.utf8.withContiguousStorageIfAvailable { bytes in
            guard !Masking.mayHoldNumber(UnsafeRawBufferPointer(bytes)) else { return false }
            write(jsonBytes: UnsafeRawBufferPointer(bytes))
            return true
        }
        if clean != true { write(json: Masking.text(text)) }
    }

    /// Copies and checks eight bytes at a time; the first eight that hold something to escape, and all that follow, go byte by byte.
    private mutating func write(jsonBytes bytes: UnsafeRawBufferPointer) {
        let bytes = bytes.count <= AccessRecord.longestText ? bytes : bytes.cut(to: AccessRecord.longestText)
        var at = 0
        while at < bytes.count {
            let (word, length) = bytes.word(at: at)
            guard !JSONEscape.isIn(word, length), write(word: word, length: length) else { break }
            at &+= length
        }
        while at < bytes.count {
            let byte = bytes[at]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { writeEscape(byte) } else { write(byte) }
            at &+= 1
        }
    }

    private mutating func writeEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): write("\\\"")
        case UInt8(ascii: "\\"): write("\\\\")
        case UInt8(ascii: "\n"): write("\\n")
        case UInt8(ascii: "\r"): write("\\r")
        case UInt8(ascii: "\t"): write("\\t")
        default:
            write("\\u00")
            write(UInt8(ascii: "0") &+ byte >> 4)
            write(byte & 15 < 10 ? UInt8(ascii: "0") &+ byte & 15 : UInt8(ascii: "a") &- 10 &+ byte & 15)
        }
    }
}

private enum JSONEscape {
    private static let ones: UInt64 = 0x0101_0101_0101_0101

    /// Whether one of the low `length` bytes is a control character, `"` or `\`, which a JSON string must escape ("Bit
    /// Twiddling Hacks", S. E. Anderson: a byte less than n, a zero byte). The bytes above are taken for spaces.
    @inline(__always)
    static func isIn(_ word: UInt64, _ length: Int) -> Bool {
        let word = length < 8 ? word | (ones &* 0x20) &<< UInt64(truncatingIfNeeded: length &* 8) : word
        let quote = word ^ (ones &* 0x22)
        let slash = word ^ (ones &* 0x5C)
        let found = (word &- ones &* 0x20) & ~word | (quote &- ones) & ~quote | (slash &- ones) & ~slash
        return found & (ones &* 0x80) != 0
    }
}

extension UnsafeRawBufferPointer {
    /// The eight bytes at `start`, or as many as are left, in the low bytes of a word; the others are zero.
    @inline(__always)
    fileprivate func word(at start: Int) -> (UInt64, Int) {
        let left = count &- start
        if left >= 8 { return (UInt64(littleEndian: loadUnaligned(fromByteOffset: start, as: UInt64.self)), 8) }
        if left >= 4 {
            let low = UInt32(littleEndian: loadUnaligned(fromByteOffset: start, as: UInt32.self))
            let high = UInt32(littleEndian: loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
            return (UInt64(low) | UInt64(high) &<< UInt64(truncatingIfNeeded: (left &- 4) &* 8), left)
        }
        let last = UInt64(self[count &- 1]) &<< UInt64(truncatingIfNeeded: (left &- 1) &* 8)
        return (UInt64(self[start]) | (left == 3 ? UInt64(self[start &+ 1]) &<< 8 : 0) | last, left)
    }

    /// At most `limit` bytes, without half a character of UTF-8 at the end.
    fileprivate func cut(to limit: Int) -> UnsafeRawBufferPointer {
        var end = Swift.min(limit, count)
        while end > 0, end < count, self[end] & 0xC0 == 0x80 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: self[..<end])
    }
}
