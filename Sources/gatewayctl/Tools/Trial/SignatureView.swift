internal import Adapters

/// What was signed, shown: when a department says that a signature is wrong, this is what to compare with its own.
enum SignatureView {
    /// Above what was signed for a request.
    static let made = "what was signed"
    /// Above what a message's signature was held to.
    static let came = "what its signature is held to"

    /// For a person.
    static func lines(_ signature: TraceSignature, _ title: String) -> [String] {
        let verdict = signature.flaw.map { ["-- \($0)"] } ?? []
        guard !signature.text.isEmpty else { return verdict }
        let body = body(signature)
        let form = body.charset == nil ? "in hex" : "of \(signature.charset.name)"
        return ["-- \(title), \(signature.text.count) bytes \(form); secrets among the parts stand as their names", body.text] + verdict
    }

    /// For programs; `body` is Base64 of the bytes.
    static func value(_ signature: TraceSignature) -> Value {
        [
            "body": .string(Base64Codec.encode(signature.text)), "charset": .string(signature.charset.name),
            "text": .string(body(signature).text), "flaw": signature.flaw.map(Value.string) ?? .null,
        ]
    }

    private static func body(_ signature: TraceSignature) -> BodyText {
        BodyText(signature.text, contentType: "text/plain; charset=\(signature.charset.name)")
    }
}
