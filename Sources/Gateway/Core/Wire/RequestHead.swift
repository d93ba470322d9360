/// A request's head, as an index over the received bytes.
public struct RequestHead: Sendable {
    /// The form of the request target (RFC 9112 §3.2).
    public enum Form: Sendable { case origin, absolute, asterisk }

    /// The method.
    public internal(set) var method = RequestMethod.other
    /// The method as written.
    public internal(set) var methodSpan = ByteSpan(0..<0)
    /// The target as written.
    public internal(set) var target = ByteSpan(0..<0)
    /// The target's form.
    public internal(set) var form = Form.origin
    /// The path; empty for an absolute target without one.
    public internal(set) var path = ByteSpan(0..<0)
    /// What follows the first `?`.
    public internal(set) var query: ByteSpan?
    /// Host and port: of an absolute target, otherwise of `Host` (RFC 9112 §3.2.2).
    public internal(set) var authority: ByteSpan?
    /// 0 or 1.
    public internal(set) var minorVersion: UInt8 = 1
    /// The fields in order.
    public internal(set) var fields = ContiguousArray<FieldLine>()
    /// How the body ends.
    public internal(set) var framing = BodyFraming.none
    /// Whether the sender would use the connection again.
    public internal(set) var keepAlive = true
    /// Whether the sender waits for `100 Continue`.
    public internal(set) var expectsContinue = false
    /// How many bytes the head takes, line ends before it included.
    public internal(set) var length = 0

    /// The first field of a kind.
    public func first(_ known: KnownField) -> FieldLine? { fields.first { $0.known == known } }

    /// How many fields of a kind there are.
    public func count(_ known: KnownField) -> Int { fields.reduce(0) { $0 + ($1.known == known ? 1 : 0) } }
}

/// Reads request heads, one after the other on one connection (RFC 9112 §2–§3). The bytes of earlier calls are given again,
/// at the same offsets, with more behind them.
public struct RequestHeadParser: Sendable {
    private var scanner: HeadScanner
    /// The head; whole once `parse` has said `complete`.
    public private(set) var head = RequestHead()
    private var skipped = 0

    /// A parser.
    public init(limits: WireLimits) { scanner = HeadScanner(limits: limits) }

    /// Begins anew, for the next request.
    public mutating func reset() {
        // The array goes back to the scanner, so that its storage serves the next request.
        var fields = ContiguousArray<FieldLine>()
        swap(&fields, &head.fields)
        head = RequestHead()
        scanner.fields = fields
        scanner.reset()
        skipped = 0
    }

    /// Reads on.
    public mutating func parse(_ bytes: UnsafeRawBufferPointer) -> HeadVerdict {
        do throws(WireFault) {
            if !scanner.hasFirstLine {
                guard try readRequestLine(bytes) else { return .incomplete }
            }
            guard try scanner.readFields(bytes) else { return .incomplete }
            try conclude(bytes)
            return .complete
        } catch { return .refused(error) }
    }

    private mutating func readRequestLine(_ bytes: UnsafeRawBufferPointer) throws(WireFault) -> Bool {
        while true {
            // A method begins every request: anything else, such as the first byte of TLS, will never become one.
            if scanner.lineStart < bytes.count {
                let byte = bytes[scanner.lineStart]
                guard isTokenByte(byte) || byte == 0x0D || byte == 0x0A else { throw WireFault(status: 400, reason: "no method") }
            }
            guard let line = try scanner.line(bytes) else { return false }
            if line.isEmpty {
                // An empty line before the request line is ignored, once (RFC 9112 §2.2).
                skipped += 1
                guard skipped <= 1 else { throw WireFault(status: 400, reason: "empty lines before the request") }
                continue
            }
            try readRequestLine(bytes, line)
            scanner.hasFirstLine = true
            return true
        }
    }

    private mutating func readRequestLine(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) throws(WireFault) {
        var index = line.lowerBound
        while index < line.upperBound, isTokenByte(bytes[index]) { index += 1 }
        guard index > line.lowerBound, index < line.upperBound, bytes[index] == 0x20 else {
            throw WireFault(status: 400, reason: "the request line has no method")
        }
        head.methodSpan = ByteSpan(line.lowerBound..<index)
        head.method = RequestMethod(UnsafeRawBufferPointer(rebasing: bytes[line.lowerBound..<index]))
        let start = index + 1
        index = start
        while index < line.upperBound, bytes[index] > 0x20, bytes[index] < 0x7F, bytes[index] != UInt8(ascii: "#") { index += 1 }
        guard index > start, index < line.upperBound, bytes[index] == 0x20 else {
            throw WireFault(status: 400, reason: "the request line has no valid target")
        }
        guard index - start <= scanner.limits.targetBytes else {
            throw WireFault(status: 414, reason: "the target is longer than \(scanner.limits.targetBytes) bytes")
        }
        head.target = ByteSpan(start..<index)
        try readVersion(UnsafeRawBufferPointer(rebasing: bytes[index + 1..<line.upperBound]))
        try readTarget(bytes, start..<index)
    }

    private mutating func readVersion(_ text: UnsafeRawBufferPointer) throws(WireFault) {
        guard text.count == 8, text.prefix(5).elementsEqual("HTTP/".utf8), (0x30...0x39).contains(text[5]), text[6] == UInt8(ascii: "."),
            (0x30...0x39).contains(text[7])
        else { throw WireFault(status: 400, reason: "the request line has no valid version") }
        guard text[5] == 0x31, text[7] <= 0x31 else { throw WireFault(status: 505, reason: "a version other than HTTP/1.0 and HTTP/1.1") }
        head.minorVersion = text[7] - 0x30
    }

    private mutating func readTarget(_ bytes: UnsafeRawBufferPointer, _ target: Range<Int>) throws(WireFault) {
        if head.method == .connect { throw WireFault(status: 501, reason: "CONNECT is not offered") }
        if bytes[target.lowerBound] == UInt8(ascii: "/") {
            return split(bytes, target)
        }
        if target.count == 1, bytes[target.lowerBound] == UInt8(ascii: "*") {
            guard head.method == .options else { throw WireFault(status: 400, reason: "'*' goes with OPTIONS only") }
            head.form = .asterisk
            head.path = ByteSpan(target)
            return
        }
        let isPlain = target.count > 7 && Self.hasPrefix(bytes, target, "http://")
        let isSecure = target.count > 8 && Self.hasPrefix(bytes, target, "https://")
        guard isPlain || isSecure else { throw WireFault(status: 400, reason: "the target is neither a path nor an http URI") }
        let start = target.lowerBound + (isSecure ? 8 : 7)
        let end = bytes[start..<target.upperBound].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? target.upperBound
        guard end > start else { throw WireFault(status: 400, reason: "an absolute target without a host") }
        head.form = .absolute
        head.authority = ByteSpan(start..<end)
        split(bytes, end..<target.upperBound)
    }

    private static func hasPrefix(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ lower: StaticString) -> Bool {
        let text = lower.utf8Start
        for index in 0..<lower.utf8CodeUnitCount {
            let byte = bytes[range.lowerBound + index]
            let folded = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
            if folded != text[index] { return false }
        }
        return true
    }

    private mutating func split(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        guard let mark = bytes[range].firstIndex(of: UInt8(ascii: "?")) else {
            head.path = ByteSpan(range)
            return
        }
        head.path = ByteSpan(range.lowerBound..<mark)
        head.query = ByteSpan(mark + 1..<range.upperBound)
    }

    private mutating func conclude(_ bytes: UnsafeRawBufferPointer) throws(WireFault) {
        let connection = scanner.readConnection(bytes)
        head.keepAlive = head.minorVersion > 0 ? !connection.close : connection.keepAlive && !connection.close
        head.framing = try scanner.framing(bytes, minorVersion: head.minorVersion) ?? .none
        try readHost(bytes)
        for field in scanner.fields where field.known == .expect {
            guard isName(UnsafeRawBufferPointer(rebasing: bytes[field.value.range]), "100-continue") else {
                throw WireFault(status: 417, reason: "an expectation other than 100-continue")
            }
            head.expectsContinue = head.minorVersion > 0
        }
        head.length = scanner.lineStart
        swap(&head.fields, &scanner.fields)
    }

    private mutating func readHost(_ bytes: UnsafeRawBufferPointer) throws(WireFault) {
        var host: ByteSpan?
        for field in scanner.fields where field.known == .host {
            guard host == nil else { throw WireFault(status: 400, reason: "more than one Host") }
            host = field.value
        }
        if host == nil, head.minorVersion > 0 { throw WireFault(status: 400, reason: "no Host") }
        if let host, !isAuthority(bytes, host.range, mayBeEmpty: head.authority != nil) {
            throw WireFault(status: 400, reason: "Host is no host")
        }
        if let authority = head.authority {
            guard isAuthority(bytes, authority.range, mayBeEmpty: false) else { throw WireFault(status: 400, reason: "the target's host is no host") }
        } else {
            head.authority = host
        }
    }
}

/// Whether the bytes are `host [":" port]` (RFC 3986 §3.2.2) without user information.
func isAuthority(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, mayBeEmpty: Bool) -> Bool {
    if range.isEmpty { return mayBeEmpty }
    var index = range.lowerBound
    if bytes[index] == UInt8(ascii: "[") {
        guard let close = bytes[range].firstIndex(of: UInt8(ascii: "]")), close > index + 1 else { return false }
        guard bytes[index + 1..<close].allSatisfy({ isHostByte($0) || $0 == UInt8(ascii: ":") }) else { return false }
        index = close + 1
    } else {
        while index < range.upperBound, isHostByte(bytes[index]) { index += 1 }
        if index == range.lowerBound { return false }
    }
    if index == range.upperBound { return true }
    guard bytes[index] == UInt8(ascii: ":"), range.upperBound - index <= 6 else { return false }
    return bytes[index + 1..<range.upperBound].allSatisfy { (0x30...0x39).contains($0) }
}

/// Letters, digits and the other characters of a registered name (RFC 3986 §3.2.2) that stand in names people use.
private func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "%"): true
    default: false
    }
}
