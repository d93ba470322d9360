import Testing

@testable import Adapters

@Suite("A reply whose body is not what it should be")
struct UnreadReplyTests {
    static let department = """
        login: { rest: { path: /l }, reply: { success: http, token: $.t } }
        operations:
          cases.get:
            rest: { path: /a }
            headers: { X-Token: { session: token } }
            reply:
              success: "$.code == 0"
              expired: "$.http.status == 401 || $.code == 401"
              credential: "$.http.headers['x-refused'] == 'key' && $.http.status == 200"
              not-found: "!$.data"
              unavailable: "$.http.status == 503 && !($.http.headers['x-final'])"
              fields: { caseNo: $.no }
        """
    static let page = "<html><body>Sign in</body></html>"

    func outcome(
        _ body: String, status: Int, fields: [(String, String)] = [], yaml: String = department
    ) throws -> ReplyOutcome {
        let operation = try TranslationFixture(yaml).operation("cases.get")
        let reply = DepartmentReply(status: status, fields: fields.map { .init($0.0, $0.1) }, body: Array(body.utf8))
        return operation.outcome(of: reply, to: TranslationFixture.call([:], session: "T"))
    }

    func fault(_ outcome: ReplyOutcome) -> AdapterFault? {
        if case .failed(let fault) = outcome { fault } else { nil }
    }

    @Test("a condition on the status alone is asked, though the body is a page", arguments: [401])
    func expired(status: Int) throws {
        guard case .sessionExpired = try outcome(Self.page, status: status) else {
            Issue.record("not expired")
            return
        }
    }

    @Test("one on the status and the header too, under any status, in the order of the table")
    func others() throws {
        #expect(fault(try outcome(Self.page, status: 200, fields: [("X-Refused", "key")]))?.code == .upstreamCredential)
        #expect(fault(try outcome(Self.page, status: 503))?.code == .upstreamUnavailable)
        #expect(fault(try outcome(Self.page, status: 503))?.detail == "the department says that it cannot answer now")
    }

    @Test("one that depends on the body is not: what is missing in no body is no sign of anything")
    func dependent() throws {
        let fault = fault(try outcome(Self.page, status: 200))
        #expect(fault?.code == .upstreamBadReply)
        #expect(fault?.detail.hasPrefix("expected JSON, found a page of markup") == true)
    }

    @Test("a document inside that is none is no reason to overlook the status")
    func inside() throws {
        let yaml = """
            operations:
              cases.get:
                rest: { path: /a }
                reply:
                  unwrap: { at: $.data, as: xml }
                  unavailable: "$.http.headers['x-busy'] == '1'"
                  success: "$.R.code == 0"
                  fields: { caseNo: $.R.no }
            """
        #expect(fault(try outcome("{}", status: 200, fields: [("X-Busy", "1")], yaml: yaml))?.code == .upstreamUnavailable)
        #expect(fault(try outcome("{}", status: 200, yaml: yaml))?.code == .upstreamBadReply)
    }

    @Test(
        "the other spellings of $.http count too", arguments: ["$['http'].status", "$.http['status']", "$[\\\"http\\\"][\\\"status\\\"]"])
    func spellings(path: String) throws {
        let yaml = """
            operations:
              cases.get:
                rest: { path: /a }
                reply: { success: "$.code == 0", not-found: "\(path) == 410", fields: { caseNo: $.no } }
            """
        #expect(fault(try outcome(Self.page, status: 410, yaml: yaml))?.code == .notFound)
    }

    @Test(
        "no body is due where HTTP says so, or success asks for no more than the status",
        arguments: [("http", 204, true), ("\"$.http.status == 201\"", 201, true), ("http", 200, false), ("\"$.code == 0\"", 204, false)])
    func noContent(success: String, status: Int, isAnswer: Bool) throws {
        let yaml = """
            operations:
              cases.get:
                rest: { path: /a }
                reply: { success: \(success), fields: { caseNo: { call: $.caseNo }, status: { const: withdrawn } } }
            """
        switch try outcome("", status: status, yaml: yaml) {
        case .answer(let value): #expect(isAnswer && value == ["status": "withdrawn"])
        case .failed(let fault): #expect(!isAnswer && fault.code == .upstreamBadReply)
        case .sessionExpired, .pending: Issue.record("no session was asked about")
        }
    }

    @Test("what an expression comes to when only one member is known")
    func outcomes() throws {
        let root: Value = ["http": ["status": 503, "headers": ["retry-after": "3"]]]
        func outcome(_ text: String) throws -> Bool? { try Predicate(text, loose: true).outcome(on: root, knowingOnly: "http") }
        #expect(try outcome("$.http.status == 503") == true)
        #expect(try outcome("$.http.status != 503") == false)
        #expect(try outcome("$.http.status == 503 || $.code == 1") == true)
        #expect(try outcome("$.http.status == 503 && $.code == 1") == nil)
        #expect(try outcome("$.http.status == 200 && $.code == 1") == false)
        #expect(try outcome("!($.code == 1)") == nil)
        #expect(try outcome("!($.http.status == 200)") == true)
        #expect(try outcome("$.http.headers['retry-after']") == true)
        #expect(try outcome("match($.http.headers['retry-after'], '[0-9]+')") == true)
        #expect(try outcome("$.http.status == $.code") == nil)
        #expect(try outcome("count($..code) == 0") == nil)
        #expect(try outcome("$.http[?@ == $.code]") == nil)
        #expect(try outcome("1 == 1") == true)
    }
}
