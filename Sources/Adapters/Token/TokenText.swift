/// How the parts of a token are written: strictly, so that one token has one text.
enum TokenText {
    /// Base64URL without padding, in the one way that it can be written (RFC 4648 §3.5, §5); nil for anything else. Bits that say nothing
    /// must be zero: otherwise the same token could come in several texts.
    static func bytes(_ text: Slice<UnsafeRawBufferPointer>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(text.count / 4 * 3 + 2)
        var (group, digits): (UInt32, Int) = (0, 0)
        for byte in text {
            guard let digit = digit(byte) else { return nil }
            group = group << 6 | digit
            digits += 1
            guard digits == 4 else { continue }
            out.append(UInt8(truncatingIfNeeded: group >> 16))
            out.append(UInt8(truncatingIfNeeded: group >> 8))
            out.append(UInt8(truncatingIfNeeded: group))
            (group, digits) = (0, 0)
        }
        switch digits {
        case 2:
            guard group & 0xF == 0 else { return nil }
            out.append(UInt8(truncatingIfNeeded: group >> 4))
        case 3:
            guard group & 0x3 == 0 else { return nil }
            out.append(UInt8(truncatingIfNeeded: group >> 10))
            out.append(UInt8(truncatingIfNeeded: group >> 2))
        default: break
        }
        return out
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x41...0x5A: UInt32(byte) - 0x41
        case 0x61...0x7A: UInt32(byte) - 0x61 + 26
        case 0x30...0x39: UInt32(byte) - 0x30 + 52
        case 0x2D: 62
        case 0x5F: 63
        default: nil
        }
    }

    /// A JSON object in which no name of the outermost level comes twice (RFC 7515 §4, RFC 7519 §4): what is said twice contradicts itself.
    static func object(_ bytes: [UInt8]) -> Object? {
        guard let object = try? JSONCodec.decode(bytes).object, members(bytes) == object.fields.count else { return nil }
        return object
    }

    /// How many members the outermost object of a well-formed JSON text has: as many as colons, outside of texts and of what is inside.
    private static func members(_ json: [UInt8]) -> Int {
        var (depth, count, isText, isEscaped) = (0, 0, false, false)
        for byte in json {
            if isText {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isText = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isText = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ":") where depth == 1: count += 1
            default: break
            }
        }
        return count
    }
}
