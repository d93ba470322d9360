public import Adapters

/// What a consumer may call and why not, for `gatewayctl consumers explain`.
public struct AccessExplanation {
    private let snapshot: Snapshot
    private let consumer: Consumer
    private let region: Region?
    private let zone: Int?
    private let now: Int64

    /// An explanation for a request that names a region, or none, and comes from a zone, or from anywhere.
    public init(_ consumer: Consumer, in snapshot: Snapshot, region: Region?, zone: Int?, now: Int64) {
        self.snapshot = snapshot
        self.consumer = consumer
        self.region = region
        self.zone = zone
        self.now = now
    }

    /// `{department, operation, allowed, reason, fields[]}` for each operation that each department offers, in the contract's order.
    public var calls: [Value] {
        snapshot.departments.indices.flatMap { department in
            snapshot.contract.operations.indices.compactMap { operation -> Value? in
                guard snapshot.departments[department].serves(snapshot.contract.operations[operation].id) else { return nil }
                return call(operation, department)
            }
        }
    }

    /// `{route, allowed, reason}` for each plain route that needs a grant.
    public var routes: [Value] {
        snapshot.routes.indices.compactMap { index -> Value? in
            guard case .plain = snapshot.routes[index].target, snapshot.routes[index].access == .granted else { return nil }
            let refusal = consumer.refusal(route: index, crossing: crossing(to: snapshot.routes[index].zone), now: now)
            let reason: String
            switch refusal {
            case nil: reason = "a grant names it"
            case .notGranted?:
                reason =
                    consumer.routes[index] == nil
                    ? "no grant names it" : "the grant has ended\(ended(consumer.routes[index]?.map(\.expires)))"
            default: reason = "no grant lets it through from \(zoneName)"
            }
            return ["route": .string(snapshot.routes[index].id), "allowed": .bool(refusal == nil), "reason": .string(reason)]
        }
    }

    private func call(_ operation: Int, _ department: Int) -> Value {
        let target = snapshot.departments[department]
        var question = GrantQuestion(
            operation: operation, department: department, departmentRegion: target.region, requestRegion: region, now: now)
        question.crossing = crossing(to: target.zone)
        var object: Object = [
            "department": .string(target.id), "operation": .string(snapshot.contract.operations[operation].id), "allowed": true,
        ]
        switch consumer.verdict(question) {
        case .granted(let fields):
            object["reason"] = .string(allowed(operation, department))
            if let fields { object["fields"] = .array(fields.paths.map { .string($0) }) }
        case .refused(let refusal):
            object["allowed"] = false
            object["reason"] = .string(reason(refusal, operation, department))
        }
        return .object(object)
    }

    private func naming(_ operation: Int, _ department: Int) -> [DepartmentGrant] {
        consumer.grants[department].filter { $0.operations & (1 << UInt64(operation)) != 0 }
    }

    private func allowed(_ operation: Int, _ department: Int) -> String {
        let current = naming(operation, department).filter { $0.expires > now }
        if current.contains(where: \.regions.isEmpty) { return "a grant names it" }
        return "a grant names it, for \(Self.list(current.flatMap(\.regions).map(\.description)))"
    }

    private func reason(_ refusal: Consumer.Refusal, _ operation: Int, _ department: Int) -> String {
        let grants = naming(operation, department)
        switch refusal {
        case .notGranted:
            guard grants.isEmpty else { return "the grant has ended\(ended(grants.map(\.expires)))" }
            return consumer.grants[department].isEmpty ? "no grant names the department" : "no grant for the department names the operation"
        case .zoneDenied: return "no grant lets it through from \(zoneName)"
        case .regionScope:
            let regions = Self.list(grants.filter { $0.expires > now }.flatMap(\.regions).map(\.description))
            let own = snapshot.departments[department].region.map { "; the department is in \($0)" } ?? ""
            return "the grant is for \(regions)\(region.map { ", not for \($0)" } ?? own)"
        }
    }

    private func ended(_ ends: [Int64]?) -> String {
        guard let last = ends?.max(), last < .max else { return "" }
        return " on \(CivilTime(epochSeconds: last).dayText)"
    }

    private var zoneName: String { zone.map { "the zone \(snapshot.settings.zones.names[$0])" } ?? "the department's own zone" }

    private func crossing(to other: Int?) -> ZoneCrossing {
        // Where nobody says from where it comes, its own zone is meant: the question is then about the rest.
        snapshot.settings.zones.isEmpty
            ? ZoneCrossing() : zone == nil ? ZoneCrossing(from: other, to: other) : ZoneCrossing(from: zone, to: other)
    }

    private static func list(_ words: [String]) -> String {
        var seen: Set<String> = []
        return words.filter { seen.insert($0).inserted }.joined(separator: ", ")
    }
}
