/// Hides personal data before it reaches a log: what is known to be a name, a number or a mobile by its field, and what a
/// detector finds in free text.
///
/// The detector finds citizens' identity numbers (GB 11643: 18 characters, an existing province and date, a right check
/// digit) and mobile numbers (11 digits, also after 86), each only where no further digit touches it: case numbers and item
/// codes are longer, and a GB 32100 code of an organisation fails the identity number's date or check digit. It reads digits that are written
/// plainly or percent-encoded (RFC 3986 §2.1). Numbers with separators, 15-digit identity numbers (void since 2013)
/// and anything inside Base64 are not found.
public enum Masking {
    /// A person's name: the first character and one star, so that its length is hidden too.
    public static func name(_ name: String) -> String {
        guard let first = name.first else { return "" }
        return name.count == 1 ? "*" : "\(first)*"
    }

    /// The number of an identity document: four characters at each end of 16 or more, a quarter at each end of fewer.
    public static func identityNumber(_ number: String) -> String {
        let kept = min(4, number.count / 4)
        return masked(number, head: kept, tail: kept)
    }

    /// A telephone number: `138****5678`; of any other length a quarter at each end.
    public static func mobile(_ number: String) -> String {
        number.count == 11 ? masked(number, head: 3, tail: 4) : masked(number, head: number.count / 4, tail: number.count / 4)
    }

    private static func masked(_ text: String, head: Int, tail: Int) -> String {
        text.prefix(head) + String(repeating: "*", count: text.count - head - tail) + text.suffix(tail)
    }

    /// The text with every number that the detector finds masked; the text itself when there is none.
    public static func text(_ text: String) -> String {
        let suspicious = text.utf8.withContiguousStorageIfAvailable { mayHoldNumber(UnsafeRawBufferPointer($0)) } ?? true
        guard suspicious else { return text }
        var bytes = Array(text.utf8)
        let found = bytes.withUnsafeMutableBytes { mask($0) }
        return found ? String(decoding: bytes, as: UTF8.self) : text
    }

    /// Masks the bytes of a text where they stand: the masked form is as long as the plain one. True when something was found.
    @discardableResult
    public static func mask(_ bytes: UnsafeMutableRawBufferPointer) -> Bool {
        var found = false
        if hasLongRun(UnsafeRawBufferPointer(bytes)) {
            forEachNumber(in: UnsafeRawBufferPointer(bytes)) { range in
                for index in range { bytes[index] = star }
                found = true
            }
        }
        if hasPercent(UnsafeRawBufferPointer(bytes)), maskEncoded(bytes) { found = true }
        return found
    }

    /// Whether a number may be in the text; quick for a text that holds none.
    public static func mayHoldNumber(_ bytes: UnsafeRawBufferPointer) -> Bool {
        hasLongRun(bytes) || hasPercent(bytes)
    }

    private static let star = UInt8(ascii: "*")
    private static let percent = UInt8(ascii: "%")

    /// Whether eleven digits stand in a row. Steps from a byte that is no digit straight to the eleventh after it.
    private static func hasLongRun(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var end = 10
        while end < bytes.count {
            var start = end
            while start > end - 11, isDigit(bytes[start]) { start -= 1 }
            if start == end - 11 { return true }
            end = start + 11
        }
        return false
    }

    /// Whether there is a percent sign, eight bytes at a time: a byte of `word` is zero where one stands.
    private static func hasPercent(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var at = 0
        while at &+ 8 <= bytes.count {
            let word = bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self) ^ (ones &* UInt64(percent))
            if (word &- ones) & ~word & (ones &* 0x80) != 0 { return true }
            at &+= 8
        }
        while at < bytes.count {
            if bytes[at] == percent { return true }
            at &+= 1
        }
        return false
    }

    /// Masks numbers that appear when `%XX` is decoded, which also settles where a number begins: in `%2013812345678` the
    /// `20` belongs to a space. A hidden digit that was encoded becomes `%2A`.
    private static func maskEncoded(_ bytes: UnsafeMutableRawBufferPointer) -> Bool {
        var decoded: [UInt8] = []
        var origins: [Int] = []
        decoded.reserveCapacity(bytes.count)
        origins.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            origins.append(at)
            if bytes[at] == percent, at + 2 < bytes.count, let high = hexDigit(bytes[at + 1]), let low = hexDigit(bytes[at + 2]) {
                decoded.append(high << 4 | low)
                at += 3
            } else {
                decoded.append(bytes[at])
                at += 1
            }
        }
        guard decoded.count < bytes.count, decoded.withUnsafeBytes({ hasLongRun($0) }) else { return false }
        var found = false
        decoded.withUnsafeBytes { plain in
            forEachNumber(in: plain) { range in
                found = true
                for index in range { hide(bytes, at: origins[index]) }
            }
        }
        return found
    }

    private static func hide(_ bytes: UnsafeMutableRawBufferPointer, at index: Int) {
        guard bytes[index] == percent else {
            bytes[index] = star
            return
        }
        bytes[index + 1] = UInt8(ascii: "2")
        bytes[index + 2] = UInt8(ascii: "A")
    }

    /// Calls `body` with the range to hide of every number found.
    private static func forEachNumber(in bytes: UnsafeRawBufferPointer, _ body: (Range<Int>) -> Void) {
        var at = 0
        while at < bytes.count {
            guard isDigit(bytes[at]) else {
                at += 1
                continue
            }
            let start = at
            while at < bytes.count, isDigit(bytes[at]) { at += 1 }
            let length = at - start
            let endsWithX = at < bytes.count && bytes[at] | 0x20 == UInt8(ascii: "x")
            if length == 18 || (length == 17 && endsWithX) {
                if isCitizenNumber(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 18])) { body(start + 4..<start + 14) }
            } else if let mobile = mobileStart(bytes, start, length) {
                body(mobile + 3..<mobile + 7)
            }
        }
    }

    /// Where a mobile number begins in a run of digits that is one: 11 digits, or 11 after 86 or 0086.
    private static func mobileStart(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ length: Int) -> Int? {
        let prefix: StaticString
        switch length {
        case 11: prefix = ""
        case 13: prefix = "86"
        case 15: prefix = "0086"
        default: return nil
        }
        for index in 0..<prefix.utf8CodeUnitCount where bytes[start + index] != prefix.utf8Start[index] { return nil }
        let first = start + prefix.utf8CodeUnitCount
        return bytes[first] == UInt8(ascii: "1") && bytes[first + 1] >= UInt8(ascii: "3") ? first : nil
    }

    /// GB 11643 over exactly 18 bytes, the first 17 of them digits.
    private static func isCitizenNumber(_ bytes: UnsafeRawBufferPointer) -> Bool {
        func number(_ range: Range<Int>) -> Int { range.reduce(0) { $0 * 10 + Int(bytes[$1] & 15) } }
        switch number(0..<2) {
        case 11...15, 21...23, 31...37, 41...46, 50...54, 61...65, 71, 81...83, 91: break
        default: return false
        }
        let (year, month, day) = (number(6..<10), number(10..<12), number(12..<14))
        guard (1850...2150).contains(year), (1...12).contains(month), day >= 1, day <= days(in: month, of: year) else { return false }
        var sum = 0
        var weight = 1
        // The weights of GB 11643 are the powers of two modulo 11, from the right: 2, 4, 8, 5, 10, 9, 7, 3, 6, 1, …
        for index in stride(from: 16, through: 0, by: -1) {
            weight = weight * 2 % 11
            sum += Int(bytes[index] & 15) * weight
        }
        let check = (12 - sum % 11) % 11
        return check == 10 ? bytes[17] | 0x20 == UInt8(ascii: "x") : isDigit(bytes[17]) && Int(bytes[17] & 15) == check
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte & 15 }
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : nil
    }
}
