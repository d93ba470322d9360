import Glibc

/// A character encoding that departments use: UTF-8 by our own check, every other one by glibc's iconv.
///
/// GBK and GB2312 are subsets of GB18030 and in the field a label for all three, so all of them read and write GB18030 (four-byte
/// characters included). glibc 2.36 has the edition GB 18030-2005; the deviations from the WHATWG index (2022) are listed in
/// `CharsetTests`: 18 two-byte codes and the presentation forms they stand for read as private-use characters there.
public struct Charset: Sendable, Hashable, CustomStringConvertible {
    private enum Coding: UInt8, Sendable, Hashable {
        case utf8, gb18030, big5, latin1
    }

    /// The name to write in a declaration: `UTF-8`, `GBK`, `GB2312`, `GB18030`, `Big5` or `ISO-8859-1`.
    public let name: String
    private let coding: Coding

    private init(name: String, coding: Coding) {
        self.name = name
        self.coding = coding
    }

    /// UTF-8 (RFC 3629).
    public static let utf8 = Charset(name: "UTF-8", coding: .utf8)
    /// GB 18030.
    public static let gb18030 = Charset(name: "GB18030", coding: .gb18030)
    /// GBK, read and written as GB 18030.
    public static let gbk = Charset(name: "GBK", coding: .gb18030)

    /// The charset of an IANA name or a common alias, without regard to case; nil for one that is not supported.
    public init?(named name: String) {
        switch name.lowercased() {
        case "utf-8", "utf8", "us-ascii", "ascii": self = .utf8
        case "gbk", "cp936", "ms936", "windows-936", "x-gbk": self = .gbk
        case "gb2312", "gb_2312-80", "euc-cn", "euccn", "csgb2312", "x-euc-cn": self.init(name: "GB2312", coding: .gb18030)
        case "gb18030", "gb18030-2000", "gb18030-2005", "gb18030-2022", "gb-18030": self = .gb18030
        case "big5", "big-5", "cn-big5", "csbig5", "x-x-big5": self.init(name: "Big5", coding: .big5)
        case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "l1", "csisolatin1": self.init(name: "ISO-8859-1", coding: .latin1)
        default: return nil
        }
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
        while true {
            let stop = Charset.convert(&rest, coding, .toUTF8, into: &out)
            if stop == .done { return }
            guard replacingInvalid, stop != .unavailable else { throw fault(stop.reason, at: bytes.count - rest.count) }
            // U+FFFD for the byte that no sequence begins with; for a cut off end, once for all of it.
            out.append("\u{FFFD}")
            rest = UnsafeBufferPointer(rebasing: stop == .incomplete ? rest[rest.count...] : rest.dropFirst())
        }
    }

    /// The bytes of a text. A character that the charset does not have is a fault; its offset counts the text's UTF-8 bytes.
    public func encode(_ text: String) throws(CodecFault) -> [UInt8] {
        try UTF8Text.withBytes(of: text) { (bytes) throws(CodecFault) in
            if coding == .utf8 || UTF8Text.isASCII(bytes) { return Array(bytes) }
            var out = ByteSink(capacity: bytes.count * 2 + 64)
            var rest = bytes
            let stop = Charset.convert(&rest, coding, .fromUTF8, into: &out)
            guard stop == .done else {
                throw fault(stop == .unavailable ? stop.reason : "a character that this charset does not have", at: bytes.count - rest.count)
            }
            return out.withBytes { Array($0) }
        }
    }

    /// Appends UTF-8 bytes in this charset as far as its characters go; `rest` is what remains, from the first character that the charset
    /// does not have. GBK and GB2312 mean the two-byte repertoire of GBK here, which every reader of either knows.
    func encodeStrictly(_ rest: inout UnsafeBufferPointer<UInt8>, into out: inout ByteSink) throws(CodecFault) {
        if coding == .utf8 {
            out.append(rest)
            rest = UnsafeBufferPointer(rebasing: rest[rest.count...])
            return
        }
        let direction: Conversion = coding == .gb18030 && name != "GB18030" ? .fromUTF8ToGBK : .fromUTF8
        if Charset.convert(&rest, coding, direction, into: &out) == .unavailable { throw fault(Stop.unavailable.reason, at: nil) }
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

    /// Converts as much of `rest` as can be converted and cuts that off it.
    private static func convert(
        _ rest: inout UnsafeBufferPointer<UInt8>, _ coding: Coding, _ conversion: Conversion, into out: inout ByteSink
    ) -> Stop {
        descriptors.withObject { owner in
            guard let descriptor = owner.descriptor(coding, conversion) else { return .unavailable }
            iconv(descriptor, nil, nil, nil, nil)
            while !rest.isEmpty {
                // No charset here needs more than twice the bytes of another, but for ASCII, Latin-1 and four-byte characters that grow.
                out.reserve(rest.count * 2 + 16)
                guard let stop = step(descriptor, &rest, into: &out) else { continue }
                return stop
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
