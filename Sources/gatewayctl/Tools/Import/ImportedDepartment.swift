internal import Adapters

/// What a description of an interface says, as far as a department's file can hold it.
struct ImportedDepartment {
    /// Where the service is, scheme and authority only; nil when the description does not say.
    var endpoint: String?
    /// How the department knows who calls.
    var security: [ImportedSecurity] = []
    /// Lines of `defaults`, without indentation.
    var defaults: [String] = []
    /// Enumerations, each a code table.
    var codes: [ImportedTable] = []
    /// The operations.
    var operations: [ImportedOperation] = []
    /// What could not be taken over.
    var notes: [ImportNote] = []
    /// What the file says at its head about where it came from.
    var origin: [String] = []
}

/// Something that could not be taken over, with its place.
package struct ImportNote: Sendable, Hashable {
    /// The file.
    package let file: String
    /// The one-based line.
    package let line: Int
    /// What, and why.
    package let text: String

    /// `file:line: text`, on one line whatever the description's own texts hold.
    package var description: String { YAMLText.printable("\(file):\(line): \(text)") }
}

/// An enumeration.
struct ImportedTable: Hashable {
    let name: String
    let values: [String]
    /// What the description says of each value; empty where it says nothing of any.
    var texts: [String?] = []
}

extension [ImportedTable] {
    /// Keeps an enumeration that a field has and gives the table's name; the same values of the same name are one table. Nil where
    /// there is nothing that a table could hold: in a file the code `default` stands for all others.
    mutating func keep(_ name: String, _ values: [String], _ texts: [String?] = []) -> String? {
        var seen: Set<String> = []
        let kept = values.indices.filter { values[$0] != "default" && values[$0].utf8.count <= 200 && seen.insert(values[$0]).inserted }
        guard !kept.isEmpty else { return nil }
        let own = kept.map { values[$0] }
        let stem = name.isEmpty ? "codes" : String(name.prefix(40))
        var table = stem
        var number = 2
        while let known = first(where: { $0.name == table }), known.values != own {
            table = "\(stem)\(number)"
            number += 1
        }
        if !contains(where: { $0.name == table }) {
            let shown = kept.map { index in texts.indices.contains(index) ? texts[index] : nil }
            append(ImportedTable(name: table, values: own, texts: shown.contains { $0 != nil } ? shown : []))
        }
        return table
    }
}

/// One of several things that a value may be.
struct ImportedVariant {
    /// What the description calls it.
    let name: String
    /// The field that tells it from the others, where one does, and what that field then holds.
    var mark: (field: String, values: [String])?
    /// The variant as a field.
    let field: ImportedField
}

/// How the description wants a field written in XML.
struct ImportedXML {
    /// The element's own name.
    var name: String?
    /// Whether it is an attribute.
    var isAttribute = false
    /// Whether a list has an element around it.
    var isWrapped = false
    /// The name of a list's items.
    var item: String?
}

/// One field of a request or a reply.
struct ImportedField {
    /// The name; `@name` is an attribute.
    var name: String
    /// What it holds, in the words of the description.
    var type: String
    var isRequired = false
    var isList = false
    /// The fields inside; nil for a single value.
    var children: [ImportedField]?
    /// Whether its fields stand as one JSON text, where the place holds texts only.
    var isText = false
    /// The code table of its enumeration.
    var table: String?
    /// What the description says of it.
    var documentation: String?
    /// The name of its type, where that has one and fields inside.
    var typeName: XMLElement.Name?
    /// Of the items of an array of SOAP 1.1: the name of their type.
    var arrayOf: XMLElement.Name?
    /// A constant that the format itself asks for, such as a type's name in rpc/encoded.
    var constant: String?
    /// Whether the description lets it be null, or `xsi:nil`.
    var isNillable = false
    /// Whether what is inside was not followed, because it contains itself or there is too much of it.
    var isCut = false
    /// Whether it is a whole body and no field of one.
    var isWhole = false
    /// What it may be, where it is one of several things.
    var variants: [ImportedVariant] = []
    /// How it is written in XML.
    var xml = ImportedXML()
}

/// One operation of the interface.
struct ImportedOperation {
    /// The name that choices are made by.
    let name: String
    /// The name that people know it by, where it has another.
    var id: String?
    /// Where it stands.
    let place: (file: String, line: Int)
    var documentation: String?
    /// The kind, such as `soap: { operation: receiveData, … }`.
    var kind: String
    /// What the call carries: `path`, `query`, `headers`, `request`, in this order.
    var parts: [(key: String, fields: [ImportedField])] = []
    /// How the fields of `request` are written.
    var format = "json"
    /// What a request may be, where it is one of several things.
    var variants: [ImportedVariant] = []
    /// The path of the reply's content.
    var replyRoot = "$"
    /// The path of a field that a condition could ask for.
    var condition: String { "\(replyRoot.replacing("[*]", with: "[0]")).code" }
    /// What the reply holds.
    var reply: [ImportedField] = []
    /// Keys of `reply` beside success and fields.
    var replyLines: [String] = []
    /// What a person must know of the reply, each a line of comment.
    var replyRemarks: [String] = []
    /// Whether single values may come with attributes, and then stand at `#text`, or without.
    var isReplyTyped = false
}
