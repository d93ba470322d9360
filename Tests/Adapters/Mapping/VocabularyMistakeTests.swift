import Testing

@testable import Adapters

@Suite("Mistakes in documents, layers and conversions")
struct VocabularyMistakeTests {
    /// The problems of one field of a request, each with its first line and its help.
    func problems(_ field: String) -> [String] {
        TranslationFixture(field: field).problems.map { problem in
            "\(problem.place?.column ?? 0) \(problem.rule): \(problem.message)" + (problem.help.map { " | \($0)" } ?? "")
        }
    }

    static let requests: [(String, String)] = [
        (
            "{ document: { text: $.a, in: gzip } }",
            "39 wrong-place: what 'gzip' gives is no text | put base64, base64url or hex behind it, such as  in: [gzip, base64]"
        ),
        (
            "{ document: { xml: \"o:R\" }, fields: { \"@xmlns:o\": { const: u }, \"p:D\": $.a } }",
            "74 unknown-prefix: the prefix 'p' of 'p:D' is declared nowhere"
        ),
        ("{ document: { xml: \"o:R\" }, fields: { D: $.a } }", "29 unknown-prefix: the prefix 'o' of 'o:R' is declared nowhere"),
        (
            "{ from: $.a, date: yyyyMMddHms }",
            "29 bad-date: 'yyyyMMddHms' is no form of a date: one digit with a digit of 'm' right behind it"
        ),
        ("{ from: $.a, date: \"yyyy-MM-dd hh:mm\" }", "29 bad-date: 'yyyy-MM-dd hh:mm' is no form of a date: 'h' and 'a' belong together"),
        ("{ from: $.a, date: \"yyyy-MM-dd HH:mm m\" }", "29 bad-date: 'yyyy-MM-dd HH:mm m' is no form of a date: 'm' is there twice"),
        ("{ from: $.a, date: \"yyyy年M月d日 K时\" }", "29 bad-date: 'yyyy年M月d日 K时' is no form of a date: 'K' is no part of one"),
        ("{ document: { text: $.a, in: [gzip, escaped] } }", "40 wrong-place: what 'gzip' gives is no text"),
        ("{ document: { text: $.a, in: base46 } }", "39 unknown-value: 'base46' is no value of 'in' | did you mean 'base64'?"),
        ("{ document: { text: $.a, in: { hex: { a: b } } } }", "48 unknown-key: 'hex' has no options"),
        ("{ document: { text: $.a, in: { base64: { line: 2 } } } }", "57 out-of-range: 'line' is 2 | from 4 to 1000"),
        (
            "{ document: { text: $.a, in: [{ sm4: { mode: cbc, key: { secret: K } } }, hex] } }",
            "49 missing-key: 'sm4' in mode cbc needs 'iv'"
        ),
        (
            "{ document: { text: $.a, in: [{ sm4: { mode: ecb, key: { secret: K }, iv: prefix } }, hex] } }",
            "80 wrong-place: ecb has no 'iv'"
        ),
        ("{ document: { text: $.a, in: [sm4, hex] } }", "40 missing-key: 'sm4' needs a mode and a key"),
        (
            "{ document: { text: $.a, in: [{ sm4: { mode: gcm, key: { secret: K } } }, hex] } }",
            "55 unknown-value: 'gcm' is no value of 'mode'"
        ),
        (
            "{ document: { text: $.a, in: [{ aes: { mode: ecb, key: abc } }, hex] } }",
            "65 wrong-type: 'key' must be a mapping, not a single value"
        ),
        ("{ document: { text: $.a, in: cdata } }", "39 wrong-place: 'cdata' belongs into XML, and this field stands in a JSON document"),
        ("{ document: { in: hex } }", "24 missing-key: 'document' needs its format"),
        ("{ document: { json: object, declaration: true }, fields: { a: $.a } }", "38 wrong-place: 'declaration' belongs to xml"),
        ("{ document: { json: list }, fields: { a: $.a } }", "12 missing-key: the field 'x' needs 'each'"),
        (
            "{ document: { form: object }, fields: { a: { fields: { b: $.a } } } }",
            "55 wrong-place: an object cannot stand in a form or query"
        ),
        (
            "{ document: { delimited: { separator: \"\" } }, fields: { a: $.a } }",
            "37 bad-dialect: this delimited text could not be read: the separator"
        ),
        ("{ document: { delimited: { quote: ab } }, fields: { a: $.a } }", "44 unknown-value: 'quote' is one ASCII character, or none"),
        ("{ document: { delimited: { columns: [a, c] } }, fields: { a: $.a, b: $.b } }", "46 unmapped-field: nothing fills the column 'c'"),
        ("{ each: $.a, fields: { abc: $.a }, columns: [abd] }", "54 unmapped-field: nothing fills the column 'abd' | did you mean 'abc'?"),
        ("{ each: $.a, value: $.a, columns: [b] }", "35 wrong-place: 'columns' orders 'fields', and there are none"),
        ("{ from: $.a, columns: [b] }", "23 unknown-key: 'columns' belongs to 'each'"),
        ("{ from: $.a, nil: true, default: b }", "23 two-defaults: 'nil' and 'default' both say what stands for no value"),
        ("{ condition: \"A = ?\", values: [] }", "23 missing-key: the condition has 1 '?', and there are 0 'values'"),
        ("{ condition: \"A = '?\" }", "23 bad-condition: a quotation mark in the condition does not end"),
        ("{ from: $.a, values: [$.a] }", "23 unknown-key: 'values' belongs to 'condition'"),
        ("{ condition: \"A\", backslash: kep }", "39 unknown-value: 'kep' is no value of 'backslash' | did you mean 'keep'?"),
        ("{ from: $.a, decimals: { rounding: up } }", "35 missing-key: 'decimals' needs 'places'"),
        ("{ from: $.a, decimals: 99 }", "33 out-of-range: 'decimals' is 99 | from 0 to 20"),
        ("{ from: $.a, width: halve }", "30 unknown-value: 'halve' is no value of 'width' | did you mean 'half'?"),
        (
            "{ from: $.a, substring: { last: 3, start: 1 } }",
            "42 two-defaults: 'last' counts from the end, and 'start' from the beginning | keep one"
        ),
        ("{ from: $.a, flatten: [a] }", "32 wrong-type: 'flatten' is true, or the mark between two names"),
        ("{ from: $.a, unique: [a] }", "31 wrong-type: 'unique' is true, or the name of a field"),
        ("{ from: $.a, entries: { name: a, value: a } }", "50 bad-name: 'name' and 'value' are two fields"),
        ("{ from: $.a, money: yuan-to-fenn }", "30 unknown-value: 'yuan-to-fenn' is no value of 'money' | did you mean 'yuan-to-fen'?"),
        ("{ test: \"$.a = 1\" }", "23 bad-condition: the condition does not parse"),
        ("{ merge: $.a }", "19 wrong-type: 'merge' takes a list of values"),
    ]

    @Test("a prefix that an object of a merge declares is declared for the element that it becomes")
    func mergedPrefixes() {
        let element = "{ merge: [{ fields: { \"@xmlns:o\": { const: u }, \"o:B\": $.a } }, { fields: { \"o:C\": $.a } }] }"
        #expect(problems("{ document: { xml: R }, fields: { \"o:A\": \(element), \"@xml:lang\": { const: zh } } }") == [])
        #expect(problems("{ document: { xml: R }, fields: { \"o:A\": \(element), \"o:D\": $.a } }").count == 1)
    }

    @Test("one mistake in a request, one message", arguments: requests.indices)
    func request(index: Int) {
        let (field, message) = Self.requests[index]
        let found = problems(field)
        // A column that is missing on both sides is two.
        #expect(found.first?.hasPrefix(message) == true && found.count <= 2, "\(field): \(found)")
    }

    static let replies: [(String, String)] = [
        ("as: jsn", "unknown-value: 'jsn' is no value of 'as' | did you mean 'json'?"),
        ("invalid: ignore", "unknown-value: 'ignore' is no value of 'invalid'"),
        ("namespaces: { b: urn }", "wrong-place: 'namespaces' belongs to as: xml"),
        ("as: xml, namespaces: { \"1\": urn }", "bad-name: '1' is no prefix"),
        (
            "as: xml, namespaces: { s: \"http://schemas.xmlsoap.org/soap/envelope/\" }",
            "wrong-place: the envelope's own names have no prefix"
        ),
        ("as: xml, namespaces: urn", "wrong-type: 'namespaces' is a mapping of prefixes, not a single value"),
        ("delimited: { columns: [a] }", "wrong-place: 'delimited' belongs to as: delimited"),
        (
            "as: delimited, delimited: { header: false }",
            "bad-dialect: this delimited text could not be read: without a header row the columns must be named"
        ),
        ("as: delimited, delimited: { seperator: a }", "unknown-key: unknown key 'seperator' in 'delimited' | did you mean 'separator'?"),
        ("prefixes: [a]", "wrong-type: 'prefixes' is a mapping of what names begin with to the names they get, not a list"),
        ("unwrap: { at: $.a, as: json, in: gzip }", "wrong-place: what 'gzip' gives is no text"),
        ("unwrap: { at: \"$..a\", as: json, in-place: true }", "bad-path: 'in-place' needs a path of names, indexes and [*]"),
        (
            "unwrap: { at: $.a, as: json, in: [{ sm4: { mode: ecb, key: { secrt: K } } }, hex] }",
            "unknown-key: unknown key 'secrt' in 'key' | did you mean 'secret'?"
        ),
    ]

    @Test("one mistake in a reply, one message", arguments: replies.indices)
    func reply(index: Int) {
        let (reply, message) = Self.replies[index]
        let found = TranslationFixture(answer: "$.x", reply: reply + ",").problems
        let first = found.first.map { "\($0.rule): \($0.message)" + ($0.help.map { " | \($0)" } ?? "") }
        #expect(first?.hasPrefix(message) == true, "\(reply): \(found)")
        #expect(found.allSatisfy { $0.place != nil })
    }

    @Test(
        "one mistake in a body, one message",
        arguments: [
            ("rest: { path: /a, body: text }\n    request: { a: $.a }", "a text body is one value, 'text'"),
            ("rest: { path: /a, body: delimited }", "a delimited body needs 'request', the cells of a row"),
            ("rest: { path: /a, delimited: { separator: a } }\n    request: { a: $.a }", "'delimited' belongs to body: delimited"),
            ("rest: { path: /a, each: $.a }\n    request: { a: $.a }", "'each' belongs to delimited bodies"),
            ("rest: { path: /a, type: nonsense }\n    request: { a: $.a }", "'nonsense' is no media type"),
            ("delimited: { path: /a, columns: [b] }\n    request: { a: $.a }", "nothing fills the column 'b'"),
            ("delimited: { path: /a, method: GET }\n    request: { a: $.a }", "'GET' is no value of 'method'"),
            ("form: { path: /a }\n    request: { a: { from: $.a, nil: true } }", "'nil' has no form in a form or query"),
            (
                "rest: { path: /a, body: xml, root: R }\n    request: { a: { fields: { \"#text\": { from: $.a, nil: true } } } }",
                "'nil' is said of an element, and '#text' is a part of one"
            ),
        ])
    func body(operation: String, message: String) {
        let fixture = TranslationFixture("operations:\n  cases.submit:\n    \(operation)\n    reply: { success: http, fields: {} }")
        #expect(fixture.problems.first?.message == message, "\(fixture.problems)")
        #expect(fixture.problems.allSatisfy { $0.place != nil })
    }

    @Test("a mailbox that hands a file in cannot ask again with it")
    func pendingMailbox() {
        func problems(_ request: String) -> [String] {
            TranslationFixture(
                """
                operations:
                  cases.get:
                    mailbox: { \(request.isEmpty ? "" : "directory: in, name: $.caseNo, root: A,") answer: { directory: out, name: $.caseNo } }
                    \(request)
                    reply: { success: http, pending: { when: "!$.A" }, fields: { caseNo: $.a } }
                """
            ).problems.map { "\($0.place?.line ?? 0) \($0.rule)" }
        }
        #expect(problems("request: { a: $.caseNo }") == ["5 wrong-place"])
        #expect(problems("").isEmpty)
    }

    @Test("a merged answer is checked against the contract too")
    func merged() {
        let yaml = """
            operations:
              cases.submit:
                rest: { path: /a }
                reply: { success: http, fields: { caseNo: $.no, status: { const: accepted }, deptCaseNo: { first: [{ fields: { x: $.a } }] } } }
            """
        let found = TranslationFixture(yaml, shapes: ["cases.submit": BadConfigurationTests.submit]).problems
        #expect(found.first?.message == "the contract has no object at 'deptCaseNo.'")
    }

    @Test("a charset that is nearly one is named, and half an hour needs both of its letters")
    func words() {
        let charset = TranslationFixture(
            "operations: { cases.get: { form: { path: /a, charset: GB2321 }, reply: { success: http, fields: {} } } }")
        #expect(charset.problems.map(\.help) == ["did you mean 'GB2312'?"])
        for form in ["yyyy-MM-dd h:mm", "yyyy-MM-dd HH:mm a", "yyyy-MM-dd a"] {
            #expect(TranslationFixture(field: "{ from: $.a, date: \"\(form)\" }").problems.count == 1, "\(form)")
        }
    }

    @Test("paging's words want a mapping, and a list that goes by largest pages must say which page")
    func paging() {
        func help(_ paging: String) -> [String?] {
            TranslationFixture(
                "operations: { items.list: { rest: { path: /a }, reply: { success: http, paging: \(paging), fields: {} } } }"
            ).problems.map(\.help)
        }
        #expect(help("cursor") == ["paging: { cursor: $.… }"])
        #expect(help("largest") == ["paging: { largest: 20 }"])
        #expect(help("{ largest: 20 }") == ["put  { paging: page }  or  { paging: offset }  where the department wants it"])
    }
}
