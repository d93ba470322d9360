import Testing

@testable import Adapters

@Suite("The field that a refusal of the mapping names")
struct FieldPointerTests {
    private static let input: Value = [
        "caseNo": "1", "amount": "12.005", "materials": [["code": "1", "name": "a"], ["code": "9", "name": "b"]],
        "groups": [["items": [["code": "1"]]], ["items": [["code": "1"], ["code": "9"]]]], "one": ["code": "9"],
    ]

    private func fault(_ field: String, _ input: Value = input, lets: String = "") throws -> AdapterFault? {
        try CharacterNeedTests.fault("    rest: { path: /a }\(lets)\n    request: { x: \(field) }", input)
    }

    @Test(
        "inside a list it is the pointer of the item's field, whatever the conversion",
        arguments: [
            ("{ each: $.materials, fields: { c: { from: \"@.code\", map: { \"1\": a } } } }", "/materials/1/code map"),
            ("{ each: $.materials, value: { from: \"@.code\", map: { \"1\": a } } }", "/materials/1/code map"),
            ("{ each: $.materials, fields: { c: { from: \"@.name\", money: yuan-to-fen } } }", "/materials/0/name type"),
            ("{ each: $.materials, fields: { c: { from: \"@.name\", base64: decode } } }", "/materials/0/name type"),
            ("{ each: $.materials, fields: { c: { from: \"@.none\", required: true } } }", "/materials/0/none required"),
            ("{ each: $.materials, fields: { d: { from: \"@\", trim: true } } }", "/materials/0 type"),
            (
                "{ each: $.groups, fields: { i: { each: \"@.items\", fields: { c: { from: \"@.code\", map: { \"1\": a } } } } } }",
                "/groups/1/items/1/code map"
            ),
            ("{ each: [$.none, $.materials], fields: { c: { from: \"@.code\", map: { \"1\": a } } } }", "/materials/1/code map"),
            ("{ each: $.one, fields: { c: { from: \"@.code\", map: { \"1\": a } } } }", "/one/code map"),
            ("{ each: \"$.materials[?@.code == '9']\", fields: { c: { from: \"@.code\", map: { \"1\": a } } } }", "/materials map"),
            ("{ each: $.materials, fields: { c: { from: $.caseNo, map: { \"2\": a } } } }", "/caseNo map"),
            (
                "{ document: { json: list }, each: $.materials, fields: { c: { from: \"@.code\", map: { \"1\": a } } } }",
                "/materials/1/code map"
            ),
            ("{ from: \"$.materials[1].code\", map: { \"1\": a } }", "/materials/1/code map"),
        ])
    func lists(_ field: String, _ expected: String) throws {
        let fault = try #require(try fault(field))
        #expect(fault.code == .invalidField)
        #expect(fault.errors.map { "\($0.field) \($0.rule)" } == [expected])
    }

    @Test("a character that a charset lacks is the item's too")
    func charset() throws {
        let call =
            "    rest: { path: /a }\n    request: { x: { each: $.m, fields: { d: { document: { text: \"@.n\", encoding: Big5, in: base64 } } } } }"
        let fault = try #require(try CharacterNeedTests.fault(call, ["m": [["n": "a"], ["n": "😀"]], "other": "😀"]))
        #expect(fault.errors.map(\.field) == ["/m/1/n"])
    }

    @Test(
        "a page is named as the contract names it, and never by the department's name",
        arguments: [
            ("{ first: [{ paging: size, when: $.none }], required: true }", "query:size"),
            ("{ paging: offset, map: { \"1\": a } }", "query:page"), ("{ concat: [{ const: a }, $.caseNo], map: { \"1\": a } }", "/caseNo"),
        ])
    func words(_ field: String, _ expected: String) throws { #expect(try fault(field)?.errors.map(\.field) == [expected]) }

    @Test(
        "what no field of the call gives names none, and the detail says what is wrong",
        arguments: [
            ("{ clock: yyyy, map: { \"1\": a } }", "", "the department has no code for this value"),
            ("{ from: $.let.v, map: { \"1\": a } }", "\n    let: { v: $.caseNo }", "the department has no code for this value"),
            ("{ concat: [$.none, $.other], required: true }", "", "the department needs a value here"),
        ])
    func nothing(_ field: String, _ lets: String, _ reason: String) throws {
        let fault = try #require(try fault(field, ["caseNo": "7"], lets: lets))
        #expect(fault.code == .invalidField && fault.errors.isEmpty)
        #expect(fault.detail == "the call does not fit what the department takes: \(reason)")
    }

    @Test("a path and a header name the field that fills them, not themselves")
    func head() throws {
        let path = try CharacterNeedTests.fault("    rest: { path: \"/a/{no}\" }\n    path: { no: $.v }", ["v": ".."])
        #expect(path?.errors.map { "\($0.field) \($0.rule)" } == ["/v path"])
        let header = try CharacterNeedTests.fault("    rest: { path: /a }\n    headers: { X-No: $.v }", ["v": " x"])
        #expect(header?.errors.map { "\($0.field) \($0.rule)" } == ["/v blank"])
        #expect(header?.detail == "a value cannot stand in the department's header")
    }

    @Test("an amount of yuan that is no whole number of fen is nobody's to round")
    func fen() throws {
        let fault = try #require(try fault("{ from: $.amount, money: yuan-to-fen }"))
        #expect(
            fault.errors == [
                FieldError(
                    field: "/amount", rule: "decimals", message: "the department needs an amount in yuan with at most two decimals here")
            ])
        #expect(try self.fault("{ from: $.amount, money: yuan-to-fen }", ["amount": "12.050"]) == nil)
        #expect(try self.fault("{ from: $.amount, money: yuan-to-wan }") == nil)
        let reply = TranslationFixture(answer: "{ from: $.v, money: yuan-to-fen }")
        #expect(try reply.answer(#"{"v":"12.50"}"#) == "1250")
        #expect { try reply.answer(#"{"v":"12.005"}"#) } throws: {
            ($0 as? AdapterFault)?.code == .upstreamBadReply && ($0 as? AdapterFault)?.detail.contains("12.005") == false
        }
    }
}
