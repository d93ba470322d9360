/// Every reason for which a message is refused, in one place. The words are stable: logs and metrics carry them.
extension WireFault {
    // Lines (RFC 9112 §2.2).
    static let bareCarriageReturn = WireFault(400, "bare-cr")
    static let bareLineFeed = WireFault(400, "bare-lf")
    static let leadingEmptyLines = WireFault(400, "leading-empty-lines")
    static let headTooLarge = WireFault(431, "head-too-large")

    // The request line (RFC 9112 §3).
    static let method = WireFault(400, "method")
    static let methodNotKnown = WireFault(501, "method-not-known")
    static let methodNotOffered = WireFault(501, "method-not-offered")
    static let target = WireFault(400, "target")
    static let targetForm = WireFault(400, "target-form")
    static let targetTooLong = WireFault(414, "target-too-long")
    static let version = WireFault(400, "version")
    static let versionNotSupported = WireFault(505, "version-not-supported")

    // The status line (RFC 9112 §4).
    static let statusCode = WireFault(400, "status-code")
    static let reasonPhrase = WireFault(400, "reason-phrase")

    // Field lines (RFC 9112 §5).
    static let fieldName = WireFault(400, "field-name")
    static let fieldValue = WireFault(400, "field-value")
    static let foldedLine = WireFault(400, "folded-line")
    static let tooManyFields = WireFault(431, "too-many-fields")
    static let framingAlias = WireFault(400, "framing-alias")

    // Host (RFC 9112 §3.2).
    static let hostMissing = WireFault(400, "host-missing")
    static let hostRepeated = WireFault(400, "host-repeated")
    static let host = WireFault(400, "host")

    // Framing (RFC 9112 §6).
    static let contentLength = WireFault(400, "content-length")
    static let contentLengthRepeated = WireFault(400, "content-length-repeated")
    static let transferEncoding = WireFault(400, "transfer-encoding")
    static let transferEncodingNotKnown = WireFault(501, "transfer-encoding-not-known")
    static let transferEncodingInHTTP10 = WireFault(400, "transfer-encoding-in-http-1.0")
    static let twoFramings = WireFault(400, "transfer-encoding-and-content-length")
    static let connectionOptions = WireFault(400, "too-many-connection-options")
    static let expectation = WireFault(417, "expectation")

    // Chunks and trailers (RFC 9112 §7.1).
    static let chunkSize = WireFault(400, "chunk-size")
    static let chunkExtension = WireFault(400, "chunk-extension")
    static let chunkLineTooLong = WireFault(400, "chunk-line-too-long")
    static let chunkEnd = WireFault(400, "chunk-end")
    static let trailersTooLarge = WireFault(431, "trailers-too-large")
}
