internal import Adapters

/// What a description of an interface says, as far as a department's file can hold it.
struct ImportedDepartment {
    /// Where the service is, scheme and authority only; nil when the description does not say.
    var endpoint: String?
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

    /// `file:line: text`.
    package var description: String { "\(file):\(line): \(text)" }
}

/// An enumeration.
struct ImportedTable: Hashable {
    let name: String
    let values: [String]
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
}

/// One operation of the interface.
struct ImportedOperation {
    /// Its name in the description.
    let name: String
    /// Where it stands.
    let place: String
    var documentation: String?
    /// The kind, such as `soap: { operation: receiveData, … }`.
    var kind: String
    /// What the call carries: `path`, `query`, `headers`, `request`, in this order.
    var parts: [(key: String, fields: [ImportedField])] = []
    /// The path of the reply's content.
    var replyRoot = "$"
    /// What the reply holds.
    var reply: [ImportedField] = []
    /// Keys of `reply` beside success and fields.
    var replyLines: [String] = []
}
