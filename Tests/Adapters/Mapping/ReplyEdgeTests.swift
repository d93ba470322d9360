import Testing

@testable import Adapters

/// Replies that departments really send, and that look like others.
@Suite("Replies at the edge of what a file says")
struct ReplyEdgeTests {
    private func outcome(
        _ reply: String, _ body: String, status: Int = 200, type: String = "application/json", input: Value = [:]
    ) throws -> String {
        let fixture = TranslationFixture("operations:\n  cases.get:\n    rest: { path: /a }\n    reply: { \(reply) }")
        let reply = DepartmentReply(status: status, fields: [.init("Content-Type", type)], body: Array(body.utf8))
        switch try fixture.operation("cases.get").outcome(of: reply, to: TranslationFixture.call(input)) {
        case .answer(let value): return String(decoding: JSONCodec.encode(value), as: UTF8.self)
        case .failed(let fault):
            return [fault.code.rawValue, fault.upstreamCode, fault.upstreamMessage].compactMap { $0 }.joined(separator: " ")
        case .sessionExpired: return "expired"
        case .pending: return "pending"
        }
    }

    @Test("'not yet' may be said by the status alone, with or without a body")
    func pending() throws {
        let reply = #"pending: { when: "$.http.status == 202" }, success: "$.code == 0", failure: { code: $.code }, fields: { x: $.no }"#
        #expect(try outcome(reply, "", status: 202) == "pending")
        #expect(try outcome(reply, #"{"a":1}"#, status: 202) == "pending")
        #expect(try outcome(reply, #"{"code":0,"no":"7"}"#) == #"{"x":"7"}"#)
        #expect(try outcome(reply, #"{"code":5}"#) == "UPSTREAM_REJECTED 5")
    }

    @Test("a status outside 2xx is a success only where 'success' itself looks at HTTP")
    func status() throws {
        let header = #"success: "$.code == 0", expired: "$.http.status == 302", fields: { x: "$.http.headers['x-a']" }"#
        #expect(try outcome(header, #"{"code":0}"#, status: 500) == "UPSTREAM_BAD_REPLY")
        let looking = #"success: "$.code == 0 && $.http.status != 404", fields: { x: $.no }"#
        #expect(try outcome(looking, #"{"code":0,"no":"7"}"#, status: 500) == #"{"x":"7"}"#)
    }

    @Test("text under the type of a page is text, a page is none, and 'html' reads pages")
    func pages() throws {
        let text = #"as: text, success: "$ != ''", fields: { x: { from: $, split: "|", pick: 1 } }"#
        #expect(try outcome(text, "成功|1200", type: "text/html; charset=utf-8") == #"{"x":"1200"}"#)
        #expect(try outcome(text, "<html>a|b</html>", type: "text/html") == "UPSTREAM_BAD_REPLY")
        let page = #"as: html, success: "search($, 'token=')", fields: { x: { from: $, between: { start: "token='", end: "'" } } }"#
        #expect(try outcome(page, "<p>token='T1'</p>", type: "text/html") == #"{"x":"T1"}"#)
        let code =
            #"as: html, duplicate: "search($, 'E1002')", success: "search($, 'OK')", failure: { code: { from: $, between: { start: "<b>", end: "</b>" } } }, fields: {}"#
        #expect(try outcome(code, "<b>E1002</b>", type: "text/html") == "DUPLICATE E1002")
        #expect(try outcome(code, "<b>E7</b>", type: "text/html") == "UPSTREAM_REJECTED E7")
    }

    @Test("JSONP is JSON with something around it")
    func jsonp() throws {
        let reply =
            #"as: text, unwrap: { at: $, as: json, in: [{ around: { start: "cb(", end: ");" } }] }, success: "$.ok == 1", fields: { x: $.v }"#
        #expect(try outcome(reply, "\u{FEFF} cb({\"ok\":1,\"v\":\"a);\"});\n", type: "text/javascript") == #"{"x":"a);"}"#)
        #expect(try outcome(reply, #"other({"ok":1});"#, type: "text/javascript") == "UPSTREAM_BAD_REPLY")
    }

    @Test("an element that is there once is a list where the file says that its name is one")
    func lists() throws {
        let reply =
            #"as: xml, lists: [T], success: "$.D.T[0].s == 'a'", fields: { n: { count: "$.D.T[*]" }, x: { all: "$.D.T[*].s", pick: -1 } }"#
        #expect(try outcome(reply, "<D><T><s>a</s><u>1</u></T></D>", type: "text/xml") == #"{"n":1,"x":"a"}"#)
        #expect(try outcome(reply, "<D><T><s>a</s></T><T><s>b</s></T></D>", type: "text/xml") == #"{"n":2,"x":"b"}"#)
    }

    @Test("what XML Schema says of a text is no part of it")
    func schemaAttributes() throws {
        let xsi = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
        let reply = #"as: xml, success: http, fields: { x: $.R.no, y: $.R.e }"#
        let body = "<R \(xsi)><no xsi:type=\"xsd:string\">12</no><e xsi:type=\"xsd:string\"/></R>"
        #expect(try outcome(reply, body, type: "text/xml") == #"{"x":"12"}"#)
        let kind = #"as: xml, success: http, fields: { x: "$.R['@type']", y: "$.R.no['#text']" }"#
        let others = "<R \(xsi) xsi:type='t'><no xsi:type='xsd:string' id='1'>12</no></R>"
        #expect(try outcome(kind, others, type: "text/xml") == #"{"x":"t","y":"12"}"#)
    }

    @Test("nothing is no item, whatever constants an item gets")
    func items() throws {
        let reply = #"success: http, fields: { l: { each: $.l, fields: { s: "@.s", u: { const: 处 } } } }"#
        #expect(try outcome(reply, #"{"l":[null,{"s":"a"},{},""," "]}"#) == #"{"l":[{"s":"a","u":"处"}]}"#)
    }

    @Test("rows behind a header row are rows")
    func rows() throws {
        let reply = #"success: http, fields: { l: { each: "$.l[1:]", columns: [s, t], fields: { s: "@.s", t: "@.t" } } }"#
        #expect(try outcome(reply, #"{"l":[["zt","sj"],["1","x"],["2","y"]]}"#) == #"{"l":[{"s":"1","t":"x"},{"s":"2","t":"y"}]}"#)
    }

    @Test("null is nothing where a condition asks whether something is there")
    func null() throws {
        let reply = #"success: "$.result", failure: { code: $.error.code }, fields: { x: $.result.no }"#
        #expect(try outcome(reply, #"{"result":null,"error":{"code":-32602}}"#) == "UPSTREAM_REJECTED -32602")
        #expect(try outcome(reply, #"{"result":{"no":"7"},"error":null}"#) == #"{"x":"7"}"#)
    }

    @Test("a number keeps the digits that it was written with")
    func digits() throws {
        #expect(
            try outcome(#"success: http, fields: { v: { from: $.v, as: string }, n: $.v }"#, #"{"v":1.10}"#) == #"{"v":"1.10","n":1.10}"#)
    }

    @Test("a whole number is one however many zeros stand behind its point")
    func wholeNumbers() throws {
        #expect(try outcome("success: http, fields: { n: { from: $.n, as: integer } }", #"{"n":20.00}"#) == #"{"n":20}"#)
    }

    @Test("what is no time is no date: fourteen digits are no milliseconds, but a licence may never end")
    func milliseconds() throws {
        let reply = "success: http, fields: { x: { from: $.d, date: [yyyyMMddHHmmss, ms] } }"
        #expect(try outcome(reply, #"{"d":"20261301000000"}"#) == "UPSTREAM_BAD_REPLY")
        #expect(try outcome(reply, #"{"d":253402185600000}"#) == #"{"x":"9999-12-31T00:00:00+08:00"}"#)
        #expect(try outcome(reply, #"{"d":1764374400000}"#) == #"{"x":"2025-11-29T08:00:00+08:00"}"#)
    }

    @Test("an amount in fen has no decimals")
    func fen() throws {
        #expect(try outcome("success: http, fields: { x: { from: $.f, money: fen-to-yuan } }", #"{"f":"1.5"}"#) == "UPSTREAM_BAD_REPLY")
    }
}
