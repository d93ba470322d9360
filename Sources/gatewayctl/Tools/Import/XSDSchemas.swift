internal import Adapters

/// The XML schemas of a WSDL: its own, and those in files beside it.
struct XSDSchemas {
    static let namespace = "http://www.w3.org/2001/XMLSchema"

    /// A part of a schema with the schema that it stands in.
    struct Item {
        let element: XMLElement
        let file: String
        /// The schema's target namespace.
        let target: String
        /// `elementFormDefault="qualified"`.
        let isQualified: Bool
    }

    private var items: [String: [XMLElement.Name: Item]] = [:]
    private var read: Set<String> = []
    private(set) var notes: [ImportNote] = []

    /// A global definition: `kind` is the local name of its element, such as `complexType`.
    func item(_ kind: String, _ name: XMLElement.Name) -> Item? { items[kind]?[name] }

    /// Reads a schema, and what it imports and includes. `including` is the namespace of the schema that includes it.
    mutating func add(_ schema: XMLElement, file: String, including: String? = nil) {
        let target = schema["targetNamespace"] ?? including ?? ""
        let isQualified = schema["elementFormDefault"] == "qualified"
        for child in schema.children where child.name.namespace == XSDSchemas.namespace {
            switch child.name.local {
            case "import", "include", "redefine", "override": follow(child, file: file, target: target)
            case "annotation", "notation": break
            default:
                guard let name = child["name"] else { continue }
                items[child.name.local, default: [:]][XMLElement.Name(target, name)] = Item(
                    element: child, file: file, target: target, isQualified: isQualified)
            }
        }
    }

    private mutating func follow(_ element: XMLElement, file: String, target: String) {
        let kind = element.name.local
        guard let location = element["schemaLocation"] else { return }
        if kind == "redefine" || kind == "override" {
            notes.append(ImportNote(file: file, line: element.line, text: "xsd:\(kind) is read as xsd:include; what it changes is not"))
        }
        guard let path = ImportFiles.local(location, beside: file) else {
            notes.append(ImportNote(file: file, line: element.line, text: "the schema at \(location) is not in a file beside this one"))
            return
        }
        guard read.insert("\(path) \(kind == "import" ? "" : target)").inserted else { return }
        do {
            let root = try ImportFiles.read(path)
            add(root, file: path, including: kind == "import" ? nil : target)
        } catch {
            notes.append(ImportNote(file: file, line: element.line, text: "the schema at \(location) cannot be read: \(error.description)"))
        }
    }
}

/// Files that a description refers to.
enum ImportFiles {
    /// The path of a file beside another; nil for an address of the network.
    static func local(_ location: String, beside file: String) -> String? {
        guard location.firstMatch(of: /^[A-Za-z][A-Za-z0-9+.-]+:/) == nil, !location.isEmpty else { return nil }
        if location.hasPrefix("/") { return location }
        let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        return folder + location
    }

    /// An XML file's root.
    static func read(_ path: String) throws(ToolFault) -> XMLElement {
        let bytes = try FileAccess.read(path)
        do { return try XMLElement.read(bytes) } catch { throw ToolFault(error.description, file: path) }
    }
}
