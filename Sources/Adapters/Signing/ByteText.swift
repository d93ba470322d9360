internal import Glibc

/// Bytes written as text, as signatures need it.
enum ByteText {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Base64 with padding (RFC 4648 §4).
    static func base64(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let left = bytes.count - start
            let (second, third) = (left > 1 ? bytes[start + 1] : 0, left > 2 ? bytes[start + 2] : 0)
            out.append(alphabet[Int(bytes[start] >> 2)])
            out.append(alphabet[Int((bytes[start] & 3) << 4 | second >> 4)])
            out.append(left > 1 ? alphabet[Int((second & 15) << 2 | third >> 6)] : UInt8(ascii: "="))
            out.append(left > 2 ? alphabet[Int(third & 63)] : UInt8(ascii: "="))
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Two hexadecimal digits per byte (RFC 4648 §8).
    static func hex(_ bytes: [UInt8], uppercase: Bool = false) -> String {
        let digits = uppercase ? upperDigits : lowerDigits
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            out.append(digits[Int(byte >> 4)])
            out.append(digits[Int(byte & 15)])
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static let upperDigits = Array("0123456789ABCDEF".utf8)
    private static let lowerDigits = Array("0123456789abcdef".utf8)
}

/// The charset of a string to sign.
enum SigningCharset: String, Sendable, CaseIterable {
    case utf8 = "UTF-8"
    case gb18030 = "GB18030"
    case gbk = "GBK"

    /// Adds the text's bytes in this charset; false when it has a character that the charset lacks (GBK only).
    func append(_ text: String, to out: inout [UInt8]) -> Bool {
        if self == .utf8 || text.utf8.allSatisfy({ $0 < 0x80 }) {
            out.append(contentsOf: text.utf8)
            return true
        }
        guard let bytes = converted(text) else { return false }
        out.append(contentsOf: bytes)
        return true
    }

    private func converted(_ text: String) -> [UInt8]? {
        guard let descriptor = iconv_open(rawValue, "UTF-8"), Int(bitPattern: descriptor) != -1 else { return nil }
        defer { iconv_close(descriptor) }
        var input = text.utf8.map { CChar(bitPattern: $0) }
        // No UTF-8 character takes more bytes in GB18030 than twice its own.
        return [UInt8](unsafeUninitializedCapacity: input.count * 2) { out, count in
            input.withUnsafeMutableBufferPointer { source in
                var from = source.baseAddress
                var left = source.count
                let room = out.count
                out.withMemoryRebound(to: CChar.self) { target in
                    var to = target.baseAddress
                    var free = room
                    // A positive result counts characters that were replaced by lookalikes: as wrong as a failure.
                    count = iconv(descriptor, &from, &left, &to, &free) == 0 && left == 0 ? room - free : 0
                }
            }
        }.nonEmpty
    }
}

extension [UInt8] {
    fileprivate var nonEmpty: [UInt8]? { isEmpty ? nil : self }
}
