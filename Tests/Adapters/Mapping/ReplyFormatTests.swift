import Testing

@testable import Adapters

@Suite("Formats of a reply")
struct ReplyFormatTests {
    func outcome(_ reply: String, _ body: [UInt8], type: String = "") throws -> ReplyOutcome {
        let operation = try TranslationFixture("operations:\n  cases.get:\n    rest: { path: /a }\n    reply: { \(reply) }").operation(
            "cases.get")
        return operation.outcome(
            of: DepartmentReply(status: 200, fields: [.init("Content-Type", type)], body: body), to: TranslationFixture.call([:]))
    }

    func answer(_ reply: String, _ body: [UInt8], type: String = "") throws -> Value {
        switch try outcome(reply, body, type: type) {
        case .answer(let value): return value
        case .failed(let fault): throw fault
        case .sessionExpired: throw AdapterFault(.upstreamCredential, "expired")
        case .pending: throw AdapterFault(.upstreamTimeout, "pending")
        }
    }

    @Test("delimited rows become a list of objects")
    func delimited() throws {
        let reply =
            "as: delimited, delimited: { separator: \"|\", columns: [bh, xm] }, success: http, fields: { items: { each: $, fields: { no: \"@.bh\", name: \"@.xm\" } } }"
        #expect(try answer(reply, Array("1|张三\n2|李四\n".utf8)) == ["items": [["no": "1", "name": "张三"], ["no": "2", "name": "李四"]]])
        #expect(try answer(reply, []) == ["items": []])
        guard case .failed(let fault) = try outcome(reply, Array("1|2|3".utf8)) else {
            Issue.record("read")
            return
        }
        #expect(fault.code == .upstreamBadReply && fault.detail.contains("row 1 has 3 cells, and there are 2 columns"))
    }

    @Test(
        "a page of markup is no delimited text, no text and no XML, even where it is well-formed",
        arguments: [("delimited", "<html>"), ("text", "<html>"), ("xml", "<HTML><body>busy</body></HTML>")])
    func markup(format: String, page: String) throws {
        let outcome = try outcome("as: \(format), success: http, fields: { x: $ }", Array(page.utf8), type: "text/html; charset=GBK")
        guard case .failed(let fault) = outcome else {
            Issue.record("read")
            return
        }
        #expect(fault.code == .upstreamBadReply && fault.detail.contains("found a page of markup"))
    }

    @Test("a text is the whole body, in its charset")
    func text() throws {
        let reply = "as: text, success: \"$ == '成功'\", failure: { message: $ }, fields: { x: $ }"
        #expect(try answer(reply, [0xB3, 0xC9, 0xB9, 0xA6], type: "text/plain; charset=GBK") == ["x": "成功"])
        guard case .failed(let fault) = try outcome(reply, Array("失败".utf8)) else {
            Issue.record("read")
            return
        }
        #expect(fault.code == .upstreamRejected && fault.upstreamMessage == "失败")
    }

    @Test("xsi:nil is no value, one element or many are a list, attributes and CDATA are read")
    func xml() throws {
        let reply =
            "as: xml, success: http, fields: { a: $.R.a, l: { each: $.R.l, value: \"@\" }, m: { each: $.R.m, fields: { k: \"@['@k']\", t: \"@['#text']\" } } }"
        let one = "<R xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><a i:nil='true'/><l>1</l><m k='x'><![CDATA[<t>]]></m></R>"
        #expect(try answer(reply, Array(one.utf8)) == ["l": ["1"], "m": [["k": "x", "t": "<t>"]]])
        let many = "<R><a>v</a><l>1</l><l>2</l><m k='x'>t</m><m k='y'/></R>"
        #expect(try answer(reply, Array(many.utf8)) == ["a": "v", "l": ["1", "2"], "m": [["k": "x", "t": "t"], ["k": "y"]]])
    }

    @Test("elements and attributes of a declared namespace have its prefix, whatever theirs is")
    func namespaces() throws {
        let reply =
            "as: xml, namespaces: { b: \"urn:b\" }, success: http, fields: { own: \"$.R['b:N']\", other: $.R.N, at: \"$.R['@b:k']\", list: { each: \"$.R['b:L']\", value: \"@\" } }"
        let text = "<R xmlns='urn:a' xmlns:q='urn:b' q:k='1' k='2'><N>a</N><q:N>b</q:N><q:L>1</q:L><L>no</L><L xmlns='urn:b'>2</L></R>"
        #expect(try answer(reply, Array(text.utf8)) == ["own": "b", "other": "a", "at": "1", "list": ["1", "2"]])
        let again = "<R xmlns='urn:a' k='2'><N>a</N></R>"
        #expect(try answer(reply, Array(again.utf8)) == ["other": "a"])
        let plain = "as: xml, success: http, fields: { n: $.R.N }"
        #expect(try answer(plain, Array(text.utf8)) == ["n": ["a", "b"]])
    }

    @Test("charsets come from the header, the declaration, or the file, in that order of weakness")
    func charsets() throws {
        let reply = { (more: String) in "as: xml, \(more) success: http, fields: { n: $.R }" }
        for (name, text) in [("GBK", "张三"), ("GB2312", "张三"), ("GB18030", "𠮷䶮"), ("Big5", "張三"), ("UTF-8", "𠮷")] {
            let charset = try #require(Charset(named: name))
            let declared = try charset.encode("<?xml version=\"1.0\" encoding=\"\(name)\"?><R>\(text)</R>")
            let silent = try charset.encode("<R>\(text)</R>")
            #expect(try answer(reply(""), declared) == ["n": .string(text)])
            #expect(try answer(reply(""), silent, type: "text/xml; charset=\(name)") == ["n": .string(text)])
            #expect(try answer(reply("encoding: \(name),"), silent, type: "text/xml; charset=ISO-8859-1") == ["n": .string(text)])
            let json = try charset.encode("{\"R\":\"\(text)\"}")
            #expect(try answer("success: http, fields: { n: $.R }", json, type: "application/json;charset=\(name)") == ["n": .string(text)])
        }
    }

    @Test("what is not in the charset is refused with its offset, or replaced where the file says so")
    func invalid() throws {
        let bad: [UInt8] = Array("{\"n\":\"".utf8) + [0xD5, 0xC5, 0xFF, 0xFF] + Array("\"}".utf8)
        guard case .failed(let fault) = try outcome("encoding: GB18030, success: http, fields: { n: $.n }", bad) else {
            Issue.record("read")
            return
        }
        #expect(fault.code == .upstreamBadReply && fault.detail.contains("(byte 8)"), "\(fault)")
        let replace = "encoding: GB18030, invalid: replace, success: http, fields: { n: $.n }"
        #expect(try answer(replace, bad) == ["n": "张\u{FFFD}\u{FFFD}"])
        let xml: [UInt8] = Array("<?xml version='1.0' encoding='GBK'?><R>".utf8) + [0xD5, 0xC5, 0xFF] + Array("</R>".utf8)
        #expect(try answer("as: xml, invalid: replace, success: http, fields: { n: $.R }", xml) == ["n": "张\u{FFFD}"])
        #expect(
            try answer("as: form, invalid: replace, encoding: GBK, success: http, fields: { n: $.a }", Array("a=%D5%C5%FF".utf8)) == [
                "n": "张\u{FFFD}"
            ])
        #expect(
            try answer(
                "as: json, invalid: replace, success: http, fields: { n: $.a }", Array("{\"a\":\"".utf8) + [0xFF] + Array("\"}".utf8)) == [
                    "n": "\u{FFFD}"
                ])
    }

    @Test("fields whose names have a varying suffix are found by how they begin, in documents inside too")
    func prefixes() throws {
        let reply =
            "prefixes: { SXBM_: code, SQ_: by, SQ_MC_: name }, unwrap: { at: $.d.doc, as: json, in-place: true }, success: http, fields: { code: $.d.code, name: $.d.name, by: $.d.by, inner: $.d.doc.code }"
        let body = #"{"d":{"SXBM_a8f3":"1","SQ_MC_77":"张三","SQ_1":"x","doc":"{\"SXBM_zz\":\"2\"}"}}"#
        #expect(try answer(reply, Array(body.utf8)) == ["code": "1", "name": "张三", "by": "x", "inner": "2"])
        let twice = #"{"d":{"SXBM_a":"1","SXBM_b":"2"}}"#
        #expect(try answer(reply, Array(twice.utf8)) == ["code": ["1", "2"]])
    }

    @Test("rows are positional: to a list in the file, or to one in the reply")
    func rows() throws {
        let body = #"{"names":["xm","lx"],"rows":[["张三","01"],["李四",null]],"one":{"xm":"王五","lx":"03"}}"#
        let fields = "fields: { name: \"@.xm\", type: \"@.lx\" }"
        for columns in ["[xm, lx]", "$.names"] {
            let reply = "success: http, fields: { items: { each: [$.rows, $.one], columns: \(columns), \(fields) } }"
            let expected: Value = [["name": "张三", "type": "01"], ["name": "李四"], ["name": "王五", "type": "03"]]
            #expect(try answer(reply, Array(body.utf8)) == ["items": expected])
        }
        let reply = "success: http, fields: { items: { each: $.rows, columns: [xm], fields: { name: \"@.xm\" } } }"
        guard case .failed(let fault) = try outcome(reply, Array(body.utf8)) else {
            Issue.record("read")
            return
        }
        #expect(
            fault.code == .upstreamBadReply && fault.detail.hasSuffix("expected 1 cells at $.rows[*], found 2"), "\(fault.detail)")
    }
}
