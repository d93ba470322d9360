/// The order of numbers by their exact value, whichever of the three forms of `Value` holds them.
///
/// A whole double within 64 bits counts as exactly that integer. Any other double counts as its shortest decimal text, because that is
/// what the document wrote: `1.1` is 1.1, not 1.100000000000000088817841970012523.
enum NumberOrder {
    /// The order of two numbers; nil when one of the values is none, or is not finite.
    static func compare(_ left: Value, _ right: Value) -> ValueOrder? {
        switch (left, right) {
        case (.integer(let left), .integer(let right)): .of(left, right)
        case (.double(let left), .double(let right)): left.isNaN || right.isNaN ? nil : .of(left, right)
        case (.integer(let left), .double(let right)): compare(left, right)
        case (.double(let left), .integer(let right)): compare(right, left)?.reversed
        default:
            if let left = DecimalNumber(left), let right = DecimalNumber(right) { DecimalNumber.order(left, right) } else { nil }
        }
    }

    /// The order of a number and a text that is one: `-` or nothing, digits, a fraction, an exponent; zeros may lead. Nil when it is none.
    static func compare(_ number: Value, text: String) -> ValueOrder? {
        if case .integer(let left) = number, text.utf8.count < 19, text.utf8.first != UInt8(ascii: "+"), let right = Int64(text) {
            return .of(left, right)
        }
        guard let right = DecimalNumber(text), let left = DecimalNumber(number) else { return nil }
        return DecimalNumber.order(left, right)
    }

    /// An integer and a double, without rounding the one to the other.
    private static func compare(_ left: Int64, _ right: Double) -> ValueOrder? {
        guard !right.isNaN else { return nil }
        // 2^63 and -2^63 are doubles; between them the whole part is an Int64.
        if right >= 0x1p63 { return .less }
        if right < -0x1p63 { return .greater }
        let whole = Int64(right)
        if left != whole { return .of(left, whole) }
        return .of(0, right - Double(whole))
    }
}

/// A number as its decimal digits: ±0.d₁d₂d₃… × 10^point, d₁ and the last digit not 0; no digits for zero.
struct DecimalNumber {
    private var isNegative = false
    private var digits: [UInt8] = []
    private var point = 0

    /// The digits of a number; nil for everything else.
    init?(_ value: Value) {
        switch value {
        case .integer(let number): self.init(String(number))
        case .double(let number): self.init(Int64(exactly: number).map { String($0) } ?? "\(number)")
        case .decimal(let text): self.init(text)
        case .null, .bool, .string, .array, .object: return nil
        }
    }

    /// Reads `-`? digits (`.` digits)? (`e` sign? digits)?; zeros may lead. An exponent beyond ±10^17 counts as that.
    init?(_ text: String) {
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "-") {
            isNegative = true
            rest = rest.dropFirst()
        }
        let whole = Self.takeDigits(&rest)
        guard !whole.isEmpty else { return nil }
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            fraction = Self.takeDigits(&rest)
            guard !fraction.isEmpty else { return nil }
        }
        var exponent = 0
        if let letter = rest.first {
            guard letter == UInt8(ascii: "e") || letter == UInt8(ascii: "E") else { return nil }
            rest = rest.dropFirst()
            guard let value = Self.exponent(rest) else { return nil }
            exponent = value
        }
        let significant = whole.drop { $0 == UInt8(ascii: "0") }
        digits.reserveCapacity(significant.count + fraction.count)
        digits.append(contentsOf: significant)
        digits.append(contentsOf: fraction)
        let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
        digits.removeFirst(leading)
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        if digits.isEmpty { isNegative = false } else { point = significant.count - leading + exponent }
    }

    /// The order of two numbers.
    static func order(_ left: DecimalNumber, _ right: DecimalNumber) -> ValueOrder {
        if left.isNegative != right.isNegative { return left.isNegative ? .less : .greater }
        let magnitude = magnitudeOrder(left, right)
        return left.isNegative ? magnitude.reversed : magnitude
    }

    private static func magnitudeOrder(_ left: DecimalNumber, _ right: DecimalNumber) -> ValueOrder {
        if left.digits.isEmpty || right.digits.isEmpty { return .of(left.digits.count, right.digits.count) }
        if left.point != right.point { return .of(left.point, right.point) }
        if left.digits == right.digits { return .equal }
        return left.digits.lexicographicallyPrecedes(right.digits) ? .less : .greater
    }

    private static func takeDigits(_ text: inout Substring.UTF8View) -> Substring.UTF8View {
        let digits = text.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        text = text[digits.endIndex...]
        return digits
    }

    private static func exponent(_ text: Substring.UTF8View) -> Int? {
        var rest = text
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        let digits = takeDigits(&rest)
        guard !digits.isEmpty, rest.isEmpty else { return nil }
        let bound = 100_000_000_000_000_000
        let magnitude = digits.reduce(0) { $0 >= bound ? bound : min(bound, $0 * 10 + Int($1 - UInt8(ascii: "0"))) }
        return isNegative ? -magnitude : magnitude
    }
}
