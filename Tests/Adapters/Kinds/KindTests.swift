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

    @Test("the code of a SOAP 1.2 Fault is its innermost Subcode; what the file's failure finds goes first, also where a predicate decides")
    func subcode() throws {
        func outcome(_ failure: String) throws -> AdapterFault? {
            let yaml = """
                operations:
                  cases.get:
                    soap: { path: /s, operation: f, namespace: "urn:x", version: "1.2" }
                    reply: { success: http, \(failure) not-found: "$.Envelope.Body.Fault.Code.Subcode.Value == 'q:E404'", fields: {} }
                """
            let body = """
                <s:Envelope xmlns:s="u"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>q:E404</s:Value></s:Subcode>\
                </s:Code><s:Reason><s:Text>无</s:Text></s:Reason><s:Detail><No>7</No></s:Detail></s:Fault></s:Body></s:Envelope>
                """
            let reply = DepartmentReply(status: 500, fields: [.init("Content-Type", "application/soap+xml")], body: Array(body.utf8))
            let operation = try TranslationFixture(yaml).operation("cases.get")
            if case .failed(let fault) = operation.outcome(of: reply, to: TranslationFixture.call([:])) { return fault } else { return nil }
        }
        let plain = try outcome("")
        #expect(plain?.code == .notFound && plain?.upstreamCode == "E404" && plain?.upstreamMessage == "无")
        let own = try outcome("failure: { code: $.Envelope.Body.Fault.Detail.No },")
        #expect(own?.code == .notFound && own?.upstreamCode == "7" && own?.upstreamMessage == "无")
    }

    @Test("a prefix that is declared nowhere is an error, in the header and in the arguments; one declared on the way is not")
    func undeclared() {
        func rules(_ soap: String, _ request: String) -> [String] {
            TranslationFixture(
                """
                operations:
                  cases.get:
                    soap: { path: /s, operation: f, namespace: "urn:x", namespaces: { w: "urn:w" }\(soap) }
                    request: { \(request) }
                    reply: { success: http, fields: {} }
                """
            ).problems.filter { $0.rule == "unknown-prefix" }.map { $0.help ?? "" }
        }
        #expect(rules(", header: { ww:S: { const: a } }", "a: $.no") == ["did you mean 'w'?"])
        #expect(rules("", "a: { fields: { \"@zz:b\": $.no } }").count == 1)
        #expect(rules("", "a: { fields: { \"@xmlns:zz\": { const: u }, \"zz:b\": $.no } }, w:c: $.no, \"@soapenv:d\": $.no").isEmpty)
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
        guard case .answer((let made, let lifetime)) = session else {
            Issue.record("no session")
            return
        }
        #expect(made["token"] == "T" && lifetime == 1_800_000)
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

    @Test("delimited: a row of each item, or one row, with or without a header")
    func delimited() throws {
        let rows = try request(
            "    delimited: { path: \"/v/{no}\", separator: \"|\", quote: none, header: false, each: $.list, charset: GBK }\n    path: { no: $.no }\n    request: { n: $.no, v: \"@\", z: { const: 中 } }"
        )
        #expect(rows.method == "POST" && rows.target == "/v/7" && rows.fields == [.init("Content-Type", "text/csv; charset=GBK")])
        #expect(try Charset.gbk.decode(rows.body) == "7|a|中\r\n7|b|中\r\n")
        let one = try request(
            "    delimited: { path: /a, rows: \"\\n\", columns: [v, n], header: true }\n    request: { n: $.no, v: { const: \"a,b\" } }")
        #expect(body(one) == "v,n\n\"a,b\",7\n")
        let rest = try request(
            "    rest: { path: /a, method: PUT, body: delimited, delimited: { header: false }, type: text/plain }\n    request: { n: $.no }"
        )
        #expect(rest.method == "PUT" && rest.fields == [.init("Content-Type", "text/plain")] && body(rest) == "7\r\n")
    }

    @Test("text: the body is one value, and the reply JSON")
    func text() throws {
        let request = try request("    rest: { path: /a, body: text, charset: GBK }\n    request: { text: { const: 中 } }")
        #expect(request.fields == [.init("Content-Type", "text/plain; charset=GBK")] && request.body == [0xD6, 0xD0])
    }

    @Test("xsi:nil is written where the file asks for it")
    func xsiNil() throws {
        let request = try request(
            "    rest: { path: /a, body: xml, root: R }\n    request: { a: { from: $.none, nil: true }, b: { from: $.no, nil: true }, c: $.none }"
        )
        #expect(
            body(request).hasSuffix(
                "<R><a xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"/><b>7</b></R>"))
        #expect(try XMLCodec.decode(request.body) == ["R": ["a": .null, "b": "7"]])
    }

    @Test("a signature's parameter lands in the query where there is neither a form nor a JSON body")
    func signedQuery() throws {
        let head = """
            signing:
              set: [{ parameter: appKey, secret: K }]
              parts: [query, { secret: S }]
              algorithm: md5
              output: hex
              place: { parameter: sign }

            """
        let get = try request("    rest: { path: /a }\n    query: { b: $.no }", head: head)
        #expect(get.target.hasPrefix("/a?b=7&appKey=key&sign=") && get.body.isEmpty)
        let text = try request("    rest: { path: /a, body: text }\n    request: { text: $.no }", head: head)
        #expect(text.target.hasPrefix("/a?appKey=key&sign=") && body(text) == "7")
        let json = try request("    rest: { path: /a }\n    request: { n: $.no }", head: head)
        #expect(json.target == "/a" && body(json).hasPrefix("{\"n\":\"7\",\"appKey\":\"key\",\"sign\":\""))
    }
}
