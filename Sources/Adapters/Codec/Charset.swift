import Glibc

/// A character encoding that departments use: UTF-8 by our own check, the two-byte codes of GB 18030 by a table that iconv filled, everything
/// else by glibc's iconv.
///
/// GBK and GB2312 are subsets of GB18030 and in the field a label for all three, so all of them read GB18030. What is written as GBK or
/// GB2312 has GBK's characters only: a reader of GBK makes other characters of a four-byte code. A department that says GBK and means
/// GB18030 is configured with the one and labelled with the other.
///
/// The table is glibc's (checked with 2.36): GB 18030-2005 with the codes that GB 18030-2022 gives to U+9FB4–9FBB (FE59–FEA0) and
/// U+FE10–FE19 (A6D9–A6F3). The four-byte codes that the 2005 edition has for these eighteen are read as well. It differs from the
/// WHATWG index in seven codes: A3A0 is U+E5E5 (there U+3000), and FE51, FE52, FE53, FE6C, FE76, FE91 are U+20087, 20089, 200CC, 215D7,
/// 2298F, 241FE (there private use). `CharsetTests` holds the whole table.
public struct Charset: Sendable, Hashable, CustomStringConvertible {
    private enum Coding: UInt8, Sendable, Hashable {
        case utf8, gb18030, big5, latin1
    }

    /// The name to write in a declaration: `UTF-8`, `GBK`, `GB2312`, `GB18030`, `Big5` or `ISO-8859-1`.
    public let name: String
    private let coding: Coding

    /// Whether every byte is a character.
    var isSingleByte: Bool { coding == .latin1 }
    /// Whether characters have one, two or four bytes, as in GB 18030, GBK and GB2312.
    var isGB18030: Bool { coding == .gb18030 }

    private init(name: String, coding: Coding) {
        self.name = name
        self.coding = coding
    }

    /// UTF-8 (RFC 3629).
    public static let utf8 = Charset(name: "UTF-8", coding: .utf8)
    /// GB 18030.
    public static let gb18030 = Charset(name: "GB18030", coding: .gb18030)
    /// GBK, read as GB 18030.
    public static let gbk = Charset(name: "GBK", coding: .gb18030)

    /// The charset of an IANA name or a common alias, without regard to case; nil for one that is not supported.
    public init?(named name: String) {
        switch name.lowercased() {
        case "utf-8", "utf8", "us-ascii", "ascii": self = .utf8
        case "gbk", "cp936", "ms936", "windows-936", "x-gbk": self = .gbk
        case "gb2312", "gb_2312-80", "euc-cn", "euccn", "csgb2312", "x-euc-cn": self.init(name: "GB2312", coding: .gb18030)
        case "gb18030", "gb18030-2000", "gb18030-2005", "gb18030-2022", "gb-18030": self = .gb18030
        case "big5", "big-5", "cn-big5", "csbig5", "x-big5", "x-x-big5", "cp950", "ms950", "windows-950", "x-windows-950":
            self.init(name: "Big5", coding: .big5)
        case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1", "csisolatin1":
            self.init(name: "ISO-8859-1", coding: .latin1)
        default: return nil
        }
        // A configuration that names it fills its table before any call needs it.
        if coding == .gb18030 { _ = GB18030Codes.shared }
    }

    /// The name.
    public var description: String { name }

    /// Whether the bytes are UTF-8 already.
    var isUTF8: Bool { coding == .utf8 }

    /// The text of bytes. An invalid sequence is a fault with its offset, or becomes U+FFFD where `replacingInvalid` says so.
    public func decode(_ bytes: [UInt8], replacingInvalid: Bool = false) throws(CodecFault) -> String {
        try bytes.withUnsafeBufferPointer { (bytes) throws(CodecFault) in try decode(bytes, replacingInvalid: replacingInvalid) }
    }

    /// The text of bytes. An invalid sequence is a fault with its offset, or becomes U+FFFD where `replacingInvalid` says so.
    public func decode(_ bytes: UnsafeRawBufferPointer, replacingInvalid: Bool = false) throws(CodecFault) -> String {
        try bytes.withMemoryRebound(to: UInt8.self) { (bytes) throws(CodecFault) in
            try decode(bytes, replacingInvalid: replacingInvalid)
        }
    }

    private func decode(_ bytes: UnsafeBufferPointer<UInt8>, replacingInvalid: Bool) throws(CodecFault) -> String {
        if coding == .utf8 ? UTF8Text.isValid(bytes) : UTF8Text.isASCII(bytes) { return UTF8Text.string(validated: bytes) }
        if coding == .utf8, replacingInvalid { return String(decoding: bytes, as: UTF8.self) }
        var out = ByteSink(capacity: bytes.count * 2 + 64)
        try decode(bytes, replacingInvalid: replacingInvalid, into: &out)
        return out.withBytes { UTF8Text.string(validated: $0) }
    }

    /// Appends the bytes as UTF-8.
    func decode(_ bytes: UnsafeBufferPointer<UInt8>, replacingInvalid: Bool = false, into out: inout ByteSink) throws(CodecFault) {
        if coding == .utf8 {
            if let offset = UTF8Text.firstInvalid(bytes) { throw fault("not UTF-8", at: offset) }
            return out.append(bytes)
        }
        if UTF8Text.isASCII(bytes) { return out.append(bytes) }
        var rest = bytes
        if coding == .gb18030, let codes = GB18030Codes.shared {
            rest = UnsafeBufferPointer(rebasing: bytes[codes.decode(bytes, into: &out)...])
            if rest.isEmpty { return }
        }
        var window = Window()
        while true {
            let stop = Charset.convert(&rest, coding, .toUTF8, &window, into: &out)
            if stop == .done { return }
            if stop == .invalid, coding == .gb18030, let (scalar, length) = Charset.scalarOfOlderCode(rest) {
                out.append(text: String(Character(scalar)))
                rest = UnsafeBufferPointer(rebasing: rest.dropFirst(length))
                continue
            }
            guard replacingInvalid, stop != .unavailable else { throw fault(stop.reason, at: bytes.count - rest.count) }
            // U+FFFD for the byte that no sequence begins with; for a cut off end, once for all of it.
            out.append("\u{FFFD}")
            rest = UnsafeBufferPointer(rebasing: stop == .incomplete ? rest[rest.count...] : rest.dropFirst())
        }
    }

    /// The character, and the length, of a code that glibc does not have: the four-byte codes of GB 18030-2005 that the edition of 2022
    /// replaced by two-byte ones, and the euro sign of code page 936.
    private static func scalarOfOlderCode(_ bytes: UnsafeBufferPointer<UInt8>) -> (Unicode.Scalar, Int)? {
        if bytes.first == 0x80 { return ("\u{20AC}", 1) }
        guard bytes.count >= 4, 0x30...0x39 ~= bytes[1], 0x30...0x39 ~= bytes[3] else { return nil }
        let tens = (Int(bytes[0]) - 0x81) * 10 + Int(bytes[1]) - 0x30
        let pointer = (tens * 126 + Int(bytes[2]) - 0x81) * 10 + Int(bytes[3]) - 0x30
        // Counted from 81308130: 82359037 is 19,057, 84318236 is 39,076.
        if 19_057..<19_065 ~= pointer { return Unicode.Scalar(UInt32(0x9FB4 + pointer - 19_057)).map { ($0, 4) } }
        if 39_076..<39_086 ~= pointer { return Unicode.Scalar(UInt32(0xFE10 + pointer - 39_076)).map { ($0, 4) } }
        return nil
    }

    /// The bytes of a text. A character that the charset does not have is a fault; its offset counts the text's UTF-8 bytes.
    public func encode(_ text: String) throws(CodecFault) -> [UInt8] {
        try UTF8Text.withBytes(of: text) { (bytes) throws(CodecFault) in
            if coding == .utf8 || UTF8Text.isASCII(bytes) { return Array(bytes) }
            var out = ByteSink(capacity: bytes.count * 2 + 64)
            // Up to the first character that iconv must not see: one before it may be missing too, and the first is the one to name.
            let end = conversion == .fromUTF8 && isGB18030 ? nil : Charset.firstUnconverted(bytes, toGBK: conversion == .fromUTF8ToGBK)
            var rest = UnsafeBufferPointer(rebasing: bytes[..<(end ?? bytes.count)])
            var window = Window()
            let stop = Charset.convert(&rest, coding, conversion, &window, into: &out)
            if stop == .unavailable { throw fault(stop.reason, at: nil) }
            guard stop == .done, end == nil else { throw missing(at: (end ?? bytes.count) - rest.count) }
            return out.withBytes { Array($0) }
        }
    }

    /// How it is written: GBK and GB2312 mean the two-byte repertoire of GBK, which every reader of either knows.
    private var conversion: Conversion { coding == .gb18030 && name != "GB18030" ? .fromUTF8ToGBK : .fromUTF8 }

    private func missing(at offset: Int) -> CodecFault { fault("a character that this charset does not have", at: offset) }

    /// Appends UTF-8 text in this charset; `replacement` writes what stands for a character that the charset does not have.
    func encode(
        _ bytes: UnsafeBufferPointer<UInt8>, into out: inout ByteSink,
        replacing replacement: (Unicode.Scalar, inout ByteSink) throws(CodecFault) -> Void
    ) throws(CodecFault) {
        if coding == .utf8 || UTF8Text.isASCII(bytes) { return out.append(bytes) }
        let conversion = conversion
        var window = Window()
        var start = 0
        while start < bytes.count {
            // Up to the next character that iconv must not see, then that one.
            let behind = UnsafeBufferPointer(rebasing: bytes[start...])
            let isComplete = conversion == .fromUTF8 && coding == .gb18030
            let wrong = isComplete ? nil : Charset.firstUnconverted(behind, toGBK: conversion == .fromUTF8ToGBK)
            let end = wrong.map { start + $0 } ?? bytes.count
            var rest = UnsafeBufferPointer(rebasing: bytes[start..<end])
            while true {
                let stop = Charset.convert(&rest, coding, conversion, &window, into: &out)
                if stop == .unavailable { throw fault(stop.reason, at: nil) }
                guard let (scalar, length) = Charset.firstScalar(rest) else { break }
                try replacement(scalar, &out)
                rest = UnsafeBufferPointer(rebasing: rest[length...])
            }
            start = end
            guard let (scalar, length) = Charset.firstScalar(UnsafeBufferPointer(rebasing: bytes[end...])) else { break }
            try replacement(scalar, &out)
            start += length
        }
    }

    private static func firstScalar(_ bytes: UnsafeBufferPointer<UInt8>) -> (Unicode.Scalar, Int)? {
        guard let lead = bytes.first else { return nil }
        let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        guard let scalar = String(decoding: bytes.prefix(length), as: UTF8.self).unicodeScalars.first else { return nil }
        return (scalar, min(length, bytes.count))
    }

    /// The offset of the first character that glibc gets wrong on the way to every charset but GB18030 and UTF-8: it drops the tag characters
    /// U+E0000–E007F without a word, and writes the euro sign to GBK as 0x80, which only code page 936 knows.
    private static func firstUnconverted(_ bytes: UnsafeBufferPointer<UInt8>, toGBK: Bool) -> Int? {
        var at = 0
        while at + 2 < bytes.count {
            let byte = bytes[at]
            if byte == 0xF3, bytes[at + 1] == 0xA0, bytes[at + 2] & 0xFE == 0x80 { return at }
            if toGBK, byte == 0xE2, bytes[at + 1] == 0x82, bytes[at + 2] == 0xAC { return at }
            at &+= 1
        }
        return nil
    }

    private func fault(_ reason: String, at offset: Int?) -> CodecFault { CodecFault(format: name, reason: reason, offset: offset) }
}

extension Charset {
    private enum Conversion: Int, Hashable { case toUTF8, fromUTF8, fromUTF8ToGBK }

    /// How a conversion ended.
    private enum Stop {
        case done, invalid, incomplete, unavailable

        var reason: String {
            switch self {
            case .done, .invalid: "a byte sequence that this charset does not have"
            case .incomplete: "the text ends within a character"
            case .unavailable: "this system's iconv does not know the charset"
            }
        }
    }

    /// One thread's iconv descriptors, opened when first needed.
    private final class Descriptors {
        private var opened: [iconv_t?] = Array(repeating: nil, count: 12)

        func descriptor(_ coding: Coding, _ conversion: Conversion) -> iconv_t? {
            let slot = Int(coding.rawValue) * 3 + conversion.rawValue
            if let known = opened[slot] { return known }
            let name =
                switch coding {
                case .utf8: "UTF-8"
                case .gb18030: conversion == .fromUTF8ToGBK ? "GBK" : "GB18030"
                case .big5: "BIG5"
                case .latin1: "ISO-8859-1"
                }
            let new = conversion == .toUTF8 ? iconv_open("UTF-8", name) : iconv_open(name, "UTF-8")
            // iconv_open answers (iconv_t)-1 for a charset it does not know.
            guard let new, Int(bitPattern: new) != -1 else { return nil }
            opened[slot] = new
            return new
        }

        deinit { for case .some(let descriptor) in opened { iconv_close(descriptor) } }
    }

    private static let descriptors = ThreadLocal { Descriptors() }

    /// How many bytes iconv gets at a time. At a sequence that it cannot convert it does all that it was given over again, so with many such
    /// sequences a few bytes at a time are much cheaper.
    struct Window {
        fileprivate var size = 1 << 30

        fileprivate mutating func widen() { size = min(size * 2, 1 << 30) }
        fileprivate mutating func narrow() { size = 32 }
    }

    /// Converts as much of `rest` as can be converted and cuts that off it.
    private static func convert(
        _ rest: inout UnsafeBufferPointer<UInt8>, _ coding: Coding, _ conversion: Conversion, _ window: inout Window,
        into out: inout ByteSink
    ) -> Stop {
        descriptors.withObject { owner in
            guard let descriptor = owner.descriptor(coding, conversion) else { return .unavailable }
            iconv(descriptor, nil, nil, nil, nil)
            while !rest.isEmpty {
                let given = min(rest.count, window.size)
                // No character needs more than four times the bytes it has here; most need fewer than twice.
                out.reserve(given * 2 + 16)
                var part = UnsafeBufferPointer(rebasing: rest[..<given])
                let stop = step(descriptor, &part, into: &out)
                rest = UnsafeBufferPointer(rebasing: rest[(given - part.count)...])
                switch stop {
                case nil: continue
                case .done: window.widen()
                // A window may end within a character.
                case .incomplete where part.count < rest.count: window.widen()
                case .some(let stop):
                    window.narrow()
                    return stop
                }
            }
            return .done
        }
    }

    /// One call of iconv; nil when it stopped only for want of room.
    private static func step(_ descriptor: iconv_t, _ rest: inout UnsafeBufferPointer<UInt8>, into out: inout ByteSink) -> Stop? {
        var source = UnsafeMutableRawPointer(mutating: rest.baseAddress)?.assumingMemoryBound(to: CChar.self)
        var left = rest.count
        var failure: CInt = 0
        out.appendUninitialized { space in
            var target: UnsafeMutablePointer<CChar>? = UnsafeMutableRawPointer(space.baseAddress)?.assumingMemoryBound(to: CChar.self)
            var room = space.count
            // (size_t)-1 is a failure, anything else a count of characters.
            if iconv(descriptor, &source, &left, &target, &room) == -1 { failure = errno }
            return space.count - room
        }
        rest = UnsafeBufferPointer(rebasing: rest[(rest.count - left)...])
        switch failure {
        case 0, E2BIG: return left == 0 ? .done : nil
        case EINVAL: return .incomplete
        default: return .invalid
        }
    }
}
