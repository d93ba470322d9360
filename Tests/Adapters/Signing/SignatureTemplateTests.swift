import Testing

@testable import Adapters

@Suite("A composed header")
struct SignatureTemplateTests {
    private static let yaml = #"""
        algorithm: hmac-sha256
        secret: KEY
        set:
          - { value: id, secret: ID }
          - { value: ts, clock: seconds }
        join: "\n"
        parts: [method, path, value: ts, body-digest: sha256]
        output: hex
        place: { header: Authorization, text: "HMAC id={id}, ts={ts}, sig={signature}" }
        """#
    private static let secrets = Secrets(["KEY": "demoAppSecret", "ID": "60030305"])
    private static let moment = CallMoment(epochMilliseconds: 1_700_000_000_000, random: (1, 2))

    private func signer(_ yaml: String = yaml) throws -> Signer {
        let diagnostics = Diagnostics()
        let node = try #require(Node.read(Array(yaml.utf8), path: "x.yaml", diagnostics))
        let signer = Signer(node, diagnostics)
        return try #require(signer, "\(diagnostics.sorted)")
    }

    private func problems(_ place: String) throws -> [String] {
        let diagnostics = Diagnostics()
        let yaml = Self.yaml.split(separator: "\n").dropLast().joined(separator: "\n") + "\nplace: \(place)\n"
        let node = try #require(Node.read(Array(yaml.utf8), path: "x.yaml", diagnostics))
        #expect(Signer(node, diagnostics) == nil)
        return diagnostics.sorted.map(\.message)
    }

    @Test("is made of the signature and of values that stand nowhere else, and is read back")
    func both() throws {
        let signer = try signer()
        var request = SignableRequest(method: "POST", path: "/a", body: Array("{}".utf8))
        try signer.sign(&request, secrets: Self.secrets, moment: Self.moment)
        let text = "POST\n/a\n1700000000\n" + Hex.encode(Digest.compute(.sha256, Array("{}".utf8)))
        let signature = Hex.encode(MAC.hmac(.sha256, key: Array("demoAppSecret".utf8), Array(text.utf8)))
        #expect(request.headers.count == 1)
        #expect(request.header("Authorization") == "HMAC id=60030305, ts=1700000000, sig=\(signature)")

        let verifier = Verifier(signer, skewMilliseconds: 1000)
        func verdict(_ header: String, now: Int64 = 1_700_000_000_500) throws -> Result<Verifier.Proof, Verifier.Flaw> {
            let received = SignableRequest(method: "POST", path: "/a", headers: [("authorization", header)], body: Array("{}".utf8))
            return try verifier.verify(received, secrets: Self.secrets, epochMilliseconds: now)
        }
        let right = "HMAC id=60030305, ts=1700000000, sig=\(signature)"
        guard case .success = try verdict(right) else {
            Issue.record("refused")
            return
        }
        #expect(try verdict(right, now: 1_700_000_009_000) == .failure(.skewed))
        #expect(try verdict("HMAC id=60030306, ts=1700000000, sig=\(signature)") == .failure(.different("value id")))
        #expect(try verdict("HMAC id=60030305, ts=1700000001, sig=\(signature)") == .failure(.wrongSignature))
        for other in ["", "Bearer x", "HMAC id=60030305, ts=1700000000", right + ", x=1", right + right] {
            guard case .failure = try verdict(other) else {
                Issue.record("believed: \(other)")
                continue
            }
        }
    }

    @Test("that cannot be composed is a problem that says why")
    func mistakes() throws {
        func has(_ place: String, _ words: String) throws { #expect(try problems(place).contains { $0.contains(words) }, "\(place)") }
        try has(#"{ header: A, text: "x={id}" }"#, "{signature} is missing")
        try has(#"{ header: A, text: "{id}{signature}" }"#, "side by side")
        try has(#"{ header: A, text: "{signature" }"#, "does not close")
        try has(#"{ header: A, text: "{signature} {signature}" }"#, "stands twice")
        try has(#"{ header: A, text: "{sig} {signature}" }"#, "no value of the name 'sig'")
        try has(#"{ query: a, text: "{signature}" }"#, "composes a header")
    }
}
