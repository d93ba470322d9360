/// XML 1.0 ⇄ `Value`.
///
/// An element is named by its local name, or `prefix:name` where `XMLNames` give its namespace a prefix; otherwise namespaces and their
/// declarations are dropped, and a prefix need not be declared. Repeated
/// siblings become an array in the place of the first. Attributes are fields `@name` (of two that differ only in their prefix the last
/// stands); `xsi:nil="true"` makes the element null. An element with neither attributes nor children is its text, the empty one `""`.
/// Otherwise its text is the field `#text`, behind the others; white space between children is dropped, text between children is kept. The
/// document is an object with one field, its root element.
///
/// Any DOCTYPE is refused, so there are no entities but the five that XML defines. Beside `DecodeLimits` an element may have at most 128
/// attributes, 256 namespace declarations may be in scope, and a document may use 20,000 different names and 10,000 times a prefix that is
/// not declared: what libxml2 does for each grows with their number.
public enum XMLCodec {
    /// Reads a document. `charset`, from HTTP or configuration, overrides the document's own declaration; without either it is UTF-8. A
    /// fault's offset counts the bytes given.
    public static func decode(
        _ bytes: UnsafeRawBufferPointer, charset: Charset? = nil, limits: DecodeLimits = .init()
    ) throws(CodecFault) -> Value {
        try bytes.withMemoryRebound(to: UInt8.self) { (bytes) throws(CodecFault) in
            try read(bytes, charset: charset, limits: limits, names: .local)
        }
    }

    /// Reads a document. `charset`, from HTTP or configuration, overrides the document's own declaration; without either it is UTF-8. A
    /// fault's offset counts the bytes given.
    public static func decode(
        _ bytes: [UInt8], charset: Charset? = nil, limits: DecodeLimits = .init(), names: XMLNames = .local
    ) throws(CodecFault) -> Value {
        try bytes.withUnsafeBufferPointer { (bytes) throws(CodecFault) in
            try read(bytes, charset: charset, limits: limits, names: names)
        }
    }

    /// Reads a document that was inside a string: its encoding declaration is ignored. A fault's offset counts the text's UTF-8 bytes.
    public static func decode(
        text: String, limits: DecodeLimits = .init(), names: XMLNames = .local
    ) throws(CodecFault) -> Value {
        try UTF8Text.withBytes(of: text) { (bytes) throws(CodecFault) in
            try read(bytes, charset: .utf8, limits: limits, names: names)
        }
    }

    /// The charset that a document is in when nothing else says so: the one that it declares, else UTF-8.
    static func declaredCharset(of bytes: [UInt8]) throws(CodecFault) -> Charset {
        try bytes.withUnsafeBufferPointer { (bytes) throws(CodecFault) in try declaredCharset(bytes) }
    }

    /// What a document's XML declaration says.
    public struct Declaration: Sendable, Hashable {
        /// The version, nearly always `1.0`.
        public var version: String?
        /// The encoding's name as written.
        public var encoding: String?

        /// Reads the declaration at the beginning of a document in any encoding that keeps ASCII; nil where there is none.
        public init?(of document: [UInt8]) {
            let found = document.withUnsafeBufferPointer { Declaration(prefix: $0) }
            guard let found else { return nil }
            self = found
        }

        init?(prefix bytes: UnsafeBufferPointer<UInt8>) {
            guard bytes.starts(with: "<?xml".utf8), bytes.count > 5, XMLText.isSpace(bytes[5]) else { return nil }
            // A declaration is short; what claims to be a longer one is left to the parser.
            guard let end = bytes.prefix(256).firstIndex(of: UInt8(ascii: ">")) else { return nil }
            let declaration = bytes[5..<end]
            version = Declaration.value(of: "version", in: declaration)
            encoding = Declaration.value(of: "encoding", in: declaration)
        }

        private static func value(of name: StaticString, in bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
            let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
            for start in bytes.indices where XMLText.isSpace(bytes[start]) && bytes[(start + 1)...].starts(with: name) {
                var rest = bytes[(start + 1 + name.count)...].drop(while: XMLText.isSpace)
                guard rest.popFirst() == UInt8(ascii: "=") else { continue }
                rest = rest.drop(while: XMLText.isSpace)
                guard let quote = rest.popFirst(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
                    let end = rest.firstIndex(of: quote)
                else { continue }
                return String(decoding: rest[..<end], as: UTF8.self)
            }
            return nil
        }
    }

    private static let readers = ThreadLocal { XMLReader() }

    private static func read(
        _ bytes: UnsafeBufferPointer<UInt8>, charset: Charset?, limits: DecodeLimits, names: XMLNames
    ) throws(CodecFault) -> Value {
        try limits.checkLength(bytes.count, format: "XML")
        let charset = if let charset { charset } else { try declaredCharset(bytes) }
        var text = ByteSink(capacity: (charset.isUTF8 ? bytes.count : bytes.count * 2) + 64)
        try charset.decode(bytes, into: &text)
        text.append(0)
        do throws(CodecFault) {
            return try text.withBytes { (all) throws(CodecFault) in try parse(all, limits: limits, names: names) }
        } catch {
            let offset = charset.isUTF8 ? error.offset : sourceOffset(error.offset, text, charset, bytes)
            throw CodecFault(format: "XML", reason: error.reason, offset: offset)
        }
    }

    /// Parses UTF-8 text that a zero byte follows.
    private static func parse(_ text: UnsafeBufferPointer<UInt8>, limits: DecodeLimits, names: XMLNames) throws(CodecFault) -> Value {
        let mark = text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let document = UnsafeBufferPointer(rebasing: text[mark..<(text.count - 1)])
        do throws(CodecFault) {
            return try readers.withObject { (reader) throws(CodecFault) in
                try reader.read(zeroTerminated: document, limits: limits, names: names)
            }
        } catch {
            throw CodecFault(format: "XML", reason: error.reason, offset: error.offset.map { $0 + mark })
        }
    }

    private static func declaredCharset(_ bytes: UnsafeBufferPointer<UInt8>) throws(CodecFault) -> Charset {
        if bytes.starts(with: [0xFE, 0xFF]) || bytes.starts(with: [0xFF, 0xFE]) {
            throw CodecFault(format: "XML", reason: "UTF-16 is not supported", offset: 0)
        }
        // A UTF-8 mark says more than a declaration that was copied from elsewhere.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { return .utf8 }
        guard let name = Declaration(prefix: bytes)?.encoding else { return .utf8 }
        guard let charset = Charset(named: name) else {
            throw CodecFault(format: "XML", reason: "the encoding that the document declares is not supported", offset: 0)
        }
        return charset
    }

    /// The offset in the bytes as they came, of an offset in their UTF-8 form: as many characters further. Writing the text before it
    /// anew would not do, for a charset may have two codes for a character.
    private static func sourceOffset(
        _ offset: Int?, _ text: borrowing ByteSink, _ charset: Charset, _ source: UnsafeBufferPointer<UInt8>
    ) -> Int? {
        guard let offset else { return nil }
        return text.withBytes { all in
            // A byte that does not go on with a character begins one.
            let characters = all.prefix(offset).count { $0 & 0xC0 != 0x80 }
            return charset.offset(behind: characters, of: source)
        }
    }
}
