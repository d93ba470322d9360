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
    @inlinable @inline(__always)
    package mutating func write(_ byte: UInt8) {
        guard count < buffer.count else {
            overflowed = true
            return
        }
        buffer[count] = byte
        count &+= 1
    }

    /// Writes bytes.
    @inlinable @inline(__always)
    package mutating func write(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= buffer.count &- count else {
            overflowed = true
            return
        }
        UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: bytes)
        count &+= bytes.count
    }

    /// Writes a literal.
    @inlinable @inline(__always)
    package mutating func write(_ text: StaticString) {
        guard text.hasPointerRepresentation else { return write(scalar: text.unicodeScalar) }
        write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @usableFromInline
    mutating func write(scalar: Unicode.Scalar) {
        for byte in UTF8.encode(scalar) ?? .init() { write(byte) }
    }

    /// Writes an array.
    @inlinable @inline(__always)
    package mutating func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { write($0) }
    }

    /// Writes the low `length` bytes of a word, at most eight, when there is room for all eight; false when there is not.
    @inlinable @inline(__always)
    package mutating func write(word: UInt64, length: Int) -> Bool {
        guard buffer.count &- count >= 8 else { return false }
        buffer.storeBytes(of: word.littleEndian, toByteOffset: count, as: UInt64.self)
        count &+= length
        return true
    }

    /// Writes a decimal number.
    @inlinable
    package mutating func write(decimal number: Int64) {
        if number < 0 { write(UInt8(ascii: "-")) }
        var rest = number.magnitude
        if rest < 10 { return write(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest)) }
        var length = 1
        var scale: UInt64 = 10
        while length < 19, rest >= scale {
            scale &*= 10
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
        guard buffer.count &- count >= 16 else {
            overflowed = true
            return
        }
        let high = ByteCursor.hexDigits(UInt32(truncatingIfNeeded: number &>> 32))
        let low = ByteCursor.hexDigits(UInt32(truncatingIfNeeded: number))
        buffer.storeBytes(of: high, toByteOffset: count, as: UInt64.self)
        buffer.storeBytes(of: low, toByteOffset: count &+ 8, as: UInt64.self)
        count &+= 16
    }

    /// Eight digits as eight bytes in memory order: the half bytes are spread, then `a` to `f` are lifted above `9`.
    @inlinable
    static func hexDigits(_ number: UInt32) -> UInt64 {
        var word = UInt64(number)
        word = (word & 0xFFFF) &<< 32 | word &>> 16
        word = (word & 0x0000_00FF_0000_00FF) &<< 16 | (word & 0x0000_FF00_0000_FF00) &>> 8
        word = (word & 0x000F_000F_000F_000F) &<< 8 | (word & 0x00F0_00F0_00F0_00F0) &>> 4
        let letters = (word &+ 0x0606_0606_0606_0606) &>> 4 & 0x0101_0101_0101_0101
        return (word &+ 0x3030_3030_3030_3030 &+ letters &* 0x27).littleEndian
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
