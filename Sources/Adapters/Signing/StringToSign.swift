/// Collects the bytes that are signed, part by part.
struct StringToSign: ~Copyable {
    private let request: SignableRequest
    private let secrets: Secrets
    private let moment: CallMoment
    private let charset: Charset
    /// The names of the `headers` part, where the request itself says which are signed.
    private let signedHeaders: [String]?
    /// Whether a secret among the parts stands as its name in braces: for people.
    private let isMasked: Bool
    /// What was collected.
    private var out = ByteSink(capacity: 512)

    /// Nothing yet; texts will be written in `charset`.
    init(
        _ request: SignableRequest, _ secrets: Secrets, _ moment: CallMoment, _ charset: Charset, signedHeaders: [String]? = nil,
        isMasked: Bool = false
    ) {
        self.isMasked = isMasked
        self.signedHeaders = signedHeaders
        self.request = request
        self.secrets = secrets
        self.moment = moment
        self.charset = charset
    }

    /// What was collected, where it lies.
    borrowing func withBytes<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try out.withBytes(body)
    }

    /// Adds all parts of a text.
    mutating func append(_ text: SigningText) throws(AdapterFault) {
        for (index, part) in text.parts.enumerated() {
            if index > 0 { try append(text.join) }
            try append(part)
        }
        try append(text.end)
    }

    private mutating func append(_ part: SigningPart) throws(AdapterFault) {
        switch part {
        case .method: try append(request.method)
        case .path(decoded: false): try append(request.path)
        case .path(decoded: true): out.append(StringToSign.percentDecoded(request.path))
        case .body: out.append(request.body)
        case .literal(let text): try append(text)
        case .secret(let name): try append(isMasked ? "{\(name)}" : try StringToSign.secret(name, secrets))
        case .clock(let format): try append(format.text(epochMilliseconds: moment.epochMilliseconds))
        case .header(let name): _ = try append(header: name)
        case .value(let name): try append(request.named.first { $0.0 == name }?.1 ?? "")
        case .headers(let list): try append(list)
        case .parameter(let name): try append(request.parameter(name) ?? "")
        case .json(let names): try append(names.reduce(request.json) { $0?[$1] }?.scalarText ?? "")
        case .parameters(let list): try append(list)
        case .bodyDigest(let digest): try append(digest.output.text(Digest.compute(digest.algorithm, request.body)))
        case .digest(let algorithm, let text, let output):
            var inner = StringToSign(request, secrets, moment, charset, signedHeaders: signedHeaders)
            try inner.append(text)
            try append(output.text(inner.withBytes { Digest.compute(algorithm, UnsafeRawBufferPointer($0)) }))
        case .group(let parts): for part in parts { try append(part) }
        }
    }

    private mutating func append(_ text: String) throws(AdapterFault) {
        if UTF8Text.withBytes(of: text, { appendAsIs($0) }) { return }
        out.append(try encoded(text))
    }

    private func encoded(_ text: String) throws(AdapterFault) -> [UInt8] {
        do { return try charset.encode(text) } catch {
            throw AdapterFault(.invalidField, "a text to be signed has a character that \(charset.name) does not have")
        }
    }

    /// Adds bytes that are the same in the convention's charset, as ASCII is in every one; false for others.
    private mutating func appendAsIs(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
        guard charset.isUTF8 || UTF8Text.isASCII(utf8) else { return false }
        out.append(utf8)
        return true
    }

    /// Adds a header field's value; false when there is none.
    private mutating func append(header name: String) throws(AdapterFault) -> Bool {
        let fields = request.fields
        guard let isWritten = fields.withFirst(name, { appendAsIs($0) }) else { return false }
        if !isWritten { try append(fields.first(name) ?? "") }
        return true
    }

    private mutating func append(_ list: HeaderList) throws(AdapterFault) {
        var isFirst = true
        for name in signedHeaders ?? list.names where request.fields.has(name) {
            if !isFirst { try append(list.join) }
            isFirst = false
            try append(name)
            try append(list.pair)
            _ = try append(header: name)
        }
    }

    /// Parameters as a list says, in UTF-8.
    static func text(of list: ParameterList, parameters: [(String, String)]) -> String {
        let request = SignableRequest(method: "", path: "", parameters: parameters)
        var text = StringToSign(request, Secrets([:]), CallMoment(epochMilliseconds: 0, random: (0, 0)), .utf8)
        // UTF-8 has every character, and nothing else can be wrong with a list.
        try? text.append(list)
        return text.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    private mutating func append(_ list: ParameterList) throws(AdapterFault) {
        for (index, (name, value)) in list.select(from: request).enumerated() {
            try append(index == 0 ? list.prefix : list.join)
            if list.show == .pairs {
                try append(name, encoded: list.encoding)
                if list.empty == .nameOnly, value.isEmpty { continue }
                try append(list.pair)
            }
            try append(value, encoded: list.encoding)
        }
    }

    private mutating func append(_ text: String, encoded encoding: ParameterList.Encoding) throws(AdapterFault) {
        guard encoding != .none else { return try append(text) }
        if charset.isUTF8 { return UTF8Text.withBytes(of: text) { escape($0, encoding) } }
        try encoded(text).withUnsafeBufferPointer { escape($0, encoding) }
    }

    private mutating func escape(_ raw: UnsafeBufferPointer<UInt8>, _ encoding: ParameterList.Encoding) {
        out.append(raw, unless: { StringToSign.isPlain($0, encoding) }) { byte, out in
            if byte == 0x20, encoding == .form {
                out.append(UInt8(ascii: "+"))
            } else {
                out.append(UInt8(ascii: "%"))
                out.append(text: Hex.encode([byte], uppercase: true))
            }
        }
    }

    /// Unreserved: letters, digits, `-._` and `~` (RFC 3986 §2.3) or `*` (the form encoding of the WHATWG URL standard and Java).
    private static func isPlain(_ byte: UInt8, _ encoding: ParameterList.Encoding) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        case UInt8(ascii: "~"): encoding == .percent
        case UInt8(ascii: "*"): encoding == .form
        default: false
        }
    }

    /// The bytes of `%xx` escapes; a `%` without two digits stays as it is.
    private static func percentDecoded(_ text: String) -> [UInt8] {
        let raw = Array(text.utf8)
        var out: [UInt8] = []
        var at = 0
        while at < raw.count {
            if raw[at] == UInt8(ascii: "%"), at + 2 < raw.count, let high = Hex.digit(raw[at + 1]), let low = Hex.digit(raw[at + 2]) {
                out.append(high << 4 | low)
                at += 3
            } else {
                out.append(raw[at])
                at += 1
            }
        }
        return out
    }

    /// A secret's text. Load checks that every name resolves; this is the fault for a caller that did not.
    static func secret(_ name: String, _ secrets: Secrets) throws(AdapterFault) -> String {
        guard let text = secrets[name] else { throw AdapterFault(.internal, "the secret \(name) is not available") }
        return text
    }
}
