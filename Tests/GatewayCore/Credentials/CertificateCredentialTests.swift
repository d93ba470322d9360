import Adapters
import Testing

@testable import GatewayCore

/// Certificates that were made for these tests and are used nowhere else.
enum TestCertificates {
    /// `CN=portal,O=大庆\, 市,C=CN`, until 2051-07-21.
    static let portal = """
        -----BEGIN CERTIFICATE-----
        MIIBvzCCAWWgAwIBAgIUY0hKFhJpaUNBUMxxkna7z5vi2YowCgYIKoZIzj0EAwIw
        NDELMAkGA1UEBhMCQ04xFDASBgNVBAoMC+Wkp+W6hiwg5biCMQ8wDQYDVQQDDAZw
        b3J0YWwwIBcNMjYxMTI5MTI1NDUyWhgPMjA1MTA3MjExMjU0NTJaMDQxCzAJBgNV
        BAYTAkNOMRQwEgYDVQQKDAvlpKfluoYsIOW4gjEPMA0GA1UEAwwGcG9ydGFsMFkw
        EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+0bjEO+9aJff1VBfMTy/Jx2oUvsNiNme
        fie2KJN012YmIuAbhOpnQ0L3AQoPzMELoQDgJeVpqDunfhKptPW/aaNTMFEwHQYD
        VR0OBBYEFC1k6c3Rhyg/kdxjLikq9sT4I/bFMB8GA1UdIwQYMBaAFC1k6c3Rhyg/
        kdxjLikq9sT4I/bFMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIg
        VpAbbRM6b++MA3VthuH+icZf7Js+4Kti7F2ToOiYldICIQCk6ynE8B1Yk2rYkTaZ
        miRBfcrjnwmlC/qsSioti0SDCA==
        -----END CERTIFICATE-----
        """
    /// `CN=renewed`, with the same key.
    static let renewed = """
        -----BEGIN CERTIFICATE-----
        MIIBezCCASGgAwIBAgIULW/yN1lDsE6kzMt1BqAeM2+CSJwwCgYIKoZIzj0EAwIw
        EjEQMA4GA1UEAwwHcmVuZXdlZDAgFw0yNjExMjkxMjU0NTJaGA8yMDUxMDcyMTEy
        NTQ1MlowEjEQMA4GA1UEAwwHcmVuZXdlZDBZMBMGByqGSM49AgEGCCqGSM49AwEH
        A0IABPtG4xDvvWiX39VQXzE8vycdqFL7DYjZnn4ntiiTdNdmJiLgG4TqZ0NC9wEK
        D8zBC6EA4CXlaag7p34SqbT1v2mjUzBRMB0GA1UdDgQWBBQtZOnN0YcoP5HcYy4p
        KvbE+CP2xTAfBgNVHSMEGDAWgBQtZOnN0YcoP5HcYy4pKvbE+CP2xTAPBgNVHRMB
        Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCSlSU5T1Y6qyLjJMveleEESeYL
        UYt3pYEYmQpaUInITgIgTvx0ApEDo+9brH+TPNuLWI6W8B3Tlgaf4k4BvRMkcLY=
        -----END CERTIFICATE-----
        """
    /// `openssl pkey -pubin -outform DER | sha256sum`
    static let publicKey = "sha256:54192cfeb5767d09a6e661d5469d18dc39c6e5714165f1c330369b2c08798171"

    static func read(_ pem: String) throws -> CallerCertificate { try #require(CallerCertificate(pem: Array(pem.utf8))) }
}

@Suite("Certificates of consumers") struct CertificateCredentialTests {
    private func snapshot(_ credentials: String) throws -> Snapshot { try SignedCall.snapshot(credentials) }

    private func call(_ pem: String?, _ fields: [(String, String)] = []) throws -> SignedCall {
        var call = SignedCall(method: "GET", target: "/x", fields: fields)
        call.certificate = try pem.map(TestCertificates.read)
        return call
    }

    @Test("a certificate tells its subject as RFC 4514 writes it, the digest of its public key, and its end")
    func reading() throws {
        let portal = try TestCertificates.read(TestCertificates.portal)
        #expect(portal.subject == #"CN=portal,O=大庆\, 市,C=CN"#)
        #expect(portal.keyText == TestCertificates.publicKey)
        #expect(portal.expires == 2_573_556_892)
        #expect(try TestCertificates.read(TestCertificates.renewed).keyText == TestCertificates.publicKey)
        for text in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "no"] {
            #expect(CallerCertificate(pem: Array(text.utf8)) == nil)
            #expect(CallerCertificate(der: Array(text.utf8)) == nil)
        }
    }

    @Test("it names its consumer by the public key, which a renewed one may keep, or by the subject")
    func consumer() throws {
        let byKey = try snapshot(#"certificates: [{ public-key: "\#(TestCertificates.publicKey)" }]"#)
        #expect(try call(TestCertificates.portal).outcome(byKey) == .admitted)
        #expect(try call(TestCertificates.renewed).outcome(byKey) == .admitted)
        let bySubject = try snapshot(#"certificates: [{ subject: 'CN=portal,O=大庆\, 市,C=CN' }]"#)
        #expect(try call(TestCertificates.portal).outcome(bySubject) == .admitted)
        #expect(try call(TestCertificates.renewed).outcome(bySubject) == .refused(.badCredential, .unknownCertificate))
        #expect(try call(nil).outcome(bySubject) == .refused(.badCredential, .missing))
        let nobody = try snapshot("")
        #expect(try call(TestCertificates.portal).outcome(nobody) == .refused(.badCredential, .missing))
    }

    @Test("its time ends with the certificate, or on the day that the file names, though the connection goes on")
    func expiry() throws {
        let byKey = try snapshot(#"certificates: [{ public-key: "\#(TestCertificates.publicKey)" }]"#)
        var late = try call(TestCertificates.portal)
        late.now = 2_573_556_892
        #expect(try late.outcome(byKey) == .refused(.badCredential, .expired))
        late.now -= 1
        #expect(try late.outcome(byKey) == .admitted)
        let ended = try snapshot(#"certificates: [{ public-key: "\#(TestCertificates.publicKey)", expires: "2023-11-01" }]"#)
        #expect(try call(TestCertificates.portal).outcome(ended) == .refused(.badCredential, .expired))
    }

    @Test("a request's own credential says who calls where the certificate is nobody's, and must not contradict one that is somebody's")
    func both() throws {
        let key = [("X-Api-Key", "demo-daqing-key")]
        let nobody = try snapshot(#"certificates: [{ subject: "CN=another" }]"#)
        #expect(try call(TestCertificates.portal, key).outcome(nobody) == .admitted)
        #expect(try call(TestCertificates.portal).outcome(nobody) == .refused(.badCredential, .unknownCertificate))
        let own = try snapshot(#"certificates: [{ public-key: "\#(TestCertificates.publicKey)" }]"#)
        #expect(try call(TestCertificates.portal, key).outcome(own) == .admitted)
        #expect(try call(TestCertificates.portal, [("X-Api-Key", "wrong")]).outcome(own) == .refused(.badCredential, .unknownKey))
        var sources = SignedCall.configuration("")
        sources.consumers? += "\n  other:\n    certificates: [{ public-key: \"\(TestCertificates.publicKey)\" }]\n"
        let (compiled, problems) = sources.compile(secrets: [:])
        let snapshot = try #require(compiled, "\(problems)")
        #expect(try call(TestCertificates.portal, key).outcome(snapshot) == .refused(.badCredential, .several))
        #expect(try call(nil, key).outcome(snapshot) == .admitted)
    }

    @Test(
        "what is wrong with an entry is a problem with its place",
        arguments: [
            (#"certificates: [{ subject: "/C=CN/CN=a" }]"#, "wrong-value"),
            (#"certificates: [{ subject: "C = CN, CN = a" }]"#, "wrong-value"),
            (#"certificates: [{ subject: "C=CN, CN=a" }]"#, "wrong-value"), (#"certificates: [{ subject: portal }]"#, "wrong-value"),
            (#"certificates: [{ public-key: "sha256:12" }]"#, "wrong-digest"),
            (#"certificates: [{ expires: "2030-01-01" }]"#, "missing-key"),
            (#"certificates: [{ subject: "CN=a", public-key: "x" }]"#, "missing-key"),
            (#"certificates: [{ sbject: "CN=a" }]"#, "unknown-key"),
            (#"certificates: [{ subject: "CN=a" }, { subject: "CN=a" }]"#, "duplicate-key"),
            (#"certificates: { subject: "CN=a" }"#, "wrong-type"),
            (#"certificates: [{ subject: "CN=a", expires: soon }]"#, "wrong-date"),
            (#"certificates: [{ subject: "CN=a" }]"#, "no-listener"),
        ])
    func problems(_ text: String, _ rule: String) {
        let found = SignedCall.configuration(text).compile(secrets: [:]).problems
        #expect(found.contains { $0.rule == rule && $0.place != nil }, "\(found)")
    }
}
