internal import Adapters

/// Keeps the caller's `X-Request-Id` where it is usable: 1 to 64 letters, digits, `-`, `_`, `.` and `:`. Anything else is
/// replaced, so that a log line cannot be forged through it.
enum RequestIdentityPolicy: Policy {
    static let name = "request-id"
    static let slot = PolicySlot.identify
    static let reason = "every answer and every record carries a request id"

    static func onHead(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot)
        -> AdapterFault?
    {
        guard let field = head.first(.xRequestID) else { return nil }
        let value = UnsafeRawBufferPointer(rebasing: bytes[field.value.range])
        guard (1...64).contains(value.count), value.allSatisfy(Self.isUsable) else { return nil }
        facts.requestID = String(decoding: value, as: UTF8.self)
        return nil
    }

    private static func isUsable(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }
}

/// Continues the caller's W3C trace, or begins one.
enum TraceContextPolicy: Policy {
    static let name = "trace-context"
    static let slot = PolicySlot.identify
    static let reason = "one trace id from the portal to the department"

    static func onHead(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot)
        -> AdapterFault?
    {
        guard head.count(.traceparent) == 1, let field = head.first(.traceparent) else { return nil }
        let value = UnsafeRawBufferPointer(rebasing: bytes[field.value.range])
        if let trace = TraceContext(traceparent: value, span: facts.trace.span) { facts.trace = trace }
        return nil
    }
}
