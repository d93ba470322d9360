/// The head of a stream's request as HTTP/1.1, written only when nothing in it could mean something else there.
///
/// HTTP/2 can carry what HTTP/1.1 cannot say: line ends inside values, spaces in a path, two names of a host. A request with any of these
/// is malformed (RFC 9113 §8.1.1, §8.2.1, §8.3.1), and no byte of it goes on.
package struct HTTP2RequestHead: Sendable {
    /// How the content follows the head.
    package enum Framing: Sendable, Hashable {
        /// There is none.
        case none
        /// So many bytes, as the head says.
        case length(Int)
        /// In chunks.
        case chunked
    }

    /// How the content follows.
    package private(set) var framing = Framing.none
    /// Whether the method is HEAD: the answer then has no content, whatever it says.
    package private(set) var isHead = false

    private var method: FieldSection.Field?
    private var path: FieldSection.Field?
    private var authority: FieldSection.Field?
    private var host: FieldSection.Field?
    private var hasScheme = false
    private var cookies = 0
    private var length: Int?

    /// Checks the fields of a request that has content behind them, or none.
    static func check(_ section: FieldSection, hasContent: Bool) throws(HTTP2Fault) -> HTTP2RequestHead {
        var head = HTTP2RequestHead()
        let fault = section.withBytes { bytes -> HTTP2Cause? in head.read(section, bytes, hasContent) }
        if let fault { throw HTTP2Fault(fault) }
        head.framing = !hasContent ? .none : head.length.map { .length($0) } ?? .chunked
        return head
    }

    private mutating func read(_ section: FieldSection, _ bytes: UnsafeRawBufferPointer, _ hasContent: Bool) -> HTTP2Cause? {
        var isBehindPseudo = false
        for field in section.fields {
            let value = field.value(in: bytes)
            if field.kind.isPseudo {
                // Before all others (RFC 9113 §8.3).
                guard !isBehindPseudo else { return .pseudoField }
                if let cause = readPseudo(field, value) { return cause }
                continue
            }
            isBehindPseudo = true
            if let cause = readField(field, value, hasContent) { return cause }
        }
        guard let method, hasScheme, let path else { return .pseudoField }
        let isOptions = FieldText.equals(method.value(in: bytes), "OPTIONS")
        guard FieldText.isPath(path.value(in: bytes), mayBeAsterisk: isOptions) else { return .path }
        isHead = FieldText.equals(method.value(in: bytes), "HEAD")
        // The one name of the host; both must say the same (RFC 9113 §8.3.1).
        guard let name = authority ?? host else { return .authority }
        let text = name.value(in: bytes)
        if let host, !host.value(in: bytes).elementsEqual(text) { return .authority }
        return FieldText.isAuthority(text) ? nil : .authority
    }

    @inline(__always)
    private mutating func readPseudo(_ field: FieldSection.Field, _ value: UnsafeRawBufferPointer) -> HTTP2Cause? {
        switch field.kind {
        case .method:
            guard method == nil, WireSyntax.isToken(value), !FieldText.equals(value, "CONNECT") else { return .method }
            method = field
        case .path:
            guard path == nil else { return .pseudoField }
            path = field
        case .scheme:
            guard !hasScheme, FieldText.equals(value, "https") || FieldText.equals(value, "http") else { return .scheme }
            hasScheme = true
        case .authority:
            guard authority == nil else { return .authority }
            authority = field
        default: return .pseudoField
        }
        return nil
    }

    @inline(__always)
    private mutating func readField(_ field: FieldSection.Field, _ value: UnsafeRawBufferPointer, _ hasContent: Bool) -> HTTP2Cause? {
        guard FieldText.isValue(value) else { return .fieldValue }
        switch field.kind {
        case .regular: return nil
        case .host:
            guard host == nil else { return .authority }
            host = field
        case .cookie: cookies += 1
        case .te: return FieldText.equals(value, "trailers") ? nil : .te
        case .contentLength:
            guard length == nil, let number = FieldText.number(value), hasContent || FieldText.equals(value, "0") else {
                return .contentLength
            }
            length = number
        case .connectionSpecific: return .connectionField
        default: return .fieldName
        }
        return nil
    }

    /// The room that `write` needs for the head of a section.
    static func room(_ section: FieldSection) -> Int { section.textBytes + 4 * section.fields.count + 96 }

    /// Writes the head and says how many bytes that were; 0 where the room is too small.
    func write(_ section: FieldSection, into room: UnsafeMutableRawBufferPointer) -> Int {
        section.withBytes { bytes in
            guard let method, let path, let name = authority ?? host else { return 0 }
            var out = ByteCursor(room)
            out.write(method.value(in: bytes))
            out.write(" ")
            out.write(path.value(in: bytes))
            out.write(" HTTP/1.1\r\nHost: ")
            out.write(name.value(in: bytes))
            out.write("\r\n")
            for field in section.fields where field.kind == .regular || field.kind == .contentLength {
                HTTP2RequestHead.write(field, bytes, to: &out)
            }
            if cookies > 0 { writeCookies(section, bytes, to: &out) }
            if framing == .chunked { out.write("transfer-encoding: chunked\r\n") }
            out.write("\r\n")
            return out.overflowed ? 0 : out.count
        }
    }

    /// Crumbs are one field again (RFC 9113 §8.2.3).
    private func writeCookies(_ section: FieldSection, _ bytes: UnsafeRawBufferPointer, to out: inout ByteCursor) {
        out.write("cookie: ")
        var isFirst = true
        for field in section.fields where field.kind == .cookie {
            if !isFirst { out.write("; ") }
            isFirst = false
            out.write(field.value(in: bytes))
        }
        out.write("\r\n")
    }

    private static func write(_ field: FieldSection.Field, _ bytes: UnsafeRawBufferPointer, to out: inout ByteCursor) {
        out.write(field.name(in: bytes))
        out.write(": ")
        out.write(field.value(in: bytes))
        out.write("\r\n")
    }

    // MARK: Trailers

    /// Whether a section can stand behind a request's content (RFC 9113 §8.1).
    static func areTrailers(_ section: FieldSection) -> Bool {
        section.withBytes { bytes in
            section.fields.allSatisfy { field in
                (field.kind == .regular || field.kind == .cookie || field.kind == .te) && FieldText.isValue(field.value(in: bytes))
            }
        }
    }

    /// Writes the last chunk and a trailer section (RFC 9112 §7.1.2); 0 where the room is too small.
    static func writeTrailers(_ section: FieldSection, into room: UnsafeMutableRawBufferPointer) -> Int {
        section.withBytes { bytes in
            var out = ByteCursor(room)
            out.write("0\r\n")
            for field in section.fields { write(field, bytes, to: &out) }
            out.write("\r\n")
            return out.overflowed ? 0 : out.count
        }
    }
}

extension FieldSection.Field {
    @inline(__always)
    func name(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[Int(name)..<Int(name) + Int(nameCount)])
    }

    @inline(__always)
    func value(in bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[Int(value)..<Int(value) + Int(valueCount)])
    }
}

/// What a value may hold.
private enum FieldText {
    @inline(__always)
    static func equals(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        return FieldKind.equals(base, bytes.count, text)
    }

    /// Whether it can stand in HTTP/1.1 as it is: no control but HTAB, and no white space at either end (RFC 9113 §8.2.1).
    @inline(__always)
    static func isValue(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress, let first = bytes.first, let last = bytes.last else { return true }
        return !Octets.isBlank(first) && !Octets.isBlank(last) && Octets.endOfText(base, 0, bytes.count) == bytes.count
    }

    static func isPath(_ bytes: UnsafeRawBufferPointer, mayBeAsterisk: Bool) -> Bool {
        guard let base = bytes.baseAddress, let first = bytes.first else { return false }
        guard first == UInt8(ascii: "/") || mayBeAsterisk && equals(bytes, "*") else { return false }
        return Octets.endOfTarget(base, 0, bytes.count) == bytes.count
    }

    static func isAuthority(_ bytes: UnsafeRawBufferPointer) -> Bool {
        !bytes.isEmpty && bytes.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "@") && $0 != UInt8(ascii: "/") }
    }

    static func number(_ bytes: UnsafeRawBufferPointer) -> Int? {
        guard (1...18).contains(bytes.count) else { return nil }
        var number = 0
        for octet in bytes {
            let digit = octet &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number &* 10 &+ Int(digit)
        }
        return number
    }
}
