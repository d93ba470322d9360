import Glibc

/// A growing output buffer whose appends are plain stores.
struct ByteSink: ~Copyable {
    private var base: UnsafeMutablePointer<UInt8>
    private(set) var capacity: Int
    private(set) var count = 0

    init(capacity: Int = 2048) {
        base = .allocate(capacity: capacity)
        self.capacity = capacity
    }

    deinit { base.deallocate() }

    /// What was written; valid for the call only.
    borrowing func withBytes<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(UnsafeBufferPointer(start: base, count: count))
    }

    /// Forgets what was written behind the first `shorter` bytes.
    @inline(__always)
    mutating func truncate(to shorter: Int) { count = min(max(shorter, 0), count) }

    /// What was written from an offset on, as a string. It must be UTF-8.
    @inline(__always)
    borrowing func string(from start: Int) -> String {
        UTF8Text.string(validated: UnsafeBufferPointer(start: base + start, count: max(0, count - start)))
    }

    /// Whether a byte from an offset on satisfies a condition.
    borrowing func contains(from start: Int, where isWanted: (UInt8) -> Bool) -> Bool {
        UnsafeBufferPointer(start: base + start, count: max(0, count - start)).contains(where: isWanted)
    }

    /// The last byte that was written; nil when there is none.
    @inline(__always)
    var last: UInt8? { count > 0 ? base[count - 1] : nil }

    @inline(__always)
    mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { append($0) } }

    /// Makes room for `more` bytes.
    @inline(__always)
    mutating func reserve(_ more: Int) {
        if capacity &- count < more { grow(more) }
    }

    @inline(never)
    private mutating func grow(_ more: Int) {
        let larger = max(capacity * 2, count + more)
        let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        moved.update(from: base, count: count)
        base.deallocate()
        base = moved
        capacity = larger
    }

    @inline(__always)
    mutating func append(_ byte: UInt8) {
        reserve(1)
        base[count] = byte
        count &+= 1
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        reserve(bytes.count)
        memcpy(base + count, source, bytes.count)
        count &+= bytes.count
    }

    /// Lets `body` write into the room that was reserved and appends as many bytes as it says it wrote.
    mutating func appendUninitialized(_ body: (UnsafeMutableBufferPointer<UInt8>) -> Int) {
        let written = body(UnsafeMutableBufferPointer(start: base + count, count: capacity - count))
        count += min(max(written, 0), capacity - count)
    }

    @inline(__always)
    mutating func append(_ word: StaticString) {
        append(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    @inline(__always)
    mutating func append(text: String) {
        let span = text.utf8.span
        span.withUnsafeBufferPointer { append($0) }
    }

    /// Appends the bytes, putting what `replacement` gives in the place of every byte that `isPlain` denies.
    @inline(__always)
    mutating func append(
        _ bytes: UnsafeBufferPointer<UInt8>, unless isPlain: (UInt8) -> Bool, replacement: (UInt8, inout ByteSink) -> Void
    ) {
        var run = 0
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            if !isPlain(byte) {
                append(UnsafeBufferPointer(rebasing: bytes[run..<at]))
                replacement(byte, &self)
                run = at &+ 1
            }
            at &+= 1
        }
        append(UnsafeBufferPointer(rebasing: bytes[run...]))
    }
}
