internal import Adapters

/// The lines of a message in a file, one after the other; they end with CR LF or LF.
struct MessageLines {
    /// What was not read yet.
    private(set) var rest: ArraySlice<UInt8>
    private var count = 0

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    /// The next line without its end; nil at the end of the file.
    private mutating func next() -> String? {
        guard !rest.isEmpty else { return nil }
        var text = rest.prefix { $0 != 0x0A }
        rest = rest[min(text.endIndex + 1, rest.endIndex)...]
        if text.last == 0x0D { text.removeLast() }
        count += 1
        return String(decoding: text, as: UTF8.self)
    }

    /// A first line and the fields below it, with the empty line that ends them.
    mutating func head() throws(ToolFault) -> (line: String, fields: [DepartmentRequest.Field]) {
        guard let first = next(), !first.isEmpty else { throw ToolFault("the message is empty") }
        var fields: [DepartmentRequest.Field] = []
        while let text = next(), !text.isEmpty {
            guard let colon = text.firstIndex(of: ":") else { throw ToolFault("line \(count) is no header field") }
            var value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
            while value.last == " " || value.last == "\t" { value.removeLast() }
            fields.append(DepartmentRequest.Field(String(text[..<colon]), String(value)))
        }
        return (first, fields)
    }

    /// The content of a body in chunks (RFC 9112 section 7.1); nil when the bytes are not chunks to their end.
    static func unchunked(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        var lines = MessageLines(Array(bytes))
        var content: [UInt8] = []
        while let line = lines.next() {
            let digits = line.prefix { $0 != ";" && $0 != " " }
            guard let size = Int(digits, radix: 16), digits.allSatisfy(\.isHexDigit), size <= lines.rest.count else { return nil }
            if size == 0 {
                while let trailer = lines.next(), !trailer.isEmpty {}
                return lines.rest.allSatisfy { $0 == 0x0A || $0 == 0x0D } ? content : nil
            }
            content += lines.rest.prefix(size)
            lines.rest = lines.rest.dropFirst(size)
            guard lines.next() == "" else { return nil }
        }
        return nil
    }
}
