/// A reply's Content-Type (RFC 9110 §8.3), read as far as a mapping needs it.
enum MediaType {
    /// `type/subtype` in lower case, for a fault; nil when there is none or it is not written as one.
    static func name(_ field: String?) -> String? {
        let type = String(field?.split(separator: ";").first ?? "").lowercased().filter { !$0.isWhitespace }
        let halves = type.split(separator: "/", omittingEmptySubsequences: false)
        return halves.count == 2 && halves.allSatisfy { MappingCompiler.isToken(String($0)) } && type.count <= 80 ? type : nil
    }

    /// The charset that a field names, when it is known; nil for none and for UTF-8, which is what JSON and forms are anyway.
    static func charset(_ field: String?) -> Charset? {
        guard let field, let value = charsetName(field.utf8) else { return nil }
        return Charset(named: String(value) ?? "")
    }

    /// The value of the parameter `charset`, found without making a text of every parameter.
    private static func charsetName(_ field: String.UTF8View) -> String.UTF8View.SubSequence? {
        var rest = field[...]
        while let semicolon = rest.firstIndex(of: 0x3B) {
            rest = rest[rest.index(after: semicolon)...].drop { $0 == 0x20 || $0 == 0x09 }
            guard begins(rest, with: "charset=") else { continue }
            let value = rest.dropFirst(8).drop { $0 == 0x22 || $0 == 0x27 }
            return value.prefix { $0 != 0x3B && $0 != 0x22 && $0 != 0x27 && $0 != 0x20 && $0 != 0x09 }
        }
        return nil
    }

    /// Whether ASCII text begins with a lower-case word, without regard to case.
    private static func begins(_ text: String.UTF8View.SubSequence, with word: StaticString) -> Bool {
        let word = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
        var index = text.startIndex
        for byte in word {
            guard index < text.endIndex else { return false }
            let own = text[index]
            guard own == byte || (0x41...0x5A).contains(own) && own | 0x20 == byte else { return false }
            index = text.index(after: index)
        }
        return true
    }

    /// Whether a body begins like HTML or XML.
    static func looksLikeMarkup(_ body: [UInt8]) -> Bool { body.first { $0 > 0x20 && $0 < 0x80 } == 0x3C }
}
