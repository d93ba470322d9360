/// The header lines that tell a client about one limit, prepared at load: `RateLimit` and `RateLimit-Policy`
/// (draft-ietf-httpapi-ratelimit-headers, structured fields of RFC 9651) and, on a refusal, `Retry-After` (RFC 9110 §10.2.3).
///
/// `q` is the count and `w` the period of the rule, left out where it is no whole number of seconds; `r` is what may come at
/// once and `t` the seconds until the bucket is full, rounded up. Each limit writes lines of its own: both fields are lists.
public struct RateLimitFields: Sendable, Hashable {
    /// The value of `RateLimit-Policy`.
    public let policy: String
    /// `RateLimit: "name";r=`
    private let head: [UInt8]
    /// `RateLimit-Policy: …` with its line end.
    private let policyLine: [UInt8]

    /// Makes the fields of a rule; nil when the name is empty, longer than 64 characters or not printable ASCII, which a
    /// structured field's string must be.
    public init?(name: String, rule: RateRule) {
        let seconds = rule.period.quotientAndRemainder(dividingBy: 1_000_000_000)
        self.init(name: name, count: rule.count, window: seconds.remainder == 0 ? seconds.quotient : nil)
    }

    /// Makes the fields of `count` in `window` seconds; nil where that is no fixed number.
    public init?(name: String, count: Int, window seconds: Int64?) {
        guard !name.isEmpty, name.utf8.count <= 64, name.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        let quoted = "\"" + name.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] } + "\""
        let window = seconds.map { ";w=\($0)" } ?? ""
        policy = "\(quoted);q=\(count)\(window)"
        head = Array("RateLimit: \(quoted);r=".utf8)
        policyLine = Array("RateLimit-Policy: \(policy)\r\n".utf8)
    }

    /// Room that is enough for `write`, in bytes.
    public var maximumLength: Int { head.count + policyLine.count + 96 }

    /// Writes the lines, each with CR LF, to the beginning of `buffer`; returns how many bytes, or 0 when it is too small.
    public func write(_ decision: RateDecision, to buffer: UnsafeMutableRawBufferPointer) -> Int {
        var cursor = ByteCursor(buffer)
        cursor.write(head)
        cursor.write(decimal: Int64(decision.remaining))
        cursor.write(";t=")
        cursor.write(decimal: RateLimitFields.seconds(decision.resetAfter))
        cursor.write("\r\n")
        cursor.write(policyLine)
        if let retryAfter = decision.retryAfter {
            cursor.write("Retry-After: ")
            cursor.write(decimal: RateLimitFields.seconds(retryAfter))
            cursor.write("\r\n")
        }
        return cursor.overflowed ? 0 : cursor.count
    }

    /// Appends the lines to `bytes`.
    public func append(_ decision: RateDecision, to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(byteCount: maximumLength, alignment: 1) { buffer in
            bytes.append(contentsOf: buffer.prefix(write(decision, to: buffer)))
        }
    }

    /// Whole seconds, rounded up.
    public static func seconds(_ nanoseconds: Int64) -> Int64 {
        let (quotient, remainder) = max(0, nanoseconds).quotientAndRemainder(dividingBy: 1_000_000_000)
        return quotient + (remainder > 0 ? 1 : 0)
    }
}
