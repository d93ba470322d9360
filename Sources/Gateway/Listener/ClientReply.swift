import Adapters
import GatewayCore
import NIOCore

/// A reply that the gateway makes itself: a contract's answer, a problem, a document.
struct LocalReply {
    var status: Int
    var mediaType: String
    var body: [UInt8]
    var location: String?
    var allow: [String] = []
    /// Seconds after which it is worth asking again.
    var retryAfter: Int64?
}

extension ClientConnection {
    /// Answers with a problem, reading first what is at hand of the body, so that the connection can go on if possible.
    func refuse(_ fault: AdapterFault, allow: [String]) {
        let exchange = serving
        serving = nil
        exchange?.cancel()
        discardBodyAtHand()
        writeProblem(fault, end: current.phase == .sent || current.phase == .answered ? .failed : .refused, allow: allow)
    }

    /// The exchange that serves the request cannot give an answer.
    func fail(_ fault: AdapterFault, department: String?) {
        switch machine.failed() {
        case .problem:
            let exchange = serving
            serving = nil
            exchange?.cancel()
            discardBodyAtHand()
            writeProblem(fault, end: .failed, department: department)
        case let action:
            serving = nil
            perform(action)
        }
    }

    /// A head that cannot be read has no exchange of its own; its status is the parser's.
    func writeMalformed(_ fault: WireFault, end: ExchangeEnd) {
        let code: ProblemCode =
            switch fault.status {
            case 413, 414, 431: .tooLarge
            default: .badRequest
            }
        writeProblem(AdapterFault(code, fault.sentence), end: end, status: fault.status, reason: fault.reason)
    }

    /// Writes a problem document; `reason` is a stable word beside its sentence, where there is one.
    func writeProblem(
        _ fault: AdapterFault, end: ExchangeEnd, department: String? = nil, allow: [String] = [], status: Int? = nil, reason: String? = nil
    ) {
        current.code = fault.code
        var value = ProblemDocument.value(fault, traceID: current.facts.trace.traceID, department: department)
        if let status, case .object(var object) = value {
            object["status"] = .integer(Int64(status))
            if let reason { object["reason"] = .string(reason) }
            value = .object(object)
        }
        let body = JSONCodec.encode(value)
        write(
            LocalReply(
                status: status ?? fault.code.status, mediaType: "application/problem+json", body: body, location: nil, allow: allow,
                retryAfter: fault.retryAfter),
            end: end)
    }

    /// Writes a reply of the gateway's own, whole.
    func write(_ reply: LocalReply, end: ExchangeEnd) {
        guard let wire, stage == .exchange else { return }
        current.status = reply.status
        current.phase = .answered
        let isHead = current.method == .head
        machine.replyBegins(as: end, closing: endsAfterReply)
        // The length of what follows is known: the worst case of every field is counted, so that nothing is cut.
        let capacity =
            1024 + reply.mediaType.utf8.count + reply.body.count + (reply.location?.utf8.count ?? 0) + 16 * reply.allow.count
            + ReplyFields.room(current)
        var buffer = allocator.buffer(capacity: capacity)
        _ = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: capacity) { memory in
            var out = ByteCursor(memory)
            out.write("HTTP/1.1 ")
            out.write(decimal: Int64(reply.status))
            out.write(ReplyFields.reason(reply.status))
            out.write("\r\nContent-Type: ")
            out.write(text: reply.mediaType)
            out.write("\r\nContent-Length: ")
            out.write(decimal: Int64(reply.body.count))
            if let location = reply.location {
                out.write("\r\nLocation: ")
                out.write(text: location)
            }
            if !reply.allow.isEmpty {
                out.write("\r\nAllow: ")
                out.write(text: reply.allow.joined(separator: ", "))
            }
            if let retryAfter = reply.retryAfter {
                out.write("\r\nRetry-After: ")
                out.write(decimal: retryAfter)
            }
            out.write("\r\nCache-Control: no-store")
            if reply.status == 401 { out.write("\r\nWWW-Authenticate: ApiKey realm=\"tongban\"") }
            ReplyFields.append(&out, current, loop: loop, closing: !machine.mayContinue)
            out.write("\r\n")
            if !isHead { out.write(reply.body) }
            return out.count
        }
        send(buffer)
        wire.flush()
        perform(machine.replyComplete())
    }

    /// Writes bytes to the client.
    func send(_ buffer: ByteBuffer) {
        guard let wire, stage == .exchange || stage == .tunnel else { return }
        current.bytesOut += buffer.readableBytes
        wire.write(buffer)
    }

    /// `100 Continue`: the body may come (RFC 9110 §10.1.1).
    func sendContinue() {
        guard let wire else { return }
        wire.write(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"))
        wire.flush()
    }
}

/// The fields that the gateway adds to every reply.
enum ReplyFields {
    /// Room for what the limits have to say, in bytes.
    static func room(_ exchange: CurrentExchange) -> Int { exchange.facts.limits.count * 320 }

    /// Everything up to and including the last field's line end.
    static func append(_ out: inout ByteCursor, _ exchange: CurrentExchange, loop: LoopContext, closing: Bool, withDate: Bool = true) {
        out.write("\r\nX-Request-Id: ")
        if let id = exchange.facts.requestID {
            out.write(text: id)
        } else {
            exchange.facts.trace.writeTraceID(to: &out)
        }
        if withDate {
            out.write("\r\nDate: ")
            out.write(loop.dateField)
        }
        // RFC 6797 §7.1: said over TLS, and nowhere else.
        if exchange.transport.isSecure { out.write("\r\nStrict-Transport-Security: max-age=31536000") }
        out.write("\r\n")
        if let seconds = exchange.facts.credential?.retryAfter {
            out.write("Retry-After: ")
            out.write(decimal: seconds)
            out.write("\r\n")
        }
        if let rate = exchange.facts.rate, let fields = exchange.rateFields { out.write { fields.write(rate, to: $0) } }
        if exchange.facts.limits.count > 0, let limits = exchange.state?.snapshot.limits { exchange.facts.limits.write(limits, to: &out) }
        if closing {
            out.write("Connection: close\r\n")
        } else if exchange.minorVersion == 0 {
            out.write("Connection: keep-alive\r\n")
        }
    }

    /// A space and the reason phrase of a status the gateway writes.
    static func reason(_ status: Int) -> StaticString {
        switch status {
        case 200: " OK"
        case 201: " Created"
        case 202: " Accepted"
        case 400: " Bad Request"
        case 401: " Unauthorized"
        case 403: " Forbidden"
        case 404: " Not Found"
        case 405: " Method Not Allowed"
        case 408: " Request Timeout"
        case 409: " Conflict"
        case 413: " Content Too Large"
        case 414: " URI Too Long"
        case 415: " Unsupported Media Type"
        case 417: " Expectation Failed"
        case 422: " Unprocessable Content"
        case 429: " Too Many Requests"
        case 431: " Request Header Fields Too Large"
        case 500: " Internal Server Error"
        case 501: " Not Implemented"
        case 502: " Bad Gateway"
        case 503: " Service Unavailable"
        case 504: " Gateway Timeout"
        case 505: " HTTP Version Not Supported"
        default: " "
        }
    }
}
