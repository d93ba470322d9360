/// Writes text and numbers into memory somebody else owns, without a String in between. What does not fit is dropped and
/// said in `overflowed`; nothing is ever written past the end.
public struct ByteCursor {
    private let memory: UnsafeMutableRawBufferPointer
    /// How many bytes are written.
    public private(set) var count = 0
    /// Whether something did not fit.
    public private(set) var overflowed = false

    /// A cursor at the start of `memory`.
    public init(_ memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

    /// Appends bytes.
    @inline(__always)
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard memory.count - count >= bytes.count else { return overflowed = true }
        if let source = bytes.baseAddress, let target = memory.baseAddress {
            (target + count).copyMemory(from: source, byteCount: bytes.count)
        }
        count += bytes.count
    }

    /// Appends a range of bytes.
    @inline(__always)
    public mutating func append(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return overflowed = true }
        append(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }

    /// Appends constant text.
    @inline(__always)
    public mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends text.
    public mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends one byte.
    public mutating func append(byte: UInt8) {
        guard count < memory.count else { return overflowed = true }
        memory[count] = byte
        count += 1
    }

    /// Appends a number in decimal.
    public mutating func append(decimal number: UInt64) {
        var digits: InlineArray<20, UInt8> = .init(repeating: 0)
        var left = number
        var start = 20
        repeat {
            start -= 1
            digits[start] = 0x30 + UInt8(truncatingIfNeeded: left % 10)
            left /= 10
        } while left > 0
        for index in start..<20 { append(byte: digits[index]) }
    }

    /// Lets `body` write up to `length` bytes in place.
    public mutating func append(length: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
        guard memory.count - count >= length else { return overflowed = true }
        body(UnsafeMutableRawBufferPointer(rebasing: memory[count..<count + length]))
        count += length
    }
}
