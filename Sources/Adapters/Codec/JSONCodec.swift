import CSimdjson

/// JSON (RFC 8259) ⇄ `Value`.
///
/// Read strictly: UTF-8 only (one byte order mark at the beginning is skipped, RFC 8259 §8.1), no comments, no trailing commas, and no
/// escaped surrogate without its partner. Of two equal names in an object the last wins and keeps the place of the first.
///
/// Numbers lose nothing. Written without point and exponent and within 64 bits: `.integer`. Any other number whose digits the
/// shortest form of a double gives back: `.double` (`1e3` and `1.00` are doubles). The rest, such as amounts that end with a zero (`12.50`), whole
/// numbers of twenty digits, amounts with more digits than a double holds, and exponents out of its range: `.decimal` in the source text, which
/// is written back unchanged.
public enum JSONCodec {
    /// Reads one JSON text. Throws with the byte offset of the first thing that is wrong.
    public static func decode(_ bytes: UnsafeRawBufferPointer, limits: DecodeLimits = .init()) throws(CodecFault) -> Value {
        try bytes.withMemoryRebound(to: UInt8.self) { (bytes) throws(CodecFault) in try read(bytes, limits: limits) }
    }

    /// Reads one JSON text. Throws with the byte offset of the first thing that is wrong.
    public static func decode(_ bytes: [UInt8], limits: DecodeLimits = .init()) throws(CodecFault) -> Value {
        try bytes.withUnsafeBufferPointer { (bytes) throws(CodecFault) in try read(bytes, limits: limits) }
    }

    /// Reads one JSON text that was inside another document's string. Offsets count its UTF-8 bytes.
    public static func decode(text: String, limits: DecodeLimits = .init()) throws(CodecFault) -> Value {
        try UTF8Text.withBytes(of: text) { (bytes) throws(CodecFault) in try read(bytes, limits: limits) }
    }

    /// Writes a value as UTF-8 JSON; `indented` by two spaces for people. A double that is not finite is written as `null`.
    public static func encode(_ value: Value, indented: Bool = false) -> [UInt8] {
        var writer = JSONWriter(indented: indented)
        writer.write(value, depth: 0)
        return writer.out.withBytes { Array($0) }
    }

    /// Appends a value as compact UTF-8 JSON.
    public static func encode(_ value: Value, into out: inout [UInt8]) {
        var writer = JSONWriter(indented: false)
        writer.write(value, depth: 0)
        writer.out.withBytes { out.append(contentsOf: $0) }
    }

    /// Appends a text as a JSON string, quotation marks included. Only what RFC 8259 §7 requires is escaped.
    public static func quote(_ text: String, into out: inout [UInt8]) {
        var writer = JSONWriter(indented: false)
        writer.quote(text)
        writer.out.withBytes { out.append(contentsOf: $0) }
    }

    private static let indexers = ThreadLocal { JSONIndexer() }

    private static func read(_ input: UnsafeBufferPointer<UInt8>, limits: DecodeLimits) throws(CodecFault) -> Value {
        try limits.checkLength(input.count, format: "JSON")
        let mark = input.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let bytes = UnsafeBufferPointer(rebasing: input[mark...])
        return try indexers.withObject { (indexer) throws(CodecFault) in
            defer { indexer.trim() }
            let tokens = try indexer.index(bytes, shift: mark)
            var reader = JSONReader(bytes: bytes, tokens: tokens, shift: mark, limits: limits)
            return try reader.document()
        }
    }
}

/// simdjson's first stage and its memory.
private final class JSONIndexer {
    private let indexer: OpaquePointer?

    init() { indexer = csimdjson_indexer_new() }

    deinit { csimdjson_indexer_free(indexer) }

    /// Keeps the memory that texts up to 256 KiB need (1 MiB), gives back more.
    func trim() { csimdjson_indexer_trim(indexer, 256 * 1024) }

    /// The offsets of all tokens; valid until the next call.
    func index(_ bytes: UnsafeBufferPointer<UInt8>, shift: Int) throws(CodecFault) -> UnsafeBufferPointer<UInt32> {
        var offsets: UnsafePointer<UInt32>?
        var count = 0
        guard let indexer, bytes.count <= UInt32.max else { throw CodecFault(format: "JSON", reason: "no memory to read the text") }
        switch Int(csimdjson_index(indexer, bytes.baseAddress, bytes.count, &offsets, &count)) {
        case CSIMDJSON_OK: return UnsafeBufferPointer(start: offsets, count: count)
        case CSIMDJSON_EMPTY: throw CodecFault(format: "JSON", reason: "the text is empty", offset: shift)
        case CSIMDJSON_INVALID_UTF8:
            let offset = UTF8Text.firstInvalid(bytes).map { $0 + shift }
            throw CodecFault(format: "JSON", reason: "the text is not UTF-8", offset: offset)
        case CSIMDJSON_UNCLOSED_STRING:
            throw CodecFault(format: "JSON", reason: "the text ends inside a string", offset: bytes.count + shift)
        case CSIMDJSON_CONTROL_CHARACTER:
            let offset = JSONIndexer.firstControlCharacter(bytes).map { $0 + shift }
            throw CodecFault(format: "JSON", reason: "a control character inside a string must be escaped", offset: offset)
        default: throw CodecFault(format: "JSON", reason: "no memory to read the text")
        }
    }

    private static func firstControlCharacter(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        var (inside, escaped) = (false, false)
        for (offset, byte) in bytes.enumerated() {
            if inside, byte < 0x20 { return offset }
            if escaped {
                escaped = false
            } else if inside, byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: "\"") {
                inside.toggle()
            }
        }
        return nil
    }
}
