/// The contract's problem codes. This is the one place that knows their HTTP status and whether to try again.
public enum ProblemCode: String, Sendable, CaseIterable {
    /// The request cannot be read at all.
    case badRequest = "BAD_REQUEST"
    /// No credential, or one that is not known.
    case badCredential = "BAD_CREDENTIAL"
    /// The consumer has no grant for this operation of this department.
    case notGranted = "NOT_GRANTED"
    /// The caller's address, or its network, may not do this.
    case zoneDenied = "ZONE_DENIED"
    /// The signature is missing or not that of the content.
    case badSignature = "BAD_SIGNATURE"
    /// The signature is right; the time in the request is too far from now.
    case clockSkew = "CLOCK_SKEW"
    /// The signature is right; the request was received before.
    case replayed = "REPLAYED"
    /// The grant does not reach this region.
    case regionScope = "REGION_SCOPE"
    /// No such resource, item code or route.
    case notFound = "NOT_FOUND"
    /// The path is known, the method is not.
    case methodNotAllowed = "METHOD_NOT_ALLOWED"
    /// The case is in a state in which this cannot be done.
    case conflictState = "CONFLICT_STATE"
    /// The case number was used before.
    case duplicate = "DUPLICATE"
    /// A body or a head over its limit.
    case tooLarge = "TOO_LARGE"
    /// The body is in a format that the operation does not take.
    case unsupportedMedia = "UNSUPPORTED_MEDIA"
    /// One or more fields break the contract; `errors` names each.
    case invalidField = "INVALID_FIELD"
    /// The department understood and refused, with its own code and words.
    case upstreamRejected = "UPSTREAM_REJECTED"
    /// Over the rate.
    case rateLimited = "RATE_LIMITED"
    /// The day's or the month's quota is used up.
    case quotaExceeded = "QUOTA_EXCEEDED"
    /// A fault of the gateway's own.
    case `internal` = "INTERNAL"
    /// The department's reply was cut off, in the wrong charset, unreadable, or does not fit the mapping.
    case upstreamBadReply = "UPSTREAM_BAD_REPLY"
    /// A department's code that no map translates.
    case unmappedCode = "UNMAPPED_CODE"
    /// The department refuses the gateway's own credential.
    case upstreamCredential = "UPSTREAM_CREDENTIAL"
    /// The department cannot be reached.
    case upstreamUnavailable = "UPSTREAM_UNAVAILABLE"
    /// The gateway has no room for the request now.
    case overloaded = "OVERLOADED"
    /// The department did not answer in time.
    case upstreamTimeout = "UPSTREAM_TIMEOUT"
    /// The client did not send its request in time.
    case requestTimeout = "REQUEST_TIMEOUT"

    /// The HTTP status.
    public var status: Int {
        switch self {
        case .badRequest: 400
        case .badCredential, .badSignature, .clockSkew, .replayed: 401
        case .notGranted, .regionScope, .zoneDenied: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .requestTimeout: 408
        case .conflictState, .duplicate: 409
        case .tooLarge: 413
        case .unsupportedMedia: 415
        case .invalidField, .upstreamRejected: 422
        case .rateLimited, .quotaExceeded: 429
        case .internal: 500
        case .upstreamBadReply, .unmappedCode, .upstreamCredential: 502
        case .upstreamUnavailable, .overloaded: 503
        case .upstreamTimeout: 504
        }
    }

    /// The problem's title, in English; one per code (RFC 9457 §3.1.3).
    public var title: String {
        switch self {
        case .badRequest: "The request cannot be read"
        case .badCredential: "The credential is missing or not valid"
        case .notGranted: "The consumer has no grant for this"
        case .zoneDenied: "This address may not call here"
        case .badSignature: "The signature is missing or not valid"
        case .clockSkew: "The request's time is too far from now"
        case .replayed: "The request was received before"
        case .regionScope: "The grant does not reach this region"
        case .notFound: "Nothing is known under this address"
        case .methodNotAllowed: "The resource does not take this method"
        case .conflictState: "The case is in another state"
        case .duplicate: "The case number was used before"
        case .tooLarge: "The request is too large"
        case .unsupportedMedia: "The operation does not take this media type"
        case .invalidField: "One or more fields are not valid"
        case .upstreamRejected: "The department refused the request"
        case .rateLimited: "Too many requests"
        case .quotaExceeded: "The quota is used up"
        case .internal: "A fault in the gateway"
        case .upstreamBadReply: "The department's reply cannot be used"
        case .unmappedCode: "The department used a code that is not mapped"
        case .upstreamCredential: "The department refuses the gateway's credential"
        case .upstreamUnavailable: "The department cannot be reached"
        case .overloaded: "The gateway is overloaded"
        case .upstreamTimeout: "The department did not answer in time"
        case .requestTimeout: "The request did not arrive in time"
        }
    }
}

/// One field that breaks the contract.
public struct FieldError: Sendable, Hashable {
    /// RFC 6901 JSON pointer into the request body, or `query:name`, `path:name`, `header:name` for a parameter.
    public let field: String
    /// The rule, a stable word such as `required`, `pattern`, `check-digit`.
    public let rule: String
    /// What would have been right. Never the value itself: it may be a citizen's.
    public let message: String

    /// Makes a field error.
    public init(field: String, rule: String, message: String) {
        self.field = field
        self.rule = rule
        self.message = message
    }
}

/// Why a call cannot be answered: the code, what is wrong, and the department's own code and words where it gave them.
public struct AdapterFault: Error, Sendable, Hashable {
    /// In one place: a fault is rare, and every result that could be one would carry it along.
    private final class Content: Sendable {
        let code: ProblemCode
        let detail: String
        let errors: [FieldError]
        let upstreamCode: String?
        let upstreamMessage: String?
        let need: CharacterNeed?
        let retryAfter: Int64?

        init(
            _ code: ProblemCode, _ detail: String, _ errors: [FieldError], _ upstreamCode: String?, _ upstreamMessage: String?,
            need: CharacterNeed? = nil, retryAfter: Int64? = nil
        ) {
            self.code = code
            self.detail = detail
            self.errors = errors
            self.upstreamCode = upstreamCode
            self.upstreamMessage = upstreamMessage
            self.need = need
            self.retryAfter = retryAfter
        }
    }

    private var content: Content

    /// The contract's code.
    public var code: ProblemCode { content.code }
    /// What is wrong, in a sentence that holds no personal data and no secret.
    public var detail: String { content.detail }
    /// The fields at fault, for INVALID_FIELD.
    public var errors: [FieldError] { content.errors }
    /// The department's own code.
    public var upstreamCode: String? { content.upstreamCode }
    /// The department's own message.
    public var upstreamMessage: String? { content.upstreamMessage }
    /// What the characters of some field must be, while it is not known of which.
    var need: CharacterNeed? { content.need }
    /// Seconds after which the same request may succeed, where that is known.
    public var retryAfter: Int64? {
        get { content.retryAfter }
        set { content = Content(code, detail, errors, upstreamCode, upstreamMessage, need: need, retryAfter: newValue) }
    }

    /// Makes a fault.
    public init(
        _ code: ProblemCode, _ detail: String, errors: [FieldError] = [], upstreamCode: String? = nil, upstreamMessage: String? = nil
    ) {
        content = Content(code, detail, errors, upstreamCode, upstreamMessage)
    }

    /// The fault with other fields, and with what their characters must be where it is not known which fields they are.
    func with(errors: [FieldError], need: CharacterNeed?) -> AdapterFault {
        AdapterFault(Content(code, detail, errors, upstreamCode, upstreamMessage, need: need, retryAfter: retryAfter))
    }

    /// The fault in other words.
    func with(detail: String) -> AdapterFault {
        AdapterFault(Content(code, detail, errors, upstreamCode, upstreamMessage, need: need, retryAfter: retryAfter))
    }

    private init(_ content: Content) { self.content = content }

    /// Whether two faults say the same.
    public static func == (left: AdapterFault, right: AdapterFault) -> Bool {
        left.code == right.code && left.detail == right.detail && left.errors == right.errors && left.upstreamCode == right.upstreamCode
            && left.upstreamMessage == right.upstreamMessage && left.retryAfter == right.retryAfter
    }

    /// By what it says.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
        hasher.combine(detail)
        hasher.combine(errors)
        hasher.combine(upstreamCode)
        hasher.combine(upstreamMessage)
        hasher.combine(retryAfter)
    }
}
