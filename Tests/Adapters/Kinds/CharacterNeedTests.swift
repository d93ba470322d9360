import Testing

@testable import Adapters

@Suite("A value whose characters a department cannot take")
struct CharacterNeedTests {
    static func fault(_ call: String, _ input: Value) throws -> AdapterFault? {
        let fixture = TranslationFixture("operations:\n  cases.submit:\n\(call)\n    reply: { success: http, fields: {} }\n")
        let operation = try fixture.operation("cases.submit")
        do throws(AdapterFault) {
            _ = try operation.request(TranslationFixture.call(input))
            return nil
        } catch { return error }
    }

    static let input: Value = [
        "caseNo": "1", "applicant": ["name": "张\u{0}三"], "materials": [["name": "a"], ["name": "b\u{8}", "x/y": "\u{FFFE}"]],
    ]

    @Test(
        "in XML of every kind it is INVALID_FIELD with the pointers of the fields",
        arguments: [
            "    soap: { path: /s, operation: f, namespace: \"urn:x\" }\n    request: { n: $.applicant.name }",
            "    rest: { path: /s, body: xml, root: R }\n    request: { n: $.applicant.name }",
            "    form: { path: /s }\n    request: { d: { document: { xml: R }, fields: { n: $.applicant.name } } }",
            "    form: { path: /s }\n    request: { d: { document: { xml: R, encoding: GBK, in: base64 }, fields: { n: $.applicant.name } } }",
            "    let: { d: { document: { xml: R }, fields: { n: $.applicant.name } } }\n    form: { path: /s }\n    request: { d: $.let.d }",
        ])
    func xml(call: String) throws {
        let fault = try #require(try Self.fault(call, Self.input))
        #expect(fault.code == .invalidField)
        #expect(fault.errors.map(\.field) == ["/applicant/name", "/materials/1/name", "/materials/1/x~1y"])
        #expect(fault.errors.allSatisfy { $0.rule == "xml-character" })
        #expect(!fault.detail.contains("张"))
    }

    @Test("a constant of the file is nobody's field")
    func constant() throws {
        let call = "    soap: { path: /s, operation: f, namespace: \"urn:x\" }\n    request: { n: { const: \"a\\0b\" } }"
        let fault = try #require(try Self.fault(call, ["caseNo": "1"]))
        #expect(fault.code == .invalidField && fault.errors.isEmpty)
    }

    @Test("a character that the charset of a form lacks is found in the call too")
    func charset() throws {
        let call = "    form: { path: /s, charset: Big5 }\n    request: { n: $.applicant.name }"
        let fault = try #require(try Self.fault(call, ["caseNo": "1", "applicant": ["name": "😀"]]))
        #expect(fault.code == .invalidField)
        #expect(fault.errors.map(\.field) == ["/applicant/name"])
        #expect(fault.errors.first?.message == "the department needs only characters of Big5 here")
    }

    @Test("a header's control character is the field's that it comes from, not the header's")
    func header() throws {
        let call = "    rest: { path: /s }\n    headers: { X-Name: $.applicant.name }"
        let fault = try #require(try Self.fault(call, ["caseNo": "1", "applicant": ["name": "a\r\nb"]]))
        #expect(fault.errors.map(\.field) == ["/applicant/name"])
        #expect(fault.errors.first?.rule == "control-character")
    }
}
