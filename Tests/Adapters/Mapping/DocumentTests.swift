import Testing

@testable import Adapters

@Suite("Documents inside fields")
struct DocumentTests {
    static let secrets = [
        "SM4KEY": "0123456789abcdeffedcba9876543210", "AESKEY": "0123456789abcdef0123456789abcdef", "IV": "AAECAwQFBgcICQoLDA0ODw==",
    ]
    static let layers = [
        "string", "escaped", "base64", "base64url", "hex", "HEX", "[base64, base64]", "{ base64: { line: 76 } }",
        "{ base64: { line: 64, end: lf } }", "[gzip, base64]", "[zlib, hex]", "[escaped, escaped]",
        "[{ sm4: { mode: ecb, key: { secret: SM4KEY, as: hex } } }, base64]",
        "[{ sm4: { mode: cbc, key: { secret: SM4KEY, as: hex }, iv: { secret: IV, as: base64 } } }, HEX]",
        "[{ sm4: { mode: cbc, key: { secret: SM4KEY, as: hex }, iv: prefix } }, base64]",
        "[{ aes: { mode: ecb, key: { secret: AESKEY } } }, { base64: { line: 76 } }]",
        "[gzip, { aes: { mode: cbc, key: { secret: AESKEY }, iv: { secret: IV, as: base64 } } }, base64, base64]",
    ]
    static let formats: [(written: String, read: String)] = [
        ("document: { xml: R, encoding: GBK, in: LAYERS }, fields: { v: $.v, w: $.w }", "as: xml"),
        ("document: { json: object, encoding: GB18030, in: LAYERS }, fields: { v: $.v, w: $.w }", "as: json, encoding: GB18030"),
        ("document: { form: object, encoding: GBK, in: LAYERS }, fields: { v: $.v, w: $.w }", "as: form, encoding: GBK"),
        (
            "document: { delimited: { separator: \"|\" }, encoding: GBK, in: LAYERS }, fields: { v: $.v, w: $.w }",
            "as: delimited, encoding: GBK, delimited: { separator: \"|\" }"
        ),
        ("document: { text: { concat: [$.v, $.w] }, encoding: GBK, in: LAYERS }", "as: text, encoding: GBK"),
    ]

    /// What a request's only field becomes when it is read back as a reply's.
    func roundTrip(_ written: String, _ read: String, _ layers: String, _ input: Value) throws -> (text: String, tree: Value?) {
        let fixture = TranslationFixture(
            """
            operations:
              cases.submit:
                rest: { path: /a }
                request: { x: { \(written.replacing("LAYERS", with: layers)) } }
                reply:
                  unwrap: { at: $.x, \(read), in: \(layers), in-place: true }
                  success: http
                  fields: { back: $.x }
            """)
        let operation = try fixture.operation("cases.submit")
        let call = TranslationFixture.call(input, secrets: Self.secrets)
        let request = try operation.request(call)
        let outcome = operation.outcome(of: DepartmentReply(status: 200, body: request.body), to: call)
        guard case .answer(let answer) = outcome else { throw AdapterFault(.internal, "\(outcome)") }
        return (try #require(JSONCodec.decode(request.body)["x"]?.string), answer["back"])
    }

    @Test("every format in every layer comes back", arguments: formats.indices, layers)
    func all(format: Int, layers: String) throws {
        let (written, read) = Self.formats[format]
        let input: Value = ["v": "张三&<\"'>]]>,|", "w": "a\\b=c%d+e"]
        let (_, tree) = try roundTrip(written, read, layers, input)
        switch format {
        case 0: #expect(tree == ["R": input])
        case 3: #expect(tree == [input])
        case 4: #expect(tree == "张三&<\"'>]]>,|a\\b=c%d+e")
        default: #expect(tree == input)
        }
    }

    @Test("what is written is what the layer says")
    func written() throws {
        let text = { (layers: String) in
            try roundTrip("document: { text: $.v, in: \(layers) }", "as: text", layers, ["v": .string(String(repeating: "甲", count: 40))])
                .text
        }
        #expect(try text("hex").hasPrefix("e794b2e794b2") && text("HEX").hasPrefix("E794B2"))
        #expect(try text("{ base64: { line: 76 } }").split(separator: "\r\n").map(\.count) == [76, 76, 8])
        #expect(try text("{ base64: { line: 64, end: lf } }").split(separator: "\n").map(\.count) == [64, 64, 32])
        #expect(try Hex.encode(Base64Codec.decode(text("[gzip, base64]"))).hasPrefix("1f8b"))
        let prefixed = "[{ sm4: { mode: cbc, key: { secret: SM4KEY, as: hex }, iv: prefix } }, base64]"
        #expect(try Base64Codec.decode(text(prefixed)).count == 16 + 128)
    }

    @Test("documents nest to any depth, each in its own charset and layer")
    func nested() throws {
        let fixture = TranslationFixture(
            """
            operations:
              cases.submit:
                soap: { path: /s, operation: f, namespace: "urn:x", charset: GBK }
                request:
                  arg0:
                    document: { xml: OUTER, encoding: GBK, in: cdata }
                    fields:
                      NAME: $.v
                      BODY:
                        document: { json: object, encoding: GBK, in: [gzip, base64] }
                        fields:
                          rows: { each: $.list, fields: { k: "@.k", n: "@.n" }, columns: [k, n] }
                          deep:
                            document: { xml: INNER, in: string }
                            fields: { LEAF: { document: { form: object, encoding: GB18030 }, fields: { a: $.v } } }
                reply:
                  as: xml
                  unwrap:
                    - { at: $.Envelope.Body.f.arg0, as: xml }
                    - { at: $.OUTER.BODY, as: json, encoding: GBK, in: [gzip, base64], in-place: true }
                    - { at: $.OUTER.BODY.deep, as: xml, in-place: true }
                    - { at: $.OUTER.BODY.deep.INNER.LEAF, as: form, encoding: GBK, in-place: true }
                  success: "$.OUTER.NAME != ''"
                  fields:
                    name: $.OUTER.NAME
                    leaf: $.OUTER.BODY.deep.INNER.LEAF.a
                    rows: { each: $.OUTER.BODY.rows, columns: [code, name], fields: { code: "@.code", name: "@.name" } }
            """)
        let operation = try fixture.operation("cases.submit")
        for name in ["张三", "𠮷野㐂]]>&<", "a\rb", "䶮"] {
            let call = TranslationFixture.call([
                "v": .string(name), "list": [["k": "01", "n": .string(name)], ["k": "02", "n": "b"]],
            ])
            let reply = DepartmentReply(status: 200, body: try operation.request(call).body)
            guard case .answer(let answer) = operation.outcome(of: reply, to: call) else {
                Issue.record("\(operation.outcome(of: reply, to: call))")
                continue
            }
            let rows: Value = [["code": "01", "name": .string(name)], ["code": "02", "name": "b"]]
            #expect(answer == ["name": .string(name), "leaf": .string(name), "rows": rows])
        }
    }

    @Test("a document that is there once or many times is read in each item of its list")
    func lists() throws {
        let fixture = TranslationFixture(
            answer: "{ each: $.R.item, fields: { a: \"@.doc.a\" } }",
            reply: "as: xml, unwrap: { at: \"$.R.item[*].doc\", as: json, in: base64, in-place: true },")
        let doc = { (text: String) in "<item><doc>\(Base64Codec.encode(Array(text.utf8)))</doc></item>" }
        #expect(try fixture.answer("<R>\(doc("{\"a\":1}"))\(doc("{\"a\":2}"))<item/></R>") == [["a": 1], ["a": 2]])
        #expect(try fixture.answer("<R>\(doc("{\"a\":1}"))</R>") == [["a": 1]])
        #expect(try fixture.answer("<R/>") == nil)
    }

    @Test("a whole body in ciphertext is text that is unwrapped")
    func wholeBody() throws {
        let layers = "[{ sm4: { mode: ecb, key: { secret: SM4KEY, as: hex } } }, HEX]"
        let fixture = TranslationFixture(
            """
            operations:
              cases.submit:
                rest: { path: /a, body: text, type: text/xml }
                request: { text: { document: { json: object, in: \(layers) }, fields: { v: $.v } } }
                reply: { as: text, unwrap: { at: $, as: json, in: \(layers) }, success: "$.v != ''", fields: { back: $.v } }
            """)
        let operation = try fixture.operation("cases.submit")
        let call = TranslationFixture.call(["v": "张三"], secrets: Self.secrets)
        let request = try operation.request(call)
        #expect(request.fields == [.init("Content-Type", "text/xml")])
        guard case .answer(let answer) = operation.outcome(of: DepartmentReply(status: 200, body: request.body), to: call) else {
            Issue.record("no answer")
            return
        }
        #expect(answer == ["back": "张三"])
    }

    @Test("a secret that is no key is INTERNAL and names the secret only")
    func keys() throws {
        let fixture = TranslationFixture(field: "{ document: { text: $.v, in: [{ sm4: { mode: ecb, key: { secret: K } } }, hex] } }")
        let operation = try fixture.operation("cases.submit")
        let fault = #expect(throws: AdapterFault.self) {
            try operation.request(TranslationFixture.call(["v": "a"], secrets: ["K": "short!"]))
        }
        #expect(fault == AdapterFault(.internal, "the secret 'K' is not 16 bytes as text, which sm4 needs"))
    }

    @Test(
        "what cannot be unwrapped is UPSTREAM_BAD_REPLY with what was expected where, never its content",
        arguments: [
            ("as: json, in: base64", "{{{"), ("as: json, in: [gzip, base64]", "eHl6"), ("as: xml", "<a>王五"), ("as: json, in: hex", "abc"),
            ("as: json, in: [{ sm4: { mode: ecb, key: { secret: SM4KEY, as: hex } } }, base64]", "eHl6"),
            ("as: delimited, delimited: { header: false, columns: [a] }", "王五,x"), ("as: json", "{\"a\":王五}"),
        ])
    func unreadable(read: String, text: String) throws {
        let fixture = TranslationFixture(answer: "$.d", reply: "unwrap: { at: $.d, \(read), in-place: true },")
        let operation = try fixture.operation("cases.get")
        let body = JSONCodec.encode(["d": .string(text)])
        let outcome = operation.outcome(
            of: DepartmentReply(status: 200, body: body), to: TranslationFixture.call([:], secrets: Self.secrets))
        guard case .failed(let fault) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(fault.code == .upstreamBadReply && fault.detail.contains("at $.d, found "), "\(fault)")
        #expect(!fault.detail.contains("王五"))
    }

    @Test("inside a form in GBK a document writes what GBK lacks in its own way", arguments: ["xml: R", "json: object"])
    func insideGBK(format: String) throws {
        for isMadeBefore in [false, true] {
            let document = "{ document: { \(format) }, fields: { xm: $.name } }"
            let operation = try TranslationFixture.compiled(
                """
                operations:
                  cases.submit:
                    form: { path: /a, charset: GBK }
                    \(isMadeBefore ? "let: { d: \(document) }" : "")
                    request: { c: \(isMadeBefore ? "$.let.d" : document) }
                    reply: { success: http, fields: {} }
                """)
            let request = try operation.request(TranslationFixture.call(["name": "李𠮷"]))
            let text = try #require(try FormCodec.decode(request.body, charset: .gbk)["c"]?.string)
            if format.hasPrefix("xml") {
                #expect(text.hasSuffix("<R><xm>李&#134071;</xm></R>"))
            } else {
                #expect(text == #"{"xm":"李\ud842\udfb7"}"#)
            }
        }
    }

    @Test("several values of which some are there are joined")
    func gathered() throws {
        let rule = """
            { list: [{ condition: "XM = ?", values: [$.a], when: $.a }, { condition: "ZT = ?", values: [$.b], when: $.b }, { from: $.c }], join: " and " }
            """
        #expect(try TranslationFixture(field: rule).body(["a": "x'y", "c": "1=1"]) == #"{"x":"XM = 'x''y' and 1=1"}"#)
        #expect(try TranslationFixture(field: rule).body([:]) == "{}")
    }
}
