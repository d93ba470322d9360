internal import Adapters

/// What we read has no DOCTYPE, libxml2 alone reads the same tree, and written again, in UTF-8 or in another charset, it is read as the same tree.
enum XMLProperties {
    static func check(_ input: [UInt8]) throws(Finding) {
        try checkPlain(input)
        let value: Value
        do { value = try XMLCodec.decode(input) } catch {
            try JSONProperties.checkOffset(error, input.count)
            return
        }
        try claim(!XMLProlog.reachesDoctype(input), "read, though it has a DOCTYPE")
        if let body = XMLProlog.behindDeclaration(input) {
            let declared = Array(input[..<body]) + Array("<!DOCTYPE a>".utf8) + Array(input[body...])
            try claim((try? XMLCodec.decode(declared)) == nil, "read, though a DOCTYPE was put before it")
        }
        try checkAgain(value, nil)
        try checkAgain(value, .utf8)
        try checkAgain(value, .gbk)
        try checkAgain(value, Charset(named: "Big5"))
        try checkText(value)
    }

    /// A document that has U+007F anywhere is libxml2's to read, its texts too: a comment behind it changes nothing else.
    private static func checkPlain(_ input: [UInt8]) throws(Finding) {
        let taken = try? XMLCodec.decode(input)
        let plain = try? XMLCodec.decode(input + Array("<!--\u{7F}-->".utf8))
        try claim((taken == nil) == (plain == nil), "read by one way and refused by the other")
        guard let taken, let plain else { return }
        try claim(taken == plain && JSONCodec.encode(taken) == JSONCodec.encode(plain), "read as two trees by two ways")
    }

    private static func checkAgain(_ value: Value, _ encoding: Charset?) throws(Finding) {
        let written: [UInt8]
        do { written = try XMLCodec.encode(value, encoding: encoding, nilNulls: true) } catch {
            // A name cannot be written with references.
            if let encoding, encoding != .utf8, error.reason.contains("a name has a character") { return }
            throw Finding("what was read cannot be written: \(error.description)")
        }
        try same(value, encoding?.name ?? "UTF-8") { () throws(CodecFault) in try XMLCodec.decode(written) }
    }

    private static func checkText(_ value: Value) throws(Finding) {
        try same(value, "text") { () throws(CodecFault) in
            try XMLCodec.decode(text: try XMLCodec.encodeText(value, declaring: "GBK", nilNulls: true))
        }
    }

    private static func same(_ value: Value, _ form: String, _ read: () throws(CodecFault) -> Value) throws(Finding) {
        let again: Value
        do { again = try read() } catch { throw Finding("what was written as \(form) is refused: \(error.description)") }
        try claim(
            again == value && JSONCodec.encode(again) == JSONCodec.encode(value), "what was written as \(form) is read as another tree")
    }
}

/// What may stand before a document's element, told apart by hand.
enum XMLProlog {
    /// Whether nothing but white space, comments and processing instructions stands before a `<!DOCTYPE`.
    static func reachesDoctype(_ bytes: [UInt8]) -> Bool {
        var rest = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        while !rest.isEmpty {
            rest = rest.drop { $0 <= 0x20 }
            if rest.starts(with: "<!DOCTYPE".utf8) { return true }
            if rest.starts(with: "<!--".utf8) {
                rest = behind("-->", rest.dropFirst(4))
            } else if rest.starts(with: "<?".utf8) {
                rest = behind("?>", rest.dropFirst(2))
            } else {
                return false
            }
        }
        return false
    }

    /// Where the document goes on behind its XML declaration; nil where the beginning is too odd to tell.
    static func behindDeclaration(_ bytes: [UInt8]) -> Int? {
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        guard bytes[start...].starts(with: "<?xml".utf8) else { return bytes.count > start ? start : nil }
        let rest = behind("?>", bytes[(start + 5)...])
        return rest.isEmpty ? nil : rest.startIndex
    }

    private static func behind(_ end: String, _ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let mark = Array(end.utf8)
        var rest = bytes
        while !rest.isEmpty {
            if rest.starts(with: mark) { return rest.dropFirst(mark.count) }
            rest = rest.dropFirst()
        }
        return rest
    }
}
