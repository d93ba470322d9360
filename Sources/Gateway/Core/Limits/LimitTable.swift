/// Numbers by key: a table with open addressing, 24 bytes for each place and at most seven eighths of them taken. What is worth
/// nothing any more goes when room is needed, so that the table is as large as what is alive. Pure; behind a lock of its owner's.
struct LimitTable: Sendable {
    private struct Place: Sendable {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var value: Int64 = 0
    }

    private var places: [Place] = []
    private(set) var count = 0
    private let most: Int

    /// A table of at most so many places, a power of two.
    init(most: Int) { self.most = most }

    /// Bytes that it takes.
    var bytes: Int { places.capacity * MemoryLayout<Place>.stride }

    /// Where a key stands, or the free place where it would.
    private func find(_ key: LimitKey) -> Int {
        let mask = places.count - 1
        var index = Int(truncatingIfNeeded: key.low) & mask
        while places[index].high != 0, places[index].high != key.high || places[index].low != key.low { index = (index + 1) & mask }
        return index
    }

    /// The value of a key; nil when it has none.
    subscript(key: LimitKey) -> Int64? {
        guard !places.isEmpty else { return nil }
        let place = places[find(key)]
        return place.high == 0 ? nil : place.value
    }

    /// Changes the value of a key, which is `fresh` when it has none. False, and nothing is changed, when there is no room for another.
    /// `isAlive` says of a value whether it is worth keeping.
    mutating func update(_ key: LimitKey, fresh: Int64, isAlive: (Int64) -> Bool, _ change: (inout Int64) -> Void) -> Bool {
        if (count + 1) * 8 > places.count * 7 { makeRoom(isAlive) }
        guard !places.isEmpty else { return false }
        let index = find(key)
        if places[index].high == 0 {
            guard (count + 1) * 8 <= places.count * 7 else { return false }
            places[index] = Place(high: key.high, low: key.low, value: fresh)
            count += 1
        }
        change(&places[index].value)
        return true
    }

    /// Drops what is worth nothing, and doubles the table when more than half of it is still taken.
    private mutating func makeRoom(_ isAlive: (Int64) -> Bool) {
        let alive = places.filter { $0.high != 0 && isAlive($0.value) }
        var size = max(16, places.count)
        while size < most, alive.count * 2 > size { size *= 2 }
        places = Array(repeating: Place(), count: size)
        count = alive.count
        for place in alive { places[find(LimitKey(high: place.high, low: place.low))] = place }
    }

    /// Every key with its value.
    func forEach(_ body: (LimitKey, Int64) -> Void) {
        for place in places where place.high != 0 { body(LimitKey(high: place.high, low: place.low), place.value) }
    }
}
