/// Compiles an OpenAPI 3.1 document: paths, operations, parameters, bodies and responses; schemas through `SchemaCompiler`.
/// It takes the part of OpenAPI that the contract uses and refuses the rest by name.
struct ContractCompiler {
    private static let methods = ["get", "put", "post", "delete", "patch", "head", "options"]

    private let document: Node
    let diagnostics: Diagnostics
    private var schemas: SchemaCompiler
    private var drafts: [Draft] = []
    private var notificationDrafts: [(id: String, schema: Int)] = []
    /// What the gateway tells others; there once the operations are.
    private(set) var notifications: [ContractNotification] = []
    /// Parameters and responses that a reference has led to: each is compiled once, and its problems are reported once.
    private var parametersByReference: [String: ContractOperation.Parameter?] = [:]
    private var responsesByReference: Set<String> = []

    /// An operation before the table of schemas is complete.
    struct Draft {
        let node: Node
        let id: String
        let method: String
        let path: String
        let segments: [ContractOperation.PathSegment]
        let parameters: [ContractOperation.Parameter]
        let body: (schema: Int, isRequired: Bool)?
        let responses: Responses
    }

    /// What an operation answers when all went well.
    struct Responses {
        /// The 2xx statuses in rising order, each with the field that it is answered for, where it names one.
        var statuses: [(status: Int, field: Node?)] = []
        /// The schema of the answer; of what a department gives, where the answer is a file.
        var schema: Int?
        /// Whether the answer is a file's bytes.
        var isFile = false
    }

    init(document: Node, _ diagnostics: Diagnostics) {
        self.document = document
        self.diagnostics = diagnostics
        schemas = SchemaCompiler(document: document, diagnostics)
    }

    /// The operations in the order of the document. Where there are problems, the result is not to be used.
    mutating func operations() -> [ContractOperation] {
        guard
            let root = section(
                document, "the contract",
                ["openapi", "info", "jsonSchemaDialect", "servers", "tags", "security", "paths", "webhooks", "components", "externalDocs"])
        else { return [] }
        if let version = root.requiredString("openapi"), !version.hasPrefix("3.1.") {
            diagnostics.error("unknown-value", "the contract is OpenAPI \(version)", at: root["openapi"]?.place, help: "3.1 is supported")
        }
        _ = root.required("info")
        components(root["components"])
        for path in root.required("paths")?.entries ?? [] { readPath(path) }
        for webhook in root["webhooks"]?.entries ?? [] { readWebhook(webhook) }
        guard let table = schemas.finished() else { return [] }
        notifications = notificationDrafts.map { ContractNotification(id: $0.id, table: table, schema: $0.schema) }
        return drafts.compactMap { operation($0, table) }
    }

    /// A mapping with a closed set of keys; extensions that are not ours pass.
    func section(_ node: Node, _ name: String, _ keys: [String]) -> Section? {
        let foreign = (node.entries ?? []).map(\.key).filter { $0.hasPrefix("x-") && !$0.hasPrefix("x-tongban-") }
        return Section(node, as: name, keys: keys + foreign, diagnostics)
    }

    private mutating func components(_ node: Node?) {
        guard let node,
            let components = section(
                node, "the components",
                ["schemas", "responses", "parameters", "headers", "requestBodies", "securitySchemes", "examples", "links"])
        else { return }
        for entry in components["schemas"]?.entries ?? [] {
            // Through the reference, so that each is compiled once however often it is named.
            let pointer = "#/components/schemas/\(entry.key.pointerToken)"
            _ = schemas.reference(Node(.scalar(pointer, plain: false), at: entry.place))
        }
    }

    /// The node itself, or what its `$ref` leads to.
    private func resolved(_ node: Node) -> Node? {
        guard let reference = node["$ref"]?.text else { return node }
        if let target = document.target(of: reference) { return target }
        diagnostics.error(
            "unknown-reference", "'\(reference)' leads to nothing in this document", at: node["$ref"]?.place,
            help: document.nearestSibling(of: reference))
        return nil
    }

    private mutating func readPath(_ entry: Node.Entry) {
        guard entry.key.hasPrefix("/") else {
            diagnostics.error("wrong-path", "a path must begin with '/'", at: entry.place)
            return
        }
        guard let item = section(entry.value, "a path", ContractCompiler.methods + ["summary", "description", "parameters"]) else { return }
        for method in ContractCompiler.methods {
            guard let node = item[method] else { continue }
            readOperation(node, method: method, path: entry, shared: item["parameters"]?.items ?? [])
        }
    }

    /// A webhook: what the gateway tells others. Only its body is of interest here.
    private mutating func readWebhook(_ entry: Node.Entry) {
        guard let item = section(entry.value, "a webhook", ["post", "summary", "description"]), let post = item.required("post"),
            let operation = section(
                post, "a webhook's operation",
                ["operationId", "summary", "description", "tags", "requestBody", "responses", "security", "deprecated", "externalDocs"]),
            let id = operation.requiredString("operationId"), let body = operation.required("requestBody").flatMap({ requestBody($0) })
        else { return }
        notificationDrafts.append((id, body.schema))
    }

    private mutating func readOperation(_ node: Node, method: String, path: Node.Entry, shared: [Node]) {
        let keys = [
            "operationId", "summary", "description", "tags", "parameters", "requestBody", "responses", "security", "deprecated",
            "externalDocs", "x-tongban-department", "x-tongban-safe", "x-tongban-location",
        ]
        guard let operation = section(node, "an operation", keys), let id = operation.requiredString("operationId") else { return }
        if drafts.contains(where: { $0.id == id }) {
            diagnostics.error("duplicate-operation", "the operationId '\(id)' stands a second time", at: operation["operationId"]?.place)
        }
        let parameters = (shared + (operation["parameters"]?.items ?? [])).compactMap { parameter($0) }
        let segments = segments(path, parameters)
        let body = operation["requestBody"].flatMap { requestBody($0) }
        guard let responses = operation.required("responses"), let found = success(responses) else { return }
        drafts.append(
            Draft(
                node: node, id: id, method: method.uppercased(), path: path.key, segments: segments, parameters: parameters, body: body,
                responses: found))
    }

    private func segments(_ path: Node.Entry, _ parameters: [ContractOperation.Parameter]) -> [ContractOperation.PathSegment] {
        let segments = path.key.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
            segment -> ContractOperation.PathSegment in
            if segment.hasPrefix("{"), segment.hasSuffix("}"), segment.count > 2 {
                return .parameter(String(segment.dropFirst().dropLast()))
            }
            if segment.contains("{") || segment.contains("}") {
                diagnostics.error("wrong-path", "a parameter must fill a whole segment of the path", at: path.place)
            }
            return .literal(String(segment))
        }
        let declared = parameters.filter { $0.source == .path }.map(\.name)
        for case .parameter(let name) in segments where !declared.contains(name) {
            diagnostics.error("unknown-parameter", "the path's '{\(name)}' is not among the operation's parameters", at: path.place)
        }
        for name in declared where !segments.contains(.parameter(name)) {
            diagnostics.error("unknown-parameter", "the parameter '\(name)' does not stand in the path", at: path.place)
        }
        return segments
    }

    private mutating func parameter(_ node: Node) -> ContractOperation.Parameter? {
        guard let reference = node["$ref"]?.text else { return readParameter(node) }
        if let known = parametersByReference[reference] { return known }
        let parameter = resolved(node).flatMap { readParameter($0) }
        parametersByReference[reference] = .some(parameter)
        return parameter
    }

    private mutating func readParameter(_ node: Node) -> ContractOperation.Parameter? {
        guard
            let parameter = section(
                node, "a parameter",
                ["name", "in", "description", "required", "schema", "example", "examples", "deprecated", "style", "explode"]),
            let name = parameter.requiredString("name"), parameter.required("in") != nil,
            let place = parameter.choice("in", of: ["path", "query", "header"]), let schemaNode = parameter.required("schema")
        else { return nil }
        let schema = schema(schemaNode)
        examples(parameter, schema)
        let isRequired = parameter.bool("required") ?? false
        // Header fields are the gateway's own matter: they are in the document for its readers.
        guard let source = DepartmentKey.Source(rawValue: place) else { return nil }
        return ContractOperation.Parameter(name: name, source: source, isRequired: isRequired || source == .path, schema: schema)
    }

    private mutating func schema(_ node: Node) -> Int { schemas.compile(node) }

    private mutating func examples(_ section: Section, _ schema: Int) {
        if let example = section["example"] { schemas.example(example, of: schema) }
        for entry in section["examples"]?.entries ?? [] {
            if let value = resolved(entry.value)?["value"] { schemas.example(value, of: schema) }
        }
    }

    private mutating func requestBody(_ node: Node) -> (schema: Int, isRequired: Bool)? {
        guard let target = resolved(node), let body = section(target, "a request body", ["description", "required", "content"]),
            let content = body.required("content"), let schema = media(content, allowed: ["application/json"])
        else { return nil }
        return (schema, body.bool("required") ?? false)
    }

    /// The schema of the media type; its examples are checked.
    private mutating func media(_ content: Node, allowed: [String]) -> Int? {
        var schema: Int?
        for entry in content.entries ?? [] {
            if !allowed.contains(entry.key) {
                diagnostics.error(
                    "unsupported-media", "the media type '\(entry.key)' is not supported here", at: entry.place,
                    help: "use \(allowed.joined(separator: " or "))")
            }
            guard let media = section(entry.value, "a media type", ["schema", "example", "examples"]), let node = media.required("schema")
            else { continue }
            let index = self.schema(node)
            examples(media, index)
            schema = schema ?? index
        }
        return schema
    }

    /// What is answered under 200 to 299: the statuses, and the schema of the lowest.
    private mutating func success(_ responses: Node) -> Responses? {
        var found = Responses()
        var schemas: [Int: Int] = [:]
        for entry in responses.entries ?? [] {
            if let reference = entry.value["$ref"]?.text, !entry.key.hasPrefix("2"), !responsesByReference.insert(reference).inserted {
                continue
            }
            let keys =
                ["description", "headers", "content", "links"] + (entry.key.hasPrefix("2") ? ["x-tongban-when", "x-tongban-file"] : [])
            guard let target = resolved(entry.value), let response = section(target, "a response", keys) else { continue }
            let schema = answer(response, isSuccess: entry.key.hasPrefix("2"))
            for header in response["headers"]?.entries ?? [] {
                if let node = resolved(header.value)?["schema"] { _ = self.schema(node) }
            }
            guard let status = Int(entry.key), (100...599).contains(status) else {
                diagnostics.error(
                    "unknown-value", "'\(entry.key)' is no status", at: entry.place, help: "write each status out, such as '201'")
                continue
            }
            guard entry.key.hasPrefix("2") else { continue }
            found.statuses.append((status, response["x-tongban-when"]))
            found.isFile = found.isFile || response["x-tongban-file"] != nil
            schemas[status] = schema
        }
        found.statuses.sort { $0.status < $1.status }
        found.schema = found.statuses.first { $0.field == nil }.flatMap { schemas[$0.status] }
        if found.schema != nil { return found }
        diagnostics.error(
            "missing-key", "an operation needs a response from 200 to 299 with a JSON body, or with 'x-tongban-file'", at: responses.place)
        return nil
    }

    /// The schema of a response. A file has any media type, and a schema of what a department must say about it.
    private mutating func answer(_ response: Section, isSuccess: Bool) -> Int? {
        if let file = response["x-tongban-file"] { return schema(file) }
        return response["content"].flatMap { media($0, allowed: [isSuccess ? "application/json" : "application/problem+json"]) }
    }

    private func operation(_ draft: Draft, _ table: SchemaTable) -> ContractOperation? {
        for parameter in draft.parameters {
            let isTwice = draft.parameters.count(where: { $0.name == parameter.name }) > 1
            let isInBody = draft.body.map { table.shapes[$0.schema].property(parameter.name) != nil } ?? false
            if isTwice || isInBody {
                diagnostics.error(
                    "duplicate-field", "'\(parameter.name)' stands twice in the request of '\(draft.id)'", at: draft.node.place,
                    help: "body fields, path and query parameters share their names in a mapping")
            }
        }
        guard let department = department(draft, table), let reply = draft.responses.schema else { return nil }
        return ContractOperation(
            id: draft.id, method: draft.method, pathTemplate: draft.path, pathSegments: draft.segments, department: department,
            isSafe: isSafe(draft), successes: successes(draft, table), location: location(draft, table),
            answersFile: draft.responses.isFile,
            table: table, parameters: draft.parameters, bodySchema: draft.body?.schema, isBodyRequired: draft.body?.isRequired ?? false,
            replySchema: reply)
    }
}
