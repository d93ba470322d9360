package import Adapters

/// A body shown to a person: as text where its charset makes text of it, else in hex.
package struct BodyText {
    /// What is shown.
    package let text: String
    /// The charset that it was read in; nil when it is shown in hex.
    package let charset: String?

    /// The body of a message. Its charset is the one that its Content-Type or its XML declaration names; without either, UTF-8 where that
    /// fits and else GB18030.
    package init(_ body: [UInt8], contentType: String?, hex: Bool = false) {
        if !hex, let (text, charset) = BodyText.decoded(body, contentType) {
            self.text = text
            self.charset = charset
        } else {
            text = BodyText.dump(body)
            charset = nil
        }
    }

    /// The text of a body and the charset's name; nil when it is no text.
    static func decoded(_ body: [UInt8], _ contentType: String?) -> (String, String)? {
        let named = named(contentType) ?? XMLCodec.Declaration(of: body)?.encoding.flatMap(Charset.init(named:))
        for charset in [named, .utf8, .gb18030].compactMap(\.self) {
            if let text = try? charset.decode(body), isText(text) { return (text, charset.name) }
        }
        return nil
    }

    /// The charset that a Content-Type names.
    static func named(_ contentType: String?) -> Charset? {
        guard let contentType, let match = contentType.firstMatch(of: /(?i)charset\s*=\s*["']?([A-Za-z0-9_-]+)/) else { return nil }
        return Charset(named: String(match.1))
    }

    private static func isText(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F || $0 == "\n" || $0 == "\r" || $0 == "\t" }
    }

    /// Rows of an offset, sixteen bytes, and what of them is ASCII.
    static func dump(_ bytes: [UInt8]) -> String {
        stride(from: 0, to: bytes.count, by: 16).map { start in
            let row = bytes[start..<min(start + 16, bytes.count)]
            let offset = String(start, radix: 16)
            let hex = Hex.encode(Array(row))
            var pairs = ""
            for (index, digit) in hex.enumerated() {
                pairs.append(digit)
                if index % 2 == 1 { pairs += index == 15 ? "  " : " " }
            }
            let plain = String(row.map { (0x20...0x7E).contains($0) ? Character(Unicode.Scalar($0)) : "." })
            return String(repeating: "0", count: max(0, 6 - offset.count)) + offset + "  "
                + pairs + String(repeating: " ", count: max(0, 50 - pairs.count)) + plain
        }.joined(separator: "\n")
    }
}

extension DepartmentRequest {
    /// The first value of a header field, by name without regard to case.
    package func field(_ name: String) -> String? { fields.first { $0.name.lowercased() == name.lowercased() }?.value }
}
