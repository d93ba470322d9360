import Testing

@testable import Adapters

@Suite("Sources of a value")
struct SourceTests {
    @Test("each source gives its value")
    func sources() throws {
        let input: Value = ["a": "甲", "b": ["c": "乙"], "n": 7, "list": [["k": "1"], ["k": "2"]], "empty": ""]
        let expected: [(rule: String, body: String)] = [
            ("$.a", #"{"x":"甲"}"#),
            ("{ from: $.b.c }", #"{"x":"乙"}"#),
            ("{ from: [$.none, $.empty, $.a] }", #"{"x":"甲"}"#),
            ("{ const: hello }", #"{"x":"hello"}"#),
            ("{ const: 5 }", #"{"x":5}"#),
            ("{ const: \"05\" }", #"{"x":"05"}"#),
            ("{ all: \"$.list[*].k\" }", #"{"x":["1","2"]}"#),
            ("{ all: \"$.list[*].k\", join: \",\" }", #"{"x":"1,2"}"#),
            ("{ concat: [$.a, { const: \"-\" }, $.n] }", #"{"x":"甲-7"}"#),
            ("{ first: [$.none, { from: $.a, when: \"$.n == 8\" }, { const: other }] }", #"{"x":"other"}"#),
            ("{ fields: { y: $.a, z: $.none } }", #"{"x":{"y":"甲"}}"#),
            (
                "{ each: $.list, fields: { k: \"@.k\", p: { position: from-one }, root: $.n } }",
                #"{"x":[{"k":"1","p":1,"root":7},{"k":"2","p":2,"root":7}]}"#
            ),
            ("{ each: $.list, value: \"@.k\" }", #"{"x":["1","2"]}"#),
            ("{ each: $.b, value: \"@.c\" }", #"{"x":["乙"]}"#),
            ("{ each: [$.b, $.list], value: { from: [\"@.c\", \"@.k\"] } }", #"{"x":["乙","1","2"]}"#),
            ("{ clock: yyyyMMddHHmmss }", #"{"x":"20231115061320"}"#),
            ("{ clock: ms }", #"{"x":"1700000000123"}"#),
            ("{ clock: ms, plus: 5m }", #"{"x":"1700000300123"}"#),
            ("{ clock: yyyyMMdd, plus: 30d }", #"{"x":"20231215"}"#),
            ("{ digest: { md5: { const: \"\" } } }", #"{"x":"d41d8cd98f00b204e9800998ecf8427e"}"#),
            ("{ digest: { md5: { const: \"/wD+\" }, of: base64 } }", #"{"x":"13a18f27d9e54107c1d22c7d67f55018"}"#),
            ("{ const: \"/wD+\", size: base64 }", #"{"x":3}"#),
            ("{ from: $.a, size: utf8 }", #"{"x":3}"#),
            ("{ from: $.a, size: characters }", #"{"x":1}"#),
            ("{ uuid: plain }", #"{"x":"0123456789ab4defbedcba9876543210"}"#),
            ("{ uuid: dashes }", #"{"x":"01234567-89ab-4def-bedc-ba9876543210"}"#),
            ("{ document: { json: object }, fields: { y: $.a } }", #"{"x":"{\"y\":\"甲\"}"}"#),
            ("{ document: { json: list, in: base64 }, each: $.list, fields: { k: \"@.k\" } }", #"{"x":"W3siayI6IjEifSx7ImsiOiIyIn1d"}"#),
            ("{ from: $.none, default: \"\" }", #"{"x":""}"#),
            ("{ from: $.none, nil: true }", #"{"x":null}"#),
            ("{ test: \"$.n == '7' && $.a\" }", #"{"x":true}"#),
            ("{ test: \"$.list[?@.k == '3']\", map: { \"true\": Y, \"false\": N } }", #"{"x":"N"}"#),
            ("{ count: $.list }", #"{"x":2}"#),
            ("{ count: \"$.list[?@.k == '1']\" }", #"{"x":1}"#),
            ("{ count: $.none }", #"{"x":0}"#),
            ("{ merge: [$.b, { fields: { c: $.a, d: $.n } }, $.none] }", #"{"x":{"c":"甲","d":7}}"#),
            ("{ merge: [{ all: \"$.list[*].k\" }, $.a, { each: $.list, value: \"@.k\" }], unique: true }", #"{"x":["1","2","甲"]}"#),
            ("{ each: $.list, value: { from: $.a, when: \"@.k == '2'\" } }", #"{"x":["甲"]}"#),
            ("{ each: $.list, value: { test: \"@.k == '2'\" } }", #"{"x":[false,true]}"#),
            ("{ each: $.list, fields: { k: \"@.k\", q: $.none, a: $.a }, columns: [a, q, k] }", #"{"x":[["甲","","1"],["甲","","2"]]}"#),
            ("{ first: [{ fields: { y: $.none } }, { fields: { z: $.a } }] }", #"{"x":{"z":"甲"}}"#),
            (
                "{ condition: \"XM = ? AND LX IN (?) AND BZ = '?'\", values: [$.a, { all: \"$.list[*].k\" }] }",
                #"{"x":"XM = '甲' AND LX IN ('1','2') AND BZ = '?'"}"#
            ),
            ("{ document: { text: $.a, in: hex } }", #"{"x":"e794b2"}"#),
            ("{ document: { form: object, encoding: GBK }, fields: { y: $.a, z: $.n } }", #"{"x":"y=%BC%D7&z=7"}"#),
            (
                "{ document: { delimited: { rows: \";\", header: false } }, each: $.list, fields: { k: \"@.k\", n: $.n } }",
                #"{"x":"1,7;2,7;"}"#
            ),
            ("{ document: { delimited: { rows: \";\", columns: [n, a] } }, fields: { a: $.a, n: $.n } }", #"{"x":"7,甲;"}"#),
            ("{ document: { json: list }, each: $.list, fields: { k: \"@.k\" }, columns: [k] }", #"{"x":"[[\"1\"],[\"2\"]]"}"#),
            ("$.empty", "{}"),
        ]
        for (rule, body) in expected {
            #expect(try TranslationFixture(field: rule).body(input) == body, "\(rule)")
        }
    }

    @Test(
        "paging words are computed from page and size",
        arguments: [
            ("page", "3"), ("zero-page", "2"), ("size", "50"), ("offset", "100"), ("first", "101"), ("last", "150"),
        ])
    func paging(word: String, number: String) throws {
        #expect(try TranslationFixture(field: "{ paging: \(word) }").body(["page": 3, "size": 50]) == "{\"x\":\(number)}")
    }

    @Test("a page and a size that a call does not name are 1 and 20")
    func pagingDefaults() throws {
        #expect(try TranslationFixture(field: "{ paging: last }").body([:]) == "{\"x\":20}")
    }

    @Test("a required value that is not there is INVALID_FIELD with the contract's pointer, and quotes nothing")
    func requiredInRequest() throws {
        let fixture = TranslationFixture(field: "{ from: $.applicant.idNo, required: true }")
        let fault = #expect(throws: AdapterFault.self) { try fixture.body(["applicant": ["idNo": "", "name": "王小明"]]) }
        #expect(fault?.code == .invalidField)
        #expect(fault?.errors == [FieldError(field: "/applicant/idNo", rule: "required", message: "the department needs a value here")])
        #expect(fault?.detail.contains("王小明") == false)
    }

    @Test("the session token lands where the file says, and its absence is INTERNAL")
    func session() throws {
        let fixture = TranslationFixture(
            """
            login: { rest: { path: /l }, reply: { success: http, token: $.t } }
            operations:
              cases.submit:
                rest: { path: /a }
                request: { x: { session: token } }
                reply: { success: http, fields: {} }
            """)
        #expect(try fixture.operation("cases.submit").usesSession)
        #expect(try fixture.body([:], session: "T1") == #"{"x":"T1"}"#)
        let fault = #expect(throws: AdapterFault.self) { try fixture.body([:]) }
        #expect(fault?.code == .internal)
    }
}
