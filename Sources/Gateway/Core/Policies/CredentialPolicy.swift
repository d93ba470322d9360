public import Adapters

/// Finds out who is calling, by whatever credential the request carries; there must be exactly one. Repeated failures lock.
enum CredentialPolicy: Policy {
    static let name = "credential"
    static let slot = PolicySlot.authenticate
    static let reason = "the consumer is the one whose key or signature this is; whatever is wrong with it is answered alike"

    static func applies(to route: Route) -> Bool { route.access == .granted }

    static func onHead(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot)
        -> AdapterFault?
    {
        decide(CredentialRequest(head: head, bytes: bytes, content: nil, certificate: facts.certificate), &facts, snapshot)
    }

    static func onContent(
        _ content: [UInt8], _ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot
    ) -> AdapterFault? {
        facts.awaitsContent = false
        return decide(CredentialRequest(head: head, bytes: bytes, content: content, certificate: facts.certificate), &facts, snapshot)
    }

    private static func decide(_ request: CredentialRequest, _ facts: inout ExchangeFacts, _ snapshot: Snapshot) -> AdapterFault? {
        if let client = facts.client, let end = lock(of: .address(client), snapshot, facts) {
            return refuse(.locked, signed: false, until: end, consumer: -1, &facts)
        }
        var found: (any CredentialKind.Type)?
        for kind in CredentialCatalog.all where kind.isPresent(in: request, snapshot) {
            guard found == nil else { return fail(.several, signed: false, consumer: -1, claim: nil, &facts, snapshot) }
            found = kind
        }
        if found == nil, CredentialCatalog.ofConnection.isPresent(in: request, snapshot) { found = CredentialCatalog.ofConnection }
        guard let found else { return fail(.missing, signed: false, consumer: -1, claim: nil, &facts, snapshot) }
        switch found.check(request, facts, snapshot) {
        case .needsContent:
            facts.awaitsContent = true
            return nil
        case .refused(let failure, let consumer, let claim):
            return fail(failure, signed: found.isSignature, consumer: consumer, claim: claim, &facts, snapshot)
        case .known(let consumer, let content):
            if let end = lock(of: .claim(Self.claim(consumer, snapshot)), snapshot, facts) {
                return refuse(.locked, signed: false, until: end, consumer: consumer, &facts)
            }
            if CertificateCredential.contradicts(consumer, request, snapshot) {
                return fail(.several, signed: false, consumer: -1, claim: nil, &facts, snapshot)
            }
            facts.consumer = consumer
            facts.comesWithToken = found == TokenCredential.self
            if let content {
                var credential = CredentialFacts()
                credential.content = content
                facts.credential = credential
            }
            return nil
        }
    }

    // MARK: Failing

    private static func refuse(
        _ failure: AuthenticationFailure, signed: Bool, until end: Int64?, consumer: Int, _ facts: inout ExchangeFacts
    ) -> AdapterFault {
        var credential = CredentialFacts()
        credential.failure = failure
        credential.claimed = consumer
        credential.retryAfter = end.map { max(1, ($0 - facts.now + 999_999_999) / 1_000_000_000) }
        facts.credential = credential
        return failure.fault(signed: signed)
    }

    private static func fail(
        _ failure: AuthenticationFailure, signed: Bool, consumer: Int, claim: String?, _ facts: inout ExchangeFacts, _ snapshot: Snapshot
    ) -> AdapterFault {
        let fault = refuse(failure, signed: signed, until: nil, consumer: consumer, &facts)
        Self.count(failure, consumer: consumer, claim: claim, &facts, snapshot)
        return fault
    }

    /// Counts a failure against the address and against whoever was named.
    static func count(
        _ failure: AuthenticationFailure, consumer: Int, claim: String?, _ facts: inout ExchangeFacts, _ snapshot: Snapshot
    ) {
        guard failure.isGuess, let rule = snapshot.consumers.lockout else { return }
        let table = snapshot.consumers.lockouts
        var locks = false
        if let client = facts.client, !rule.except.contains(where: { $0.contains(client) }) {
            locks = table.failed(.address(client), rule, now: facts.now)
        }
        if let name = consumer >= 0 ? Self.claim(consumer, snapshot) : claim {
            locks = table.failed(.claim(name), rule, now: facts.now) || locks
        }
        facts.credential?.locksNow = locks
    }

    private static func claim(_ consumer: Int, _ snapshot: Snapshot) -> String { "consumer \(snapshot.consumers.consumers[consumer].id)" }

    private static func lock(of subject: @autoclosure () -> LockoutTable.Subject, _ snapshot: Snapshot, _ facts: ExchangeFacts) -> Int64? {
        guard snapshot.consumers.lockout != nil, snapshot.consumers.lockouts.mayLock(at: facts.now) else { return nil }
        return snapshot.consumers.lockouts.lock(of: subject(), now: facts.now)
    }
}

extension PolicyCatalog {
    /// The content of a request is not the one whose digest was signed: as much a failure as a wrong signature.
    public static func contentIsWrong(_ facts: inout ExchangeFacts, _ snapshot: Snapshot) -> AdapterFault {
        facts.credential?.failure = .wrongContent
        facts.credential?.claimed = facts.consumer
        let consumer = facts.consumer
        facts.consumer = -1
        CredentialPolicy.count(.wrongContent, consumer: consumer, claim: nil, &facts, snapshot)
        return AuthenticationFailure.wrongContent.fault(signed: true)
    }
}
