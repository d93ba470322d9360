public import Adapters
internal import GatewayCore

/// What is kept of one exchange: one of these, and one line of the access log, for every exchange, refused ones included.
///
/// The texts refer to the snapshot and the connection, so that filling a record copies nothing. They may come from a client
/// only in `requestID`, `operator`, `method` and `path`, which are masked for personal numbers when they are written.
public struct AccessRecord: Sendable {
    /// When the head arrived, in milliseconds since 1970-01-01T00:00:00Z.
    public var epochMilliseconds: Int64
    /// The W3C trace id, high half first.
    public var traceID: (high: UInt64, low: UInt64)
    /// The gateway's own span; 0 for none, then the line has no `spanId`.
    public var spanID: UInt64 = 0
    /// The request id as the client gave it; empty for none, then the line has the trace id in its place.
    public var requestID: String = ""
    /// The id of the calling system; empty when it was not identified.
    public var consumer: String = ""
    /// Why the caller was not believed, a word of the table of failures; empty when it was, then the line has no `reason`.
    public var reason: String = ""
    /// The consumer in whose name a request came that was not believed; empty for none, then the line has no `claimed`.
    public var claimed: String = ""
    /// What the caller says it needs the answer for; empty where the operation asks for no purpose, then the line has no `purpose`.
    public var purpose: String = ""
    /// The person at the calling system; empty for none, then the line has no `operator`.
    public var `operator`: String = ""
    /// The id of the route; empty when none matched.
    public var route: String = ""
    /// The id of the department; empty for a plain route.
    public var department: String = ""
    /// The endpoint that was asked, `host:port`; empty when none was.
    public var upstream: String = ""
    /// The method.
    public var method: String = ""
    /// The path template, such as `/v1/cases/{caseNo}`; never the path itself, which may hold a number of a case or person.
    public var path: String = ""
    /// The status sent to the client; 0 when none was.
    public var status: Int = 0
    /// The problem's code; nil where there was none, written as an empty text.
    public var code: ProblemCode?
    /// How the exchange ended, a word of the table of ends.
    public var end: String = ""
    /// From the head's arrival to the end, in nanoseconds; written as milliseconds with three decimals.
    public var totalNanoseconds: Int64 = 0
    /// What the upstream took of it; negative when none was asked, then the line has no `upstreamMs`.
    public var upstreamNanoseconds: Int64 = -1
    /// Bytes of the request, head and body.
    public var bytesIn: Int64 = 0
    /// Bytes of the reply, head and body.
    public var bytesOut: Int64 = 0
    /// The client's address without its port.
    public var client: String = ""
    /// `1.0`, `1.1` or `2`.
    public var httpVersion: String = ""
    /// How often the request was sent again.
    public var retries: Int = 0
    /// The revision of the configuration that served it.
    public var revision: Int64 = 0

    /// A record of an exchange that began at a time under a trace; the rest is filled in as it becomes known.
    public init(epochMilliseconds: Int64, traceID: (high: UInt64, low: UInt64)) {
        self.epochMilliseconds = epochMilliseconds
        self.traceID = traceID
    }

    /// No text takes more bytes of the line's source than this; a longer one is cut at a character's border.
    static let longestText = 1_024

    /// Enough room for the line: the keys and numbers, and every byte of every text as `\u00XX`.
    var maximumLength: Int {
        func room(_ text: String) -> Int { min(text.utf8.count, AccessRecord.longestText) }
        let names =
            room(requestID) + room(consumer) + room(reason) + room(claimed) + room(purpose) + room(self.operator) + room(route)
            + room(department) + room(upstream)
        return 768 + 6 * (names + room(method) + room(path) + room(end) + room(client) + room(httpVersion))
    }

    /// Writes the line, JSON and a line feed.
    func write(to cursor: inout ByteCursor, clock: inout TimestampText) {
        cursor.write("{\"time\":\"")
        clock.write(epochMilliseconds, to: &cursor)
        cursor.write("\",\"traceId\":\"")
        cursor.write(hex: traceID.high)
        cursor.write(hex: traceID.low)
        if spanID != 0 {
            cursor.write("\",\"spanId\":\"")
            cursor.write(hex: spanID)
        }
        cursor.write("\",\"requestId\":\"")
        // Without one of its own the exchange goes by its trace id, as the reply's X-Request-Id says.
        if requestID.isEmpty {
            cursor.write(hex: traceID.high)
            cursor.write(hex: traceID.low)
        } else {
            cursor.write(maskedJSON: requestID)
        }
        cursor.write("\",\"consumer\":\"")
        cursor.write(json: consumer)
        if !self.operator.isEmpty {
            cursor.write("\",\"operator\":\"")
            cursor.write(maskedJSON: self.operator)
        }
        cursor.write("\",\"route\":\"")
        cursor.write(json: route)
        cursor.write("\",\"department\":\"")
        cursor.write(json: department)
        cursor.write("\",\"upstream\":\"")
        cursor.write(json: upstream)
        cursor.write("\",\"method\":\"")
        cursor.write(maskedJSON: method)
        cursor.write("\",\"path\":\"")
        cursor.write(maskedJSON: path)
        writeOutcome(to: &cursor)
    }

    private func writeOutcome(to cursor: inout ByteCursor) {
        cursor.write("\",\"status\":")
        cursor.write(decimal: Int64(status))
        cursor.write(",\"code\":\"")
        if let code { cursor.write(json: code.rawValue) }
        if !reason.isEmpty {
            cursor.write("\",\"reason\":\"")
            cursor.write(json: reason)
        }
        if !claimed.isEmpty {
            cursor.write("\",\"claimed\":\"")
            cursor.write(json: claimed)
        }
        if !purpose.isEmpty {
            cursor.write("\",\"purpose\":\"")
            cursor.write(maskedJSON: purpose)
        }
        cursor.write("\",\"end\":\"")
        cursor.write(json: end)
        cursor.write("\",\"ms\":")
        cursor.write(milliseconds: totalNanoseconds)
        if upstreamNanoseconds >= 0 {
            cursor.write(",\"upstreamMs\":")
            cursor.write(milliseconds: upstreamNanoseconds)
        }
        cursor.write(",\"bytesIn\":")
        cursor.write(decimal: bytesIn)
        cursor.write(",\"bytesOut\":")
        cursor.write(decimal: bytesOut)
        cursor.write(",\"client\":\"")
        cursor.write(json: client)
        cursor.write("\",\"httpVersion\":\"")
        cursor.write(json: httpVersion)
        cursor.write("\",\"retries\":")
        cursor.write(decimal: Int64(retries))
        cursor.write(",\"revision\":")
        cursor.write(decimal: revision)
        cursor.write("}\n")
    }

    /// The line as an array, for those who write few of them.
    public func line() -> [UInt8] {
        var clock = TimestampText()
        return [UInt8](unsafeUninitializedCapacity: maximumLength) { buffer, count in
            var cursor = ByteCursor(UnsafeMutableRawBufferPointer(buffer))
            write(to: &cursor, clock: &clock)
            count = cursor.count
        }
    }
}
