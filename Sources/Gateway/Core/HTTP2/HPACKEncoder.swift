/// Encodes the fields of answers (RFC 7541) from the bytes of a head, without a String.
///
/// A field enters the dynamic table when it comes for the second time: what repeats from answer to answer (a media type, a policy of
/// transport security, the date within its second) is one byte from then on, and what is different every time does not push it out. Texts
/// are not Huffman-coded: that would save some ten bytes of an answer, at more than they cost to send (docs/decisions/http2-framed-here.md).
package struct HPACKEncoder: Sendable {
    private var table: HPACKTable
    /// The smallest room since the last block, and the one to tell of; nil when nothing has to be told (RFC 7541 §4.2).
    private var untold: (least: Int, last: Int)?
    /// Hashes of fields that came once.
    private var seen = [UInt64](repeating: 0, count: 64)

    /// The most room that we use, whatever the peer allows.
    private let most: Int

    /// An encoder whose table may have this size.
    package init(tableSize: Int = 4096) {
        most = tableSize
        table = HPACKTable(maximum: tableSize)
    }

    /// The peer allows its decoder's table so much (SETTINGS_HEADER_TABLE_SIZE).
    package mutating func allow(_ size: Int) {
        let size = min(max(size, 0), most)
        guard size != table.maximum || untold != nil else { return }
        table.resize(size)
        untold = (min(untold?.least ?? size, size), size)
    }

    /// The most bytes that a block with so many fields needs, whose names and values have so many bytes.
    package static func room(fields: Int, bytes: Int) -> Int { bytes + 12 * fields + 32 }

    /// Begins a block.
    package mutating func begin(_ out: inout ByteCursor) {
        guard let (least, last) = untold else { return }
        untold = nil
        if least < last { Self.integer(least, bits: 5, 0x20, &out) }
        Self.integer(last, bits: 5, 0x20, &out)
    }

    /// Writes the pseudo-field of an answer (RFC 9113 §8.3.2).
    package mutating func status(_ status: Int, _ out: inout ByteCursor) {
        let index = HPACKStaticTable.index(ofStatus: status)
        if index > 0 { return Self.integer(index, bits: 7, 0x80, &out) }
        Self.integer(HPACKStaticTable.status, bits: 4, 0, &out)
        out.write(3)
        out.write(status, width: 3)
    }

    /// Writes a field, its name in lower case. One with a secret is never put into a table, here or by whoever passes it on (RFC 7541 §7.1.3).
    package mutating func field(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ known: KnownField, _ out: inout ByteCursor
    ) {
        let fixed = Int(HPACKStaticTable.indices[Int(known.rawValue)])
        if known == .setCookie || known == .authorization { return literal(name, value, fixed, bits: 4, 0x10, &out) }
        let nameHash = fixed > 0 ? UInt64(fixed) : Self.hash(name, isName: true, 0x9E37_79B9)
        let hash = Self.hash(value, isName: false, nameHash)
        if let place = find(hash, name, value) {
            return Self.integer(HPACKStaticTable.entries.count + 1 + place, bits: 7, 0x80, &out)
        }
        let named = fixed > 0 ? fixed : find(nameHash, name).map { HPACKStaticTable.entries.count + 1 + $0 } ?? 0
        let size = name.count + value.count + 32
        // A name that has no index and comes again is worth an entry too.
        let isKnown = wasSeen(hash)
        guard size <= table.maximum / 4, isKnown || named == 0 && wasSeen(nameHash) else {
            return literal(name, value, named, bits: 4, 0, &out)
        }
        literal(name, value, named, bits: 6, 0x40, &out)
        insert(name, value, hash, nameHash)
    }

    @inline(__always)
    private mutating func wasSeen(_ hash: UInt64) -> Bool {
        let place = Int(truncatingIfNeeded: hash & 63)
        if seen[place] == hash { return true }
        seen[place] = hash
        return false
    }

    @inline(__always)
    private func find(_ hash: UInt64, _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Int? {
        if table.count == 0 { return nil }
        return table.withBytes { bytes in
            table.search { entry in
                entry.hash == hash && Int(entry.nameCount) == name.count && Int(entry.valueCount) == value.count
                    && Self.isName(name, entry, bytes)
                    && bytes[Int(entry.start + entry.nameCount)..<Int(entry.start + entry.nameCount + entry.valueCount)]
                        .elementsEqual(value)
            }
        }
    }

    private func find(_ nameHash: UInt64, _ name: UnsafeRawBufferPointer) -> Int? {
        table.withBytes { bytes in
            table.search { $0.nameHash == nameHash && Int($0.nameCount) == name.count && Self.isName(name, $0, bytes) }
        }
    }

    @inline(__always)
    private static func isName(_ name: UnsafeRawBufferPointer, _ entry: HPACKTable.Entry, _ bytes: UnsafeRawBufferPointer) -> Bool {
        for index in 0..<name.count where bytes[Int(entry.start) + index] != WireSyntax.lowercase(name[index]) { return false }
        return true
    }

    private mutating func insert(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ hash: UInt64, _ nameHash: UInt64) {
        withUnsafeTemporaryAllocation(byteCount: name.count + value.count, alignment: 1) { room in
            var text = ByteCursor(room)
            Self.lowercase(name, &text)
            text.write(value)
            table.insert(UnsafeRawBufferPointer(room), nameCount: name.count, kind: .regular, hash: hash, nameHash: nameHash)
        }
    }

    // MARK: Bytes

    private func literal(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ index: Int, bits: Int, _ pattern: UInt8, _ out: inout ByteCursor
    ) {
        Self.integer(index, bits: bits, pattern, &out)
        if index == 0 {
            Self.integer(name.count, bits: 7, 0, &out)
            Self.lowercase(name, &out)
        }
        Self.integer(value.count, bits: 7, 0, &out)
        out.write(value)
    }

    @inline(__always)
    private static func lowercase(_ name: UnsafeRawBufferPointer, _ out: inout ByteCursor) {
        for octet in name { out.write(WireSyntax.lowercase(octet)) }
    }

    /// Writes an integer with so many bits in its first octet, whose others are `pattern` (RFC 7541 §5.1).
    @inline(__always)
    static func integer(_ value: Int, bits: Int, _ pattern: UInt8, _ out: inout ByteCursor) {
        let mask = (1 &<< bits) &- 1
        if value < mask { return out.write(pattern | UInt8(truncatingIfNeeded: value)) }
        out.write(pattern | UInt8(truncatingIfNeeded: mask))
        var rest = value &- mask
        while rest >= 128 {
            out.write(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest &>>= 7
        }
        out.write(UInt8(truncatingIfNeeded: rest))
    }

    /// A hash of a text behind another hash; that of a name does not regard case. Found entries are compared byte by byte.
    @inline(__always)
    private static func hash(_ text: UnsafeRawBufferPointer, isName: Bool, _ seed: UInt64) -> UInt64 {
        let fold: UInt64 = isName ? 0x2020_2020_2020_2020 : 0
        var hash = (seed ^ UInt64(truncatingIfNeeded: text.count)) &* 0x9E37_79B9_7F4A_7C15
        guard let base = text.baseAddress else { return hash }
        var at = 0
        while text.count &- at >= 8 {
            hash = (hash ^ (Octets.word(base, at) | fold)) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash &>> 29
            at &+= 8
        }
        while at < text.count {
            hash = (hash ^ UInt64(Octets.octet(base, at) | UInt8(truncatingIfNeeded: fold))) &* 0x0000_0100_0000_01B3
            at &+= 1
        }
        return (hash ^ hash &>> 32) &* 0xBF58_476D_1CE4_E5B9
    }
}
