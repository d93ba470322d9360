/// Numbers in JSON's grammar (RFC 8259 §6) as text, without loss and without exponents.
enum PlainNumber {
    /// The most digits a number may be written out to.
    static let digitLimit = 400

    /// A number taken apart: sign, digits without the point, and how many of them stand before it.
    private struct Parts {
        var isNegative = false
        var digits: [UInt8] = []
        var point = 0
    }

    private static func parts(_ text: String) -> Parts? {
        var parts = Parts()
        var bytes = Array(text.utf8)[...]
        if bytes.first == UInt8(ascii: "-") {
            parts.isNegative = true
            bytes.removeFirst()
        }
        let whole = bytes.prefix { $0 &- 48 < 10 }
        guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else { return nil }
        bytes = bytes.dropFirst(whole.count)
        parts.digits += whole
        parts.point = whole.count
        if bytes.first == UInt8(ascii: ".") {
            let fraction = bytes.dropFirst().prefix { $0 &- 48 < 10 }
            guard !fraction.isEmpty else { return nil }
            parts.digits += fraction
            bytes = bytes.dropFirst(1 + fraction.count)
        }
        if bytes.first == UInt8(ascii: "e") || bytes.first == UInt8(ascii: "E") {
            var exponent = bytes.dropFirst()
            let sign = exponent.first
            if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { exponent.removeFirst() }
            guard !exponent.isEmpty, exponent.count <= 9, exponent.allSatisfy({ $0 &- 48 < 10 }) else { return nil }
            let size = exponent.reduce(0) { $0 * 10 + Int($1) - 48 }
            parts.point += sign == UInt8(ascii: "-") ? -size : size
            bytes = bytes.suffix(0)
        }
        return bytes.isEmpty ? parts : nil
    }

    /// Whether `text` is a number of JSON.
    static func isNumber(_ text: String) -> Bool { parts(text) != nil }

    /// Whether the number has no fraction.
    static func isWhole(_ text: String) -> Bool {
        guard let parts = parts(text) else { return false }
        return parts.digits.dropFirst(max(0, parts.point)).allSatisfy { $0 == 48 }
            && (parts.point >= 0 || parts.digits.allSatisfy { $0 == 48 })
    }

    /// The number without an exponent, and without a fraction that is zero; nil for what is no number or takes more than
    /// `digitLimit` digits.
    static func text(_ text: String) -> String? {
        guard var parts = parts(text) else { return nil }
        if parts.digits.allSatisfy({ $0 == 48 }) { return "0" }
        guard abs(parts.point) <= digitLimit, parts.digits.count <= digitLimit else { return nil }
        if parts.point <= 0 {
            parts.digits.insert(contentsOf: repeatElement(48, count: 1 - parts.point), at: 0)
            parts.point = 1
        }
        if parts.digits.count < parts.point {
            parts.digits += repeatElement(48, count: parts.point - parts.digits.count)
        }
        let whole = parts.digits[..<parts.point].drop { $0 == 48 }
        let fraction = parts.digits[parts.point...]
        var out = parts.isNegative ? "-" : ""
        out += whole.isEmpty ? "0" : String(decoding: whole, as: UTF8.self)
        if fraction.contains(where: { $0 != 48 }) { out += "." + String(decoding: fraction, as: UTF8.self) }
        return out
    }

    /// The text of a number value without an exponent; nil for anything else, and for infinities.
    static func text(_ value: Value) -> String? {
        switch value {
        case .integer(let number): String(number)
        case .double(let number):
            if number == number.rounded(), abs(number) < 1e15 { String(Int64(number)) } else { text(String(number)) }
        case .decimal(let source): text(source)
        default: nil
        }
    }

    /// A number value from text that is a number of JSON; leading zeros and a plus are not.
    static func value(_ text: String) -> Value? {
        if let parts = parts(text) {
            if parts.point == parts.digits.count, let integer = Int64(text) { return .integer(integer) }
            return .decimal(text)
        }
        return nil
    }
}
