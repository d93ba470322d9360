extension XMLCodec {
    /// Writes a document: `value` is an object with one field, the root element, in the form that `decode` gives.
    ///
    /// Field names are element names, with a prefix where one is wanted; `@name` is an attribute (`@xmlns` and `@xmlns:p` declare
    /// namespaces), `#text` the element's own text, `#cdata` the same as CDATA sections, with references between them for what CDATA cannot hold,
    /// an array repeats its element. Null is written as an empty element, or with `xsi:nil` where
    /// `nilNulls` says so. With `encoding` the document gets a declaration and is written in that charset, a character that the charset
    /// (for GBK and GB2312: the two-byte set) does not have as a character reference; without, UTF-8 and no declaration.
    ///
    /// Faults: not one root, a name that XML does not allow, a character that XML does not allow, an array inside an array.
    public static func encode(_ value: Value, encoding: Charset? = nil, nilNulls: Bool = false) throws(CodecFault) -> [UInt8] {
        var writer = XMLWriter(nilNulls: nilNulls, charset: encoding ?? .utf8)
        try writer.writeDocument(value, declaring: encoding?.name)
        guard let encoding, !encoding.isUTF8 else { return writer.out.withBytes { Array($0) } }
        return try bytes(of: writer.out, in: encoding)
    }

    private static func bytes(of document: borrowing ByteSink, in encoding: Charset) throws(CodecFault) -> [UInt8] {
        var out = ByteSink(capacity: document.count + 64)
        try document.withBytes { (text) throws(CodecFault) in
            // Names were found to be in the charset, so a missing character stands in text or an attribute.
            try encoding.encode(text, into: &out) { (scalar, out) throws(CodecFault) in out.append(text: "&#\(scalar.value);") }
        }
        return out.withBytes { Array($0) }
    }

    /// Writes a document that will stand inside a string. `declaring` is the encoding to name in its declaration, which the receiver may
    /// want to see though it has no effect on the text; nil for no declaration. `around` is the charset of what the string will stand in: a
    /// character that it lacks is a reference. Otherwise like `encode`.
    public static func encodeText(
        _ value: Value, declaring: String? = nil, nilNulls: Bool = false, for around: Charset = .utf8
    ) throws(CodecFault) -> String {
        var writer = XMLWriter(nilNulls: nilNulls, charset: around)
        try writer.writeDocument(value, declaring: declaring)
        guard around.isUTF8 else { return try around.decode(bytes(of: writer.out, in: around)) }
        return writer.out.withBytes { UTF8Text.string(validated: $0) }
    }

    /// The text as a CDATA section; `]]>` is split over two. CDATA has no escapes: a character that XML does not allow, which `encodeText`
    /// would have refused, is left out.
    public static func cdata(_ text: String) -> String {
        escape(text) { XMLText.cdata($0, into: &$1) }
    }

    /// The text as element content: `&`, `<`, `>` and carriage returns escaped. A character that XML does not allow is left out.
    public static func escapeText(_ text: String) -> String {
        escape(text) { XMLText.escapeText($0, into: &$1) }
    }

    /// Whether a text is an element's or attribute's name, with at most one prefix.
    public static func isName(_ text: String) -> Bool { XMLText.isName(text) }

    private static func escape(_ text: String, _ write: (UnsafeBufferPointer<UInt8>, inout ByteSink) -> Void) -> String {
        var allowed = ByteSink(capacity: text.utf8.count + 64)
        UTF8Text.withBytes(of: text) { appendAllowed($0, into: &allowed) }
        var out = ByteSink(capacity: text.utf8.count + 64)
        allowed.withBytes { write($0, &out) }
        return out.withBytes { UTF8Text.string(validated: $0) }
    }

    private static func appendAllowed(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout ByteSink) {
        var rest = bytes
        while let forbidden = XMLText.firstForbidden(rest) {
            out.append(UnsafeBufferPointer(rebasing: rest[..<forbidden]))
            rest = UnsafeBufferPointer(rebasing: rest[(forbidden + (rest[forbidden] == 0xEF ? 3 : 1))...])
        }
        out.append(rest)
    }
}

/// Writes the elements of one document as UTF-8.
private struct XMLWriter: ~Copyable {
    var out = ByteSink()
    private let nilNulls: Bool
    private let charset: Charset
    private var depth = 0

    init(nilNulls: Bool, charset: Charset) {
        self.nilNulls = nilNulls
        self.charset = charset
    }

    private func fault(_ reason: String) -> CodecFault { CodecFault(format: "XML", reason: reason) }

    mutating func writeDocument(_ value: Value, declaring encoding: String?) throws(CodecFault) {
        guard case .object(let document) = value, document.fields.count == 1, let root = document.fields.first else {
            throw fault("a document is an object with one field, its root element")
        }
        if case .array = root.value { throw fault("a document has one root element") }
        if let encoding {
            out.append("<?xml version=\"1.0\" encoding=\"")
            UTF8Text.withBytes(of: encoding) { XMLText.escapeAttribute($0, into: &out) }
            out.append("\"?>")
        }
        try element(root.name, root.value)
    }

    private mutating func element(_ name: String, _ value: Value) throws(CodecFault) {
        guard XMLText.isName(name) else { throw fault("a field's name is not an element name") }
        try checkCharset(name)
        switch value {
        case .array(let items):
            for item in items {
                if case .array = item { throw fault("an array inside an array has no form in XML") }
                try element(name, item)
            }
        case .null:
            open(name)
            if nilNulls { out.append(" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"") }
            out.append("/>")
        case .object(let object):
            depth += 1
            guard depth <= 256 else { throw fault("elements nest deeper than 256") }
            try element(name, object)
            depth -= 1
        case .string(let text) where text.isEmpty:
            open(name)
            out.append("/>")
        case .string, .bool, .integer, .double, .decimal:
            open(name)
            out.append(UInt8(ascii: ">"))
            try text(value)
            close(name)
        }
    }

    /// Refuses a name that would need a character reference, which names cannot have.
    private func checkCharset(_ name: String) throws(CodecFault) {
        if charset.isUTF8 { return }
        try UTF8Text.withBytes(of: name) { (bytes) throws(CodecFault) in
            if UTF8Text.isASCII(bytes) { return }
            let name = charset.name
            var encoded = ByteSink(capacity: 64)
            try charset.encode(bytes, into: &encoded) { (_, _) throws(CodecFault) in
                throw CodecFault(format: "XML", reason: "a name has a character that \(name) does not have")
            }
        }
    }

    private mutating func open(_ name: String) {
        out.append(UInt8(ascii: "<"))
        out.append(text: name)
    }

    private mutating func close(_ name: String) {
        out.append("</")
        out.append(text: name)
        out.append(UInt8(ascii: ">"))
    }

    private mutating func element(_ name: String, _ object: Object) throws(CodecFault) {
        open(name)
        var content = false
        for field in object.fields {
            if field.name.utf8.first == UInt8(ascii: "@") { try attribute(field) } else { content = true }
        }
        guard content else { return out.append("/>") }
        out.append(UInt8(ascii: ">"))
        for field in object.fields where field.name.utf8.first != UInt8(ascii: "@") {
            switch field.name {
            case "#text": try text(field.value)
            case "#cdata": try cdata(field.value)
            default: try element(field.name, field.value)
            }
        }
        close(name)
    }

    private mutating func attribute(_ field: Object.Field) throws(CodecFault) {
        // A mark that combines makes one character with the sign before it.
        let name = String(field.name.unicodeScalars.dropFirst())
        guard XMLText.isName(name) else { throw fault("a field's name is not an attribute name") }
        try checkCharset(name)
        if case .null = field.value { return }
        let text = try scalar(field.value)
        out.append(UInt8(ascii: " "))
        out.append(text: name)
        out.append("=\"")
        try UTF8Text.withBytes(of: text) { (bytes) throws(CodecFault) in
            try check(bytes)
            XMLText.escapeAttribute(bytes, into: &out)
        }
        out.append(UInt8(ascii: "\""))
    }

    private mutating func text(_ value: Value) throws(CodecFault) {
        if case .null = value { return }
        let text = try scalar(value)
        try UTF8Text.withBytes(of: text) { (bytes) throws(CodecFault) in
            try check(bytes)
            XMLText.escapeText(bytes, into: &out)
        }
    }

    private mutating func cdata(_ value: Value) throws(CodecFault) {
        if case .null = value { return }
        let text = try scalar(value)
        try UTF8Text.withBytes(of: text) { (bytes) throws(CodecFault) in try check(bytes) }
        let strangers = try strangers(in: text)
        guard !strangers.isEmpty else { return UTF8Text.withBytes(of: text) { XMLText.cdata($0, into: &out) } }
        for part in text.unicodeScalars.split(omittingEmptySubsequences: false, whereSeparator: strangers.contains).enumerated() {
            // What CDATA cannot hold stands between two sections, where references are read.
            if part.offset > 0, let stranger = text.unicodeScalars[..<part.element.startIndex].last {
                out.append(text: "&#\(stranger.value);")
            }
            if part.offset == 0 || !part.element.isEmpty { out.append(text: XMLCodec.cdata(String(part.element))) }
        }
    }

    /// The characters of a text that need a reference, which CDATA has not: those that the charset lacks, and carriage returns, which a
    /// reader makes line feeds (XML 1.0 §2.11).
    private func strangers(in text: String) throws(CodecFault) -> Set<Unicode.Scalar> {
        var found: Set<Unicode.Scalar> = UTF8Text.withBytes(of: text) { $0.contains(0x0D) } ? ["\r"] : []
        if charset.isUTF8 { return found }
        let charset = charset
        try UTF8Text.withBytes(of: text) { (bytes) throws(CodecFault) in
            var encoded = ByteSink(capacity: bytes.count * 2 + 64)
            try charset.encode(bytes, into: &encoded) { (scalar, _) throws(CodecFault) in found.insert(scalar) }
        }
        return found
    }

    private func scalar(_ value: Value) throws(CodecFault) -> String {
        guard let text = value.scalarText else { throw fault("an attribute or text holds a list or an object") }
        return text
    }

    private func check(_ bytes: UnsafeBufferPointer<UInt8>) throws(CodecFault) {
        if XMLText.firstForbidden(bytes) != nil { throw fault(XMLText.forbidden) }
    }
}
