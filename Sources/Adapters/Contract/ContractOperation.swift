/// Where a contract operation finds the code that names its department.
public struct DepartmentKey: Sendable, Hashable {
    /// The part of a request that a field stands in.
    public enum Source: String, Sendable, Hashable, CaseIterable {
        /// A field of the JSON body.
        case body
        /// A path parameter.
        case path
        /// A query parameter.
        case query
    }

    /// A field that may name the department.
    public struct Field: Sendable, Hashable {
        /// Its name.
        public let name: String
        /// Where it stands.
        public let source: Source

        /// A field.
        public init(name: String, source: Source) {
            self.name = name
            self.source = source
        }
    }

    /// The fields that may name the department: an item code, a case number, which begins with one, an authority's code, or a
    /// licence's identifier, which holds its issuer's. The first that a request has counts.
    public let fields: [Field]
    /// Whether every department that offers the operation is asked when the request names none.
    public let isFanOut: Bool

    /// A key.
    public init(fields: [Field], isFanOut: Bool = false) {
        self.fields = fields
        self.isFanOut = isFanOut
    }
}

/// One operation of the unified contract, compiled.
public final class ContractOperation: Sendable {
    /// A segment of a path template.
    public enum PathSegment: Sendable, Hashable {
        /// Text that stands as it is.
        case literal(String)
        /// A parameter that fills the whole segment.
        case parameter(String)
    }

    /// A status of success.
    public struct Success: Sendable, Hashable {
        /// The status.
        public let status: Int
        /// The field of the answer whose presence asks for this status; nil for the status of every other answer.
        public let field: String?

        /// A status.
        public init(status: Int, field: String? = nil) {
            self.status = status
            self.field = field
        }
    }

    /// A path or query parameter.
    struct Parameter: Sendable {
        let name: String
        let source: DepartmentKey.Source
        let isRequired: Bool
        let schema: Int
        /// How faults name it, such as `query:page`.
        let field: String

        init(name: String, source: DepartmentKey.Source, isRequired: Bool, schema: Int) {
            self.name = name
            self.source = source
            self.isRequired = isRequired
            self.schema = schema
            field = "\(source.rawValue):\(name)"
        }
    }

    /// The `operationId`, such as `cases.submit`.
    public let id: String
    /// The method in capitals.
    public let method: String
    /// The path template as the document writes it, such as `/v1/cases/{caseNo}`.
    public let pathTemplate: String
    /// The segments of the template.
    public let pathSegments: [PathSegment]
    /// Where the department's code stands.
    public let department: DepartmentKey
    /// Whether the operation only reads, so that it may be sent twice: GET and HEAD, and what the document calls safe.
    public let isSafe: Bool
    /// Every 2xx status that the document names, in rising order.
    public let successes: [Success]
    /// The path of the answer's resource, filled from the answer; empty where the document names none.
    public let location: [PathSegment]
    /// Whether the answer is a file's bytes: what a department's mapping gives says where the bytes are.
    public let answersFile: Bool
    /// Whether an answer is a page of a list, so that the answers of several departments can stand in one.
    public var answersList: Bool { table.shapes[replySchema].property("items") != nil }
    /// Whether any part of the path is a parameter.
    public let hasPathParameters: Bool
    /// Whether the operation takes a JSON body.
    public var takesBody: Bool { bodySchema != nil }

    let table: SchemaTable
    let parameters: [Parameter]
    let bodySchema: Int?
    let isBodyRequired: Bool
    let replySchema: Int

    init(
        id: String, method: String, pathTemplate: String, pathSegments: [PathSegment], department: DepartmentKey, isSafe: Bool,
        successes: [Success], location: [PathSegment], answersFile: Bool, table: SchemaTable, parameters: [Parameter], bodySchema: Int?,
        isBodyRequired: Bool, replySchema: Int
    ) {
        self.id = id
        self.method = method
        self.pathTemplate = pathTemplate
        self.pathSegments = pathSegments
        hasPathParameters = pathSegments.contains { if case .parameter = $0 { true } else { false } }
        self.department = department
        self.isSafe = isSafe
        self.successes = successes
        self.location = location
        self.answersFile = answersFile
        self.table = table
        self.parameters = parameters
        self.bodySchema = bodySchema
        self.isBodyRequired = isBodyRequired
        self.replySchema = replySchema
    }

    /// The status of a success that no field of the answer asks another for.
    public var successStatus: Int { successes.first { $0.field == nil }?.status ?? 200 }

    /// The status of an answer.
    public func status(of answer: Value) -> Int {
        successes.first { $0.field.map { answer[$0] != nil } ?? false }?.status ?? successStatus
    }

    /// Where the resource of an answer is; nil where the document does not say, or the answer lacks a part of it.
    public func location(of answer: Value) -> String? {
        guard !location.isEmpty else { return nil }
        var path = ""
        for segment in location {
            switch segment {
            case .literal(let text): path += "/" + text
            case .parameter(let name):
                guard let text = answer[name]?.scalarText, !text.isEmpty else { return nil }
                path += "/" + FormCodec.percentEncodePathSegment(text)
            }
        }
        return path
    }

    /// The field of a request that names its department, and the code in it; nil where the request names none.
    public func departmentCode(in input: Value) -> (field: String, code: String)? {
        for field in department.fields {
            if let text = input[field.name]?.string { return (field.name, Identifier.issuer(in: text) ?? text) }
        }
        return nil
    }

    /// Reads a request: types its parameters, leaves out what is null or empty, puts in defaults, and validates everything
    /// at once. `path` and `query` are percent-decoded. `input` holds the body's fields, then the path's and the query's
    /// parameters; use it only when `errors` is empty.
    public func readRequest(
        path: [(name: String, value: String)], query: [(name: String, value: String)], body: Value?
    ) -> (input: Value, errors: [FieldError]) {
        var (input, errors) = readBody(body)
        for name in unknownParameters(query) {
            let near = suggestion(for: name, among: parameters.filter { $0.source == .query }.map(\.name))
            let message = "is not a parameter of the contract" + (near.map { "; did you mean '\($0)'?" } ?? "")
            errors.append(FieldError(field: "query:\(name)", rule: "unknown-parameter", message: message))
        }
        let shaping = RequestShaping(table: table)
        for parameter in parameters {
            let given = parameter.source == .path ? path : query
            let count = given.count { $0.name == parameter.name }
            let isList = table.shapes[parameter.schema].types == .array
            if count > 1, !isList {
                errors.append(FieldError(field: parameter.field, rule: "repeated-parameter", message: "must stand once"))
                continue
            }
            let shaped =
                isList
                ? shaping.parameter(given.compactMap { $0.name == parameter.name ? $0.value : nil }, parameter.schema)
                : given.first { $0.name == parameter.name }.flatMap { shaping.parameter($0.value, parameter.schema) }
            guard let value = shaped ?? table.schemas[parameter.schema].rules.defaultValue else {
                if parameter.isRequired {
                    errors.append(FieldError(field: parameter.field, rule: "required", message: "must be there"))
                }
                continue
            }
            let faults = Validation.errors(of: value, parameter.schema, table, parameter: parameter.field)
            if !faults.isEmpty { errors += faults }
            input.append(parameter.name, value)
        }
        if errors.count > Validation.limit { errors.removeSubrange(Validation.limit...) }
        return (.object(input), errors)
    }

    private func readBody(_ body: Value?) -> (Object, [FieldError]) {
        guard let bodySchema else {
            let errors = body == nil ? [] : [FieldError(field: "", rule: "unexpected-body", message: "the operation takes no body")]
            return (Object(), errors)
        }
        guard let body else {
            let errors = isBodyRequired ? [FieldError(field: "", rule: "required", message: "a JSON body must be there")] : []
            return (Object(), errors)
        }
        let shaped = RequestShaping(table: table).shaped(body, bodySchema) ?? body
        return (shaped.object ?? Object(), Validation.errors(of: shaped, bodySchema, table))
    }

    /// Names that are no query parameter of the operation, each once, as far as they are short enough to repeat.
    private func unknownParameters(_ query: [(name: String, value: String)]) -> [String] {
        var names: [String] = []
        for (name, _) in query where !parameters.contains(where: { $0.source == .query && $0.name == name }) {
            let shown = name.utf8.count <= 64 ? name : "…"
            if !names.contains(shown), names.count < Validation.limit { names.append(shown) }
        }
        return names
    }

    /// Types a department's answer by the success response's schema: strings stay or become strings, numbers lose no digit,
    /// date-times move to +08:00, a single value becomes a list where one is due, null and empty fields are left out, fields
    /// stand in the schema's order, and fields that the schema does not know are dropped (a mapping that names one is refused
    /// at load).
    ///
    /// - Throws: UPSTREAM_BAD_REPLY with a pointer and what was expected, never the value.
    public func typeReply(_ answer: Value) throws(AdapterFault) -> Value {
        var typing = ReplyTyping(table)
        // An answer with nothing in it still owes what the schema requires.
        return try typing.typed(answer.isEmpty ? .object(Object()) : answer, replySchema, isRoot: true) ?? .object(Object())
    }

    /// The contract's answer from what a department's mapping made of its reply to `input`: completed with the numbers that the caller
    /// asked by, where the department did not repeat them, and typed.
    ///
    /// - Throws: UPSTREAM_BAD_REPLY with a pointer and what was expected, never the value.
    public func answer(from made: Value, to input: Value) throws(AdapterFault) -> Value {
        guard case .object(var object) = made, object["items"] == nil else { return try typeReply(made) }
        for name in ContractOperation.repeated {
            guard let asked = input[name] else { continue }
            // Of a case that was asked for, another's is no answer: it may be somebody else's. (An item has a shorter code and a longer one.)
            if let said = object[name], !said.isEmpty {
                guard !isSafe || name != "caseNo" || said.scalarText == asked.scalarText else {
                    throw AdapterFault(
                        .upstreamBadReply, "the department's reply is about another one: '/\(name)' is not what was asked for")
                }
            } else {
                object[name] = asked
            }
        }
        return try typeReply(.object(object))
    }

    /// The numbers that a caller asks by.
    static let repeated = ["caseNo", "itemCode"]
}

extension ContractOperation {
    /// Whether `AdapterCall.input` may hold a field at this path of names (lists are passed through): for checking mappings at
    /// load.
    public func knowsRequestField(path: [String]) -> Bool {
        guard let first = path.first else { return true }
        if let parameter = parameters.first(where: { $0.name == first }) {
            let found = table.schema(at: Array(path.dropFirst()), from: parameter.schema)
            return found.schema != nil || found.isOpen
        }
        guard let bodySchema else { return false }
        let found = table.schema(at: path, from: bodySchema)
        return found.schema != nil || found.isOpen
    }

    /// Whether the answer may hold a field at this path of names (lists are passed through).
    public func knowsReplyField(path: [String]) -> Bool {
        let found = table.schema(at: path, from: replySchema)
        return found.schema != nil || found.isOpen
    }

    /// The texts that the request may have at a path, where the contract closes the set; nil where it does not.
    public func requestValues(at path: [String]) -> [String]? {
        if let first = path.first, let parameter = parameters.first(where: { $0.name == first }) {
            return table.schema(at: Array(path.dropFirst()), from: parameter.schema).schema.flatMap(table.texts(allowedBy:))
        }
        return bodySchema.flatMap { table.schema(at: path, from: $0).schema }.flatMap(table.texts(allowedBy:))
    }

    /// The texts that the answer may have at a path, where the contract closes the set; nil where it does not. What a map
    /// gives must be among them.
    public func replyValues(at path: [String]) -> [String]? {
        table.schema(at: path, from: replySchema).schema.flatMap(table.texts(allowedBy:))
    }

    /// The top-level fields that a department's answer must give: required, and neither a list, which may be empty, nor
    /// made by the contract itself.
    public var requiredReplyFields: [String] {
        table.shapes[replySchema].properties.filter {
            $0.isRequired && $0.defaultValue == nil && $0.countOf == nil && table.shapes[$0.schema].types != .array
        }.map(\.name)
    }

    /// The names of the top-level fields of a request: body, path and query, in this order.
    public var requestFields: [String] {
        (bodySchema.map { table.shapes[$0].properties.map(\.name) } ?? []) + parameters.map(\.name)
    }

    /// The names of the top-level fields of an answer, in the schema's order.
    public var replyFields: [String] { table.shapes[replySchema].properties.map(\.name) }
}
