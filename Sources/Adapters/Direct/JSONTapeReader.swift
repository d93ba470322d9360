import Glibc

/// JSON's grammar over simdjson's tokens, written down as nodes. Every token makes at most one, so the list never grows.
///
/// One loop and no recursion: while an array or object is open, the `end` of its node holds the one around it.
struct JSONTapeReader {
    private let nodes: UnsafeMutablePointer<JSONTape.Node>
    private let bytes: UnsafeBufferPointer<UInt8>
    private let tokens: UnsafeBufferPointer<UInt32>
    private let depthLimit: Int
    /// Whether there is a backslash anywhere.
    private let hasEscapes: Bool
    private var count = 0
    private var next = 0
    /// The innermost open array or object; -1 outside of all.
    private var parent = -1
    private var isObject = false
    private var depth = 0
    /// Of each open object a set of 64 bits of the names seen.
    private var seen: UInt64 = 0

    init(into found: JSONNodes, tokens: UnsafeBufferPointer<UInt32>, depth: Int) {
        nodes = found.nodes
        bytes = found.bytes
        self.tokens = tokens
        depthLimit = min(depth, 256)
        hasEscapes = memchr(found.base, 0x5C, found.length) != nil
    }

    /// Writes the nodes; false when the text has no tape.
    mutating func read() -> Bool {
        withUnsafeTemporaryAllocation(of: UInt64.self, capacity: depthLimit + 1) { sets in
            read(sets)
        }
    }

    @inline(__always)
    private mutating func read(_ sets: UnsafeMutableBufferPointer<UInt64>) -> Bool {
        while true {
            guard let offset = token() else { return false }
            switch bytes[offset] {
            case UInt8(ascii: "\""): guard text(at: offset, next: 1) else { return false }
            case UInt8(ascii: "{"):
                guard open(.object, offset, sets) else { return false }
                guard next < tokens.count else { return false }
                if bytes[Int(tokens[next])] != UInt8(ascii: "}") {
                    guard name() else { return false }
                    continue
                }
            case UInt8(ascii: "["):
                guard open(.array, offset, sets) else { return false }
                guard next < tokens.count else { return false }
                if bytes[Int(tokens[next])] != UInt8(ascii: "]") { continue }
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): guard number(at: offset) else { return false }
            case UInt8(ascii: "t"): guard word("true", .yes, at: offset) else { return false }
            case UInt8(ascii: "f"): guard word("false", .no, at: offset) else { return false }
            case UInt8(ascii: "n"): guard word("null", .null, at: offset) else { return false }
            default: return false
            }
            // Behind a value: a comma and the next one, or the end of what it stands in.
            while true {
                guard parent >= 0 else { return next == tokens.count }
                guard let mark = token() else { return false }
                if bytes[mark] == UInt8(ascii: ",") {
                    if isObject, !name() { return false }
                    break
                }
                guard bytes[mark] == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else { return false }
                close(mark, sets)
            }
        }
    }

    @inline(__always)
    private mutating func token() -> Int? {
        guard next < tokens.count else { return nil }
        defer { next &+= 1 }
        return Int(tokens[next])
    }

    @inline(__always)
    private mutating func add(_ kind: JSONTape.Kind, _ start: Int, _ end: Int, next following: Int = 1) {
        nodes[count] = JSONTape.Node(
            kind: kind, start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end),
            next: UInt32(truncatingIfNeeded: count &+ following))
        count &+= 1
    }

    @inline(__always)
    private mutating func open(_ kind: JSONTape.Kind, _ start: Int, _ sets: UnsafeMutableBufferPointer<UInt64>) -> Bool {
        guard depth < depthLimit else { return false }
        sets[depth] = seen
        depth &+= 1
        seen = 0
        let own = count
        add(kind, start, parent &+ 1)
        parent = own
        isObject = kind == .object
        return true
    }

    @inline(__always)
    private mutating func close(_ end: Int, _ sets: UnsafeMutableBufferPointer<UInt64>) {
        let own = parent
        parent = Int(nodes[own].end) &- 1
        nodes[own].end = UInt32(truncatingIfNeeded: end &+ 1)
        nodes[own].next = UInt32(truncatingIfNeeded: count)
        depth &-= 1
        seen = sets[depth]
        isObject = parent >= 0 && nodes[parent].kind == .object
        // The name before it reaches behind its value.
        if isObject { nodes[own &- 1].next = UInt32(truncatingIfNeeded: count) }
    }

    /// A name, new in its object, and its colon.
    @inline(__always)
    private mutating func name() -> Bool {
        guard let offset = token(), bytes[offset] == UInt8(ascii: "\"") else { return false }
        let name = count
        guard text(at: offset, next: 2), isNew(name) else { return false }
        guard let colon = token() else { return false }
        return bytes[colon] == UInt8(ascii: ":")
    }

    /// The string that opens at `offset`. simdjson has seen it close, before the next token and nothing but white space behind it.
    @inline(__always)
    private mutating func text(at offset: Int, next following: Int) -> Bool {
        var end = (next < tokens.count ? Int(tokens[next]) : bytes.count) &- 1
        while end > offset, bytes[end] != UInt8(ascii: "\"") { end &-= 1 }
        guard end > offset, let base = bytes.baseAddress else { return false }
        let start = offset &+ 1
        if !hasEscapes || end == start || memchr(base + start, 0x5C, end &- start) == nil {
            add(.text, start, end, next: following)
            return true
        }
        add(.escaped, start, end, next: following)
        return JSONTapeText.isSound(UnsafeBufferPointer(rebasing: bytes[start..<end]))
    }

    @inline(__always)
    private mutating func number(at offset: Int) -> Bool {
        var end = offset &+ (bytes[offset] == UInt8(ascii: "-") ? 1 : 0)
        let digits = end
        while end < bytes.count, bytes[end] &- UInt8(ascii: "0") <= 9 { end &+= 1 }
        let length = end &- digits
        if JSONMarks.isBoundary(bytes, end), (1...18).contains(length),
            bytes[digits] != UInt8(ascii: "0") || (length == 1 && digits == offset)
        {
            add(.integer, offset, end)
            return true
        }
        return otherNumber(at: offset)
    }

    @inline(never)
    private mutating func otherNumber(at offset: Int) -> Bool {
        var number = JSONNumber(bytes: bytes, at: offset)
        guard number.parse() != nil, JSONMarks.isBoundary(bytes, number.end) else { return false }
        add(.number, offset, number.end)
        return true
    }

    private mutating func word(_ word: StaticString, _ kind: JSONTape.Kind, at offset: Int) -> Bool {
        guard JSONMarks.has(word, bytes, at: offset) else { return false }
        add(kind, offset, offset &+ word.utf8CodeUnitCount)
        return true
    }

    /// Whether the name at the end of the list is plain and stands in its object for the first time. A set of 64 bits says so of most.
    @inline(__always)
    private mutating func isNew(_ name: Int) -> Bool {
        guard nodes[name].kind == .text, let base = bytes.baseAddress else { return false }
        let start = Int(nodes[name].start)
        let length = Int(nodes[name].end) &- start
        let (mixed, isASCII) = JSONTapeText.mix(base + start, length)
        if !isASCII, !JSONTapeText.isUnambiguous(UnsafeBufferPointer(start: base + start, count: length)) { return false }
        let bit: UInt64 = 1 << ((mixed &* 0x9E37_79B9_7F4A_7C15) >> 58)
        defer { seen |= bit }
        return seen & bit == 0 || isNewIndeed(name)
    }

    private func isNewIndeed(_ name: Int) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        let own = nodes[name]
        let length = Int(own.end &- own.start)
        var other = parent &+ 1
        var looked = 0
        while other < name {
            let node = nodes[other]
            if Int(node.end &- node.start) == length, UTF8Text.isSame(base + Int(node.start), base + Int(own.start), length) {
                return false
            }
            other = Int(node.next)
            looked &+= 1
            // An object of many names is read with an index: comparing each with all before it would cost their square.
            if looked > 256 { return false }
        }
        return true
    }
}
