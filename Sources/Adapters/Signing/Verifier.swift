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
    }

    private let signer: Signer
    private let skewMilliseconds: Int64

    /// A verifier of a convention; a request whose time is further from now than `skewMilliseconds` is refused.
    public init(_ signer: Signer, skewMilliseconds: Int64) {
        self.signer = signer
        self.skewMilliseconds = skewMilliseconds
    }

    /// Checks a request that was received at `now`. `secrets` are those of the convention; an asymmetric one's is the public key. Fails with
    /// INTERNAL only when a secret is not there.
    public func verify(
        _ request: SignableRequest, secrets: Secrets, epochMilliseconds now: Int64
    ) throws(AdapterFault) -> Result<Proof, Flaw> {
        let read: (proof: Proof, signedHeaders: [String]?)
        do { read = try self.read(request, secrets, now) } catch {
            switch error {
            case .flaw(let flaw): return .failure(flaw)
            case .fault(let fault): throw fault
            }
        }
        guard let signature = request.only(at: signer.target), !signature.isEmpty else { return .failure(.missing(signer.target.text)) }
        let moment = CallMoment(epochMilliseconds: read.proof.epochMilliseconds ?? now, random: (0, 0))
        let bytes: [UInt8]
        do { bytes = try signer.textToSign(of: request, secrets: secrets, moment: moment, signedHeaders: read.signedHeaders) } catch {
            // A text that the convention's charset lacks was never signed in it.
            if error.code == .internal { throw error }
            return .failure(.wrongSignature)
        }
        return try signer.isSignature(signature, of: bytes, secrets) ? .success(read.proof) : .failure(.wrongSignature)
    }

    private enum Stop: Error {
        case flaw(Flaw)
        case fault(AdapterFault)
    }

    /// Looks at every value that the convention adds.
    private func read(
        _ request: SignableRequest, _ secrets: Secrets, _ now: Int64
    ) throws(Stop) -> (proof: Proof, signedHeaders: [String]?) {
        var nonce: String?
        var time: Int64?
        var signedHeaders: [String]?
        for addition in signer.additions {
            guard let value = request.only(at: addition.target) else {
                if addition.skipsEmpty, request.values(at: addition.target).isEmpty { continue }
                throw .flaw(.missing(addition.target.text))
            }
            switch addition.source {
            case .secret(let name):
                let secret: String
                do { secret = try StringToSign.secret(name, secrets) } catch { throw .fault(error) }
                try equal(value, secret, addition)
            case .literal(let text): try equal(value, text, addition)
            case .clock(let format):
                guard let stated = format.epochMilliseconds(value), abs(stated.subtractingSaturated(now)) <= skewMilliseconds else {
                    throw .flaw(.skewed)
                }
                time = time ?? stated
            case .random:
                guard !value.isEmpty, value.utf8.count <= 128 else { throw .flaw(.missing(addition.target.text)) }
                nonce = nonce ?? value
            case .bodyDigest(let digest):
                try equal(value, digest.output.text(Digest.compute(digest.algorithm, request.body)), addition)
            case .signedHeaders(let join): signedHeaders = try signed(value, join, addition)
            }
        }
        return (Proof(nonce: nonce, epochMilliseconds: time), signedHeaders)
    }

    private func equal(_ value: String, _ expected: String, _ addition: Signer.Addition) throws(Stop) {
        guard ConstantTime.equal(Array(value.utf8), Array(expected.utf8)) else { throw .flaw(.different(addition.target.text)) }
    }

    /// The header fields that the request says are signed: at least those of the convention, and no more than could be meant.
    private func signed(_ value: String, _ join: String, _ addition: Signer.Addition) throws(Stop) -> [String] {
        let names = (join.isEmpty ? [value] : value.split(separator: join).map(String.init)).map { $0.lowercased() }
        guard names.count <= 64, signer.signedHeaders.allSatisfy(names.contains) else { throw .flaw(.different(addition.target.text)) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
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
        case .json(let names): "json $.\(names.joined(separator: "."))"
        case .soapHeader(let names): "soap-header $.\(names.joined(separator: "."))"
        }
    }
}
