/// Whether a path may be matched and passed on as it came: no `.` or `..` segments (RFC 3986 §5.2.4), plain or
/// percent-encoded, no encoded NUL, and no broken percent-encoding. A path that climbs could leave its route at an upstream
/// that resolves it, so it is refused rather than rewritten.
public func isSafePath(_ path: UnsafeRawBufferPointer) -> Bool {
    var index = 0
    var segmentIsDots = true
    var dots = 0
    while index < path.count {
        var byte = path[index]
        if byte == UInt8(ascii: "%") {
            guard index + 2 < path.count, let high = hexDigit(path[index + 1]), let low = hexDigit(path[index + 2]) else { return false }
            byte = high << 4 | low
            if byte == 0 { return false }
            index += 2
            // An encoded slash or percent sign is data, not structure.
            if byte == UInt8(ascii: "/") || byte == UInt8(ascii: "%") { byte = 1 }
        }
        switch byte {
        case UInt8(ascii: "/"):
            if segmentIsDots, dots == 1 || dots == 2 { return false }
            segmentIsDots = true
            dots = 0
        case UInt8(ascii: "."): dots += 1
        default: segmentIsDots = false
        }
        index += 1
    }
    return !(segmentIsDots && (dots == 1 || dots == 2))
}

private func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
}
