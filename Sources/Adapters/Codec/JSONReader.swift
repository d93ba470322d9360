/// JSON's grammar over the tokens that simdjson found. The bytes are known to be UTF-8, every string to be closed, and no string to
/// hold a control character.
struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    let tokens: UnsafeBufferPointer<UInt32>
    /// What to add to an offset in `bytes` to name it in the input.
    let shift: Int
    private let depthLimit: Int
    private let nodeLimit: Int
    private let namesOnce: Bool
    private var next = 0
    private var nodes = 0
    private var scratch: [UInt8] = []

    init(bytes: UnsafeBufferPointer<UInt8>, tokens: UnsafeBufferPointer<UInt32>, shift: Int, limits: DecodeLimits) {
        self.bytes = bytes
        self.tokens = tokens
        self.shift = shift
        depthLimit = limits.enforcedDepth
        nodeLimit = limits.nodes
        namesOnce = limits.namesOnce
    }

    func fault(_ reason: String, at offset: Int) -> CodecFault { CodecFault(format: "JSON", reason: reason, offset: offset + shift) }

    mutating func document() throws(CodecFault) -> Value {
        let value = try value(at: try token(), depth: 0)
        if next < tokens.count { throw fault("something follows the value", at: Int(tokens[next])) }
        return value
    }

    /// The offset of the next token.
    @inline(__always)
    private mutating func token() throws(CodecFault) -> Int {
        guard next < tokens.count else { throw fault("the text ends too early", at: bytes.count) }
        defer { next &+= 1 }
        return Int(tokens[next])
    }

    private mutating func value(at offset: Int, depth: Int) throws(CodecFault) -> Value {
        nodes &+= 1
        guard nodes <= nodeLimit else { throw fault("the text holds more than \(nodeLimit) values", at: offset) }
        switch bytes[offset] {
        case UInt8(ascii: "\""): return .string(try text(at: offset))
        case UInt8(ascii: "{"): return .object(try object(at: offset, depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(at: offset, depth: depth + 1))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            var number = JSONNumber(bytes: bytes, at: offset)
            guard let value = number.parse(), JSONMarks.isBoundary(bytes, number.end) else { throw fault("not a number", at: offset) }
            return value
        case UInt8(ascii: "t"): return try word("true", .bool(true), at: offset)
        case UInt8(ascii: "f"): return try word("false", .bool(false), at: offset)
        case UInt8(ascii: "n"): return try word("null", .null, at: offset)
        default: throw fault("a value is expected here", at: offset)
        }
    }

    private func word(_ word: StaticString, _ value: Value, at offset: Int) throws(CodecFault) -> Value {
        guard JSONMarks.has(word, bytes, at: offset) else { throw fault("a value is expected here", at: offset) }
        return value
    }

    private func checkDepth(_ depth: Int, at offset: Int) throws(CodecFault) {
        guard depth <= depthLimit else { throw fault("arrays and objects nest deeper than \(depthLimit)", at: offset) }
    }

    private mutating func array(at start: Int, depth: Int) throws(CodecFault) -> [Value] {
        try checkDepth(depth, at: start)
        var items: [Value] = []
        var offset = try token()
        if bytes[offset] == UInt8(ascii: "]") { return items }
        while true {
            items.append(try value(at: offset, depth: depth))
            offset = try token()
            switch bytes[offset] {
            case UInt8(ascii: ","): offset = try token()
            case UInt8(ascii: "]"): return items
            default: throw fault("a comma or the end of the array is expected here", at: offset)
            }
        }
    }

    private mutating func object(at start: Int, depth: Int) throws(CodecFault) -> Object {
        try checkDepth(depth, at: start)
        var fields = FieldCollector()
        var offset = try token()
        if bytes[offset] == UInt8(ascii: "}") { return Object() }
        while true {
            guard bytes[offset] == UInt8(ascii: "\"") else { throw fault("a name in quotation marks is expected here", at: offset) }
            let name = try text(at: offset)
            let place = offset
            offset = try token()
            guard bytes[offset] == UInt8(ascii: ":") else { throw fault("a colon is expected here", at: offset) }
            let isNew = fields.set(name, try value(at: try token(), depth: depth))
            if !isNew, namesOnce { throw fault("a name stands twice in its object", at: place) }
            offset = try token()
            switch bytes[offset] {
            case UInt8(ascii: ","): offset = try token()
            case UInt8(ascii: "}"): return fields.finished()
            default: throw fault("a comma or the end of the object is expected here", at: offset)
            }
        }
    }

    /// The string whose opening quotation mark stands at `start`. simdjson has seen its closing one.
    @inline(__always)
    private mutating func text(at start: Int) throws(CodecFault) -> String {
        var at = start &+ 1
        while at < bytes.count {
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                return UTF8Text.string(validated: UnsafeBufferPointer(rebasing: bytes[(start &+ 1)..<at]))
            }
            if byte == UInt8(ascii: "\\") { return try escapedText(from: start &+ 1, to: at) }
            at &+= 1
        }
        throw fault("the text ends inside a string", at: bytes.count)
    }

    /// A string with escapes: `from` is its first byte, `to` its first backslash.
    private mutating func escapedText(from start: Int, to backslash: Int) throws(CodecFault) -> String {
        scratch.removeAll(keepingCapacity: true)
        var run = start
        var at = backslash
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                scratch.append(contentsOf: bytes[run..<at])
                return scratch.withUnsafeBufferPointer { UTF8Text.string(validated: $0) }
            case UInt8(ascii: "\\"):
                scratch.append(contentsOf: bytes[run..<at])
                at = try escape(at: at)
                run = at
            default: at &+= 1
            }
        }
        throw fault("the text ends inside a string", at: bytes.count)
    }

    /// Appends what the escape at `start` means and returns the offset behind it.
    private mutating func escape(at start: Int) throws(CodecFault) -> Int {
        let letter = start + 1 < bytes.count ? bytes[start + 1] : 0
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(letter)
        case UInt8(ascii: "n"): scratch.append(0x0A)
        case UInt8(ascii: "t"): scratch.append(0x09)
        case UInt8(ascii: "r"): scratch.append(0x0D)
        case UInt8(ascii: "b"): scratch.append(0x08)
        case UInt8(ascii: "f"): scratch.append(0x0C)
        case UInt8(ascii: "u"): return try unicodeEscape(at: start)
        default: throw fault("not an escape that JSON knows", at: start)
        }
        return start + 2
    }

    private mutating func unicodeEscape(at start: Int) throws(CodecFault) -> Int {
        guard var code = hexadecimal(at: start + 2) else { throw fault("\\u needs four hexadecimal digits", at: start) }
        var end = start + 6
        if 0xD800...0xDBFF ~= code, end + 1 < bytes.count, bytes[end] == UInt8(ascii: "\\"), bytes[end + 1] == UInt8(ascii: "u"),
            let low = hexadecimal(at: end + 2), 0xDC00...0xDFFF ~= low
        {
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            end += 6
        }
        guard let scalar = Unicode.Scalar(code) else { throw fault("half of a surrogate pair without the other half", at: start) }
        scratch.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
        return end
    }

    private func hexadecimal(at start: Int) -> UInt32? {
        guard start + 4 <= bytes.count else { return nil }
        var code: UInt32 = 0
        for byte in bytes[start..<(start + 4)] {
            guard let digit = Hex.digit(byte) else { return nil }
            code = code << 4 | UInt32(digit)
        }
        return code
    }
}

/// Collects the fields of one object; the last of two equal names wins.
///
/// Comparing each name with all before it would cost more than reading them, and with many names more than a server has. So a set of 64
/// bits, one per simple hash, says of nearly every name of a small object that it is new; a large object gets an index.
private struct FieldCollector {
    private static let indexedFrom = 32
    private(set) var object = Object(capacity: 6)
    private var seen: UInt64 = 0
    private var index: [String: Int]?
    /// The fields of an object with an index: `Object` would search for each name that comes twice.
    private var many: [(name: String, value: Value)] = []

    /// Whether the name is new.
    @inline(__always)
    mutating func set(_ name: String, _ value: Value) -> Bool {
        let bit = FieldCollector.bit(of: name)
        if seen & bit == 0, index == nil {
            seen |= bit
            object.append(name, value)
            return true
        }
        seen |= bit
        return search(name, value)
    }

    /// One bit for an ASCII name. All bits for any other: it may equal a name of other bytes (Unicode canonical equivalence, which is how
    /// Swift compares), so that it and all that follow are compared.
    @inline(__always)
    private static func bit(of name: String) -> UInt64 {
        let bytes = name.utf8.span
        guard let first = bytes.indices.first else { return 1 }
        var hash = UInt64(bytes.count)
        var all: UInt8 = 0
        for position in first..<bytes.count {
            all |= bytes[position]
            hash = hash &* 31 &+ UInt64(bytes[position])
        }
        return all < 0x80 ? 1 << ((hash &* 0x9E37_79B9_7F4A_7C15) >> 58) : .max
    }

    @inline(never)
    private mutating func search(_ name: String, _ value: Value) -> Bool {
        if index == nil, object.fields.count < FieldCollector.indexedFrom {
            let isNew = !object.fields.contains { $0.name == name }
            if isNew { object.append(name, value) } else { object[name] = value }
            return isNew
        }
        if index == nil {
            many = object.fields.map { ($0.name, $0.value) }
            index = Dictionary(uniqueKeysWithValues: many.enumerated().map { ($0.element.name, $0.offset) })
        }
        if let known = index?[name] {
            many[known].value = value
            return false
        }
        index?[name] = many.count
        many.append((name, value))
        return true
    }

    consuming func finished() -> Object {
        guard index != nil else { return object }
        var object = Object(capacity: many.count)
        for field in many { object.append(field.name, field.value) }
        return object
    }
}
