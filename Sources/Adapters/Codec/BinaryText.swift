/// Base64 (RFC 4648 §4): the standard alphabet with padding.
public enum Base64Codec {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The value of each byte as a Base64 digit; 0xFF for none, 0xFE for white space.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, digit) in alphabet.enumerated() { values[Int(digit)] = UInt8(value) }
        for space in [0x20, 0x09, 0x0A, 0x0D] { values[space] = 0xFE }
        return values
    }()

    /// The bytes as Base64, on one line.
    public static func encode(_ bytes: [UInt8]) -> String {
        let length = (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: length) { out in
            var (at, to) = (0, 0)
            while at < bytes.count {
                let second = at + 1 < bytes.count ? bytes[at + 1] : 0
                let third = at + 2 < bytes.count ? bytes[at + 2] : 0
                out[to] = alphabet[Int(bytes[at] >> 2)]
                out[to + 1] = alphabet[Int((bytes[at] & 0x03) << 4 | second >> 4)]
                out[to + 2] = at + 1 < bytes.count ? alphabet[Int((second & 0x0F) << 2 | third >> 6)] : UInt8(ascii: "=")
                out[to + 3] = at + 2 < bytes.count ? alphabet[Int(third & 0x3F)] : UInt8(ascii: "=")
                at += 3
                to += 4
            }
            return length
        }
    }

    /// The bytes as Base64 in lines of `length` digits with `end` between them, and none behind the last.
    public static func encode(_ bytes: [UInt8], lines length: Int, end: String) -> String {
        var rest = encode(bytes)[...]
        var out = String(rest.prefix(length))
        rest = rest.dropFirst(length)
        while !rest.isEmpty {
            out += end
            out += rest.prefix(length)
            rest = rest.dropFirst(length)
        }
        return out
    }

    /// The bytes in the alphabet for URLs, without padding (RFC 4648 §5).
    public static func encodeForURL(_ bytes: [UInt8]) -> String {
        let digits = encode(bytes).utf8.lazy.filter { $0 != UInt8(ascii: "=") }
        return String(
            decoding: digits.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0 },
            as: UTF8.self)
    }

    /// The bytes of a text in either alphabet, with padding or without.
    public static func decodeFromURL(_ text: String) throws(CodecFault) -> [UInt8] {
        var digits = text.utf8.filter { values[Int($0)] != 0xFE && $0 != UInt8(ascii: "=") }
            .map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "+") : $0 == UInt8(ascii: "_") ? UInt8(ascii: "/") : $0 }
        while !digits.count.isMultiple(of: 4) { digits.append(UInt8(ascii: "=")) }
        return try digits.withUnsafeBufferPointer { (digits) throws(CodecFault) in try decode(digits) }
    }

    /// The bytes of a Base64 text. Spaces, tabs and line breaks are skipped (MIME, RFC 2045 §6.8); any other foreign character,
    /// missing padding and bits that are left over are faults.
    public static func decode(_ text: String) throws(CodecFault) -> [UInt8] {
        try UTF8Text.withBytes(of: text) { (bytes) throws(CodecFault) in try decode(bytes) }
    }

    private static func decode(_ bytes: UnsafeBufferPointer<UInt8>) throws(CodecFault) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count / 4 * 3)
        var (group, digits, padding) = (UInt32(0), 0, 0)
        for (offset, byte) in bytes.enumerated() {
            let value = values[Int(byte)]
            if value == 0xFE { continue }
            if byte == UInt8(ascii: "=") {
                padding += 1
                guard digits + padding <= 4, digits >= 2 else { throw fault("padding where none belongs", offset) }
                continue
            }
            guard value != 0xFF else { throw fault("not a Base64 digit", offset) }
            guard padding == 0 else { throw fault("something follows the padding", offset) }
            group = group << 6 | UInt32(value)
            digits += 1
            if digits == 4 {
                out.append(UInt8(truncatingIfNeeded: group >> 16))
                out.append(UInt8(truncatingIfNeeded: group >> 8))
                out.append(UInt8(truncatingIfNeeded: group))
                (group, digits) = (0, 0)
            }
        }
        guard digits == 0 && padding == 0 || digits + padding == 4 else { throw fault("the text ends within a group of four", bytes.count) }
        try finish(group, digits, at: bytes.count, into: &out)
        return out
    }

    private static func finish(_ group: UInt32, _ digits: Int, at offset: Int, into out: inout [UInt8]) throws(CodecFault) {
        if digits == 2 {
            guard group & 0x0F == 0 else { throw fault("bits are left over", offset) }
            out.append(UInt8(truncatingIfNeeded: group >> 4))
        } else if digits == 3 {
            guard group & 0x03 == 0 else { throw fault("bits are left over", offset) }
            out.append(UInt8(truncatingIfNeeded: group >> 10))
            out.append(UInt8(truncatingIfNeeded: group >> 2))
        }
    }

    private static func fault(_ reason: String, _ offset: Int) -> CodecFault {
        CodecFault(format: "Base64", reason: reason, offset: offset)
    }
}

/// Hexadecimal (RFC 4648 §8).
public enum Hex {
    static let lowercase = Array("0123456789abcdef".utf8)
    static let uppercase = Array("0123456789ABCDEF".utf8)

    /// Two digits per byte, lower case unless told otherwise.
    public static func encode(_ bytes: [UInt8], uppercase: Bool = false) -> String {
        let digits = uppercase ? Hex.uppercase : Hex.lowercase
        return String(unsafeUninitializedCapacity: 2 * bytes.count) { out in
            for (at, byte) in bytes.enumerated() {
                out[2 * at] = digits[Int(byte >> 4)]
                out[2 * at + 1] = digits[Int(byte & 15)]
            }
            return 2 * bytes.count
        }
    }

    /// The bytes of a hexadecimal text in either case; anything but digits, and an odd number of them, is a fault.
    public static func decode(_ text: String) throws(CodecFault) -> [UInt8] {
        let digits = Array(text.utf8)
        var out: [UInt8] = []
        out.reserveCapacity(digits.count / 2)
        for at in stride(from: 0, to: digits.count - 1, by: 2) {
            guard let high = digit(digits[at]) else { throw CodecFault(format: "hex", reason: "not a hexadecimal digit", offset: at) }
            guard let low = digit(digits[at + 1]) else {
                throw CodecFault(format: "hex", reason: "not a hexadecimal digit", offset: at + 1)
            }
            out.append(high << 4 | low)
        }
        guard digits.count.isMultiple(of: 2) else {
            throw CodecFault(format: "hex", reason: "an odd number of digits", offset: digits.count)
        }
        return out
    }

    /// The value of one digit.
    @inline(__always)
    static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
