/// A signing convention, compiled from a department's `signing` section (docs/signing.md): values that are added to the request,
/// the string to sign as an ordered list of parts, the algorithm, the output form, and where the signature goes.
public struct Signer: Sendable {
    /// What turns the string to sign into bytes.
    enum Algorithm: Sendable {
        /// A digest; the secret stands among the parts.
        case digest(DigestAlgorithm)
        /// A MAC with the secret of this name as its key.
        case hmac(DigestAlgorithm, secret: String)
        /// A signature with the private key that is the secret of this name; SM2's `raw` or DER.
        case signature(SignatureAlgorithm, secret: String, raw: Bool)
    }

    /// A value that is made before signing.
    struct Addition: Sendable {
        /// Where it goes.
        var target: SigningTarget
        /// What it is.
        var source: Source
        /// Whether it is left out when it is empty, or a digest of an empty body.
        var skipsEmpty: Bool
    }

    /// Where a value comes from.
    enum Source: Sendable {
        /// A secret, by name.
        case secret(String)
        /// A fixed text.
        case literal(String)
        /// The moment of the call.
        case clock(ClockFormat)
        /// A nonce.
        case random(RandomForm)
        /// A digest of the body.
        case bodyDigest(BodyDigest)
        /// The names of the signed header fields with this text between them.
        case signedHeaders(String)
    }

    let algorithm: Algorithm
    let charset: Charset
    let additions: [Addition]
    let text: SigningText
    let output: SigningOutput
    let target: SigningTarget
    /// How the header is composed that the signature stands in; nil where it is the signature alone.
    let template: SignatureTemplate?
    /// The names in the `headers` part.
    let signedHeaders: [String]

    /// The secrets the convention refers to and where, each place once; all must resolve before the configuration is used.
    public let secretNames: [(String, Place)]

    /// Compiles a `signing` section. All problems go to `diagnostics`; nil when one of them is an error.
    public init?(_ node: Node, _ diagnostics: Diagnostics) {
        var reader = SigningReader(diagnostics: diagnostics)
        guard let signer = reader.signer(node) else { return nil }
        self = signer
    }

    init(
        algorithm: Algorithm, charset: Charset, additions: [Addition], text: SigningText, output: SigningOutput,
        target: SigningTarget, template: SignatureTemplate?, signedHeaders: [String], secretNames: [(String, Place)]
    ) {
        self.algorithm = algorithm
        self.charset = charset
        self.additions = additions
        self.text = text
        self.output = output
        self.target = target
        self.template = template
        self.signedHeaders = signedHeaders
        self.secretNames = secretNames
    }

    /// The same convention with another MAC or kind of signature, whose key is the same secret: what one application of several that
    /// follow the convention uses. Nil for a word that is neither, or a convention without a secret of its own.
    public func using(algorithm word: String) -> Signer? {
        let secret: String
        switch algorithm {
        case .digest: return nil
        case .hmac(_, let name): secret = name
        case .signature(_, let name, _): secret = name
        }
        let algorithm: Algorithm
        if word.hasPrefix("hmac-"), let digest = DigestAlgorithm(rawValue: String(word.dropFirst(5))), digest.isAvailable {
            algorithm = .hmac(digest, secret: secret)
        } else if let signature = SignatureAlgorithm(word) {
            algorithm = .signature(signature, secret: secret, raw: false)
        } else {
            return nil
        }
        return Signer(
            algorithm: algorithm, charset: charset, additions: additions, text: text, output: output, target: target, template: template,
            signedHeaders: signedHeaders, secretNames: secretNames)
    }

    /// The words that `using(algorithm:)` knows.
    public static let keyedAlgorithms = DigestAlgorithm.allCases.map { "hmac-" + $0.rawValue } + SignatureAlgorithm.words

    /// The kind of signature with a public key; nil for a MAC and a digest.
    public var publicKeyAlgorithm: SignatureAlgorithm? { if case .signature(let kind, _, _) = algorithm { kind } else { nil } }

    /// Where the value stands that is the secret of a name; nil when the convention adds no such value.
    public func place(ofSecret name: String) -> SigningTarget? {
        additions.first { if case .secret(name) = $0.source { true } else { false } }?.target
    }

    /// Whether the convention has a nonce.
    public var hasNonce: Bool { additions.contains { if case .random = $0.source { true } else { false } } }

    /// Whether the convention tells the time.
    public var hasClock: Bool { additions.contains { if case .clock = $0.source { true } else { false } } }

    /// Every place that the convention writes to.
    var targets: [SigningTarget] { additions.map(\.target) + [target] }

    /// Adds what the convention adds, computes the signature, and puts it in its place.
    ///
    /// Fails when a secret is not there, a header value would hold a control character (INTERNAL), or a text cannot be written
    /// in the convention's charset (INVALID_FIELD). `trace` is told what was signed.
    public func sign(
        _ request: inout SignableRequest, secrets: Secrets, moment: CallMoment, trace: MappingTrace? = nil
    ) throws(AdapterFault) {
        var nonces: UInt64 = 0
        for addition in additions {
            let value: String
            switch addition.source {
            case .secret(let name): value = try StringToSign.secret(name, secrets)
            case .literal(let text): value = text
            case .clock(let format): value = format.text(epochMilliseconds: moment.epochMilliseconds)
            case .random(let form):
                value = form.text(moment.random, ordinal: nonces)
                nonces += 1
            case .bodyDigest(let digest):
                if addition.skipsEmpty, request.body.isEmpty { continue }
                value = digest.output.text(Digest.compute(digest.algorithm, request.body))
            case .signedHeaders: continue  // when all the others are there
            }
            if addition.skipsEmpty, value.isEmpty { continue }
            try request.put(value, at: addition.target)
        }
        for addition in additions {
            guard case .signedHeaders(let join) = addition.source else { continue }
            let names = signedHeaders.filter { request.header($0) != nil }
            if names.isEmpty, addition.skipsEmpty { continue }
            try request.put(names.joined(separator: join), at: addition.target)
        }
        if let trace {
            let text = try textToSign(of: request, secrets: secrets, moment: moment, isMasked: true)
            trace.note(signature: TraceSignature(text: text, charset: charset))
        }
        let signature = try signature(of: request, secrets: secrets, moment: moment)
        try request.put(template?.text(signature, request.named) ?? signature, at: target)
    }

    /// A received request with the values that its composed header holds; nil where the header is not there, or composed otherwise.
    public func opened(_ request: SignableRequest) -> SignableRequest? {
        guard let template else { return request }
        guard let values = request.only(at: target).flatMap(template.read) else { return nil }
        var opened = request
        opened.named = values
        return opened
    }

    /// The value at a place in a received request, when there is exactly one.
    public func value(at place: SigningTarget, in request: SignableRequest) -> String? {
        template == nil ? request.only(at: place) : opened(request)?.only(at: place)
    }

    /// The signature in a received request that was opened.
    func signature(in request: SignableRequest) -> String? {
        template == nil ? request.only(at: target) : request.only(at: .value(SignatureTemplate.signature))
    }

    /// The signature of a request that already has every value it needs. A signature that stands in its place among the
    /// parameters is left out, so that a received request can be verified: compare with `ConstantTime.equal`.
    public func signature(of request: SignableRequest, secrets: Secrets, moment: CallMoment) throws(AdapterFault) -> String {
        let text = try collected(of: request, secrets: secrets, moment: moment)
        return output.text(try text.withBytes { (text) throws(AdapterFault) in try seal(text, secrets) })
    }

    /// The string to sign, as bytes. `signedHeaders` takes the place of the names in the `headers` part. With `isMasked` the secrets among the
    /// parts stand as their names; those in a digest among the parts count as they are.
    func textToSign(
        of request: SignableRequest, secrets: Secrets, moment: CallMoment, signedHeaders: [String]? = nil, isMasked: Bool = false
    ) throws(AdapterFault) -> [UInt8] {
        try collected(of: request, secrets: secrets, moment: moment, signedHeaders: signedHeaders, isMasked: isMasked).withBytes {
            Array($0)
        }
    }

    /// The string to sign where it was collected.
    func collected(
        of request: SignableRequest, secrets: Secrets, moment: CallMoment, signedHeaders: [String]? = nil, isMasked: Bool = false
    ) throws(AdapterFault) -> StringToSign {
        var collected = StringToSign(request, secrets, moment, charset, signedHeaders: signedHeaders, isMasked: isMasked)
        try collected.append(text)
        return collected
    }

    private func seal(_ text: UnsafeBufferPointer<UInt8>, _ secrets: Secrets) throws(AdapterFault) -> [UInt8] {
        let bytes: [UInt8]
        switch algorithm {
        case .digest(let digest): bytes = Digest.compute(digest, UnsafeRawBufferPointer(text))
        case .hmac(let digest, let name):
            bytes = UTF8Text.withBytes(of: try StringToSign.secret(name, secrets)) { MAC.hmac(digest, key: $0, text) }
        case .signature(let algorithm, let name, let raw):
            guard let made = KeyedSignature.sign(algorithm, key: try StringToSign.secret(name, secrets), raw: raw, Array(text)) else {
                throw AdapterFault(.internal, "the secret \(name) is no private key of the signature's kind")
            }
            bytes = made
        }
        guard !bytes.isEmpty else { throw AdapterFault(.internal, "libcrypto gave no signature") }
        return bytes
    }

    /// Whether `signature` is that of a text: digests and MACs in a time that does not depend on where it is wrong.
    func isSignature(_ signature: String, of text: UnsafeBufferPointer<UInt8>, _ secrets: Secrets) throws(AdapterFault) -> Bool {
        guard case .signature(let algorithm, let name, let raw) = algorithm else {
            let expected = output.text(try seal(text, secrets))
            // Digits are the same digits in either case.
            return output == .base64
                ? ConstantTime.equal(signature, expected) : ConstantTime.equal(signature.lowercased(), expected.lowercased())
        }
        guard let bytes = output.bytes(signature) else { return false }
        let key = try StringToSign.secret(name, secrets)
        return KeyedSignature.verify(algorithm, key: key, raw: raw, Array(text), signature: bytes)
    }
}

/// How a nonce is written.
enum RandomForm: Sendable {
    /// This many lower-case hexadecimal digits, 1 to 32.
    case hex(Int)
    /// This many decimal digits, 1 to 32.
    case digits(Int)
    /// A version 4 UUID (RFC 9562 §5.4) in lower case.
    case uuid

    /// The nonce made of 128 random bits; `ordinal` tells the nonces of one call apart.
    func text(_ random: (UInt64, UInt64), ordinal: UInt64) -> String {
        let words = ordinal == 0 ? random : (RandomForm.mix(random.0 &+ ordinal), RandomForm.mix(random.1 ^ ordinal))
        switch self {
        case .hex(let length): return String(RandomForm.hex(words.0, words.1).prefix(length))
        case .digits(let length): return String((RandomForm.digits(words.0) + RandomForm.digits(words.1)).prefix(length))
        case .uuid: return UUIDText.text(words, dashes: true)
        }
    }

    private static func hex(_ high: UInt64, _ low: UInt64) -> String {
        Hex.encode([high, low].flatMap { word in stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) } })
    }

    /// The sixteen lowest decimal digits, which are as good as even.
    private static func digits(_ word: UInt64) -> String {
        var rest = word
        var out: [UInt8] = []
        for _ in 0..<16 {
            out.append(0x30 + UInt8(rest % 10))
            rest /= 10
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// The finalizer of SplitMix64: a bijection, so random in gives random out.
    private static func mix(_ word: UInt64) -> UInt64 {
        var z = word &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
