/// One number of a JSON text (RFC 8259 §6), read without loss.
struct JSONNumber {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let start: Int
    /// The offset behind the number, after `parse`.
    private(set) var end: Int
    /// The first nineteen significant digits as a whole number.
    private var mantissa: UInt64 = 0
    /// How many significant digits were read, leading zeros not counted.
    private var digits = 0
    private var exponent = 0
    private var hasExponent = false

    init(bytes: UnsafeBufferPointer<UInt8>, at start: Int) {
        self.bytes = bytes
        self.start = start
        end = start
    }

    /// The number as a value; nil where the grammar does not hold.
    mutating func parse() -> Value? {
        let negative = take(UInt8(ascii: "-"))
        let whole = end
        guard takeDigits() > 0 else { return nil }
        if bytes[whole] == UInt8(ascii: "0"), end > whole + 1 { return nil }
        var isWhole = true
        if take(UInt8(ascii: ".")) {
            isWhole = false
            let places = takeDigits()
            guard places > 0 else { return nil }
            exponent = -places
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isWhole = false
            hasExponent = true
            guard takeExponent() else { return nil }
        }
        if isWhole, digits <= 19 {
            if mantissa <= UInt64(Int64.max) { return .integer(negative ? -Int64(mantissa) : Int64(mantissa)) }
            if negative, mantissa == UInt64(Int64.max) + 1 { return .integer(.min) }
        }
        return isWhole ? .decimal(source) : fraction(negative: negative)
    }

    private var source: String { String(decoding: bytes[start..<end], as: UTF8.self) }

    @inline(__always)
    private mutating func take(_ byte: UInt8) -> Bool {
        guard end < bytes.count, bytes[end] == byte else { return false }
        end &+= 1
        return true
    }

    @inline(__always)
    private mutating func takeDigits() -> Int {
        let first = end
        while end < bytes.count {
            let digit = bytes[end] &- UInt8(ascii: "0")
            guard digit <= 9 else { break }
            if digits < 19 { mantissa = mantissa &* 10 &+ UInt64(digit) }
            if digits > 0 || digit > 0 { digits &+= 1 }
            end &+= 1
        }
        return end - first
    }

    /// Reads the digits behind `e`; an exponent of more than eight digits counts as out of every range.
    private mutating func takeExponent() -> Bool {
        let negative = take(UInt8(ascii: "-"))
        if !negative { _ = take(UInt8(ascii: "+")) }
        let first = end
        var written = 0
        while end < bytes.count {
            let digit = bytes[end] &- UInt8(ascii: "0")
            guard digit <= 9 else { break }
            if written < 100_000_000 { written = written * 10 + Int(digit) }
            end &+= 1
        }
        exponent += negative ? -written : written
        return end > first
    }

    /// Whether a digit behind the point is none of the zeros.
    private var hasDecimals: Bool {
        bytes[start..<end].reversed().prefix { $0 != UInt8(ascii: ".") }.contains { $0 != UInt8(ascii: "0") }
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ]

    /// A number with a point or an exponent. Up to fifteen significant digits a double gives back what was written (IEEE 754 double
    /// keeps 15.95); a longer one is compared with the double's shortest form.
    private func fraction(negative: Bool) -> Value {
        // 12.50 is an amount with two decimals, and stays one; 20.00 is a whole number.
        if !hasExponent, bytes[end - 1] == UInt8(ascii: "0"), hasDecimals { return .decimal(source) }
        if digits == 0 { return .double(negative ? -0.0 : 0) }
        if digits <= 15, abs(exponent) <= 22 {
            // Mantissa and power are exact, so one correctly rounded operation gives the nearest double (Clinger 1990).
            let power = JSONNumber.powersOfTen[abs(exponent)]
            let size = exponent < 0 ? Double(mantissa) / power : Double(mantissa) * power
            return .double(negative ? -size : size)
        }
        let source = source
        guard let number = Double(source), number.isFinite, number != 0 else { return .decimal(source) }
        let kept = DecimalDigits(of: number.description) == DecimalDigits(of: source)
        return kept ? .double(number) : .decimal(source)
    }
}

/// A decimal number's digits without leading and trailing zeros, and the power of ten of the last one: equal for equal numbers.
private struct DecimalDigits: Equatable {
    var digits: [UInt8] = []
    var exponent = 0

    init(of text: String) {
        var places = 0
        var afterPoint = false
        let bytes = Array(text.utf8)
        var at = 0
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if !digits.isEmpty || byte != UInt8(ascii: "0") { digits.append(byte) }
                if afterPoint { places += 1 }
            case UInt8(ascii: "."): afterPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                exponent = Int(String(decoding: bytes[at...], as: UTF8.self)) ?? .max
                at = bytes.count
            default: break
            }
        }
        exponent = exponent &- places
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent = exponent &+ 1
        }
    }
}
