/// Writes values as UTF-8 JSON.
struct JSONWriter: ~Copyable {
    var out = ByteSink()
    private let indented: Bool

    init(indented: Bool) { self.indented = indented }

    mutating func write(_ value: borrowing Value, depth: Int) {
        switch copy value {
        case .null: out.append("null")
        case .bool(let bool): out.append(bool ? "true" : "false")
        case .integer(let number): write(number)
        case .double(let number): if number.isFinite { out.append(text: number.description) } else { out.append("null") }
        case .decimal(let text): out.append(text: text)
        case .string(let text): quote(text)
        case .array(let items): write(items, depth: depth + 1)
        case .object(let object): write(object, depth: depth + 1)
        }
    }

    private mutating func write(_ items: [Value], depth: Int) {
        out.append(UInt8(ascii: "["))
        for position in items.indices {
            if position > 0 { out.append(UInt8(ascii: ",")) }
            newLine(depth)
            write(items[position], depth: depth)
        }
        if !items.isEmpty { newLine(depth - 1) }
        out.append(UInt8(ascii: "]"))
    }

    private mutating func write(_ object: Object, depth: Int) {
        out.append(UInt8(ascii: "{"))
        let fields = object.fields
        for position in fields.indices {
            if position > 0 { out.append(UInt8(ascii: ",")) }
            newLine(depth)
            quote(fields[position].name)
            out.append(UInt8(ascii: ":"))
            if indented { out.append(0x20) }
            write(fields[position].value, depth: depth)
        }
        if !fields.isEmpty { newLine(depth - 1) }
        out.append(UInt8(ascii: "}"))
    }

    private mutating func newLine(_ depth: Int) {
        guard indented else { return }
        out.append(0x0A)
        for _ in 0..<depth {
            out.append(0x20)
            out.append(0x20)
        }
    }

    private mutating func write(_ number: Int64) {
        if number < 0 { out.append(UInt8(ascii: "-")) }
        // An unsigned 64-bit number has at most twenty digits.
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = number.magnitude
            var first = 20
            repeat {
                first -= 1
                digits[first] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            out.append(UnsafeBufferPointer(rebasing: digits[first...]))
        }
    }

    /// Writes a string with the escapes that RFC 8259 §7 requires.
    mutating func quote(_ text: String) {
        out.append(UInt8(ascii: "\""))
        let span = text.utf8.span
        span.withUnsafeBufferPointer { bytes in
            out.append(
                bytes, unless: { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }, replacement: JSONWriter.escape)
        }
        out.append(UInt8(ascii: "\""))
    }

    private static func escape(_ byte: UInt8, into out: inout ByteSink) {
        out.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): out.append(byte)
        case 0x0A: out.append(UInt8(ascii: "n"))
        case 0x0D: out.append(UInt8(ascii: "r"))
        case 0x09: out.append(UInt8(ascii: "t"))
        case 0x08: out.append(UInt8(ascii: "b"))
        case 0x0C: out.append(UInt8(ascii: "f"))
        default:
            out.append("u00")
            out.append(Hex.lowercase[Int(byte >> 4)])
            out.append(Hex.lowercase[Int(byte & 15)])
        }
    }
}
