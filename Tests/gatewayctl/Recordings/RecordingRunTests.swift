import Adapters
import GatewayCore
import Testing

@testable import IntegratorTools

@Suite("gatewayctl test")
struct RecordingRunTests {
    /// A small department: one operation, a code table, a signed form.
    static let department = """
        department: x
        authority: 11230000MB1A0001XM
        upstream: { endpoints: [http://127.0.0.1:9] }
        codes: { status: { "1": accepted } }
        operations:
          cases.get:
            rest: { method: POST, path: /get }
            headers: { X-User: { secret: X_USER } }
            query: { a: { const: one }, b: { const: two } }
            request: { no: $.caseNo, doc: { document: { xml: D }, fields: { n: $.caseNo } } }
            reply:
              success: "$.code == 0"
              failure: { code: $.code, message: $.msg }
              fields:
                caseNo: $.no
                status: { from: $.state, map: status }
        """
    static let call = #"{"operation": "cases.get", "input": {"caseNo": "11230000MB1A0001XM2000125005000202611240001"}}"#

    let folder: Folder
    let snapshot: Snapshot

    init() throws {
        folder = try Folder()
        try folder.copyRoutes()
        try folder.write(Self.department, to: "Routes/departments/x.yaml")
        snapshot = try LocalConfiguration(directory: folder.path + "/Routes", secrets: .fixed([:]), standIns: true).usable()
        try folder.write(Self.call, to: "r/x/one/call.json")
    }

    private func run(updates: Bool = false) throws -> RecordingResult {
        let recording = try #require(Recording.all(below: folder.path + "/r").first)
        return RecordingRun(snapshot, updates: updates).run(recording)
    }

    @Test("a step and a login are recorded and held to what they gave, and to nothing else")
    func parts() throws {
        let department = """
            department: y
            authority: 11230000MB1A1004XG
            upstream: { endpoints: [http://127.0.0.1:9] }
            login: { form: { path: /login }, request: { u: { const: a } }, reply: { success: http, token: $.token } }
            operations:
              cases.get:
                steps: { ticket: { rest: { path: /ticket }, reply: { success: http, fields: { code: $.code } } } }
                rest: { path: /get }
                headers: { T: { session: token } }
                query: { t: $.steps.ticket.code }
                reply: { success: http, fields: { caseNo: { call: $.caseNo }, status: { const: accepted } } }
            """
        try folder.write(department, to: "Routes/departments/y.yaml")
        let snapshot = try LocalConfiguration(directory: folder.path + "/Routes", secrets: .fixed([:]), standIns: true).usable()
        let input = #""input": {"caseNo": "11230000MB1A1004XG2000125005000202611240001"}"#
        let calls = [
            ("y/step", #"{"operation": "cases.get", "step": "ticket", \#(input)}"#, "results.json", #"{"code":"7"}"#),
            ("y/login", #"{"login": true}"#, "session.json", #"{"token":"7"}"#),
        ]
        for (name, call, file, body) in calls {
            try folder.write(call, to: "s/\(name)/call.json")
            try folder.write("HTTP/1.1 200 OK\nContent-Type: application/json\n\n\(body)", to: "s/\(name)/reply.http")
            let recording = try #require(Recording.all(below: folder.path + "/s/" + name).first)
            let written = RecordingRun(snapshot, updates: true).run(recording)
            #expect(written.written.contains(file) && written.written.contains("sent.http"), "\(written)")
            #expect(RecordingRun(snapshot).run(recording).passed)
            try folder.write(
                "HTTP/1.1 200 OK\nContent-Type: application/json\n\n\(body.replacing("7", with: "8"))", to: "s/\(name)/reply.http")
            #expect(!RecordingRun(snapshot).run(recording).passed)
        }
    }

    @Test("every recording of the shipped departments comes out")
    func shipped() throws {
        let secrets = try SecretsFile.read(Project.root + "/Mocks/demo-secrets.env")
        let root = Project.root + "/Mocks/recordings"
        let snapshot = try RecordingConfiguration.compile(Project.routes, recordings: root, secrets: secrets).usable()
        let recordings = Recording.all(below: root)
        #expect(recordings.contains { $0.name.hasPrefix("hlj-qzj/") })
        let report = RecordingReport(recordings.map(RecordingRun(snapshot).run))
        #expect(recordings.count >= 50)
        #expect(report.failures == 0, "\(report.text)")
    }

    @Test("a new recording is held to nothing, and an update writes what came out")
    func update() throws {
        try folder.write(
            "HTTP/1.1 200 OK\nContent-Type: application/json\n\n{\"code\":0,\"no\":\"7\",\"state\":1}", to: "r/x/one/reply.http")
        #expect(try run().fault?.contains("--update") == true)
        #expect(try run(updates: true).written == ["sent.http", "answer.json"])
        #expect(try folder.text("r/x/one/sent.http").contains("X-User: {X_USER}\r\n"))
        #expect(try folder.text("r/x/one/answer.json") == "{\n  \"caseNo\": \"7\",\n  \"status\": \"accepted\"\n}\n")
        #expect(try run().passed)
        #expect(try run(updates: true).written.isEmpty)
    }

    @Test("a fault is written with the department's code and words, and compared by what the recording names")
    func fault() throws {
        try folder.write("HTTP/1.1 200 OK\n\n{\"code\":5,\"msg\":\"no\"}", to: "r/x/one/reply.http")
        #expect(try run(updates: true).written == ["sent.http", "fault.json"])
        #expect(try folder.text("r/x/one/fault.json").contains("\"message\": \"no\""))
        try folder.write(#"{"code": "UPSTREAM_REJECTED"}"#, to: "r/x/one/fault.json")
        #expect(try run().passed)
        try folder.write(#"{"code": "NOT_FOUND"}"#, to: "r/x/one/fault.json")
        #expect(try run().checks.last?.differences == [.init(pointer: "/code", expected: "\"NOT_FOUND\"", found: "\"UPSTREAM_REJECTED\"")])
    }

    @Test("a request is compared by what it means: order of fields and parameters, quoting and wrapping do not count")
    func request() throws {
        let body = #"{ "doc" : "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<D>\n<n>NO</n></D>", "no": "NO" }"#
            .replacing("NO", with: "11230000MB1A0001XM2000125005000202611240001")
        func sent(_ user: String, _ body: String) -> String {
            "POST /get?b=two&a=one HTTP/1.1\nHost: x\nx-user: \(user)\nContent-type: application/json\n\n\(body)"
        }
        try folder.write(sent("{X_USER}", body), to: "r/x/one/sent.http")
        let result = try run()
        #expect(result.passed, "\(RecordingReport([result]).text)")
        try folder.write(sent("me", body.replacing("<n>", with: "<m/><n>")), to: "r/x/one/sent.http")
        let differences = try run().checks.flatMap(\.differences)
        #expect(differences.map(\.pointer) == ["header/x-user", "body/doc(inside)/D/m"])
        let text = RecordingReport([try run()]).text
        #expect(
            text.contains(
                "FAIL  x/one  (x cases.get)\n  request: - expected, + came out\n  header/x-user\n    - \"me\"\n    + \"{X_USER}\""))
    }

    @Test("what differs is shown with citizens' numbers masked")
    func masked() {
        let shown = TreeDifference.between(["a": "230100199001010016"], ["a": "13812345678"]).flatMap(\.lines).joined()
        #expect(shown.contains("2301**********0016") && shown.contains("138****5678"))
    }

    @Test("a call that breaks the contract, a wrong key and an unknown operation are said with their cure")
    func badCalls() throws {
        try folder.write(#"{"operation": "cases.gte", "input": {}}"#, to: "r/x/one/call.json")
        #expect(try run().fault == "the call names no operation of the contract; did you mean 'cases.get'?")
        try folder.write(#"{"operation": "cases.get", "inputs": {}}"#, to: "r/x/one/call.json")
        #expect(try run().fault == "the call has an unknown key 'inputs'; did you mean 'input'?")
        try folder.write(#"{"operation": "cases.get", "input": {"caseNo": 1, "x": 2}}"#, to: "r/x/one/call.json")
        #expect(try run().fault?.hasPrefix("the call breaks the contract:\n") == true)
    }

    @Test("an answer where a fault was expected fails, and the other way round")
    func swapped() throws {
        try folder.write("HTTP/1.1 200 OK\n\n{\"code\":0,\"no\":\"7\",\"state\":1}", to: "r/x/one/reply.http")
        try folder.write(#"{"code": "NOT_FOUND"}"#, to: "r/x/one/fault.json")
        #expect(try run().checks.last?.name == "fault")
        #expect(try !run().passed)
    }
}
