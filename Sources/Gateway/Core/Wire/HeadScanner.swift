internal import Glibc

/// Splits a head into lines and fields; what request and reply heads share. Remembers how far it has looked, so that a head
/// that drips in byte by byte is still looked at once.
struct HeadScanner: Sendable {
    let limits: WireLimits
    var fields = ContiguousArray<FieldLine>()
    /// Where the next line begins.
    var lineStart = 0
    /// No line feed before this offset that has not been handled.
    private var scanned = 0
    /// Whether the first line has been read.
    var hasFirstLine = false

    init(limits: WireLimits) {
        self.limits = limits
        fields.reserveCapacity(32)
    }

    mutating func reset() {
        fields.removeAll(keepingCapacity: true)
        lineStart = 0
        scanned = 0
        hasFirstLine = false
    }

    /// The next line without its end; nil when it is not there yet. A lone LF ends a line like CRLF (RFC 9112 §2.2); a lone
    /// CR never does, and is refused wherever it stands.
    mutating func line(_ bytes: UnsafeRawBufferPointer) throws(WireFault) -> Range<Int>? {
        guard let base = bytes.baseAddress else { return nil }
        let from = max(scanned, lineStart)
        guard from < bytes.count, let found = memchr(base + from, 0x0A, bytes.count - from) else {
            try checkUnfinished(bytes, from: from)
            scanned = bytes.count
            return nil
        }
        let feed = base.distance(to: UnsafeRawPointer(found))
        guard feed < limits.headBytes else { throw tooLong }
        let end = feed > lineStart && bytes[feed - 1] == 0x0D ? feed - 1 : feed
        let line = lineStart..<end
        lineStart = feed + 1
        scanned = lineStart
        return line
    }

    /// A head that will never be one is refused as soon as that shows, not when its time is up.
    private func checkUnfinished(_ bytes: UnsafeRawBufferPointer, from: Int) throws(WireFault) {
        if bytes.count >= limits.headBytes { throw tooLong }
        var index = max(lineStart, from - 1)
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0 || (byte == 0x0D && index + 1 < bytes.count) {
                throw WireFault(status: 400, reason: "a control character in the head")
            }
            index += 1
        }
    }

    private var tooLong: WireFault {
        hasFirstLine
            ? WireFault(status: 431, reason: "the head is larger than \(limits.headBytes) bytes")
            : WireFault(status: 414, reason: "the first line is larger than \(limits.headBytes) bytes")
    }

    /// Reads fields up to the empty line; whether it was reached.
    mutating func readFields(_ bytes: UnsafeRawBufferPointer) throws(WireFault) -> Bool {
        while let line = try line(bytes) {
            if line.isEmpty { return true }
            guard fields.count < limits.fields else { throw WireFault(status: 431, reason: "more than \(limits.fields) fields") }
            fields.append(try Self.field(bytes, line))
        }
        return false
    }

    private static func field(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) throws(WireFault) -> FieldLine {
        var colon = line.lowerBound
        while colon < line.upperBound, isTokenByte(bytes[colon]) { colon += 1 }
        guard colon < line.upperBound, bytes[colon] == UInt8(ascii: ":"), colon > line.lowerBound else {
            let isFolded = bytes[line.lowerBound] == 0x20 || bytes[line.lowerBound] == 0x09
            throw WireFault(status: 400, reason: isFolded ? "a folded field line" : "a field without a valid name")
        }
        var start = colon + 1
        var end = line.upperBound
        while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
        while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
        guard isFieldText(bytes, start..<end) else { throw WireFault(status: 400, reason: "a control character in a field value") }
        let known = KnownField(UnsafeRawBufferPointer(rebasing: bytes[line.lowerBound..<colon]))
        return FieldLine(name: ByteSpan(line.lowerBound..<colon), value: ByteSpan(start..<end), known: known, isHopByHop: known.isHopByHop)
    }

    /// Whether the bytes hold no control character but HTAB (RFC 9110 §5.5); eight bytes at a time.
    static func isFieldText(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        while index + 8 <= range.upperBound {
            let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let control = (word &- ones &* 0x20) & ~word & high
            let delete = word ^ (ones &* 0x7F)
            let hasDelete = (delete &- ones) & ~delete & high
            // Either may be a false alarm of a borrow, or a tab: the bytes are then looked at one by one.
            if control | hasDelete != 0, !isFieldTextSlowly(bytes, index..<index + 8) { return false }
            index += 8
        }
        return isFieldTextSlowly(bytes, index..<range.upperBound)
    }

    private static func isFieldTextSlowly(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        for index in range {
            let byte = bytes[index]
            if (byte < 0x20 && byte != 0x09) || byte == 0x7F { return false }
        }
        return true
    }

    // MARK: What the fields say together

    /// The options of all `Connection` fields: whether `close` and `keep-alive` are among them. Fields that they name are
    /// marked as hop-by-hop.
    mutating func readConnection(_ bytes: UnsafeRawBufferPointer) -> (close: Bool, keepAlive: Bool) {
        var close = false
        var keepAlive = false
        for index in fields.indices where fields[index].known == .connection {
            for option in ListElements(bytes, fields[index].value.range) {
                let token = UnsafeRawBufferPointer(rebasing: bytes[option])
                if isName(token, "close") {
                    close = true
                } else if isName(token, "keep-alive") {
                    keepAlive = true
                } else {
                    nominate(token, bytes)
                }
            }
        }
        return (close, keepAlive)
    }

    private mutating func nominate(_ token: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer) {
        for index in fields.indices where fields[index].name.count == token.count && fields[index].known.mayBeNominated {
            let name = bytes[fields[index].name.range]
            if zip(name, token).allSatisfy({ $0 | 0x20 == $1 | 0x20 }) { fields[index].isHopByHop = true }
        }
    }

    /// How the body ends, as `Content-Length` and `Transfer-Encoding` say; nil when neither is there. Whatever could be read
    /// in two ways is refused (RFC 9112 §6.3, §11.2).
    func framing(_ bytes: UnsafeRawBufferPointer, minorVersion: UInt8) throws(WireFault) -> BodyFraming? {
        var length: UInt64?
        var isChunked = false
        for field in fields {
            switch field.known {
            case .contentLength:
                guard length == nil else { throw WireFault(status: 400, reason: "more than one Content-Length") }
                length = try Self.length(bytes, field.value.range)
            case .transferEncoding:
                guard !isChunked else { throw WireFault(status: 400, reason: "more than one Transfer-Encoding") }
                guard minorVersion > 0 else { throw WireFault(status: 400, reason: "Transfer-Encoding in HTTP/1.0") }
                guard isName(UnsafeRawBufferPointer(rebasing: bytes[field.value.range]), "chunked") else {
                    throw WireFault(status: 501, reason: "a transfer coding other than chunked")
                }
                isChunked = true
            default: break
            }
        }
        if isChunked, length != nil { throw WireFault(status: 400, reason: "both Content-Length and Transfer-Encoding") }
        return isChunked ? .chunked : length.map { .length($0) }
    }

    private static func length(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws(WireFault) -> UInt64 {
        // 18 digits cannot overflow, and no body has more.
        guard (1...18).contains(range.count), bytes[range].allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw WireFault(status: 400, reason: "a Content-Length that is no number")
        }
        return bytes[range].reduce(0) { $0 * 10 + UInt64($1 - 0x30) }
    }
}

/// The elements of a comma-separated list (RFC 9110 §5.6.1), empty ones left out.
struct ListElements: Sequence, IteratorProtocol {
    private let bytes: UnsafeRawBufferPointer
    private var rest: Range<Int>

    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        self.bytes = bytes
        rest = range
    }

    mutating func next() -> Range<Int>? {
        while !rest.isEmpty {
            let comma = bytes[rest].firstIndex(of: UInt8(ascii: ",")) ?? rest.upperBound
            var start = rest.lowerBound
            var end = comma
            while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
            while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
            rest = min(comma + 1, rest.upperBound)..<rest.upperBound
            if start < end { return start..<end }
        }
        return nil
    }
}
