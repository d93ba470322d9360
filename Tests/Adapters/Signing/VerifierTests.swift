import Testing

@testable import Adapters

/// The conventions of the field, each with the request that its worked example signs.
enum Convention: String, CaseIterable, Sendable {
    case xCa, gjzwfwpt, gjzwfwptSM3, xBG, md5, sm3, sm2, rsa

    var yaml: String {
        switch self {
        case .xCa:
            #"""
            algorithm: hmac-sha256
            secret: CA_SECRET
            set:
              - { header: X-Ca-Key, secret: CA_KEY }
              - { header: X-Ca-Timestamp, clock: milliseconds }
              - { header: X-Ca-Nonce, random: uuid }
              - { header: Content-MD5, body-digest: { algorithm: md5, output: base64 }, skip-empty: true }
              - { header: X-Ca-Signature-Headers, signed-headers: "," }
            join: "\n"
            parts:
              - method
              - header: Accept
              - header: Content-MD5
              - header: Content-Type
              - header: Date
              - headers: [x-ca-key, x-ca-timestamp, x-ca-nonce]
              - [path, parameters: { empty: name-only, prefix: "?" }]
            output: base64
            place: { header: X-Ca-Signature }
            """#
        case .gjzwfwpt, .gjzwfwptSM3:
            """
            algorithm: hmac-\(self == .gjzwfwpt ? "sha256" : "sm3")
            secret: GJ_SECRET
            set:
              - { header: gjzwfwpt_sid, literal: s_2300000000000_0001 }
              - { header: gjzwfwpt_rid, secret: GJ_RID }
              - { header: gjzwfwpt_rtime, clock: milliseconds }
            parts: [ header: gjzwfwpt_sid, header: gjzwfwpt_rid, header: gjzwfwpt_rtime ]
            output: base64
            place: { header: gjzwfwpt_sign }
            """
        case .xBG:
            #"""
            algorithm: hmac-sha256
            secret: BG_SECRET
            set:
              - { header: X-BG-HMAC-ACCESS-KEY, secret: BG_KEY }
              - { header: X-BG-DATE-TIME, clock: rfc1123 }
            join: "\n"
            parts: [ method, path, query: { encode: percent }, secret: BG_KEY, clock: rfc1123 ]
            end: "\n"
            output: base64
            place: { header: X-BG-HMAC-SIGNATURE }
            """#
        case .md5, .sm3: SignerConventionTests.sortedParameters(rawValue)
        case .sm2, .rsa:
            """
            algorithm: \(self == .sm2 ? "sm2" : "rsa-pss-sha256")
            secret: \(self == .sm2 ? "SM2_KEY" : "RSA_KEY")
            set: [{ header: X-Time, clock: yyyyMMddHHmmss }, { header: X-Nonce, random: hex }]
            join: "|"
            parts: [ method, path, body, header: X-Time, header: X-Nonce ]
            output: HEX
            place: { header: X-Sign }
            """
        }
    }

    static let secrets = [
        "CA_SECRET": "demoAppSecret", "CA_KEY": "60030305", "GJ_SECRET": "demoAppSecret0001", "GJ_RID": "TE2300002300000001@demo",
        "BG_SECRET": "tet", "BG_KEY": "test", "APP_KEY": "HLJ0001", "APP_SECRET": "demoSecret",
    ]

    static let signing = Secrets(secrets.merging(["SM2_KEY": TestKeys.sm2, "RSA_KEY": TestKeys.rsa]) { first, _ in first })
    static let verifying = Secrets(secrets.merging(["SM2_KEY": TestKeys.sm2Public, "RSA_KEY": TestKeys.rsaPublic]) { first, _ in first })

    static let now: Int64 = 1_700_000_000_000

    func signer() throws -> Signer {
        let diagnostics = Diagnostics()
        let node = try #require(Node.read(Array(yaml.utf8), path: "signing.yaml", diagnostics))
        return try #require(Signer(node, diagnostics), "\(diagnostics.problems)")
    }

    /// A request as it arrives, signed at `now`.
    func request() throws -> SignableRequest {
        let isForm = self == .md5 || self == .sm3
        var request = SignableRequest(
            method: "POST", path: "/gov/v1/cases", query: isForm ? [] : [("region", "230100"), ("empty", "")],
            parameters: isForm ? [("sblsh", "11230000MB1A0001XM"), ("bz", "")] : [],
            headers: [("Accept", "application/json")], body: isForm ? [] : Array(#"{"a":"b"}"#.utf8))
        let moment = CallMoment(epochMilliseconds: Self.now, random: (0x550e_8400_e29b_41d4, 0xa716_4466_5544_0000))
        try signer().sign(&request, secrets: Self.signing, moment: moment)
        return request
    }
}

@Suite("Verifying what was signed")
struct VerifierTests {
    private func verify(
        _ convention: Convention, _ request: SignableRequest, at now: Int64 = Convention.now, secrets: Secrets = Convention.verifying
    ) throws -> Result<Verifier.Proof, Verifier.Flaw> {
        try Verifier(try convention.signer(), skewMilliseconds: 90_000).verify(request, secrets: secrets, epochMilliseconds: now)
    }

    @Test("a request of every convention is recognised, with its time and nonce", arguments: Convention.allCases)
    func right(_ convention: Convention) throws {
        let proof = try verify(convention, try convention.request(), at: Convention.now + 80_000).get()
        #expect(proof.epochMilliseconds == Convention.now)
        switch convention {
        case .gjzwfwpt, .gjzwfwptSM3, .xBG: #expect(proof.nonce == nil)
        case .xCa, .md5, .sm3, .sm2, .rsa: #expect(proof.nonce?.isEmpty == false)
        }
    }

    @Test("a signature cut short, lengthened, changed, absent or there twice is refused", arguments: Convention.allCases)
    func tampered(_ convention: Convention) throws {
        let request = try convention.request()
        let target = try convention.signer().target
        let signature = try #require(request.only(at: target))
        func with(_ text: String) throws -> Result<Verifier.Proof, Verifier.Flaw> {
            var changed = request
            try changed.put(text, at: target)
            return try verify(convention, changed)
        }
        #expect(try with("") == .failure(.missing(target.text)))
        for text in [
            String(signature.dropLast()), String(signature.dropLast(4)), String(signature.prefix(1)), signature + "A", "§", "AAAA",
        ] {
            #expect(try with(text) == .failure(.wrongSignature), "\(text)")
        }
        let swapped = signature.first == "A" ? "B" : "A"
        #expect(try with(swapped + signature.dropFirst()) == .failure(.wrongSignature))
        var twice = request
        if case .header(let name) = target { twice.headers.append((name, signature)) } else { twice.parameters.append(("sign", signature)) }
        #expect(try verify(convention, twice) == .failure(.missing(target.text)))
    }

    @Test("a request that is not the one that was signed is refused", arguments: Convention.allCases)
    func otherRequest(_ convention: Convention) throws {
        var request = try convention.request()
        switch convention {
        case .md5, .sm3: request.parameters[0].1 += "0"
        case .gjzwfwpt, .gjzwfwptSM3: request.headers[request.headers.count - 2].1 = String(Convention.now + 1)
        case .xCa, .xBG, .sm2, .rsa: request.path += "/x"
        }
        #expect(try verify(convention, request) == .failure(.wrongSignature))
    }

    @Test("a time that is too far from now, before or after, or none at all is refused", arguments: Convention.allCases)
    func skew(_ convention: Convention) throws {
        let request = try convention.request()
        #expect(try verify(convention, request, at: Convention.now + 90_001) == .failure(.skewed))
        #expect(try verify(convention, request, at: Convention.now - 90_001) == .failure(.skewed))
        #expect(try verify(convention, request, at: .min) == .failure(.skewed))
        let signer = try convention.signer()
        let clock = try #require(signer.additions.first { if case .clock = $0.source { true } else { false } })
        var unreadable = request
        try unreadable.put("soon", at: clock.target)
        #expect(try verify(convention, unreadable) == .failure(.skewed))
    }

    @Test("another key, another body under the same digest, and a list that leaves a signed header out are refused")
    func values() throws {
        let request = try Convention.xCa.request()
        var changed = request
        try changed.put("60030306", at: .header("X-Ca-Key"))
        #expect(try verify(.xCa, changed) == .failure(.different("header X-Ca-Key")))
        changed = request
        changed.body += [0x20]
        #expect(try verify(.xCa, changed) == .failure(.different("header Content-MD5")))
        changed = request
        try changed.put("x-ca-key,x-ca-timestamp", at: .header("X-Ca-Signature-Headers"))
        #expect(try verify(.xCa, changed) == .failure(.different("header X-Ca-Signature-Headers")))
        changed = request
        changed.headers.removeAll { $0.0 == "X-Ca-Nonce" }
        #expect(try verify(.xCa, changed) == .failure(.missing("header X-Ca-Nonce")))
        let other = Secrets(Convention.secrets.merging(["CA_SECRET": "other"]) { _, new in new })
        #expect(try verify(.xCa, request, secrets: other) == .failure(.wrongSignature))
        #expect(throws: AdapterFault.self) { try verify(.xCa, request, secrets: Secrets([:])) }
    }

    @Test("a caller may sign more headers than the convention asks for")
    func moreHeaders() throws {
        let yaml = Convention.xCa.yaml.replacing("x-ca-nonce]", with: "x-ca-nonce, x-extra]")
        let diagnostics = Diagnostics()
        let node = try #require(Node.read(Array(yaml.utf8), path: "signing.yaml", diagnostics))
        var request = SignableRequest(method: "GET", path: "/a", headers: [("X-Extra", "1")])
        let moment = CallMoment(epochMilliseconds: Convention.now, random: (1, 2))
        try #require(Signer(node, diagnostics)).sign(&request, secrets: Convention.signing, moment: moment)
        #expect(try verify(.xCa, request).get().epochMilliseconds == Convention.now)
        try request.put("2", at: .header("X-Extra"))
        #expect(try verify(.xCa, request) == .failure(.wrongSignature))
    }

    @Test("a list of signed headers is read in any order and case and with blanks, again and again, and not when it is endless")
    func lists() throws {
        let request = try Convention.xCa.request()
        let target = SigningTarget.header("X-Ca-Signature-Headers")
        for _ in 0..<2 {
            for list in [
                "x-ca-nonce,x-ca-key,x-ca-timestamp", "X-CA-KEY, X-Ca-Timestamp ,x-ca-nonce,", ",x-ca-timestamp,,x-ca-nonce,x-ca-key",
            ] {
                var changed = request
                try changed.put(list, at: target)
                #expect(try verify(.xCa, changed).get().epochMilliseconds == Convention.now, "\(list)")
            }
            for list in ["x-ca-key;x-ca-nonce;x-ca-timestamp", "x-ca-key,x-ca-nonce", ""] {
                var changed = request
                try changed.put(list, at: target)
                #expect(try verify(.xCa, changed) == .failure(.different(target.text)), "\(list)")
            }
        }
        var endless = request
        let names = (0..<62).map { "x-\($0)" }
        try endless.put((["x-ca-key", "x-ca-nonce", "x-ca-timestamp"] + names).joined(separator: ","), at: target)
        #expect(try verify(.xCa, endless) == .failure(.different(target.text)))
        try endless.put((["x-ca-key", "x-ca-nonce", "x-ca-timestamp"] + names.dropLast()).joined(separator: ","), at: target)
        #expect(try verify(.xCa, endless).get().epochMilliseconds == Convention.now)
        let lists = (0..<20).map { "x-ca-key,x-ca-nonce,x-ca-timestamp,x-\($0)" }
        for list in lists + lists {
            var changed = request
            try changed.put(list, at: target)
            #expect(try verify(.xCa, changed).get().nonce == verify(.xCa, request).get().nonce, "\(list)")
        }
    }
}
