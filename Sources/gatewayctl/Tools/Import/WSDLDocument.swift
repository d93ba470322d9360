internal import Adapters

/// The definitions of a WSDL 1.1 and of those that it imports, by name.
struct WSDLDocument {
    static let namespace = "http://schemas.xmlsoap.org/wsdl/"

    /// An element with the file that it stands in.
    struct Item {
        let element: XMLElement
        let file: String
        let target: String
    }

    /// A port: where a binding is to be found.
    struct Port {
        let name: String
        let line: Int
        let file: String
        /// The SOAP version; nil for a binding of another kind.
        let version: String?
        /// The address.
        let location: String?
        let binding: Item
    }

    private(set) var schemas = XSDSchemas()
    private var items: [String: [XMLElement.Name: Item]] = [:]
    private var services: [Item] = []
    private var read: Set<String> = []
    private(set) var notes: [ImportNote] = []

    /// The namespaces of SOAP bindings, and the version that each means.
    static let versions = ["http://schemas.xmlsoap.org/wsdl/soap/": "1.1", "http://schemas.xmlsoap.org/wsdl/soap12/": "1.2"]

    /// Reads a file.
    init(_ path: String) throws(ToolFault) {
        let root = try ImportFiles.read(path)
        guard root.name == XMLElement.Name(WSDLDocument.namespace, "definitions") else {
            let hint =
                root.name == XMLElement.Name("http://www.w3.org/ns/wsdl", "description") ? "; this is WSDL 2.0, ask for the 1.1 form" : ""
            throw ToolFault("no WSDL 1.1: its root is '\(root.name.local)', not 'definitions'\(hint)", file: path, line: root.line)
        }
        read.insert(ImportFiles.plain(path))
        add(root, file: path)
        notes += schemas.notes
    }

    /// A definition by kind and name.
    func item(_ kind: String, _ name: XMLElement.Name?) -> Item? { name.flatMap { items[kind]?[$0] } }

    private mutating func add(_ root: XMLElement, file: String, depth: Int = 0) {
        let target = root["targetNamespace"] ?? ""
        for child in root.children {
            switch (child.name.namespace, child.name.local) {
            case (WSDLDocument.namespace, "import"): follow(child, file: file, depth)
            case (WSDLDocument.namespace, "types"):
                for schema in child.children(XSDSchemas.namespace, "schema") { schemas.add(schema, file: file) }
            case (WSDLDocument.namespace, "service"): services.append(Item(element: child, file: file, target: target))
            case (WSDLDocument.namespace, "documentation"): break
            case (WSDLDocument.namespace, let kind):
                if let name = child["name"] {
                    items[kind, default: [:]][XMLElement.Name(target, name)] = Item(element: child, file: file, target: target)
                }
            case (_, let kind):
                notes.append(
                    ImportNote(file: file, line: child.line, text: "the extension '\(kind)' (\(child.name.namespace)) is not read"))
            }
        }
    }

    private mutating func follow(_ element: XMLElement, file: String, _ depth: Int) {
        guard let location = element["location"] else { return }
        guard let path = ImportFiles.local(location, beside: file) else {
            notes.append(ImportNote(file: file, line: element.line, text: "the import of \(location) is not in a file beside this one"))
            return
        }
        guard read.insert(path).inserted else { return }
        guard depth < ImportFiles.depthLimit else {
            notes.append(ImportNote(file: file, line: element.line, text: ImportFiles.tooDeep(location)))
            return
        }
        do {
            let root = try ImportFiles.read(path)
            if root.name.local == "schema" { schemas.add(root, file: path) } else { add(root, file: path, depth: depth + 1) }
        } catch {
            notes.append(ImportNote(file: file, line: element.line, text: "the import of \(location) cannot be read: \(error.description)"))
        }
    }

    /// The ports of all services, in order. A WSDL without a service gives its bindings.
    var ports: [Port] {
        let declared = services.flatMap { service in
            service.element.children(WSDLDocument.namespace, "port").compactMap { port -> Port? in
                guard let name = port["name"], let binding = item("binding", port["binding"].flatMap(port.resolve)) else { return nil }
                let address = port.children.first { $0.name.local == "address" }
                return self.port(name, port.line, service.file, address?["location"], binding)
            }
        }
        guard declared.isEmpty else { return declared }
        return (items["binding"] ?? [:]).values.sorted { ($0.file, $0.element.line) < ($1.file, $1.element.line) }.map {
            port($0.element["name"] ?? "", $0.element.line, $0.file, nil, $0)
        }
    }

    private func port(_ name: String, _ line: Int, _ file: String, _ location: String?, _ binding: Item) -> Port {
        let version = binding.element.children.lazy.filter { $0.name.local == "binding" }.compactMap {
            WSDLDocument.versions[$0.name.namespace]
        }.first
        return Port(name: name, line: line, file: file, version: version, location: location, binding: binding)
    }
}
