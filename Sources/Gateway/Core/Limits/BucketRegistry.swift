internal import Synchronization

/// Whose limit, and which of theirs.
public struct BucketKey: Sendable, Hashable {
    /// The owner's id: a consumer, a department, a route.
    public let owner: String
    /// The limit's name, unique for the owner.
    public let limit: String

    /// Makes a key.
    public init(owner: String, limit: String) {
        self.owner = owner
        self.limit = limit
    }
}

/// The buckets that outlive a reload. Control zone: asked while a configuration is compiled, never on the path of a request.
///
/// Two steps, because a compiled configuration may still be refused: `bucket(for:)` finds or makes, and only when the new
/// configuration is published `retain(only:)` drops the rest. Exchanges on an older snapshot keep the buckets they hold.
public final class BucketRegistry: Sendable {
    private let buckets = Mutex<[BucketKey: RateBucket]>([:])

    /// The buckets of `limits.yaml`: those make themselves, and go by themselves when they are full again.
    public let limits = LimitStore()

    /// An empty registry.
    public init() {}

    /// The bucket of a key: the one in use, or a full one.
    public func bucket(for key: BucketKey) -> RateBucket {
        buckets.withLock { buckets in
            if let known = buckets[key] { return known }
            let bucket = RateBucket()
            buckets[key] = bucket
            return bucket
        }
    }

    /// Drops every bucket that the published configuration does not name.
    public func retain(only keys: Set<BucketKey>) {
        buckets.withLock { buckets in buckets = buckets.filter { keys.contains($0.key) } }
    }

    /// How many buckets are kept.
    public var count: Int { buckets.withLock { $0.count } }
}
