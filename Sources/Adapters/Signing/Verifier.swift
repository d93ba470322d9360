/// A signing convention read the other way: says whether a received request was signed by who holds the secret.
///
/// Pure: whoever calls it gives the time, and keeps the nonces that were seen.
public struct Verifier: Sendable {
    /// What is wrong with a request's signature.
    public enum Flaw: Error, Sendable, Hashable {
        /// A value of the convention is not there, or is there twice; which, in the words of a file.
        case missing(String)
        /// A value is not what the convention says, such as another application's key or a digest of another body.
        case different(String)
        /// The request's time cannot be read, or is too far from now.
        case skewed
        /// The signature is not that of this request.
        case wrongSignature
    }

    /// What a right signature says about its request.
    public struct Proof: Sendable, Hashable {
        /// The nonce, which must not be seen again while its time counts.
        public let nonce: String?
        /// The request's own time, in milliseconds since 1970.
        public let epochMilliseconds: Int64?
        /// The signature as it was sent: what a request without a nonce is known by.
        public let signature: String
        /// What the content must be that was not there yet.
        public let content: ContentDigest?
    }

    /// How much of a request is there.
    public enum Content: Sendable, Hashable {
        /// All of it.
        case whole
        /// Its head; a content that is not empty, and no form, is still to come.
        case coming
    }

    private let signer: Signer
    private let skewMilliseconds: Int64
    /// Whether the bytes of the content, or fields of a body, are among what is signed: then it must be whole before it can be verified.
    public let needsContent: Bool
    /// Whether the fields of a form are: then a form must be whole.
    public let needsForm: Bool

    /// A verifier of a convention; a request whose time is further from now than `skewMilliseconds` is refused.
    public init(_ signer: Signer, skewMilliseconds: Int64) {
        self.signer = signer
        self.skewMilliseconds = skewMilliseconds
        needsContent = signer.text.parts.contains(where: \.readsContent) || signer.targets.contains(where: \.isInContent)
        needsForm = signer.text.parts.contains(where: \.readsForm) || signer.targets.contains(where: \.mayBeInForm)
    }

    /// Checks a request that was received at `now`. `secrets` are those of the convention; an asymmetric one's is the public key. Fails with
    /// INTERNAL only when a secret is not there; `trace` is told what was signed, and what is wrong. That a request is `skewed` is found last: only who holds the secret learns of it.
    public func verify(
        _ request: SignableRequest, secrets: Secrets, epochMilliseconds now: Int64, content: Content = .whole, trace: MappingTrace? = nil
    ) throws(AdapterFault) -> Result<Proof, Flaw> {
        guard let trace else { return try verify(request, secrets, now, content, shown: nil) }
        var text: [UInt8] = []
        let result = try verify(request, secrets, now, content) { text = $0 }
        let flaw: Flaw? = if case .failure(let flaw) = result { flaw } else { nil }
        trace.note(signature: TraceSignature(text: text, charset: signer.charset, flaw: flaw))
        return result
    }

    /// The same; `shown` is given what the signature is held to, with secrets as their names.
    private func verify(
        _ request: SignableRequest, _ secrets: Secrets, _ now: Int64, _ content: Content, shown: (([UInt8]) -> Void)?
    ) throws(AdapterFault) -> Result<Proof, Flaw> {
        // A request is only copied where its header has to be taken apart.
        guard signer.template != nil else { return try verifyOpened(request, secrets, now, content, shown) }
        guard let request = signer.opened(request) else { return .failure(.missing(signer.target.text)) }
        return try verifyOpened(request, secrets, now, content, shown)
    }

    private func verifyOpened(
        _ request: SignableRequest, _ secrets: Secrets, _ now: Int64, _ content: Content, _ shown: (([UInt8]) -> Void)?
    ) throws(AdapterFault) -> Result<Proof, Flaw> {
        guard let signature = signer.signature(in: request), !signature.isEmpty else { return .failure(.missing(signer.target.text)) }
        var reading = Reading(content: content)
        do {
            for addition in signer.additions { try read(addition, of: request, secrets, &reading) }
        } catch {
            switch error {
            case .flaw(let flaw): return .failure(flaw)
            case .fault(let fault): throw fault
            }
        }
        let moment = CallMoment(epochMilliseconds: reading.time ?? now, random: (0, 0))
        let isRight: Bool
        do {
            if let shown {
                shown(
                    try signer.textToSign(
                        of: request, secrets: secrets, moment: moment, signedHeaders: reading.signedHeaders, isMasked: true))
            }
            let text = try signer.collected(of: request, secrets: secrets, moment: moment, signedHeaders: reading.signedHeaders)
            isRight = try text.withBytes { (text) throws(AdapterFault) in try signer.isSignature(signature, of: text, secrets) }
        } catch {
            // A text that the convention's charset lacks was never signed in it.
            if error.code == .internal { throw error }
            return .failure(.wrongSignature)
        }
        guard isRight else { return .failure(.wrongSignature) }
        if let time = reading.time, abs(time.subtractingSaturated(now)) > skewMilliseconds { return .failure(.skewed) }
        return .success(
            Proof(nonce: reading.nonce, epochMilliseconds: reading.time, signature: signature, content: reading.expected))
    }

    private enum Stop: Error {
        case flaw(Flaw)
        case fault(AdapterFault)
    }

    /// What the values of the convention say.
    private struct Reading {
        let content: Content
        var nonce: String?
        var time: Int64?
        var signedHeaders: [String]?
        var expected: ContentDigest?
    }

    /// Looks at a value that the convention adds.
    private func read(
        _ addition: Signer.Addition, of request: SignableRequest, _ secrets: Secrets, _ reading: inout Reading
    ) throws(Stop) {
        let isThere: Void? = try request.withOnly(at: addition.target) { (value) throws(Stop) in
            try read(addition, value, of: request, secrets, &reading)
        }
        guard isThere == nil else { return }
        guard addition.skipsEmpty, request.values(at: addition.target).isEmpty else { throw .flaw(.missing(addition.target.text)) }
        // A digest may be left out where there is nothing to make it of, and nowhere else.
        if case .bodyDigest = addition.source, reading.content == .coming || !request.body.isEmpty {
            throw .flaw(.missing(addition.target.text))
        }
    }

    private func read(
        _ addition: Signer.Addition, _ value: UnsafeBufferPointer<UInt8>, of request: SignableRequest, _ secrets: Secrets,
        _ reading: inout Reading
    ) throws(Stop) {
        switch addition.source {
        case .secret(let name):
            let secret: String
            do { secret = try StringToSign.secret(name, secrets) } catch { throw .fault(error) }
            try equal(value, secret, addition)
        case .literal(let text): try equal(value, text, addition)
        case .clock(let format):
            guard let stated = format.epochMilliseconds(String(decoding: value, as: UTF8.self)) else { throw .flaw(.skewed) }
            reading.time = reading.time ?? stated
        case .random:
            guard !value.isEmpty, value.count <= 128 else { throw .flaw(.missing(addition.target.text)) }
            reading.nonce = reading.nonce ?? String(decoding: value, as: UTF8.self)
        case .bodyDigest(let digest):
            if reading.content == .coming {
                reading.expected = ContentDigest(
                    algorithm: digest.algorithm, output: digest.output, expected: String(decoding: value, as: UTF8.self))
            } else {
                try equal(value, digest.output.text(Digest.compute(digest.algorithm, request.body)), addition)
            }
        case .signedHeaders(let join): reading.signedHeaders = try signed(value, join, addition, request)
        }
    }

    private func equal(_ value: UnsafeBufferPointer<UInt8>, _ expected: String, _ addition: Signer.Addition) throws(Stop) {
        guard ConstantTime.equal(value, expected) else { throw .flaw(.different(addition.target.text)) }
    }

    /// The header fields that the request says are signed: at least those of the convention, and no more than could be meant.
    private func signed(
        _ value: UnsafeBufferPointer<UInt8>, _ join: String, _ addition: Signer.Addition, _ request: SignableRequest
    ) throws(Stop) -> [String] {
        guard let names = SignedHeaderNames.list(value, join), signer.signedHeaders.allSatisfy(names.contains) else {
            throw .flaw(.different(addition.target.text))
        }
        // Of a field that is there twice only the first would be signed, and a list cannot hold what is made of it.
        for name in names where request.fields.count(name) > 1 { throw .flaw(.different("header \(name)")) }
        for target in [signer.target, addition.target] {
            if case .header(let own) = target, names.contains(where: { SignableFields.isSame($0, own) }) {
                throw .flaw(.different(addition.target.text))
            }
        }
        return names
    }
}

extension Int64 {
    fileprivate func subtractingSaturated(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        // `abs` of the least number has no place in the type.
        return overflow ? .max : Swift.max(difference, -.max)
    }
}

extension SigningTarget {
    /// The place in the words of a file.
    var text: String {
        switch self {
        case .header(let name): "header \(name)"
        case .parameter(let name): "parameter \(name)"
        case .query(let name): "query \(name)"
        case .value(let name): "value \(name)"
        case .json(let names): "json $.\(names.joined(separator: "."))"
        case .soapHeader(let names): "soap-header $.\(names.joined(separator: "."))"
        }
    }
}
