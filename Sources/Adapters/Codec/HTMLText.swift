internal import CLibXML

/// The text of a piece of HTML, as departments keep in fields for people: guides, conditions, notices. No browser: tags are dropped, those
/// that begin a line make one, entities become what they stand for, and a run of white space is one blank.
///
/// Linear in the text, whatever is in it: what does not end (a tag, a quotation, a comment) is looked for once.
struct HTMLText {
    /// The elements that begin a line, or end one.
    private static let lines: Set<String> = [
        "br", "p", "div", "li", "ul", "ol", "tr", "table", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "dt", "dd", "section", "article",
        "blockquote", "pre", "form", "fieldset",
    ]
    /// The elements whose content nobody reads.
    private static let silent: Set<String> = ["script", "style", "head", "title", "template", "noscript"]

    private let bytes: [UInt8]
    private var at = 0
    private var out: [UInt8] = []
    /// What is owed to the output before the next character: nothing, a blank or a new line.
    private var owed: UInt8 = 0
    /// What was looked for in vain, and is not looked for again.
    private var endless: Set<String> = []

    /// The text of some HTML.
    static func text(of html: String) -> String {
        var reader = HTMLText(html)
        reader.read()
        return String(decoding: reader.out, as: UTF8.self)
    }

    private init(_ html: String) { bytes = Array(html.utf8) }

    private mutating func read() {
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "<"): markup()
            case UInt8(ascii: "&"): entity()
            case 0x20, 0x09, 0x0A, 0x0C, 0x0D:
                owe(UInt8(ascii: " "))
                at += 1
            case 0xC2 where isNext(0xA0):  // no-break space
                owe(UInt8(ascii: " "))
                at += 2
            case 0xE3 where isNext(0x80, 0x80):  // ideographic space
                owe(UInt8(ascii: " "))
                at += 3
            case let byte:
                put(byte)
                at += 1
            }
        }
    }

    private func isNext(_ following: UInt8...) -> Bool { bytes[(at + 1)...].starts(with: following) }

    private mutating func put(_ byte: UInt8) {
        if owed != 0, !out.isEmpty { out.append(owed) }
        owed = 0
        out.append(byte)
    }

    /// A new line takes the place of a blank, and never the other way round.
    private mutating func owe(_ space: UInt8) { owed = owed == UInt8(ascii: "\n") ? owed : space }

    // MARK: Markup

    private mutating func markup() {
        let next = at + 1 < bytes.count ? bytes[at + 1] : 0
        if next == UInt8(ascii: "!") || next == UInt8(ascii: "?") {
            // `<!-->` is a whole comment already.
            if bytes[at...].starts(with: "<!--".utf8), skip(behind: "-->", from: at + 2) { return }
            if skip(behind: ">", from: at + 2) { return }
            return literal()
        }
        let isEnd = next == UInt8(ascii: "/")
        let name = name(from: at + (isEnd ? 2 : 1))
        guard !name.isEmpty, skipTag() else { return literal() }
        let isWhole = bytes[at - 2] == UInt8(ascii: "/")
        if HTMLText.lines.contains(name) { owe(UInt8(ascii: "\n")) }
        if name == "td" || name == "th" { owe(UInt8(ascii: " ")) }
        if !isEnd, !isWhole, HTMLText.silent.contains(name) { skipContent(of: name) }
    }

    /// Goes behind the end of an element that nobody reads, where it has one.
    private mutating func skipContent(of name: String) {
        let start = at
        while skip(behind: "</" + name, from: at) {
            if at == bytes.count || !HTMLText.isName(bytes[at]) {
                _ = skip(behind: ">", from: at)
                return
            }
        }
        at = start
    }

    private mutating func literal() {
        put(bytes[at])
        at += 1
    }

    /// A tag's name in lower case; empty where none begins with a letter.
    private func name(from start: Int) -> String {
        var name: [UInt8] = []
        var place = start
        while place < bytes.count, name.count < 32, HTMLText.isName(bytes[place]) {
            if name.isEmpty, !(0x61...0x7A).contains(bytes[place] | 0x20) { return "" }
            name.append(HTMLText.lower(bytes[place]))
            place += 1
        }
        return String(decoding: name, as: UTF8.self)
    }

    private static func isName(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x3A).contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    /// Goes behind the tag's `>`, which does not count in quotation marks; false where it does not end.
    private mutating func skipTag() -> Bool {
        guard !endless.contains("\"") else { return skip(behind: ">", from: at) }
        var place = at
        var quote: UInt8 = 0
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            if quote != 0 {
                if byte == quote { quote = 0 }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                at = place
                return true
            }
        }
        endless.insert("\"")
        return skip(behind: ">", from: at)
    }

    /// Goes behind the next `mark`, whose letters are in lower case and are found in either; false where there is none.
    private mutating func skip(behind mark: String, from start: Int) -> Bool {
        guard !endless.contains(mark) else { return false }
        let wanted = Array(mark.utf8)
        var place = start
        while place + wanted.count <= bytes.count {
            var matched = 0
            while matched < wanted.count, HTMLText.lower(bytes[place + matched]) == wanted[matched] { matched += 1 }
            if matched == wanted.count {
                at = place + matched
                return true
            }
            place += 1
        }
        endless.insert(mark)
        return false
    }

    private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

    // MARK: Entities

    /// `&name;`, `&#number;` or `&#xnumber;`; anything else is an ampersand.
    private mutating func entity() {
        let limit = min(bytes.count, at + 12)
        guard let end = bytes[at..<limit].firstIndex(of: UInt8(ascii: ";")), end > at + 1,
            let scalar = HTMLText.scalar(Array(bytes[(at + 1)..<end]))
        else { return literal() }
        at = end + 1
        if scalar.properties.isWhitespace { return owe(UInt8(ascii: " ")) }
        for byte in String(Character(scalar)).utf8 { put(byte) }
    }

    private static func scalar(_ name: [UInt8]) -> Unicode.Scalar? {
        guard name[0] == UInt8(ascii: "#") else {
            let code = clibxml_html_entity(String(decoding: name, as: UTF8.self))
            return code == 0 ? nil : Unicode.Scalar(code)
        }
        let isHex = name.count > 1 && name[1] | 0x20 == UInt8(ascii: "x")
        let digits = String(decoding: name.dropFirst(isHex ? 2 : 1), as: UTF8.self)
        guard digits.utf8.allSatisfy({ Hex.digit($0) != nil }), let code = UInt32(digits, radix: isHex ? 16 : 10),
            code >= 0x20 || [0x09, 0x0A, 0x0D].contains(code)
        else { return nil }
        return Unicode.Scalar(code)
    }
}
