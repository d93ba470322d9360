internal import Adapters

/// Verifies the token of the user behind the call, where there is one: a consumer's own credential says which system calls, and not for whom.
enum UserPolicy: Policy {
    static let name = "user"
    static let slot = PolicySlot.authenticate
    static let reason = "the citizen or operator behind the call is the one whom a verified token names"

    static func applies(to route: Route) -> Bool { route.access == .granted }

    static func onHead(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot)
        -> AdapterFault?
    {
        let tokens = snapshot.consumers.tokens
        guard !tokens.userHeaders.isEmpty else { return nil }
        var found: (header: [UInt8], value: ByteSpan)?
        for header in tokens.userHeaders {
            for field in head.fields where field.isNamed(header, in: bytes) {
                guard found == nil else { return fail(.several, &facts, snapshot) }
                found = (header, field.value)
            }
        }
        guard let found else { return nil }
        let value = UnsafeRawBufferPointer(rebasing: bytes[found.value.range])
        guard let token = BearerText.token(value, needsScheme: found.header == Self.authorization) else {
            return fail(.malformed, &facts, snapshot)
        }
        do throws(Token.Flaw) {
            let identity = try tokens.identity(token, now: facts.epochSeconds)
            let rule = tokens.issuers[identity.issuer].user
            guard rule?.header == found.header, let user = identity.user else { return fail(.tokenUser, &facts, snapshot) }
            facts.user = user
            return nil
        } catch { return fail(AuthenticationFailure(error), &facts, snapshot) }
    }

    private static let authorization = Array("authorization".utf8)

    private static func fail(_ failure: AuthenticationFailure, _ facts: inout ExchangeFacts, _ snapshot: Snapshot) -> AdapterFault {
        var credential = CredentialFacts()
        credential.failure = failure
        credential.claimed = facts.consumer
        facts.credential = credential
        // Towards no lock: the system that calls is proved, and what its visitors send it must not lock it out.
        return AdapterFault(.badCredential, "the user's token is not valid")
    }
}
