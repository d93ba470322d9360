/// The formats of a reply's body, and of a document inside a reply.
enum ReplyFormat: String, CaseIterable, Sendable {
    case json, xml, form, delimited, text, html

    /// What to call it in a fault.
    var title: String {
        switch self {
        case .json: "JSON"
        case .xml: "XML"
        case .form: "a form"
        case .delimited: "delimited text"
        case .text: "text"
        case .html: "a page"
        }
    }

    /// Whether anything is a document of the format, so that only the media type tells a page of markup from it, and nothing at all is one.
    var isLax: Bool { self == .delimited || self == .text || self == .html }
}

/// How a reply, or a document inside it, becomes a tree.
struct DocumentReader: Sendable {
    /// The format.
    let format: ReplyFormat
    /// The charset of its bytes, when the file names one.
    var charset: Charset?
    /// Whether U+FFFD stands in for what is not in the charset; otherwise it is a fault.
    var replacesInvalid = false
    /// The namespaces whose names keep a prefix.
    var names = XMLNames.local
    /// The other formats that a text may have: it is JSON that begins like JSON, XML that begins like XML, and `format` otherwise.
    var others: [ReplyFormat] = []
    /// Whether the charset that an XML document declares counts more than the one that HTTP names.
    var trustsDeclaration = false
    /// How delimited text is written.
    var dialect = DelimitedDialect()
    /// The fields whose names have a suffix that varies.
    var prefixes = NamePrefixes()
    /// The elements of XML that are a list however often they are there.
    var lists: Set<String> = []

    /// Bytes as a tree; `declared` is the charset that HTTP names.
    func tree(_ bytes: [UInt8], declared: Charset? = nil) throws(CodecFault) -> Value {
        if !others.isEmpty { return try chosen(by: bytes).tree(bytes, declared: declared) }
        return shaped(try plain(bytes, charset ?? (trustsDeclaration && format == .xml ? nil : declared)))
    }

    /// A text as a tree.
    func tree(text: String) throws(CodecFault) -> Value {
        if !others.isEmpty { return try chosen(by: Array(text.utf8.prefix(256))).tree(text: text) }
        return shaped(try plain(text))
    }

    /// The tree with its names and its lists as the file wants them.
    private func shaped(_ tree: Value) -> Value { DocumentReader.withLists(lists, prefixes.renamed(tree)) }

    /// A tree in which the fields of some names are lists.
    private static func withLists(_ names: Set<String>, _ tree: Value) -> Value {
        if names.isEmpty { return tree }
        switch tree {
        case .object(let object):
            var out = Object(capacity: object.fields.count)
            for field in object.fields {
                let value = withLists(names, field.value)
                out.append(field.name, names.contains(field.name) && value.array == nil ? .array([value]) : value)
            }
            return .object(out)
        case .array(let items): return .array(items.map { withLists(names, $0) })
        case .null, .bool, .integer, .double, .decimal, .string: return tree
        }
    }

    /// The reader of the format that bytes begin like.
    private func chosen(by bytes: [UInt8]) -> DocumentReader {
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF]
        let found: ReplyFormat =
            switch bytes.first(where: { !blanks.contains($0) }) {
            case UInt8(ascii: "{"), UInt8(ascii: "["): .json
            case UInt8(ascii: "<"): .xml
            default: format
            }
        let reader = DocumentReader(
            format: found == format || others.contains(found) ? found : format, charset: charset, replacesInvalid: replacesInvalid,
            names: names, trustsDeclaration: trustsDeclaration, dialect: dialect, prefixes: prefixes, lists: lists)
        return reader
    }

    private func plain(_ bytes: [UInt8], _ charset: Charset?) throws(CodecFault) -> Value {
        if format == .form { return try FormCodec.decode(bytes, charset: charset ?? .utf8, replacingInvalid: replacesInvalid) }
        if replacesInvalid {
            let declared = format == .xml && charset == nil ? try XMLCodec.declaredCharset(of: bytes) : charset
            return try plain((declared ?? .utf8).decode(bytes, replacingInvalid: true), of: declared)
        }
        switch format {
        case .xml: return try XMLCodec.decode(bytes, charset: charset, names: names)
        case .json where charset ?? .utf8 == .utf8: return try JSONCodec.decode(bytes)
        case .json, .delimited, .text, .html, .form: return try plain((charset ?? .utf8).decode(bytes), of: charset)
        }
    }

    /// A text that was bytes of a charset, or stood in a document.
    private func plain(_ text: String, of declared: Charset? = nil) throws(CodecFault) -> Value {
        switch format {
        case .xml: return try XMLCodec.decode(text: text, names: names)
        case .json: return try JSONCodec.decode(text: text)
        case .form: return try FormCodec.decode(Array(text.utf8), charset: charset ?? .utf8, replacingInvalid: replacesInvalid)
        case .delimited: return try DelimitedCodec.decode(text, dialect, charset: charset ?? declared ?? .utf8)
        case .text, .html: return .string(text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text)
        }
    }
}

/// Fields whose names have a suffix that varies, such as `SXBM_a8f3`: found by how they begin, and renamed in the whole tree.
struct NamePrefixes: Sendable {
    private let prefixes: [(prefix: String, name: String)]

    /// Whether there are none.
    var isEmpty: Bool { prefixes.isEmpty }

    /// What names begin with, and what the fields are called then; the longest beginning counts.
    init(_ prefixes: [(prefix: String, name: String)] = []) {
        self.prefixes = prefixes.sorted { $0.prefix.utf8.count > $1.prefix.utf8.count }
    }

    /// The tree with the fields renamed. Two that get one name become a list; one that has the name already keeps it, and comes first.
    func renamed(_ tree: Value) -> Value {
        if prefixes.isEmpty { return tree }
        switch tree {
        case .object(let object): return .object(renamed(object))
        case .array(let items): return .array(items.map(renamed))
        case .null, .bool, .integer, .double, .decimal, .string: return tree
        }
    }

    private func renamed(_ object: Object) -> Object {
        var out = Object(capacity: object.fields.count)
        for field in object.fields {
            let value = renamed(field.value)
            let name = prefixes.first { field.name.utf8.starts(with: $0.prefix.utf8) }?.name ?? field.name
            guard let known = out[name] else {
                out.append(name, value)
                continue
            }
            out[name] = .array((known.array ?? [known]) + (value.array ?? [value]))
        }
        return out
    }
}
