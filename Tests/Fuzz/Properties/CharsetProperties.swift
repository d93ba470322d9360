internal import Adapters

/// The first byte chooses a charset, the rest is read in it. What is read is written as the same bytes, but for the few codes that are known
/// to be second names of a character; what is not read is refused at a place up to which all is well.
enum CharsetProperties {
    private static let names = ["GB18030", "GBK", "GB2312", "Big5", "UTF-8", "ISO-8859-1"]

    static func check(_ input: [UInt8]) throws(Finding) {
        guard let first = input.first, let charset = Charset(named: names[Int(first) % names.count]) else { return }
        let bytes = Array(input.dropFirst())
        try checkReplacing(bytes, charset)
        try checkWriting(String(decoding: bytes, as: UTF8.self), charset)
        let text: String
        do { text = try charset.decode(bytes) } catch {
            let offset = error.offset ?? -1
            try claim((0...bytes.count).contains(offset), "offset \(offset) of \(bytes.count): \(error.description)")
            let before = Array(bytes[..<offset])
            try claim((try? charset.decode(before)) != nil, "refused at \(offset), but what stands before is refused too")
            return
        }
        let segments = CharsetSegments(bytes, charset)
        var whole = ""
        var expected: [UInt8] = []
        for segment in segments.all {
            guard let part = try? charset.decode(segment) else { throw Finding("read as a whole, but \(hex(segment)) alone is refused") }
            whole.unicodeScalars.append(contentsOf: part.unicodeScalars)
            expected += CharsetSegments.canonical(segment, charset)
        }
        try claim(same(whole, text), "read as a whole it is another text than character by character")
        let written: [UInt8]
        do { written = try charset.encode(text) } catch {
            // GBK and GB2312 are read as GB18030, which contains them, and written as themselves.
            guard ["GBK", "GB2312"].contains(charset.name), let wider = try? Charset.gb18030.encode(text) else {
                throw Finding("what was read cannot be written: \(error.description)")
            }
            return try claim(wider == expected, "read from \(hex(bytes)), written in GB18030 as \(hex(wider))")
        }
        try claim(written == expected, "read from \(hex(bytes)), written as \(hex(written))")
    }

    /// Where invalid bytes are replaced, nothing is refused.
    private static func checkReplacing(_ bytes: [UInt8], _ charset: Charset) throws(Finding) {
        let replaced: String
        do { replaced = try charset.decode(bytes, replacingInvalid: true) } catch { throw Finding("not replaced: \(error.description)") }
        if let strict = try? charset.decode(bytes) {
            try claim(same(replaced, strict), "replaced, though nothing is invalid")
        } else {
            try claim(replaced.unicodeScalars.contains("\u{FFFD}"), "refused, but nothing was replaced")
        }
    }

    /// A text that can be written is read again as it was.
    private static func checkWriting(_ text: String, _ charset: Charset) throws(Finding) {
        let written: [UInt8]
        do { written = try charset.encode(text) } catch {
            let offset = error.offset ?? -1
            try claim((0..<text.utf8.count).contains(offset), "offset \(offset) of \(text.utf8.count): \(error.description)")
            let before = String(decoding: Array(text.utf8)[..<offset], as: UTF8.self)
            try claim((try? charset.encode(before)) != nil, "cannot be written at \(offset), nor can what stands before")
            return
        }
        guard let again = try? charset.decode(written) else { throw Finding("what was written is refused: \(hex(written))") }
        try claim(same(again, text), "written as \(hex(written)), read as another text")
    }

    /// Whether two texts have the same scalars: equal texts of Swift may differ in them.
    private static func same(_ one: String, _ other: String) -> Bool { one.unicodeScalars.elementsEqual(other.unicodeScalars) }

    private static func hex(_ bytes: [UInt8]) -> String { bytes.prefix(64).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}

/// Bytes cut into characters by the rules of their charset.
struct CharsetSegments {
    let all: [[UInt8]]

    init(_ bytes: [UInt8], _ charset: Charset) {
        var all: [[UInt8]] = []
        var rest = bytes[...]
        while let lead = rest.first {
            let length = Self.length(lead, rest.dropFirst().first ?? 0, charset)
            all.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        self.all = all
    }

    private static func length(_ lead: UInt8, _ second: UInt8, _ charset: Charset) -> Int {
        switch charset.name {
        case "ISO-8859-1": 1
        case "UTF-8": lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        case "Big5": lead < 0x81 ? 1 : 2
        default: lead < 0x81 ? 1 : 0x30...0x39 ~= second ? 4 : 2
        }
    }

    /// Characters of Big5 that have two codes in glibc's table: the second is read and not written.
    private static let big5: [[UInt8]: [UInt8]] = [
        [0xA2, 0xCC]: [0xA4, 0x51], [0xA2, 0xCE]: [0xA4, 0xCA], [0xF9, 0xE9]: [0xA2, 0xA5], [0xF9, 0xEA]: [0xA2, 0xA6],
        [0xF9, 0xEB]: [0xA2, 0xA7], [0xF9, 0xF9]: [0xA2, 0xA4], [0xF9, 0xFA]: [0xA2, 0x7E], [0xF9, 0xFB]: [0xA2, 0xA1],
        [0xF9, 0xFC]: [0xA2, 0xA2], [0xF9, 0xFD]: [0xA2, 0xA3],
    ]

    /// The code that the character is written with.
    static func canonical(_ code: [UInt8], _ charset: Charset) -> [UInt8] {
        switch charset.name {
        case "Big5": return big5[code] ?? code
        case "GB18030", "GBK", "GB2312": break
        default: return code
        }
        // The euro sign of code page 936.
        if code == [0x80] { return [0xA2, 0xE3] }
        guard code.count == 4 else { return code }
        // What the edition of 2022 moved to two bytes: 82359037 and the seven behind it, 84318236 and the nine behind it.
        let number = code.reduce(0) { $0 << 8 | Int($1) }
        if let at = [0x8235_9037, 0x8235_9038, 0x8235_9039, 0x8235_9130, 0x8235_9131, 0x8235_9132, 0x8235_9133, 0x8235_9134].firstIndex(
            of: number)
        {
            let codes: [UInt8] = [0x59, 0x61, 0x66, 0x67, 0x6D, 0x7E, 0x90, 0xA0]
            return [0xFE, codes[at]]
        }
        let vertical = [
            0x8431_8236, 0x8431_8237, 0x8431_8238, 0x8431_8239, 0x8431_8330, 0x8431_8331, 0x8431_8332, 0x8431_8333, 0x8431_8334,
            0x8431_8335,
        ]
        if let at = vertical.firstIndex(of: number) {
            let codes: [UInt8] = [0xD9, 0xDB, 0xDA, 0xDC, 0xDD, 0xDE, 0xDF, 0xEC, 0xED, 0xF3]
            return [0xA6, codes[at]]
        }
        return code
    }
}
