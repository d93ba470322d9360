/// The Huffman code of RFC 7541, appendix B. It is canonical: the lengths say everything.
enum HuffmanCode {
    /// The length of each octet's code in bits; the last is the end of the string, which must not stand in one (RFC 7541 §5.2).
    static let lengths: [UInt8] = [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ]

    private static let longest = 30
    private static let fastBits = 10

    /// What decoding reads: for the next ten bits the octet and the length of its code, 0 where the code is longer; and for each length the
    /// first code, how many there are, and where their octets stand in `octets`.
    private struct Tables {
        var fast = [UInt16](repeating: 0, count: 1 << fastBits)
        var first = [UInt64](repeating: 0, count: longest + 1)
        var count = [UInt64](repeating: 0, count: longest + 1)
        var offset = [Int](repeating: 0, count: longest + 1)
        var octets: [UInt16] = []
    }

    private static let tables: Tables = {
        var tables = Tables()
        var code: UInt64 = 0
        for length in 1...longest {
            code &<<= 1
            tables.first[length] = code
            tables.offset[length] = tables.octets.count
            for octet in lengths.indices where Int(lengths[octet]) == length {
                tables.octets.append(UInt16(octet))
                if length <= fastBits {
                    let shift = fastBits - length
                    for rest in 0..<(1 << shift) { tables.fast[Int(code) << shift | rest] = UInt16(length << 8 | octet) }
                }
                code += 1
                tables.count[length] += 1
            }
        }
        return tables
    }()

    /// The most bytes that so many encoded ones decode to: the shortest code has five bits.
    @inline(__always)
    static func room(_ encoded: Int) -> Int { encoded &* 8 / 5 &+ 1 }

    /// Decodes into memory that has `room` for it, and says how many bytes that were; nil when it is no such string: the padding is
    /// longer than seven bits or not all ones, or the end of the string stands in it (RFC 7541 §5.2).
    static func decode(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int? {
        guard target.count >= room(source.count) else { return nil }
        return tables.fast.withUnsafeBufferPointer { fast in
            var bits: UInt64 = 0
            var held = 0
            var at = 0
            var written = 0
            let end = source.count
            while true {
                while held <= 56, at < end {
                    bits |= UInt64(source[at]) &<< UInt64(56 &- held)
                    held &+= 8
                    at &+= 1
                }
                if held == 0 { return written }
                let entry = fast[Int(truncatingIfNeeded: bits &>> UInt64(64 - fastBits))]
                var length = Int(entry &>> 8)
                var octet = UInt8(truncatingIfNeeded: entry)
                if entry == 0 {
                    guard let found = slow(bits, held) else { return isPadding(bits, held) ? written : nil }
                    guard found.octet < 256 else { return nil }
                    octet = UInt8(truncatingIfNeeded: found.octet)
                    length = found.length
                } else if length > held {
                    return isPadding(bits, held) ? written : nil
                }
                target[written] = octet
                written &+= 1
                bits &<<= UInt64(length)
                held &-= length
            }
        }
    }

    private static func slow(_ bits: UInt64, _ held: Int) -> (octet: UInt16, length: Int)? {
        let tables = Self.tables
        var length = fastBits + 1
        while length <= min(longest, held) {
            let code = bits &>> UInt64(64 - length)
            if code >= tables.first[length], code - tables.first[length] < tables.count[length] {
                return (tables.octets[tables.offset[length] + Int(code - tables.first[length])], length)
            }
            length += 1
        }
        return nil
    }

    @inline(__always)
    private static func isPadding(_ bits: UInt64, _ held: Int) -> Bool {
        held < 8 && bits &>> UInt64(64 - held) == (1 &<< UInt64(held)) - 1
    }
}
