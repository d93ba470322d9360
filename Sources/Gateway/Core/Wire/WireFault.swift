/// Why a message is refused. It quotes nothing of the message: there may be a secret or a citizen's data in it.
public struct WireFault: Error, Sendable, Hashable {
    /// The status to answer with: 400, 414, 417, 431, 501 or 505 for a request; always 502 for a reply.
    public var status: Int { isInReply ? 502 : cause.status }
    /// A stable word, fit for a log and a metric label.
    public var reason: String { cause.rawValue }

    /// What is wrong, and what would have been right, in a sentence for whoever sent the message.
    public var sentence: String { cause.sentence }

    /// The fields of a request are more than may be kept.
    package static let headTooLarge = WireFault(.headTooLarge)

    let cause: WireCause
    private let isInReply: Bool

    init(_ cause: WireCause, isInReply: Bool = false) {
        self.cause = cause
        self.isInReply = isInReply
    }
}

/// Every reason for which a message is refused, in one place. The words are stable: logs and metrics carry them.
enum WireCause: String, Error, Sendable, CaseIterable {
    // Lines (RFC 9112 §2.2).
    case bareCarriageReturn = "bare-cr"
    case bareLineFeed = "bare-lf"
    case leadingEmptyLines = "leading-empty-lines"
    case headTooLarge = "head-too-large"

    // The request line (RFC 9112 §3).
    case method
    case methodNotKnown = "method-not-known"
    case methodNotOffered = "method-not-offered"
    case target
    case targetForm = "target-form"
    case targetTooLong = "target-too-long"
    case version
    case versionNotSupported = "version-not-supported"

    // The status line (RFC 9112 §4).
    case statusCode = "status-code"
    case reasonPhrase = "reason-phrase"

    // Field lines (RFC 9112 §5).
    case fieldName = "field-name"
    case fieldValue = "field-value"
    case foldedLine = "folded-line"
    case tooManyFields = "too-many-fields"
    case framingAlias = "framing-alias"

    // Host (RFC 9112 §3.2).
    case hostMissing = "host-missing"
    case hostRepeated = "host-repeated"
    case host

    // Framing (RFC 9112 §6).
    case contentLength = "content-length"
    case contentLengthRepeated = "content-length-repeated"
    case transferEncoding = "transfer-encoding"
    case transferEncodingNotKnown = "transfer-encoding-not-known"
    case transferEncodingInHTTP10 = "transfer-encoding-in-http-1.0"
    case twoFramings = "transfer-encoding-and-content-length"
    case connectionOptions = "too-many-connection-options"
    case expectation

    // Chunks and trailers (RFC 9112 §7.1).
    case chunkSize = "chunk-size"
    case chunkExtension = "chunk-extension"
    case chunkLineTooLong = "chunk-line-too-long"
    case chunkEnd = "chunk-end"
    case trailersTooLarge = "trailers-too-large"
    case trailerField = "trailer-field"

    /// The status of a request that is refused for it.
    var status: Int {
        switch self {
        case .targetTooLong: 414
        case .expectation: 417
        case .headTooLarge, .tooManyFields, .trailersTooLarge: 431
        case .methodNotKnown, .methodNotOffered, .transferEncodingNotKnown: 501
        case .versionNotSupported: 505
        default: 400
        }
    }
}
