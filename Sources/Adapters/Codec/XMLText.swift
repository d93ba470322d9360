/// What XML 1.0 (fifth edition) allows in text and names.
enum XMLText {
    /// What is said of a character that XML does not allow.
    static let forbidden = "a character that XML does not allow"

    /// White space (§2.3, S).
    @inline(__always)
    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

    /// The offset in UTF-8 bytes of the first character that XML does not allow (§2.2, Char): a control character other than tab, line
    /// feed and carriage return, U+FFFE or U+FFFF.
    static func firstForbidden(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if byte < 0x20, !isSpace(byte) { return at }
            // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
            if byte == 0xEF, at + 2 < bytes.count, bytes[at + 1] == 0xBF, bytes[at + 2] >= 0xBE { return at }
            at &+= 1
        }
        return nil
    }

    /// Whether a text is a name with at most one colon, neither first nor last (Namespaces in XML, §4, QName).
    static func isName(_ text: String) -> Bool {
        if UTF8Text.withBytes(of: text, isPlainName) { return true }
        var expectsStart = true
        var colons = 0
        for scalar in text.unicodeScalars {
            if scalar == ":" {
                colons += 1
                if expectsStart || colons > 1 { return false }
                expectsStart = true
            } else {
                guard isNameStart(scalar.value) || !expectsStart && isNameLater(scalar.value) else { return false }
                expectsStart = false
            }
        }
        return !expectsStart
    }

    /// Whether a text is a name of ASCII letters, digits, `_`, `-` and `.`, as nearly all are.
    private static func isPlainName(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = 0
        while at < bytes.count {
            switch bytes[at] {
            case 0x41...0x5A, 0x61...0x7A, 0x5F: break
            case 0x2D, 0x2E, 0x30...0x39: if at == 0 { return false }
            default: return false
            }
            at &+= 1
        }
        return at > 0
    }

    private static func isNameStart(_ code: UInt32) -> Bool {
        switch code {
        case 0x41...0x5A, 0x61...0x7A, 0x5F, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2FF, 0x370...0x37D, 0x37F...0x1FFF, 0x200C...0x200D,
            0x2070...0x218F, 0x2C00...0x2FEF, 0x3001...0xD7FF, 0xF900...0xFDCF, 0xFDF0...0xFFFD, 0x10000...0xEFFFF:
            true
        default: false
        }
    }

    private static func isNameLater(_ code: UInt32) -> Bool {
        switch code {
        case 0x2D, 0x2E, 0x30...0x39, 0xB7, 0x300...0x36F, 0x203F...0x2040: true
        default: false
        }
    }

    /// Appends element text. `>` is escaped for the sake of `]]>`, a carriage return because a reader would make it a line feed.
    static func escapeText(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout ByteSink) {
        out.append(bytes, unless: { $0 > 0x3E || $0 != 0x26 && $0 != 0x3C && $0 != 0x3E && $0 != 0x0D }, replacement: escape)
    }

    /// Appends allowed text as a CDATA section; `]]>` is split over two.
    static func cdata(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout ByteSink) {
        out.append("<![CDATA[")
        var run = 0
        var at = 2
        while at < bytes.count {
            if bytes[at] == 0x3E, bytes[at - 1] == 0x5D, bytes[at - 2] == 0x5D {
                out.append(UnsafeBufferPointer(rebasing: bytes[run..<at]))
                out.append("]]><![CDATA[")
                run = at
            }
            at &+= 1
        }
        out.append(UnsafeBufferPointer(rebasing: bytes[run...]))
        out.append("]]>")
    }

    /// Appends an attribute's value, for double quotation marks. Tabs and line ends are escaped because a reader would make them spaces.
    static func escapeAttribute(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout ByteSink) {
        out.append(
            bytes,
            unless: {
                $0 > 0x3E || $0 != 0x26 && $0 != 0x3C && $0 != 0x3E && $0 != 0x22 && $0 != 0x09 && $0 != 0x0A && $0 != 0x0D
            }, replacement: escape)
    }

    private static func escape(_ byte: UInt8, into out: inout ByteSink) {
        switch byte {
        case 0x26: out.append("&amp;")
        case 0x3C: out.append("&lt;")
        case 0x3E: out.append("&gt;")
        case 0x22: out.append("&quot;")
        case 0x09: out.append("&#9;")
        case 0x0A: out.append("&#10;")
        default: out.append("&#13;")
        }
    }
}
