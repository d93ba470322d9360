/// Writes the parts of a message that framing needs, into room of the caller's. Each function returns the bytes written, or 0 where the
/// room is too small; nothing is allocated.
public enum WireWriter {
    /// The most bytes that `chunkHeader` writes.
    public static let longestChunkHeader = 18
    /// The most bytes that `decimal` writes.
    public static let longestDecimal = 20
    /// The end of a chunk's data, and of a line.
    public static let lineEnd: StaticString = "\r\n"
    /// The last chunk and an empty trailer section.
    public static let lastChunk: StaticString = "0\r\n\r\n"

    /// Writes `size` in hexadecimal and CRLF (RFC 9112 §7.1). A size of 0 or less writes nothing: it would be the last chunk.
    public static func chunkHeader(_ size: Int, into room: UnsafeMutableRawBufferPointer) -> Int {
        guard size > 0 else { return 0 }
        let digits = (Int.bitWidth - size.leadingZeroBitCount + 3) / 4
        guard room.count >= digits + 2 else { return 0 }
        for index in 0..<digits {
            let digit = UInt8(truncatingIfNeeded: size >> (4 * (digits - 1 - index))) & 0xF
            room[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        }
        room[digits] = .carriageReturn
        room[digits + 1] = .lineFeed
        return digits + 2
    }

    /// Writes `value` in decimal, as Content-Length wants it.
    public static func decimal(_ value: UInt64, into room: UnsafeMutableRawBufferPointer) -> Int {
        var digits = 1
        var rest = value
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        guard room.count >= digits else { return 0 }
        rest = value
        for index in (0..<digits).reversed() {
            room[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        return digits
    }
}
