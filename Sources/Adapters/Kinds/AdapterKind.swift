/// One way of calling a department. A kind is one file and one line in `AdapterCatalog`.
protocol AdapterKind: Sendable {
    /// The key of an operation that chooses the kind; its value is the kind's own section.
    static var word: String { get }
    /// The keys of an operation, beside `request`, that the kind reads.
    static var keys: [String] { get }

    /// Compiles the kind from an operation's section; nil, with problems, when it cannot.
    init?(_ operation: Section, _ compiler: MappingCompiler)

    /// The format of a reply that says nothing else.
    var replyFormat: ReplyFormat { get }
    /// Whether a reply can be a SOAP Fault.
    var isSOAP: Bool { get }
    /// Whether calls travel as files, which HTTP does not carry.
    var usesFiles: Bool { get }
    /// Whether a call puts a file that must not be put twice.
    var handsIn: Bool { get }

    /// The department's request, not yet signed.
    func draft(in scope: MappingScope) throws(AdapterFault) -> RequestDraft
}

extension AdapterKind {
    var usesFiles: Bool { false }
    var handsIn: Bool { false }
}

/// The kinds that a route file can name.
enum AdapterCatalog {
    /// Every kind; a new one is a line here.
    static let kinds: [any AdapterKind.Type] = [RestKind.self, SoapKind.self, FormKind.self, DelimitedKind.self, MailboxKind.self]

    /// The keys that choose a kind.
    static var words: [String] { kinds.map { $0.word } }

    /// Every key that some kind reads in an operation.
    static var keys: [String] {
        kinds.flatMap { [$0.word] + $0.keys }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// The charset of the request's body, as far as the file can be read.
    static func charset(of operation: Section) -> Charset {
        let chosen = (operation.node.entries ?? []).first { words.contains($0.key) }
        return chosen?.value["charset"]?.text.flatMap(Charset.init(named:)) ?? .utf8
    }

    /// The kind that an operation chooses.
    static func kind(of operation: Section, _ compiler: MappingCompiler) -> (any AdapterKind)? {
        let chosen = (operation.node.entries ?? []).filter { words.contains($0.key) }
        guard let first = chosen.first, let type = kinds.first(where: { $0.word == first.key }) else {
            operation.diagnostics.error(
                "missing-key", "\(operation.name) does not say how the department is called", at: operation.node.place,
                help: "one of: \(words.joined(separator: ", "))")
            return nil
        }
        for extra in chosen.dropFirst() {
            operation.diagnostics.error(
                "two-kinds", "\(operation.name) has two kinds, '\(first.key)' and '\(extra.key)'", at: extra.place, help: "keep one")
        }
        for entry in operation.node.entries ?? []
        where keys.contains(entry.key) && !words.contains(entry.key) && !type.keys.contains(entry.key) {
            operation.diagnostics.error("wrong-place", "'\(entry.key)' means nothing beside '\(first.key)'", at: entry.place)
        }
        return type.init(operation, compiler)
    }
}

/// A department's request before it is signed and written. Confined to the one who makes the request.
final class RequestDraft {
    /// The method.
    var method: String
    /// The path, percent-encoded.
    var path: String
    /// The query's parameters as text.
    var query: [(String, String)] = []
    /// The header fields.
    var headers: [DepartmentRequest.Field] = []
    /// The form's fields as text, when the body is a form.
    var form: [(String, String)]?
    /// The files of a multipart body, whose other fields are `form`.
    var files: [MultipartCodec.File] = []
    /// What stands between the parts of a multipart body; nil where the body is none.
    var boundary: String?
    /// The fields of a JSON body.
    var json: Object?
    /// A SOAP envelope's content, when the body is one.
    var envelope: Object?
    /// The body, when it is nothing of these.
    var body: [UInt8] = []
    /// The charset of query, form and JSON.
    var charset: Charset = .utf8
    /// How it travels as a file; nil for HTTP.
    var delivery: FileDelivery?

    init(method: String, path: String) {
        self.method = method
        self.path = path
    }

    /// The elements in the SOAP header of an envelope, which may have none.
    var soapHeader: Object? {
        get { envelope.map { $0["soapenv:Header"]?.object ?? Object() } }
        set {
            guard let newValue, let old = envelope else { return }
            guard old["soapenv:Header"] == nil else {
                envelope?["soapenv:Header"] = .object(newValue)
                return
            }
            guard !newValue.isEmpty else { return }
            var made = Object(capacity: old.fields.count + 1)
            for field in old.fields {
                // The header comes before the body (SOAP 1.1 §4).
                if field.name == "soapenv:Body" { made.append("soapenv:Header", .object(newValue)) }
                made.append(field.name, field.value)
            }
            envelope = made
        }
    }

    /// The request as it goes out.
    func request() throws(AdapterFault) -> DepartmentRequest {
        var target = path
        for (index, (name, value)) in query.enumerated() {
            target += index == 0 ? "?" : "&"
            target += try Percent.encoded(name, charset) + "=" + Percent.encoded(value, charset)
        }
        return DepartmentRequest(method: method, target: target, fields: headers, body: try bytes(), delivery: delivery)
    }

    /// The body as it goes out.
    func bytes() throws(AdapterFault) -> [UInt8] {
        if let json {
            do { return try JSONCodec.encode(.object(json), charset: charset) } catch { throw Landing.fault(error) }
        }
        if let envelope {
            do { return try XMLCodec.encode(["soapenv:Envelope": .object(envelope)], encoding: charset) } catch {
                throw Landing.fault(error)
            }
        }
        guard let form else { return body }
        if let boundary {
            do { return try MultipartCodec.encode(form, files: files, boundary: boundary, charset: charset) } catch {
                throw Landing.fault(error)
            }
        }
        do { return try FormCodec.encode(form, charset: charset) } catch { throw Landing.fault(error) }
    }
}

extension ObjectRule {
    /// The values as text for a form or a query; a list gives its name once for each item.
    func pairs(in scope: MappingScope) throws(AdapterFault) -> [(String, String)] {
        var pairs: [(String, String)] = []
        pairs.reserveCapacity(fields.count)
        for field in fields {
            scope.trace?.step(field.name)
            defer { scope.trace?.back() }
            // `default: ""` is how a file asks for an empty field.
            guard let value = try field.rule.value(in: scope) else { continue }
            for item in value.array ?? [value] {
                guard let text = item.scalarText else {
                    throw field.rule.origin.misfit(scope.direction, rule: "type", expected: "a single value")
                }
                pairs.append((field.name, text))
            }
        }
        return pairs
    }
}
