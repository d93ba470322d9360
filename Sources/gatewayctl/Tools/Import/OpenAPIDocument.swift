internal import Adapters

/// An OpenAPI 3.x or Swagger 2 document, in YAML or JSON, with its references followed.
struct OpenAPIDocument {
    let root: Node
    let file: String
    /// `swagger: "2.0"`.
    let isSwagger: Bool

    /// Reads a file.
    init(_ path: String) throws(ToolFault) {
        let diagnostics = Diagnostics()
        guard let root = Node.read(try FileAccess.read(path), path: path, diagnostics) else {
            throw ToolFault("the document cannot be read", problems: diagnostics.sorted)
        }
        self.root = root
        file = path
        isSwagger = root["swagger"]?.text?.hasPrefix("2") == true
        guard isSwagger || root["openapi"]?.text?.hasPrefix("3") == true else {
            throw ToolFault("neither OpenAPI 3 ('openapi: 3…') nor Swagger 2 ('swagger: \"2.0\"')", file: path, line: 1)
        }
    }

    /// A node, or what its `$ref` leads to in this document; nil for a reference that leads nowhere.
    func resolved(_ node: Node) -> Node? {
        var node = node
        for _ in 0..<16 {
            guard let reference = node["$ref"]?.text else { return node }
            guard reference.hasPrefix("#/") else { return nil }
            var target: Node? = root
            for step in reference.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) {
                let name = String(step).replacing("~1", with: "/").replacing("~0", with: "~")
                target = target?[name]
            }
            guard let target else { return nil }
            node = target
        }
        return nil
    }

    /// Where the service is, and what stands before every path.
    var address: (endpoint: String?, base: String) {
        if isSwagger {
            let base = OpenAPIDocument.base(root["basePath"]?.text ?? "")
            guard let host = root["host"]?.text else { return (nil, base) }
            let schemes = root["schemes"]?.items?.compactMap(\.text) ?? ["http"]
            return ("\(schemes.contains("http") ? "http" : schemes.first ?? "http")://\(host)", base)
        }
        let server = root["servers"]?.items?.first
        let url = (server?["url"]?.text ?? "").replacing(/\{([^{}]*)\}/) { match in
            server?["variables"]?[String(match.1)]?["default"]?.text ?? "CHOOSE"
        }
        if let match = url.wholeMatch(of: /(https?:\/\/[^\/\s?#]+)([^\s?#]*)/) {
            return (String(match.1), OpenAPIDocument.base(String(match.2)))
        }
        return (nil, url.hasPrefix("/") ? OpenAPIDocument.base(url) : "")
    }

    /// What stands before every path, which itself begins with a slash.
    private static func base(_ text: String) -> String {
        let path = String(text.prefix { $0 != "?" && $0 != "#" })
        let own = path.hasSuffix("/") ? String(path.dropLast()) : path
        return own.isEmpty || own.hasPrefix("/") ? own : "/" + own
    }
}
