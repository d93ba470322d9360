/// Translates a department's login: the request that asks for a session, and the token in its reply. Immutable; safe to share.
public struct LoginAdapter: Sendable {
    /// How long a token lives.
    enum Lifetime: Sendable {
        /// A fixed time in milliseconds.
        case fixed(Int64)
        /// What the reply says, in units of so many milliseconds.
        case told(PathReference, unit: Int64)
    }

    /// Equal for two logins that ask the same way, so that a reload keeps a session whose login did not change. Holds names, no secrets.
    public let fingerprint: String
    let kind: any AdapterKind
    let signer: Signer?
    let reply: ReplyRule
    let token: ValueRule
    let lifetime: Lifetime?

    /// The request that asks for a session. `call.input` is an empty object.
    public func request(_ call: AdapterCall) throws(AdapterFault) -> DepartmentRequest {
        var draft = try kind.draft(in: MappingScope(request: call))
        try signer?.sign(&draft, call)
        return try draft.request()
    }

    /// The session in a reply; its lifetime is nil when neither the file nor the reply says one. A refusal is UPSTREAM_CREDENTIAL.
    public func session(from reply: DepartmentReply) throws(AdapterFault) -> (token: String, lifetimeMilliseconds: Int64?) {
        let tree = try tree(of: reply)
        let moment = CallMoment(epochMilliseconds: 0, random: (0, 0))
        let call = AdapterCall(input: .object(Object()), secrets: Secrets([:]), moment: moment)
        guard let token = try token.value(in: MappingScope(reply: tree, to: call))?.scalarText else {
            throw token.origin.missing(.reply)
        }
        switch lifetime {
        case .fixed(let milliseconds): return (token, milliseconds)
        case .told(let path, let unit):
            // A lifetime beyond a year is as good as a year, and cannot overflow.
            let count = path.first(in: tree)?.scalarText.flatMap { Int64($0) }
            return (token, count.map { min(max($0, 0), 31_536_000_000 / unit) * unit })
        case nil: return (token, nil)
        }
    }

    private func tree(of reply: DepartmentReply) throws(AdapterFault) -> Value {
        let refusal = "the department refuses the login"
        do {
            if case .success(let tree) = try self.reply.read(reply, usesSession: false, secrets: Secrets([:])) { return tree }
        } catch {
            guard error.code == .upstreamRejected else { throw error }
            throw AdapterFault(.upstreamCredential, refusal, upstreamCode: error.upstreamCode, upstreamMessage: error.upstreamMessage)
        }
        throw AdapterFault(.upstreamCredential, refusal)
    }
}
