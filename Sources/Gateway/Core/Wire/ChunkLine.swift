/// Reads one chunk-size line, byte by byte (RFC 9112 §7.1, §7.1.1):
///
///     chunk-size *( ";" chunk-ext-name [ "=" ( token / quoted-string ) ] ) CR
///
/// The white space that the grammar allows around `;` and `=` for the sake of old senders ("bad" white space, RFC 9110 §5.6.3) is not
/// taken: llhttp does not take it either, and no sender in use makes it.
struct ChunkLine: Sendable {
    private enum Phase: UInt8 {
        case size, nameStart, name, valueStart, value, quoted, escaped, quotedEnd, dropped
    }

    /// The chunk's size in bytes, at most `Int64.max`.
    private(set) var size: UInt64 = 0
    private var digits = 0
    private var length = 0
    private var phase = Phase.size

    /// Takes one byte; true once it is the CR at the end of a complete line.
    @inline(__always)
    mutating func take(_ octet: UInt8, _ limits: WireLimits) throws(WireCause) -> Bool {
        if octet == .carriageReturn {
            try close(limits)
            return true
        }
        if octet == .lineFeed { throw .bareLineFeed }
        length += 1
        if length > limits.chunkLineBytes { throw .chunkLineTooLong }
        if phase == .size, let digit = Self.hexadecimal(octet) {
            digits += 1
            // Sixteen digits hold any size; more of them, zeros too, are an attempt on someone's arithmetic.
            guard digits <= 16, size <= UInt64(Int64.max) >> 4 else { throw .chunkSize }
            size = size << 4 | UInt64(digit)
            return false
        }
        try takeExtension(octet, limits)
        return false
    }

    private mutating func takeExtension(_ octet: UInt8, _ limits: WireLimits) throws(WireCause) {
        guard digits > 0 else { throw .chunkSize }
        if phase == .dropped { return }
        if let next = following(octet) {
            phase = next
            return
        }
        // Behind the size, only white space may be dropped: `5x` is no size at all.
        let isDroppable = phase != .size || Octets.isBlank(octet)
        guard isDroppable else { throw .chunkSize }
        guard limits.brokenChunkExtensions == .dropped else { throw .chunkExtension }
        phase = .dropped
    }

    /// The phase behind `octet`; nil where the grammar does not allow it.
    private func following(_ octet: UInt8) -> Phase? {
        let isToken = OctetSet.token.contains(octet)
        switch phase {
        case .size, .quotedEnd: return octet == UInt8(ascii: ";") ? .nameStart : nil
        case .nameStart: return isToken ? .name : nil
        case .name:
            if octet == UInt8(ascii: "=") { return .valueStart }
            return isToken ? .name : octet == UInt8(ascii: ";") ? .nameStart : nil
        case .valueStart: return isToken ? .value : octet == UInt8(ascii: "\"") ? .quoted : nil
        case .value: return isToken ? .value : octet == UInt8(ascii: ";") ? .nameStart : nil
        case .quoted:
            if octet == UInt8(ascii: "\"") { return .quotedEnd }
            if octet == UInt8(ascii: "\\") { return .escaped }
            return OctetSet.quotedText.contains(octet) || octet >= 0x80 ? .quoted : nil
        case .escaped: return octet == .tab || octet >= 0x20 && octet != 0x7F ? .quoted : nil
        case .dropped: return .dropped
        }
    }

    private func close(_ limits: WireLimits) throws(WireCause) {
        guard digits > 0 else { throw .chunkSize }
        switch phase {
        case .size, .name, .value, .quotedEnd, .dropped: return
        case .nameStart, .valueStart, .quoted, .escaped:
            guard limits.brokenChunkExtensions == .dropped else { throw .chunkExtension }
        }
    }

    private static func hexadecimal(_ octet: UInt8) -> UInt8? {
        let digit = octet &- UInt8(ascii: "0")
        if digit < 10 { return digit }
        let letter = (octet | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter + 10 : nil
    }
}
