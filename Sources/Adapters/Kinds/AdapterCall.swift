/// Time and chance for one call: nothing in Adapters asks a clock.
public struct CallMoment: Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public let epochMilliseconds: Int64
    /// 128 random bits, for nonces and UUIDs.
    public let random: (UInt64, UInt64)

    /// Makes a moment.
    public init(epochMilliseconds: Int64, random: (UInt64, UInt64)) {
        self.epochMilliseconds = epochMilliseconds
        self.random = random
    }
}

/// The secrets a department's file refers to, resolved at load. Its description never shows a value.
public struct Secrets: Sendable, CustomStringConvertible {
    private let values: [String: String]

    /// Secrets by name.
    public init(_ values: [String: String]) { self.values = values }

    /// The secret of a name.
    public subscript(name: String) -> String? { values[name] }

    /// The names only.
    public var description: String { "secrets \(values.keys.sorted())" }
}

/// What a mapping may look at when it builds a department's request.
public struct AdapterCall: Sendable {
    /// The contract's request, validated: the body's fields, then path and query parameters, in one object; `$` in a path.
    public internal(set) var input: Value
    /// Secrets by name.
    public let secrets: Secrets
    /// Time and chance.
    public internal(set) var moment: CallMoment
    /// The department's session, when its file has a login.
    public internal(set) var session: DepartmentSession?
    /// Notes where values come from; nil, as in every exchange, when nobody asked.
    public let trace: MappingTrace?

    /// Makes a call; `session` is the session's token.
    public init(input: Value, secrets: Secrets, moment: CallMoment, session: String? = nil, trace: MappingTrace? = nil) {
        self.input = input
        self.secrets = secrets
        self.moment = moment
        self.session = session.map(DepartmentSession.init(token:))
        self.trace = trace
    }

    /// The call with a session of any values.
    public func with(session: DepartmentSession?) -> AdapterCall {
        var copy = self
        copy.session = session
        return copy
    }

    /// The call at another moment.
    func at(_ moment: CallMoment) -> AdapterCall {
        var copy = self
        copy.moment = moment
        return copy
    }
}

/// A request to a department, ready to be framed: everything but Host, Content-Length and the connection's fields.
public struct DepartmentRequest: Sendable, Hashable {
    /// One header field.
    public struct Field: Sendable, Hashable {
        /// The name as written.
        public let name: String
        /// The value; holds no CR, LF or NUL.
        public let value: String

        /// Makes a field.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// The method.
    public var method: String
    /// Path and query, percent-encoded, beginning with `/`.
    public var target: String
    /// The header fields in order.
    public var fields: [Field]
    /// The body; empty for none.
    public var body: [UInt8]

    /// Makes a request.
    public init(method: String, target: String, fields: [Field] = [], body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
    }
}

/// A department's reply, complete.
public struct DepartmentReply: Sendable, Hashable {
    /// The HTTP status.
    public let status: Int
    /// The header fields in order.
    public let fields: [DepartmentRequest.Field]
    /// The body.
    public let body: [UInt8]

    /// Makes a reply.
    public init(status: Int, fields: [DepartmentRequest.Field] = [], body: [UInt8] = []) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// The first value of a header field, by name without regard to case.
    public func field(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// What `$.http` is: `status`; `headers`, the first value of each by its name in lower case; `fields`, all values of each as a list;
    /// and the `cookies` that it sets.
    var http: Value {
        var headers = Object(capacity: fields.count)
        var all = Object(capacity: fields.count)
        var cookies = Object()
        for field in fields {
            let name = field.name.lowercased()
            if headers[name] == nil { headers.append(name, .string(field.value)) }
            all[name] = .array((all[name]?.array ?? []) + [.string(field.value)])
            if let cookie = field.setCookie { cookies[cookie.name] = .string(cookie.value) }
        }
        return [
            "status": .integer(Int64(status)), "headers": .object(headers), "fields": .object(all), "cookies": .object(cookies),
        ]
    }

    /// The value of a cookie that the reply sets (RFC 6265 §5.2); of several with the name the last.
    func cookie(_ name: String) -> String? { fields.compactMap(\.setCookie).last { $0.name == name }?.value }
}

extension DepartmentRequest.Field {
    /// The cookie that a Set-Cookie field sets; nil for another field, or one without a name.
    var setCookie: (name: String, value: String)? {
        guard name.lowercased() == "set-cookie" else { return nil }
        let pair = value.prefix { $0 != ";" }
        guard let mark = pair.firstIndex(of: "=") else { return nil }
        func trimmed(_ text: Substring) -> String {
            var text = text
            while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
            while let last = text.last, last == " " || last == "\t" { text.removeLast() }
            return String(text)
        }
        let name = trimmed(pair[..<mark])
        return name.isEmpty ? nil : (name, trimmed(pair[pair.index(after: mark)...]))
    }
}

/// What a department's reply means.
public enum ReplyOutcome: Sendable {
    /// The contract's answer, not yet typed by the contract's schema.
    case answer(Value)
    /// A failure to report.
    case failed(AdapterFault)
    /// The session is over: log in again and send the call once more.
    case sessionExpired
}
