/// What Content-Length, Transfer-Encoding and Connection say of a message, read once the head is complete (RFC 9112 §6, §9).
enum MessageFraming {
    /// What the two framing fields say together.
    struct Declared: Equatable {
        var length: UInt64?
        var isChunked = false
    }

    /// The most options that Connection may hold; each costs a pass over the field lines.
    static let mostConnectionOptions = 32

    /// Reads both framing fields. A message with both, or with one of them twice, is refused and never repaired: the two readings of it
    /// are what request smuggling is made of (RFC 9112 §6.1, §6.3, §11.2).
    static func declared(
        _ bytes: UnsafeRawPointer, _ fields: ContiguousArray<FieldLine>, _ scanner: FieldScanner, minorVersion: UInt8
    ) throws(WireCause) -> Declared {
        var declared = Declared()
        if scanner.present.contains(.transferEncoding), let coding = fields.first(.transferEncoding) {
            if scanner.present.contains(.contentLength) { throw .twoFramings }
            if minorVersion == 0 { throw .transferEncodingInHTTP10 }
            if scanner.repeated.contains(.transferEncoding) { throw .transferEncoding }
            if let fault = refusal(ofCoding: coding.value, bytes) { throw fault }
            declared.isChunked = true
        } else if scanner.present.contains(.contentLength), let length = fields.first(.contentLength) {
            if scanner.repeated.contains(.contentLength) { throw .contentLengthRepeated }
            guard let value = decimal(bytes, length.value) else { throw .contentLength }
            declared.length = value
        }
        return declared
    }

    /// `1*DIGIT` up to `Int64.max`. Leading zeros are legal (RFC 9110 §8.6), and never forwarded: the length is written anew.
    static func decimal(_ bytes: UnsafeRawPointer, _ span: ByteSpan) -> UInt64? {
        guard !span.isEmpty else { return nil }
        var value: UInt64 = 0
        for at in span.range {
            let digit = Octets.octet(bytes, at) &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (ten, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, more) = ten.addingReportingOverflow(UInt64(digit))
            guard !over, !more, sum <= UInt64(Int64.max) else { return nil }
            value = sum
        }
        return value
    }

    /// Nil for exactly `chunked`. 501 for a list of other codings with `chunked` nowhere but at its end; 400 for anything else.
    private static func refusal(ofCoding value: ByteSpan, _ bytes: UnsafeRawPointer) -> WireCause? {
        if Octets.matches(bytes, Int(value.start), value.end, "chunked") { return nil }
        var from = Int(value.start)
        while true {
            let comma = Octets.first(UInt8(ascii: ","), bytes, from, value.end)
            let start = Octets.endOfBlanks(bytes, from, comma)
            let end = Octets.endOfRun(of: .token, bytes, start, comma)
            // An empty element, a parameter, or a byte that is no token: someone wants to be read in two ways.
            guard end > start, Octets.endOfBlanks(bytes, end, comma) == comma else { return .transferEncoding }
            if Octets.matches(bytes, start, end, "chunked") {
                return comma == value.end ? .transferEncodingNotKnown : .transferEncoding
            }
            // `identity` was a coding of RFC 2616; a peer that still takes it reads such a message by its Content-Length.
            if Octets.matches(bytes, start, end, "identity") { return .transferEncoding }
            if comma == value.end { return .transferEncodingNotKnown }
            from = comma + 1
        }
    }

    /// What Connection says.
    struct Options: Equatable {
        var close = false
        var keepAlive = false
        var upgrade = false
    }

    /// Reads every Connection line and marks the fields that it nominates as hop-by-hop (RFC 9110 §7.6.1).
    ///
    /// Only fields that the gateway does not know can be nominated away. To let a client take Host, Authorization, Cookie, X-Forwarded-For
    /// or Content-Type out of the request that the upstream sees would let it change what policies decided on; RFC 9110 forbids a sender
    /// to nominate fields meant for all recipients, and such a nomination is passed over.
    static func connection(
        _ bytes: UnsafeRawPointer, _ present: KnownFieldSet, _ fields: inout ContiguousArray<FieldLine>
    ) throws(WireCause) -> Options {
        var options = Options()
        guard present.contains(.connection) else { return options }
        var count = 0
        for index in fields.indices where fields[index].known == .connection {
            for option in ListElements(bytes, fields[index].value) {
                count += 1
                if count > mostConnectionOptions { throw .connectionOptions }
                let (from, end) = (option.lowerBound, option.upperBound)
                if Octets.matches(bytes, from, end, "close") {
                    options.close = true
                } else if Octets.matches(bytes, from, end, "keep-alive") {
                    options.keepAlive = true
                } else if Octets.matches(bytes, from, end, "upgrade") {
                    options.upgrade = true
                } else {
                    nominate(bytes, option, &fields)
                }
            }
        }
        return options
    }

    private static func nominate(_ bytes: UnsafeRawPointer, _ option: Range<Int>, _ fields: inout ContiguousArray<FieldLine>) {
        for index in fields.indices where fields[index].known == .other && Int(fields[index].name.count) == option.count {
            let name = Int(fields[index].name.start)
            let isSame = option.allSatisfy { at in
                WireSyntax.lowercase(Octets.octet(bytes, at))
                    == WireSyntax.lowercase(Octets.octet(bytes, name + at - option.lowerBound))
            }
            if isSame { fields[index].isHopByHop = true }
        }
    }
}
