/// The fields of a request as rules, and those of a reply as paths in comments.
extension ImportedText {
    /// A field of a request. What stands in for a value is a constant: the file is valid before anybody has chosen.
    func request(_ field: ImportedField, _ indent: String) -> [String] {
        let name = YAMLText.key(field.name)
        let comment = "# " + description(field)
        if let count = field.arrayOf.flatMap({ _ in field.constant }) { return arrayType(name, count, indent) }
        if let constant = field.constant { return ["\(indent)\(name): { const: \(JSONText.quoted(constant)) }"] }
        // What may be left out is left out; what must be there says that it has no value. A value with its type beside it is never
        // nothing, and says so in an attribute.
        let isTyped = field.children?.contains { $0.name == "@xsi:type" } == true
        let isElement = field.name != "#text" && !field.name.hasPrefix("@")
        let null = field.isNillable && field.isRequired && !isTyped && isElement ? ", nil: true" : ""
        guard let children = field.children, !children.isEmpty else {
            let line = "\(indent)\(name): { const: \"\"\(null) }"
            guard field.children == nil else { return ["\(line)   \(comment)"] }
            let blanks = String(repeating: " ", count: max(1, 30 - name.count - null.count))
            return ["\(line)\(blanks)\(comment); CHOOSE: from $.…"] + variants(field.variants, indent + "  ")
        }
        let list =
            field.isList ? ["\(indent)  # CHOOSE: for a list put  each: $.…  beside 'fields', and paths that begin with \"@\" inside"] : []
        let text = field.isText ? ["\(indent)  document: { json: object }   # CHOOSE: how it is written as a text"] : []
        var nothing = null.isEmpty ? [] : ["\(indent)  nil: true"]
        if isTyped, field.isNillable {
            let rule = "\"@xsi:nil\": { const: \"true\", when: \"!$.…\" }"
            nothing = ["\(indent)  # CHOOSE: where there may be no value put  \(rule)  under 'fields'"]
        }
        return ["\(indent)\(name):   \(comment)"] + list + text + nothing + ["\(indent)  fields:"]
            + children.flatMap { request($0, indent + "    ") } + variants(field.variants, indent + "    ")
    }

    /// SOAP 1.1 section 5.4.2 wants the number of items in an array's type.
    private func arrayType(_ name: String, _ item: String, _ indent: String) -> [String] {
        [
            "\(indent)\(name): { concat: [{ const: \(JSONText.quoted(item + "[")) }, { const: \"1\" }, { const: \"]\" }] }"
                + "   # CHOOSE: { count: $.… } in place of \"1\", of the list that 'each' below names"
        ]
    }

    /// What a value may be instead, in comments: the rules of each variant, as they would stand in the file.
    func variants(_ variants: [ImportedVariant], _ indent: String) -> [String] {
        guard !variants.isEmpty else { return [] }
        let names = variants.map { YAMLText.remark($0.name) }.joined(separator: ", ")
        var lines = ["\(indent)# CHOOSE one of \(names); or several:  first: [{ fields: { … }, when: \"…\" }, { fields: { … } }]"]
        for variant in variants {
            let mark = variant.mark.map { mark in
                ", where '\(YAMLText.remark(mark.field))' is " + mark.values.map { "'\(YAMLText.remark($0))'" }.joined(separator: " or ")
            }
            guard let children = variant.field.children, !children.isEmpty else {
                lines.append("\(indent)# \(YAMLText.remark(variant.name))\(mark ?? ""): \(description(variant.field))")
                lines += self.variants(variant.field.variants, "  ").map { "\(indent)# \($0)" }
                continue
            }
            lines.append("\(indent)# \(YAMLText.remark(variant.name))\(mark ?? ""):")
            let marked = children.map { child in
                var child = child
                if let mark = variant.mark, mark.field == child.name { child.constant = mark.values.first }
                return child
            }
            lines += marked.flatMap { request($0, "  ") }.map { "\(indent)# \($0)" }
        }
        return lines
    }

    /// The paths of a reply's field.
    func candidate(_ field: ImportedField, _ root: String, _ operation: ImportedOperation) -> [String] {
        let path = field.isWhole ? root : root + YAMLText.step(field.name)
        let inside = field.isList ? path + "[*]" : path
        let lines = field.children.map { $0.flatMap { candidate($0, inside, operation) } } ?? []
        let others = field.variants.flatMap { variant in
            let own = variant.field.children.map { $0.flatMap { candidate($0, inside, operation) } } ?? []
            return own.map { $0 + ", of \(YAMLText.remark(variant.name))" }
        }
        if !lines.isEmpty || !others.isEmpty { return lines + others }
        return ["\(source(field, path, operation))   \(description(field))"]
    }

    private func source(_ field: ImportedField, _ path: String, _ operation: ImportedOperation) -> String {
        let isElement = !field.name.hasPrefix("@") && field.name != "#text"
        guard operation.isReplyTyped, isElement else {
            guard let table = field.table else { return YAMLText.path(path) }
            return "{ from: \(YAMLText.path(path, inFlow: true)), map: \(YAMLText.key(table)) }"
        }
        // With an attribute beside it, such as an id, the text stands at '#text', without one at the element itself.
        let from = "[\(JSONText.quoted(path + "['#text']")), \(JSONText.quoted(path))]"
        return "{ from: \(from)" + (field.table.map { ", map: \(YAMLText.key($0))" } ?? "") + " }"
    }

    private func description(_ field: ImportedField) -> String {
        var parts = [field.type]
        if field.isRequired { parts.append("required") }
        if field.isList { parts.append("a list") }
        if field.isNillable { parts.append("may be nil") }
        if field.isCut { parts.append("not followed further") }
        if let table = field.table { parts.append("codes: \(table)") }
        if let documentation = field.documentation { parts.append(documentation) }
        return parts.joined(separator: ", ")
    }
}
