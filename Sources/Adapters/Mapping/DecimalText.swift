/// A decimal number as text: an optional sign, digits, an optional fraction. Arithmetic on it is exact.
struct DecimalText: Sendable, Hashable {
    private let isNegative: Bool
    private let whole: [UInt8]
    private let fraction: [UInt8]

    /// Reads `-12.50`; nil for exponents, blanks, empty parts, or more than 64 digits.
    init?(_ text: String) {
        var bytes = Array(text.utf8)
        isNegative = bytes.first == 0x2D
        if isNegative || bytes.first == 0x2B { bytes.removeFirst() }
        let halves = bytes.split(separator: 0x2E, maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = halves.first, !first.isEmpty, bytes.count <= 64, halves.count < 2 || halves.last?.isEmpty == false,
            halves.allSatisfy({ $0.allSatisfy { (0x30...0x39).contains($0) } })
        else { return nil }
        whole = Array(first)
        fraction = halves.count == 2 ? halves.last.map { Array($0) } ?? [] : []
    }

    private init(isNegative: Bool, whole: [UInt8], fraction: [UInt8]) {
        self.isNegative = isNegative
        self.whole = whole
        self.fraction = fraction
    }

    /// A number with a comma between thousands, `1,234,567.80`.
    static func grouped(_ number: String) -> String {
        let sign = number.prefix { $0 == "-" }
        let whole = Array(number.dropFirst(sign.count).prefix { $0 != "." })
        var out = String(sign)
        for (position, digit) in whole.enumerated() {
            if position > 0, (whole.count - position).isMultiple(of: 3) { out += "," }
            out.append(digit)
        }
        return out + number.drop { $0 != "." }
    }

    /// Nothing.
    static let zero = DecimalText(isNegative: false, whole: [0x30], fraction: [])

    /// The exact sum, with as many decimals as the number that has more.
    func adding(_ other: DecimalText) -> DecimalText {
        let places = max(fraction.count, other.fraction.count)
        let length = max(whole.count, other.whole.count) + places
        let (own, others) = (digits(length, places), other.digits(length, places))
        guard isNegative != other.isNegative else {
            return DecimalText(isNegative: isNegative, digits: DecimalText.sum(own, others, sign: 1), places: places)
        }
        // The larger decides the sign.
        let isLess = own.lexicographicallyPrecedes(others)
        let difference = isLess ? DecimalText.sum(others, own, sign: -1) : DecimalText.sum(own, others, sign: -1)
        let isZero = difference.allSatisfy { $0 == 0 }
        return DecimalText(isNegative: !isZero && (isLess ? other.isNegative : isNegative), digits: difference, places: places)
    }

    /// The digits of the number times 10 to the power of `places`, `length` of them.
    private func digits(_ length: Int, _ places: Int) -> [Int] {
        let digits = (whole + fraction).map { Int($0) - 0x30 } + [Int](repeating: 0, count: places - fraction.count)
        return [Int](repeating: 0, count: length - digits.count) + digits
    }

    private init(isNegative: Bool, digits: [Int], places: Int) {
        let bytes = digits.map { UInt8($0 + 0x30) }
        // Without leading zeros: a long sum would otherwise have a digit for every number in it.
        let whole = bytes.dropLast(places).drop { $0 == 0x30 }
        self.init(isNegative: isNegative, whole: whole.isEmpty ? [0x30] : Array(whole), fraction: Array(bytes.suffix(places)))
    }

    /// The digits of `left` plus those of `right`, or minus them where `sign` is negative and `left` is not less; one digit longer.
    private static func sum(_ left: [Int], _ right: [Int], sign: Int) -> [Int] {
        var out = [Int](repeating: 0, count: left.count + 1)
        var carry = 0
        for at in left.indices.reversed() {
            let digit = left[at] + sign * right[at] + carry
            carry = digit < 0 ? -1 : digit / 10
            out[at + 1] = digit - 10 * carry
        }
        out[0] = carry
        return out
    }

    /// Whether there is nothing behind the point.
    var isWhole: Bool { fraction.allSatisfy { $0 == 0x30 } }

    /// The number as JSON writes it (RFC 8259 §6): no leading zeros.
    var text: String {
        let digits = Array(whole.drop { $0 == 0x30 })
        let head = (isNegative ? [0x2D] : []) + (digits.isEmpty ? [0x30] : digits)
        return String(decoding: fraction.isEmpty ? head : head + [0x2E] + fraction, as: UTF8.self)
    }

    /// The number with its point moved to the right (or left, when `places` is negative), without needless zeros after the point.
    func shifted(_ places: Int) -> String {
        var (head, tail) = (whole, fraction)
        for _ in 0..<max(0, places) { head.append(tail.isEmpty ? 0x30 : tail.removeFirst()) }
        for _ in 0..<max(0, -places) { tail.insert(head.popLast() ?? 0x30, at: 0) }
        while tail.last == 0x30 { tail.removeLast() }
        return DecimalText(isNegative: isNegative, whole: head, fraction: tail).text
    }

    /// What happens to digits that are cut off.
    enum Rounding: String, CaseIterable, Sendable {
        /// 0.5 goes away from zero.
        case halfUp = "half-up"
        /// 0.5 goes to the even neighbour.
        case halfEven = "half-even"
        /// They are forgotten.
        case down
    }

    /// The number with exactly so many decimals.
    func rounded(to places: Int, _ rounding: Rounding) -> String {
        if fraction.count <= places {
            let filled = fraction + [UInt8](repeating: 0x30, count: places - fraction.count)
            return DecimalText(isNegative: isNegative, whole: whole, fraction: filled).text
        }
        var digits = whole + fraction.prefix(places)
        if roundsAway(cut: fraction.dropFirst(places), last: digits.last ?? 0x30, rounding) {
            var at = digits.count - 1
            while at >= 0, digits[at] == 0x39 {
                digits[at] = 0x30
                at -= 1
            }
            if at >= 0 { digits[at] += 1 } else { digits.insert(0x31, at: 0) }
        }
        let isZero = digits.allSatisfy { $0 == 0x30 }
        let point = digits.count - places
        return DecimalText(isNegative: isNegative && !isZero, whole: Array(digits[..<point]), fraction: Array(digits[point...])).text
    }

    private func roundsAway(cut: ArraySlice<UInt8>, last: UInt8, _ rounding: Rounding) -> Bool {
        guard rounding != .down, let first = cut.first, first >= 0x35 else { return false }
        let isHalf = first == 0x35 && cut.dropFirst().allSatisfy { $0 == 0x30 }
        return !isHalf || rounding == .halfUp || !last.isMultiple(of: 2)
    }
}

/// A step from one unit of money to another: 分, 元, 万元.
enum MoneyStep: String, CaseIterable, Sendable {
    case fenToYuan = "fen-to-yuan"
    case yuanToFen = "yuan-to-fen"
    case yuanToWan = "yuan-to-wan"
    case wanToYuan = "wan-to-yuan"

    /// How far the decimal point moves to the right.
    var places: Int {
        switch self {
        case .fenToYuan: -2
        case .yuanToFen: 2
        case .yuanToWan: -4
        case .wanToYuan: 4
        }
    }
}
