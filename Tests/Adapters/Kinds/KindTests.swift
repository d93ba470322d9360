import Testing

@testable import Adapters

@Suite("Kinds")
struct KindTests {
    func request(_ yaml: String, _ input: Value = ["no": "7", "list": ["a", "b"]], head: String = "") throws -> DepartmentRequest {
        let fixture = TranslationFixture("\(head)operations:\n  cases.submit:\n\(yaml)\n    reply: { success: http, fields: {} }")
        return try fixture.operation("cases.submit").request(TranslationFixture.call(input, secrets: ["K": "key", "S": "secret"]))
    }

    func body(_ request: DepartmentRequest) -> String { String(decoding: request.body, as: UTF8.self) }

    @Test("rest: method, path, query, headers and a JSON body, in the order of the file")
    func rest() throws {
        let request = try request(
            """
                rest: { method: PUT, path: "/v/{no}/x" }
                path: { no: $.no }
                query: { b: { const: 1 }, a: $.list, none: $.none }
                headers: { X_Under_Score: $.no }
                request: { z: $.no, a: { const: null, default: "" } }
            """)
        #expect(request.method == "PUT")
        #expect(request.target == "/v/7/x?b=1&a=a&a=b")
        #expect(request.fields == [.init("X_Under_Score", "7"), .init("Content-Type", "application/json")])
        #expect(body(request) == #"{"z":"7","a":""}"#)
    }

    @Test("rest: without a body GET, and neither Content-Type nor bytes")
    func get() throws {
        let request = try request("    rest: { path: /a }")
        #expect(request == DepartmentRequest(method: "GET", target: "/a"))
    }

    @Test("rest: form and XML bodies, other charsets")
    func bodies() throws {
        let form = try request("    rest: { path: /a, body: form }\n    request: { a: $.list, b: { const: \"x y\" } }")
        #expect(body(form) == "a=a&a=b&b=x+y")
        let xml = try request("    rest: { path: /a, body: xml, root: R, charset: GBK }\n    request: { n: { const: 中 } }")
        #expect(xml.fields == [.init("Content-Type", "application/xml; charset=GBK")])
        #expect(xml.body == Array("<?xml version=\"1.0\" encoding=\"GBK\"?><R><n>".utf8) + [0xD6, 0xD0] + Array("</n></R>".utf8))
        let json = try request("    rest: { path: /a, charset: GBK }\n    request: { n: { const: 中 } }")
        #expect(json.body == Array("{\"n\":\"".utf8) + [0xD6, 0xD0] + Array("\"}".utf8))
    }

    @Test("soap 1.1: arguments by name, unqualified; a SOAP header; namespaces; the action in quotes")
    func soap11() throws {
        let request = try request(
            """
                soap:
                  path: /s
                  operation: f
                  namespace: "urn:x"
                  action: "urn:x/f"
                  namespaces: { xsi: "http://www.w3.org/2001/XMLSchema-instance" }
                  header: { "ser:Auth": { fields: { user: { secret: K } } } }
                request: { b: { fields: { "@xsi:type": { const: "xsd:string" }, "#text": $.no } }, a: $.list }
            """)
        #expect(request.fields == [.init("Content-Type", "text/xml; charset=UTF-8"), .init("SOAPAction", "\"urn:x/f\"")])
        #expect(
            body(request)
                == #"<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/""#
                + #" xmlns:ser="urn:x" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Header><ser:Auth><user>key</user></ser:Auth>"#
                + #"</soapenv:Header><soapenv:Body><ser:f><b xsi:type="xsd:string">7</b><a>a</a><a>b</a></ser:f></soapenv:Body></soapenv:Envelope>"#
        )
    }

    @Test("soap 1.2: its envelope and Content-Type; qualified arguments are in the namespace")
    func soap12() throws {
        let request = try request(
            "    soap: { version: \"1.2\", path: /s, operation: f, namespace: \"urn:x\", action: \"urn:x/f\", qualified: true }\n    request: { a: $.no }"
        )
        #expect(request.fields == [.init("Content-Type", "application/soap+xml; charset=UTF-8; action=\"urn:x/f\"")])
        #expect(body(request).contains(#"<soapenv:Envelope xmlns:soapenv="http://www.w3.org/2003/05/soap-envelope">"#))
        #expect(body(request).contains(#"<soapenv:Body><f xmlns="urn:x"><a>7</a></f></soapenv:Body>"#))
    }

    @Test("a SOAP Fault is UPSTREAM_REJECTED with its code and text, in 1.1 and 1.2, also under HTTP 500", arguments: [200, 500])
    func fault(status: Int) throws {
        let faults = [
            "<faultcode>soap:Client</faultcode><faultstring>参数错误</faultstring>",
            "<Code><Value>soap:Client</Value></Code><Reason><Text xml:lang=\"zh\">参数错误</Text></Reason>",
        ]
        let yaml = """
            operations:
              cases.get:
                soap: { path: /s, operation: f, namespace: "urn:x" }
                reply: { unwrap: { at: $.Envelope.Body.r, as: xml }, success: "$.R == '1'", credential: "$.Envelope.Body.Fault.faultcode == 'Auth'", fields: {} }
            """
        let operation = try TranslationFixture(yaml).operation("cases.get")
        func outcome(_ fault: String) -> AdapterFault? {
            let body = "<s:Envelope xmlns:s=\"u\"><s:Body><s:Fault>\(fault)</s:Fault></s:Body></s:Envelope>"
            let reply = DepartmentReply(status: status, fields: [.init("Content-Type", "text/xml")], body: Array(body.utf8))
            if case .failed(let fault) = operation.outcome(of: reply, to: TranslationFixture.call([:])) { return fault } else { return nil }
        }
        for fault in faults {
            let found = outcome(fault)
            #expect(found?.code == .upstreamRejected && found?.upstreamCode == "Client" && found?.upstreamMessage == "参数错误")
        }
        #expect(outcome("<faultcode>Auth</faultcode>")?.code == .upstreamCredential)
    }

    static let signing = """
        signing:
          set: [{ parameter: appKey, secret: K }]
          algorithm: md5
          parts: [{ form: { order: sorted, empty: skip } }, { literal: "&key=" }, { secret: S }]
          output: HEX
          place: { parameter: sign }

        """

    @Test("the signature lands among a form's fields, and in a JSON body's")
    func signed() throws {
        let form = try request("    form: { path: /a }\n    request: { n: $.no }", head: Self.signing)
        let sum = Hex.encode(Digest.compute(.md5, Array("appKey=key&n=7&key=secret".utf8)), uppercase: true)
        #expect(body(form) == "n=7&appKey=key&sign=\(sum)")
        let json = try request("    rest: { path: /a }\n    request: { n: $.no }", head: Self.signing)
        #expect(body(json) == "{\"n\":\"7\",\"appKey\":\"key\",\"sign\":\"\(sum)\"}")
        let unsigned = try request("    form: { path: /a }\n    signed: false\n    request: { n: $.no }", head: Self.signing)
        #expect(body(unsigned) == "n=7")
    }

    @Test("a secret that was not resolved is INTERNAL and names only its name")
    func missingSecret() throws {
        let fault = #expect(throws: AdapterFault.self) { try request("    rest: { path: /a }\n    request: { n: { secret: NONE } }") }
        #expect(fault == AdapterFault(.internal, "the secret 'NONE' was not resolved"))
    }

    @Test("the login of 发改委: its request, its token and lifetime, its refusal, and a fingerprint that follows its section")
    func login() throws {
        let departments = try ShippedDepartments.loaded.get()
        let login = try #require(departments.translations["hlj-fgw"]?.login)
        let call = TranslationFixture.call([:], secrets: ["FGW_ACCOUNT": "tongban", "FGW_PASSWORD": "p\"w"])
        let request = try login.request(call)
        #expect(request.method == "POST" && request.target == "/api/login")
        #expect(body(request) == #"{"account":"tongban","password":"p\"w"}"#)
        func reply(_ json: String) -> DepartmentReply { DepartmentReply(status: 200, body: Array(json.utf8)) }
        let session = try login.settle(reply(#"{"status":{"code":200},"custom":{"code":1,"token":"T","expires_in":1800}}"#), to: call)
        #expect(session?.session["token"] == "T" && session?.lifetimeMilliseconds == 1_800_000)
        let refused = #expect(throws: AdapterFault.self) {
            try login.settle(reply(#"{"status":{"code":200},"custom":{"code":0,"text":"账号或密码错误"}}"#), to: call)
        }
        #expect(refused?.code == .upstreamCredential && refused?.upstreamMessage == "账号或密码错误")
        let empty = #expect(throws: AdapterFault.self) {
            try login.settle(reply(#"{"status":{"code":200},"custom":{"code":1}}"#), to: call)
        }
        #expect(empty?.code == .upstreamBadReply && empty?.detail.contains("$.custom.token") == true)
        func fingerprint(_ path: String, _ comment: String) -> String? {
            TranslationFixture("login: { rest: { path: \(path) }, reply: { success: http, token: $.t } } # \(comment)\n").translation?
                .login?.fingerprint
        }
        #expect(fingerprint("/l", "a") == fingerprint("/l", "b"))
        #expect(fingerprint("/l", "a") != fingerprint("/m", "a"))
    }
}
