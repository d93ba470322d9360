import Testing

@testable import Adapters

/// Keys that were made for these tests and are used nowhere else, and signatures that `openssl dgst` made with them.
enum TestKeys {
    /// PKCS #8 as Base64, the way many interface documents print it.
    static let rsa =
        "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDBYUwHp7Qu3vufGrtp1mwFEmK0pxFYh1cgqLK2uTDGhNqQWpKMvNzQ0uhv3H"
        + "98LRfHINnTbEtheZXtqfkvlNOrnKzDeA5YzXkKT3FfQvV04MM7bcQ/J2U6EiK4Lv6jVQM8rGBaccRxcY2Ik6bZmtW9ot6dGQvxmIV8R7+jK7e7"
        + "MNK/5Cc5pqVXMMsuE3EsUXYVt5hCa/vqWETS2vkpMHt3fhNHCfHwLJq9RlTsOcqxK4US1fsoJ9fuU7VtlrkFSa07DoJMkcU4b1ynankRg+b83N"
        + "9O2iV16U2XQsVXEau89dD/RTM8cXVI0c11+XeQJRI56uW+5jf/ZJHl+ezlf9xdAgMBAAECggEAJQT9SxHduoNRZBn3+sDjmOz2HGNHPM1b7pKc"
        + "88HsBnT0amIMYAjftNJLUO7DMQBo5uPxDzpSC+z8uKyrWWKCSv4JTLo09OcQ3tpqd7QXzTIh7cSLpxNhm4ZRQzUr5hSmM/1DzMyusJDuaVDqxg"
        + "mQFWeSejyLPsrV8v7BPvlliN3wV7Y02iGkmu0SSc4H1512bFSGn26ZoAfn3ZDXXRjp27JXspfPuuJ4lswo7XnA3wiqBQlijGDZJr7Su9T7hJQy"
        + "nxyBbeYZgOn9+gjp7n1GkMeTWwJxmzA+X7UJNX7mRZlp5RrrxFOwPxbvDtwN3yTIi7UEVSMBEvSZyQapS66/+QKBgQDytLhpjzd+JC5BnGSxLc"
        + "fIWc9a+x5iggjHUJjh/ckTGubFGAluG2hOAEk61fYnR23D7qDgsju1pTjE/oepF+PIM3KO5u6BFX8jHIReDyEBhGuCrMAZqc2xGPHmA4cMSt9X"
        + "ee/TxKeDeK6AKXVgOeq5NC+Lo9KzX4AcxN4UWDnnbwKBgQDL+OrsYtf6gDqLYzwKcEn5Rve6R6U8tyomwgeM3ccrN1Pb8BVSRhdwqnIb+L6sQL"
        + "IvDGL7aMDNsfI4vEbczTRzD97eKuwK0Z1c169McTN+oOxcIa1l1M2saQZ1Fmf64+mtAyIt+yA+4wywt0B0UWYknNGXr0Ut54+jveQX10Ky8wKB"
        + "gQCISWT4mZxer/BtlWWRfJSf85aVj0e7pytIyQBgfsMngEavzFSXSLqkelKkwDsOSXTgviIGqu8OjC25qPgCwtB8vi8JAbJSOAEBdWT68GHnWT"
        + "WJ1nm0r346gThsofR2uaB6nZVHhDlQgTbz7tPjagJdZ2l/b0nEwc7N2Nqf7/7r7wKBgF56SbZ8gjXRt0xhBqp/IISKTqzGCs94t9mD/iNNhreJ"
        + "xRoWtomJVcol6Pzz1r3Kqb4JKr/w4X1lcyC8dMZJdoXlUAHwN607MnySmuv5czSwLUrvfnWwgCPf8dHCMx+O+endjbNmoqT+Xh5sgzpdicZjrO"
        + "Fpmc2NeIcLqd8xIf/pAoGBAMlDlECnyTZW6zYBhqt4piN4fKO/vnLKQehdIGnqwxNQToV5Ui2B/ssh3x6j8lCO4yKr8uy48flqYeAVQWrrFQpp"
        + "dnCa6cjX4JTlMcSAAhFomapyHTgw17CtbN1tVfVVuNYLfAePY1v5Tca3Q6XDHlHi3Yh8Y45DLrCkjx3H/x7+"
    static let rsaPublic = """
        -----BEGIN PUBLIC KEY-----
        MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAwWFMB6e0Lt77nxq7adZs
        BRJitKcRWIdXIKiytrkwxoTakFqSjLzc0NLob9x/fC0XxyDZ02xLYXmV7an5L5TT
        q5ysw3gOWM15Ck9xX0L1dODDO23EPydlOhIiuC7+o1UDPKxgWnHEcXGNiJOm2ZrV
        vaLenRkL8ZiFfEe/oyu3uzDSv+QnOaalVzDLLhNxLFF2FbeYQmv76lhE0tr5KTB7
        d34TRwnx8CyavUZU7DnKsSuFEtX7KCfX7lO1bZa5BUmtOw6CTJHFOG9cp2p5EYPm
        /NzfTtoldelNl0LFVxGrvPXQ/0UzPHF1SNHNdfl3kCUSOerlvuY3/2SR5fns5X/c
        XQIDAQAB
        -----END PUBLIC KEY-----
        """
    static let sm2 = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgM17+WiyogEdV1B+a
        WcpUzKbU2C7OqwBmi4fVipAXuFOhRANCAASPR3PY2SekYoflKzL56AiyBMsyxv1o
        iJZFZwrrww6C+LlUN+mu3AxYm+YtdDGk49BNrYSBcXTNbcFMDXaoOrC8
        -----END PRIVATE KEY-----
        """
    static let sm2Public = """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAEj0dz2NknpGKH5Ssy+egIsgTLMsb9
        aIiWRWcK68MOgvi5VDfprtwMWJvmLXQxpOPQTa2EgXF0zW3BTA12qDqwvA==
        -----END PUBLIC KEY-----
        """
    /// Of `abc`: RSA PKCS #1 v1.5 with SHA-256, RSA-PSS with SHA-256, and SM2.
    static let rsaSignature =
        "OGQCmlTbl+MmeV5xWEZNld+8bmfkcK5RRlswhU7jeUTXqhn/e1g1Z54ZcO6PeKJ0ozqIT9OCy5WTNugxP0b5QGVC+gxyMVXDbs9rx3hwzQ8U4R"
        + "5OUnBr3m0bvaeGNp3Nod5TS+S0B2xHgVTLbu++ntBq3H72YgZ1us5Y3Axt5csPWWf7CbX/xTsTpyE74RVwQ32n5Ut5XbtkKXS+vPP0HQvoQpsY"
        + "sU35aEDJfD5Wfv9SpdeWelDm4qV69KhBCy8xayU+pnWXWJCXbwhXTlUnEF5LVkxKiPE0x/IdsZ7c1n5pNpLnxjiNgs34Ody6sZ35jiidUbEdmh"
        + "rsHvAYX40Rsg=="
    static let pssSignature =
        "q8DAVRmB/VeFrvcJz/taXUkrlMGZL9hizcvGU/MUVbXdonaQ6EOsrNbwTFAGBF1tGnFdyHoaI0F33LyOzL7h+qNKk/pVtcs54VboezMoZyqpDX"
        + "ep+muIbrWLeSZlxzQpaC1o3yp75C7o8PFXmnKby1StD+ZBqg1dr8uuKcvIlfyD+IEJwvKZ/I5qv7LMIP7ldanzsTos9fimbxFyVUBMf4TOr7qy"
        + "iqsGvW1tGx15adyamPBVyvaGbkdlU5e8D8Chw15MCjD/8cESUQY2U8xFBKhyoqZVeLVtnZppI+lARR+MckJ2Amm76cnUjBRV564eRxYYwS/nZW"
        + "/F6JwY/8mitw=="
    static let sm2Signature = "MEYCIQD0fO9wMaNNpRrjtNNUJ3xYHttbDmOx5UvUaEOFik4O0AIhALiec2GC71uzOdjhLu2KGa2DREW1+asc2bQJhEM/A1dX"
}

@Suite("Signatures with private keys")
struct KeyedSignatureTests {
    private let abc = Array("abc".utf8)

    /// GB/T 32918.5-2017 annex A: the recommended curve, the usual identity.
    private static let scalar = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"
    private static let numbers =
        "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
        + "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"

    @Test("the standard's example of SM2 verifies, and nothing near it does")
    func standard() throws {
        let message = Array("message digest".utf8)
        let raw = try Hex.decode(Self.numbers)
        let sm2 = SignatureAlgorithm.sm2(identity: SignatureAlgorithm.defaultIdentity)
        func holds(_ algorithm: SignatureAlgorithm, _ bytes: [UInt8], _ signature: [UInt8], raw: Bool = true) -> Bool {
            KeyedSignature.verify(algorithm, key: Self.publicPoint, raw: raw, bytes, signature: signature)
        }
        #expect(holds(sm2, message, raw))
        #expect(!holds(.sm2(identity: "ALICE123@YAHOO.COM"), message, raw), "the identity is signed too")
        #expect(!holds(sm2, Array("message digesT".utf8), raw))
        #expect(!holds(sm2, message, raw, raw: false), "64 bytes are no DER")
        for index in [0, 31, 32, 63] {
            var other = raw
            other[index] ^= 1
            #expect(!holds(sm2, message, other))
        }
        for length in [0, 1, 32, 63] { #expect(!holds(sm2, message, Array(raw.prefix(length)))) }
        #expect(!holds(sm2, message, raw + [0]))
        #expect(!holds(sm2, message, [UInt8](repeating: 0, count: 64)))
        // The public key belongs to the private one of the example.
        let own = try #require(KeyedSignature.sign(sm2, key: Self.scalar, raw: true, message))
        #expect(own.count == 64 && holds(sm2, message, own))
    }

    private static let publicPoint =
        "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
        + "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"

    @Test("what openssl signed verifies, and what is signed here verifies with its public key, from every form of a key")
    func forms() throws {
        let sm2 = SignatureAlgorithm.sm2(identity: SignatureAlgorithm.defaultIdentity)
        let signature = try Base64Codec.decode(TestKeys.sm2Signature)
        for key in [TestKeys.sm2Public, TestKeys.sm2] {
            #expect(KeyedSignature.verify(sm2, key: key, abc, signature: signature))
        }
        for raw in [false, true] {
            for (key, other) in [
                (TestKeys.sm2, TestKeys.sm2Public), (Self.scalar, "04" + Self.publicPoint), (Self.scalar, Self.publicPoint),
            ] {
                let made = try #require(KeyedSignature.sign(sm2, key: key, raw: raw, abc))
                #expect(KeyedSignature.verify(sm2, key: other, raw: raw, abc, signature: made))
                #expect(!KeyedSignature.verify(sm2, key: other, raw: raw, Array("abd".utf8), signature: made))
            }
        }
    }

    @Test("RSA with PKCS #1 v1.5 gives the very bytes that openssl gives, and PSS verifies both ways")
    func rsa() throws {
        let made = try #require(KeyedSignature.sign(.rsa(.sha256), key: TestKeys.rsa, abc))
        #expect(Base64Codec.encode(made) == TestKeys.rsaSignature)
        let pss = try Base64Codec.decode(TestKeys.pssSignature)
        #expect(KeyedSignature.verify(.pss(.sha256), key: TestKeys.rsaPublic, abc, signature: pss))
        #expect(!KeyedSignature.verify(.rsa(.sha256), key: TestKeys.rsaPublic, abc, signature: pss))
        #expect(!KeyedSignature.verify(.pss(.sha512), key: TestKeys.rsaPublic, abc, signature: pss))
        let own = try #require(KeyedSignature.sign(.pss(.sha256), key: TestKeys.rsa, abc))
        #expect(KeyedSignature.verify(.pss(.sha256), key: TestKeys.rsaPublic, abc, signature: own))
        for length in [0, 1, 255] {
            #expect(!KeyedSignature.verify(.pss(.sha256), key: TestKeys.rsaPublic, abc, signature: Array(own.prefix(length))))
        }
    }

    @Test("a key of another kind, a public key, and a text that is no key sign nothing")
    func wrongKeys() {
        let sm2 = SignatureAlgorithm.sm2(identity: "")
        for key in [
            TestKeys.rsa, TestKeys.sm2Public, "", "x", "{NAME}", String(Self.scalar.dropLast(2)), String(repeating: "0", count: 64),
        ] {
            #expect(KeyedSignature.sign(sm2, key: key, abc) == nil)
        }
        #expect(KeyedSignature.sign(.rsa(.sha256), key: TestKeys.sm2, abc) == nil)
        #expect(KeyedSignature.sign(.rsa(.sha256), key: TestKeys.rsaPublic, abc) == nil)
    }

    @Test("a convention with SM2 or RSA comes from YAML alone, into a header, a JSON field or a SOAP header")
    func conventions() throws {
        func fixture(_ signing: String, _ call: String) throws -> OperationAdapter {
            try TranslationFixture.compiled(
                "signing: { \(signing), parts: [body] }\noperations:\n  cases.submit:\n    \(call)\n"
                    + "    request: { a: { const: b } }\n    reply: { success: http, fields: {} }\n")
        }
        let call = TranslationFixture.call([:], secrets: ["K": TestKeys.sm2, "R": TestKeys.rsa])
        let sm2 = SignatureAlgorithm.sm2(identity: SignatureAlgorithm.defaultIdentity)
        let header = try fixture("algorithm: sm2, secret: K, format: raw, output: hex, place: { header: X-Sign }", "rest: { path: /a }")
            .request(call)
        let sign = try #require(header.fields.first { $0.name == "X-Sign" }?.value)
        #expect(sign.count == 128)
        #expect(KeyedSignature.verify(sm2, key: TestKeys.sm2Public, raw: true, Array(#"{"a":"b"}"#.utf8), signature: try Hex.decode(sign)))
        let json = try fixture("algorithm: rsa-sha256, secret: R, output: base64, place: { json: $.head.sign }", "rest: { path: /a }")
            .request(call)
        let expected = try #require(KeyedSignature.sign(.rsa(.sha256), key: TestKeys.rsa, Array(#"{"a":"b"}"#.utf8)))
        let tree = try JSONCodec.decode(json.body)
        #expect(tree["head"]?["sign"] == .string(Base64Codec.encode(expected)) && tree["a"] == "b")
        let soap = try fixture(
            "algorithm: hmac-sm3, secret: K, output: base64, place: { soap-header: $.Auth.Sign }",
            "soap: { path: /s, operation: o, namespace: 'urn:x' }"
        ).request(call)
        let envelope = try XMLCodec.decode(soap.body)["Envelope"]
        #expect(envelope?["Header"]?["Auth"]?["Sign"]?.string?.count == 44)
        #expect(envelope?.object?.fields.map(\.name).filter { !$0.hasPrefix("@") } == ["Header", "Body"])
    }

    @Test("a value can be the signature of another value's final text")
    func value() throws {
        let fixture = try TranslationFixture.compiled(
            """
            operations:
              cases.submit:
                let: { xml: { document: { xml: R, encoding: GBK }, fields: { n: $.name } } }
                rest: { path: /a }
                request:
                  data: $.let.xml
                  sign: { signature: { rsa-sha256: $.let.xml, key: { secret: R }, charset: GBK } }
                reply: { success: http, fields: {} }
            """)
        let body = try JSONCodec.decode(fixture.request(TranslationFixture.call(["name": "王"], secrets: ["R": TestKeys.rsa])).body)
        let signed = try Charset.gb18030.encode(#"<?xml version="1.0" encoding="GBK"?><R><n>王</n></R>"#)
        let sign = try #require(KeyedSignature.sign(.rsa(.sha256), key: TestKeys.rsa, signed))
        #expect(body["sign"] == .string(Base64Codec.encode(sign)))
    }
}
