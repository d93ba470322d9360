import Testing

@testable import Adapters

@Suite("Mistakes that are said once, where they are, and not passed over")
struct MistakePlaceTests {
    private func problems(_ yaml: String) -> [Problem] {
        TranslationFixture(
            yaml, path: "d.yaml", shapes: ["cases.submit": BadConfigurationTests.submit, "cases.get": BadConfigurationTests.submit]
        ).problems
    }

    /// Place and message of each problem.
    private func lines(_ problems: [Problem]) -> [String] {
        problems.map { "\($0.place?.line ?? 0):\($0.place?.column ?? 0) \($0.rule): \($0.message)" }
    }

    /// The problems of a reply's keys, in one line, in the fourth line of the file.
    private func problems(reply: String) -> [Problem] {
        problems("operations:\n  cases.submit:\n    rest: { path: /a }\n    reply: { \(reply) }\n")
    }

    private static let fields = "fields: { caseNo: $.a, status: { const: accepted } }"

    @Test("a wrong word of a code table is said where it stands, with the first place of its use, however often it is used")
    func words() {
        let found = problems(
            """
            codes:
              status:
                "1": acepted
                "2": completed
                default: acepted
            operations:
              cases.submit:
                rest: { path: /a }
                reply: { success: http, fields: { caseNo: $.a, status: { from: $.b, map: status } } }
              cases.get:
                rest: { path: /a }
                reply: { success: http, fields: { caseNo: $.a, status: { from: $.c, map: status } } }
            """)
        let use = "'acepted' is no value of the contract's 'status', which the table 'status' fills on line 9"
        #expect(lines(found) == ["3:10 unknown-word: \(use)", "5:14 unknown-word: \(use)"])
        #expect(found.first?.help == "did you mean 'accepted'?")
    }

    @Test(
        "what $.http has is known: a name that it has not is a problem",
        arguments: [
            ("$.http.stauts == 401", "$.http has no 'stauts'", "did you mean '$.http.status'?"),
            ("$.http.header['etag']", "$.http has no 'header'", "did you mean '$.http.headers'?"),
            ("$.http.body", "$.http has no 'body'", "allowed here: status, headers, fields, cookies"),
            (
                "$.http.headers['ETag'] == 'a'", "the names under $.http.headers are in lower case, and 'ETag' is not",
                "$.http.headers['etag']"
            ),
            ("$.http.fields.Date[0]", "the names under $.http.fields are in lower case, and 'Date' is not", "$.http.fields['date']"),
            ("$.http.status.code == 1", "$.http.status holds no fields", "leave out what stands behind it"),
            ("$.http.headers['etag'].x", "$.http.headers['etag'] holds no fields", "leave out what stands behind it"),
            (
                "$.http.status == 401 && $.http.headers['etag'] && $.http.fields['date'][0] && $.http.cookies.SID && $.http.headers", nil,
                nil
            ),
            ("$.data.http.stauts == 401", nil, nil),
        ] as [(String, String?, String?)])
    func http(_ predicate: String, _ message: String?, _ help: String?) {
        let found = problems(reply: "success: \"\(predicate)\", \(Self.fields)")
        #expect(lines(found) == (message.map { ["4:23 unknown-field: \($0)"] } ?? []))
        #expect(found.first?.help == help)
    }

    @Test(
        "a name behind $.call that the contract's request does not have can only be the department's own: a warning",
        arguments: [
            ("$.call.caseNr == $.a", "no 'caseNr' at $.call, ", "did you mean '$.call.caseNo'?"),
            ("$.call.applicant.nam == $.a", "no 'nam' at $.call.applicant, ", "did you mean '$.call.applicant.name'?"),
            ("$.call.applicant.name.x == $.a", "no 'x' at $.call.applicant.name, ", "$.call.applicant.name holds no fields"),
            ("$.call.applicant.name == $.a", nil, nil), ("$.data.call.x == 1", nil, nil),
        ] as [(String, String?, String?)])
    func call(_ predicate: String, _ message: String?, _ help: String?) {
        let found = problems(reply: "success: \"\(predicate)\", \(Self.fields)")
        let all = message.map {
            "4:23 unknown-field: the contract's request has \($0)so only a field 'call' of the department's own can be meant"
        }
        #expect(lines(found) == (all.map { [$0] } ?? []))
        #expect(found.first?.help == help && found.allSatisfy { $0.severity == .warning })
    }

    @Test("a path into $.http is held to the same as a condition")
    func httpPath() {
        let found = problems(
            reply: "success: http, fields: { caseNo: { from: \"$['http'].headers['Location']\" }, status: { const: accepted } }")
        #expect(lines(found) == ["4:55 unknown-field: the names under $.http.headers are in lower case, and 'Location' is not"])
    }

    @Test("'let' and 'steps' do not belong into 'defaults', and that is all that is said of them")
    func misplaced() {
        let found = problems(
            """
            defaults:
              let: { a: { const: x } }
              steps: { s: { rest: { path: /s }, reply: { success: http, fields: { v: $.v } } } }
            operations:
              cases.submit:
                rest: { path: /a }
                request: { x: $.let.a, y: $.steps.s.v }
                reply: { success: http, \(Self.fields) }
              cases.get:
                rest: { path: /a }
                let: { b: $.caseNo }
                request: { x: $.let.a, y: $.let.b }
                reply: { success: http, \(Self.fields) }
            """)
        #expect(lines(found) == ["2:3 unknown-key: unknown key 'let' in 'defaults'", "3:3 unknown-key: unknown key 'steps' in 'defaults'"])
    }

    @Test("columns are a list or a path, and a row has no other cells")
    func columns() {
        func found(_ list: String) -> [Problem] {
            problems(reply: "success: http, fields: { caseNo: $.a, status: { const: accepted }, materials: { each: $.rows, \(list) } }")
        }
        let word = found("columns: cols, fields: { code: \"@.a\" }")
        #expect(word.map(\.message) == ["'cols' is neither a list of columns nor the path of one"])
        #expect(word.first?.help == "did you mean $.cols? A single column is written [cols]")
        let cell = found("columns: [dm, mc], fields: { code: \"@.dmm\" }")
        #expect(cell.map(\.message) == ["no column is called 'dmm'"])
        #expect(cell.first?.help == "did you mean '@.dm'?")
        #expect(found("columns: [dm], fields: { code: \"@.dm\" }").isEmpty)
        #expect(found("columns: $.cols, fields: { code: \"@.anything\" }").isEmpty)
    }

    @Test("merged objects can be a text, and nothing else where a text is wanted")
    func merge() throws {
        let yaml = """
            operations:
              cases.submit:
                rest: { path: /a, body: text }
                request: { text: { merge: [$.a, { fields: { c: { const: 3 } } }], json: encode } }
                reply: { success: http, fields: {} }
            """
        let request = try TranslationFixture.compiled(yaml).request(TranslationFixture.call(["a": ["b": 1, "c": 2]]))
        #expect(String(decoding: request.body, as: UTF8.self) == #"{"b":1,"c":3}"#)
        let refused = TranslationFixture(yaml.replacing(", json: encode", with: "")).problems
        #expect(refused.map(\.message) == ["merged objects are no single value, and only one can stand here"])
        #expect(refused.first?.help == "write them as a text:  json: encode  beside 'merge'")
    }

    @Test("where only a path can stand, a path is suggested")
    func paths() {
        let unwrap = problems(reply: "unwrap: { at: data, as: json }, success: http, \(Self.fields)")
        #expect(unwrap.map(\.help) == ["a path begins with $ (or @ in a list): did you mean $.data?"])
        let failure = problems(reply: "success: $.ok, failure: { code: \"a b\" }, \(Self.fields)")
        #expect(failure.map(\.help) == ["a path begins with $ (or @ in a list); a fixed text is written { const: \"a b\" }"])
    }

    @Test("a colon without its blank is told from a list of all words")
    func colons() {
        func help(_ field: String) -> [String?] {
            problems(
                "operations:\n  cases.submit:\n    rest: { path: /a }\n    request:\n\(field)\n    reply: { success: http, \(Self.fields) }\n"
            ).map(\.help)
        }
        #expect(help("      x: { from:$.caseNo, required: true }") == ["from: $.caseNo"])
        #expect(help("      x: { const：\"01\" }") == ["const: \"01\""])
        #expect(help("      x:\n        const：01") == ["a full-width colon (：) means nothing to YAML; write  const: 01"])
        #expect(help("      x:$.caseNo") == ["a blank is missing behind the colon; write  x: $.caseNo"])
    }
}
