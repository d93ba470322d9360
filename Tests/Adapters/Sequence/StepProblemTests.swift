import Testing

@testable import Adapters

@Suite("Mistakes in steps are found at load, each with its place")
struct StepProblemTests {
    private static let inner = "rest: { path: /t }, reply: { success: http, fields: { code: $.c } }"

    private func problems(_ steps: String, _ main: String = "", reply: String = "") -> [String] {
        TranslationFixture(
            """
            operations:
              cases.get:
                steps:
            \(steps)
                rest: { path: /a }
                \(main)
                reply: { success: http, fields: { \(reply) } }
            """
        ).problems.map { "\($0.place?.line ?? 0):\($0.place?.column ?? 0) \($0.rule): \($0.message)\($0.help.map { "; \($0)" } ?? "")" }
    }

    @Test("a name that no step has, with the nearest one")
    func unknownStep() {
        let found = problems("      ticket: { \(Self.inner) }", "query: { t: $.steps.tickte.code }")
        #expect(found == ["6:17 unknown-field: there is no step 'tickte' before this; did you mean '$.steps.ticket'?"])
    }

    @Test("a field that the step does not give, in a request, a condition and a reply")
    func unknownField() {
        let query = problems("      ticket: { \(Self.inner) }", "query: { t: $.steps.ticket.kode }")
        #expect(query == ["6:17 unknown-field: the step 'ticket' gives no field 'kode'; did you mean '$.steps.ticket.code'?"])
        let condition = problems("      ticket: { \(Self.inner) }", "query: { t: { const: x, when: \"$.steps.ticket.kode == 1\" } }")
        #expect(condition.count == 1 && condition[0].contains("the step 'ticket' gives no field 'kode'"))
        let reply = problems("      ticket: { \(Self.inner) }", reply: "x: { call: $.steps.ticket.kode }")
        #expect(reply.count == 1 && reply[0].contains("the step 'ticket' gives no field 'kode'"))
    }

    @Test("a step that asks for what comes only later, or for itself")
    func forwardReference() {
        let found = problems(
            """
                  first: { \(Self.inner), query: { t: $.steps.second.code } }
                  second: { \(Self.inner), when: "$.steps.second.code == 1" }
            """)
        #expect(
            found == [
                "4:97 forward-reference: the step 'second' is made only later; a step is made for those below it; put 'second' above",
                "5:92 forward-reference: the step 'second' is made only later; a step is made for those below it; put 'second' above",
            ])
    }

    @Test("a name that a path could not write, an unknown key, no call, and steps that are none")
    func shapes() {
        #expect(problems("      ti-cket: { \(Self.inner) }")[0].contains("bad-name: 'ti-cket' is no name of a step"))
        #expect(problems("      t: { \(Self.inner), chnages: true }")[0].contains("did you mean 'changes'?"))
        #expect(problems("      t: { reply: { success: http } }")[0].contains("the step 't' does not say how the department is called"))
        #expect(problems("      t: { rest: { path: /t } }")[0].contains("the step 't' needs 'reply'"))
        #expect(problems("      - x")[0].contains("'steps' must be a mapping of calls"))
    }

    @Test("defaults hold for steps too, and a session in a step needs a login")
    func defaultsAndSession() {
        let fixture = TranslationFixture(
            """
            defaults: { rest: { charset: GBK }, headers: { X-App: { const: a } }, reply: { success: "$.code == 0" } }
            operations:
              cases.get:
                steps: { t: { rest: { path: /t }, headers: { X-T: { session: token } }, reply: { fields: {} } } }
                rest: { path: /a }
                reply: { fields: {} }
            """)
        #expect(fixture.problems.map(\.rule) == ["missing-key"])
        #expect(fixture.problems.first?.message.contains("uses the session, and the department has no 'login'") == true)
    }

    @Test("a value under 'let' is made once, sees those above it, and is checked by name")
    func lets() throws {
        let fixture = TranslationFixture(
            """
            operations:
              cases.submit:
                let:
                  xml: { document: { xml: R, declaration: false }, fields: { no: $.caseNo } }
                  sum: { digest: { md5: { concat: [$.let.xml, { const: "key" }] } } }
                rest: { path: /a }
                request: { data: $.let.xml, sign: $.let.sum }
                reply: { success: http, fields: {} }
            """)
        let sum = Hex.encode(Digest.compute(.md5, Array("<R><no>7</no></R>key".utf8)))
        #expect(try fixture.body(["caseNo": "7"]) == #"{"data":"<R><no>7</no></R>","sign":"\#(sum)"}"#)
        let wrong = TranslationFixture(
            """
            operations:
              cases.submit:
                let: { a: $.let.b, b: { const: 1 } }
                rest: { path: /a }
                request: { x: $.let.c }
                reply: { success: http, fields: { y: { call: $.let.a } } }
            """)
        #expect(wrong.problems.map(\.rule) == ["unknown-field", "unknown-field"])
        #expect(wrong.problems[0].message == "no value 'b' is made under 'let' before this")
        #expect(wrong.problems[1].help == "did you mean '$.let.a'?")
    }
}
