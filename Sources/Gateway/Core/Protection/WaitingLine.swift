/// The calls that wait for room at a department: bounded, the more urgent first, among equals the one that came first. A call that
/// finds the line full takes the place of the youngest of the least urgent, where that is less urgent than itself.
public struct WaitingLine: Sendable {
    /// One call that waits.
    public struct Place: Sendable {
        /// Whoever made it up knows whose it is.
        public let ticket: UInt64
        /// How urgent.
        public let priority: CallPriority
        /// When it waits no longer, in nanoseconds.
        public let ends: Int64
        /// The endpoints that it may go to.
        let slots: [Int]
    }

    private var places: [[Place]] = Array(repeating: [], count: CallPriority.allCases.count)

    /// An empty one.
    public init() {}

    /// How many wait.
    public var count: Int { places.reduce(0) { $0 + $1.count } }
    /// How many of a priority wait.
    public func count(_ priority: CallPriority) -> Int { places[priority.rawValue].count }
    /// Whether nobody waits.
    public var isEmpty: Bool { places.allSatisfy { $0.isEmpty } }

    /// Whether somebody waits who goes before a newcomer of this priority.
    func isAhead(of priority: CallPriority) -> Bool { places[priority.rawValue...].contains { !$0.isEmpty } }

    /// Enters; nil when there is no place, otherwise the ticket that lost its own, if one did.
    mutating func enter(_ place: Place, limit: Int) -> (displaced: UInt64?, Void)? {
        guard count < limit else {
            guard limit > 0, let least = places.indices.first(where: { !places[$0].isEmpty }), least < place.priority.rawValue,
                let youngest = places[least].popLast()
            else { return nil }
            places[place.priority.rawValue].append(place)
            return (youngest.ticket, ())
        }
        places[place.priority.rawValue].append(place)
        return (nil, ())
    }

    /// The one whose turn it is.
    var first: Place? { places.last { !$0.isEmpty }?.first }

    /// Takes the one whose turn it is.
    mutating func popFirst() -> Place? {
        guard let index = places.lastIndex(where: { !$0.isEmpty }) else { return nil }
        return places[index].removeFirst()
    }

    /// Leaves; no effect when it is not there.
    mutating func leave(_ ticket: UInt64) {
        for index in places.indices { places[index].removeAll { $0.ticket == ticket } }
    }

    /// Takes out those whose time is up.
    mutating func expire(now: Int64) -> [UInt64] {
        guard !isEmpty else { return [] }
        var expired: [UInt64] = []
        for index in places.indices {
            expired += places[index].filter { $0.ends <= now }.map(\.ticket)
            places[index].removeAll { $0.ends <= now }
        }
        return expired
    }
}
