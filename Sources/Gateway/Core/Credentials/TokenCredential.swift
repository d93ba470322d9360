internal import Adapters

/// Finds the consumer that a verified token names: `Authorization: Bearer` (RFC 6750).
enum TokenCredential: CredentialKind {
    static let isSignature = false

    static func isPresent(in request: CredentialRequest, _ snapshot: Snapshot) -> Bool {
        snapshot.consumers.tokens.hasConsumers && request.head.present.contains(.authorization) && bearer(request) != nil
    }

    static func check(_ request: CredentialRequest, _ facts: ExchangeFacts, _ snapshot: Snapshot) -> CredentialVerdict {
        guard request.head.count(.authorization) == 1, let token = bearer(request) else {
            return .refused(.malformed, consumer: -1, claim: nil)
        }
        do throws(Token.Flaw) {
            let identity = try snapshot.consumers.tokens.identity(token, now: facts.epochSeconds)
            guard let named = identity.consumer else { return .refused(.tokenConsumer, consumer: -1, claim: nil) }
            guard named.expires > facts.epochSeconds else { return .refused(.expired, consumer: named.consumer, claim: nil) }
            return .known(consumer: named.consumer, content: nil)
        } catch { return .refused(AuthenticationFailure(error), consumer: -1, claim: nil) }
    }

    private static func bearer(_ request: CredentialRequest) -> UnsafeRawBufferPointer? {
        guard let field = request.head.first(.authorization) else { return nil }
        return BearerText.token(UnsafeRawBufferPointer(rebasing: request.bytes[field.value.range]), needsScheme: true)
    }
}

/// The token in a header's value.
enum BearerText {
    private static let scheme = Array("bearer ".utf8)

    /// What follows `Bearer `, or the whole value where the scheme may be left out; nil for another scheme.
    static func token(_ value: UnsafeRawBufferPointer, needsScheme: Bool) -> UnsafeRawBufferPointer? {
        let isBearer = value.count > scheme.count && zip(value, scheme).allSatisfy { WireSyntax.lowercase($0) == $1 }
        guard isBearer else { return needsScheme ? nil : value }
        return UnsafeRawBufferPointer(rebasing: value[scheme.count...].drop { $0 == UInt8(ascii: " ") })
    }
}

extension AuthenticationFailure {
    /// The failure that a token's flaw is.
    init(_ flaw: Token.Flaw) { self = AuthenticationFailure(rawValue: flaw.rawValue) ?? .malformed }
}
