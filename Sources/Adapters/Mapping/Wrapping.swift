/// One layer around a document that stands inside a field.
enum Wrapping: Sendable {
    /// Nothing: the place where it lands escapes it.
    case string
    /// The characters that XML needs escaped, escaped; in an XML parent the outermost one is the parent's own escaping.
    case escaped
    /// A CDATA section of the XML parent.
    case cdata
    /// A text before it and one behind it, such as JSONP's.
    case around(start: String, end: String)
    /// Base64, in lines of a length or in one.
    case base64(line: Int?, end: String)
    /// Base64 in the alphabet for URLs, without padding.
    case base64url
    /// Hexadecimal digits.
    case hex(uppercase: Bool)
    /// gzip or zlib.
    case compressed(Compression.Format)
    /// Ciphertext.
    case cipher(CipherRule)

    /// Whether it is made of bytes; the others are made of text.
    var takesBytes: Bool {
        switch self {
        case .string, .escaped, .cdata, .around: false
        case .base64, .base64url, .hex, .compressed, .cipher: true
        }
    }

    /// Whether it gives bytes that are no text.
    var givesBytes: Bool {
        switch self {
        case .compressed, .cipher: true
        default: false
        }
    }
}

/// A document on its way through its layers.
enum WrappedDocument {
    case text(String)
    case bytes([UInt8])

    /// The bytes; those of a text in a charset.
    func bytes(_ charset: Charset, _ origin: ValueOrigin) throws(AdapterFault) -> [UInt8] {
        switch self {
        case .text(let text): try Landing.bytes(of: text, in: charset, origin: origin)
        case .bytes(let bytes): bytes
        }
    }

    /// The text; bytes that a layer made of text are ASCII.
    var text: String {
        switch self {
        case .text(let text): text
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        }
    }
}

extension Wrapping {
    /// Puts the layer around a document that is going to a department.
    func wrap(
        _ document: WrappedDocument, _ charset: Charset, in scope: MappingScope, origin: ValueOrigin
    ) throws(AdapterFault) -> WrappedDocument {
        switch self {
        case .string, .cdata: return document
        case .escaped: return .text(XMLCodec.escapeText(document.text))
        case .around(let start, let end): return .text(start + document.text + end)
        case .base64(nil, _): return .text(Base64Codec.encode(try document.bytes(charset, origin)))
        case .base64(let line?, let end): return .text(Base64Codec.encode(try document.bytes(charset, origin), lines: line, end: end))
        case .base64url: return .text(Base64Codec.encodeForURL(try document.bytes(charset, origin)))
        case .hex(let uppercase): return .text(Hex.encode(try document.bytes(charset, origin), uppercase: uppercase))
        case .compressed(let format):
            let bytes = try document.bytes(charset, origin)
            do { return .bytes(try Compression.compress(bytes, format)) } catch { throw Landing.fault(error) }
        case .cipher(let cipher):
            return .bytes(try cipher.encrypt(try document.bytes(charset, origin), scope.call.secrets, scope.call.moment))
        }
    }

    /// Takes the layer off a document that came from a department.
    func unwrap(_ document: WrappedDocument, _ secrets: Secrets) throws(UnwrapFault) -> WrappedDocument {
        do throws(CodecFault) {
            switch self {
            case .string: return document
            case .escaped: return .text(XMLCodec.unescaped(document.text))
            case .cdata: return .text(XMLCodec.withoutCDATA(document.text))
            case .around(let start, let end): return .text(try Wrapping.inside(document.text, start, end))
            case .base64: return .bytes(try Base64Codec.decode(document.text))
            case .base64url: return .bytes(try Base64Codec.decodeFromURL(document.text))
            case .hex: return .bytes(try Hex.decode(String(document.text.filter { !$0.isWhitespace })))
            case .compressed:
                guard case .bytes(let bytes) = document else { return document }
                return .bytes(try Compression.expand(bytes))
            case .cipher: break
            }
        } catch { throw .unreadable(error) }
        guard case .cipher(let cipher) = self, case .bytes(let bytes) = document else { return document }
        return .bytes(try cipher.decrypt(bytes, secrets))
    }
}

extension Wrapping {
    /// A text without what it must begin and end with; blanks around it do not count.
    private static func inside(_ text: String, _ start: String, _ end: String) throws(CodecFault) -> String {
        var rest = text.unicodeScalars[...]
        while let first = rest.first, first.properties.isWhitespace || first == "\u{FEFF}" { rest.removeFirst() }
        while let last = rest.last, last.properties.isWhitespace { rest.removeLast() }
        guard rest.starts(with: start.unicodeScalars) else {
            throw CodecFault(format: "text", reason: "it does not begin with '\(start)'")
        }
        rest.removeFirst(start.unicodeScalars.count)
        guard rest.reversed().starts(with: end.unicodeScalars.reversed()) else {
            throw CodecFault(format: "text", reason: "it does not end with '\(end)'")
        }
        rest.removeLast(end.unicodeScalars.count)
        return String(rest)
    }
}

/// Why a layer cannot be taken off.
enum UnwrapFault: Error {
    /// The department's fault.
    case unreadable(CodecFault)
    /// The gateway's own.
    case own(AdapterFault)
}

/// How a document is encrypted: algorithm, mode, and where the key comes from.
struct CipherRule: Sendable {
    /// A secret that holds bytes, and how they are written in it.
    struct KeyBytes: Sendable {
        let secret: String
        let form: KeyForm
    }

    /// How a key is written in its secret.
    enum KeyForm: String, CaseIterable, Sendable {
        case text, hex, base64
    }

    /// Where the initialisation vector comes from.
    enum Vector: Sendable {
        /// ECB has none.
        case none
        /// A secret.
        case fixed(KeyBytes)
        /// It is new for each call and stands before the ciphertext.
        case prefix
    }

    let cipher: BlockCipher
    let key: KeyBytes
    let vector: Vector

    /// The ciphertext of bytes.
    func encrypt(_ bytes: [UInt8], _ secrets: Secrets, _ moment: CallMoment) throws(AdapterFault) -> [UInt8] {
        let key = try self.bytes(self.key, secrets, cipher.algorithm.keyLengths)
        var (vector, head): ([UInt8], [UInt8]) = ([], [])
        switch self.vector {
        case .none: break
        case .fixed(let secret): vector = try self.bytes(secret, secrets, [BlockCipher.blockLength])
        case .prefix:
            // Not to be foreseen by anyone without the key, and another one for every call and every content.
            let chance = [moment.random.0, moment.random.1].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
            vector = Array(MAC.hmac(.sha256, key: key, chance + bytes).prefix(BlockCipher.blockLength))
            head = vector
        }
        do { return head + (try cipher.encrypt(bytes, key: key, iv: vector)) } catch { throw CipherRule.fault(error) }
    }

    /// The bytes of a ciphertext.
    func decrypt(_ bytes: [UInt8], _ secrets: Secrets) throws(UnwrapFault) -> [UInt8] {
        let (key, vector): ([UInt8], [UInt8])
        do throws(AdapterFault) {
            key = try self.bytes(self.key, secrets, cipher.algorithm.keyLengths)
            if case .fixed(let secret) = self.vector {
                vector = try self.bytes(secret, secrets, [BlockCipher.blockLength])
            } else {
                vector = []
            }
        } catch { throw .own(error) }
        do throws(CodecFault) {
            guard case .prefix = self.vector else { return try cipher.decrypt(bytes, key: key, iv: vector) }
            let head = Array(bytes.prefix(BlockCipher.blockLength))
            return try cipher.decrypt(Array(bytes.dropFirst(BlockCipher.blockLength)), key: key, iv: head)
        } catch { throw .unreadable(error) }
    }

    private func bytes(_ key: KeyBytes, _ secrets: Secrets, _ lengths: [Int]) throws(AdapterFault) -> [UInt8] {
        guard let secret = secrets[key.secret] else { throw AdapterFault(.internal, "the secret '\(key.secret)' was not resolved") }
        guard let bytes = key.form.bytes(of: secret), lengths.contains(bytes.count) else {
            let wanted = lengths.map(String.init).joined(separator: ", ")
            throw AdapterFault(
                .internal, "the secret '\(key.secret)' is not \(wanted) bytes as \(key.form.rawValue), which \(cipher.algorithm) needs")
        }
        return bytes
    }

    private static func fault(_ fault: CodecFault) -> AdapterFault { AdapterFault(.internal, fault.description) }
}
