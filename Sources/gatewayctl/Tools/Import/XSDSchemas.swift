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
    mutating func add(_ schema: XMLElement, file: String, including: String? = nil, depth: Int = 0) {
        let target = schema["targetNamespace"] ?? including ?? ""
        let isQualified = schema["elementFormDefault"] == "qualified"
        for child in schema.children where child.name.namespace == XSDSchemas.namespace {
            switch child.name.local {
            case "import", "include", "redefine", "override": follow(child, file: file, target: target, depth)
            case "annotation", "notation": break
            default:
                guard let name = child["name"] else { continue }
                items[child.name.local, default: [:]][XMLElement.Name(target, name)] = Item(
                    element: child, file: file, target: target, isQualified: isQualified)
            }
        }
    }

    private mutating func follow(_ element: XMLElement, file: String, target: String, _ depth: Int) {
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
        guard depth < ImportFiles.depthLimit else {
            notes.append(ImportNote(file: file, line: element.line, text: ImportFiles.tooDeep(location)))
            return
        }
        do {
            let root = try ImportFiles.read(path)
            add(root, file: path, including: kind == "import" ? nil : target, depth: depth + 1)
        } catch {
            notes.append(ImportNote(file: file, line: element.line, text: "the schema at \(location) cannot be read: \(error.description)"))
        }
    }
}

/// Files that a description refers to.
enum ImportFiles {
    /// How many files may lead from one to the next.
    static let depthLimit = 50

    static func tooDeep(_ location: String) -> String {
        "\(YAMLText.remark(location, 100)) is more than \(depthLimit) files away from the first; it is not read"
    }

    /// The path of a file beside another; nil for an address of the network. However it is written, one file has one path, so that files
    /// that lead to each other end.
    static func local(_ location: String, beside file: String) -> String? {
        guard location.firstMatch(of: /^[A-Za-z][A-Za-z0-9+.-]+:/) == nil, !location.isEmpty else { return nil }
        if location.hasPrefix("/") { return plain(location) }
        let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
        return plain(folder + location)
    }

    /// A path without `.` and without steps that go back again.
    static func plain(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
        }
        return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
    }

    /// An XML file's root.
    static func read(_ path: String) throws(ToolFault) -> XMLElement {
        let bytes = try FileAccess.read(path)
        do { return try XMLElement.read(bytes) } catch { throw ToolFault(error.description, file: path) }
    }
}
