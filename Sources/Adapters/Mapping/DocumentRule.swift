/// A whole document that stands inside a field as a text.
struct DocumentRule: Sendable {
    /// What the document is, with its content.
    enum Content: Sendable {
        /// XML with a root element; `declaration` writes `<?xml version="1.0" encoding="…"?>` first.
        case xml(root: String, declaration: Bool, ObjectRule)
        /// A JSON object (RFC 8259), compact.
        case object(ObjectRule)
        /// A JSON list.
        case list(ListRule)
        /// A form.
        case form(ObjectRule)
        /// Delimited text.
        case delimited(DelimitedRule)
        /// A single value.
        case text(ValueRule)
    }

    /// What is in it.
    let content: Content
    /// The charset that it declares, and has where it is bytes.
    let charset: Charset
    /// The charset of what it stands in as a text.
    let around: Charset
    /// What it is wrapped in, innermost first; without an outermost layer that the place where it lands adds anyway.
    let layers: [Wrapping]
    /// Whether it becomes a CDATA section of its parent.
    let isCDATA: Bool

    /// The document as a value for its field.
    func value(in scope: MappingScope, origin: ValueOrigin) throws(AdapterFault) -> Value? {
        let needsBytes = layers.first { $0.takesBytes } != nil && layers.first?.takesBytes == true
        guard var document = try needsBytes ? bytes(in: scope, origin) : text(in: scope).map(WrappedDocument.text) else { return nil }
        if let trace = scope.trace, layers.contains(where: \.takesBytes) {
            switch document {
            case .text(let text): trace.note(document: Array(text.utf8), .utf8)
            case .bytes(let bytes): trace.note(document: bytes, charset)
            }
        }
        for layer in layers { document = try layer.wrap(document, charset, in: scope, origin: origin) }
        return isCDATA ? ["#cdata": .string(document.text)] : .string(document.text)
    }

    private func text(in scope: MappingScope) throws(AdapterFault) -> String? {
        switch content {
        case .object, .list:
            guard let tree = try json(in: scope) else { return nil }
            if around.isUTF8 { return String(decoding: JSONCodec.encode(tree), as: UTF8.self) }
            do { return try around.decode(JSONCodec.encode(tree, charset: around)) } catch { throw Landing.fault(error) }
        case .delimited(let rule): return try rule.text(in: scope)
        case .text(let rule): return try rule.value(in: scope)?.scalarText
        case .form(let rule):
            let pairs = try rule.pairs(in: scope)
            do { return String(decoding: try FormCodec.encode(pairs, charset: charset), as: UTF8.self) } catch {
                throw Landing.fault(error)
            }
        case .xml(let root, let declaration, let rule):
            let tree = Value.object(try rule.object(in: scope))
            do {
                return try XMLCodec.encodeText(.object([root: tree]), declaring: declaration ? charset.name : nil, for: around)
            } catch { throw Landing.fault(error) }
        }
    }

    /// The document's bytes; in XML with a declaration a character that the charset lacks becomes a character reference, in JSON an escape.
    private func bytes(in scope: MappingScope, _ origin: ValueOrigin) throws(AdapterFault) -> WrappedDocument? {
        if case .xml(let root, declaration: true, let rule) = content {
            let tree = Value.object(try rule.object(in: scope))
            do { return .bytes(try XMLCodec.encode(.object([root: tree]), encoding: charset)) } catch { throw Landing.fault(error) }
        }
        if let json = try json(in: scope) {
            do { return .bytes(try JSONCodec.encode(json, charset: charset)) } catch { throw Landing.fault(error) }
        }
        guard let text = try text(in: scope) else { return nil }
        return .bytes(try Landing.bytes(of: text, in: charset, origin: origin))
    }

    /// The tree of a JSON document; nil for another, or where there is no list.
    private func json(in scope: MappingScope) throws(AdapterFault) -> Value? {
        switch content {
        case .object(let rule): .object(try rule.object(in: scope))
        case .list(let rule): try rule.list(in: scope).map(Value.array)
        case .delimited, .text, .form, .xml: nil
        }
    }
}

/// Rows of a delimited text: one for each item of a list, or a single one.
struct DelimitedRule: Sendable {
    /// The rows.
    enum Rows: Sendable {
        case single(ObjectRule)
        case list(ListRule)
    }

    let dialect: DelimitedDialect
    let rows: Rows
    /// The names of the fields, in the order of the file.
    let columns: [String]
    /// The charset whose bytes widths count.
    let charset: Charset

    /// The text; nil when there is no list at all.
    func text(in scope: MappingScope) throws(AdapterFault) -> String? {
        let objects: [Object]
        switch rows {
        case .single(let rule): objects = [try rule.object(in: scope)]
        case .list(let rule):
            guard let list = try rule.list(in: scope) else { return nil }
            objects = list.compactMap(\.object)
        }
        do { return try DelimitedCodec.encode(objects, dialect, columns: columns, charset: charset) } catch { throw Landing.fault(error) }
    }
}
