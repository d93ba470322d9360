import Adapters

/// What the header fields of a contract request say of its body: JSON in UTF-8, as it stands.
struct ContractBody {
    /// The Content-Type field; nil where there is none, which counts as JSON.
    let contentType: String?
    /// The Content-Encoding field.
    let contentEncoding: String?

    /// Refuses what says that it is something else: read as JSON all the same it would be a guess.
    func check() throws(AdapterFault) {
        let parts = (contentType ?? "").split(separator: ";").map { Self.trimmed($0).lowercased() }
        let media = parts.first ?? "application/json"
        guard media == "application/json" || media.hasSuffix("+json") else {
            throw AdapterFault(.unsupportedMedia, "the body must be application/json")
        }
        let charset = parts.dropFirst().first { $0.hasPrefix("charset=") }?.dropFirst("charset=".count).filter { $0 != "\"" }
        guard charset == nil || charset == "utf-8" || charset == "utf8" || charset == "us-ascii" else {
            throw AdapterFault(.unsupportedMedia, "the body must be in UTF-8, whatever the charset of Content-Type says")
        }
        let encoding = contentEncoding.map { Self.trimmed(Substring($0)).lowercased() }
        guard encoding == nil || encoding == "" || encoding == "identity" else {
            throw AdapterFault(.unsupportedMedia, "the body must not be compressed (Content-Encoding)")
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text = text.dropFirst() }
        while text.last == " " || text.last == "\t" { text = text.dropLast() }
        return text
    }
}
