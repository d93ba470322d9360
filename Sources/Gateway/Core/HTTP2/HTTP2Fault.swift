// Room HTTP2: framing of HTTP/2 (RFC 9113) and compression of its fields (RFC 7541), as state machines over bytes. What a request means is
// HTTP/1.1's business: a stream's head comes out as the bytes of one, or not at all.

/// Why a stream or a connection ends (RFC 9113 §7).
package enum HTTP2ErrorCode: UInt32, Sendable, Hashable, CaseIterable {
    /// Nothing is wrong.
    case noError = 0
    /// A rule was broken for which there is no other code.
    case protocolError = 1
    /// The gateway itself failed.
    case internalError = 2
    /// More was sent than the window allows.
    case flowControlError = 3
    /// Settings were not acknowledged in time.
    case settingsTimeout = 4
    /// A frame came on a stream that was closed, or half-closed.
    case streamClosed = 5
    /// A frame has a size that it must not have.
    case frameSizeError = 6
    /// Nothing was done for the stream; the request may be sent again.
    case refusedStream = 7
    /// The stream is not needed any more.
    case cancel = 8
    /// The fields' compression is broken.
    case compressionError = 9
    /// A CONNECT's connection failed.
    case connectError = 10
    /// The peer does what only burdens.
    case enhanceYourCalm = 11
    /// The TLS is too weak.
    case inadequateSecurity = 12
    /// Only HTTP/1.1 will do.
    case http11Required = 13
}

/// A rule that the peer broke.
package struct HTTP2Fault: Error, Sendable, Hashable {
    /// What is wrong.
    package let cause: HTTP2Cause
    /// What the peer is told.
    package var code: HTTP2ErrorCode { cause.code }
    /// A stable word, fit for a log and for the debug data of a GOAWAY (RFC 9113 §6.8). It quotes nothing of the message.
    package var reason: String { cause.rawValue }

    /// A fault of this cause.
    package init(_ cause: HTTP2Cause) { self.cause = cause }
}

/// Every reason for which a stream or a connection of HTTP/2 is ended, in one place.
package enum HTTP2Cause: String, Error, Sendable, CaseIterable {
    // Connections (RFC 9113 §3.4, §4).
    case preface
    case settingsExpected = "settings-expected"
    case frameSize = "frame-size"
    case padding
    case streamNumber = "stream-number"
    case idleStream = "idle-stream"
    case closedStream = "closed-stream"
    case halfClosedStream = "half-closed-stream"
    case continuationExpected = "continuation-expected"
    case continuationUnexpected = "continuation-unexpected"
    case pushPromise = "push-promise"
    case selfDependency = "self-dependency"

    // Settings and windows (RFC 9113 §6.5, §6.9).
    case settingValue = "setting-value"
    case settingWindow = "setting-window"
    case windowIncrement = "window-increment"
    case windowOverflow = "window-overflow"
    case windowExceeded = "window-exceeded"

    // Compression (RFC 7541).
    case fieldInteger = "field-integer"
    case fieldIndex = "field-index"
    case fieldText = "field-text"
    case fieldHuffman = "field-huffman"
    case tableSize = "table-size"

    // Requests (RFC 9113 §8).
    case pseudoField = "pseudo-field"
    case fieldName = "field-name"
    case fieldValue = "field-value"
    case connectionField = "connection-field"
    case te
    case authority
    case path
    case method
    case scheme
    case contentLength = "content-length"
    case trailers

    // What only burdens.
    case continuations
    case fieldFlood = "field-flood"
    case resets
    case idleFrames = "idle-frames"
    case unreadAnswers = "unread-answers"
    case unreadable
    case slowBlock = "slow-block"

    /// What the peer is told (RFC 9113 §7).
    package var code: HTTP2ErrorCode {
        switch self {
        case .frameSize: .frameSizeError
        case .closedStream, .halfClosedStream: .streamClosed
        case .settingWindow, .windowOverflow, .windowExceeded: .flowControlError
        case .fieldInteger, .fieldIndex, .fieldText, .fieldHuffman, .tableSize: .compressionError
        case .continuations, .fieldFlood, .resets, .idleFrames, .unreadAnswers, .unreadable, .slowBlock: .enhanceYourCalm
        default: .protocolError
        }
    }
}
