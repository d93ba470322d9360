/// A dynamic table (RFC 7541 §2.3.2, §4): the newest entry first, the oldest evicted when there is no room. The bytes of all
/// entries stand in one array, oldest first.
struct HPACKTable: Sendable {
    /// One entry.
    struct Entry: Sendable {
        var start: Int32
        let nameCount: Int32
        let valueCount: Int32
        let kind: FieldKind
        /// Of name and value, for whoever looks for them; a decoder does not.
        var hash: UInt64 = 0
        /// Of the name.
        var nameHash: UInt64 = 0

        var size: Int { Int(nameCount) + Int(valueCount) + 32 }
    }

    /// The most that the entries may have together.
    private(set) var maximum: Int
    /// What they have (RFC 7541 §4.1).
    private(set) var size = 0

    private var entries = ContiguousArray<Entry>()
    private var firstEntry = 0
    private var bytes: [UInt8] = []
    private var firstByte = 0

    /// An empty table.
    init(maximum: Int) { self.maximum = maximum }

    /// How many entries there are.
    @inline(__always)
    var count: Int { entries.count &- firstEntry }

    /// The entry at a place, 0 for the newest; nil when there is none.
    @inline(__always)
    func entry(_ place: Int) -> Entry? {
        guard place >= 0, place < count else { return nil }
        return entries[entries.count &- 1 &- place]
    }

    /// Lets `body` read the bytes of all entries; an entry's name stands at its `start`, its value behind it.
    @inline(__always)
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R { bytes.withUnsafeBytes { body($0) } }

    /// Changes the room (RFC 7541 §4.3).
    mutating func resize(_ maximum: Int) {
        self.maximum = maximum
        evict(0)
    }

    /// Evicts until so many bytes more have room.
    private mutating func evict(_ more: Int) {
        while size + more > maximum, firstEntry < entries.count {
            let oldest = entries[firstEntry]
            size -= oldest.size
            firstByte += Int(oldest.nameCount + oldest.valueCount)
            firstEntry += 1
        }
        if firstEntry == entries.count {
            entries.removeAll(keepingCapacity: true)
            bytes.removeAll(keepingCapacity: true)
            (firstEntry, firstByte) = (0, 0)
        } else if firstEntry > 64 || firstByte > 4096 {
            compact()
        }
    }

    private mutating func compact() {
        entries.removeSubrange(..<firstEntry)
        bytes.removeSubrange(..<firstByte)
        for index in entries.indices { entries[index].start -= Int32(truncatingIfNeeded: firstByte) }
        (firstEntry, firstByte) = (0, 0)
    }

    /// Adds an entry whose name and value stand one behind the other. One that is larger than the table empties it (RFC 7541 §4.4).
    mutating func insert(
        _ text: UnsafeRawBufferPointer, nameCount: Int, kind: FieldKind, hash: UInt64 = 0, nameHash: UInt64 = 0
    ) {
        evict(text.count + 32)
        guard text.count + 32 <= maximum, nameCount <= text.count else { return }
        entries.append(
            Entry(
                start: Int32(truncatingIfNeeded: bytes.count), nameCount: Int32(truncatingIfNeeded: nameCount),
                valueCount: Int32(truncatingIfNeeded: text.count - nameCount), kind: kind, hash: hash, nameHash: nameHash))
        bytes.append(contentsOf: text)
        size += text.count + 32
    }

    /// Calls `body` with each entry's place and the entry, the newest first, until it says that it is found.
    @inline(__always)
    func search(_ found: (Entry) -> Bool) -> Int? {
        entries.withUnsafeBufferPointer { entries in
            var index = entries.count &- 1
            while index >= firstEntry {
                if found(entries[index]) { return entries.count &- 1 &- index }
                index &-= 1
            }
            return nil
        }
    }
}
