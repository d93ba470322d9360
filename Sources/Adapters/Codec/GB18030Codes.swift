import Glibc

/// The two-byte codes of GB 18030 as a table, filled from iconv when first needed: a reply in GBK is ASCII and two-byte codes, and iconv takes
/// two steps and some thirty instructions for each character of them.
struct GB18030Codes: Sendable {
    /// The table; nil when this system's iconv does not know the charset.
    static let shared = GB18030Codes()

    private static let leads = 0x81...0xFE
    private static let trails = 0x40...0xFE

    /// The UTF-8 of each code, its first byte lowest; 0 where there is none.
    private let codes: [UInt32]

    private init?() {
        guard let descriptor = iconv_open("UTF-8", "GB18030"), Int(bitPattern: descriptor) != -1 else { return nil }
        defer { iconv_close(descriptor) }
        codes = GB18030Codes.leads.flatMap { lead in
            GB18030Codes.trails.map { trail in GB18030Codes.convert(UInt8(lead), UInt8(trail), descriptor) }
        }
    }

    private static func convert(_ lead: UInt8, _ trail: UInt8, _ descriptor: iconv_t) -> UInt32 {
        var code = (CChar(bitPattern: lead), CChar(bitPattern: trail))
        var text: UInt32 = 0
        return withUnsafeMutableBytes(of: &code) { code in
            withUnsafeMutableBytes(of: &text) { text in
                var source = code.baseAddress?.assumingMemoryBound(to: CChar.self)
                var target = text.baseAddress?.assumingMemoryBound(to: CChar.self)
                var (left, room) = (2, 4)
                iconv(descriptor, nil, nil, nil, nil)
                guard iconv(descriptor, &source, &left, &target, &room) != -1, left == 0 else { return 0 }
                let made = UInt32(littleEndian: text.load(as: UInt32.self))
                // One character, and all of what was written.
                return length(of: made) == 4 - room ? made : 0
            }
        }
    }

    /// How many bytes a character's UTF-8 has.
    @inline(__always)
    private static func length(of text: UInt32) -> Int {
        let lead = text & 0xFF
        return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    }

    /// Appends the text of ASCII and two-byte codes as UTF-8, up to the first byte that begins neither; its offset.
    func decode(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout ByteSink) -> Int {
        let raw = UnsafeRawBufferPointer(bytes)
        var at = 0
        // A code of two bytes has four at most, and eight are written at a time.
        out.reserve(bytes.count * 2 + 8)
        out.appendUninitialized { room in
            guard let target = UnsafeMutableRawPointer(room.baseAddress) else { return 0 }
            var to = 0
            while at < raw.count {
                if at &+ 8 <= raw.count {
                    let word = raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                    let high = word & 0x8080_8080_8080_8080
                    target.storeBytes(of: word, toByteOffset: to, as: UInt64.self)
                    // Whatever was written behind the last ASCII byte is written over.
                    let plain = high == 0 ? 8 : UInt64(littleEndian: high).trailingZeroBitCount >> 3
                    at &+= plain
                    to &+= plain
                    if high == 0 { continue }
                } else if raw[at] < 0x80 {
                    target.storeBytes(of: raw[at], toByteOffset: to, as: UInt8.self)
                    at &+= 1
                    to &+= 1
                    continue
                }
                let code = code(raw, at)
                if code == 0 { break }
                target.storeBytes(of: code.littleEndian, toByteOffset: to, as: UInt32.self)
                at &+= 2
                to &+= GB18030Codes.length(of: code)
            }
            return to
        }
        return at
    }

    /// The UTF-8 of the two-byte code at an offset; 0 where there is none.
    @inline(__always)
    private func code(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt32 {
        guard at &+ 1 < bytes.count else { return 0 }
        let (lead, trail) = (Int(bytes[at]) &- GB18030Codes.leads.lowerBound, Int(bytes[at &+ 1]) &- GB18030Codes.trails.lowerBound)
        guard lead >= 0, lead < GB18030Codes.leads.count, trail >= 0, trail < GB18030Codes.trails.count else { return 0 }
        return codes[lead &* GB18030Codes.trails.count &+ trail]
    }
}
