import GatewayCore

/// One message as the readers saw it, copied out of the bytes so that it can be compared and printed.
struct ReceivedMessage: Equatable {
    var start = ""
    var fields: [String] = []
    var framing = BodyFraming.none
    var keepAlive = true
    var body: [UInt8] = []
    var trailers: [String] = []
    var isWhole = false

    /// The message as a gateway writes it for the next hop: forwarded fields only, the framing anew, no trailers.
    var forwarded: [UInt8] {
        var lines = [start] + fields.filter { !$0.hasSuffix(Self.kept) }
        switch framing {
        case .length(let length): lines.append("Content-Length: \(length)")
        case .chunked: lines.append("Transfer-Encoding: chunked")
        case .none where start.hasPrefix("HTTP/"): lines.append("Content-Length: 0")
        case .none, .untilClose: break
        }
        let head = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
        guard framing == .chunked else { return head + body }
        let chunk = body.isEmpty ? [] : Array("\(String(body.count, radix: 16))\r\n".utf8) + body + Array("\r\n".utf8)
        return head + chunk + Array("0\r\n\r\n".utf8)
    }

    fileprivate static let kept = " (not forwarded)"
}

/// A connection's receiving side, made of the parser and the body reader alone, and used the way a proxy uses them: bytes come in pieces,
/// what is not consumed is given again. It stops at a refusal and behind a message that ends the connection.
struct ReceivedMessages: Equatable {
    private(set) var messages: [ReceivedMessage] = []
    private(set) var fault: WireFault?
    private(set) var isClosed = false
    /// Bytes used up by whole messages.
    private(set) var consumed = 0

    /// Requests, whole or in pieces.
    static func requests(_ bytes: [UInt8], pieces: Int = .max, limits: WireLimits = WireLimits()) -> ReceivedMessages {
        var received = ReceivedMessages()
        var parser = RequestHeadParser(limits: limits)
        received.run(bytes, pieces, limits, isReply: false) { given, message in
            switch parser.parse(given) {
            case .incomplete: return .success(nil)
            case .refused(let fault): return .failure(fault)
            case .complete:
                let head = parser.head
                message.start = "\(text(given, head.methodSpan)) \(text(given, head.target)) HTTP/1.\(head.minorVersion)"
                message.fields = lines(head.fields, given)
                message.framing = head.framing
                message.keepAlive = head.keepAlive
                parser.reset()
                return .success(head.length)
            }
        }
        return received
    }

    /// Final replies to requests of `method`, whole or in pieces.
    static func replies(
        _ bytes: [UInt8], to method: RequestMethod = .get, pieces: Int = .max, limits: WireLimits = WireLimits()
    ) -> ReceivedMessages {
        var received = ReceivedMessages()
        var parser = ReplyHeadParser(limits: limits)
        received.run(bytes, pieces, limits, isReply: true) { given, message in
            switch parser.parse(given, requestMethod: method) {
            case .incomplete: return .success(nil)
            case .refused(let fault): return .failure(fault)
            case .complete:
                let head = parser.head
                message.start = "HTTP/1.\(head.minorVersion) \(head.status) \(text(given, head.reason))"
                message.fields = lines(head.fields, given)
                message.framing = head.framing
                message.keepAlive = head.keepAlive
                parser.reset()
                return .success(head.length)
            }
        }
        return received
    }

    private typealias HeadReader = (UnsafeRawBufferPointer, inout ReceivedMessage) -> Result<Int?, WireFault>

    private mutating func run(_ bytes: [UInt8], _ pieces: Int, _ limits: WireLimits, isReply: Bool, _ head: HeadReader) {
        var body: BodyReader?
        var from = 0
        var given = 0
        var message = ReceivedMessage()
        repeat {
            given = pieces < bytes.count - given ? given + pieces : bytes.count
            var isStuck = false
            while !isStuck, fault == nil, !isClosed {
                bytes[from..<given].withUnsafeBytes { view in
                    let used: Int?
                    if var reader = body {
                        used = step(&reader, view, &message)
                        body = message.isWhole ? nil : reader
                        if message.isWhole { finish(&message, from + (used ?? 0)) }
                    } else {
                        used = stepHead(head(view, &message), &message)
                        if used != nil { body = BodyReader(framing: message.framing, limits: limits, isReply: isReply) }
                    }
                    isStuck = used == nil
                    from += used ?? 0
                }
            }
        } while given < bytes.count && fault == nil && !isClosed
        if body != nil { messages.append(message) }
    }

    private mutating func stepHead(_ result: Result<Int?, WireFault>, _ message: inout ReceivedMessage) -> Int? {
        switch result {
        case .success(let length): return length
        case .failure(let fault):
            self.fault = fault
            return nil
        }
    }

    private mutating func step(_ reader: inout BodyReader, _ view: UnsafeRawBufferPointer, _ message: inout ReceivedMessage) -> Int? {
        switch reader.next(view) {
        case .payload(let range, let consumed):
            message.body += view[range]
            return consumed
        case .needMore(let consumed): return consumed == 0 ? nil : consumed
        case .end(let consumed):
            message.trailers = Self.lines(reader.trailers, view)
            message.isWhole = true
            return consumed
        case .refused(let fault):
            self.fault = fault
            return nil
        }
    }

    private mutating func finish(_ message: inout ReceivedMessage, _ end: Int) {
        consumed = end
        isClosed = !message.keepAlive
        messages.append(message)
        message = ReceivedMessage()
    }

    static func text(_ bytes: UnsafeRawBufferPointer, _ span: ByteSpan) -> String {
        String(decoding: bytes[span.range], as: UTF8.self)
    }

    private static func lines(_ fields: ContiguousArray<FieldLine>, _ bytes: UnsafeRawBufferPointer) -> [String] {
        fields.map { "\(text(bytes, $0.name)): \(text(bytes, $0.value))\($0.isForwarded ? "" : ReceivedMessage.kept)" }
    }
}

extension ReceivedMessages {
    static func requests(_ text: String) -> ReceivedMessages { requests(Array(text.utf8)) }
    static func replies(_ text: String, to method: RequestMethod = .get) -> ReceivedMessages { replies(Array(text.utf8), to: method) }
    /// How many messages arrived whole.
    var whole: Int { messages.count { $0.isWhole } }
}
