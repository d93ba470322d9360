/// What a path is, before it is matched.
public enum PathVerdict: Sendable, Hashable {
    /// It is in its normal form.
    case normal
    /// `normalPath` says the same in its normal form (RFC 3986 §6.2.2).
    case equivalent
    /// It could be read so that it leaves its route.
    case refused
}

/// Judges a path. Refused are `.` and `..` segments (RFC 3986 §5.2.4) under any reading that a server may have: percent-encoded, once or
/// several times over; between backslashes or encoded slashes; with parameters behind a `;`. So are an encoded NUL and a broken
/// percent-encoding. A path that climbs could leave its route at an upstream that resolves it, so it is refused rather than rewritten.
public func judgePath(_ path: UnsafeRawBufferPointer) -> PathVerdict {
    var last: UInt8 = 0
    var isPlain = true
    // Nearly every path has nothing in it that means anything but itself.
    for byte in path {
        if byte == UInt8(ascii: "%") || byte == UInt8(ascii: "\\") { isPlain = false }
        if last == UInt8(ascii: "/"), byte == UInt8(ascii: ".") || byte == UInt8(ascii: "/") { isPlain = false }
        last = byte
    }
    if isPlain { return .normal }
    guard isSound(path), !climbs(path) else { return .refused }
    let normal = normalPath(path)
    // The digits of an encoding may be encoded themselves: the normal form shows it.
    guard !normal.withUnsafeBytes(climbs) else { return .refused }
    return normal.elementsEqual(path) ? .normal : .equivalent
}

/// The normal form of a path that is not refused: slashes in a row are one, what need not be percent-encoded is not (RFC 3986 §6.2.2.2),
/// and what is has upper-case digits. It means the same to every server, and only one spelling of it has a route.
public func normalPath(_ path: UnsafeRawBufferPointer) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(path.count)
    var index = 0
    while index < path.count {
        let byte = path[index]
        index += 1
        if byte == UInt8(ascii: "%"), let decoded = encoded(path, at: index) {
            if isUnreserved(decoded) { out.append(decoded) } else { out += [byte, upper(path[index]), upper(path[index + 1])] }
            index += 2
        } else if byte != UInt8(ascii: "/") || out.last != byte {
            out.append(byte)
        }
    }
    return out
}

/// Whether every percent sign begins an encoding, and none is that of NUL.
private func isSound(_ path: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    while index < path.count {
        if path[index] == UInt8(ascii: "%") {
            guard let byte = encoded(path, at: index + 1), byte != 0 else { return false }
            index += 2
        }
        index += 1
    }
    return true
}

/// Whether a segment is `.` or `..` when everything is decoded that anybody may decode.
private func climbs(_ path: UnsafeRawBufferPointer) -> Bool {
    var dots = 0
    var isOther = false
    var isParameter = false
    var index = 0
    while index < path.count {
        var byte = decoded(path, &index)
        // `%C0%AE` is a dot to a server that takes more bytes than a character needs.
        if byte >= 0xC0, let (ascii, next) = overlong(byte, path, at: index) { (byte, index) = (ascii, next) }
        switch byte {
        case UInt8(ascii: "/"), UInt8(ascii: "\\"):
            if !isOther, dots == 1 || dots == 2 { return true }
            (dots, isOther, isParameter) = (0, false, false)
        case UInt8(ascii: ";"): isParameter = true
        case UInt8(ascii: ".") where !isParameter: dots += 1
        default: if !isParameter { isOther = true }
        }
    }
    return !isOther && (dots == 1 || dots == 2)
}

/// The byte at an offset when everything is decoded that anybody may decode: `%252e` is `%2e` to a server that decodes twice.
private func decoded(_ path: UnsafeRawBufferPointer, _ index: inout Int) -> UInt8 {
    var byte = path[index]
    index += 1
    while byte == UInt8(ascii: "%"), let next = encoded(path, at: index) {
        byte = next
        index += 2
    }
    return byte
}

/// The ASCII character that a lead byte and the bytes at an offset would be in an overlong form (forbidden by RFC 3629 §3, and
/// read by old servers all the same), and where it ends.
private func overlong(_ lead: UInt8, _ path: UnsafeRawBufferPointer, at start: Int) -> (UInt8, Int)? {
    let count: Int
    switch lead {
    case 0xC0, 0xC1: count = 1
    case 0xE0: count = 2
    case 0xF0: count = 3
    default: return nil
    }
    var code = UInt32(lead & 1)
    var index = start
    for _ in 0..<count {
        guard index < path.count else { return nil }
        let byte = decoded(path, &index)
        guard byte & 0xC0 == 0x80 else { return nil }
        code = code << 6 | UInt32(byte & 0x3F)
    }
    return code < 0x80 ? (UInt8(code), index) : nil
}

/// What the two digits at an offset stand for.
private func encoded(_ path: UnsafeRawBufferPointer, at index: Int) -> UInt8? {
    guard index + 1 < path.count, let high = hexDigit(path[index]), let low = hexDigit(path[index + 1]) else { return nil }
    return high << 4 | low
}

/// Letters, digits and `-._~` (RFC 3986 §2.3).
private func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
    default: false
    }
}

private func upper(_ digit: UInt8) -> UInt8 { digit >= 0x61 ? digit & 0xDF : digit }

private func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
}
