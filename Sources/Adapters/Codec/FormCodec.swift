/// Forms (`application/x-www-form-urlencoded`) ⇄ fields, in any charset, and percent-encoding (RFC 3986 §2.1).
public enum FormCodec {
    /// Writes fields in order: letters, digits and `*-._` as they are, a space as `+`, every other byte of the charset's form as `%XX`.
    /// A character that the charset does not have is a fault.
    public static func encode(_ fields: [(String, String)], charset: Charset) throws(CodecFault) -> [UInt8] {
        var out = ByteSink(capacity: 512)
        for (position, field) in fields.enumerated() {
            if position > 0 { out.append(UInt8(ascii: "&")) }
            try append(field.0, charset, into: &out)
            out.append(UInt8(ascii: "="))
            try append(field.1, charset, into: &out)
        }
        return out.withBytes { Array($0) }
    }

    /// Reads a form: an object of texts, or of arrays of texts where a name is repeated. An empty form is an empty object; a field without
    /// `=` is empty. A `%` without two hexadecimal digits is a fault, and so are bytes that are not in the charset, unless they are replaced.
    public static func decode(
        _ bytes: [UInt8], charset: Charset, limits: DecodeLimits = .init(), replacingInvalid: Bool = false
    ) throws(CodecFault) -> Value {
        try limits.checkLength(bytes.count, format: "form")
        var groups: [(name: String, values: [Value])] = []
        var positions: [String: Int] = [:]
        var nodes = 0
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "&")) ?? bytes.count
            defer { start = end + 1 }
            if end == start { continue }
            nodes += 1
            guard nodes <= limits.nodes else {
                throw CodecFault(format: "form", reason: "the form holds more than \(limits.nodes) fields", offset: start)
            }
            let equals = bytes[start..<end].firstIndex(of: UInt8(ascii: "=")) ?? end
            let name = try text(bytes[start..<equals], charset, replacingInvalid)
            let value = Value.string(try text(bytes[min(equals + 1, end)..<end], charset, replacingInvalid))
            if let known = positions[name] {
                groups[known].values.append(value)
            } else {
                positions[name] = groups.count
                groups.append((name, [value]))
            }
        }
        var form = Object(capacity: groups.count)
        for (name, values) in groups {
            let value: Value = if values.count == 1, let only = values.first { only } else { .array(values) }
            form.append(name, value)
        }
        return .object(form)
    }

    /// A text for a URL's query, name or value: UTF-8, everything but the unreserved characters (RFC 3986 §2.3) as `%XX`.
    public static func percentEncodeQuery(_ text: String) -> String {
        percentEncode(text) { isUnreserved($0) }
    }

    /// A text for one segment of a URL's path: UTF-8, everything but `pchar` (RFC 3986 §3.3) as `%XX`, so that it stays one segment. The
    /// segments `.` and `..`, which a receiver would resolve, have no other form (§6.2.2.3): their first dot is encoded all the same, as
    /// most receivers look for them before decoding.
    public static func percentEncodePathSegment(_ text: String) -> String {
        if text == "." || text == ".." { return "%2E" + text.dropFirst() }
        return percentEncode(text) { isUnreserved($0) || "!$&'()*+,;=:@".utf8.contains($0) }
    }

    /// The bytes of a percent-encoded text; `+` stands for itself. A `%` without two hexadecimal digits is a fault.
    public static func percentDecode(_ text: String) throws(CodecFault) -> [UInt8] {
        try unescape(Array(text.utf8)[...], plusIsSpace: false)
    }

    @inline(__always)
    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || "-._~".utf8.contains(byte) }

    private static func percentEncode(_ text: String, unless isPlain: (UInt8) -> Bool) -> String {
        var out = ByteSink(capacity: text.utf8.count * 3 + 1)
        for byte in text.utf8 {
            if isPlain(byte) { out.append(byte) } else { appendEscape(byte, into: &out) }
        }
        return out.string(from: 0)
    }

    private static func appendEscape(_ byte: UInt8, into out: inout ByteSink) {
        out.append(UInt8(ascii: "%"))
        out.append(Hex.uppercase[Int(byte >> 4)])
        out.append(Hex.uppercase[Int(byte & 15)])
    }

    private static func append(_ text: String, _ charset: Charset, into out: inout ByteSink) throws(CodecFault) {
        for byte in try charset.encode(text) {
            if isAlphanumeric(byte) || "*-._".utf8.contains(byte) {
                out.append(byte)
            } else if byte == 0x20 {
                out.append(UInt8(ascii: "+"))
            } else {
                appendEscape(byte, into: &out)
            }
        }
    }

    private static func text(_ bytes: ArraySlice<UInt8>, _ charset: Charset, _ replacingInvalid: Bool) throws(CodecFault) -> String {
        let raw = try unescape(bytes, plusIsSpace: true)
        do throws(CodecFault) {
            return try charset.decode(raw, replacingInvalid: replacingInvalid)
        } catch {
            // The offset within one field would mislead: name the field's beginning.
            throw CodecFault(format: error.format, reason: error.reason, offset: bytes.startIndex)
        }
    }

    private static func unescape(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) throws(CodecFault) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var at = bytes.startIndex
        while at < bytes.endIndex {
            let byte = bytes[at]
            if byte == UInt8(ascii: "%") {
                guard at + 2 < bytes.endIndex, let high = Hex.digit(bytes[at + 1]), let low = Hex.digit(bytes[at + 2]) else {
                    throw CodecFault(format: "form", reason: "% without two hexadecimal digits", offset: at)
                }
                out.append(high << 4 | low)
                at += 3
            } else {
                out.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
                at += 1
            }
        }
        return out
    }
}
