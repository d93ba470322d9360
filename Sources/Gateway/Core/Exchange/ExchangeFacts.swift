/// What is known of one exchange: the policies read and add to it, the record at the end is made from it.
public struct ExchangeFacts: Sendable {
    /// When the head was complete: nanoseconds of a monotonic clock.
    public let now: Int64
    /// The same moment in seconds since 1970.
    public let epochSeconds: Int64
    /// The client's address; nil when it came over a Unix socket.
    public var client: ClientAddress?
    /// The certificate with which the connection was opened; nil without one.
    public var certificate: CallerCertificate?
    /// The route's index; -1 before it is known.
    public var route = -1
    /// The consumer's index; -1 when nobody was identified.
    public var consumer = -1
    /// The department's index; -1 when none is asked.
    public var department = -1
    /// The trace.
    public var trace: TraceContext
    /// The caller's request id, when it sent a usable one; otherwise the trace id serves.
    public var requestID: String?
    /// What there is to say of the caller's credential; nil for a plain one that was believed.
    public var credential: CredentialFacts?
    /// Whether the caller showed who it is by a token in `Authorization`.
    public var comesWithToken = false
    /// The user behind the call, where a token says who; verified.
    public var user: CallerUser?
    /// Whether the policies from the one that authenticates on wait for the content, because it is signed too.
    public var awaitsContent = false
    /// What the rate limit said, for the reply's fields.
    public var rate: RateDecision?
    /// What was taken from the limits.
    public var limits = LimitLedger()

    /// Facts of a new exchange.
    public init(now: Int64, epochSeconds: Int64, trace: TraceContext) {
        self.now = now
        self.epochSeconds = epochSeconds
        self.trace = trace
    }
}

/// What is known of a contract call once its body is read and its department found.
public struct CallFacts: Sendable {
    /// The operation's index in the contract.
    public let operation: Int
    /// The department's index.
    public let department: Int
    /// The region that the request names, if it does.
    public let region: Region?

    /// Makes facts.
    public init(operation: Int, department: Int, region: Region?) {
        self.operation = operation
        self.department = department
        self.region = region
    }
}
