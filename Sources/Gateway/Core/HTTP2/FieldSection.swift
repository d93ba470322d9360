/// The fields of one block as they were decoded, in their order: bytes in one piece of memory, and where each name and value stands. Used
/// again for the next block, so that decoding allocates nothing.
package struct FieldSection: Sendable {
    /// One field.
    struct Field: Sendable {
        let name: Int32
        let nameCount: Int32
        let value: Int32
        let valueCount: Int32
        let kind: FieldKind
    }

    /// What SETTINGS_MAX_HEADER_LIST_SIZE bounds: names, values, and 32 for each field (RFC 9113 §6.5.2, RFC 7541 §4.1).
    package private(set) var size = 0
    /// Whether it is larger than it may be; nothing of it is kept then.
    package private(set) var isTooLarge = false

    private(set) var fields = ContiguousArray<Field>()
    private var memory: [UInt8] = []
    private var used = 0
    private let most: Int

    /// A section that keeps fields of this size at most.
    package init(most: Int) { self.most = most }

    /// Makes ready for the next block. Memory that an unusual one took is given back.
    mutating func reset() {
        fields.removeAll(keepingCapacity: true)
        used = 0
        size = 0
        isTooLarge = false
        if memory.count > 16_384 { memory = [] }
    }

    /// The bytes of all of them; positions count from the first.
    @inline(__always)
    func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R { memory.withUnsafeBytes { body($0) } }

    /// How many bytes the names and values have.
    var textBytes: Int { used }

    // MARK: What the decoder does

    /// Where the next text begins.
    @inline(__always)
    var end: Int { used }

    /// Lets `write` put a text of at most so many bytes behind the last one; it says how many it wrote, or nil, which passes through.
    @inline(__always)
    mutating func append(_ most: Int, _ write: (UnsafeMutableRawBufferPointer) -> Int?) -> Int? {
        if memory.count - used < most { grow(most) }
        let start = used
        let count = memory.withUnsafeMutableBytes { bytes in
            write(UnsafeMutableRawBufferPointer(rebasing: bytes[start..<start + most]))
        }
        guard let count else { return nil }
        used += min(max(count, 0), most)
        return count
    }

    private mutating func grow(_ most: Int) {
        let wanted = max(used + most, memory.count * 2, 1024)
        memory.append(contentsOf: repeatElement(0, count: wanted - memory.count))
    }

    /// Ends a field whose name and value were put there, one behind the other.
    @inline(__always)
    mutating func close(from name: Int, nameCount: Int, kind: FieldKind) {
        let value = name + nameCount
        let valueCount = used - value
        size += nameCount + valueCount + 32
        if size > most { isTooLarge = true }
        guard !isTooLarge else {
            fields.removeAll(keepingCapacity: true)
            used = 0
            return
        }
        fields.append(
            Field(
                name: Int32(truncatingIfNeeded: name), nameCount: Int32(truncatingIfNeeded: nameCount),
                value: Int32(truncatingIfNeeded: value), valueCount: Int32(truncatingIfNeeded: valueCount), kind: kind))
    }

    /// Counts a field that is not to be kept, without its bytes.
    mutating func skip(_ bytes: Int) {
        size += bytes + 32
        isTooLarge = true
    }

    /// Whether it is so much larger than it may be that reading on would only be work.
    var isFlood: Bool { size > max(8 * most, 1 << 18) }

    /// Whether a field of so many bytes is only to be counted.
    @inline(__always)
    func isOver(with bytes: Int) -> Bool { isTooLarge || size + bytes + 32 > most }
}

extension FieldSection {
    /// The fields as texts, for tests.
    package var texts: [(name: [UInt8], value: [UInt8])] {
        withBytes { bytes in
            fields.map { field in
                (
                    Array(bytes[Int(field.name)..<Int(field.name + field.nameCount)]),
                    Array(bytes[Int(field.value)..<Int(field.value + field.valueCount)])
                )
            }
        }
    }
}
