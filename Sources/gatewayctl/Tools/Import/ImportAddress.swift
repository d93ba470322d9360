/// An address, cut where a department's file wants it cut.
enum ImportAddress {
    /// The endpoint, when the file can name it, and the path.
    static func parts(_ location: String?) -> (endpoint: String?, path: String) {
        guard let location, let match = location.wholeMatch(of: /(https?:\/\/[^\/\s?#]+)([^\s?#]*)(.*)/) else { return (nil, "/") }
        let path = String(match.2)
        return (String(match.1), path.isEmpty ? "/" : path)
    }

    /// What stands behind the path: the parameters of the query, or nil with what there is when it cannot be told what they are.
    static func query(_ location: String?) -> (fields: [(name: String, value: String)]?, text: String) {
        guard let mark = location?.firstIndex(of: "?"), let text = location?[mark...].dropFirst().prefix(while: { $0 != "#" }) else {
            return ([], "")
        }
        // What is escaped would be escaped once more.
        guard text.wholeMatch(of: /[A-Za-z0-9_.~&=\/:,-]*/) != nil, text.utf8.count <= 500 else { return (nil, String(text)) }
        var fields: [(name: String, value: String)] = []
        for pair in text.split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let name = halves.first, !name.isEmpty, !fields.contains(where: { $0.name == name }) else { return (nil, String(text)) }
            fields.append((name, halves.count > 1 ? halves[1] : ""))
        }
        return (fields, String(text))
    }

    /// A path with percent signs for what stands in none (RFC 3986 section 3.3); braces are a placeholder's unless they are to go too.
    static func encoded(_ path: String, braces: Bool = false) -> String {
        var out = ""
        for byte in path.utf8 {
            let isPlain = byte > 0x20 && byte < 0x7F && !"\"<>\\^`|".utf8.contains(byte) && !(braces && "{}".utf8.contains(byte))
            if isPlain {
                out.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                out += "%" + (byte < 0x10 ? "0" : "") + digits
            }
        }
        return out
    }
}
