import Testing

@testable import Adapters

@Suite("A department's push")
struct CallbackTests {
    static let yaml = """
        codes: { status: { "2": accepted, "4": completed } }
        callbacks:
          - id: hrb-progress
            path: /callbacks/hrb
            from: [127.0.0.1]
            receive: { as: form, encoding: GB18030 }
            signature:
              received: $.sign
              expected: { digest: { md5: { concat: [$.sblsh, $.bjzt, { secret: PUSH_SECRET }] }, as: HEX } }
              case: ignore
            event:
              caseNo: $.sblsh
              time: { from: $.sj, date: yyyyMMddHHmmss }
              status: { from: $.bjzt, map: status }
              step: $.hjmc
            key: [$.lsh]
            answer:
              accepted: { code: { const: 0 }, msg: { const: 成功 } }
              refused: { code: { const: 1 }, msg: $.message, reason: $.code }
        """

    private func compile(_ yaml: String) -> (adapter: CallbackAdapter?, problems: [String]) {
        let diagnostics = Diagnostics()
        guard let contract = ContractFixture.contract, let node = Node.read(Array(yaml.utf8), path: "d.yaml", diagnostics),
            let file = Section(node, as: "a department", keys: ["codes", "callbacks"], diagnostics), let list = node["callbacks"],
            let compiler = CallbackCompiler(file, at: list, contract: contract, diagnostics), let item = list.items?.first
        else { return (nil, diagnostics.problems.map(\.description)) }
        let adapter = compiler.compile(item)
        return (adapter, diagnostics.sorted.map(\.description))
    }

    private let call = AdapterCall(
        input: [:], secrets: Secrets(["PUSH_SECRET": "demo"]), moment: CallMoment(epochMilliseconds: 1_764_000_000_000, random: (1, 2)))

    static let caseNo = "11230100MB1A00036M3230125011000202611290001"

    /// A push; `sign` nil signs it rightly.
    private func push(status: String = "2", step: String = "受理", number: String = "77", sign: String? = nil) throws -> CallbackPush {
        let right = Hex.encode(Digest.compute(.md5, Array((Self.caseNo + status + "demo").utf8)), uppercase: true)
        let fields = [
            ("sblsh", Self.caseNo), ("bjzt", status), ("sj", "20261129103000"), ("hjmc", step), ("lsh", number), ("sign", sign ?? right),
        ]
        return CallbackPush(
            fields: [.init("Content-Type", "application/x-www-form-urlencoded")],
            body: try FormCodec.encode(fields, charset: .gb18030))
    }

    private func adapter() throws -> CallbackAdapter {
        let (adapter, problems) = compile(Self.yaml)
        #expect(problems.isEmpty, "\(problems)")
        return try #require(adapter)
    }

    @Test("it becomes the contract's event, typed, whatever its charset")
    func receives() throws {
        let events = try adapter().receive(try push(step: "受理𠮷"), call).events
        #expect(
            events.map(\.value) == [
                ["caseNo": .string(Self.caseNo), "time": "2026-11-29T10:30:00+08:00", "status": "accepted", "step": "受理𠮷"]
            ])
    }

    @Test("it is the same event when it is pushed again, and another when its key is")
    func identity() throws {
        let adapter = try adapter()
        let first = try adapter.receive(try push(), call).events[0].key
        #expect(try adapter.receive(try push(step: "受理（更正）"), call).events[0].key == first)
        #expect(try adapter.receive(try push(number: "78"), call).events[0].key != first)
        let (whole, _) = compile(Self.yaml.replacing("    key: [$.lsh]\n", with: ""))
        let other = try #require(whole)
        #expect(try other.receive(try push(), call).events[0].key == other.receive(try push(number: "78"), call).events[0].key)
        #expect(try other.receive(try push(), call).events[0].key != other.receive(try push(step: "审查"), call).events[0].key)
    }

    @Test(
        "a signature that is missing, wrong, cut or of another content is refused",
        arguments: ["", "00", "E441EFB06EC2AAD25E486A7DB50AD443"])
    func signature(_ sign: String) throws {
        let adapter = try adapter()
        #expect {
            try adapter.receive(try push(sign: sign), call)
        } throws: { ($0 as? AdapterFault)?.code == .badSignature }
    }

    @Test("what does not fit is the department's bad request, and nothing of it is quoted")
    func misfits() throws {
        let adapter = try adapter()
        #expect {
            try adapter.receive(CallbackPush(body: Array("%FF%FF=1&sblsh=%zz".utf8)), call)
        } throws: { ($0 as? AdapterFault)?.code == .badRequest }
        #expect {
            try adapter.receive(try push(status: "9"), call)
        } throws: { ($0 as? AdapterFault)?.code == .invalidField }
    }

    @Test("the department is answered in its own words, for yes and for no")
    func answers() throws {
        let adapter = try adapter()
        let yes = try adapter.receive(try push(), call).answer
        #expect(yes.status == 200)
        #expect(yes.mediaType == "application/json")
        #expect(String(decoding: yes.body, as: UTF8.self) == #"{"code":0,"msg":"成功"}"#)
        let no = try #require(adapter.answer(refusing: AdapterFault(.badSignature, "no"), call))
        #expect(String(decoding: no.body, as: UTF8.self) == #"{"code":1,"msg":"no","reason":"BAD_SIGNATURE"}"#)
    }

    @Test("what it hears when its events are kept may hold what it pushed")
    func echoes() throws {
        let (adapter, problems) = compile(Self.yaml.replacing("msg: { const: 成功 }", with: "lsh: $.lsh"))
        #expect(problems.isEmpty, "\(problems)")
        let echo = try #require(adapter)
        let answer = try echo.receive(try push(number: "4711"), call).answer
        #expect(String(decoding: answer.body, as: UTF8.self) == #"{"code":0,"lsh":"4711"}"#)
    }

    @Test("a push that cannot be answered is refused before anything of it is kept")
    func unanswerable() throws {
        let (adapter, problems) = compile(Self.yaml.replacing("msg: { const: 成功 }", with: "lsh: { from: $.lsh, as: integer }"))
        #expect(problems.isEmpty, "\(problems)")
        let strict = try #require(adapter)
        #expect { try strict.receive(try push(number: "47a"), call) } throws: { ($0 as? AdapterFault)?.code == .badRequest }
        #expect(try strict.receive(try push(number: "47"), call).events.count == 1)
    }

    static let signed = """
        callbacks:
          - id: signed
            path: /c
            receive: { as: form, encoding: GB18030 }
            signing:
              set: [{ parameter: appKey, secret: APP_KEY }, { parameter: timestamp, clock: yyyyMMddHHmmss }]
              charset: GB18030
              parts: [{ form: { order: sorted, empty: skip } }, { literal: "&key=" }, { secret: PUSH_SECRET }]
              algorithm: md5
              output: HEX
              place: { parameter: sign }
            skew: 2m
            event: { caseNo: $.sblsh, time: { from: $.timestamp, date: yyyyMMddHHmmss }, step: $.hjmc }
            answer: { body: text, accepted: { text: { const: ok } } }
        """

    /// A push of the convention; the call's moment is 2025-11-25 00:00:00 in Shanghai.
    private func signedPush(time: String = "20251125000030", key: String = "demo-app", sign: String? = nil) throws -> CallbackPush {
        let text = "appKey=\(key)&hjmc=受理𠮷&sblsh=\(Self.caseNo)&timestamp=\(time)&key=demo"
        let right = Hex.encode(Digest.compute(.md5, try Charset.gb18030.encode(text)), uppercase: true)
        let fields = [
            ("sblsh", Self.caseNo), ("hjmc", "受理𠮷"), ("empty", ""), ("timestamp", time), ("appKey", key), ("sign", sign ?? right),
        ]
        return CallbackPush(
            fields: [.init("Content-Type", "application/x-www-form-urlencoded")], body: try FormCodec.encode(fields, charset: .gb18030))
    }

    @Test("it may be signed by any convention that the department's own requests may be signed by")
    func convention() throws {
        let (compiled, problems) = compile(Self.signed)
        #expect(problems.isEmpty, "\(problems)")
        let adapter = try #require(compiled)
        #expect(Set(adapter.secretNames.map(\.name)) == ["APP_KEY", "PUSH_SECRET"])
        let call = AdapterCall(
            input: [:], secrets: Secrets(["PUSH_SECRET": "demo", "APP_KEY": "demo-app"]),
            moment: CallMoment(epochMilliseconds: 1_764_000_000_000, random: (1, 2)))
        #expect(try adapter.receive(try signedPush(), call).events.map { $0.value["step"] } == ["受理𠮷"])
        let wrong = [
            try signedPush(sign: ""), try signedPush(sign: "E441EFB06EC2AAD25E486A7DB50AD443"), try signedPush(key: "another"),
            try signedPush(time: "20251125000230"), try signedPush(time: "soon"), CallbackPush(body: Array("sblsh=1".utf8)),
        ]
        for push in wrong {
            #expect { try adapter.receive(push, call) } throws: { ($0 as? AdapterFault)?.code == .badSignature }
        }
    }

    @Test("how old a push may be is asked only of a signed one")
    func skew() {
        let (adapter, problems) = compile(Self.yaml.replacing("    key: [$.lsh]", with: "    skew: 5m"))
        #expect(adapter != nil)
        #expect(problems.contains { $0.contains("has no 'signing'") }, "\(problems)")
    }

    @Test("one push may hold many events")
    func list() throws {
        let yaml = """
            callbacks:
              - id: many
                path: /c
                from: [10.0.0.1]
                receive: { as: json }
                each: $.list
                event: { caseNo: "@.no", time: "@.at" }
                answer: { body: text, accepted: { text: { const: success } } }
            """
        let (compiled, problems) = compile(yaml)
        #expect(problems.isEmpty, "\(problems)")
        let adapter = try #require(compiled)
        let body =
            #"{"list":[{"no":"\#(Self.caseNo)","at":"2026-11-29T02:30:00Z"},{"no":"\#(Self.caseNo)","at":"2026-11-29T11:30:00+08:00"}]}"#
        let receipt = try adapter.receive(CallbackPush(body: Array(body.utf8)), call)
        let events = receipt.events
        #expect(events.map { $0.value["time"]?.string } == ["2026-11-29T10:30:00+08:00", "2026-11-29T11:30:00+08:00"])
        #expect(receipt.answer.body == Array("success".utf8))
        #expect(adapter.answer(refusing: AdapterFault(.badRequest, "x"), call) == nil)
    }

    @Test(
        "mistakes are found at their place",
        arguments: [
            ("status: { from", "statu: { from", "did you mean 'status'?"), ("caseNo: $.sblsh", "deptCaseNo: $.sblsh", "requires 'caseNo'"),
            ("as: form", "as: frm", "did you mean 'form'?"), ("received: $.sign", "receive: $.sign", "did you mean 'received'?"),
            ("4\": completed", "4\": complete", "did you mean 'completed'?"),
            ("    key: [$.lsh]", "    ky: [$.lsh]", "did you mean 'key'?"),
        ])
    func mistakes(_ right: String, _ wrong: String, _ words: String) {
        let problems = compile(Self.yaml.replacing(right, with: wrong)).problems
        #expect(problems.contains { $0.hasPrefix("d.yaml:") && $0.contains(words) }, "\(problems)")
    }
}
