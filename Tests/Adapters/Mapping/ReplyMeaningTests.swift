import Testing

@testable import Adapters

@Suite("What a reply means")
struct ReplyMeaningTests {
    private func operation(_ reply: String) throws -> OperationAdapter {
        try TranslationFixture("operations:\n  cases.get:\n    rest: { path: /a }\n    reply: { \(reply) }").operation("cases.get")
    }

    private func outcome(
        _ reply: String, _ body: String, status: Int = 200, fields: [(String, String)] = [], input: Value = [:]
    ) throws -> ReplyOutcome {
        try outcome(reply, bytes: Array(body.utf8), status: status, fields: fields, input: input)
    }

    private func outcome(
        _ reply: String, bytes: [UInt8], status: Int = 200, fields: [(String, String)] = [], input: Value = [:]
    ) throws -> ReplyOutcome {
        let reply = try (operation(reply), DepartmentReply(status: status, fields: fields.map { .init($0.0, $0.1) }, body: bytes))
        return reply.0.outcome(of: reply.1, to: TranslationFixture.call(input))
    }

    private func fault(_ outcome: ReplyOutcome) -> AdapterFault? { if case .failed(let fault) = outcome { fault } else { nil } }

    private func answer(_ outcome: ReplyOutcome) -> Value? { if case .answer(let value) = outcome { value } else { nil } }

    @Test("a document inside is opened when its condition holds, and a failure's plain words stay words")
    func condition() throws {
        let reply = """
            unwrap: { at: $.result, as: json, in-place: true, when: "$.success == true" },
            success: "$.success == true", failure: { code: $.code, message: $.result }, fields: { x: $.result.no }
            """
        #expect(answer(try outcome(reply, #"{"success":true,"result":"{\"no\":\"7\"}"}"#)) == ["x": "7"])
        let refused = fault(try outcome(reply, #"{"success":false,"code":"E1","result":"参数错误"}"#))
        #expect(refused?.code == .upstreamRejected && refused?.upstreamCode == "E1" && refused?.upstreamMessage == "参数错误")
        #expect(fault(try outcome(reply, #"{"success":true,"result":"参数错误"}"#))?.code == .upstreamBadReply)
    }

    @Test("records of several kinds in one list are opened each in its own way, however many there are")
    func kinds() throws {
        let reply = #"""
            as: delimited, delimited: { widths: { lx: 2, nr: 9 }, first: { lx: 1, ts: { width: 4, left: "0" } } },
            unwrap: [
              { at: "$[*].nr", as: delimited, delimited: { widths: { xm: 6, hj: 3 } }, when: "@.lx == 'D1'", in-place: true },
              { at: "$[*].nr", as: delimited, delimited: { widths: { je: { width: 9, left: "0" } } }, when: "@.lx == 'D2'", in-place: true } ],
            success: "$[0].lx == 'H'", expect: "$[0].ts == count($[?@.lx])",
            fields: { names: { all: "$[?@.lx == 'D1'].nr[0].xm" }, sum: { all: "$[?@.lx == 'D2'].nr[0].je", sum: true } }
            """#
        let body = "H0005\nD1张三abc\nD2000000120\nD1李四d\nD2000000003\n"
        #expect(answer(try outcome(reply, body)) == ["names": ["张三", "李四"], "sum": "123"])
        #expect(answer(try outcome(reply, "H0002\nD2000000007\n")) == ["sum": "7"])
    }

    @Test("the department's own word on when to come again reaches the caller, and nothing that nobody would wait for")
    func wait() throws {
        let reply = """
            unavailable: "$.code == 429", success: "$.code == 0", failure: { code: $.code, retry-after: $.wait }, fields: { x: $.no }
            """
        func wait(_ body: String, status: Int = 200, _ header: String? = nil) throws -> Int64? {
            let fields = header.map { [("Retry-After", $0)] } ?? []
            let found = fault(try outcome(reply, body, status: status, fields: fields))
            #expect(found?.code == .upstreamUnavailable)
            return found?.retryAfter
        }
        #expect(try wait(#"{"code":429,"wait":30}"#) == 30)
        #expect(try wait(#"{"code":429,"wait":"0"}"#) == 1)
        #expect(try wait(#"{"code":429}"#, "17") == 17)
        #expect(try wait("{}", status: 503, " 20 ") == 20)
        #expect(try wait("<html>", status: 429, "9") == 9)
        for word in ["-1", "86401", "99999999999999999999", "Mon, 30 Nov 2026 00:00:00 GMT", ""] {
            #expect(try wait(#"{"code":429,"wait":"\#(word)"}"#, word) == nil, "\(word)")
        }
        #expect(fault(try outcome(reply, #"{"code":1,"wait":30}"#))?.retryAfter == nil)
    }

    @Test("what belongs to the request, or has another place beside $.http, is found when the file is loaded")
    func roots() {
        let step = "steps: { job: { rest: { path: /j }, reply: { success: http, fields: { id: $.id } } } }, let: { k: { uuid: plain } }"
        func problems(_ reply: String) -> [String] {
            TranslationFixture("operations: { cases.get: { \(step), rest: { path: /a }, reply: { \(reply) } } }").problems.map(\.message)
        }
        #expect(
            problems("success: \"$.a == $.let.k\", fields: { x: $.steps.job.id }").map { String($0.prefix(34)) } == [
                "'k' is made under 'let' for the re", "in a reply $.steps.job can only be",
            ])
        #expect(problems("success: http, fields: { x: $.steps.other, y: { call: $.steps.job.id } }") == [])
        #expect(
            problems("success: \"$[0].a == $.http.status\", fields: { x: \"$[1].b\", y: $.http.status }").allSatisfy {
                $0.contains("stands at $.body here")
            })
        #expect(problems("success: \"$[0].a\", fields: { x: \"$[1].b\", y: $.http.status }").count == 2)
        #expect(problems("success: \"$[0].a\", fields: { x: \"$[1].b\" }") == [])
        #expect(problems("success: \"$.a == '$[0]' && $.http.status == 200\", fields: { x: \"$['a[0]'].b\" }") == [])
    }

    @Test("what stands around a document that cannot be opened in place is asked for a verdict")
    func around() throws {
        let reply = """
            as: xml, unwrap: { at: $.R.D, as: xml, in: [gzip, base64], in-place: true }, not-found: "$.R.S == 'E404'",
            success: "$.R.S == '0'", fields: { x: $.R.D.Q.n }
            """
        #expect(fault(try outcome(reply, "<R><S>E404</S><D>无数据</D></R>"))?.code == .notFound)
        #expect(fault(try outcome(reply, "<R><S>0</S><D>无数据</D></R>"))?.code == .upstreamBadReply)
    }

    @Test("a refusal under any status is one where the file says so")
    func rejected() throws {
        let reply = """
            rejected: "$.http.status == 500 && $.code", success: "$.http.status == 200", failure: { code: $.code, message: $.msg },
            fields: { x: $.no }
            """
        let refused = fault(try outcome(reply, #"{"code":"B7","msg":"材料不全"}"#, status: 500))
        #expect(refused?.code == .upstreamRejected && refused?.upstreamCode == "B7" && refused?.upstreamMessage == "材料不全")
        #expect(fault(try outcome(reply, "{}", status: 500))?.code == .upstreamBadReply)
    }

    @Test("'not yet' is no answer and no failure, and verdicts come first")
    func pending() throws {
        let reply = """
            pending: { when: "$.state == 1", every: 200ms, within: 1s }, not-found: "$.none", success: "$.state == 2",
            failure: { code: $.state }, fields: { x: $.no }
            """
        guard case .pending = try outcome(reply, #"{"state":1}"#) else {
            Issue.record("decided")
            return
        }
        #expect(fault(try outcome(reply, #"{"state":1,"none":1}"#))?.code == .notFound)
        #expect(answer(try outcome(reply, #"{"state":2,"no":"5"}"#)) == ["x": "5"])
        #expect(fault(try outcome(reply, #"{"state":3}"#))?.code == .upstreamRejected)
    }

    @Test("conditions and paths see the call, also behind an opened document; a department's own 'call' stays its own")
    func call() throws {
        let plain = #"success: "$.no == $.call.caseNo", fields: { x: $.call.caseNo }"#
        #expect(answer(try outcome(plain, #"{"no":"5"}"#, input: ["caseNo": "5"])) == ["x": "5"])
        #expect(fault(try outcome(plain, #"{"no":"6"}"#, input: ["caseNo": "5"]))?.code == .upstreamRejected)
        let inside = #"unwrap: { at: $.d, as: json }, success: http, expect: "$.no == $.call.caseNo", fields: { x: $.no }"#
        #expect(answer(try outcome(inside, #"{"d":"{\"no\":\"5\"}"}"#, input: ["caseNo": "5"])) == ["x": "5"])
        #expect(fault(try outcome(inside, #"{"d":"{\"no\":\"6\"}"}"#, input: ["caseNo": "5"]))?.code == .upstreamBadReply)
        let own = "success: http, fields: { x: $.call.line }"
        #expect(answer(try outcome(own, #"{"call":{"line":"3"}}"#, input: ["caseNo": "5"])) == ["x": "3"])
    }

    @Test("a status line with fewer cells is read, one with more is not")
    func statusLine() throws {
        let reply = #"""
            as: delimited, delimited: { separator: "|", first: [dm, xx, zs], columns: [bh, xm] }, expired: "$[0].dm == '1003'",
            success: "$[0].dm == '0000'", failure: { code: "$[0].dm", message: "$[0].xx" }, fields: { x: "$[1].xm" }
            """#
        #expect(answer(try outcome(reply, "0000|OK|1\n7|张三\n")) == ["x": "张三"])
        #expect(fault(try outcome(reply, "1003|会话失效\n"))?.code == .upstreamCredential)
        #expect(fault(try outcome(reply, "E9|坏了"))?.upstreamMessage == "坏了")
        #expect(fault(try outcome(reply, "0000|OK|1|2\n"))?.code == .upstreamBadReply)
        #expect(fault(try outcome(reply, "0000|OK|1\n7\n"))?.code == .upstreamBadReply)
    }

    @Test("a compressed reply is expanded; one that says so and is not, or is compressed otherwise, is named")
    func compressed() throws {
        let bytes = try Compression.compress(Array(#"{"no":"5"}"#.utf8), .gzip)
        let reply = "success: http, fields: { x: $.no }"
        #expect(answer(try outcome(reply, bytes: bytes, fields: [("content-encoding", "gzip")])) == ["x": "5"])
        let twice = try Compression.compress(bytes, .zlib)
        #expect(answer(try outcome(reply, bytes: twice, fields: [("Content-Encoding", "gzip, deflate")])) == ["x": "5"])
        #expect(
            fault(try outcome(reply, #"{"no":"5"}"#, fields: [("Content-Encoding", "gzip")]))?.detail.contains("compressed as gzip") == true
        )
        #expect(fault(try outcome(reply, bytes: bytes, fields: [("Content-Encoding", "br")]))?.code == .upstreamBadReply)
        let thrice = fault(try outcome(reply, bytes: bytes, fields: [("Content-Encoding", "gzip, gzip, gzip")]))
        #expect(thrice?.detail == "the reply is compressed more than twice")
    }

    @Test("of several formats a reply has the one that it begins like")
    func formats() throws {
        let reply = #"as: [form, json], success: "$.code == 0", failure: { code: [$.rtnCode, $.code] }, fields: { x: $.no }"#
        #expect(answer(try outcome(reply, "code=0&no=5")) == ["x": "5"])
        #expect(fault(try outcome(reply, #" {"rtnCode":"E901"}"#))?.upstreamCode == "E901")
        #expect(
            TranslationFixture("operations: { cases.get: { rest: { path: /a }, reply: { as: [json, form], success: http, fields: {} } } }")
                .problems.map(\.rule) == ["wrong-value"])
    }

    @Test("an XML declaration is believed where the file says so, and Content-Type otherwise")
    func declared() throws {
        let gbk = try Charset.gbk.encode("<?xml version='1.0' encoding='GBK'?><R><n>张三</n></R>")
        let fields = [("Content-Type", "text/xml; charset=utf-8")]
        let reply = "as: xml, success: http, fields: { x: $.R.n }"
        #expect(fault(try outcome(reply, bytes: gbk, fields: fields))?.code == .upstreamBadReply)
        #expect(answer(try outcome("encoding: declared, " + reply, bytes: gbk, fields: fields)) == ["x": "张三"])
        #expect(answer(try outcome("encoding: declared, " + reply, "<R><n>张三</n></R>", fields: fields)) == ["x": "张三"])
    }

    @Test("a list that is null or an empty element is there and empty; one that is not there is not")
    func lists() throws {
        let rows = "success: http, fields: { items: { each: $.rows, fields: { step: \"@.a\" } } }"
        #expect(answer(try outcome(rows, #"{"rows":null}"#)) == ["items": []])
        #expect(answer(try outcome(rows, "{}")) == [:])
        #expect(answer(try outcome(rows, #"{"rows":[{"a":"x"},{"b":"y"},null,{}]}"#)) == ["items": [["step": "x"], [:]]])
        let xml = "as: xml, success: http, fields: { items: { each: $.R.l, fields: { step: \"@.a\" } } }"
        #expect(answer(try outcome(xml, "<R><l/></R>")) == ["items": []])
    }
}
