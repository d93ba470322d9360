import Adapters
import GatewayCore
import Testing

@testable import IntegratorTools

@Suite("The file of a call to try")
struct CallFileTests {
    private static let department = """
        department: x
        authority: 11230000MB1A0001XM
        upstream: { endpoints: [http://127.0.0.1:9] }
        login:
          steps: { salt: { rest: { path: /salt }, reply: { success: http, fields: { value: $.salt } } } }
          form: { path: /login }
          request: { word: $.steps.salt.value }
          reply: { success: http, token: $.token }
        operations:
          cases.get:
            steps: { ticket: { rest: { path: /ticket }, reply: { success: http, fields: { code: $.code, kind: $.kind } } } }
            rest: { path: /get }
            query: { t: $.steps.ticket.code, z: { clock: yyyyMMddHHmmssSSS }, ms: { clock: ms } }
            reply: { success: http, fields: { caseNo: { call: $.caseNo }, status: { const: accepted } } }
        """

    private let snapshot: Snapshot

    init() throws {
        let folder = try Folder()
        try folder.copyRoutes()
        try folder.write(Self.department, to: "Routes/departments/x.yaml")
        snapshot = try LocalConfiguration(directory: folder.path + "/Routes", secrets: .fixed([:]), standIns: true).usable()
    }

    private func request(_ more: String) throws -> DepartmentRequest {
        let text = #"{"operation": "cases.get", "input": {"caseNo": "11230000MB1A0001XM2000125005000202611240001"}, \#(more)}"#
        let trial = try CallFile(Array(text.utf8), in: snapshot)
        return try trial.adapter.request(trial.call)
    }

    @Test(
        "'now' keeps its milliseconds",
        arguments: [
            ("2026-11-24T10:00:00.789+08:00", "20261124100000789", "1795485600789"),
            ("2026-11-24T10:00:00.7+08:00", "20261124100000700", "1795485600700"),
            ("2026-11-24T02:00:00.0123456Z", "20261124100000012", "1795485600012"),
            ("2026-11-24T10:00:00+08:00", "20261124100000000", "1795485600000"),
        ])
    func now(_ now: String, _ clock: String, _ milliseconds: String) throws {
        #expect(try request(#""now": "\#(now)""#).target.hasSuffix("z=\(clock)&ms=\(milliseconds)"))
        #expect(throws: ToolFault.self) { try request(#""now": "2026-11-24T10:00:00.+08:00""#) }
    }

    @Test("a file may mean a step, the login, or one of its steps")
    func parts() throws {
        let input = #""input": {"caseNo": "11230000MB1A0001XM2000125005000202611240001"}"#
        func target(_ text: String) throws -> String {
            try CallFile(Array(text.utf8), in: snapshot, department: "x").request().target
        }
        #expect(try target(#"{"operation": "cases.get", "step": "ticket", \#(input)}"#) == "/ticket")
        #expect(try target(#"{"login": true, "steps": {"salt": {"value": "s"}}}"#) == "/login")
        #expect(try target(#"{"login": true, "step": "salt"}"#) == "/salt")
        #expect(throws: ToolFault.self) { try target(#"{"login": "yes"}"#) }
        #expect(throws: ToolFault.self) { try target(#"{"login": true, "step": "pepper"}"#) }
    }

    @Test("a GET without a body shows no Content-Length, as none is sent; with one, and other methods, do")
    func contentLength() throws {
        #expect(!RequestView.text(try request(#""now": "2026-11-24T10:00:00Z""#)).contains("Content-Length"))
        #expect(RequestView.text(DepartmentRequest(method: "GET", target: "/", body: [0x31])).contains("Content-Length: 1\n"))
        #expect(RequestView.text(DepartmentRequest(method: "POST", target: "/")).contains("Content-Length: 0\n"))
    }

    @Test(
        "results of steps must be those of a step",
        arguments: [
            (#"{"tikcet": {"code": "T"}}"#, "'steps' names a step 'tikcet', and there is none; did you mean 'ticket'?"),
            (#"{"ticket": {"kode": "T"}}"#, "the step 'ticket' gives no result 'kode'; did you mean 'code'?"),
            (#"{"ticket": {"x-y-z": "T"}}"#, "the step 'ticket' gives no result 'x-y-z'; known: code, kind"),
            (#"["ticket"]"#, #"'steps' is no object, such as {"ticket": {"code": "…"}}"#),
        ])
    func steps(_ steps: String, _ message: String) {
        #expect { try request(#""steps": \#(steps)"#) } throws: { ($0 as? ToolFault)?.message == message }
    }

    @Test("one file serves an operation and the login before it")
    func shared() throws {
        let both = try request(#""steps": {"ticket": {"code": "T1"}, "salt": {"value": "S"}}, "now": "2026-11-24T10:00:00Z""#)
        #expect(both.target.hasPrefix("/get?t=T1&"))
    }
}
