public import Adapters
internal import Synchronization

/// The user behind a call, as a verified token tells it. Not the applicant and not an agent, who stand in the case.
public final class CallerUser: Sendable {
    /// What the user is.
    public enum Kind: String, Sendable, CaseIterable {
        /// Somebody who applies, or acts for one who does.
        case citizen
        /// Somebody who serves them.
        case `operator`
    }

    /// What the user is.
    public let kind: Kind
    /// The identity.
    public let id: String
    /// The user as mappings see it: `$.user`.
    public let value: Value

    init(kind: Kind, id: String, value: Value) {
        self.kind = kind
        self.id = id
        self.value = value
    }

    /// A user as mappings see it, for trials; nil when it does not say what and who.
    package convenience init?(_ object: Object) {
        guard let kind = object["kind"]?.string.flatMap(Kind.init), let id = object["id"]?.scalarText, !id.isEmpty else { return nil }
        self.init(kind: kind, id: id, value: .object(object))
    }

    /// A request's input with the user in it, and without whatever a caller put in that place.
    package static func stand(_ user: CallerUser?, in input: Value) -> Value {
        guard var object = input.object, user != nil || object["user"] != nil else { return input }
        object["user"] = user?.value
        return .object(object)
    }
}

/// Which claims tell the user.
package struct TokenUserRule: Sendable {
    /// The header in which the token comes, in lower case.
    let header: [UInt8]
    /// What the users of this issuer are.
    let kind: CallerUser.Kind
    /// The claims of the fields of `$.user`.
    let fields: [(name: String, path: [String])]

    /// The fields that `$.user` may have beside `kind`.
    package static let names = ["id", "name", "level", "organisation", "idNo", "mobile"]

    /// The user of a token; nil when it does not say who.
    func user(_ claims: Value, issuer: String) -> CallerUser? {
        var object: Object = ["kind": .string(kind.rawValue), "issuer": .string(issuer)]
        for field in fields {
            guard let text = TokenRules.value(field.path, in: claims)?.scalarText, !text.isEmpty, text.utf8.count <= 512 else { continue }
            object[field.name] = .string(text)
        }
        guard let id = object["id"]?.string else { return nil }
        return CallerUser(kind: kind, id: id, value: .object(object))
    }
}

/// Somebody whose tokens are believed: an entry of `issuers` in `consumers.yaml`.
struct TokenIssuer: Sendable {
    /// The name in the file.
    let name: String
    /// What a token must claim.
    let rules: TokenRules
    /// The keys.
    let source: TokenKeySource
    /// The claim that names the consumer.
    let consumerClaim: [String]
    /// The claims that name the user; nil where its tokens are not users'.
    let user: TokenUserRule?
    /// The consumers by what the claim says, to the byte: Swift's texts are equal when Unicode finds them equivalent.
    var consumers: [[UInt8]: ConsumerTable.Key] = [:]
}

/// All issuers, and the tokens that were seen.
public final class TokenTable: Sendable {
    /// What a token says.
    struct Identity: Sendable {
        /// The consumer whom it names, and until when its tokens count; nil when it names none.
        let consumer: ConsumerTable.Key?
        /// The user whom it names.
        let user: CallerUser?
        /// The second at which it ends.
        let expires: Int64
        /// Whose it is.
        let issuer: Int
        /// The keys by which it was verified.
        let generation: UInt64
    }

    let issuers: [TokenIssuer]
    /// Whether any consumer comes with a token.
    let hasConsumers: Bool
    /// The headers in which users' tokens come.
    public let userHeaders: [[UInt8]]
    private let cache = TokenCache()

    /// The places from which keys are fetched.
    public var sources: [TokenKeySource] { issuers.map(\.source).filter { $0.remote != nil } }

    init(_ issuers: [TokenIssuer]) {
        self.issuers = issuers
        hasConsumers = issuers.contains { !$0.consumers.isEmpty }
        var headers: [[UInt8]] = []
        for issuer in issuers { if let header = issuer.user?.header, !headers.contains(header) { headers.append(header) } }
        userHeaders = headers
    }

    /// Nobody's tokens are believed.
    public static let none = TokenTable([])

    /// What a token says at `now`, seconds since 1970. One that was seen before costs its digest and a look-up. What can be seen without
    /// a key is looked at first, so that a wrong token costs less than a right one.
    func identity(_ text: UnsafeRawBufferPointer, now: Int64) throws(Token.Flaw) -> Identity {
        guard (1...Token.longest).contains(text.count) else { throw .malformed }
        let digest = KeyDigest(Digest.sha256Words(text))
        if let known = cache[digest], issuers[known.issuer].source.generation == known.generation {
            guard known.expires > now else { throw .expired }
            return known
        }
        let token = try Token(text)
        guard let claims = token.claims else { throw .malformed }
        guard let name = claims["iss"]?.string, let index = issuers.firstIndex(where: { $0.rules.issuer == name }) else { throw .issuer }
        let issuer = issuers[index]
        let expires = try issuer.rules.judge(claims, now: now)
        guard let (keys, generation) = issuer.source.current else { throw .noKeys }
        do throws(Token.Flaw) { try token.verify(keys) } catch {
            if error == .unknownKey { issuer.source.ask() }
            throw error
        }
        let subject = TokenRules.value(issuer.consumerClaim, in: claims)?.scalarText
        let identity = Identity(
            consumer: subject.flatMap { issuer.consumers[Array($0.utf8)] }, user: issuer.user?.user(claims, issuer: issuer.name),
            expires: expires, issuer: index, generation: generation)
        cache.keep(identity, digest, now: now)
        return identity
    }
}

/// Tokens that were verified, by their digests: bounded, shared by all event loops. It is a configuration's own, so that a reload asks
/// everything anew.
private final class TokenCache: Sendable {
    private final class Shard: Sendable {
        let entries = Mutex<[KeyDigest: TokenTable.Identity]>([:])
    }

    /// How many a shard has; 16,384 in all.
    private static let most = 1024
    private let shards = (0..<16).map { _ in Shard() }

    subscript(digest: KeyDigest) -> TokenTable.Identity? { shards[Int(digest.words.1 & 15)].entries.withLock { $0[digest] } }

    func keep(_ identity: TokenTable.Identity, _ digest: KeyDigest, now: Int64) {
        shards[Int(digest.words.1 & 15)].entries.withLock { entries in
            if entries.count >= TokenCache.most { entries = entries.filter { $0.value.expires > now } }
            // All of them may be needed again; none of them must be.
            if entries.count >= TokenCache.most { entries.removeAll(keepingCapacity: true) }
            entries[digest] = identity
        }
    }
}
