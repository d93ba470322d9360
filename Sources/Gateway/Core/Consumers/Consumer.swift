/// A SHA-256 digest as four words, for lookup without allocation.
public struct KeyDigest: Sendable, Hashable {
    let words: (UInt64, UInt64, UInt64, UInt64)

    /// Makes a digest from its words.
    public init(_ words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// Reads 64 hex digits; nil when the text is something else. The words are big-endian, as `Digest.sha256Words` gives them.
    public init?(hex: String) {
        let digits = Array(hex.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for pair in stride(from: 0, to: 64, by: 2) {
            guard let byte = UInt8(String(decoding: digits[pair..<pair + 2], as: UTF8.self), radix: 16) else { return nil }
            bytes.append(byte)
        }
        func word(_ start: Int) -> UInt64 { bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        words = (word(0), word(8), word(16), word(24))
    }

    /// Compares all four words, whatever the first says.
    public static func == (a: KeyDigest, b: KeyDigest) -> Bool {
        (a.words.0 ^ b.words.0) | (a.words.1 ^ b.words.1) | (a.words.2 ^ b.words.2) | (a.words.3 ^ b.words.3) == 0
    }

    /// Hashes the first word: digests are uniform already.
    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}

/// What a consumer may do at one department.
public struct DepartmentGrant: Sendable {
    /// One bit per contract operation, by its index.
    public let operations: UInt64
    /// Empty means every region.
    public let regions: [Region]
    /// Seconds since 1970 at which it ends; `Int64.max` for never.
    public let expires: Int64

    /// Makes a grant.
    public init(operations: UInt64, regions: [Region], expires: Int64) {
        self.operations = operations
        self.regions = regions
        self.expires = expires
    }
}

/// The rate of one consumer.
public struct ConsumerRate: Sendable {
    /// How much.
    public let rule: RateRule
    /// What is left; outlives a reload.
    public let bucket: RateBucket
    /// The fields that tell the consumer.
    public let fields: RateLimitFields
}

/// A calling system.
public struct Consumer: Sendable {
    /// Its id in `consumers.yaml`.
    public let id: String
    /// Its name, for people.
    public let name: String
    /// Its grants, by department index.
    public let grants: [[DepartmentGrant]]
    /// The plain routes it may call, by route index, with the second since 1970 at which that ends.
    public let routes: [Int: Int64]
    /// Its rate, if limited.
    public let rate: ConsumerRate?

    /// Why a consumer may not call.
    public enum Refusal: Sendable {
        /// No grant names this operation of this department, or it has ended.
        case notGranted
        /// A grant does, for other regions.
        case regionScope
    }

    /// Whether any department grants the operation; asked before a body is read.
    public func mayCall(operation: Int) -> Bool {
        grants.contains { $0.contains { $0.operations & (1 << UInt64(operation)) != 0 } }
    }

    /// Whether the consumer may call `operation` of `department` now. The region that the request names must lie within the
    /// grant; a department must lie within it, or above it (a provincial department serves all its cities).
    public func refusal(
        operation: Int, department: Int, departmentRegion: Region?, requestRegion: Region?, now: Int64
    ) -> Refusal? {
        guard grants.indices.contains(department) else { return .notGranted }
        var refusal = Refusal.notGranted
        for grant in grants[department] where grant.operations & (1 << UInt64(operation)) != 0 && grant.expires > now {
            if grant.regions.isEmpty { return nil }
            let reaches = grant.regions.contains { granted in
                let department = departmentRegion.map { granted.covers($0) || $0.covers(granted) } ?? true
                return department && (requestRegion.map { granted.covers($0) } ?? true)
            }
            if reaches { return nil }
            refusal = .regionScope
        }
        return refusal
    }
}

/// All consumers, found by the digest of a key.
public struct ConsumerTable: Sendable {
    /// One key of a consumer.
    public struct Key: Sendable {
        /// The consumer's index.
        public let consumer: Int
        /// Seconds since 1970 at which it ends; `Int64.max` for never.
        public let expires: Int64

        /// Makes a key.
        public init(consumer: Int, expires: Int64) {
            self.consumer = consumer
            self.expires = expires
        }
    }

    /// The consumers.
    public let consumers: [Consumer]
    private let keys: [KeyDigest: Key]

    /// Makes a table.
    public init(consumers: [Consumer], keys: [KeyDigest: Key]) {
        self.consumers = consumers
        self.keys = keys
    }

    /// The consumer of a key that is valid at `now` (seconds since 1970).
    public func consumer(of digest: KeyDigest, now: Int64) -> Int? {
        guard let key = keys[digest], key.expires > now else { return nil }
        return key.consumer
    }
}
