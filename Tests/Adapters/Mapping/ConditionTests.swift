import Testing

@testable import Adapters

@Suite("Conditions in the manner of SQL")
struct ConditionTests {
    func text(_ value: Value, _ more: String = "") throws -> String {
        let body = try TranslationFixture(field: "{ condition: \"XM = ? AND X = 1\", values: [$.v]\(more) }").body(["v": value])
        return try #require(JSONCodec.decode(text: body)["x"]?.string)
    }

    @Test("quotes are doubled, and nothing else is changed")
    func quotes() throws {
        #expect(try text("' OR 1=1 --") == "XM = ''' OR 1=1 --' AND X = 1")
        #expect(try text("O'Neil''") == "XM = 'O''Neil''''' AND X = 1")
        #expect(try text("'\u{301}") == "XM = '''\u{301}' AND X = 1", "an accent behind a quotation mark hides it from nobody")
        #expect(try text(["a'", "b"]) == "XM = 'a''','b' AND X = 1")
        #expect(try text(7) == "XM = '7' AND X = 1")
        #expect(try text("?") == "XM = '?' AND X = 1")
    }

    @Test(
        "control characters and unexplained backslashes are INVALID_FIELD",
        arguments: ["a\0", "a\nb", "\u{1F}", "\u{7F}", "a\\", "\\' OR 1=1"])
    func refused(value: String) throws {
        let fault = #expect(throws: AdapterFault.self) { try text(.string(value)) }
        #expect(fault?.code == .invalidField && fault?.errors.first?.field == "/v")
    }

    @Test("a backslash is kept or doubled where the file says so")
    func backslashes() throws {
        #expect(try text("a\\b'", ", backslash: keep") == "XM = 'a\\b''' AND X = 1")
        #expect(try text("a\\'", ", backslash: double") == "XM = 'a\\\\''' AND X = 1")
    }

    @Test("a value that is not there is INVALID_FIELD, for the condition would ask for something else")
    func missing() throws {
        let fault = #expect(throws: AdapterFault.self) { try text("") }
        #expect(fault?.code == .invalidField && fault?.errors.first?.rule == "required")
    }
}
