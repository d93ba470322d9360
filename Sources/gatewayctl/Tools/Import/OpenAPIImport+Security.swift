internal import Adapters

/// How callers show themselves, by the document's security schemes.
extension OpenAPIImport {
    /// The schemes that the file can hold, and a note on each.
    mutating func security() -> [ImportedSecurity] {
        let schemes = document.root["components"]?["securitySchemes"]?.entries ?? document.root["securityDefinitions"]?.entries ?? []
        var made: [ImportedSecurity] = []
        // A place holds one value: a second scheme for the header Authorization would be a second key.
        var taken: Set<String> = []
        for entry in schemes {
            guard let scheme = document.resolved(entry.value) else { continue }
            let (proof, place) = proof(scheme)
            let type = YAMLText.remark(scheme["type"]?.text ?? "")
            let at = scheme["in"]?.text.map { YAMLText.remark(" \($0) '\(scheme["name"]?.text ?? "")'") } ?? ""
            let head = "the security scheme '\(YAMLText.remark(entry.key))' (\(type)\(at.isEmpty ? "" : " " + at))"
            guard let proof, taken.insert(place).inserted else {
                fields.note(entry.value, "\(head): CHOOSE 'headers', 'query', 'signing' or 'login'")
                continue
            }
            fields.note(entry.value, "\(head) stands in comments: CHOOSE")
            made.append(ImportedSecurity(name: entry.key, proof: proof))
        }
        return made
    }

    /// What a scheme asks for, and the place of it.
    private mutating func proof(_ scheme: Node) -> (ImportedSecurity.Proof?, place: String) {
        let name = scheme["name"]?.text ?? ""
        let parts = ["header": "headers", "query": "query", "cookie": "cookies"]
        switch (scheme["type"]?.text, scheme["scheme"]?.text?.lowercased()) {
        case ("apiKey", _):
            guard let part = scheme["in"]?.text.flatMap({ parts[$0] }), !name.isEmpty, name.utf8.count <= 200 else { return (nil, "") }
            guard part == "query" || ImportedNames.isToken(name) else { return (nil, "") }
            let place = part == "headers" && name.lowercased() == "authorization" ? "authorization" : "\(part) \(name.lowercased())"
            return (.key(part: part, name: name), place)
        case ("basic", _), ("http", "basic"): return (.basic, "authorization")
        case ("http", "bearer"): return (.bearer, "authorization")
        case ("oauth2", _):
            // Swagger 2 has one flow in the scheme itself.
            let flow = scheme["flows"]?["clientCredentials"] ?? (scheme["flow"]?.text == "application" ? scheme : nil)
            guard let flow, let path = tokenPath(flow) else { return (nil, "") }
            return (.clientCredentials(path: path, scopes: flow["scopes"]?.entries?.map(\.key) ?? []), "authorization")
        default: return (nil, "")
        }
    }

    /// The path of a tokenUrl. A login goes to the department's own endpoints.
    private mutating func tokenPath(_ flow: Node) -> String? {
        guard let url = flow["tokenUrl"]?.text else { return nil }
        let (endpoint, path) = ImportAddress.parts(url)
        let (own, base) = document.address
        if let endpoint, endpoint != own {
            let place = YAMLText.remark(endpoint, 100)
            fields.note(flow["tokenUrl"] ?? flow, "the tokenUrl is at \(place): CHOOSE; a login goes to the department's own endpoints")
        }
        let made = ImportAddress.encoded(endpoint == nil ? (url.hasPrefix("/") ? url : "\(base)/\(url)") : path, braces: true)
        return made.hasPrefix("/") && !made.contains("?") && !made.contains("#") ? made : nil
    }
}
