/// Decodes field blocks (RFC 7541). Any error is one of the connection: the tables of both sides would no longer be the same (RFC 9113
/// §4.3).
package struct HPACKDecoder: Sendable {
    private var table: HPACKTable
    /// What the peer may make the table's room, as our SETTINGS_HEADER_TABLE_SIZE says.
    private let allowed: Int

    /// A decoder whose table may have this size.
    package init(tableSize: Int = 4096) {
        table = HPACKTable(maximum: tableSize)
        allowed = tableSize
    }

    /// Decodes a whole block into an empty section. The block is read to its end even when the section is too large, because the table
    /// has to follow.
    package mutating func decode(_ block: UnsafeRawBufferPointer, into section: inout FieldSection) throws(HTTP2Fault) {
        var reader = HPACKReader(block)
        var mayResize = true
        while let octet = reader.octet {
            if octet & 0x80 != 0 {
                try indexed(try reader.integer(7), &section)
            } else if octet & 0x40 != 0 {
                try literal(try reader.integer(6), &reader, &section, isAdded: true)
            } else if octet & 0x20 != 0 {
                // Only in front of the first field (RFC 7541 §4.2).
                let size = try reader.integer(5)
                guard mayResize, size <= allowed else { throw HTTP2Fault(.tableSize) }
                table.resize(size)
                continue
            } else {
                try literal(try reader.integer(4), &reader, &section, isAdded: false)
            }
            mayResize = false
        }
    }

    /// A field that is in a table (RFC 7541 §6.1).
    private func indexed(_ index: Int, _ section: inout FieldSection) throws(HTTP2Fault) {
        guard index > 0 else { throw HTTP2Fault(.fieldIndex) }
        if index <= HPACKStaticTable.entries.count {
            let entry = HPACKStaticTable.entries[index - 1]
            try copy(entry.text.count, nameCount: entry.nameCount, entry.kind, &section) { target in
                entry.text.withUnsafeBytes { target.copyMemory(from: $0) }
            }
            return
        }
        guard let entry = table.entry(index - HPACKStaticTable.entries.count - 1) else { throw HTTP2Fault(.fieldIndex) }
        let count = Int(entry.nameCount + entry.valueCount)
        try copy(count, nameCount: Int(entry.nameCount), entry.kind, &section) { target in
            table.withBytes { bytes in
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[Int(entry.start)..<Int(entry.start) + count]))
            }
        }
    }

    @inline(__always)
    private func copy(
        _ count: Int, nameCount: Int, _ kind: FieldKind, _ section: inout FieldSection,
        _ body: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(HTTP2Fault) {
        guard !section.isOver(with: count) else {
            section.skip(count)
            // One byte may name a field of thousands.
            guard !section.isFlood else { throw HTTP2Fault(.fieldFlood) }
            return
        }
        let start = section.end
        _ = section.append(count) { target in
            body(target)
            return count
        }
        section.close(from: start, nameCount: nameCount, kind: kind)
    }

    /// A field whose value is spelled out, and perhaps its name (RFC 7541 §6.2).
    private mutating func literal(
        _ index: Int, _ reader: inout HPACKReader, _ section: inout FieldSection, isAdded: Bool
    ) throws(HTTP2Fault) {
        let start = section.end
        let kind: FieldKind?
        let nameCount: Int
        if index == 0 {
            nameCount = try reader.text(into: &section)
            kind = nil
        } else {
            (nameCount, kind) = try name(index, &section)
        }
        let valueCount = try reader.text(into: &section)
        let count = nameCount + valueCount
        let meaning = section.withEnd(start, nameCount) { kind ?? FieldKind($0) }
        if isAdded { section.withEnd(start, count) { table.insert($0, nameCount: nameCount, kind: meaning) } }
        section.close(from: start, nameCount: nameCount, kind: meaning)
        // Two bytes may give a name of thousands.
        guard !section.isFlood else { throw HTTP2Fault(.fieldFlood) }
    }

    /// Copies the name of an entry.
    private func name(_ index: Int, _ section: inout FieldSection) throws(HTTP2Fault) -> (Int, FieldKind) {
        if index <= HPACKStaticTable.entries.count {
            let entry = HPACKStaticTable.entries[index - 1]
            _ = section.append(entry.nameCount) { target in
                entry.text.withUnsafeBytes { target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<entry.nameCount])) }
                return entry.nameCount
            }
            return (entry.nameCount, entry.kind)
        }
        guard let entry = table.entry(index - HPACKStaticTable.entries.count - 1) else { throw HTTP2Fault(.fieldIndex) }
        let count = Int(entry.nameCount)
        _ = section.append(count) { target in
            table.withBytes { bytes in
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[Int(entry.start)..<Int(entry.start) + count]))
            }
            return count
        }
        return (count, entry.kind)
    }
}

/// Reads the integers and texts of a block (RFC 7541 §5).
struct HPACKReader {
    private let bytes: UnsafeRawBufferPointer
    private var at = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The octet at hand, which is not passed over; nil at the end.
    @inline(__always)
    var octet: UInt8? { at < bytes.count ? bytes[at] : nil }

    /// An integer whose first octet has so many bits of it (RFC 7541 §5.1). One over 2^28 is nothing that a block of ours can hold.
    @inline(__always)
    mutating func integer(_ bits: Int) throws(HTTP2Fault) -> Int {
        guard at < bytes.count else { throw HTTP2Fault(.fieldInteger) }
        let mask = (1 &<< bits) &- 1
        let value = Int(bytes[at]) & mask
        at &+= 1
        return value < mask ? value : try long(value)
    }

    private mutating func long(_ first: Int) throws(HTTP2Fault) -> Int {
        var value = first
        var shift = 0
        while shift <= 28 {
            guard at < bytes.count else { throw HTTP2Fault(.fieldInteger) }
            let octet = Int(bytes[at])
            at &+= 1
            value &+= (octet & 0x7F) &<< shift
            if octet & 0x80 == 0 {
                guard value < 1 &<< 28 else { throw HTTP2Fault(.fieldInteger) }
                return value
            }
            shift &+= 7
        }
        throw HTTP2Fault(.fieldInteger)
    }

    /// A text (RFC 7541 §5.2), decoded behind the last one of a section; its length.
    mutating func text(into section: inout FieldSection) throws(HTTP2Fault) -> Int {
        guard let octet else { throw HTTP2Fault(.fieldText) }
        let count = try integer(7)
        guard count <= bytes.count - at else { throw HTTP2Fault(.fieldText) }
        let source = UnsafeRawBufferPointer(rebasing: bytes[at..<at + count])
        at &+= count
        if octet & 0x80 == 0 {
            return section.append(count) { target in
                target.copyMemory(from: source)
                return count
            } ?? 0
        }
        guard let length = section.append(HuffmanCode.room(count), { HuffmanCode.decode(source, into: $0) }) else {
            throw HTTP2Fault(.fieldHuffman)
        }
        return length
    }
}

extension FieldSection {
    /// Lets `body` read a text that was put behind the last field.
    @inline(__always)
    func withEnd<R>(_ start: Int, _ count: Int, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        withBytes { body(UnsafeRawBufferPointer(rebasing: $0[start..<start + count])) }
    }
}
