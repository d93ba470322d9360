import Testing

@testable import Adapters

/// Project Wycheproof's JSON Web Signatures, all 401 of them.
@Suite("JSON Web Signatures", .enabled(if: CodecSuites.has("jose"), "suites/jose is not there; set TONGBAN_SHARED"))
struct TokenSuiteTests {
    /// What the suite says and a verifier cannot hold to: each with its reason.
    static let errata: [Int64: (accepted: Bool, reason: String)] = [
        367: (true, "the same bytes and key as 357, which is valid: the padding that it is about was lost in the file"),
        370: (true, "the same bytes and key as 357, which is valid: the padding that it is about was lost in the file"),
        372: (false, "a '?' in the header, which is no Base64URL (RFC 7515 §2); called valid"),
        373: (false, "a '?' in the payload, which is no Base64URL (RFC 7515 §2); called valid"),
        346: (false, "PS384 with a key whose 'alg' is PS256: an algorithm is bound to its key (RFC 8725 §3.1); called valid"),
        350: (false, "PS384 with a key whose 'alg' is PS256: an algorithm is bound to its key (RFC 8725 §3.1); called valid"),
    ]

    @Test("every case has the verdict of the suite, but for six that contradict themselves or the standard")
    func all() throws {
        let suite = try JSONCodec.decode(try CodecSuites.bytes("jose/json_web_signature_test.json"))
        var (valid, invalid) = (0, 0)
        for group in try #require(suite["testGroups"]?.array) {
            let jwk = group["public"] ?? group["private"] ?? .null
            let keys = try? TokenKeySet(jwk, usual: .rs256, secrets: true)
            for test in try #require(group["tests"]?.array) {
                guard case .integer(let id)? = test["tcId"], let text = test["jws"]?.string else { continue }
                let accepted = keys.map { TestTokens.flaw(text, $0) == nil } ?? false
                let expected = Self.errata[id]?.accepted ?? (test["result"] == "valid")
                #expect(accepted == expected, "\(id) \(test["comment"]?.string ?? "")")
                if test["result"] == "valid" { valid += 1 } else { invalid += 1 }
            }
        }
        #expect(valid == 46 && invalid == 355)
    }
}
