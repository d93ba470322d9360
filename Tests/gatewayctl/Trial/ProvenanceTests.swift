import Adapters
import GatewayCore
import Testing

@testable import IntegratorTools

@Suite("gatewayctl try")
struct ProvenanceTests {
    static let department = """
        department: x
        authority: 11230000MB1A0001XM
        upstream: { endpoints: [http://127.0.0.1:9] }
        codes: { status: { "1": accepted } }
        absent: ["null"]
        operations:
          cases.submit:
            rest: { method: POST, path: "/put/{no}" }
            path: { no: $.caseNo }
            query: { lang: { const: zh } }
            request:
              who: { from: [$.agent.name, $.applicant.name], case: upper }
              agent: { fields: { no: { from: $.agent.idNo, when: "$.channel == 'window'" } } }
              kind: { from: $.summary, default: none }
              key: { digest: { md5: { secret: X_KEY } } }
              files: { each: $.materials, fields: { code: "@.code", name: "@.name" } }
            reply:
              expired: "$.code == 401"
              success: "$.code == 0"
              expect: "$.no"
              failure: { code: $.code }
              fields:
                caseNo: { from: $.no, trim: true }
                deptCaseNo: $.own
                receiptNo: $.receipt
                itemName: $.name
                status: { from: $.state, map: status }
                itemCode: { call: $.itemCode }
                summary: { all: "$.fees[*].je", between: { start: "￥" }, sum: true }
        """
    static let call = """
        {"operation": "cases.submit", "input": {"caseNo": "11230000MB1A0001XM2000125005000202611240001", "itemCode": "11230000MB1A0001XM2000125005000", "channel": "web",
          "applicant": {"kind": "person", "name": "zhang", "idType": "idCard", "idNo": "11010519491231002X"},
          "materials": [{"code": "1", "name": "a"}, {"code": "2", "name": "b"}], "summary": "s"}}
        """

    let folder: Folder
    let snapshot: Snapshot

    init() throws {
        folder = try Folder()
        try folder.copyRoutes()
        try folder.write(Self.department, to: "Routes/departments/x.yaml")
        snapshot = try LocalConfiguration(directory: folder.path + "/Routes", secrets: .fixed([:]), standIns: true).usable()
    }

    @Test("what a sum leaves out is said")
    func lost() throws {
        let reply = #"{"code":0,"no":"1","state":"1","fees":[{"je":"￥1.20"},{"je":"免费"},{"je":"￥3"}]}"#
        let text = try report(reply: reply).lines.joined(separator: "\n")
        #expect(text.contains("1 of 3 found have no value then") && text.contains(#""summary": "4.20""#))
    }

    private func report(reply: String? = nil, hex: Bool = false) throws -> TrialReport {
        let trace = MappingTrace()
        let trial = try CallFile(Array(Self.call.utf8), in: snapshot, trace: trace)
        var report = TrialReport(trial, trace: trace, hex: hex, provenance: true)
        report.addRequest()
        if let reply { report.addReply(try MessageText(Array("HTTP/1.1 200 OK\n\n\(reply)".utf8)).reply()) }
        return report
    }

    @Test("try shows the login, its steps and the session, documents before they are wrapped, and the reply that does not fit")
    func login() throws {
        let yaml = """
            department: y
            authority: 12230000414001230G
            upstream: { endpoints: [http://127.0.0.1:9] }
            login:
              steps:
                salt: { rest: { path: /salt }, reply: { success: $.salt, fields: { value: $.salt } } }
              form: { path: /login }
              request: { user: { const: u }, word: $.steps.salt.value }
              reply: { success: "$.http.status == 302", session: { token: { cookie: SID } }, lifetime: 60s }
            operations:
              cases.get:
                rest: { path: /get, method: POST }
                cookies: { SID: { session: token } }
                request: { data: { document: { json: object, in: [gzip, base64] }, fields: { no: $.caseNo } } }
                reply: { success: $.ok, fields: { caseNo: { from: $.no, required: true }, status: { const: accepted } } }
            """
        try folder.write(yaml, to: "Routes/departments/y.yaml")
        let snapshot = try LocalConfiguration(directory: folder.path + "/Routes", secrets: .fixed([:]), standIns: true).usable()
        let call =
            #"{"operation": "cases.get", "input": {"caseNo": "12230000414001230G2000125005000202611240001"}, "steps": {"salt": {"value": "S"}}}"#
        func report(login: Bool, step: String? = nil, _ reply: String) throws -> String {
            let trace = MappingTrace()
            let trial = try CallFile(Array(call.utf8), in: snapshot, login: login, step: step, trace: trace)
            var report = TrialReport(trial, trace: trace, hex: false, provenance: true)
            report.addRequest()
            report.addReply(try MessageText(Array(reply.utf8)).reply())
            return report.lines.joined(separator: "\n")
        }
        let asked = try report(login: true, "HTTP/1.1 302 Found\nSet-Cookie: SID=abc; Path=/\n\n{}")
        #expect(asked.contains("POST /login HTTP/1.1") && asked.contains("user=u&word=S"))
        #expect(asked.contains("-- session, for 60 s") && asked.contains("\"token\": \"abc\""))
        let salt = try report(login: true, step: "salt", "HTTP/1.1 200 OK\n\n{\"salt\": \"x1\"}")
        #expect(salt.contains("GET /salt HTTP/1.1") && salt.contains("\"value\": \"x1\""))
        let own = try report(login: false, "HTTP/1.1 200 OK\n\n{\"ok\": true, \"lsh\": \"1\"}")
        #expect(own.contains("-- inside /data") && own.contains(#"{"no":"12230000414001230G2000125005000202611240001"}"#))
        #expect(own.contains("header Cookie/SID <- session token"))
        #expect(own.contains("-- the reply as paths see it") && own.contains("\"lsh\": \"1\""))
        #expect(throws: ToolFault.self) { try CallFile(Array(Self.call.utf8), in: snapshot, login: true) }
    }

    @Test("try takes the user behind the call, and says what a user is made of")
    func user() throws {
        let yaml = """
            department: z
            authority: 12230000414001230G
            upstream: { endpoints: [http://127.0.0.1:9] }
            operations:
              cases.get:
                rest: { path: /get, method: POST }
                request: { no: $.caseNo, clerk: { first: [$.user.id, { const: portal }] }, org: $.user.organisation }
                reply: { success: $.ok, fields: { caseNo: { from: $.no, required: true }, status: { const: accepted } } }
            """
        try folder.write(yaml, to: "Routes/departments/z.yaml")
        let snapshot = try LocalConfiguration(directory: folder.path + "/Routes", secrets: .fixed([:]), standIns: true).usable()
        func sent(_ user: String) throws -> String {
            let call =
                #"{"operation": "cases.get", "input": {"caseNo": "12230000414001230G2000125005000202611240001"}\#(user)}"#
            let trial = try CallFile(Array(call.utf8), in: snapshot)
            return String(decoding: try trial.adapter.request(trial.call).body, as: UTF8.self)
        }
        #expect(try sent("").contains(#""clerk":"portal""#))
        let clerk = try sent(#", "user": {"kind": "operator", "id": "op-7", "organisation": "113"}"#)
        #expect(clerk.contains(#""clerk":"op-7""#) && clerk.contains(#""org":"113""#))
        #expect { try sent(#", "user": {"kind": "operator"}"#) } throws: { "\($0)".contains("'id'") }
        #expect { try sent(#", "user": {"kind": "clerk", "id": "1"}"#) } throws: { "\($0)".contains("citizen, operator") }
        #expect { try sent(#", "user": {"kind": "citizen", "id": "1", "organization": "1"}"#) } throws: {
            "\($0)".contains("'organisation'")
        }
    }

    private func line(_ start: String, _ report: TrialReport) throws -> String {
        let lines = report.lines.joined(separator: "\n").split(separator: "\n").map(String.init)
        let path = folder.path + "/Routes/departments/x.yaml"
        return try #require(lines.first { $0.split(separator: " ").joined(separator: " ").hasPrefix(start) }, "\(lines)")
            .replacing(path, with: "x.yaml").split(separator: " ").joined(separator: " ")
    }

    @Test("every field of the request says where it comes from, by path, rule and conversions")
    func request() throws {
        let report = try report()
        #expect(try line("path no", report) == "path no <- $.caseNo (x.yaml:9)")
        #expect(try line("query lang", report) == "query lang <- const zh (x.yaml:10)")
        #expect(try line("/who", report) == "/who <- $.applicant.name (x.yaml:12) [case upper]")
        #expect(try line("/agent/no", report) == "/agent/no - 'when' did not hold: $.channel == 'window' (x.yaml:13)")
        #expect(try line("/kind", report) == "/kind <- $.summary (x.yaml:14)")
        #expect(try line("/key", report) == "/key <- digest { md5: { secret: X_KEY } } (x.yaml:15)")
        #expect(try line("/files/*/code", report) == "/files/*/code <- $.materials[*].code (x.yaml:16); 2 items")
        #expect(report.lines.joined().contains("/put/11230000MB1A0001XM2000125005000202611240001?lang=zh"))
    }

    @Test("every field of the answer does too, with the reason where there is none")
    func answer() throws {
        let report = try report(reply: #"{"code":0,"no":" 7 ","own":null,"name":"null","state":1}"#)
        #expect(try line("/caseNo <- $.no", report) == "/caseNo <- $.no (x.yaml:23) [trim true]")
        #expect(try line("/deptCaseNo", report) == "/deptCaseNo - null at $.own (x.yaml:24)")
        #expect(try line("/receiptNo", report) == "/receiptNo - nothing at $.receipt (x.yaml:25)")
        #expect(try line("/itemName", report) == "/itemName - 'null' stands for no value at $.name (x.yaml:26)")
        #expect(try line("/status", report) == "/status <- $.state (x.yaml:27) [map status]")
        #expect(try line("/itemCode", report) == "/itemCode <- call $.itemCode (x.yaml:28)")
        #expect(try line("no rule fills:", report).contains("promisedDueDate"))
        #expect(report.value["answer"]?["caseNo"] == "7")
    }

    @Test("a reply says which condition decided")
    func conditions() throws {
        let good = try report(reply: #"{"code":0,"no":"7","state":1}"#)
        #expect(try line("expired", good) == "expired does not hold: $.code == 401 (x.yaml:18)")
        #expect(try line("expect", good) == "expect holds: $.no (x.yaml:20) <- decided")
        let refused = try report(reply: #"{"code":9}"#)
        #expect(try line("success", refused) == "success does not hold: $.code == 0 (x.yaml:19)")
        #expect(try line("failure", refused) == "failure holds: a code at $.code (x.yaml:21) <- decided")
        #expect(refused.hasProblem)
        let unmapped = try report(reply: #"{"code":0,"no":"7","state":2}"#)
        #expect(try line("/status !!", unmapped).hasPrefix("/status !! $.state (x.yaml:27) [map status]:"))
    }

    @Test("a body is shown as text of its charset, and in hex where it is none or where that is asked for")
    func bodies() throws {
        let gbk = try Charset.gbk.encode("<a>中文</a>")
        #expect(BodyText(gbk, contentType: "text/xml; charset=GBK").text == "<a>中文</a>")
        #expect(BodyText(Array("<?xml version=\"1.0\" encoding=\"GBK\"?>".utf8) + gbk, contentType: nil).charset == "GBK")
        let dump = BodyText([0, 1, 2, 0x41], contentType: nil)
        #expect(dump.charset == nil && dump.text.hasPrefix("000000  00 01 02 41 ") && dump.text.hasSuffix("...A"))
        #expect(try report(hex: true).lines.joined(separator: "\n").contains("bytes in hex\n000000  7b 22 77 68 6f"))
    }

    @Test("the fields of a form are shown decoded")
    func forms() {
        let request = DepartmentRequest(
            method: "POST", target: "/", fields: [.init("Content-Type", "application/x-www-form-urlencoded; charset=GBK")],
            body: Array("a=%D6%D0%CE%C4&b=1+2".utf8))
        #expect(RequestView.text(request).hasSuffix("-- its form fields, decoded\na = 中文\nb = 1 2"))
    }
}
