extension WireCause {
    /// What is wrong, and what would have been right.
    var sentence: String {
        switch self {
        case .bareCarriageReturn, .bareLineFeed, .leadingEmptyLines, .headTooLarge: lineSentence
        case .method, .methodNotKnown, .methodNotOffered, .target, .targetForm, .targetTooLong, .version, .versionNotSupported,
            .statusCode, .reasonPhrase:
            startLineSentence
        case .fieldName, .fieldValue, .foldedLine, .tooManyFields, .framingAlias, .hostMissing, .hostRepeated, .host: fieldSentence
        case .contentLength, .contentLengthRepeated, .transferEncoding, .transferEncodingNotKnown, .transferEncodingInHTTP10,
            .twoFramings, .connectionOptions, .expectation:
            framingSentence
        case .chunkSize, .chunkExtension, .chunkLineTooLong, .chunkEnd, .trailersTooLarge, .trailerField: chunkSentence
        }
    }

    private var lineSentence: String {
        switch self {
        case .bareCarriageReturn: "a carriage return stands alone; every line ends with CR LF (RFC 9112 §2.2)"
        case .bareLineFeed: "a line ends with a line feed alone; every line ends with CR LF (RFC 9112 §2.2)"
        case .leadingEmptyLines: "there are too many empty lines before the message; it begins with its first line"
        default: "the head is too large; first line and header fields together may have \(WireLimits().headBytes >> 10) KiB"
        }
    }

    private var startLineSentence: String {
        switch self {
        case .method: "the request line does not begin with a method, such as GET or POST and one space behind it"
        case .methodNotKnown: "the method is not known here; methods are registered (RFC 9110 §16.1.1) and in capital letters"
        case .methodNotOffered: "the gateway is no tunnel and no mirror: CONNECT and TRACE are not offered"
        case .target: "the request target has a byte that no URL has; everything but visible ASCII is percent-encoded, as in %E5%BC%A0"
        case .targetForm: "the request target must be a path that begins with '/', or a whole http or https URL (RFC 9112 §3.2)"
        case .targetTooLong: "the request target is too long; it may have \(WireLimits().targetBytes >> 10) KiB, more belongs into a body"
        case .version: "the request line must end with one space and HTTP/1.1 or HTTP/1.0"
        case .versionNotSupported: "this version of HTTP is not spoken here; HTTP/1.1 and HTTP/1.0 are"
        case .statusCode: "the status line has no status code of three digits"
        default: "the reason phrase of the status line has a control character"
        }
    }

    private var fieldSentence: String {
        switch self {
        case .fieldName: "a header field must be a name without blanks, a colon directly behind it, and a value (RFC 9112 §5.1)"
        case .fieldValue: "the value of a header field has a control character; CR, LF and NUL may stand in none"
        case .foldedLine: "a header field goes on in a second line; every field stands on one line (RFC 9112 §5.2)"
        case .tooManyFields: "there are too many header fields; \(WireLimits().fields) is the most"
        case .framingAlias: "a header field is spelled like Content-Length or Transfer-Encoding with '_' in place of '-'; use '-'"
        case .hostMissing: "the Host header field is missing; a request of HTTP/1.1 has exactly one (RFC 9112 §3.2)"
        case .hostRepeated: "the Host header field stands there twice; a request has exactly one (RFC 9112 §3.2)"
        default: "the host is no host name or address with, perhaps, a port, such as gateway.example:8080"
        }
    }

    private var framingSentence: String {
        switch self {
        case .contentLength: "Content-Length must be one whole number of bytes, without sign or unit"
        case .contentLengthRepeated: "Content-Length stands there twice, or with several values; a message has one"
        case .transferEncoding: "Transfer-Encoding must be exactly 'chunked'"
        case .transferEncodingNotKnown: "the transfer coding is not known here; 'chunked' is, and compressed bodies say Content-Encoding"
        case .transferEncodingInHTTP10: "HTTP/1.0 has no Transfer-Encoding; send HTTP/1.1, or a Content-Length"
        case .twoFramings: "Content-Length and Transfer-Encoding stand side by side; send one of them (RFC 9112 §6.3)"
        case .connectionOptions: "the Connection header field names too many options"
        default: "the only expectation that is known here is Expect: 100-continue"
        }
    }

    private var chunkSentence: String {
        switch self {
        case .chunkSize: "a chunk does not begin with its size in hexadecimal digits (RFC 9112 §7.1)"
        case .chunkExtension: "a chunk extension does not follow the grammar: ;name=value directly behind the size"
        case .chunkLineTooLong: "the line of a chunk's size is too long; it may have \(WireLimits().chunkLineBytes) bytes"
        case .chunkEnd: "a chunk does not end with CR LF where its size says that it ends"
        case .trailersTooLarge: "the trailer section is too large; it may have \(WireLimits().trailerBytes >> 10) KiB"
        default: "a trailer field must be a name, a colon directly behind it, and a value, and none that frames the message"
        }
    }
}
