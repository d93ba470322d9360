import Adapters
import Foundation

/// A client of the x-ca convention, written from its description and not from the gateway's engine: the string to sign is put together by hand.
struct XCaCaller {
    var key = "60030305"
    var secret = "demoAppSecret0001"
    var algorithm = DigestAlgorithm.sha256

    /// The header fields of a signed request. `form` are the fields of a form, which are signed in place of a digest.
    func sign(
        _ method: String, _ path: String, query: [(String, String)] = [], body: String? = nil, form: [(String, String)]? = nil,
        nonce: String = UUID().uuidString.lowercased(), clock: Date = Date()
    ) -> [(String, String)] {
        let type = form == nil ? "application/json; charset=UTF-8" : "application/x-www-form-urlencoded; charset=UTF-8"
        let md5 = body.map { Base64Codec.encode(Digest.compute(.md5, Array($0.utf8))) } ?? ""
        let time = String(Int(clock.timeIntervalSince1970 * 1000))
        let parameters = (query + (form ?? [])).sorted { $0.0 < $1.0 }.map { $0.1.isEmpty ? $0.0 : "\($0.0)=\($0.1)" }
        let resource = path + (parameters.isEmpty ? "" : "?" + parameters.joined(separator: "&"))
        let text = """
            \(method)
            application/json
            \(md5)
            \(type)

            x-ca-key:\(key)
            x-ca-nonce:\(nonce)
            x-ca-timestamp:\(time)
            \(resource)
            """
        let signature = Base64Codec.encode(MAC.hmac(algorithm, key: Array(secret.utf8), Array(text.utf8)))
        var fields = [
            ("Accept", "application/json"), ("Content-Type", type), ("X-Ca-Key", key), ("X-Ca-Nonce", nonce), ("X-Ca-Timestamp", time),
            ("X-Ca-Signature-Headers", "x-ca-key,x-ca-timestamp,x-ca-nonce"), ("X-Ca-Signature", signature),
        ]
        if !md5.isEmpty { fields.append(("Content-MD5", md5)) }
        return fields
    }
}
