/// RFC 8259 once more, as plainly as it can be written, to hold the reader to: it knows whether a text is JSON and nothing else.
struct JSONGrammar {
    enum Verdict { case accepted, refused, deep }

    /// The depth that the reader allows unless told otherwise.
    private static let depthLimit = 64

    private let bytes: [UInt8]
    private var at = 0
    private var isDeep = false

    /// Whether the bytes are a JSON text; a mark at their beginning does not count.
    static func judge(_ bytes: [UInt8]) -> Verdict {
        guard String(validating: bytes, as: UTF8.self) != nil else { return .refused }
        var grammar = JSONGrammar(bytes: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes)
        grammar.skipSpace()
        guard grammar.value(depth: 0) else { return grammar.isDeep ? .deep : .refused }
        grammar.skipSpace()
        return grammar.at == grammar.bytes.count ? .accepted : .refused
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

    private mutating func skipSpace() { while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { at += 1 } }

    private mutating func take(_ text: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard bytes[at...].starts(with: wanted) else { return false }
        at += wanted.count
        return true
    }

    private mutating func value(depth: Int) -> Bool {
        switch next {
        case UInt8(ascii: "{")?: return nested(depth, "}") { $0.take("\"") && $0.restOfString() && $0.colon() }
        case UInt8(ascii: "[")?: return nested(depth, "]") { _ in true }
        case UInt8(ascii: "\"")?: return take("\"") && restOfString()
        case UInt8(ascii: "t")?: return take("true")
        case UInt8(ascii: "f")?: return take("false")
        case UInt8(ascii: "n")?: return take("null")
        default: return number()
        }
    }

    private mutating func colon() -> Bool {
        skipSpace()
        guard take(":") else { return false }
        skipSpace()
        return true
    }

    /// The items of an array or object, from its first sign to its last; `begin` reads what stands before an item's value.
    private mutating func nested(_ depth: Int, _ end: StaticString, _ begin: (inout JSONGrammar) -> Bool) -> Bool {
        guard depth < Self.depthLimit else {
            isDeep = true
            return false
        }
        at += 1
        skipSpace()
        if take(end) { return true }
        while true {
            guard begin(&self), value(depth: depth + 1) else { return false }
            skipSpace()
            if take(end) { return true }
            guard take(",") else { return false }
            skipSpace()
        }
    }

    private mutating func restOfString() -> Bool {
        while let byte = next {
            at += 1
            switch byte {
            case UInt8(ascii: "\""): return true
            case UInt8(ascii: "\\"): if !escape() { return false }
            case 0..<0x20: return false
            default: break
            }
        }
        return false
    }

    /// What follows a backslash. A surrogate without its partner is no character.
    private mutating func escape() -> Bool {
        if take("u") {
            guard let unit = unit() else { return false }
            if 0xDC00...0xDFFF ~= unit { return false }
            guard 0xD800...0xDBFF ~= unit else { return true }
            guard take("\\u"), let low = self.unit() else { return false }
            return 0xDC00...0xDFFF ~= low
        }
        guard let byte = next, Array("\"\\/bfnrt".utf8).contains(byte) else { return false }
        at += 1
        return true
    }

    private mutating func unit() -> UInt32? {
        guard at + 4 <= bytes.count else { return nil }
        var unit: UInt32 = 0
        for byte in bytes[at..<(at + 4)] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else { return nil }
            unit = unit << 4 | UInt32(digit)
        }
        at += 4
        return unit
    }

    private mutating func number() -> Bool {
        _ = take("-")
        if !take("0"), !digits() { return false }
        if take("."), !digits() { return false }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            return digits()
        }
        return true
    }

    private mutating func digits() -> Bool {
        let start = at
        while let byte = next, 0x30...0x39 ~= byte { at += 1 }
        return at > start
    }
}
