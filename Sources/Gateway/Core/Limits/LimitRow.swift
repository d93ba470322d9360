import Adapters

/// Whom a limit counts for: a bucket for each of what it names.
public enum LimitSubject: String, Sendable, CaseIterable {
    /// The calling system.
    case consumer
    /// The contract's operation, or the plain route.
    case operation
    /// The client's address; of IPv6 its first 64 bits, which one client has for itself.
    case address
    /// The region that the request names, or the department's; its first six digits.
    case region
    /// The department that is asked.
    case department
}

/// What is counted.
public enum LimitMeasure: String, Sendable, CaseIterable {
    /// Requests per time.
    case rate
    /// Requests at once.
    case concurrent
    /// Requests of a day in Asia/Shanghai.
    case daily
    /// Requests of a month in Asia/Shanghai.
    case monthly

    /// What a request is told that goes over it.
    var refusal: ProblemCode {
        switch self {
        case .rate, .concurrent: .rateLimited
        case .daily, .monthly: .quotaExceeded
        }
    }
}

/// One row of `limits.yaml`: for whom it counts, and how much there is.
public struct LimitRow: Sendable {
    /// One thing that the row counts.
    public struct Measure: Sendable {
        /// What.
        public let kind: LimitMeasure
        /// How much of it: the count of a rate, of a quota, or how many at once.
        public let count: Int
        /// The rate.
        let rule: RateRule?
        /// What is mixed into every key of it.
        let key: LimitKey
        /// The fields that tell the caller; a concurrency has none.
        public let fields: RateLimitFields?
    }

    /// The name in the file and in `RateLimit`.
    public let name: String
    /// A bucket for each of these; none is one bucket for all.
    public let subjects: [LimitSubject]
    /// What is counted.
    public let measures: [Measure]
    /// By consumer index; nil for all, and for those that nobody identified.
    let consumers: [Bool]?
    /// By department index; nil for all.
    let departments: [Bool]?
    /// Nil for all.
    let regions: [Region]?

    /// Whether the row can be decided only once a department is known.
    var needsDepartment: Bool {
        departments != nil || regions != nil || subjects.contains(.department) || subjects.contains(.region)
    }
}

/// All rows, and which of them a route meets when.
public struct LimitRows: Sendable {
    /// The rows in the file's order.
    public let rows: [LimitRow]
    /// By route: the rows that its head decides.
    let onHead: [[Int]]
    /// By route: the rows that wait for the department.
    let onCall: [[Int]]
    /// Where the buckets are.
    public let store: LimitStore

    /// Whether any row waits for a department.
    public let isAsked: Bool

    /// No rows.
    init(store: LimitStore) {
        self.store = store
        (rows, onHead, onCall, isAsked) = ([], [], [], false)
    }

    init(rows: [LimitRow], onHead: [[Int]], onCall: [[Int]], store: LimitStore) {
        self.rows = rows
        self.onHead = onHead
        self.onCall = onCall
        isAsked = onCall.contains { !$0.isEmpty }
        self.store = store
    }

    /// The rows of a route at one of the two moments.
    func rows(of route: Int, atHead: Bool) -> [Int] {
        let table = atHead ? onHead : onCall
        return table.indices.contains(route) ? table[route] : []
    }
}
