internal import Adapters

/// Finds the consumer by its key, and believes it when the request is signed with that key's secret, by the convention to which the key
/// belongs; the algorithm is the key's, whatever the request says.
///
/// Cheap checks come first and the nonce is noted last: what fails costs less than what does not, and only signed requests are remembered.
enum SignatureCredential: CredentialKind {
    static let isSignature = true

    static func isPresent(in request: CredentialRequest, _ snapshot: Snapshot) -> Bool {
        let conventions = snapshot.consumers.signing.conventions
        return !conventions.isEmpty && conventions.indices.contains { isPresent(conventions[$0], request) }
    }

    private static func isPresent(_ convention: SigningConvention, _ request: CredentialRequest) -> Bool {
        if !convention.keyHeader.isEmpty { return request.head.first(named: convention.keyHeader, in: request.bytes) != nil }
        guard case .header = convention.keyPlace else {
            // A key in a form shows only when the form is there: a form is taken to hold it until then, where nothing else says who calls.
            if case .parameter = convention.keyPlace, request.isForm, request.content == nil {
                return !request.head.present.contains(.xAPIKey) && !request.head.present.contains(.authorization)
            }
            return convention.signer.opened(request.signable())?.isPresent(at: convention.keyPlace) == true
        }
        return false
    }

    static func check(_ request: CredentialRequest, _ facts: ExchangeFacts, _ snapshot: Snapshot) -> CredentialVerdict {
        let table = snapshot.consumers.signing
        // Two conventions may share the header of the key; then the one that knows the key is meant.
        var chosen: Chosen?
        let signable = request.signable()
        for index in table.conventions.indices where isPresent(table.conventions[index], request) {
            let convention = table.conventions[index]
            if needsContent(convention, request) { return .needsContent }
            guard let key = convention.signer.value(at: convention.keyPlace, in: signable), (1...256).contains(key.utf8.count) else {
                return .refused(.malformed, consumer: -1, claim: nil)
            }
            let credential = table.credential(key, by: index)
            if chosen == nil || credential.consumer >= 0 { chosen = Chosen(convention: convention, key: key, credential: credential) }
        }
        guard let chosen else { return .refused(.missing, consumer: -1, claim: nil) }
        return check(request, signable, chosen, facts)
    }

    /// The convention by which a request is taken to be signed, its key, and whose that is.
    private struct Chosen {
        let convention: SigningConvention
        let key: String
        let credential: SigningCredential
    }

    private static func needsContent(_ convention: SigningConvention, _ request: CredentialRequest) -> Bool {
        guard request.content == nil, request.hasContent else { return false }
        return request.isForm && convention.verifier.needsForm || convention.verifier.needsContent
    }

    private static func check(
        _ request: CredentialRequest, _ signable: SignableRequest, _ chosen: Chosen, _ facts: ExchangeFacts
    ) -> CredentialVerdict {
        let (convention, credential) = (chosen.convention, chosen.credential)
        let claim = credential.consumer >= 0 ? nil : "\(convention.name) \(chosen.key)"
        func refused(_ failure: AuthenticationFailure) -> CredentialVerdict {
            .refused(failure, consumer: credential.consumer, claim: claim)
        }
        let isComing = request.hasContent && request.content == nil && !request.isForm
        let verdict = try? credential.verifier.verify(
            signable, secrets: credential.secrets, epochMilliseconds: facts.epochSeconds * 1000 + 500, content: isComing ? .coming : .whole)
        let proof: Verifier.Proof
        switch verdict {
        case nil, .failure(.missing), .failure(.different): return refused(credential.consumer < 0 ? .unknownKey : .incomplete)
        case .failure(.wrongSignature): return refused(credential.consumer < 0 ? .unknownKey : .wrongSignature)
        case .failure(.skewed): return refused(credential.consumer < 0 ? .unknownKey : .skewed)
        case .success(let right): proof = right
        }
        // A decoy's secret is in the source: what it signs is still nobody's.
        guard credential.consumer >= 0 else { return refused(.unknownKey) }
        guard credential.expires > facts.epochSeconds else { return refused(.expired) }
        if let nonces = credential.nonces, let seen = note(proof, nonces, convention, facts) { return refused(seen) }
        return .known(consumer: credential.consumer, content: proof.content)
    }

    private static func note(
        _ proof: Verifier.Proof, _ nonces: NonceBook, _ convention: SigningConvention, _ facts: ExchangeFacts
    ) -> AuthenticationFailure? {
        let name = convention.replay == .nonce ? proof.nonce ?? proof.signature : proof.signature
        let time = proof.epochMilliseconds.map { $0 / 1000 } ?? facts.epochSeconds
        let skew = convention.skewMilliseconds / 1000 + 1
        switch nonces.note(name, of: time, now: facts.epochSeconds, skew: skew) {
        case .fresh: return nil
        case .seen: return .replayed
        case .forgotten: return .skewed
        }
    }
}
