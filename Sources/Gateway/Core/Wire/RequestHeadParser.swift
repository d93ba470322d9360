/// Reads request heads (RFC 9112 §2–§6), one after the other on a connection.
///
/// Give it the bytes from the head's first byte on; after `incomplete`, the same bytes at the same offsets with more behind them. It
/// goes on where it stopped, so a head that arrives byte by byte costs no more than one that arrives whole, and gets the same verdict
/// at the same byte. After `complete`, read `head`, drop its `length` bytes, and `reset()` before the next request.
public struct RequestHeadParser: Sendable {
    private enum Phase: UInt8 {
        case start, leadingLineFeed, method, target, version, lineFeed, fields, done
    }

    /// The head read last; meaningful after `complete`.
    public private(set) var head = RequestHead()

    private let limits: WireLimits
    private var scanner: FieldScanner
    private var phase = Phase.start
    private var position = 0
    private var mark = 0
    private var skippedEmptyLine = false
    private var fault: WireFault?

    /// A parser with these bounds, at the start of a connection.
    public init(limits: WireLimits) {
        self.limits = limits
        scanner = FieldScanner(most: limits.fields, allowsBareLineFeed: true)
    }

    /// Makes ready for the next head; the room for its index is kept.
    public mutating func reset() {
        head.reset()
        phase = .start
        position = 0
        mark = 0
        skippedEmptyLine = false
        fault = nil
    }

    /// Goes on with the head that begins at the first of `bytes`. A refusal is final until `reset()`.
    public mutating func parse(_ bytes: UnsafeRawBufferPointer) -> HeadVerdict {
        if let fault { return .refused(fault) }
        guard let base = bytes.baseAddress else { return .incomplete }
        let end = min(bytes.count, limits.boundedHeadBytes)
        switch advance(base, end) {
        case .complete: return .complete
        case .incomplete:
            guard end == limits.boundedHeadBytes else { return .incomplete }
            return refuse(.headTooLarge)
        case .refused(let cause): return refuse(cause)
        }
    }

    private mutating func refuse(_ cause: WireCause) -> HeadVerdict {
        let fault = WireFault(cause)
        self.fault = fault
        return .refused(fault)
    }

    private mutating func advance(_ bytes: UnsafeRawPointer, _ end: Int) -> WireStep {
        while position < end {
            let before = position
            let refusal: WireCause?
            switch phase {
            case .start: refusal = begin(Octets.octet(bytes, position))
            case .leadingLineFeed:
                refusal = Octets.octet(bytes, position) == .lineFeed ? nil : .bareCarriageReturn
                position += 1
                skippedEmptyLine = true
                phase = .start
            case .method: refusal = scanMethod(bytes, end)
            case .target: refusal = scanTarget(bytes, end)
            case .version:
                refusal = scanVersion(bytes, end)
                if refusal == nil, position == before { return .incomplete }
            case .lineFeed:
                refusal = Octets.octet(bytes, position) == .lineFeed ? nil : .bareCarriageReturn
                position += 1
                enterFields(afterBareLineFeed: false)
            case .fields:
                let step = scanner.scan(bytes, end, into: &head.fields)
                position = scanner.position
                guard step == .complete else { return step }
                phase = .done
                do throws(WireCause) { try settle(bytes) } catch { return .refused(error) }
                return .complete
            case .done: return .complete
            }
            if let refusal { return .refused(refusal) }
        }
        return phase == .done ? .complete : .incomplete
    }

    /// One empty line before the request line is passed over (RFC 9112 §2.2); old clients send one behind a form.
    private mutating func begin(_ octet: UInt8) -> WireCause? {
        if octet == .carriageReturn {
            if skippedEmptyLine { return .leadingEmptyLines }
            position += 1
            phase = .leadingLineFeed
            return nil
        }
        mark = position
        phase = .method
        return nil
    }

    @inline(__always)
    private mutating func scanMethod(_ bytes: UnsafeRawPointer, _ end: Int) -> WireCause? {
        let bound = mark + RequestMethod.longestName + 1
        position = Octets.endOfRun(of: .token, bytes, position, min(end, bound))
        if position == bound { return .method }
        guard position < end else { return nil }
        guard Octets.octet(bytes, position) == .space, position > mark else { return .method }
        guard let method = RequestMethod.recognise(bytes, mark, position) else {
            let isPreface = position - mark == 3 && Octets.matches(bytes, mark, position, "pri")
            return isPreface ? .versionNotSupported : .methodNotKnown
        }
        if method == .connect || method == .trace { return .methodNotOffered }
        head.method = method
        head.methodSpan = ByteSpan(mark, position)
        position += 1
        mark = position
        phase = .target
        return nil
    }

    @inline(__always)
    private mutating func scanTarget(_ bytes: UnsafeRawPointer, _ end: Int) -> WireCause? {
        let bound = mark + max(limits.targetBytes, 1) + 1
        position = Octets.endOfTarget(bytes, position, min(end, bound))
        if position == bound { return .targetTooLong }
        guard position < end else { return nil }
        guard Octets.octet(bytes, position) == .space, position > mark else { return .target }
        head.target = ByteSpan(mark, position)
        if let fault = head.readTarget(bytes) { return fault }
        position += 1
        phase = .version
        return nil
    }

    /// `HTTP/1.0` or `HTTP/1.1`, and the end of the line. It moves only once the nine bytes are there.
    @inline(__always)
    private mutating func scanVersion(_ bytes: UnsafeRawPointer, _ end: Int) -> WireCause? {
        if let fault = HTTPVersion.check(bytes, position, end) { return fault }
        guard end - position > 8 else { return nil }
        head.minorVersion = Octets.octet(bytes, position + 7) &- UInt8(ascii: "0")
        switch Octets.octet(bytes, position + 8) {
        case .carriageReturn:
            position += 9
            phase = .lineFeed
        case .lineFeed:
            position += 9
            enterFields(afterBareLineFeed: true)
        default: return .version
        }
        return nil
    }

    private mutating func enterFields(afterBareLineFeed: Bool) {
        scanner.start(at: position, afterBareLineFeed: afterBareLineFeed)
        phase = .fields
    }

    /// What can be said only of the whole head.
    private mutating func settle(_ bytes: UnsafeRawPointer) throws(WireCause) {
        head.length = position
        head.present = scanner.present
        try settleHost(bytes)
        let declared = try MessageFraming.declared(bytes, head.fields, scanner, minorVersion: head.minorVersion)
        // A bare LF may end a line (RFC 9112 §2.2), but not where a neighbour that sees no line end there could miss a framing field.
        if scanner.hasBareLineFeed, declared.isChunked || declared.length != nil { throw .bareLineFeed }
        head.contentLength = declared.length
        if declared.isChunked {
            head.framing = .chunked
        } else if let length = declared.length, length > 0 {
            head.framing = .length(length)
        }
        let options = try MessageFraming.connection(bytes, head.present, &head.fields)
        head.keepAlive = !options.close && (head.minorVersion > 0 || options.keepAlive)
        head.hasUpgrade = options.upgrade && head.minorVersion > 0 && head.present.contains(.upgrade)
        if head.present.contains(.expect), head.minorVersion > 0, let expectation = head.fields.first(.expect) {
            guard !scanner.repeated.contains(.expect),
                Octets.matches(bytes, Int(expectation.value.start), expectation.value.end, "100-continue")
            else { throw .expectation }
            head.expectsContinue = head.framing != .none
        }
    }

    /// Exactly one valid Host in HTTP/1.1 (RFC 9112 §3.2), at most one in HTTP/1.0.
    private mutating func settleHost(_ bytes: UnsafeRawPointer) throws(WireCause) {
        if scanner.repeated.contains(.host) { throw .hostRepeated }
        guard head.present.contains(.host), let line = head.fields.first(.host) else {
            if head.minorVersion > 0 { throw .hostMissing }
            return
        }
        guard Authority.isValid(bytes, Int(line.value.start), line.value.end) else { throw .host }
        if head.form != .absolute { head.host = line.value }
    }
}
