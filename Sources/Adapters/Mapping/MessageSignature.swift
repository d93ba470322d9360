/// What a message of a department's must carry to be believed, a push or a reply: a signing convention, a value that is compared, or both.
struct MessageSignature: Sendable {
    /// The convention, which is held to before anything inside the message is opened.
    let convention: SigningConvention?
    /// The value, which may stand in a document inside.
    let carried: CarriedValue?

    /// The keys of a section that say so.
    static let keys = ["signature", "signing", "skew"]
}

/// A value that a message carries, and what it must be.
struct CarriedValue: Sendable {
    /// What was sent.
    let received: ValueRule
    /// What it must be.
    let expected: ValueRule
    /// Whether upper and lower case are the same, as for hexadecimal digests.
    let ignoresCase: Bool

    /// Whether it is right; compared in a time that does not depend on where the texts differ.
    func isRight(in scope: MappingScope) throws(AdapterFault) -> Bool {
        guard var received = try received.value(in: scope)?.scalarText, var expected = try expected.value(in: scope)?.scalarText else {
            return false
        }
        if ignoresCase {
            received = received.lowercased()
            expected = expected.lowercased()
        }
        return !expected.isEmpty && ConstantTime.equal(received, expected)
    }
}

/// A signing convention that a department's messages are held to: the words of `signing`, read from the other side.
struct SigningConvention: Sendable {
    /// The convention, with the time that a message may be old.
    let verifier: Verifier

    /// Whether a message was signed by the convention; `tree` is its body. What exactly is wrong is not told.
    func isKept(by message: CallbackPush, _ tree: Value, _ call: AdapterCall) throws(AdapterFault) -> Bool {
        let proof = try verifier.verify(
            SignableRequest(message, tree), secrets: call.secrets, epochMilliseconds: call.moment.epochMilliseconds, trace: call.trace)
        if case .success = proof { return true }
        return false
    }
}

extension SignableRequest {
    /// A received message as a convention sees it: the scalar fields of a form or of flat JSON are its parameters.
    fileprivate init(_ message: CallbackPush, _ tree: Value) {
        let contentType = message.fields.first { $0.name.lowercased() == "content-type" }?.value
        let isForm = MediaType.name(contentType) == "application/x-www-form-urlencoded"
        let parameters = tree.object?.fields.flatMap { field in
            (field.value.array ?? [field.value]).compactMap { value in value.scalarText.map { (field.name, $0) } }
        }
        self.init(
            method: message.method, path: message.path, query: message.query.map { ($0.name, $0.value) }, parameters: parameters ?? [],
            headers: message.fields.map { ($0.name, $0.value) }, body: isForm ? [] : message.body, hasForm: parameters != nil)
        json = tree
        soapHeader = tree["Envelope"]?["Header"]?.object
    }
}
