/// A reply's head, as an index over the received bytes.
public struct ReplyHead: Sendable {
    /// 100 to 599.
    public internal(set) var status = 0
    /// The reason phrase, often empty.
    public internal(set) var reason = ByteSpan(0..<0)
    /// 0 or 1.
    public internal(set) var minorVersion: UInt8 = 1
    /// The fields in order.
    public internal(set) var fields = ContiguousArray<FieldLine>()
    /// How the body ends.
    public internal(set) var framing = BodyFraming.none
    /// Whether the connection can be used again.
    public internal(set) var keepAlive = true
    /// How many bytes the head takes.
    public internal(set) var length = 0

    /// Whether a final reply is still to come (1xx).
    public var isInformational: Bool { status < 200 }

    /// The first field of a kind.
    public func first(_ known: KnownField) -> FieldLine? { fields.first { $0.known == known } }
}

/// Reads reply heads (RFC 9112 §4). As strict as the request's parser: a department that two readers could understand
/// differently is not understood.
public struct ReplyHeadParser: Sendable {
    private var scanner: HeadScanner
    /// The head; whole once `parse` has said `complete`.
    public private(set) var head = ReplyHead()

    /// A parser.
    public init(limits: WireLimits) { scanner = HeadScanner(limits: limits) }

    /// Begins anew, for the next reply.
    public mutating func reset() {
        var fields = ContiguousArray<FieldLine>()
        swap(&fields, &head.fields)
        head = ReplyHead()
        scanner.fields = fields
        scanner.reset()
    }

    /// Reads on; `requestMethod` is what the reply answers.
    public mutating func parse(_ bytes: UnsafeRawBufferPointer, requestMethod: RequestMethod) -> HeadVerdict {
        do throws(WireFault) {
            if !scanner.hasFirstLine {
                if let first = bytes.first, first != UInt8(ascii: "H") { throw WireFault(status: 502, reason: "no status line") }
                guard let line = try scanner.line(bytes) else { return .incomplete }
                try readStatusLine(bytes, line)
                scanner.hasFirstLine = true
            }
            guard try scanner.readFields(bytes) else { return .incomplete }
            try conclude(bytes, requestMethod)
            return .complete
        } catch { return .refused(error) }
    }

    private mutating func readStatusLine(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) throws(WireFault) {
        let text = UnsafeRawBufferPointer(rebasing: bytes[line])
        guard text.count >= 12, text.prefix(7).elementsEqual("HTTP/1.".utf8), text[7] == 0x30 || text[7] == 0x31, text[8] == 0x20,
            text[9..<12].allSatisfy({ (0x30...0x39).contains($0) }), text.count == 12 || text[12] == 0x20
        else { throw WireFault(status: 502, reason: "no valid status line") }
        head.minorVersion = text[7] - 0x30
        head.status = text[9..<12].reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard (100...599).contains(head.status) else { throw WireFault(status: 502, reason: "a status outside 100 to 599") }
        let reason = min(line.lowerBound + 13, line.upperBound)..<line.upperBound
        guard HeadScanner.isFieldText(bytes, reason) else { throw WireFault(status: 502, reason: "a control character in the reason") }
        head.reason = ByteSpan(reason)
    }

    private mutating func conclude(_ bytes: UnsafeRawBufferPointer, _ method: RequestMethod) throws(WireFault) {
        let connection = scanner.readConnection(bytes)
        let framing = try scanner.framing(bytes, minorVersion: head.minorVersion)
        if head.status < 200 || head.status == 204 || head.status == 304 || method == .head {
            head.framing = .none
        } else {
            head.framing = framing ?? .untilClose
        }
        head.keepAlive = head.minorVersion > 0 ? !connection.close : connection.keepAlive && !connection.close
        head.length = scanner.lineStart
        swap(&head.fields, &scanner.fields)
    }
}
