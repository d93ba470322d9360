/// Writes text byte by byte into memory that someone else owns, without building a String. What does not fit is not
/// written and sets `overflowed`; nothing is ever written outside the memory.
@frozen
package struct ByteCursor {
    @usableFromInline let buffer: UnsafeMutableRawBufferPointer
    /// How many bytes were written.
    @usableFromInline package var count = 0
    /// Whether something did not fit.
    @usableFromInline package var overflowed = false

    /// A cursor at the beginning of `buffer`, which must outlive it.
    @inlinable
    package init(_ buffer: UnsafeMutableRawBufferPointer) { self.buffer = buffer }

    /// Writes one byte.
    @inlinable
    package mutating func write(_ byte: UInt8) {
        guard count < buffer.count else {
            overflowed = true
            return
        }
        buffer[count] = byte
        count &+= 1
    }

    /// Writes bytes.
    @inlinable
    package mutating func write(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= buffer.count &- count else {
            overflowed = true
            return
        }
        UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: bytes)
        count &+= bytes.count
    }

    /// Writes a literal.
    @inlinable
    package mutating func write(_ text: StaticString) {
        guard text.hasPointerRepresentation else { return write(scalar: text.unicodeScalar) }
        write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @usableFromInline
    mutating func write(scalar: Unicode.Scalar) {
        for byte in UTF8.encode(scalar) ?? .init() { write(byte) }
    }

    /// Writes an array.
    @inlinable
    package mutating func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { write($0) }
    }

    /// Writes a decimal number.
    @inlinable
    package mutating func write(decimal number: Int64) {
        if number < 0 { write(UInt8(ascii: "-")) }
        var rest = number.magnitude
        if rest < 10 { return write(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest)) }
        var length = 0
        var scale = rest
        while scale > 0 {
            scale /= 10
            length &+= 1
        }
        guard length <= buffer.count &- count else {
            overflowed = true
            return
        }
        var at = count &+ length
        while rest > 0 {
            at &-= 1
            buffer[at] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count &+= length
    }

    /// Writes a number with leading zeros; digits beyond `width` are cut off.
    @inlinable
    package mutating func write(_ number: Int, width: Int) {
        guard width <= buffer.count &- count else {
            overflowed = true
            return
        }
        var rest = number
        var at = count &+ width
        while at > count {
            at &-= 1
            buffer[at] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count &+= width
    }

    /// Writes 16 lower-case hexadecimal digits.
    @inlinable
    package mutating func write(hex number: UInt64) {
        var shift: UInt64 = 64
        while shift > 0 {
            shift &-= 4
            let digit = UInt8(truncatingIfNeeded: number &>> shift) & 15
            write(digit < 10 ? UInt8(ascii: "0") &+ digit : UInt8(ascii: "a") &- 10 &+ digit)
        }
    }
}

extension ByteCursor {
    /// Writes a range of bytes; one outside them counts as not fitting.
    package mutating func write(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else {
            overflowed = true
            return
        }
        write(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }

    /// Writes a text.
    package mutating func write(text: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0)) }
    }

    /// Lets `body` write in place; it returns how many bytes it wrote.
    package mutating func write(with body: (UnsafeMutableRawBufferPointer) -> Int) {
        count += body(UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
    }
}
