internal import Adapters

/// What the person who imports has said.
package struct ImportChoices: Sendable {
    /// The department's id.
    package var id: String
    /// Its name.
    package var name: String?
    /// Its authority's code.
    package var authority: String?
    /// Which of the contract's operations is which of the interface's.
    package var operations: [(contract: String, own: String)]

    /// Makes choices.
    package init(id: String, name: String? = nil, authority: String? = nil, operations: [(contract: String, own: String)] = []) {
        self.id = id
        self.name = name
        self.authority = authority
        self.operations = operations
    }
}

/// Writes what was imported as a department's file. It is valid as it is: operations that no choice was made for stand in comments, and in
/// those that were chosen every value that a person must decide is a constant marked CHOOSE.
struct ImportedText {
    let department: ImportedDepartment
    let choices: ImportChoices
    let contract: Contract

    /// The whole file.
    var text: String {
        var lines = head
        lines += codes
        if !department.defaults.isEmpty { lines += ["defaults:"] + department.defaults.map { "  " + $0 } + [""] }
        return (lines + operations).joined(separator: "\n") + "\n"
    }

    private var head: [String] {
        var lines = ["# yaml-language-server: $schema=../schema/department.schema.json"]
        lines += department.origin.map { "# " + $0 }
        lines.append("# CHOOSE marks what a person must decide. docs/routes.md explains every word.")
        if !department.notes.isEmpty {
            lines += ["#", "# Not taken over:"] + department.notes.map { "#   " + $0.description }
        }
        lines += ["", "department: \(choices.id)", "name: \(JSONText.quoted(choices.name ?? choices.id))"]
        lines.append(
            choices.authority.map { "authority: \($0)" }
                ?? "# authority: …                    # CHOOSE: the code that its item codes begin with")
        let endpoint = department.endpoint ?? "http://127.0.0.1:9000"
        lines += ["upstream:", "  endpoints: [\(endpoint)]" + (department.endpoint == nil ? "    # CHOOSE: where it is" : ""), ""]
        return lines
    }

    private var codes: [String] {
        guard !department.codes.isEmpty else { return [] }
        var lines = [
            "# The department's codes on the left. CHOOSE the contract's word on the right where a field of the contract is meant.",
            "codes:",
        ]
        for table in department.codes {
            lines.append(
                "  \(table.name): { " + table.values.map { "\(JSONText.quoted($0)): \(JSONText.quoted($0))" }.joined(separator: ", ") + " }"
            )
        }
        return lines + [""]
    }

    // MARK: Operations

    private var operations: [String] {
        var lines = ["# The contract's operations: \(contract.operations.map(\.id).joined(separator: ", ")).", "operations:"]
        var chosen: Set<String> = []
        for (id, own) in choices.operations {
            guard let operation = department.operations.first(where: { $0.name == own }), let target = contract.operation(id) else {
                continue
            }
            chosen.insert(own)
            lines += block(operation, as: target).map { $0.isEmpty ? "" : "  " + $0 }
        }
        for operation in department.operations where !chosen.contains(operation.name) {
            lines += block(operation, as: nil).map { $0.isEmpty ? "" : "  # " + $0 }
        }
        return lines
    }

    private func block(_ operation: ImportedOperation, as target: ContractOperation?) -> [String] {
        var lines = ["", "# ---- \(operation.name), \(operation.place)" + (operation.documentation.map { ": \($0)" } ?? "")]
        lines.append(
            target.map { "\($0.id):" } ?? "CHOOSE:                              # the contract's operation that \(operation.name) is")
        lines.append("  \(operation.kind)")
        for part in operation.parts where !part.fields.isEmpty {
            lines.append("  \(part.key):")
            lines += part.fields.flatMap { request($0, "    ") }
        }
        lines.append("  reply:")
        lines += operation.replyLines.map { "    " + $0 }
        lines.append("    success: http                      # CHOOSE: a condition such as \"\(operation.replyRoot).code == 0\"")
        let required = target.map(self.required) ?? []
        lines.append(required.isEmpty ? "    fields: {}                         # CHOOSE" : "    fields:")
        lines += required.map { "      " + $0 }
        let candidates = operation.reply.flatMap { candidate($0, operation.replyRoot) }
        if !candidates.isEmpty {
            lines.append("      # what the reply holds; write  FIELD-OF-THE-CONTRACT: PATH")
            lines += candidates.map { "      #   " + $0 }
        }
        return lines
    }

    /// What the contract's answer cannot do without, filled so that the file can be loaded.
    private func required(_ target: ContractOperation) -> [String] {
        let asked = Set(target.requestFields)
        let lists = target.requiredReplyLists.map { "\($0): { all: \"$.CHOOSE\" }              # CHOOSE: each: $.…, fields: { … }" }
        return lists
            + target.requiredReplyFields.map { name in
                if asked.contains(name) { return "\(name): { call: $.\(name) }              # CHOOSE" }
                let word = target.replyValues(at: [name])?.first
                return "\(name): { const: \(JSONText.quoted(word ?? "CHOOSE")) }              # CHOOSE"
            }
    }

    private func request(_ field: ImportedField, _ indent: String) -> [String] {
        let name = YAMLText.key(field.name)
        let comment = "# " + description(field)
        if let constant = field.constant { return ["\(indent)\(name): { const: \(JSONText.quoted(constant)) }"] }
        guard let children = field.children else {
            return [
                "\(indent)\(name): { const: \"\" }" + String(repeating: " ", count: max(1, 30 - name.count))
                    + "\(comment); CHOOSE: from $.…"
            ]
        }
        guard !children.isEmpty else { return ["\(indent)\(name): { const: \"\" }   \(comment)"] }
        let list =
            field.isList ? ["\(indent)  # CHOOSE: for a list put  each: $.…  beside 'fields', and paths that begin with \"@\" inside"] : []
        let text = field.isText ? ["\(indent)  document: { json: object }   # CHOOSE: how it is written as a text"] : []
        return ["\(indent)\(name):   \(comment)"] + list + text + ["\(indent)  fields:"] + children.flatMap { request($0, indent + "    ") }
    }

    private func candidate(_ field: ImportedField, _ root: String) -> [String] {
        let path = root + YAMLText.step(field.name)
        guard let children = field.children, !children.isEmpty else {
            let text = field.table.map { "{ from: \(path), map: \($0) }" } ?? path
            return ["\(text)   \(description(field))"]
        }
        return children.flatMap { candidate($0, field.isList ? path + "[*]" : path) }
    }

    private func description(_ field: ImportedField) -> String {
        var parts = [field.type]
        if field.isRequired { parts.append("required") }
        if field.isList { parts.append("a list") }
        if let table = field.table { parts.append("codes: \(table)") }
        if let documentation = field.documentation { parts.append(documentation) }
        return parts.joined(separator: ", ")
    }
}

/// A text as YAML and JSON both read it.
enum JSONText {
    /// In double quotes.
    static func quoted(_ text: String) -> String {
        var out: [UInt8] = []
        JSONCodec.quote(text, into: &out)
        return String(decoding: out, as: UTF8.self)
    }
}

/// Names as keys and as steps of a path.
enum YAMLText {
    /// A key, in quotes where YAML would read it as something else.
    static func key(_ name: String) -> String {
        let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        let isPlain = name.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_.-]*/) != nil && !words.contains(name.lowercased())
        return isPlain ? name : JSONText.quoted(name)
    }

    /// A step of a path (RFC 9535).
    static func step(_ name: String) -> String {
        let isShort = name.unicodeScalars.enumerated().allSatisfy { index, scalar in
            scalar == "_" || scalar.value >= 0x80 || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
                || index > 0 && ("0"..."9").contains(scalar)
        }
        return isShort && !name.isEmpty ? "." + name : "['\(name.replacing("\\", with: "\\\\").replacing("'", with: "\\'"))']"
    }
}
