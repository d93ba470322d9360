import Glibc

/// A document with its texts taken out: libxml2 reads the markup, and what stands between the tags is read here.
///
/// libxml2 looks every reference up as an entity and reads what is not ASCII character by character; the texts of departments, which write
/// documents into documents, are little else. A document that is not plain to see through has no skeleton and is read as it is; so is one
/// in whose skeleton anything is wrong, for its fault and for where that stands.
struct XMLSkeleton: ~Copyable {
    /// Stands for a text: a character that XML allows and nobody writes.
    private static let mark: UInt8 = 0x7F

    private var markup = ByteSink()
    private var texts = ByteSink()
    /// Where each text ends.
    private var ends: [Int] = []
    /// How many texts were put back.
    private var next = 0

    /// Takes a document apart that `XMLScan` has found harmless. Its markup, which a zero byte follows, is valid until `finish`, for nothing is
    /// added to it before; nil when there is nothing to gain, or a text that libxml2 has to look at.
    mutating func take(_ scan: XMLScan) -> UnsafeBufferPointer<UInt8>? {
        let bytes = scan.bytes
        guard let base = bytes.baseAddress, memchr(base, Int32(XMLSkeleton.mark), bytes.count) == nil else { return nil }
        guard memchr(base, Int32(UInt8(ascii: "&")), bytes.count) != nil || !UTF8Text.isASCII(bytes) else { return nil }
        next = 0
        markup.reserve(bytes.count + 1)
        var at = 0
        while at < bytes.count {
            let open = scan.find(UInt8(ascii: "<"), from: at) ?? bytes.count
            if open > at, !takeText(UnsafeBufferPointer(rebasing: bytes[at..<open])) { return nil }
            guard open < bytes.count else { break }
            guard let behind = try? scan.behindMarkup(at: open) else { return nil }
            if scan.holds("<![CDATA[", at: open) {
                guard takeOut(UnsafeBufferPointer(rebasing: bytes[(open + 9)..<(behind - 3)]), isSection: true) else { return nil }
            } else {
                markup.append(UnsafeBufferPointer(rebasing: bytes[open..<behind]))
            }
            at = behind
        }
        guard !ends.isEmpty else { return nil }
        markup.append(0)
        return markup.withBytes { UnsafeBufferPointer(rebasing: $0.dropLast()) }
    }

    /// Whether every text was put back.
    var isComplete: Bool { next == ends.count }

    /// Forgets the document; gives the memory of a large one back.
    mutating func finish() {
        markup.truncate(to: 0)
        texts.truncate(to: 0)
        ends.removeAll(keepingCapacity: ends.count <= 4096)
        if markup.capacity > 1 << 18 { markup = ByteSink() }
        if texts.capacity > 1 << 18 { texts = ByteSink() }
    }

    /// Gives a part of the markup's text as it was: each mark is the next text.
    mutating func give(_ part: UnsafeBufferPointer<UInt8>, to builder: inout XMLTreeBuilder) {
        var rest = part
        while let base = rest.baseAddress, let found = memchr(base, Int32(XMLSkeleton.mark), rest.count) {
            let position = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            if position > 0 { builder.append(UnsafeBufferPointer(rebasing: rest[..<position])) }
            guard next < ends.count else { return }
            let start = next == 0 ? 0 : ends[next - 1]
            let end = ends[next]
            texts.withBytes { builder.append(UnsafeBufferPointer(rebasing: $0[start..<end])) }
            next += 1
            rest = UnsafeBufferPointer(rebasing: rest[(position + 1)...])
        }
        if !rest.isEmpty { builder.append(rest) }
    }

    // MARK: Texts

    private mutating func endText() {
        markup.append(XMLSkeleton.mark)
        ends.append(texts.count)
    }

    /// Takes what stands between two tags; false when it is nothing that XML allows there.
    private mutating func takeText(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        // Short words in ASCII cost libxml2 no more than a mark, and blanks may stand where a text may not.
        if text.count <= 16 && text.allSatisfy({ $0 < 0x80 && $0 != UInt8(ascii: "&") }) || text.allSatisfy(XMLText.isSpace) {
            markup.append(text)
            return true
        }
        return takeOut(text, isSection: false)
    }

    /// Takes a text, or what a CDATA section holds, the empty one too: it may not stand everywhere.
    private mutating func takeOut(_ text: UnsafeBufferPointer<UInt8>, isSection: Bool) -> Bool {
        var at = 0
        // Nothing gets longer here.
        texts.reserve(text.count)
        while at < text.count {
            at &+= copyPlain(UnsafeBufferPointer(rebasing: text[at...]), isSection: isSection)
            guard at < text.count else { break }
            guard let length = takeSpecial(text, at, isSection: isSection) else { return false }
            at &+= length
        }
        endText()
        return true
    }

    /// Copies text up to the first byte that is to be looked at, `&lt;` and `&gt;` included, which are the most of a document in a document;
    /// how many bytes that took.
    private mutating func copyPlain(_ text: UnsafeBufferPointer<UInt8>, isSection: Bool) -> Int {
        let raw = UnsafeRawBufferPointer(text)
        var at = 0
        texts.appendUninitialized { room in
            var to = 0
            while at < raw.count, to < room.count {
                let byte = raw[at]
                if XMLSkeleton.isPlain(byte) {
                    room[to] = byte
                    at &+= 1
                } else if !isSection, byte == UInt8(ascii: "&"), at &+ 4 <= raw.count,
                    let sign = XMLSkeleton.sign(UInt32(bigEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
                {
                    room[to] = sign
                    at &+= 4
                } else {
                    return to
                }
                to &+= 1
            }
            return to
        }
        return at
    }

    /// The sign of `&lt;` or `&gt;`.
    @inline(__always)
    private static func sign(_ reference: UInt32) -> UInt8? {
        if reference == 0x266C_743B { return UInt8(ascii: "<") }
        return reference == 0x2667_743B ? UInt8(ascii: ">") : nil
    }

    /// Whether a byte is text wherever it stands.
    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 ? byte != UInt8(ascii: "&") && byte != UInt8(ascii: "]") && byte != 0xEF : byte == 0x0A || byte == 0x09
    }

    /// Takes what stands at a byte that is to be looked at; how many bytes that was, and nil where XML does not allow them.
    private mutating func takeSpecial(_ text: UnsafeBufferPointer<UInt8>, _ at: Int, isSection: Bool) -> Int? {
        func follows(_ one: UInt8, _ offset: Int) -> Bool { at + offset < text.count && text[at + offset] == one }
        switch text[at] {
        case UInt8(ascii: "&") where isSection: break
        case UInt8(ascii: "&"):
            guard let (scalar, length) = XMLReference.read(text, at) else { return nil }
            texts.append(scalar)
            return length
        // No section holds its own end.
        case UInt8(ascii: "]"): if follows(UInt8(ascii: "]"), 1), follows(UInt8(ascii: ">"), 2) { return nil }
        // A line ends with a line feed, however it was written (XML 1.0 §2.11).
        case 0x0D:
            texts.append(0x0A)
            return follows(0x0A, 1) ? 2 : 1
        // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
        case 0xEF: if follows(0xBF, 1), follows(0xBE, 2) || follows(0xBF, 2) { return nil }
        default: return nil
        }
        texts.append(text[at])
        return 1
    }
}

/// A reference in a text: one of the five entities that XML defines, or a character's number (XML 1.0 §4.1, §4.6).
private enum XMLReference {
    /// The character and the length of the reference at an offset; nil when there is none that XML allows.
    static func read(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> (Unicode.Scalar, Int)? {
        // With zeros before it a number may be longer, and is libxml2's.
        guard let end = text[at..<min(at + 12, text.count)].firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let name = UnsafeBufferPointer(rebasing: text[(at + 1)..<end])
        guard let scalar = name.first == UInt8(ascii: "#") ? number(name) : entity(name) else { return nil }
        return (scalar, end + 1 - at)
    }

    private static func entity(_ name: UnsafeBufferPointer<UInt8>) -> Unicode.Scalar? {
        func isNamed(_ word: StaticString) -> Bool {
            guard let base = name.baseAddress, name.count == word.utf8CodeUnitCount else { return false }
            return memcmp(base, word.utf8Start, name.count) == 0
        }
        if isNamed("lt") { return "<" }
        if isNamed("gt") { return ">" }
        if isNamed("amp") { return "&" }
        if isNamed("quot") { return "\"" }
        return isNamed("apos") ? "'" : nil
    }

    private static func number(_ name: UnsafeBufferPointer<UInt8>) -> Unicode.Scalar? {
        let isHexadecimal = name.count > 1 && name[1] == UInt8(ascii: "x")
        let digits = name.dropFirst(isHexadecimal ? 2 : 1)
        guard !digits.isEmpty else { return nil }
        var code: UInt32 = 0
        for byte in digits {
            guard let digit = Hex.digit(byte), digit < (isHexadecimal ? 16 : 10) else { return nil }
            code = code &* (isHexadecimal ? 16 : 10) &+ UInt32(digit)
            guard code <= 0x10FFFF else { return nil }
        }
        switch code {
        case 0x09, 0x0A, 0x0D, 0x20...0xD7FF, 0xE000...0xFFFD, 0x1_0000...0x10_FFFF: return Unicode.Scalar(code)
        default: return nil
        }
    }
}

extension ByteSink {
    /// Appends a character as UTF-8.
    @inline(__always)
    fileprivate mutating func append(_ scalar: Unicode.Scalar) {
        if scalar.isASCII { return append(UInt8(truncatingIfNeeded: scalar.value)) }
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { append(byte) }
    }
}
