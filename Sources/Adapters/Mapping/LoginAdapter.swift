/// Translates a department's login: the request that asks for a session, and the session in its reply. Immutable; safe to share.
public final class LoginAdapter: Sendable {
    /// A session, and how long it lives; nil when neither the file nor the reply says so.
    public typealias Answer = (session: DepartmentSession, lifetimeMilliseconds: Int64?)

    /// How long a token lives.
    enum Lifetime: Sendable {
        /// A fixed time in milliseconds.
        case fixed(Int64)
        /// What the reply says, in units of so many milliseconds.
        case told(PathReference, unit: Int64)
    }

    /// Equal for two logins that ask the same way, so that a reload keeps a session whose login did not change. Holds names, no secrets.
    public let fingerprint: String
    /// The calls before the login itself, in their order.
    public let steps: [CallStep]
    /// Values made once for a request.
    let lets: ObjectRule?
    let kind: any AdapterKind
    let signer: Signer?
    let reply: ReplyRule
    /// The session's values by name.
    let values: ObjectRule
    let lifetime: Lifetime?

    init(
        fingerprint: String, steps: [CallStep], lets: ObjectRule?, kind: any AdapterKind, signer: Signer?, reply: ReplyRule,
        values: ObjectRule, lifetime: Lifetime?
    ) {
        self.fingerprint = fingerprint
        self.steps = steps
        self.lets = lets
        self.kind = kind
        self.signer = signer
        self.reply = reply
        self.values = values
        self.lifetime = lifetime
    }

    /// The names of the session's values.
    public var valueNames: [String] { values.fields.map(\.name) }

    /// A login makes the session and cannot use it.
    public var usesSession: Bool { false }
    /// A login changes nothing: it may be sent again on a fresh connection.
    public var isWrite: Bool { false }

    /// The request that asks for a session. `call.input` is an empty object, but for the results of steps.
    public func request(_ call: AdapterCall) throws(AdapterFault) -> DepartmentRequest {
        try DepartmentRequest.made(for: call, lets, kind, signer)
    }

    /// The session in a reply. A refusal is UPSTREAM_CREDENTIAL.
    public func settle(_ reply: DepartmentReply, to call: AdapterCall) throws(AdapterFault) -> Settlement<Answer> {
        let tree: Value
        switch try self.tree(of: reply, call) {
        case .answer(let found): tree = found
        case .sessionOver: return .sessionOver
        case .pending(let polling, _): return .pending(polling, nil)
        }
        let scope = MappingScope(reply: tree, to: call, with: reply)
        var values: [String: String] = [:]
        for field in self.values.fields {
            call.trace?.step(field.name)
            defer { call.trace?.back() }
            guard let text = try field.rule.value(in: scope)?.scalarText else { throw field.rule.origin.missing(.reply) }
            values[field.name] = text
        }
        let session = DepartmentSession(values)
        switch lifetime {
        case .fixed(let milliseconds): return .answer((session, milliseconds))
        case .told(let path, let unit):
            // A lifetime beyond a year is as good as a year, and cannot overflow.
            let count = path.first(in: tree)?.scalarText.flatMap { Int64($0) }
            return .answer((session, count.map { min(max($0, 0), 31_536_000_000 / unit) * unit }))
        case nil: return .answer((session, nil))
        }
    }

    private func tree(of reply: DepartmentReply, _ call: AdapterCall) throws(AdapterFault) -> Settlement<Value> {
        let refusal = "the department refuses the gateway's account"
        do {
            switch try self.reply.read(reply, to: call, usesSession: false) {
            case .success(let tree): return .answer(tree)
            case .pending(let polling, _): return .pending(polling, nil)
            case .expired: break
            }
        } catch {
            guard error.code == .upstreamRejected else { throw error }
            throw AdapterFault(.upstreamCredential, refusal, upstreamCode: error.upstreamCode, upstreamMessage: error.upstreamMessage)
        }
        throw AdapterFault(.upstreamCredential, refusal)
    }
}
