import CSimdjson
import Glibc

/// A JSON text as a flat list of its values in the order of the text, without a string or a list made for any of them.
///
/// Only plain texts have one: everything that `JSONCodec` would refuse, and everything that it would change in a way a tape cannot show
/// (a name that stands twice, a name with an escape), has none and is `JSONCodec`'s to read. Reused from text to text.
final class JSONTape {
    /// What a node is.
    enum Kind: UInt8 {
        case null, yes, no
        /// A whole number of at most eighteen digits, written as JSON writes it back.
        case integer
        /// Any other number.
        case number
        /// A text; its bytes are what stands between the quotation marks.
        case text
        /// A text with escapes.
        case escaped
        case array
        case object
    }

    /// One value, or the name of one.
    struct Node {
        var kind: Kind
        /// The first byte; of a text the first behind its quotation mark.
        var start: UInt32
        /// The byte behind the last; of a text its closing quotation mark.
        var end: UInt32
        /// The node behind this one and all inside it.
        var next: UInt32
    }

    private let indexer: OpaquePointer?
    private(set) var nodes: UnsafeMutablePointer<Node>
    private var capacity: Int
    private(set) var count = 0
    private(set) var bytes = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

    init() {
        indexer = csimdjson_indexer_new()
        capacity = 512
        nodes = .allocate(capacity: capacity)
    }

    deinit {
        csimdjson_indexer_free(indexer)
        nodes.deallocate()
    }

    /// Reads a text; false when it has no tape. `bytes` must outlive the use of the nodes; `close` ends it.
    func open(_ bytes: UnsafeBufferPointer<UInt8>, limits: DecodeLimits = .init()) -> Bool {
        var offsets: UnsafePointer<UInt32>?
        var tokens = 0
        guard let indexer, bytes.count <= limits.bytes, bytes.count < UInt32.max,
            Int(csimdjson_index(indexer, bytes.baseAddress, bytes.count, &offsets, &tokens)) == CSIMDJSON_OK, let offsets,
            tokens <= limits.nodes
        else { return false }
        self.bytes = bytes
        count = 0
        if tokens > capacity {
            nodes.deallocate()
            capacity = tokens
            nodes = .allocate(capacity: capacity)
        }
        var reader = JSONTapeReader(
            bytes: bytes, tokens: UnsafeBufferPointer(start: offsets, count: tokens), nodes: nodes, depthLimit: limits.enforcedDepth)
        guard reader.document() else { return false }
        count = reader.count
        return true
    }

    /// Forgets the text; gives back what texts above 256 KiB needed.
    func close() {
        bytes = UnsafeBufferPointer(start: nil, count: 0)
        count = 0
        csimdjson_indexer_trim(indexer, 256 * 1024)
        guard capacity > 65_536 else { return }
        nodes.deallocate()
        capacity = 512
        nodes = .allocate(capacity: capacity)
    }
}

/// JSON's grammar over simdjson's tokens, written down as nodes. Every token makes at most one, so the list never grows.
private struct JSONTapeReader {
    let bytes: UnsafeBufferPointer<UInt8>
    let tokens: UnsafeBufferPointer<UInt32>
    let nodes: UnsafeMutablePointer<JSONTape.Node>
    let depthLimit: Int
    /// Whether there is a backslash anywhere.
    private let hasEscapes: Bool
    private(set) var count = 0
    private var next = 0

    init(
        bytes: UnsafeBufferPointer<UInt8>, tokens: UnsafeBufferPointer<UInt32>, nodes: UnsafeMutablePointer<JSONTape.Node>, depthLimit: Int
    ) {
        self.bytes = bytes
        self.tokens = tokens
        self.nodes = nodes
        self.depthLimit = depthLimit
        hasEscapes = memchr(bytes.baseAddress.unsafelyUnwrapped, 0x5C, bytes.count) != nil
    }

    mutating func document() -> Bool {
        guard let first = token(), value(at: first, depth: 0) else { return false }
        return next == tokens.count
    }

    @inline(__always)
    private mutating func token() -> Int? {
        guard next < tokens.count else { return nil }
        defer { next &+= 1 }
        return Int(tokens[next])
    }

    @inline(__always)
    private mutating func add(_ kind: JSONTape.Kind, _ start: Int, _ end: Int) {
        nodes[count] = JSONTape.Node(
            kind: kind, start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end),
            next: UInt32(truncatingIfNeeded: count &+ 1))
        count &+= 1
    }

    private mutating func value(at offset: Int, depth: Int) -> Bool {
        switch bytes[offset] {
        case UInt8(ascii: "\""): return text(at: offset)
        case UInt8(ascii: "{"): return object(at: offset, depth: depth &+ 1)
        case UInt8(ascii: "["): return array(at: offset, depth: depth &+ 1)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return number(at: offset)
        case UInt8(ascii: "t"): return word("true", .yes, at: offset)
        case UInt8(ascii: "f"): return word("false", .no, at: offset)
        case UInt8(ascii: "n"): return word("null", .null, at: offset)
        default: return false
        }
    }

    /// The string that opens at `offset`. simdjson has seen it close, before the next token and nothing but white space behind it.
    @inline(__always)
    private mutating func text(at offset: Int) -> Bool {
        var end = (next < tokens.count ? Int(tokens[next]) : bytes.count) &- 1
        while end > offset, bytes[end] != UInt8(ascii: "\"") { end &-= 1 }
        guard end > offset, let base = bytes.baseAddress else { return false }
        let start = offset &+ 1
        if !hasEscapes || end == start || memchr(base + start, 0x5C, end &- start) == nil {
            add(.text, start, end)
            return true
        }
        add(.escaped, start, end)
        return JSONTapeText.isSound(UnsafeBufferPointer(rebasing: bytes[start..<end]))
    }

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

    private mutating func array(at start: Int, depth: Int) -> Bool {
        guard depth <= depthLimit else { return false }
        let own = count
        add(.array, start, start)
        guard var offset = token() else { return false }
        if bytes[offset] == UInt8(ascii: "]") { return close(own, offset) }
        while true {
            guard value(at: offset, depth: depth), let mark = token() else { return false }
            switch bytes[mark] {
            case UInt8(ascii: ","):
                guard let following = token() else { return false }
                offset = following
            case UInt8(ascii: "]"): return close(own, mark)
            default: return false
            }
        }
    }

    private mutating func object(at start: Int, depth: Int) -> Bool {
        guard depth <= depthLimit else { return false }
        let own = count
        add(.object, start, start)
        guard var offset = token() else { return false }
        if bytes[offset] == UInt8(ascii: "}") { return close(own, offset) }
        var seen: UInt64 = 0
        while true {
            guard bytes[offset] == UInt8(ascii: "\"") else { return false }
            let name = count
            guard text(at: offset), isNew(name, in: own, &seen) else { return false }
            guard let colon = token(), bytes[colon] == UInt8(ascii: ":"), let first = token(), value(at: first, depth: depth) else {
                return false
            }
            nodes[name].next = UInt32(truncatingIfNeeded: count)
            guard let mark = token() else { return false }
            switch bytes[mark] {
            case UInt8(ascii: ","):
                guard let following = token() else { return false }
                offset = following
            case UInt8(ascii: "}"): return close(own, mark)
            default: return false
            }
        }
    }

    @inline(__always)
    private mutating func close(_ own: Int, _ end: Int) -> Bool {
        nodes[own].end = UInt32(truncatingIfNeeded: end &+ 1)
        nodes[own].next = UInt32(truncatingIfNeeded: count)
        return true
    }

    /// Whether the name at the end of the list is plain and stands in its object for the first time. A set of 64 bits says so of most.
    @inline(__always)
    private func isNew(_ name: Int, in object: Int, _ seen: inout UInt64) -> Bool {
        guard nodes[name].kind == .text else { return false }
        let (start, end) = (Int(nodes[name].start), Int(nodes[name].end))
        var hash = UInt64(truncatingIfNeeded: end &- start)
        var all: UInt8 = 0
        for position in start..<end {
            all |= bytes[position]
            hash = hash &* 31 &+ UInt64(bytes[position])
        }
        if all >= 0x80, !JSONTapeText.isUnambiguous(UnsafeBufferPointer(rebasing: bytes[start..<end])) { return false }
        let bit: UInt64 = 1 << ((hash &* 0x9E37_79B9_7F4A_7C15) >> 58)
        defer { seen |= bit }
        return seen & bit == 0 || isNewIndeed(name, in: object)
    }

    private func isNewIndeed(_ name: Int, in object: Int) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        let length = nodes[name].end &- nodes[name].start
        var other = object &+ 1
        var looked = 0
        while other < name {
            let node = nodes[other]
            if node.end &- node.start == length, memcmp(base + Int(node.start), base + Int(nodes[name].start), Int(length)) == 0 {
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

/// What can be said of a text's bytes without making the text.
enum JSONTapeText {
    /// Whether every escape is one that JSON knows, and no half of a surrogate pair stands alone.
    static func isSound(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = 0
        while at < bytes.count {
            guard bytes[at] == 0x5C else {
                at &+= 1
                continue
            }
            guard at &+ 1 < bytes.count else { return false }
            switch bytes[at &+ 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
                UInt8(ascii: "r"), UInt8(ascii: "t"):
                at &+= 2
            case UInt8(ascii: "u"):
                guard let code = unit(bytes, at) else { return false }
                at &+= 6
                if 0xDC00...0xDFFF ~= code { return false }
                if 0xD800...0xDBFF ~= code {
                    guard let low = unit(bytes, at), 0xDC00...0xDFFF ~= low else { return false }
                    at &+= 6
                }
            default: return false
            }
        }
        return true
    }

    /// The UTF-16 unit that an escape `\uXXXX` at `at` names.
    private static func unit(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> UInt32? {
        guard at &+ 6 <= bytes.count, bytes[at] == 0x5C, bytes[at &+ 1] == UInt8(ascii: "u") else { return nil }
        var code: UInt32 = 0
        for position in (at &+ 2)..<(at &+ 6) {
            guard let digit = Hex.digit(bytes[position]) else { return nil }
            code = code << 4 | UInt32(digit)
        }
        return code
    }

    /// Whether no other bytes are canonically equivalent (which Swift's comparison of strings looks at) as long as the others pass too:
    /// ASCII and the unified ideographs U+4000 to U+9FFF.
    static func isUnambiguous(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var at = 0
        while at < bytes.count {
            if bytes[at] < 0x80 {
                at &+= 1
            } else if 0xE4...0xE9 ~= bytes[at] {
                at &+= 3
            } else {
                return false
            }
        }
        return true
    }
}
