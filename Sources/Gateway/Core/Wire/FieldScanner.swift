/// Reads the field lines of a head or of a trailer section, up to and with the empty line (RFC 9112 §5). It can stop at any byte and
/// go on when more have come; no byte is looked at twice, however slowly they arrive.
struct FieldScanner: Sendable {
    private enum Phase: UInt8 {
        case lineStart, name, blanks, value, lineFeed, lastLineFeed, done
    }

    /// Where the scan goes on; behind the empty line when it is complete.
    private(set) var position = 0
    /// The known fields seen.
    private(set) var present = KnownFieldSet()
    /// The known fields seen more than once.
    private(set) var repeated = KnownFieldSet()
    /// Whether a line ended in a bare LF.
    private(set) var hasBareLineFeed = false

    private var phase = Phase.lineStart
    private var known = KnownField.other
    private var isAlias = false
    private var hasUnderscore = false
    private var endedBare = false
    private var nameStart = 0
    private var nameEnd = 0
    private var valueStart = 0
    private let allowsBareLineFeed: Bool
    private let most: Int

    /// A scanner that takes at most `most` lines, and a bare LF as the end of a line only where `allowsBareLineFeed`.
    init(most: Int, allowsBareLineFeed: Bool) {
        self.most = most
        self.allowsBareLineFeed = allowsBareLineFeed
    }

    /// Makes ready for the section that begins at `position`; `afterBareLineFeed` if the line before it ended in a bare LF.
    mutating func start(at position: Int, afterBareLineFeed: Bool = false) {
        self.position = position
        phase = .lineStart
        present.removeAll()
        repeated.removeAll()
        hasBareLineFeed = afterBareLineFeed
        endedBare = afterBareLineFeed
    }

    /// Goes on up to `end`, adding the lines to `fields`.
    mutating func scan(_ bytes: UnsafeRawPointer, _ end: Int, into fields: inout ContiguousArray<FieldLine>) -> WireStep {
        while position < end {
            let fault: WireCause?
            switch phase {
            case .lineStart:
                if takeCleanLine(bytes, end, into: &fields) { continue }
                fault = beginLine(bytes)
            case .name: fault = scanName(bytes, end)
            case .blanks:
                position = Octets.endOfBlanks(bytes, position, end)
                valueStart = position
                if position < end { phase = .value }
                fault = nil
            case .value: fault = scanValue(bytes, end, into: &fields)
            case .lineFeed:
                fault = Octets.octet(bytes, position) == .lineFeed ? nil : .bareCarriageReturn
                position += 1
                phase = .lineStart
            case .lastLineFeed:
                guard Octets.octet(bytes, position) == .lineFeed else { return .refused(.bareCarriageReturn) }
                position += 1
                phase = .done
                return .complete
            case .done: return .complete
            }
            if let fault { return .refused(fault) }
        }
        return phase == .done ? .complete : .incomplete
    }

    /// Takes a line that is all there and needs no second thought, in one go: a plain name, a colon, at most one SP, a value without
    /// white space around it, CRLF. Anything else is left untouched to the states below, which know every rule.
    @inline(__always)
    private mutating func takeCleanLine(
        _ bytes: UnsafeRawPointer, _ end: Int, into fields: inout ContiguousArray<FieldLine>
    ) -> Bool {
        let from = position
        let colon = Octets.endOfPlainName(bytes, from, end)
        guard colon < end - 8, colon > from, Octets.octet(bytes, colon) == .colon else { return false }
        let valueFrom = Octets.octet(bytes, colon + 1) == .space ? colon + 2 : colon + 1
        let valueTo = Octets.endOfText(bytes, valueFrom, end)
        guard valueTo < end - 1, Octets.octet(bytes, valueTo) == .carriageReturn, Octets.octet(bytes, valueTo + 1) == .lineFeed,
            valueTo == valueFrom
                || !Octets.isBlank(Octets.octet(bytes, valueFrom)) && !Octets.isBlank(Octets.octet(bytes, valueTo - 1)),
            fields.count < most
        else { return false }
        let known = KnownField.recognise(bytes, from, colon, limit: end)
        note(known)
        fields.append(
            FieldLine(name: ByteSpan(from, colon), value: ByteSpan(valueFrom, valueTo), known: known, isAlias: false, hasUnderscore: false))
        endedBare = false
        position = valueTo + 2
        return true
    }

    @inline(__always)
    private mutating func note(_ known: KnownField) {
        if present.contains(known) { repeated.insert(known) } else { present.insert(known) }
    }

    private mutating func beginLine(_ bytes: UnsafeRawPointer) -> WireCause? {
        let octet = Octets.octet(bytes, position)
        if octet == .carriageReturn {
            // A peer that ends lines in CRLF only does not see the end of the head in LF CRLF, and would read what follows as more of it.
            if endedBare { return .bareLineFeed }
            position += 1
            phase = .lastLineFeed
            return nil
        }
        if octet == .lineFeed { return .bareLineFeed }
        if Octets.isBlank(octet) { return .foldedLine }
        nameStart = position
        phase = .name
        return nil
    }

    private mutating func scanName(_ bytes: UnsafeRawPointer, _ end: Int) -> WireCause? {
        position = Octets.endOfRun(of: .token, bytes, position, end)
        guard position < end else { return nil }
        guard Octets.octet(bytes, position) == .colon, position > nameStart else { return .fieldName }
        nameEnd = position
        known = .recognise(bytes, nameStart, nameEnd)
        isAlias = false
        // No known field has one.
        hasUnderscore = known == .other && Octets.first(UInt8(ascii: "_"), bytes, nameStart, nameEnd) < nameEnd
        if hasUnderscore {
            let meant = KnownField.aliased(bytes, nameStart, nameEnd)
            if meant == .contentLength || meant == .transferEncoding { return .framingAlias }
            isAlias = meant != .other
        }
        position += 1
        phase = .blanks
        return nil
    }

    private mutating func scanValue(
        _ bytes: UnsafeRawPointer, _ end: Int, into fields: inout ContiguousArray<FieldLine>
    ) -> WireCause? {
        position = Octets.endOfText(bytes, position, end)
        guard position < end else { return nil }
        let octet = Octets.octet(bytes, position)
        if octet == .carriageReturn {
            phase = .lineFeed
            endedBare = false
        } else if octet == .lineFeed {
            guard allowsBareLineFeed else { return .bareLineFeed }
            phase = .lineStart
            endedBare = true
            hasBareLineFeed = true
        } else {
            return .fieldValue
        }
        guard fields.count < most else { return .tooManyFields }
        var valueEnd = position
        while valueEnd > valueStart, Octets.isBlank(Octets.octet(bytes, valueEnd - 1)) { valueEnd -= 1 }
        position += 1
        note(known)
        fields.append(
            FieldLine(
                name: ByteSpan(nameStart, nameEnd), value: ByteSpan(valueStart, valueEnd), known: known, isAlias: isAlias,
                hasUnderscore: hasUnderscore))
        return nil
    }
}

extension KnownField {
    /// The known field that `[from, end)` spells with `_` for `-`.
    static func aliased(_ bytes: UnsafeRawPointer, _ from: Int, _ end: Int) -> KnownField {
        let count = end - from
        guard count <= 24 else { return .other }
        return withUnsafeTemporaryAllocation(byteCount: 24, alignment: 8) { copy in
            guard let base = copy.baseAddress else { return .other }
            for index in 0..<count {
                let octet = Octets.octet(bytes, from + index)
                base.storeBytes(of: octet == UInt8(ascii: "_") ? UInt8(ascii: "-") : octet, toByteOffset: index, as: UInt8.self)
            }
            return recognise(UnsafeRawPointer(base), 0, count)
        }
    }
}
