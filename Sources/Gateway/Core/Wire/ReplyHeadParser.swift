/// Reads reply heads (RFC 9112 §4–§6), as strict as requests are read, and used in the same way as `RequestHeadParser`. Every refusal
/// is a 502. No line of a reply may end in a bare LF, and no empty line may stand before it.
///
/// After an interim head, drop its bytes, `reset()`, and parse on: the final head follows.
public struct ReplyHeadParser: Sendable {
    private enum Phase: UInt8 {
        case version, status, reason, lineFeed, fields, done
    }

    /// The head read last; meaningful after `complete`.
    public private(set) var head = ReplyHead()

    private let limits: WireLimits
    private var scanner: FieldScanner
    private var phase = Phase.version
    private var position = 0
    private var mark = 0
    private var fault: WireFault?

    /// A parser with these bounds, at the start of a connection.
    public init(limits: WireLimits) {
        self.limits = limits
        scanner = FieldScanner(most: limits.fields, allowsBareLineFeed: false)
    }

    /// Makes ready for the next head; the room for its index is kept.
    public mutating func reset() {
        head.reset()
        phase = .version
        position = 0
        mark = 0
        fault = nil
    }

    /// Goes on with the head that begins at the first of `bytes` and answers a request of this method. A refusal is final until `reset()`.
    public mutating func parse(_ bytes: UnsafeRawBufferPointer, requestMethod: RequestMethod) -> HeadVerdict {
        if let fault { return .refused(fault) }
        guard let base = bytes.baseAddress else { return .incomplete }
        let end = min(bytes.count, limits.boundedHeadBytes)
        switch advance(base, end, requestMethod) {
        case .complete: return .complete
        case .incomplete:
            guard end == limits.boundedHeadBytes else { return .incomplete }
            return refuse(.headTooLarge)
        case .refused(let cause): return refuse(cause)
        }
    }

    private mutating func refuse(_ cause: WireCause) -> HeadVerdict {
        let fault = WireFault(cause, isInReply: true)
        self.fault = fault
        return .refused(fault)
    }

    private mutating func advance(_ bytes: UnsafeRawPointer, _ end: Int, _ method: RequestMethod) -> WireStep {
        while position < end {
            let before = position
            let refusal: WireCause?
            switch phase {
            case .version:
                refusal = scanVersion(bytes, end)
                if refusal == nil, position == before { return .incomplete }
            case .status:
                refusal = scanStatus(bytes, end)
                if refusal == nil, position == before { return .incomplete }
            case .reason: refusal = scanReason(bytes, end)
            case .lineFeed:
                refusal = Octets.octet(bytes, position) == .lineFeed ? nil : .bareCarriageReturn
                position += 1
                scanner.start(at: position)
                phase = .fields
            case .fields:
                let step = scanner.scan(bytes, end, into: &head.fields)
                position = scanner.position
                guard step == .complete else { return step }
                phase = .done
                do throws(WireCause) { try settle(bytes, method) } catch { return .refused(error) }
                return .complete
            case .done: return .complete
            }
            if let refusal { return .refused(refusal) }
        }
        return phase == .done ? .complete : .incomplete
    }

    private mutating func scanVersion(_ bytes: UnsafeRawPointer, _ end: Int) -> WireCause? {
        if let fault = HTTPVersion.check(bytes, position, end) { return fault }
        guard end - position > 8 else { return nil }
        guard Octets.octet(bytes, position + 8) == .space else { return .version }
        head.minorVersion = Octets.octet(bytes, position + 7) &- UInt8(ascii: "0")
        position += 9
        phase = .status
        return nil
    }

    /// Three digits, then SP and a reason, or the end of the line: the grammar wants the SP even before an empty reason (RFC 9112 §4), and
    /// many servers leave it out.
    private mutating func scanStatus(_ bytes: UnsafeRawPointer, _ end: Int) -> WireCause? {
        var status = 0
        for index in 0..<min(3, end - position) {
            let digit = Octets.octet(bytes, position + index) &- UInt8(ascii: "0")
            guard digit < 10, index > 0 || (1...5).contains(digit) else { return .statusCode }
            status = status * 10 + Int(digit)
        }
        guard end - position > 3 else { return nil }
        head.status = status
        switch Octets.octet(bytes, position + 3) {
        case .space: phase = .reason
        case .carriageReturn: phase = .lineFeed
        case .lineFeed: return .bareLineFeed
        default: return .statusCode
        }
        position += 4
        mark = position
        return nil
    }

    private mutating func scanReason(_ bytes: UnsafeRawPointer, _ end: Int) -> WireCause? {
        position = Octets.endOfText(bytes, position, end)
        guard position < end else { return nil }
        let octet = Octets.octet(bytes, position)
        guard octet == .carriageReturn else { return octet == .lineFeed ? .bareLineFeed : .reasonPhrase }
        head.reason = ByteSpan(mark, position)
        position += 1
        phase = .lineFeed
        return nil
    }

    /// Where the content ends, in the order of RFC 9112 §6.3.
    private mutating func settle(_ bytes: UnsafeRawPointer, _ method: RequestMethod) throws(WireCause) {
        head.length = position
        head.present = scanner.present
        let declared = try MessageFraming.declared(bytes, head.fields, scanner, minorVersion: head.minorVersion)
        head.contentLength = declared.length
        head.isChunked = declared.isChunked
        let options = try MessageFraming.connection(bytes, head.present, &head.fields)
        head.keepAlive = !options.close && (head.minorVersion > 0 || options.keepAlive)
        if head.status < 200 || head.status == 204 {
            // It must not announce content (RFC 9110 §8.6, RFC 9112 §6.1). Where it does, content may follow all the same: whatever
            // comes then must not be taken for the next reply.
            if declared.isChunked || (declared.length ?? 0) > 0 { head.keepAlive = false }
        } else if method == .head || head.status == 304 || method == .connect && head.status < 300 {
            return
        } else if declared.isChunked {
            head.framing = .chunked
        } else if let length = declared.length {
            head.framing = length > 0 ? .length(length) : .none
        } else {
            head.framing = .untilClose
            head.keepAlive = false
        }
    }
}
