internal import Glibc

/// A frozen hash table from byte strings to values, searched without making a String. Built once at load; lookup does not
/// depend on how many keys there are. Keys come from configuration, so a fixed hash is safe.
public struct ByteMap<Element: Sendable>: Sendable {
    private let blob: [UInt8]
    private let ends: [Int32]
    private let elements: [Element]
    /// Open addressing; 0 is empty, otherwise one more than the key's index. A power of two, at most half full.
    private let slots: [Int32]

    /// Builds the table; the first of two equal keys wins.
    public init(_ pairs: [(key: [UInt8], element: Element)]) {
        var size = 8
        while size < pairs.count * 2 { size *= 2 }
        var slots = [Int32](repeating: 0, count: size)
        var blob: [UInt8] = []
        var ends: [Int32] = []
        var elements: [Element] = []
        for (key, element) in pairs {
            var slot = Int(truncatingIfNeeded: key.withUnsafeBytes(Self.hash)) & (size - 1)
            var known = false
            while slots[slot] != 0, !known {
                known = key.withUnsafeBytes { Self.equal(blob, ends, Int(slots[slot]) - 1, $0) }
                slot = (slot + 1) & (size - 1)
            }
            if known { continue }
            elements.append(element)
            blob += key
            ends.append(Int32(blob.count))
            slots[slot] = Int32(elements.count)
        }
        self.blob = blob
        self.ends = ends
        self.elements = elements
        self.slots = slots
    }

    /// How many keys there are.
    public var count: Int { elements.count }

    /// The value of a key.
    public func find(_ key: UnsafeRawBufferPointer) -> Element? {
        if elements.isEmpty { return nil }
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: Self.hash(key)) & mask
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if Self.equal(blob, ends, index, key) { return elements[index] }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// The value of a key given as text; for load time.
    public func find(_ key: String) -> Element? { Array(key.utf8).withUnsafeBytes(find) }

    private static func equal(_ blob: [UInt8], _ ends: [Int32], _ index: Int, _ key: UnsafeRawBufferPointer) -> Bool {
        let range = (index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])
        guard range.count == key.count, let base = key.baseAddress else { return range.count == key.count }
        return blob.withUnsafeBytes { memory in
            UnsafeRawBufferPointer(rebasing: memory[range]).baseAddress.map { memcmp($0, base, key.count) == 0 } ?? true
        }
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15 ^ UInt64(bytes.count)
        var offset = 0
        while offset + 8 <= bytes.count {
            hash = (hash ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) &* 0xFF51_AFD7_ED55_8CCD
            hash ^= hash >> 32
            offset += 8
        }
        while offset < bytes.count {
            hash = (hash ^ UInt64(bytes[offset])) &* 0x0000_0100_0000_01B3
            offset += 1
        }
        return hash ^ (hash >> 29)
    }
}
