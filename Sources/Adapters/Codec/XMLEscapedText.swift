extension XMLCodec {
    /// A text that was escaped for XML once more than its place asked for, such as `&lt;a&gt;` in a JSON string. A text with a `<` is not
    /// escaped, and comes back as it is; so does a `&` that begins no reference which XML defines.
    public static func unescaped(_ text: String) -> String {
        guard !text.utf8.contains(UInt8(ascii: "<")), text.utf8.contains(UInt8(ascii: "&")) else { return text }
        var out = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        while let mark = rest.firstIndex(of: "&") {
            out.append(contentsOf: rest[..<mark])
            rest = rest[mark...]
            // The longest reference is &#x10FFFF; with any number of zeros before; twelve characters are enough for an honest one.
            if let end = rest.prefix(12).firstIndex(of: ";"), let scalar = character(of: rest[rest.index(after: mark)..<end]) {
                out.append(scalar)
                rest = rest[rest.index(after: end)...]
            } else {
                out.append("&")
                rest = rest.dropFirst()
            }
        }
        out.append(contentsOf: rest)
        return String(out)
    }

    private static func character(of reference: Substring.UnicodeScalarView) -> Unicode.Scalar? {
        switch String(reference) {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        case let name where name.hasPrefix("#x"): return UInt32(name.dropFirst(2), radix: 16).flatMap { Unicode.Scalar($0) }
        case let name where name.hasPrefix("#"): return UInt32(name.dropFirst(), radix: 10).flatMap { Unicode.Scalar($0) }
        default: return nil
        }
    }

    /// The text inside a CDATA section that stands as text, such as in a JSON string; a text that is no such section comes back as it is.
    public static func withoutCDATA(_ text: String) -> String {
        let open = Array("<![CDATA[".utf8)
        let close = Array("]]>".utf8)
        var bytes = Array(text.utf8)[...]
        while let first = bytes.first, XMLText.isSpace(first) { bytes.removeFirst() }
        while let last = bytes.last, XMLText.isSpace(last) { bytes.removeLast() }
        guard bytes.starts(with: open), bytes.suffix(3).elementsEqual(close), bytes.count >= open.count + close.count else { return text }
        let inner = bytes.dropFirst(open.count).dropLast(close.count)
        var out: [UInt8] = []
        var start = inner.startIndex
        for range in inner.ranges(of: close + open) {
            out += inner[start..<range.lowerBound]
            start = range.upperBound
        }
        return String(decoding: out + inner[start...], as: UTF8.self)
    }
}
