import Testing

@testable import Adapters

@Suite("What operations have in common")
struct DefaultsTests {
    @Test("defaults come first and keep their place, an operation's own key wins, another kind's defaults do not apply")
    func merged() throws {
        let fixture = TranslationFixture(
            """
            defaults:
              rest: { method: PUT, path: /common }
              soap: { namespace: "urn:x" }
              request: { a: { const: 1 }, b: { const: 2 } }
              headers: { X-A: { const: a } }
              reply: { success: "$.ok == 1", not-found: "$.ok == 2" }
            operations:
              cases.submit:
                rest:
                request: { c: { const: 3 }, a: { const: 9 } }
                reply: { not-found: "$.ok == 3", fields: { x: $.x } }
              cases.get:
                rest: { method: GET, body: json }
                reply: { fields: {} }
            """)
        let submit = try fixture.operation("cases.submit")
        let request = try submit.request(TranslationFixture.call([:]))
        #expect(request.method == "PUT" && request.target == "/common")
        #expect(String(decoding: request.body, as: UTF8.self) == #"{"a":9,"b":2,"c":3}"#)
        #expect(request.fields.first == .init("X-A", "a"))
        func code(_ json: String) -> ProblemCode? {
            let outcome = submit.outcome(of: DepartmentReply(status: 200, body: Array(json.utf8)), to: TranslationFixture.call([:]))
            if case .failed(let fault) = outcome { return fault.code } else { return nil }
        }
        #expect(code(#"{"ok":1}"#) == nil)
        #expect(code(#"{"ok":2}"#) == .upstreamRejected)
        #expect(code(#"{"ok":3}"#) == .notFound)
        #expect(
            try String(decoding: fixture.operation("cases.get").request(TranslationFixture.call([:])).body, as: UTF8.self)
                == #"{"a":1,"b":2}"#)
    }

    @Test("a mistake in the defaults is reported once, however many operations use them")
    func once() {
        let fixture = TranslationFixture(
            """
            defaults:
              reply: { success: "$.ok = 1" }
              rst: {}
            operations:
              cases.get: { rest: { path: /a }, reply: { fields: {} } }
              items.get: { rest: { path: /a }, reply: { fields: {} } }
            """)
        #expect(fixture.problems.map(\.rule) == ["bad-condition", "unknown-key"])
        #expect(fixture.problems.last?.help == "did you mean 'rest'?")
    }

    @Test("a success must satisfy what the file expects of it")
    func expectations() throws {
        let fixture = TranslationFixture(
            "operations:\n  cases.get:\n    rest: { path: /a }\n    reply: { success: http, expect: [\"$.list\", \"$.n > 0\"], fields: { x: $.x } }"
        )
        #expect(try fixture.answer(#"{"list":[],"n":1,"x":5}"#) == 5)
        let fault = #expect(throws: AdapterFault.self) { try fixture.answer(#"{"list":[],"n":0,"x":5}"#) }
        #expect(fault == AdapterFault(.upstreamBadReply, "the department's reply does not fit its mapping: expected $.n > 0"))
    }

    @Test("a department without operations is one")
    func empty() {
        let fixture = TranslationFixture("department: x\n")
        #expect(fixture.translation?.operations.isEmpty == true && fixture.problems.isEmpty)
    }
}
