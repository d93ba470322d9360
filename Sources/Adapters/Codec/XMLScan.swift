import Glibc

/// A pass over an XML document's markup before libxml2 sees it: refuses what would make libxml2 do more than linear work, or read what must
/// not be read.
///
/// It refuses every DOCTYPE (so that no DTD, no entity and no external file is ever looked at) and elements with more than
/// `attributeLimit` attributes (libxml2 compares each with all before it). It follows well-formed markup only: where a document breaks the
/// grammar it stops, and so does libxml2, with the fault.
struct XMLScan {
    /// How many attributes and namespace declarations one element may have.
    static let attributeLimit = 128

    let bytes: UnsafeBufferPointer<UInt8>

    private func fault(_ reason: String, at offset: Int) -> CodecFault { CodecFault(format: "XML", reason: reason, offset: offset) }

    func check() throws(CodecFault) {
        if let zero = find(0, from: 0) { throw fault("a character that XML does not allow", at: zero) }
        var at = 0
        while let open = find(UInt8(ascii: "<"), from: at) {
            guard let behind = try behindMarkup(at: open) else { return }
            at = behind
        }
    }

    /// The offset behind the tag, comment, section or instruction that begins at an offset; nil when it does not end, or is something else.
    func behindMarkup(at open: Int) throws(CodecFault) -> Int? {
        guard open + 1 < bytes.count else { return nil }
        switch bytes[open + 1] {
        case UInt8(ascii: "!"): return try declaration(at: open)
        case UInt8(ascii: "?"): return find("?>", from: open + 2)
        case UInt8(ascii: "/"): return find(UInt8(ascii: ">"), from: open + 2).map { $0 + 1 }
        default: return try tag(at: open)
        }
    }

    private func declaration(at open: Int) throws(CodecFault) -> Int? {
        if holds("<!--", at: open) { return find("-->", from: open + 4) }
        if holds("<![CDATA[", at: open) { return find("]]>", from: open + 9) }
        if holds("<!DOCTYPE", at: open) { throw fault("a DOCTYPE is not allowed", at: open) }
        return nil
    }

    private func tag(at open: Int) throws(CodecFault) -> Int? {
        var attributes = 0
        var at = open + 1
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: ">"): return at + 1
            case UInt8(ascii: "<"): return nil
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                attributes += 1
                guard attributes <= XMLScan.attributeLimit else {
                    throw fault("an element with more than \(XMLScan.attributeLimit) attributes", at: at)
                }
                guard let close = find(bytes[at], from: at + 1) else { return nil }
                at = close + 1
            default: at += 1
            }
        }
        return nil
    }

    @inline(__always)
    func find(_ byte: UInt8, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + start, CInt(byte), bytes.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// The offset behind the next occurrence of a word that ends with `>`.
    func find(_ word: StaticString, from start: Int) -> Int? {
        let before = word.utf8CodeUnitCount - 1
        var at = start + before
        while let end = find(UInt8(ascii: ">"), from: at) {
            if holds(word, at: end - before) { return end + 1 }
            at = end + 1
        }
        return nil
    }

    func holds(_ word: StaticString, at offset: Int) -> Bool {
        guard bytes.count - offset >= word.utf8CodeUnitCount, let base = bytes.baseAddress else { return false }
        return memcmp(base + offset, word.utf8Start, word.utf8CodeUnitCount) == 0
    }
}
