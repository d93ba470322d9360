package import Adapters
internal import Glibc

/// The parameters of a request, as text. Percent-decoding happens once, here; what is no percent-encoding of UTF-8 is noted in
/// `errors`, and a contract request is refused: a department must not be asked for a name that nobody wrote. The static forms read
/// leniently, for whoever only compares a signature: a sequence that is no UTF-8 becomes U+FFFD.
package struct RequestText {
    /// What could not be decoded.
    package private(set) var errors: [FieldError] = []
    private let isLenient: Bool

    /// A reader; a lenient one notes nothing.
    package init(lenient: Bool = false) { isLenient = lenient }

    /// The query's parameters, read leniently.
    package static func query(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer) -> [(name: String, value: String)] {
        var text = RequestText(lenient: true)
        return text.query(head, bytes)
    }

    /// The pairs of a query or of a form, read leniently.
    package static func pairs(_ text: UnsafeRawBufferPointer) -> [(name: String, value: String)] {
        var reader = RequestText(lenient: true)
        return reader.pairs(text)
    }

    /// The path's parameters, by the operation's template.
    package mutating func path(
        _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ operation: ContractOperation?
    ) -> [(name: String, value: String)] {
        guard let operation, operation.hasPathParameters else { return [] }
        var parameters: [(name: String, value: String)] = []
        var start = head.path.range.lowerBound
        for segment in operation.pathSegments where start < head.path.range.upperBound {
            // Every segment begins behind its slash.
            start += 1
            let end = Self.index(of: UInt8(ascii: "/"), in: bytes, from: start, to: head.path.range.upperBound)
            if case .parameter(let name) = segment { parameters.append((name, decode(bytes[start..<end], of: .path(name)))) }
            start = end
        }
        return parameters
    }

    /// The query's parameters, in order; an empty query has none.
    package mutating func query(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer) -> [(name: String, value: String)] {
        guard let query = head.query else { return [] }
        return pairs(UnsafeRawBufferPointer(rebasing: bytes[query.range]))
    }

    /// The pairs of a query or of a form (`application/x-www-form-urlencoded`), in order.
    package mutating func pairs(_ text: UnsafeRawBufferPointer) -> [(name: String, value: String)] {
        var parameters: [(name: String, value: String)] = []
        var start = 0
        while start < text.count {
            let end = Self.index(of: UInt8(ascii: "&"), in: text, from: start, to: text.count)
            if end > start {
                let equals = Self.index(of: UInt8(ascii: "="), in: text, from: start, to: end)
                let name = decode(text[start..<equals], of: .queryName)
                parameters.append((name, equals < end ? decode(text[(equals + 1)..<end], of: .query(name)) : ""))
            }
            start = end + 1
        }
        return parameters
    }

    /// What a text is the text of.
    private enum Part {
        case path(String)
        case queryName
        case query(String)

        var isQuery: Bool { if case .path = self { false } else { true } }

        /// The name of the place, as the contract's problems write it.
        var field: String {
            switch self {
            case .path(let name): "path:\(name)"
            case .queryName: "query"
            case .query(let name): "query:\(name)"
            }
        }
    }

    /// Where a byte stands; `end` where it does not.
    private static func index(of byte: UInt8, in bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int {
        guard start < end, let base = bytes.baseAddress, let found = memchr(base + start, Int32(byte), end - start) else { return end }
        return UnsafeRawPointer(found) - base
    }

    private mutating func decode(_ text: Slice<UnsafeRawBufferPointer>, of part: Part) -> String {
        let plusIsSpace = part.isQuery
        let whole = UnsafeRawBufferPointer(rebasing: text)
        let isPlain =
            Self.index(of: UInt8(ascii: "%"), in: whole, from: 0, to: whole.count) == whole.count
            && (!plusIsSpace || Self.index(of: UInt8(ascii: "+"), in: whole, from: 0, to: whole.count) == whole.count)
        if isPlain { return String(decoding: whole, as: UTF8.self) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            let byte = text[index]
            index += 1
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte == UInt8(ascii: "+") && plusIsSpace ? 0x20 : byte)
                continue
            }
            guard text.endIndex - index > 1, let high = Self.digit(text[index]), let low = Self.digit(text[index + 1]) else {
                bytes.append(byte)
                note(part, "percent-encoding", "'%' must be followed by two hexadecimal digits; a percent sign itself is %25")
                continue
            }
            bytes.append(high << 4 | low)
            index += 2
        }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        note(part, "utf-8", "must be percent-encoded as UTF-8, as in %E5%BC%A0; these bytes are none")
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func note(_ part: Part, _ rule: String, _ message: String) {
        let field = part.field
        guard !isLenient, errors.count < 20, errors.last?.field != field else { return }
        errors.append(FieldError(field: field, rule: rule, message: message))
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
