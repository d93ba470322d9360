/// Where a value lands in a department's request; each place escapes for itself, so that no value can break out of it.
enum Landing: Sendable {
    /// A JSON document: any tree.
    case json
    /// An XML document: elements, and attributes as `@name`.
    case xml
    /// A form field or a query parameter: single values, and lists of them as repeated fields.
    case form
    /// A header field: a single line.
    case header
    /// One segment of a path.
    case segment

    /// What to call it in messages.
    var name: String {
        switch self {
        case .json: "a JSON document"
        case .xml: "an XML document"
        case .form: "a form or query"
        case .header: "a header"
        case .segment: "a path"
        }
    }

    /// Whether an object can stand there.
    var takesObjects: Bool { self == .json || self == .xml }

    /// A text's bytes in a charset; INVALID_FIELD for a character that the charset does not have.
    static func bytes(of text: String, in charset: Charset, origin: ValueOrigin) throws(AdapterFault) -> [UInt8] {
        do { return try charset.encode(text) } catch {
            let fault = origin.misfit(.request, rule: "charset", expected: "only characters of \(charset.name)")
            throw origin.isExact ? fault : fault.with(errors: fault.errors, need: .charset(charset))
        }
    }

    /// What the codec refused to write is a value of the citizen's that the format cannot hold.
    static func fault(_ fault: CodecFault) -> AdapterFault {
        AdapterFault(.invalidField, "a value cannot be written in the department's \(fault.format): \(fault.reason)")
            .with(errors: [], need: CharacterNeed(fault))
    }

    /// A header's value: no CR, LF, NUL or other control character (RFC 9110 §5.5).
    static func header(_ value: Value, name: String, origin: ValueOrigin) throws(AdapterFault) -> String {
        guard let text = value.scalarText else { throw AdapterFault(.internal, "the header '\(name)' needs a single value") }
        // A reader drops blanks at both ends (RFC 9110 §5.5).
        let isBlank = { (byte: UInt8?) in byte == 0x20 || byte == 0x09 }
        guard !isBlank(text.utf8.first), !isBlank(text.utf8.last) else {
            throw origin.unfit(for: "header", rule: "blank", "a header cannot begin or end with a blank")
        }
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            let fault = origin.unfit(for: "header", rule: "control-character", "a header cannot hold control characters")
            throw fault.with(errors: fault.errors, need: .header)
        }
        return text
    }

    /// A path segment, percent-encoded (RFC 3986 §3.3); never empty, `.` or `..`, which would name another path.
    static func segment(_ value: Value?, charset: Charset, origin: @autoclosure () -> ValueOrigin?) throws(AdapterFault) -> String {
        guard let text = value?.scalarText, !text.isEmpty, text != ".", text != ".." else {
            let origin = origin() ?? ValueOrigin(text: "the path", pointer: nil)
            throw origin.unfit(for: "path", rule: "path", "the department needs a value that can stand in a path")
        }
        return try Percent.encoded(text, charset)
    }
}

extension ValueOrigin {
    /// A value that cannot stand in a part of the department's request, with the field of the call where there is one.
    fileprivate func unfit(for part: String, rule: String, _ message: String) -> AdapterFault {
        let errors = pointer.map { [FieldError(field: $0, rule: rule, message: message)] }
        return AdapterFault(.invalidField, "a value cannot stand in the department's \(part)", errors: errors ?? [])
    }
}

/// Percent-encoding of everything but unreserved characters (RFC 3986 §2.3).
enum Percent {
    /// A text's bytes in a charset, percent-encoded with upper-case digits.
    static func encoded(_ text: String, _ charset: Charset) throws(AdapterFault) -> String {
        if text.utf8.allSatisfy(isUnreserved) { return text }
        let bytes = try Landing.bytes(of: text, in: charset, origin: ValueOrigin(text: "the request's target", pointer: nil))
        let digits = Array("0123456789ABCDEF".utf8)
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        for byte in bytes {
            if isUnreserved(byte) { out.append(byte) } else { out += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
        default: false
        }
    }
}
