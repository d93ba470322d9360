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
        var text = text
        text.withUTF8 { write(jsonBytes: UnsafeRawBufferPointer($0)) }
    }

    /// Writes the inside of a JSON string with personal numbers masked, before a following escape could hide their borders.
    mutating func write(maskedJSON text: String) {
        var text = text
        let clean = text.withUTF8 { bytes in
            guard !Masking.mayHoldNumber(UnsafeRawBufferPointer(bytes)) else { return false }
            write(jsonBytes: UnsafeRawBufferPointer(bytes))
            return true
        }
        if !clean { write(json: Masking.text(text)) }
    }

    private mutating func write(jsonBytes bytes: UnsafeRawBufferPointer) {
        let bytes = bytes.count <= AccessRecord.longestText ? bytes : bytes.cut(to: AccessRecord.longestText)
        var written = 0
        while true {
            let clean = bytes.firstJSONEscape(from: written)
            if clean > written { write(UnsafeRawBufferPointer(rebasing: bytes[written..<clean])) }
            guard clean < bytes.count else { return }
            writeEscape(bytes[clean])
            written = clean + 1
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

extension UnsafeRawBufferPointer {
    /// Where the first byte stands that a JSON string must escape: a control character, `"` or `\`; else the count.
    /// Eight bytes at a time ("Bit Twiddling Hacks", S. E. Anderson: a zero byte, a byte less than n).
    fileprivate func firstJSONEscape(from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high = ones &* 0x80
        var at = start
        while at &+ 8 <= count {
            let word = loadUnaligned(fromByteOffset: at, as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let slash = word ^ (ones &* 0x5C)
            let found = ((word &- ones &* 0x20) & ~word | (quote &- ones) & ~quote | (slash &- ones) & ~slash) & high
            if found != 0 { break }
            at &+= 8
        }
        while at < count, self[at] >= 0x20, self[at] != UInt8(ascii: "\""), self[at] != UInt8(ascii: "\\") { at &+= 1 }
        return at
    }

    /// At most `limit` bytes, without half a character of UTF-8 at the end.
    fileprivate func cut(to limit: Int) -> UnsafeRawBufferPointer {
        var end = Swift.min(limit, count)
        while end > 0, end < count, self[end] & 0xC0 == 0x80 { end -= 1 }
        return UnsafeRawBufferPointer(rebasing: self[..<end])
    }
}
