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
/// those that were chosen every value that a person must decide is a constant marked CHOOSE. Whatever the description's own texts hold,
/// each stays in its line.
struct ImportedText {
    let department: ImportedDepartment
    let choices: ImportChoices
    let contract: Contract

    /// The whole file.
    var text: String {
        var lines = head
        lines += codes
        lines += security
        if !department.defaults.isEmpty { lines += ["defaults:"] + department.defaults.map { "  " + $0 } + [""] }
        return (lines + operations).map(YAMLText.printable).joined(separator: "\n") + "\n"
    }

    private var head: [String] {
        var lines = ["# yaml-language-server: $schema=../schema/department.schema.json"]
        lines += department.origin.map { "# " + $0 }
        lines.append("# CHOOSE marks what a person must decide. docs/routes.md explains every word.")
        if !department.notes.isEmpty {
            lines += ["#", "# Not taken over:"] + department.notes.map { "#   " + $0.description }
        }
        lines += ["", "department: \(YAMLText.key(choices.id))", "name: \(JSONText.quoted(choices.name ?? choices.id))"]
        lines.append(
            choices.authority.map { "authority: \(YAMLText.key($0))" }
                ?? "# authority: …                    # CHOOSE: the code that its item codes begin with")
        let endpoint = YAMLText.address(department.endpoint ?? "http://127.0.0.1:9000")
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
            let pairs = table.values.map { "\(JSONText.quoted($0)): \(JSONText.quoted($0))" }
            if table.texts.isEmpty {
                lines.append("  \(YAMLText.key(table.name)): { " + pairs.joined(separator: ", ") + " }")
            } else {
                lines.append("  \(YAMLText.key(table.name)):")
                lines += zip(pairs, table.texts).map { pair, text in "    " + pair + (text.map { "   # \($0)" } ?? "") }
            }
        }
        return lines + [""]
    }

    // MARK: Operations

    private var operations: [String] {
        var lines = ["# The contract's operations: \(contract.operations.map(\.id).joined(separator: ", ")).", "operations:"]
        var chosen: Set<String> = []
        var filled: Set<String> = []
        for (id, own) in choices.operations {
            guard let operation = department.operations.first(where: { $0.name == own }), let target = contract.operation(id),
                filled.insert(id).inserted
            else { continue }
            chosen.insert(own)
            lines += block(operation, as: target).map { $0.isEmpty ? "" : "  " + $0 }
        }
        for operation in department.operations where !chosen.contains(operation.name) {
            lines += block(operation, as: nil).map { $0.isEmpty ? "" : "  # " + $0 }
        }
        return lines
    }

    private func block(_ operation: ImportedOperation, as target: ContractOperation?) -> [String] {
        let name = YAMLText.remark(operation.id ?? operation.name, 100)
        let place = "\(operation.place.file):\(operation.place.line)"
        var lines = ["", "# ---- \(name), \(place)" + (operation.documentation.map { ": \($0)" } ?? "")]
        lines.append(target.map { "\($0.id):" } ?? "CHOOSE:                              # the contract's operation that \(name) is")
        lines.append("  \(operation.kind)")
        for part in operation.parts where !part.fields.isEmpty {
            lines.append("  \(part.key):")
            lines += part.fields.flatMap { request($0, "    ") }
        }
        if !operation.variants.isEmpty {
            if !operation.parts.contains(where: { $0.key == "request" && !$0.fields.isEmpty }) { lines.append("  # request:") }
            lines += variants(operation.variants, "    ")
        }
        return lines + reply(operation, target)
    }

    private func reply(_ operation: ImportedOperation, _ target: ContractOperation?) -> [String] {
        var lines = ["  reply:"] + operation.replyLines.map { "    " + $0 }
        let example = operation.isReplyTyped ? ", at ['#text'] where the reply has types" : ""
        lines.append("    success: http                      # CHOOSE: a condition such as \"\(operation.condition) == 0\"\(example)")
        let required = target.map(self.required) ?? []
        lines.append(required.isEmpty ? "    fields: {}                         # CHOOSE" : "    fields:")
        lines += required.map { "      " + $0 }
        let candidates = operation.reply.flatMap { candidate($0, operation.replyRoot, operation) }
        if !candidates.isEmpty {
            lines.append("      # what the reply holds; write  FIELD-OF-THE-CONTRACT: PATH")
            lines += candidates.map { "      #   " + $0 }
        }
        return lines + operation.replyRemarks.map { "      # " + $0 }
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
}
