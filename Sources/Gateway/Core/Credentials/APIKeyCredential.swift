internal import Adapters

/// Finds the consumer by the SHA-256 digest of `X-Api-Key`. The gateway holds digests only, and compares digests only, so
/// neither its memory nor its timing tells a key.
enum APIKeyCredential: CredentialKind {
    static let isSignature = false

    static func isPresent(in request: CredentialRequest, _ snapshot: Snapshot) -> Bool { request.head.present.contains(.xAPIKey) }

    static func check(_ request: CredentialRequest, _ facts: ExchangeFacts, _ snapshot: Snapshot) -> CredentialVerdict {
        guard request.head.count(.xAPIKey) == 1, let field = request.head.first(.xAPIKey), (1...256).contains(field.value.range.count)
        else { return .refused(.malformed, consumer: -1, claim: nil) }
        let digest = KeyDigest(Digest.sha256Words(UnsafeRawBufferPointer(rebasing: request.bytes[field.value.range])))
        guard let key = snapshot.consumers.key(digest) else { return .refused(.unknownKey, consumer: -1, claim: nil) }
        guard key.expires > facts.epochSeconds else {
            return .refused(.expired, consumer: key.consumer, claim: nil)
        }
        return .known(consumer: key.consumer, content: nil)
    }
}
