/// The keys of all consumers by their digests, in as little memory as their number needs: entries in one row, and places of four bytes in
/// which they are looked for. A digest is as good as a hash, and nobody chooses one.
struct KeyTable: Sendable {
    private struct Entry: Sendable {
        let digest: KeyDigest
        let key: ConsumerTable.Key
    }

    private let entries: [Entry]
    /// The number of an entry and one, or nothing; a power of two, at least twice as many as there are entries.
    private let places: [UInt32]

    /// A table of keys, fewer than 2^31.
    init(_ keys: [KeyDigest: ConsumerTable.Key]) {
        let entries = keys.map { Entry(digest: $0.key, key: $0.value) }
        var size = 1
        while size < entries.count * 2 { size *= 2 }
        var places = [UInt32](repeating: 0, count: size)
        for (number, entry) in entries.enumerated() {
            var place = KeyTable.first(entry.digest, size)
            while places[place] != 0 { place = (place + 1) & (size - 1) }
            places[place] = UInt32(number + 1)
        }
        self.entries = entries
        self.places = places
    }

    private static func first(_ digest: KeyDigest, _ size: Int) -> Int { Int(truncatingIfNeeded: digest.words.0) & (size - 1) }

    /// The key of a digest.
    subscript(digest: KeyDigest) -> ConsumerTable.Key? {
        var place = KeyTable.first(digest, places.count)
        // There are free places always.
        while places[place] != 0 {
            let entry = entries[Int(places[place]) - 1]
            if entry.digest == digest { return entry.key }
            place = (place + 1) & (places.count - 1)
        }
        return nil
    }
}
