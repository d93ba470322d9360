import Testing

@testable import Adapters

@Suite("The calls of an operation, one after the other")
struct CallSequenceTests {
    private let fixture = TranslationFixture(
        """
        login: { rest: { path: /login }, reply: { success: http, token: $.token } }
        operations:
          cases.submit:
            steps:
              salt:
                rest: { path: /salt }
                query: { no: $.caseNo }
                when: "$.channel == 'window'"
                reply: { success: "$.code == 0", failure: { code: $.code, message: $.msg }, fields: { value: $.salt } }
              ticket:
                rest: { path: /ticket }
                headers: { X-Token: { session: token } }
                request: { salt: $.steps.salt.value, no: $.caseNo }
                reply: { success: "$.code == 0", expired: "$.code == 401", fields: { code: $.ticket, until: { fields: { day: $.day } } } }
              reserve:
                rest: { path: /reserve }
                changes: true
                when: "$.steps.ticket.code == 'T1'"
                headers: { X-Token: { session: token } }
                request: { day: $.steps.ticket.until.day }
                reply: { success: http, fields: {} }
            rest: { path: /submit }
            headers: { X-Token: { session: token }, X-Ticket: $.steps.ticket.code }
            request: { no: $.caseNo }
            reply:
              success: "$.code == 0"
              expired: "$.code == 401"
              fields: { no: $.no, ticket: { call: $.steps.ticket.code }, salt: { call: $.steps.salt.value } }
        """)

    private let moment = CallMoment(epochMilliseconds: 1_700_000_000_000, random: (1, 2))

    private func sequence(_ input: Value) throws -> CallSequence {
        CallSequence(.operation(ContractGoal(try fixture.operation("cases.submit"), nil)), TranslationFixture.call(input))
    }

    private func reply(_ json: String) -> Result<DepartmentReply, AdapterFault> {
        .success(DepartmentReply(status: 200, body: Array(json.utf8)))
    }

    /// An action in one line.
    private func text(_ action: CallSequence.Action) -> String {
        switch action {
        case .needsSession: return "session"
        case .renew(let old): return "renew \(old["token"] ?? "")"
        case .send(let request, let isWrite):
            let fields = request.fields.filter { $0.name.hasPrefix("X-") }.map { " \($0.name)=\($0.value)" }.joined()
            return "\(request.target)\(isWrite ? "!" : "")\(fields) \(String(decoding: request.body, as: UTF8.self))"
        case .wait(let milliseconds): return "wait \(milliseconds)"
        case .finish(.success(.operation(.tree(let value)))): return String(decoding: JSONCodec.encode(value), as: UTF8.self)
        case .finish(.success): return "another's answer"
        case .finish(.failure(let fault)): return "\(fault.code.rawValue): \(fault.detail)"
        }
    }

    private func session(_ token: String) -> DepartmentSession { DepartmentSession(token: token) }

    @Test("each step is asked with the results of those before it, and the answer can take from all of them")
    func inOrder() throws {
        var calls = try sequence(["caseNo": "7", "channel": "window"])
        #expect(text(calls.begin()) == "/salt?no=7 ")
        #expect(text(calls.take(reply(#"{"code":0,"salt":"S"}"#), at: moment)) == "session")
        #expect(text(calls.use(session("A"), at: moment)) == #"/ticket X-Token=A {"salt":"S","no":"7"}"#)
        let reserve = calls.take(reply(#"{"code":0,"ticket":"T1","day":"2026-11-24"}"#), at: moment)
        #expect(text(reserve) == #"/reserve! X-Token=A {"day":"2026-11-24"}"#)
        #expect(text(calls.take(reply("{}"), at: moment)) == #"/submit! X-Token=A X-Ticket=T1 {"no":"7"}"#)
        #expect(text(calls.take(reply(#"{"code":0,"no":"N1"}"#), at: moment)) == #"{"no":"N1","ticket":"T1","salt":"S"}"#)
    }

    @Test("a step whose condition does not hold is passed over, and its results are absent")
    func passedOver() throws {
        var calls = try sequence(["caseNo": "7"])
        #expect(text(calls.begin()) == "session")
        #expect(text(calls.use(session("A"), at: moment)) == #"/ticket X-Token=A {"no":"7"}"#)
        #expect(text(calls.take(reply(#"{"code":0,"ticket":"T2"}"#), at: moment)) == #"/submit! X-Token=A X-Ticket=T2 {"no":"7"}"#)
        #expect(text(calls.take(reply(#"{"code":0,"no":"N1"}"#), at: moment)) == #"{"no":"N1","ticket":"T2"}"#)
    }

    @Test("a fault of a step ends the operation and says which step it was")
    func fault() throws {
        var calls = try sequence(["caseNo": "7", "channel": "window"])
        _ = calls.begin()
        guard case .finish(.failure(let fault)) = calls.take(reply(#"{"code":9,"msg":"不存在"}"#), at: moment) else {
            Issue.record("it went on")
            return
        }
        #expect(fault.code == .upstreamRejected && fault.detail == "in the step 'salt': the department refused")
        #expect(fault.upstreamCode == "9" && fault.upstreamMessage == "不存在")
        var cut = try sequence(["caseNo": "7", "channel": "window"])
        _ = cut.begin()
        let late = cut.take(.failure(AdapterFault(.upstreamTimeout, "late")), at: moment)
        #expect(text(late) == "UPSTREAM_TIMEOUT: in the step 'salt': late")
    }

    @Test("a call whose reply says 'not yet' is made again, so often and no longer, and the steps before it are not")
    func pending() throws {
        let fixture = TranslationFixture(
            """
            operations:
              cases.submit:
                steps:
                  task: { rest: { path: /tasks }, changes: true, reply: { success: http, fields: { id: $.id } } }
                rest: { path: "/tasks/{id}", body: none, method: GET }
                path: { id: $.steps.task.id }
                reply: { pending: { when: "$.state == 1", every: 400ms, within: 1s }, success: "$.state == 2", fields: { no: $.no } }
            """)
        var calls = CallSequence(.operation(ContractGoal(try fixture.operation("cases.submit"), nil)), TranslationFixture.call([:]))
        func later(_ milliseconds: Int64) -> CallMoment { CallMoment(epochMilliseconds: 1_700_000_000_000 + milliseconds, random: (1, 2)) }
        #expect(text(calls.begin()) == "/tasks! ")
        #expect(text(calls.take(reply(#"{"id":"9"}"#), at: later(0))) == "/tasks/9! ")
        #expect(text(calls.take(reply(#"{"state":1}"#), at: later(0))) == "wait 400")
        #expect(text(calls.again(at: later(400))) == "/tasks/9! ")
        var done = calls
        #expect(text(done.take(reply(#"{"state":2,"no":"N"}"#), at: later(410))) == #"{"no":"N"}"#)
        #expect(text(calls.take(reply(#"{"state":1}"#), at: later(500))) == "wait 400")
        #expect(text(calls.again(at: later(900))) == "/tasks/9! ")
        #expect(
            text(calls.take(reply(#"{"state":1}"#), at: later(950))).hasPrefix(
                "UPSTREAM_TIMEOUT: the department has not finished after 1 s"))
    }

    @Test("a step is made for each item of a list, one after the other, and gives a list")
    func rounds() throws {
        let fixture = TranslationFixture(
            """
            operations:
              cases.submit:
                steps:
                  file:
                    each: $.materials
                    changes: true
                    rest: { path: /files }
                    request: { c: $.item.code }
                    reply: { success: "$.id", failure: { code: $.e }, fields: { id: $.id, code: { call: $.item.code } } }
                rest: { path: /cases }
                request: { files: { each: $.steps.file, fields: { c: "@.code", i: "@.id" } } }
                reply: { success: http, fields: { no: $.no } }
            """)
        let operation = try fixture.operation("cases.submit")
        let input: Value = ["materials": [["code": "A"], ["code": "B"]]]
        var calls = CallSequence(.operation(ContractGoal(operation, nil)), TranslationFixture.call(input))
        #expect(text(calls.begin()) == #"/files! {"c":"A"}"#)
        #expect(text(calls.take(reply(#"{"id":"1"}"#), at: moment)) == #"/files! {"c":"B"}"#)
        var failing = calls
        #expect(
            text(failing.take(reply(#"{"e":"E1"}"#), at: moment))
                == "UPSTREAM_REJECTED: in the step 'file' for item 2: the department refused")
        let full = failing.ended(by: AdapterFault(.overloaded, "full; nothing was sent"))
        #expect(full.code == .upstreamTimeout && full.detail.hasPrefix("the department has taken on what came before"))
        #expect(
            text(calls.take(reply(#"{"id":"2"}"#), at: moment)) == #"/cases! {"files":[{"c":"A","i":"1"},{"c":"B","i":"2"}]}"#)
        #expect(text(calls.take(reply(#"{"no":"N"}"#), at: moment)) == #"{"no":"N"}"#)
        var none = CallSequence(.operation(ContractGoal(operation, nil)), TranslationFixture.call(["materials": []]))
        #expect(text(none.begin()) == "/cases! {}")
        var many = CallSequence(
            .operation(ContractGoal(operation, nil)),
            TranslationFixture.call(["materials": .array((0...200).map { ["code": .string(String($0))] })]))
        guard case .finish(.failure(let fault)) = many.begin() else {
            Issue.record("it began")
            return
        }
        #expect(fault.code == .invalidField && fault.errors.map(\.field) == ["/materials"])
    }

    @Test("a session that ends while items are handed in is renewed, and none of them is handed in twice")
    func roundUnderTwoSessions() throws {
        let fixture = TranslationFixture(
            """
            login: { rest: { path: /login }, reply: { success: http, token: $.token } }
            operations:
              cases.submit:
                steps:
                  check: { rest: { path: /check }, headers: { X-T: { session: token } }, reply: { success: http, fields: { k: $.k } } }
                  file:
                    each: $.materials
                    changes: true
                    rest: { path: /files }
                    headers: { X-T: { session: token }, X-K: $.steps.check.k }
                    request: { c: $.item.code }
                    reply: { success: "$.id", expired: "$.e == 401", fields: { id: $.id } }
                rest: { path: /cases }
                request: { files: { all: "$.steps.file[*].id" } }
                reply: { success: http, fields: {} }
            """)
        let input: Value = ["materials": [["code": "A"], ["code": "B"]]]
        var calls = CallSequence(.operation(ContractGoal(try fixture.operation("cases.submit"), nil)), TranslationFixture.call(input))
        _ = calls.begin()
        _ = calls.use(session("1"), at: moment)
        #expect(text(calls.take(reply(#"{"k":"k1"}"#), at: moment)) == #"/files! X-T=1 X-K=k1 {"c":"A"}"#)
        #expect(text(calls.take(reply(#"{"id":"a"}"#), at: moment)) == #"/files! X-T=1 X-K=k1 {"c":"B"}"#)
        #expect(text(calls.take(reply(#"{"e":401}"#), at: moment)) == "renew 1")
        #expect(text(calls.use(session("2"), at: moment)).hasPrefix("/check"))
        #expect(text(calls.take(reply(#"{"k":"k2"}"#), at: moment)) == #"/files! X-T=2 X-K=k2 {"c":"B"}"#)
        #expect(text(calls.take(reply(#"{"id":"b"}"#), at: moment)) == #"/cases! {"files":["a","b"]}"#)
    }

    @Test("behind a step that changed something nothing says that the whole may be tried again")
    func behindChange() throws {
        var calls = try sequence(["caseNo": "7"])
        _ = calls.begin()
        _ = calls.use(session("A"), at: moment)
        var early = calls
        var closed = AdapterFault(.upstreamUnavailable, "closed; nothing was sent")
        closed.retryAfter = 7
        guard case .finish(.failure(let first)) = early.take(.failure(closed), at: moment) else {
            Issue.record("it went on")
            return
        }
        #expect(early.ended(by: first).code == .upstreamUnavailable && early.ended(by: first).retryAfter == 7)
        _ = calls.take(reply(#"{"code":0,"ticket":"T1"}"#), at: moment)
        _ = calls.take(reply("{}"), at: moment)
        guard case .finish(.failure(let fault)) = calls.take(.failure(closed), at: moment) else {
            Issue.record("it went on")
            return
        }
        // Its rules may still say that the call is made again.
        #expect(fault.code == .upstreamUnavailable)
        #expect(calls.ended(by: fault).code == .upstreamTimeout && calls.ended(by: fault).retryAfter == nil)
    }

    @Test("where a file says so, what the department says when nobody asks any more is the answer")
    func pendingAnswers() throws {
        let fixture = TranslationFixture(
            """
            operations:
              cases.submit:
                rest: { path: /a }
                reply:
                  pending: { when: "$.state == 1", every: 1s, within: 1s, then: answer }
                  success: "$.state == 2"
                  fields: { no: $.no, ticket: $.ticket }
            """)
        var calls = CallSequence(.operation(ContractGoal(try fixture.operation("cases.submit"), nil)), TranslationFixture.call([:]))
        func later(_ milliseconds: Int64) -> CallMoment { CallMoment(epochMilliseconds: 1_700_000_000_000 + milliseconds, random: (1, 2)) }
        _ = calls.begin()
        #expect(text(calls.take(reply(#"{"state":1,"ticket":"T"}"#), at: later(0))) == "wait 1000")
        _ = calls.again(at: later(1000))
        #expect(text(calls.take(reply(#"{"state":1,"ticket":"T"}"#), at: later(1001))) == #"{"ticket":"T"}"#)
    }

    @Test("a call whose session ends while it is made again has all its patience under the next one")
    func pendingUnderTwoSessions() throws {
        let fixture = TranslationFixture(
            """
            login: { rest: { path: /login }, reply: { success: http, token: $.token } }
            operations:
              cases.get:
                rest: { path: /a }
                headers: { X-Token: { session: token } }
                reply: { expired: "$.code == 401", pending: { when: "$.state == 1", every: 400ms, within: 1s }, success: "$.state == 2", fields: {} }
            """)
        var calls = CallSequence(.operation(ContractGoal(try fixture.operation("cases.get"), nil)), TranslationFixture.call([:]))
        func later(_ milliseconds: Int64) -> CallMoment { CallMoment(epochMilliseconds: 1_700_000_000_000 + milliseconds, random: (1, 2)) }
        _ = calls.begin()
        _ = calls.use(session("A"), at: later(0))
        #expect(text(calls.take(reply(#"{"state":1}"#), at: later(0))) == "wait 400")
        _ = calls.again(at: later(400))
        #expect(text(calls.take(reply(#"{"code":401}"#), at: later(500))) == "renew A")
        _ = calls.use(session("B"), at: later(900))
        #expect(text(calls.take(reply(#"{"state":1}"#), at: later(950))) == "wait 400")
    }

    @Test("a fault of a login says that it was the login, whichever of its calls it was")
    func login() throws {
        let fixture = TranslationFixture(
            """
            login:
              steps: { salt: { rest: { path: /salt }, reply: { success: "$.code == 0", fields: { value: $.salt } } } }
              rest: { path: /login }
              request: { salt: $.steps.salt.value }
              reply: { success: "$.code == 0", credential: "$.code == 7", token: $.token }
            """)
        let login = try #require(fixture.translation?.login)
        /// What comes of a login whose step is answered, and then the login itself.
        func detail(_ step: DepartmentReply, _ main: Result<DepartmentReply, AdapterFault>) -> AdapterFault? {
            var calls = CallSequence(CallGoal.login(login), TranslationFixture.call([:]))
            _ = calls.begin()
            var action = calls.take(.success(step), at: moment)
            if case .send = action { action = calls.take(main, at: moment) }
            if case .finish(.failure(let fault)) = action { return fault }
            return nil
        }
        let salt = DepartmentReply(status: 200, body: Array(#"{"code":0,"salt":"s"}"#.utf8))
        let refused = detail(salt, .success(DepartmentReply(status: 401)))
        #expect(refused?.code == .upstreamCredential && refused?.detail == "at the login: the department answered with HTTP status 401")
        let credential = detail(salt, reply(#"{"code":7}"#))
        #expect(credential?.detail == "at the login: the department refuses the gateway's credential")
        #expect(detail(salt, reply(#"{"code":9}"#))?.detail == "at the login: the department refuses the gateway's account")
        #expect(
            detail(DepartmentReply(status: 503), reply("{}"))?.detail
                == "in the step 'salt' of the login: the department answered with HTTP status 503")
        var closed = AdapterFault(.upstreamUnavailable, "closed")
        closed.retryAfter = 7
        #expect(detail(salt, .failure(closed))?.retryAfter == 7)
    }

    @Test("an expired session is renewed once; steps under it are made again, but none that changed something")
    func renewal() throws {
        var calls = try sequence(["caseNo": "7", "channel": "window"])
        _ = calls.begin()
        _ = calls.take(reply(#"{"code":0,"salt":"S"}"#), at: moment)
        _ = calls.use(session("A"), at: moment)
        _ = calls.take(reply(#"{"code":0,"ticket":"T1"}"#), at: moment)
        _ = calls.take(reply("{}"), at: moment)
        #expect(text(calls.take(reply(#"{"code":401}"#), at: moment)) == "renew A")
        #expect(text(calls.use(session("B"), at: moment)) == #"/ticket X-Token=B {"salt":"S","no":"7"}"#)
        #expect(text(calls.take(reply(#"{"code":0,"ticket":"T1"}"#), at: moment)) == #"/submit! X-Token=B X-Ticket=T1 {"no":"7"}"#)
        let second = text(calls.take(reply(#"{"code":401}"#), at: moment))
        #expect(second == "UPSTREAM_CREDENTIAL: the department does not accept a session it has just given")
    }

    @Test("a session that expires in a step is renewed there")
    func renewalInStep() throws {
        var calls = try sequence(["caseNo": "7"])
        _ = calls.begin()
        _ = calls.use(session("A"), at: moment)
        #expect(text(calls.take(reply(#"{"code":401}"#), at: moment)) == "renew A")
        #expect(text(calls.use(session("B"), at: moment)) == #"/ticket X-Token=B {"no":"7"}"#)
        let second = text(calls.take(reply(#"{"code":401}"#), at: moment))
        #expect(second == "UPSTREAM_CREDENTIAL: in the step 'ticket': the department does not accept a session it has just given")
    }

    @Test("given results make the main call's request without a network")
    func givenResults() throws {
        let operation = try fixture.operation("cases.submit")
        #expect(operation.asksSession)
        let call = TranslationFixture.call(["caseNo": "7"], session: "A").with(steps: ["ticket": ["code": "T9"]])
        #expect(try operation.request(call).fields.contains(.init("X-Ticket", "T9")))
        let ticket = try #require(operation.step("ticket"))
        #expect(ticket.isWanted(in: call))
        #expect(try ticket.call.request(call).target == "/ticket")
        #expect(operation.step("reserve")?.isWanted(in: call) == false)
    }
}
