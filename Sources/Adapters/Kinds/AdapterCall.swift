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
    /// A department or caller has a handful: looking through them takes less than hashing a name.
    private let values: [(name: String, value: String)]

    /// Secrets by name.
    public init(_ values: [String: String]) { self.values = values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

    /// The secret of a name.
    public subscript(name: String) -> String? { values.first { $0.name == name }?.value }

    /// The names.
    public var names: [String] { values.map(\.name) }

    /// The names only.
    public var description: String { "secrets \(names)" }
}

/// What a mapping may look at when it builds a department's request. A class: every part of a mapping is handed it.
public final class AdapterCall: Sendable {
    /// The contract's request, validated: the body's fields, then path and query parameters, in one object; `$` in a path.
    public let input: Value
    /// Secrets by name.
    public let secrets: Secrets
    /// Time and chance.
    public let moment: CallMoment
    /// The department's session, when its file has a login.
    public let session: DepartmentSession?
    /// Notes where values come from; nil, as in every exchange, when nobody asked.
    public let trace: MappingTrace?

    /// Makes a call; `session` is the session's token.
    public convenience init(input: Value, secrets: Secrets, moment: CallMoment, session: String? = nil, trace: MappingTrace? = nil) {
        self.init(input, secrets, moment, session.map(DepartmentSession.init(token:)), trace)
    }

    init(_ input: Value, _ secrets: Secrets, _ moment: CallMoment, _ session: DepartmentSession?, _ trace: MappingTrace?) {
        self.input = input
        self.secrets = secrets
        self.moment = moment
        self.session = session
        self.trace = trace
    }

    /// The call with a session of any values.
    public func with(session: DepartmentSession?) -> AdapterCall { AdapterCall(input, secrets, moment, session, trace) }

    /// The call with a session at a moment, and the results of earlier steps where there are any.
    func with(session: DepartmentSession?, at moment: CallMoment, steps results: Object?) -> AdapterCall {
        AdapterCall(results.map { input(adding: .object($0), as: "steps") } ?? input, secrets, moment, session, trace)
    }

    /// The call with one more member of `$`.
    func adding(_ value: Value, as name: String) -> AdapterCall {
        AdapterCall(input(adding: value, as: name), secrets, moment, session, trace)
    }

    private func input(adding value: Value, as name: String) -> Value {
        guard case .object(var object) = input else { return input }
        object[name] = value
        return .object(object)
    }
}

/// A request to a department, ready to be framed: everything but Host, Content-Length and the connection's fields. A class: it is handed
/// on through several results.
public final class DepartmentRequest: Sendable, Equatable {
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
    public let method: String
    /// Path and query, percent-encoded, beginning with `/`.
    public let target: String
    /// The header fields in order.
    public let fields: [Field]
    /// The body; empty for none.
    public let body: [UInt8]
    /// How it travels as a file; nil for HTTP.
    public let delivery: FileDelivery?

    /// Whether Content-Length says how long the body is; a GET, HEAD or DELETE without a body does not (RFC 9110 section 8.6).
    public var hasLength: Bool { !body.isEmpty || !(method == "GET" || method == "HEAD" || method == "DELETE") }

    /// The first value of a header field, by name without regard to case.
    public func field(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    /// Makes a request.
    public init(method: String, target: String, fields: [Field] = [], body: [UInt8] = [], delivery: FileDelivery? = nil) {
        self.delivery = delivery
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
    }

    /// Two requests are equal when they send the same.
    public static func == (a: DepartmentRequest, b: DepartmentRequest) -> Bool {
        a.method == b.method && a.target == b.target && a.fields == b.fields && a.body == b.body && a.delivery == b.delivery
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
    /// The department is not done: ask once more in a while.
    case pending
}
