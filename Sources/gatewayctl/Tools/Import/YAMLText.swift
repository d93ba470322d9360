internal import Adapters

/// A text as YAML and JSON both read it.
enum JSONText {
    /// In double quotes.
    static func quoted(_ text: String) -> String {
        var out: [UInt8] = []
        JSONCodec.quote(text, into: &out)
        return String(decoding: out, as: UTF8.self)
    }
}

/// Texts of a description as keys, as values, as steps of a path and as comments.
enum YAMLText {
    /// A key, in quotes where YAML would read it as something else.
    static func key(_ name: String) -> String {
        let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        let isPlain = name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_.-]*/) != nil && !words.contains(name.lowercased())
        return isPlain ? name : JSONText.quoted(name)
    }

    /// An address or a path of one, in quotes where YAML would read it as something else, inside `[ ]` and `{ }` too.
    static func address(_ text: String) -> String {
        text.wholeMatch(of: /[A-Za-z\/][A-Za-z0-9_.\/:-]*/) != nil && !text.hasSuffix(":") ? text : JSONText.quoted(text)
    }

    /// A step of a path (RFC 9535).
    static func step(_ name: String) -> String {
        let isShort = name.unicodeScalars.enumerated().allSatisfy { index, scalar in
            scalar == "_" || scalar.value >= 0x80 && !isEscaped(scalar) || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
                || index > 0 && ("0"..."9").contains(scalar)
        }
        return isShort && !name.isEmpty ? "." + name : "['\(name.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))']"
    }

    /// A path as a value, in quotes where YAML would read it as something else.
    static func path(_ path: String, inFlow: Bool = false) -> String {
        let own = inFlow ? path : path.replacing("[*]", with: "")
        let isPlain = own.unicodeScalars.allSatisfy { scalar in
            scalar == "$" || scalar == "_" || scalar == "." || scalar.value >= 0x80 || ("a"..."z").contains(scalar)
                || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
        }
        return isPlain ? path : JSONText.quoted(path)
    }

    /// A line of the file without anything that could end it or turn its direction: such characters stand as `\u` and four digits. In
    /// double quotes and in a path's step that is the same text; in a comment it shows what was there.
    static func printable(_ line: String) -> String {
        guard line.unicodeScalars.contains(where: isEscaped) else { return line }
        var out = String.UnicodeScalarView()
        for scalar in line.unicodeScalars {
            guard isEscaped(scalar) else {
                out.append(scalar)
                continue
            }
            let digits = String(scalar.value, radix: 16)
            out += ("\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits).unicodeScalars
        }
        return String(out)
    }

    /// A text of the description as part of a comment: its white space single blanks, its length bounded.
    static func remark(_ text: String, _ length: Int = 60) -> String {
        // Only the beginning is looked at: a description may be as long as a book.
        let words = text.prefix(length * 8).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return words.count > length ? words.prefix(length - 1) + "…" : words
    }

    /// Control characters, what YAML 1.1 takes for the end of a line, marks of direction, and what YAML does not allow.
    private static func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF, 0xFFFE...0xFFFF: true
        default: false
        }
    }
}
