internal import Adapters

/// Finds the consumer whose certificate the connection was opened with. It comes with the connection and not with the request, so it says
/// who calls only where the request itself does not.
enum CertificateCredential: CredentialKind {
    static let isSignature = false

    static func isPresent(in request: CredentialRequest, _ snapshot: Snapshot) -> Bool {
        request.certificate != nil && !snapshot.consumers.certificates.isEmpty
    }

    static func check(_ request: CredentialRequest, _ facts: ExchangeFacts, _ snapshot: Snapshot) -> CredentialVerdict {
        guard let certificate = request.certificate, let key = snapshot.consumers.certificates.key(of: certificate) else {
            return .refused(.unknownCertificate, consumer: -1, claim: nil)
        }
        // A connection may be older than the end of its certificate.
        guard key.expires > facts.epochSeconds, certificate.expires > facts.epochSeconds else {
            return .refused(.expired, consumer: key.consumer, claim: nil)
        }
        return .known(consumer: key.consumer, content: nil)
    }

    /// Whether the connection's certificate is another consumer's than the one that the request names: whoever shows both contradicts itself.
    static func contradicts(_ consumer: Int, _ request: CredentialRequest, _ snapshot: Snapshot) -> Bool {
        guard let certificate = request.certificate, let key = snapshot.consumers.certificates.key(of: certificate) else { return false }
        return key.consumer != consumer
    }
}
