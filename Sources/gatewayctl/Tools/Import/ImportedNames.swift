internal import Adapters

/// Leaves out what a department's file could not hold: names that their place does not allow, names that come twice, and fields that are
/// nested too deep. Everything left out is listed.
struct ImportedNames {
    private(set) var notes: [ImportNote] = []
    private let place: (file: String, line: Int)

    /// A file nests no deeper than 100 collections, and a field takes two.
    static let depthLimit = 32
    /// YAML wants a key within 1024 characters of one line.
    private static let lengthLimit = 200

    /// Where names stand.
    enum Landing {
        case json, form, xml, header, cookie
    }

    init(file: String, line: Int) { place = (file, line) }

    private mutating func note(_ text: String) {
        let note = ImportNote(file: place.file, line: place.line, text: text)
        if !notes.contains(note) { notes.append(note) }
    }

    /// The fields that can stand at a place.
    mutating func kept(_ fields: [ImportedField], _ landing: Landing, depth: Int = 0) -> [ImportedField] {
        var names: Set<String> = []
        var kept: [ImportedField] = []
        for field in fields {
            let shown = "'\(YAMLText.remark(field.name))'"
            if let reason = reason(field, landing) {
                note("the field \(shown) is not taken over: \(reason)")
            } else if !names.insert(landing == .header ? field.name.lowercased() : field.name).inserted {
                note("a second field \(shown) is not taken over")
            } else {
                kept.append(inside(field, landing, depth))
            }
        }
        return kept
    }

    private mutating func inside(_ field: ImportedField, _ landing: Landing, _ depth: Int) -> ImportedField {
        var field = field
        let landing = field.isText ? .json : landing
        // Only JSON and XML have a word for nothing.
        if landing != .json, landing != .xml { field.isNillable = false }
        guard depth < Self.depthLimit else {
            if field.children?.isEmpty == false {
                note("'\(YAMLText.remark(field.name))' is nested too deep; what is inside is not in the file")
            }
            field.children = field.children.map { _ in [] }
            field.variants = []
            return field
        }
        field.children = field.children.map { kept($0, landing, depth: depth + 1) }
        field.variants = variants(field.variants, landing, depth: depth + 1)
        return field
    }

    /// Variants whose fields can stand at a place.
    mutating func variants(_ variants: [ImportedVariant], _ landing: Landing, depth: Int = 0) -> [ImportedVariant] {
        variants.map { ImportedVariant(name: $0.name, mark: $0.mark, field: inside($0.field, landing, depth)) }
    }

    private func reason(_ field: ImportedField, _ landing: Landing) -> String? {
        let name = field.name
        guard field.constant == nil else { return nil }
        guard name.utf8.count <= Self.lengthLimit else { return "its name is longer than \(Self.lengthLimit) bytes" }
        switch landing {
        case .json: return nil
        case .form: return name.isEmpty ? "it has no name" : nil
        case .xml:
            let own = name.hasPrefix("@") ? String(name.dropFirst()) : name
            return name == "#text" || XMLCodec.isName(own) && !own.contains(":") ? nil : "its name is none of an XML element"
        case .header:
            if !ImportedNames.isToken(name) { return "its name is none of a header" }
            let own = [
                "host", "content-length", "content-type", "connection", "transfer-encoding", "te", "upgrade", "trailer", "keep-alive",
            ]
            if own.contains(name.lowercased()) { return "the gateway writes this header" }
            return name.lowercased() == "cookie" ? "cookies stand under 'cookies'" : nil
        case .cookie: return ImportedNames.isToken(name) ? nil : "its name is none of a cookie"
        }
    }

    /// RFC 9110 section 5.6.2; RFC 6265 section 4.1.1 takes the same for a cookie.
    static func isToken(_ name: String) -> Bool { name.wholeMatch(of: /[A-Za-z0-9!#$%&'*+.^_`|~-]+/) != nil }
}

extension ImportedDepartment {
    /// Leaves out what the file could not hold, and lists it.
    mutating func keepWhatFits() {
        for index in operations.indices {
            let place = operations[index].place
            var names = ImportedNames(file: place.file, line: place.line)
            let format = operations[index].format
            let body: ImportedNames.Landing = format == "xml" ? .xml : format == "form" ? .form : .json
            operations[index].parts = operations[index].parts.map { part in
                let landing: ImportedNames.Landing =
                    switch part.key {
                    case "headers": .header
                    case "cookies": .cookie
                    case "request": body
                    default: .form
                    }
                return (part.key, names.kept(part.fields, landing))
            }
            operations[index].variants = names.variants(operations[index].variants, body)
            notes += names.notes.filter { !notes.contains($0) }
        }
    }
}
