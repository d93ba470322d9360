internal import Adapters

/// Finds the consumer by the SHA-256 digest of `X-Api-Key`. The gateway holds digests only, and compares digests only, so
/// neither its memory nor its timing tells a key.
struct APIKeyPolicy: Policy {
    let name = "api-key"
    let slot = PolicySlot.authenticate
    let reason = "the consumer is the one whose key this is; a missing and a wrong key are answered alike"

    func applies(to route: Route) -> Bool { route.access == .granted }

    func onHead(_ head: RequestHead, _ bytes: UnsafeRawBufferPointer, _ facts: inout ExchangeFacts, _ snapshot: Snapshot) -> AdapterFault? {
        let refusal = AdapterFault(.badCredential, "a valid X-Api-Key is needed")
        guard head.count(.xAPIKey) == 1, let field = head.first(.xAPIKey), (1...256).contains(field.value.range.count) else {
            return refusal
        }
        let digest = KeyDigest(Digest.sha256Words(UnsafeRawBufferPointer(rebasing: bytes[field.value.range])))
        guard let consumer = snapshot.consumers.consumer(of: digest, now: facts.epochSeconds) else { return refusal }
        facts.consumer = consumer
        return nil
    }
}
