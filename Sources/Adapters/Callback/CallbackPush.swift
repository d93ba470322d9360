/// What a department pushed, as it came.
public struct CallbackPush: Sendable {
    /// The method in capitals.
    public let method: String
    /// The path as it was sent: percent-encoded, without the query.
    public let path: String
    /// The query's parameters, percent-decoded, in order.
    public let query: [(name: String, value: String)]
    /// The header fields in order.
    public let fields: [DepartmentRequest.Field]
    /// The body.
    public let body: [UInt8]

    /// Makes a push.
    public init(
        method: String = "POST", path: String = "/", query: [(name: String, value: String)] = [], fields: [DepartmentRequest.Field] = [],
        body: [UInt8]
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.fields = fields
        self.body = body
    }
}

/// A signing convention that pushes are held to: the words of `signing`, read from the other side.
struct CallbackConvention: Sendable {
    /// The convention, with the time that a push may be old.
    let verifier: Verifier

    /// Refuses a push that was not signed by the convention; `tree` is its body. What exactly is wrong is not told.
    func check(_ push: CallbackPush, _ contentType: String?, _ tree: Value, _ call: AdapterCall) throws(AdapterFault) {
        let proof = try verifier.verify(
            request(push, contentType, tree), secrets: call.secrets, epochMilliseconds: call.moment.epochMilliseconds)
        if case .failure = proof { throw CallbackSignature.fault }
    }

    /// The push as the convention sees it: the scalar fields of a form or of flat JSON are its parameters.
    private func request(_ push: CallbackPush, _ contentType: String?, _ tree: Value) -> SignableRequest {
        let isForm = MediaType.name(contentType) == "application/x-www-form-urlencoded"
        let parameters = tree.object?.fields.flatMap { field in
            (field.value.array ?? [field.value]).compactMap { value in value.scalarText.map { (field.name, $0) } }
        }
        var request = SignableRequest(
            method: push.method, path: push.path, query: push.query.map { ($0.name, $0.value) }, parameters: parameters ?? [],
            headers: push.fields.map { ($0.name, $0.value) }, body: isForm ? [] : push.body, hasForm: parameters != nil)
        request.json = tree
        request.soapHeader = tree["Envelope"]?["Header"]?.object
        return request
    }
}
