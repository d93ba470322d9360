package import Adapters

/// Which kind of limit turned a request away: the labels of the metrics and the words of `gatewayctl status`. Names of limits and of
/// consumers are the access log's business.
public enum RefusedLimit: String, Sendable, Hashable, CaseIterable {
    /// A rate of `limits.yaml`.
    case rate
    /// Requests at once.
    case concurrent
    /// A day's quota.
    case daily
    /// A month's quota.
    case monthly
    /// The consumer's own rate.
    case consumer
    /// A head or a body that is larger than it may be.
    case size
    /// A head, a body, or the taking of an answer that was too slow.
    case time

    /// Its place among all.
    public var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension RefusedLimit {
    /// The limit that ended an exchange; nil when none did.
    package init?(_ facts: ExchangeFacts, code: ProblemCode?, end: ExchangeEnd, _ rows: LimitRows?) {
        if end == .stalled {
            self = .time
        } else if code == .tooLarge, end == .refused || end == .malformed {
            self = .size
        } else if code == .rateLimited || code == .quotaExceeded {
            guard let measure = rows.flatMap(facts.limits.refused) else {
                self = .consumer
                return
            }
            self = RefusedLimit(measure)
        } else {
            return nil
        }
    }

    private init(_ measure: LimitMeasure) {
        self =
            switch measure {
            case .rate: .rate
            case .concurrent: .concurrent
            case .daily: .daily
            case .monthly: .monthly
            }
    }
}
