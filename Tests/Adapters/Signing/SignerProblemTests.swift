import Adapters
import Testing

@Suite("What a signing section may not say")
struct SignerProblemTests {
    private static func problems(_ yaml: String) throws -> (Signer?, [Problem]) {
        let diagnostics = Diagnostics()
        let node = try #require(Node.read(Array(yaml.utf8), path: "signing.yaml", diagnostics))
        return (Signer(node, diagnostics), diagnostics.sorted)
    }

    @Test(
        "each is refused with its rule and its line",
        arguments: [
            ("algorithm: sm2", "missing-key", 1), ("algorithm: SM2-SM3", "unknown-value", 1),
            ("algorithm: hmac-sha265\nsecret: A", "unknown-value", 1), ("algorithm: hmac-sha256", "missing-key", 1),
            ("algorithm: md5\nsecret: A", "unused-key", 2), ("charset: GB18033", "unknown-value", 1), ("output: Hex", "unknown-value", 1),
            ("parts: []", "wrong-type", 1), ("parts: method", "wrong-type", 1), ("parts: [metod]", "unknown-value", 1),
            ("parts: [{ literal: a, secret: B }]", "one-of", 1), ("parts: [{}]", "one-of", 1),
            ("parts: [{ litteral: a }]", "unknown-key", 1),
            ("parts: [clock: yyyymmddhhmmss]", "unknown-value", 1), ("parts: [clock: 'nothing at all']", "unknown-value", 1),
            ("parts: [clock: \"yyyy'T\"]", "unknown-value", 1), ("parts: [headers: X-A]", "wrong-type", 1),
            ("parts: [headers: [X-A, x-a]]", "duplicate-value", 1), ("parts: [headers: [x-sign]]", "signed-signature", 1),
            ("parts: [headers: ['a b']]", "header-name", 1), ("parts: [form: { empty: no }]", "unknown-value", 1),
            ("parts: [form: { sorted: true }]", "unknown-key", 1), ("parts: [body-digest: md6]", "unknown-value", 1),
            ("parts: [digest: { algorithm: md5 }]", "missing-key", 1), ("parts: [secret: [a]]", "wrong-type", 1),
            ("set:\n  - { header: Host, literal: a }", "header-name", 2),
            ("set:\n  - { header: X-Sign, literal: a }", "duplicate-value", 2),
            ("set:\n  - { header: A, literal: \"a\\r\\nB: c\" }", "control-character", 2), ("set:\n  - { header: A }", "one-of", 2),
            ("set:\n  - { literal: A }", "one-of", 2), ("set:\n  - { header: A, parameter: b, literal: c }", "one-of", 2),
            ("set:\n  - { header: A, signed-headers: ',' }", "missing-key", 2),
            ("set:\n  - { header: A, random: base64 }", "unknown-value", 2),
            ("set:\n  - { header: A, random: { hex: 33 } }", "out-of-range", 2), ("set: { header: A }", "wrong-type", 1),
            ("place: { }", "one-of", 1), ("place: { cookie: a }", "unknown-key", 1), ("place: { query: '' }", "wrong-type", 1),
            ("charset: Big5\njoin: 𠮷", "charset", 2),
        ])
    func refused(line: String, rule: String, at number: Int) throws {
        // What the case does not say itself is filled in correctly.
        var yaml = line + "\n"
        for (key, rest) in [
            ("algorithm", "algorithm: md5"), ("parts", "parts: [secret: KEY]"), ("output", "output: hex"),
            ("place", "place: { header: X-Sign }"),
        ] where !line.hasPrefix(key) && !line.contains("\n\(key)") {
            yaml += rest + "\n"
        }
        let (signer, problems) = try Self.problems(yaml)
        #expect(signer == nil)
        #expect(problems.contains { $0.rule == rule && $0.place?.line == number && $0.severity == .error }, "\(problems)")
    }

    @Test("all problems come at once")
    func allAtOnce() throws {
        let (signer, problems) = try Self.problems(
            """
            algoritm: md5
            set: [{ header: Content-Length, literal: 1 }, { parameter: a, clock: YYYY }]
            parts: [foo, bar: 1, form: { join: [] }]
            output: base65
            """)
        #expect(signer == nil)
        #expect(problems.filter { $0.severity == .error }.count == 9, "\(problems)")
    }

    @Test("a plain digest without a secret is a warning")
    func noSecret() throws {
        let (signer, problems) = try Self.problems(
            "algorithm: md5\nset: [{ parameter: appKey, secret: KEY }]\nparts: [form]\noutput: hex\nplace: { parameter: sign }")
        #expect(signer != nil)
        #expect(problems.map(\.rule) == ["no-secret"])
    }

    @Test("an SM2 signature needs a key, and says what one is")
    func sm2() throws {
        let (_, problems) = try Self.problems("algorithm: sm2\nparts: [body]\noutput: hex\nplace: { parameter: sign }")
        #expect(problems.contains { $0.message == "sm2 needs 'secret', its private key" })
    }
}
