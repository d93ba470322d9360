internal import Adapters

/// What one exchange has taken from the limits, so that it can tell its caller and give back. Its storage goes from one exchange of a
/// connection to the next: taking allocates nothing.
public struct LimitLedger: Sendable {
    /// One thing taken.
    struct Entry: Sendable {
        let key: LimitKey
        let row: Int
        let measure: Int
        let decision: RateDecision
    }

    private(set) var entries: [Entry] = []

    /// Nothing taken.
    public init() {}

    /// How many limits have something to say in the reply.
    public var count: Int { entries.count }

    /// Where its storage is, for a test that it stays there.
    var storage: UnsafeRawPointer? { entries.withUnsafeBytes { $0.baseAddress } }

    /// The storage without its content, for the next exchange.
    public mutating func handOver() -> LimitLedger {
        var next = LimitLedger()
        swap(&next.entries, &entries)
        next.entries.removeAll(keepingCapacity: true)
        return next
    }

    /// Who asks, as the rows want to know it.
    struct Caller {
        let consumer: Int
        let client: ClientAddress?
        let operation: String
        var department = -1
        var region: Region?
    }

    /// Takes from every measure of a row; a refusal takes nothing from this measure, and what was taken before stays in the ledger.
    mutating func take(_ index: Int, _ table: LimitRows, _ caller: Caller, _ snapshot: Snapshot, now: Int64, epochSeconds: Int64)
        -> AdapterFault?
    {
        let row = table.rows[index]
        if let consumers = row.consumers, caller.consumer < 0 || !consumers[caller.consumer] { return nil }
        if let departments = row.departments, caller.department < 0 || !departments[caller.department] { return nil }
        if let regions = row.regions {
            guard let region = caller.region, regions.contains(where: { $0.covers(region) }) else { return nil }
        }
        for (place, measure) in row.measures.enumerated() {
            guard let key = key(row, measure, caller, snapshot) else { return nil }
            let (decision, used) = decide(measure, key, table.store, now: now, epochSeconds: epochSeconds)
            guard decision.allowed else {
                entries.append(Entry(key: used, row: index, measure: -1 - place, decision: decision))
                var fault = AdapterFault(measure.kind.refusal, "the limit '\(row.name)' (\(measure.kind.rawValue)) is used up")
                fault.retryAfter = max(1, RateLimitFields.seconds(decision.retryAfter ?? 1_000_000_000))
                return fault
            }
            entries.append(Entry(key: used, row: index, measure: place, decision: decision))
        }
        return nil
    }

    /// The bucket of a caller; nil where the row's subject is not known, and the row does not count.
    private func key(_ row: LimitRow, _ measure: LimitRow.Measure, _ caller: Caller, _ snapshot: Snapshot) -> LimitKey? {
        var key = measure.key
        for subject in row.subjects {
            switch subject {
            case .consumer:
                guard caller.consumer >= 0 else { return nil }
                key.mix(snapshot.consumers.consumers[caller.consumer].id)
            case .operation: key.mix(caller.operation)
            case .address:
                guard let client = caller.client else { return nil }
                client.mixNetwork(into: &key, snapshot.limits.store.seed)
            case .region:
                guard let region = caller.region else { return nil }
                for digit in region.description.utf8.prefix(6) { key.mix(UInt64(digit)) }
            case .department:
                guard caller.department >= 0 else { return nil }
                key.mix(snapshot.departments[caller.department].id)
            }
        }
        return key
    }

    /// Asks one measure. Where the table is full the measure's own bucket is asked: newcomers share it.
    private func decide(
        _ measure: LimitRow.Measure, _ key: LimitKey, _ store: LimitStore, now: Int64, epochSeconds: Int64
    ) -> (decision: RateDecision, key: LimitKey) {
        switch measure.kind {
        case .rate:
            guard let rule = measure.rule else { return (.open, key) }
            if let decision = store.admit(key, rule, now: now) { return (decision, key) }
            return (store.admit(measure.key, rule, now: now) ?? .shut, measure.key)
        case .concurrent:
            if let entered = store.enter(key, limit: measure.count) { return (entered ? .open : .shut, key) }
            return (store.enter(measure.key, limit: measure.count) ?? false ? .open : .shut, measure.key)
        case .daily, .monthly:
            let period = QuotaPeriod(measure.kind == .daily ? .day : .month, at: epochSeconds)
            var (left, used) = (store.take(key, limit: measure.count, in: period), key)
            if left == nil { (left, used) = (store.take(measure.key, limit: measure.count, in: period), measure.key) }
            let (ends, rest) = (period.ends * 1_000_000_000, left ?? -1)
            return (
                RateDecision(allowed: rest >= 0, remaining: max(0, rest), resetAfter: ends, retryAfter: rest >= 0 ? nil : ends), used
            )
        }
    }

    /// The exchange is over. What was counted at once is let go; with `givesBack` everything else is given back too, because a later
    /// limit refused the request or nothing was sent.
    public func settle(_ table: LimitRows, givesBack: Bool, now: Int64, epochSeconds: Int64) {
        for entry in entries where entry.measure >= 0 {
            let measure = table.rows[entry.row].measures[entry.measure]
            switch measure.kind {
            case .concurrent: table.store.leave(entry.key)
            case .rate: if givesBack, let rule = measure.rule { table.store.giveBack(entry.key, rule, now: now) }
            case .daily, .monthly:
                guard givesBack else { continue }
                let period = QuotaPeriod(measure.kind == .daily ? .day : .month, at: epochSeconds)
                table.store.giveBack(entry.key, in: period)
            }
        }
    }

    /// What the limit counts that refused; nil when none did.
    func refused(_ table: LimitRows) -> LimitMeasure? {
        entries.last { $0.measure < 0 }.map { table.rows[$0.row].measures[-1 - $0.measure].kind }
    }

    /// The lines of `RateLimit` and `RateLimit-Policy`, each with its line end; `Retry-After` is the problem's.
    package func write(_ table: LimitRows, to out: inout ByteCursor) {
        for entry in entries {
            let measure = table.rows[entry.row].measures[entry.measure >= 0 ? entry.measure : -1 - entry.measure]
            guard let fields = measure.fields else { continue }
            let told = RateDecision(
                allowed: entry.decision.allowed, remaining: entry.decision.remaining, resetAfter: entry.decision.resetAfter, retryAfter: nil
            )
            out.write { fields.write(told, to: $0) }
        }
    }
}

extension RateDecision {
    /// Yes, and there is nothing to tell.
    static let open = RateDecision(allowed: true, remaining: 0, resetAfter: 0, retryAfter: nil)
    /// No; a second later perhaps.
    static let shut = RateDecision(allowed: false, remaining: 0, resetAfter: 1_000_000_000, retryAfter: 1_000_000_000)
}
