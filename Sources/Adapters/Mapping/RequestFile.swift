/// The files of a multipart body: objects with `base64` or `content`, and with the file's name and type where it has them.
enum RequestFile {
    private static let keys = ["file", "type", "content", "base64"]

    /// Checks the objects among a body's fields.
    static func check(_ rules: ObjectRule, _ request: Node, _ diagnostics: Diagnostics) {
        for field in rules.fields {
            guard let node = request.entries?.first(where: { $0.key == field.name })?.value, let object = object(field.rule.source) else {
                continue
            }
            let names = object.fields.map(\.name)
            for entry in node["fields"]?.entries ?? [] where !keys.contains(entry.key) {
                let help = suggestion(for: entry.key, among: keys).map { "did you mean '\($0)'?" }
                diagnostics.error(
                    "unknown-field", "a file has no '\(entry.key)'", at: entry.place, help: help ?? "of: \(keys.joined(separator: ", "))")
            }
            if names.contains("content"), names.contains("base64") {
                diagnostics.error("two-sources", "a file has 'content' or 'base64'", at: node.place, help: "keep one")
            } else if !names.contains("content"), !names.contains("base64") {
                diagnostics.error(
                    "missing-key", "a file of a multipart body needs 'base64' or 'content'", at: node.place,
                    help: "fields: { file: NAME, type: { const: application/pdf }, base64: $.… }")
            }
        }
    }

    private static func object(_ source: ValueSource) -> ObjectRule? {
        switch source {
        case .object(let rule): rule
        case .list(let rule): if case .object(let item) = rule.item { item } else { nil }
        default: nil
        }
    }

    /// What stands between the parts: made of the call's chance, so that nobody can foresee it.
    static func boundary(_ moment: CallMoment) -> String {
        let bytes = [moment.random.0, moment.random.1].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
        // Another number than the nonce that the same chance gives, for that is told.
        return "tongban-" + Hex.encode(Array(Digest.compute(.sha256, Array("boundary".utf8) + bytes).prefix(16)))
    }

    /// The single values among a body's fields as text, and its files.
    static func parts(
        _ rules: ObjectRule, in scope: MappingScope, _ boundary: String, _ charset: Charset
    ) throws(AdapterFault) -> ([(String, String)], [MultipartCodec.File], String) {
        var fields: [(String, String)] = []
        var files: [MultipartCodec.File] = []
        for field in rules.fields {
            scope.trace?.step(field.name)
            defer { scope.trace?.back() }
            guard let value = try field.rule.value(in: scope) else { continue }
            for item in value.array ?? [value] {
                if let text = item.scalarText {
                    fields.append((field.name, text))
                } else {
                    files.append(try file(field.name, item, field.rule.origin, scope.direction, charset))
                }
            }
        }
        return (fields, files, boundary)
    }

    private static func file(
        _ name: String, _ value: Value, _ origin: ValueOrigin, _ direction: MappingDirection, _ charset: Charset
    ) throws(AdapterFault) -> MultipartCodec.File {
        let type = value["type"]?.scalarText
        guard type?.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) ?? true else {
            throw origin.misfit(direction, rule: "type", expected: "a media type for the file")
        }
        let content: [UInt8]
        if let text = value["content"]?.scalarText {
            content = try Landing.bytes(of: text, in: charset, origin: origin)
        } else {
            guard let text = value["base64"]?.scalarText else { throw origin.missing(direction) }
            guard let bytes = ByteWriting.base64.bytes(text) else { throw origin.misfit(direction, rule: "type", expected: "Base64") }
            content = bytes
        }
        return MultipartCodec.File(name: name, fileName: value["file"]?.scalarText, mediaType: type, content: content)
    }
}
