import Testing

@testable import Adapters

@Suite("Mistakes in what operations have in common")
struct RepeatedReadingsTests {
    static let rest = """
        operations:
          cases.get:
            rest: { path: /a }
            reply: { fields: { caseNo: $.no } }
          cases.events:
            rest: { path: /b }
            reply: { fields: { caseNo: $.no } }
          items.get:
            rest: { path: /c }
            reply: { fields: { caseNo: $.no } }
        """

    @Test("a mistake in defaults is said once, at its place, with the number of operations")
    func once() {
        let fixture = TranslationFixture("defaults:\n  reply: { success: \"$.code = 0\", sucess: http }\n" + Self.rest)
        #expect(
            fixture.problems.map { "\($0.place?.line ?? 0) \($0.rule): \($0.message)" }.sorted() == [
                "2 bad-condition: the condition does not parse: '=' is not an operator: write '=='",
                "2 unknown-key: unknown key 'sucess' in the reply of 'cases.get' (and 2 others)",
            ])
    }

    @Test("one that only some operations have says which")
    func some() {
        let yaml =
            "defaults:\n  rest: { path: /x, verb: GET }\n"
            + Self.rest.replacing("  cases.events:\n    rest: {", with: "  cases.events:\n    form: {")
        let problems = TranslationFixture(yaml.replacing("fields: {", with: "success: http, fields: {")).problems
        #expect(problems.map(\.message) == ["unknown key 'verb' in 'rest' (for 'cases.get' and 1 other)"])
    }

    @Test("what two operations do wrong by themselves is said twice")
    func twice() {
        let yaml = Self.rest.replacing("reply: {", with: "reply: { success: http, tokn: 1,")
        #expect(TranslationFixture(yaml).problems.count == 3)
    }

    @Test("an anchor's mistake is said once too")
    func anchor() {
        let yaml = """
            operations:
              cases.get: &one
                rest: { path: /a }
                reply: { success: http, failre: $.x, fields: {} }
              cases.events: *one
            """
        #expect(TranslationFixture(yaml).problems.map(\.message) == ["unknown key 'failre' in the reply of 'cases.get' (and 1 other)"])
    }

    @Test(
        "a secret is named without the signs of a shell",
        arguments: ["$KEY", "${KEY}", "{{KEY}}", "env:KEY", "%KEY%"])
    func secretName(written: String) {
        let problem = TranslationFixture(field: "{ secret: \"\(written)\" }").problems.first
        #expect(problem?.rule == "bad-name")
        #expect(problem?.help?.hasPrefix("did you mean 'KEY'? ") == true)
    }

    @Test("a secret that is a value and no name gets no suggestion, and is not guessed at")
    func secretValue() {
        let problem = TranslationFixture(field: "{ secret: \"pass-word/1\" }").problems.first
        #expect(problem?.rule == "bad-name" && problem?.help?.contains("did you mean") == false)
    }
}
