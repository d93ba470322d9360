/// A department's request before it is encoded: what a signature is computed over and where it is put.
public struct SignableRequest: Sendable {
    /// The method, as it will be sent.
    public var method: String
    /// The path as it will be sent: percent-encoded, beginning with `/`, without the query.
    public var path: String
    /// The query's parameters as text, before percent-encoding, in order.
    public var query: [(String, String)]
    /// The form's fields, or the top-level fields of a flat JSON body, as text before encoding, in order.
    public var parameters: [(String, String)]
    /// Whether the request can carry `parameters`; where it cannot, a convention's parameters go to the query.
    public let hasForm: Bool
    /// The header fields.
    public var fields: SignableFields
    /// The body as it will be sent; empty for none, and for a form, whose fields are still to be encoded.
    public var body: [UInt8]
    /// The JSON body as a tree, when it is one.
    public var json: Value?
    /// Values of the convention that stand nowhere by themselves, by name: a composed header takes them up.
    var named: [(String, String)] = []
    /// The elements in the SOAP header, when the request is an envelope.
    public var soapHeader: Object?

    /// Makes a request.
    public init(
        method: String, path: String, query: [(String, String)] = [], parameters: [(String, String)] = [], fields: SignableFields,
        body: [UInt8] = [], hasForm: Bool = true
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.parameters = parameters
        self.hasForm = hasForm
        self.fields = fields
        self.body = body
    }

    /// Makes a request whose header fields are texts.
    public init(
        method: String, path: String, query: [(String, String)] = [], parameters: [(String, String)] = [],
        headers: [(String, String)] = [], body: [UInt8] = [], hasForm: Bool = true
    ) {
        self.init(
            method: method, path: path, query: query, parameters: parameters, fields: SignableFields(headers), body: body, hasForm: hasForm)
    }

    /// The header fields in order, as texts.
    public var headers: [(String, String)] {
        get { fields.pairs }
        set { fields = SignableFields(newValue) }
    }

    /// The first value of a header field, by name without regard to case.
    public func header(_ name: String) -> String? { fields.first(name) }

    /// The first value of a form field, or else of a query parameter.
    func parameter(_ name: String) -> String? {
        parameters.first { $0.0 == name }?.1 ?? query.first { $0.0 == name }?.1
    }

    /// Whether a value stands at a place, but for bodies that are not read yet.
    public func isPresent(at target: SigningTarget) -> Bool { !values(at: target).isEmpty }

    /// Puts a value where `target` says, in place of what stood there. Fails for a header value with a control character.
    mutating func put(_ value: String, at target: SigningTarget) throws(AdapterFault) {
        switch target {
        case .header(let name):
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw AdapterFault(.internal, "the value for the header \(name) holds a control character")
            }
            fields.put(value, as: name)
        case .parameter(let name) where hasForm: SignableRequest.put(value, as: name, in: &parameters)
        case .parameter(let name), .query(let name): SignableRequest.put(value, as: name, in: &query)
        case .value(let name): SignableRequest.put(value, as: name, in: &named)
        case .json(let names):
            guard case .object(let object)? = json else {
                throw AdapterFault(.internal, "the signature has its place in a JSON body, and the request has none")
            }
            json = .object(object.setting(.string(value), at: names[...]))
        case .soapHeader(let names):
            guard let header = soapHeader else {
                throw AdapterFault(.internal, "the signature has its place in a SOAP header, and the request has none")
            }
            soapHeader = header.setting(.string(value), at: names[...])
        }
    }

    /// Every value that stands at a place.
    func values(at target: SigningTarget) -> [String] {
        switch target {
        case .header(let name): fields.values(name)
        case .parameter(let name) where hasForm: parameters.filter { $0.0 == name }.map(\.1)
        case .parameter(let name), .query(let name): query.filter { $0.0 == name }.map(\.1)
        case .value(let name): named.filter { $0.0 == name }.map(\.1)
        case .json(let names): names.reduce(json) { $0?[$1] }?.scalarText.map { [$0] } ?? []
        case .soapHeader(let names): names.reduce(soapHeader.map(Value.object)) { $0?[$1] }?.scalarText.map { [$0] } ?? []
        }
    }

    /// The value at a place, when there is exactly one.
    public func only(at target: SigningTarget) -> String? {
        withOnly(at: target) { String(decoding: $0, as: UTF8.self) }
    }

    /// Calls `body` with the bytes of the value at a place, when there is exactly one; nil when there is none, or several.
    func withOnly<Result, Failure: Error>(
        at target: SigningTarget, _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
        if case .header(let name) = target { return try fields.withOnly(name, body) }
        let values = values(at: target)
        guard values.count == 1, let value = values.first else { return nil }
        return try UTF8Text.withBytes(of: value, body)
    }

    private static func put(_ value: String, as name: String, in list: inout [(String, String)]) {
        guard let index = list.firstIndex(where: { $0.0 == name }) else { return list.append((name, value)) }
        list[index].1 = value
        var at = list.count - 1
        while at > index {
            if list[at].0 == name { list.remove(at: at) }
            at -= 1
        }
    }
}

/// Where a value goes in a request.
public enum SigningTarget: Sendable, Hashable {
    /// A header field, by the name as it will be written.
    case header(String)
    /// A form field, or a query parameter in a request without a form.
    case parameter(String)
    /// A query parameter.
    case query(String)
    /// Nowhere by itself: a value with a name, which a composed header takes up.
    case value(String)
    /// A field of a JSON body, by the names from the root.
    case json([String])
    /// An element in the SOAP header, by the names from the header.
    case soapHeader([String])
}

extension SigningTarget {
    /// Whether it stands in a body that has to be read.
    var isInContent: Bool {
        switch self {
        case .json, .soapHeader: true
        case .header, .parameter, .query, .value: false
        }
    }

    /// Whether it may stand in a form.
    var mayBeInForm: Bool { if case .parameter = self { true } else { false } }
}

extension Object {
    /// The object with a value at a chain of names; objects that are not there are made.
    func setting(_ value: Value, at names: ArraySlice<String>) -> Object {
        guard let name = names.first else { return self }
        var copy = self
        copy[name] = names.count == 1 ? value : .object((self[name]?.object ?? Object()).setting(value, at: names.dropFirst()))
        return copy
    }
}
