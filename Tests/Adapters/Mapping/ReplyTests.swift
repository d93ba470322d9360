import Testing

@testable import Adapters

@Suite("What a reply means")
struct ReplyTests {
    /// An operation that asks with a session and reads a reply with every predicate.
    static let department = """
        login: { rest: { path: /l }, reply: { success: http, token: $.t } }
        operations:
          cases.get:
            rest: { path: /a }
            headers: { X-Token: { session: token } }
            reply:
              success: "$.code == 0"
              expired: "$.code == 401"
              credential: "$.code == 402"
              not-found: "$.code == 404"
              duplicate: "$.code == 3"
              conflict: "$.code == 4"
              unavailable: "$.code == 5"
              failure: { code: [$.errno, $.code], message: $.msg }
              fields: { caseNo: { from: $.data.no, required: true } }
        """

    func outcome(
        _ body: String, status: Int = 200, type: String = "application/json", yaml: String = department
    ) throws -> ReplyOutcome {
        let operation = try TranslationFixture(yaml).operation("cases.get")
        let reply = DepartmentReply(status: status, fields: [.init("Content-Type", type)], body: Array(body.utf8))
        return operation.outcome(of: reply, to: TranslationFixture.call([:], session: "T"))
    }

    func fault(_ outcome: ReplyOutcome) -> AdapterFault? {
        if case .failed(let fault) = outcome { fault } else { nil }
    }

    @Test("success gives the answer, whether the code is a number or a text", arguments: ["0", "\"0\"", "\"00\""])
    func success(code: String) throws {
        guard case .answer(let value) = try outcome("{\"code\":\(code),\"data\":{\"no\":\"007\"}}") else {
            Issue.record("no answer")
            return
        }
        #expect(value == ["caseNo": "007"])
    }

    @Test(
        "each predicate has its code",
        arguments: [
            ("402", ProblemCode.upstreamCredential), ("404", .notFound), ("3", .duplicate), ("\"4\"", .conflictState),
            ("5", .upstreamUnavailable),
            ("9", .upstreamRejected),
        ])
    func verdicts(code: String, expected: ProblemCode) throws {
        let fault = fault(try outcome("{\"code\":\(code),\"msg\":\"查无此件\"}"))
        #expect(fault?.code == expected)
        #expect(fault?.upstreamCode == code.filter(\.isNumber))
        #expect(fault?.upstreamMessage == "查无此件")
    }

    @Test("an expired session is reported as such, also as HTTP 401", arguments: [200, 401])
    func expired(status: Int) throws {
        guard case .sessionExpired = try outcome(status == 200 ? "{\"code\":401}" : "{\"code\":9}", status: status) else {
            Issue.record("not expired")
            return
        }
    }

    @Test("the department's message is cut at 500 characters, its own code comes from the first path that has one")
    func failureWords() throws {
        let fault = fault(try outcome("{\"code\":9,\"errno\":\"P003\",\"msg\":\"\(String(repeating: "错", count: 600))\"}"))
        #expect(fault?.upstreamCode == "P003")
        #expect(fault?.upstreamMessage == String(repeating: "错", count: 500))
    }

    @Test("neither success nor a failure's code: the reply does not fit")
    func neither() throws {
        let fault = fault(try outcome("{\"other\":1}"))
        #expect(fault?.code == .upstreamBadReply)
        #expect(fault?.detail == "the department's reply is no success, and has no code of a failure at $.errno or $.code")
    }

    @Test("a required field that is missing names its path")
    func missing() throws {
        let fault = fault(try outcome("{\"code\":0,\"data\":{\"name\":\"张三\"}}"))
        #expect(fault?.code == .upstreamBadReply)
        #expect(fault?.detail == "the department's reply does not fit its mapping: expected a value at $.data.no, found nothing there")
    }

    @Test(
        "what is not JSON names what was expected and found, and quotes nothing",
        arguments: [
            ("<html><body>张三 230100199001010016</body></html>", "text/html"), ("{\"code\":0,", "application/json"),
            ("", "application/json"), ("张三", "text/plain"),
            ("null", "application/json"),
        ])
    func unreadable(body: String, type: String) throws {
        let fault = try #require(fault(try outcome(body, type: type)))
        #expect(fault.code == .upstreamBadReply)
        #expect(!fault.detail.contains("张三") && !fault.detail.contains("2301"))
        if type == "text/html" { #expect(fault.detail.hasPrefix("expected JSON, found a page of markup")) }
    }

    @Test(
        "HTTP statuses outside 2xx have a meaning of their own",
        arguments: [
            (503, "down", ProblemCode.upstreamUnavailable), (502, "", .upstreamUnavailable), (403, "{}", .upstreamCredential),
            (500, "{\"code\":1}", .upstreamBadReply),
            (404, "not here", .upstreamBadReply), (400, "{\"code\":9,\"msg\":\"no\"}", .upstreamRejected),
            (500, "{\"code\":404}", .notFound),
            (302, "{}", .upstreamBadReply), (500, "{\"code\":0,\"data\":{\"no\":\"1\"}}", .upstreamBadReply),
        ])
    func statuses(status: Int, body: String, expected: ProblemCode) throws {
        #expect(fault(try outcome(body, status: status))?.code == expected)
    }

    @Test("$.http gives a predicate the status and the headers, whatever the body is")
    func http() throws {
        let yaml = """
            operations:
              cases.get:
                rest: { path: /a }
                reply:
                  success: "$.http.status == 200 && $.http.headers['x-verdict'] == 'ok'"
                  not-found: "$.http.status == 404"
                  fields: { x: $.body, first: "$.body[0]" }
            """
        #expect(fault(try outcome("no such page", status: 404, yaml: yaml))?.code == .notFound)
        let operation = try TranslationFixture(yaml).operation("cases.get")
        let reply = DepartmentReply(status: 200, fields: [.init("X-Verdict", "ok")], body: Array("[1,2]".utf8))
        guard case .answer(let answer) = operation.outcome(of: reply, to: TranslationFixture.call([:])) else {
            Issue.record("no answer")
            return
        }
        #expect(answer == ["x": [1, 2], "first": 1])
    }

    @Test("documents inside fields are unwrapped, to any depth")
    func unwrapped() throws {
        let inner = #"{\"a\":\"eyJiIjoiZGVlcCJ9\"}"#
        let fixture = TranslationFixture(
            answer: "$.b", reply: "unwrap: [{ at: $.d, as: json }, { at: $.a, as: json, in: base64 }],")
        #expect(try fixture.answer("{\"d\":\"\(inner)\"}") == "deep")
        let kept = TranslationFixture(
            answer: "{ concat: [$.code, $.d.a.b] }",
            reply: "unwrap: [{ at: $.d, as: json, in-place: true }, { at: $.d.a, as: json, in: base64, in-place: true }],")
        #expect(try kept.answer("{\"code\":7,\"d\":\"\(inner)\"}") == "7deep")
        #expect(try kept.answer("{\"code\":7,\"d\":\"\"}") == "7")
        let fault = #expect(throws: AdapterFault.self) { try fixture.answer("{\"d\":\"<xml/>\"}") }
        #expect(fault?.code == .upstreamBadReply && fault?.detail.contains("expected JSON as a text at $.d") == true)
        let absent = #expect(throws: AdapterFault.self) { try fixture.answer("{}") }
        #expect(absent?.detail.hasSuffix("expected JSON as a text at $.d, found nothing there") == true)
    }

    @Test("words that mean nothing are absent in every field")
    func absent() throws {
        let fixture = TranslationFixture(
            """
            absent: ["null", "-"]
            operations:
              cases.get:
                rest: { path: /a }
                reply: { success: http, fields: { x: { fields: { a: $.a, b: "$.b", c: { from: $.c, default: none }, d: $.d } } } }
            """)
        #expect(try fixture.answer(#"{"a":"null","b":"-","c":"null","d":"d"}"#) == ["c": "none", "d": "d"])
    }

    @Test("a list is cut by the gateway where the department gives all of it")
    func paging() throws {
        let fixture = TranslationFixture(
            """
            operations:
              items.list:
                rest: { path: /a }
                reply: { success: http, paging: gateway, fields: { items: { each: $.rows, fields: { n: "@.n" } } } }
            """)
        let operation = try fixture.operation("items.list")
        let rows = (1...5).map { "{\"n\":\($0)}" }.joined(separator: ",")
        let reply = DepartmentReply(status: 200, body: Array("{\"rows\":[\(rows)]}".utf8))
        func page(_ page: Int64) -> Value? {
            let outcome = operation.outcome(of: reply, to: TranslationFixture.call(["page": .integer(page), "size": 2]))
            if case .answer(let value) = outcome { return value } else { return nil }
        }
        #expect(page(2) == ["items": [["n": 3], ["n": 4]], "total": 5, "page": 2, "size": 2])
        #expect(page(3)?["items"] == [["n": 5]])
        #expect(page(9)?["items"] == .array([]))
    }

    @Test("an empty list is a list")
    func emptyList() throws {
        let fixture = TranslationFixture(
            """
            operations:
              cases.events:
                rest: { path: /a }
                reply: { success: http, paging: department, fields: { items: { each: $.rows, fields: { n: "@.n" } }, total: $.n } }
            """)
        let reply = DepartmentReply(status: 200, body: Array("{\"rows\":[],\"n\":0}".utf8))
        guard case .answer(let answer) = try fixture.operation("cases.events").outcome(of: reply, to: TranslationFixture.call([:])) else {
            Issue.record("no answer")
            return
        }
        #expect(answer == ["items": .array([]), "total": 0, "page": 1, "size": 20])
        // Where none are counted the list may be left out.
        for total in ["0", "\" 0 \""] {
            let short = DepartmentReply(status: 200, body: Array("{\"n\":\(total)}".utf8))
            guard case .answer(let answer) = try fixture.operation("cases.events").outcome(of: short, to: TranslationFixture.call([:]))
            else {
                Issue.record("no answer")
                return
            }
            #expect(answer["items"] == .array([]))
        }
    }

    @Test("a text where an item is due is no item less", arguments: ["\"abc\"", "[\"abc\"]", "[1, {\"n\": 2}]"])
    func scalarItems(rows: String) throws {
        let made = try ReplyFormatTests().answer(
            "success: http, fields: { items: { each: $.rows, fields: { n: \"@.n\" } } }", Array("{\"rows\":\(rows)}".utf8))
        #expect(made["items"]?.array?.first == .object(Object()))
    }

    @Test("a refusal whose words are promised and not there is none", arguments: ["null", "{}", "{\"msg\":\"\"}"])
    func noWords(body: String) throws {
        let reply = "success: \"$.ok == true\", failure: { message: $.msg }, fields: { x: $.x }"
        guard case .failed(let fault) = try ReplyFormatTests().outcome(reply, Array(body.utf8)) else {
            Issue.record("read")
            return
        }
        #expect(fault.code == .upstreamBadReply)
        #expect(fault.detail == "the department's reply is no success, and has no message of a failure at $.msg")
    }

    @Test("a read's own number is owed where the file says where it stands; a write's is known")
    func ownNumber() throws {
        let fields = "reply: { success: http, fields: { caseNo: $.no, itemCode: $.item, status: { const: accepted } } }"
        func shape(isWrite: Bool) -> OperationShape {
            let number = ContractShape.Field(name: "caseNo", isRequired: true, shape: .scalar(words: nil))
            return OperationShape(input: .object([number], isOpen: true), answer: .any, isWrite: isWrite)
        }
        let fixture = TranslationFixture(
            "operations:\n  cases.get:\n    rest: { path: /a }\n    \(fields)\n  cases.submit:\n    rest: { path: /a }\n    \(fields)",
            shapes: ["cases.get": shape(isWrite: false), "cases.submit": shape(isWrite: true)])
        let reply = DepartmentReply(status: 200, body: Array("{\"rows\":[]}".utf8))
        let call = TranslationFixture.call(["caseNo": "1"])
        guard case .failed(let fault) = try fixture.operation("cases.get").outcome(of: reply, to: call) else {
            Issue.record("an answer")
            return
        }
        #expect(fault.code == .upstreamBadReply)
        guard case .answer = try fixture.operation("cases.submit").outcome(of: reply, to: call) else {
            Issue.record("no answer")
            return
        }
        // A number that nobody asked by may be missing.
        let own = DepartmentReply(status: 200, body: Array("{\"no\":\"1\"}".utf8))
        guard case .answer = try fixture.operation("cases.get").outcome(of: own, to: call) else {
            Issue.record("no answer")
            return
        }
    }

    @Test("one item of a list, by the name of its column, is a single value")
    func picked() throws {
        let fields = "caseNo: { each: $.rows, columns: $.cols, value: \"@.no\", pick: 0 }, status: { const: accepted }"
        let fixture = TranslationFixture(
            "operations:\n  cases.get:\n    rest: { path: /a }\n    reply: { success: http, fields: { \(fields) } }",
            shapes: ["cases.get": BadConfigurationTests.submit])
        #expect(fixture.problems.isEmpty, "\(fixture.problems)")
        let reply = DepartmentReply(status: 200, body: Array("{\"cols\":[\"a\",\"no\"],\"rows\":[[\"x\",\"7\"]]}".utf8))
        guard case .answer(let answer) = try fixture.operation("cases.get").outcome(of: reply, to: TranslationFixture.call([:])) else {
            Issue.record("no answer")
            return
        }
        #expect(answer["caseNo"] == "7")
    }
}
