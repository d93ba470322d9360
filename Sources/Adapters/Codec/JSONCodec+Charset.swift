extension JSONCodec {
    /// A tree as JSON in a charset. A character that the charset does not have is written as JSON writes any: `\uXXXX`, above the basic
    /// plane as a pair (RFC 8259 section 7).
    static func encode(_ value: Value, charset: Charset) throws(CodecFault) -> [UInt8] {
        let bytes = encode(value)
        if charset.isUTF8 { return bytes }
        var out = ByteSink(capacity: bytes.count * 2 + 64)
        // Outside of texts JSON is ASCII, so that whatever is missing stands in one.
        try bytes.withUnsafeBufferPointer { (bytes) throws(CodecFault) in
            try charset.encode(bytes, into: &out) { (scalar, out) throws(CodecFault) in
                for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter {
                    let digits = String(unit, radix: 16)
                    out.append(text: "\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
                }
            }
        }
        return out.withBytes { Array($0) }
    }
}
