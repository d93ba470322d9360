internal import Glibc

/// The national character set, through glibc's iconv. GB18030 holds all of Unicode and reads GBK and GB2312 as they are.
enum Charset {
    /// Text as GB18030 bytes; nil where a scalar has no code.
    static func encode(_ text: String) -> [UInt8]? {
        convert(Array(text.utf8), to: "GB18030", from: "UTF-8")
    }

    /// GB18030 bytes as text; nil where they are not GB18030.
    static func decode(_ bytes: [UInt8]) -> String? {
        convert(bytes, to: "UTF-8", from: "GB18030").flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// UTF-8 bytes as text; nil where they are not UTF-8.
    static func decodeUTF8(_ bytes: [UInt8]) -> String? { String(validating: bytes, as: UTF8.self) }

    private static func convert(_ input: [UInt8], to: String, from: String) -> [UInt8]? {
        guard let converter = iconv_open(to, from), Int(bitPattern: converter) != -1 else { return nil }
        defer { iconv_close(converter) }
        var source = input.map { CChar(bitPattern: $0) }
        // GB18030 takes at most four bytes for a character, UTF-8 at most three for two bytes of GBK.
        var target = [CChar](repeating: 0, count: input.count * 4 + 16)
        let used = source.withUnsafeMutableBufferPointer { from in
            target.withUnsafeMutableBufferPointer { into -> Int? in
                var (read, left) = (from.baseAddress, from.count)
                var (written, room) = (into.baseAddress, into.count)
                guard iconv(converter, &read, &left, &written, &room) != -1, left == 0 else { return nil }
                return into.count - room
            }
        }
        return used.map { target.prefix($0).map { UInt8(bitPattern: $0) } }
    }
}
