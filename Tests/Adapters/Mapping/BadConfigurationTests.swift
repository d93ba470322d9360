import Testing

@testable import Adapters

@Suite("Mistakes in a department's file")
struct BadConfigurationTests {
    static let submit = OperationShape(
        input: .object(
            [
                .init(name: "caseNo", isRequired: false, shape: .scalar(words: nil)),
                .init(
                    name: "applicant", isRequired: true,
                    shape: .object(
                        [
                            .init(name: "name", isRequired: true, shape: .scalar(words: nil)),
                            .init(name: "idNo", isRequired: true, shape: .scalar(words: nil)),
                        ], isOpen: false)),
                .init(
                    name: "materials", isRequired: false,
                    shape: .list(.object([.init(name: "code", isRequired: true, shape: .scalar(words: nil))], isOpen: false))),
                .init(name: "form", isRequired: false, shape: .object([], isOpen: true)),
            ], isOpen: false),
        answer: .object(
            [
                .init(name: "caseNo", isRequired: true, shape: .scalar(words: nil)),
                .init(name: "status", isRequired: true, shape: .scalar(words: ["accepted", "completed"])),
                .init(name: "deptCaseNo", isRequired: false, shape: .scalar(words: nil)),
                .init(
                    name: "materials", isRequired: false,
                    shape: .list(.object([.init(name: "code", isRequired: true, shape: .scalar(words: nil))], isOpen: false))),
            ], isOpen: false),
        isWrite: true)

    func problems(_ yaml: String) -> [String] {
        TranslationFixture(yaml, path: "d.yaml", shapes: ["cases.submit": BadConfigurationTests.submit]).problems.map(\.description)
    }

    /// The problems of one field of a request.
    func problems(request field: String) -> [String] {
        problems(
            """
            operations:
              cases.submit:
                rest: { path: /a }
                request: { x: \(field) }
                reply: { success: http, fields: { caseNo: $.no, status: $.st } }
            """)
    }

    @Test("every problem of a file is reported at once, with place, caret and help")
    func all() {
        let problems = problems(
            """
            codes:
              status: { "01": accepted }
            operations:
              cases.submti:
                rest: { path: /a }
              cases.submit:
                rest: { path: "/a/{no}", methd: POST }
                path: { number: $.caseNo }
                request:
                  a: $.applicant.nmae
                  b: caseNo
                  c: { from: $.caseNo, dat: yyyyMMdd }
                  d: { from: "$.caseNo[", required: yes }
                reply:
                  success: "$.code = 0"
                  fields:
                    caseNo: $.no
                    stats: { from: $.st, map: statsu }
            """)
        #expect(problems.joined() == BadConfigurationTests.everything)
    }

    @Test(
        "a path into a list of the contract is checked as far as it says where it goes",
        arguments: [
            ("$.materials[0].cod", "no field 'cod' at $.materials[*]"), ("$.materials[*].cod", "no field 'cod' at $.materials[*]"),
            ("$['materials'][-1]['code'].x", "no field 'x' at $.materials[*].code"), ("$.material[0].code", "no field 'material' at $"),
            ("$.materials[?@.cod].x", nil), ("$.materials[0].code", nil), ("$..x", nil), ("$.form.a[0].b", nil),
        ] as [(String, String?)])
    func listPath(path: String, message: String?) {
        let found = problems(request: "{ from: \"\(path)\" }")
        #expect(found.count == (message == nil ? 0 : 1) && message.map { found.first?.contains($0) == true } != false, "\(found)")
    }

    static let everything = """
        d.yaml:4:3: error[unknown-operation]: the contract has no operation 'cases.submti'
            4 |   cases.submti:
              |   ^^^^^^^^^^^^
              help: did you mean 'cases.submit'?
        d.yaml:7:19: error[missing-key]: nothing fills {no} of the path
            7 |     rest: { path: "/a/{no}", methd: POST }
              |                   ^^^^^^^^^
              help: add  path: { no: $.… }  to the operation
        d.yaml:7:30: error[unknown-key]: unknown key 'methd' in 'rest'
            7 |     rest: { path: "/a/{no}", methd: POST }
              |                              ^^^^^
              help: did you mean 'method'?
        d.yaml:8:13: error[unknown-key]: the path '/a/{no}' has no {number}
            8 |     path: { number: $.caseNo }
              |             ^^^^^^
        d.yaml:10:10: error[unknown-field]: the contract has no field 'nmae' at $.applicant
           10 |       a: $.applicant.nmae
              |          ^^^^^^^^^^^^^^^^
              help: did you mean '$.applicant.name'?
        d.yaml:11:10: error[bad-path]: 'caseNo' is no path
           11 |       b: caseNo
              |          ^^^^^^
              help: a path begins with $ (or @ in a list); a fixed text is written { const: "caseNo" }
        d.yaml:12:28: error[unknown-key]: unknown key 'dat' in the field 'c'
           12 |       c: { from: $.caseNo, dat: yyyyMMdd }
              |                            ^^^
              help: did you mean 'date'?
        d.yaml:13:28: error[bad-path]: the path does not parse: expected a quoted name, an index, a slice, '*' or '?' in '[…]', found the end
           13 |       d: { from: "$.caseNo[", required: yes }
              |                            ^
        d.yaml:13:41: error[wrong-type]: 'required' must be true or false
           13 |       d: { from: "$.caseNo[", required: yes }
              |                                         ^^^
        d.yaml:15:24: error[bad-condition]: the condition does not parse: '=' is not an operator: write '=='
           15 |       success: "$.code = 0"
              |                        ^
              help: such as  "$.code == 0"  or  "$.status.code == 200 && $.custom.code == 1"
        d.yaml:17:9: error[unmapped-field]: the contract requires 'status', and nothing fills it
           17 |         caseNo: $.no
              |         ^^^^^^
              help: add  status: $.…  or  status: { call: $.status }
        d.yaml:18:9: error[unknown-field]: the contract's answer has no field 'stats'
           18 |         stats: { from: $.st, map: statsu }
              |         ^^^^^
              help: did you mean 'status'?
        d.yaml:18:35: error[unknown-codes]: no table 'statsu' under 'codes'
           18 |         stats: { from: $.st, map: statsu }
              |                                   ^^^^^^
              help: did you mean 'status'?

        """

    @Test(
        "one mistake, one message",
        arguments: [
            ("{ const: 01 }", "d.yaml:4:28: error[leading-zero]: 01 without quotes is the number 1", "write \"01\" to keep the zero"),
            (
                "caseNo", "d.yaml:4:19: error[bad-path]: 'caseNo' is no path",
                "a path begins with $ (or @ in a list); a fixed text is written { const: \"caseNo\" }"
            ),
            ("\"@.code\"", "d.yaml:4:19: error[bad-path]: '@' stands for the item of a list, and there is no 'each' around it", nil),
            (
                "{ from: $.caseNo, const: a }", "d.yaml:4:37: error[two-sources]: the field 'x' has two sources, 'from' and 'const'",
                "keep one; 'first' takes a list of which the first that has a value counts"
            ),
            (
                "{ from: $.caseNo, date: yyyymmdd }",
                "d.yaml:4:43: error[bad-date]: 'yyyymmdd' is no form of a date: a smaller part stands without the next larger one",
                "\(DateForm.allowed)"
            ),
            (
                "{ from: $.caseNo, date: [yyyyMMdd, ms] }", "d.yaml:4:43: error[two-dates]: a date is written in one form",
                "a list of forms belongs to replies"
            ),
            (
                "{ from: $.caseNo, as: int }", "d.yaml:4:41: error[unknown-value]: 'int' is no value of 'as'",
                "one of: string, integer, number, boolean"
            ),
            (
                "{ from: $.caseNo, pad: { left: \"00\", width: 4 } }",
                "d.yaml:4:44: error[missing-key]: 'pad' needs one character, under 'left' or under 'right'",
                "such as  { left: \"0\", width: 4 }"
            ),
            ("{ call: $.caseNo }", "d.yaml:4:21: error[wrong-place]: 'call' belongs to replies; in a request the call is $", nil),
            (
                "{ each: $.materials, fields: { a: \"@.cod\" } }",
                "d.yaml:4:53: error[unknown-field]: the contract has no field 'cod' at @", "did you mean '@.code'?"
            ),
            (
                "{ each: $.materials }",
                "d.yaml:4:21: error[missing-key]: 'each' needs 'fields' (an object of each item) or 'value' (a single value), one of them",
                nil
            ),
            ("{ digest: { md4: $.caseNo } }", "d.yaml:4:31: error[unknown-key]: unknown key 'md4' in 'digest'", "did you mean 'md5'?"),
            (
                "{ document: { xml: \"A B\" }, fields: { A: $.caseNo } }",
                "d.yaml:4:38: error[bad-name]: 'A B' is no name of an XML element", nil
            ),
            (
                "{ document: { xml: A }, fields: { \"1A\": $.caseNo } }", "d.yaml:4:53: error[bad-name]: '1A' is no name of an XML element",
                "letters, digits, '.', '-' and '_'; '@name' for an attribute, '#text' for the text beside attributes"
            ),
            (
                "{ document: { json: object, in: cdata }, fields: { A: $.caseNo } }",
                "d.yaml:4:51: error[wrong-place]: 'cdata' belongs into XML, and this field stands in a JSON document", "string or base64"
            ),
            (
                "{ from: $.caseNo, map: idType }", "d.yaml:4:42: error[unknown-codes]: no table 'idType' under 'codes'",
                "a table is written under 'codes', or in place: { \"01\": accepted }"
            ),
            (
                "{ session: token }",
                "d.yaml:1:1: error[missing-key]: the operation 'cases.submit' uses the session, and the department has no 'login'",
                nil
            ),
            ("{ from: $.form.anything.below }", nil, nil),
        ] as [(String, String?, String?)])
    func one(field: String, message: String?, help: String?) throws {
        let problems = problems(request: field)
        guard let message else {
            #expect(problems == [])
            return
        }
        #expect(problems.first?.hasPrefix(message + "\n") == true, "\(problems)")
        if let help { #expect(problems.first?.contains("help: \(help)\n") == true, "\(problems)") }
    }

    @Test("an operation without a kind, with two, or without a verdict")
    func operations() {
        let none = problems("operations:\n  cases.submit:\n    reply: { fields: { caseNo: $.a, status: $.b } }\n")
        #expect(none.first?.contains("error[missing-key]: the operation 'cases.submit' does not say how the department is called") == true)
        #expect(none.first?.contains("help: one of: rest, soap, form") == true)
        let two = problems(
            "operations:\n  cases.submit:\n    rest: { path: /a }\n    form: { path: /a }\n    reply: { success: http, fields: { caseNo: $.a, status: $.b } }\n"
        )
        #expect(
            two.map { $0.split(separator: "\n")[0] } == [
                "d.yaml:4:5: error[two-kinds]: the operation 'cases.submit' has two kinds, 'rest' and 'form'"
            ])
        let verdict = problems(
            "operations:\n  cases.submit:\n    rest: { path: /a }\n    reply: { fields: { caseNo: $.a, status: $.b } }\n")
        #expect(verdict.count == 1)
        #expect(verdict.first?.contains("error[missing-key]: the reply of 'cases.submit' does not say when it is a success") == true)
    }

    @Test("what a reply fills is checked against the contract, lists included")
    func answerFields() {
        let problems = problems(
            """
            operations:
              cases.submit:
                rest: { path: /a }
                reply:
                  success: http
                  fields:
                    caseNo: { call: $.caseN }
                    materials: { each: $.list, fields: { name: "@.n" } }
            """)
        #expect(
            problems.map { $0.split(separator: "\n")[0] } == [
                "d.yaml:7:9: error[unmapped-field]: the contract requires 'status', and nothing fills it",
                "d.yaml:7:25: error[unknown-field]: the contract has no field 'caseN' at $",
                "d.yaml:8:46: error[unknown-field]: the contract's answer has no field 'materials[].name'",
                "d.yaml:8:46: error[unmapped-field]: the contract requires 'materials[].code', and nothing fills it",
            ])
    }

    @Test("a code table that gives a word which the contract does not know")
    func words() {
        let problems = problems(
            """
            operations:
              cases.submit:
                rest: { path: /a }
                reply: { success: http, fields: { caseNo: $.a, status: { from: $.b, map: { "1": acepted, "2": completed } } } }
            """)
        #expect(problems.count == 1)
        #expect(
            problems.first?.hasPrefix("d.yaml:4:85: error[unknown-word]: 'acepted' is no value of the contract's 'status'\n") == true,
            "\(problems)")
        #expect(problems.first?.contains("help: did you mean 'accepted'?") == true)
    }

    @Test("the words of a table among several values, and not those that a table behind them replaces")
    func wordsAmongValues() {
        func answer(_ status: String) -> [String] {
            problems(
                """
                codes:
                  main: { "1": acepted }
                  sub: { "2": completed }
                  last: { acepted: accepted, completed: completed }
                operations:
                  cases.submit:
                    rest: { path: /a }
                    reply: { success: http, fields: { caseNo: $.a, status: \(status) } }
                """)
        }
        let values = "first: [{ from: $.c, map: sub }, { first: [{ from: $.b, map: main }] }]"
        let found = answer("{ \(values) }")
        #expect(
            found.count == 1 && found.first?.contains("error[unknown-word]: 'acepted' is no value of the contract's 'status'") == true,
            "\(found)")
        #expect(answer("{ \(values), map: last }").isEmpty)
    }

    @Test("secrets are reported with every place that names them, and never need a value at load")
    func secrets() throws {
        let fixture = TranslationFixture(
            """
            operations:
              cases.submit:
                rest: { path: /a }
                headers: { X-Key: { secret: A } }
                request: { x: { digest: { md5: { concat: [{ secret: B }, { secret: A }] } } } }
                reply: { success: http, fields: { caseNo: $.a, status: $.b } }
            """)
        #expect(try #require(fixture.translation).secretNames.map(\.name) == ["A", "B", "A"])
        #expect(try #require(fixture.translation).secretNames.map(\.place.line) == [4, 5, 5])
    }
}
