/// The extensions that make an OpenAPI operation a gateway's: where its department is named, whether it changes anything, which
/// status an answer has and where its resource is.
extension ContractCompiler {
    /// `x-tongban-department: {from: body, field: itemCode}`, or a list of these, tried in order. The last may say `optional: fan-out`.
    func department(_ draft: Draft, _ table: SchemaTable) -> DepartmentKey? {
        guard let node = draft.node["x-tongban-department"] else {
            diagnostics.error(
                "missing-key", "the operation '\(draft.id)' needs 'x-tongban-department'", at: draft.node.place,
                help: "for example { from: path, field: caseNo }")
            return nil
        }
        var fields: [DepartmentKey.Field] = []
        var isFanOut = false
        var isAlwaysThere = false
        let nodes = node.items ?? [node]
        for (index, node) in nodes.enumerated() {
            guard let found = departmentField(node, isLast: index == nodes.count - 1, draft, table) else { return nil }
            fields.append(found.field)
            isFanOut = found.isFanOut
            isAlwaysThere = isAlwaysThere || found.isRequired
        }
        guard isFanOut || isAlwaysThere, let last = fields.last else {
            diagnostics.error(
                "missing-key", "'\(fields.last?.name ?? "")' names the department and must be required",
                at: nodes.last?["field"]?.place ?? node.place, help: "make it required, or say 'optional: fan-out'")
            return nil
        }
        if isFanOut, isAlwaysThere, nodes.count == 1 {
            diagnostics.error(
                "wrong-type", "'\(last.name)' is always there: it cannot be left out for a fan-out", at: nodes[0]["optional"]?.place)
            return nil
        }
        return DepartmentKey(fields: fields, isFanOut: isFanOut)
    }

    private func departmentField(
        _ node: Node, isLast: Bool, _ draft: Draft, _ table: SchemaTable
    ) -> (field: DepartmentKey.Field, isFanOut: Bool, isRequired: Bool)? {
        guard let section = section(node, "a department key", ["from", "field"] + (isLast ? ["optional"] : [])),
            section.required("from") != nil,
            let from = section.choice("from", of: DepartmentKey.Source.allCases.map(\.rawValue)).flatMap(DepartmentKey.Source.init),
            let name = section.requiredString("field")
        else { return nil }
        let parameter = draft.parameters.first { $0.name == name && $0.source == from }
        let property = from == .body ? draft.body.flatMap { table.shapes[$0.schema].property(name) } : nil
        guard parameter != nil || property != nil else {
            diagnostics.error(
                "unknown-field", "'\(name)' is not in the \(from.rawValue) of '\(draft.id)'", at: section["field"]?.place ?? node.place)
            return nil
        }
        let isFanOut = section.choice("optional", of: ["fan-out"]) != nil
        let isRequired = parameter?.isRequired ?? property?.isRequired ?? false
        return (DepartmentKey.Field(name: name, source: from), isFanOut, isRequired)
    }

    /// `x-tongban-safe: true`: the operation only reads, though its method does not say so.
    func isSafe(_ draft: Draft) -> Bool {
        let isSafeMethod = draft.method == "GET" || draft.method == "HEAD"
        guard let node = draft.node["x-tongban-safe"] else { return isSafeMethod }
        guard case .bool(let isSafe) = node.value else {
            diagnostics.error("wrong-type", "'x-tongban-safe' must be true or false", at: node.place)
            return false
        }
        if isSafeMethod, !isSafe {
            diagnostics.error("wrong-type", "a \(draft.method) only reads, so 'x-tongban-safe' cannot be false", at: node.place)
        }
        return isSafe
    }

    /// The statuses, and for each the field whose presence in the answer asks for it (`x-tongban-when`).
    func successes(_ draft: Draft, _ table: SchemaTable) -> [ContractOperation.Success] {
        draft.responses.statuses.map { status, node in
            if let node { known(node, in: draft, table, what: "an answer's field") }
            return ContractOperation.Success(status: status, field: node?.text)
        }
    }

    /// `x-tongban-location: /v1/cases/{caseNo}`: where the resource of an answer is; its placeholders are fields of the answer.
    func location(_ draft: Draft, _ table: SchemaTable) -> [ContractOperation.PathSegment] {
        guard let node = draft.node["x-tongban-location"] else { return [] }
        guard let text = node.text, text.hasPrefix("/") else {
            diagnostics.error("wrong-path", "a location is a path that begins with '/'", at: node.place, help: "such as /v1/cases/{caseNo}")
            return []
        }
        return text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map { segment in
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return .literal(String(segment)) }
            let name = String(segment.dropFirst().dropLast())
            known(Node(.scalar(name, plain: true), at: node.place), in: draft, table, what: "a placeholder of the location")
            return .parameter(name)
        }
    }

    private func known(_ node: Node, in draft: Draft, _ table: SchemaTable, what: String) {
        let names = draft.responses.schema.map { table.shapes[$0].properties.map(\.name) } ?? []
        guard let name = node.text, !names.contains(name) else { return }
        diagnostics.error(
            "unknown-field", "'\(name)' is no field of the answer of '\(draft.id)', and \(what) must be one", at: node.place,
            help: suggestion(for: name, among: names).map { "did you mean '\($0)'?" } ?? "known: \(names.joined(separator: ", "))")
    }
}
