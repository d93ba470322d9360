internal import Adapters

/// A request as a credential is looked for in it.
struct CredentialRequest {
    let head: RequestHead
    let bytes: UnsafeRawBufferPointer
    /// The content, once it was collected for a signature over it.
    let content: [UInt8]?
    /// The certificate with which the connection was opened.
    let certificate: CallerCertificate?

    /// Whether a content that is not empty comes with the request.
    var hasContent: Bool { head.framing != .none && head.framing != .length(0) }

    /// Whether the content is a form.
    var isForm: Bool {
        guard let field = head.first(.contentType) else { return false }
        let value = UnsafeRawBufferPointer(rebasing: bytes[field.value.range])
        var end = 0
        while end < value.count, value[end] != UInt8(ascii: ";") { end += 1 }
        while end > 0, value[end - 1] == 0x20 || value[end - 1] == 0x09 { end -= 1 }
        return Self.form.withUTF8Buffer { form in
            end == form.count && form.indices.allSatisfy { WireSyntax.lowercase(value[$0]) == form[$0] }
        }
    }

    private static let form: StaticString = "application/x-www-form-urlencoded"

    /// The request as signing conventions see it.
    func signable() -> SignableRequest {
        let isForm = isForm
        var form: [(String, String)] = []
        if isForm, let content { form = content.withUnsafeBytes { RequestText.pairs($0) }.map { ($0.name, $0.value) } }
        return SignableRequest(
            method: String(decoding: bytes[head.methodSpan.range], as: UTF8.self),
            path: head.path.isEmpty ? "/" : String(decoding: bytes[head.path.range], as: UTF8.self),
            query: RequestText.query(head, bytes).map { ($0.name, $0.value) }, parameters: form,
            fields: SignableFields(bytes, head.fields.map { .init(name: $0.name.range, value: $0.value.range) }),
            body: isForm ? [] : content ?? [],
            hasForm: isForm)
    }
}

/// What a credential says.
enum CredentialVerdict {
    /// It is this consumer; a content must have this digest when it has come.
    case known(consumer: Int, content: ContentDigest?)
    /// It is not believed; in whose name it came, where that can be told.
    case refused(AuthenticationFailure, consumer: Int, claim: String?)
    /// The content is signed too, and must be there first.
    case needsContent
}

/// A way in which a caller shows who it is. A new one is a file and a line in `CredentialCatalog`.
protocol CredentialKind: Sendable {
    /// Whether the caller is told that its signature is not valid, rather than its credential.
    static var isSignature: Bool { get }
    /// Whether a request carries one.
    static func isPresent(in request: CredentialRequest, _ snapshot: Snapshot) -> Bool
    /// Who it is.
    static func check(_ request: CredentialRequest, _ facts: ExchangeFacts, _ snapshot: Snapshot) -> CredentialVerdict
}

/// Every kind of credential.
enum CredentialCatalog {
    /// Those that a request carries: one of them at most.
    static let all: [any CredentialKind.Type] = [APIKeyCredential.self, SignatureCredential.self, TokenCredential.self]
    /// The one that the connection has, for requests that carry none.
    static let ofConnection: any CredentialKind.Type = CertificateCredential.self
}
