import Adapters
import GatewayCore
import Testing

@testable import IntegratorTools

@Suite("Recordings of pushes")
struct PushRecordingTests {
    static let department = """
        department: x
        authority: 11230000MB1A0001XM
        upstream: { endpoints: [http://127.0.0.1:9] }
        codes: { status: { "2": accepted } }
        callbacks:
          - id: x-progress
            path: /callbacks/x
            from: [10.1.0.0/16]
            receive: { as: form, encoding: GB18030 }
            signature:
              received: $.sign
              expected: { digest: { md5: { concat: [$.lsh, { secret: PUSH }] } } }
            event:
              caseNo: $.lsh
              time: { from: $.sj, date: yyyyMMddHHmmss }
              status: { from: $.zt, map: status }
            answer:
              body: xml
              root: RESULT
              charset: GBK
              accepted: { code: { const: "0" }, msg: { const: 成功 } }
              refused: { code: { const: "1" }, msg: $.code }
        """
    static let caseNo = "11230000MB1A0001XM2000125005000202611240001"

    let folder: Folder
    let snapshot: Snapshot

    init() throws {
        folder = try Folder()
        try folder.copyRoutes()
        try folder.write(Self.department, to: "Routes/departments/x.yaml")
        snapshot = try LocalConfiguration(directory: folder.path + "/Routes", secrets: .fixed(["PUSH": "k"]), standIns: true).usable()
        try folder.write(#"{"callback": "x-progress", "from": "10.1.2.3"}"#, to: "r/x/one/call.json")
    }

    private func push(_ status: String = "2", to path: String = "/callbacks/x", key: String = "k") throws {
        let sign = Hex.encode(Digest.compute(.md5, Array((Self.caseNo + key).utf8)))
        let head = "POST \(path) HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
        try folder.write(head + "lsh=\(Self.caseNo)&zt=\(status)&sj=20261129103000&sign=\(sign)", to: "r/x/one/push.http")
    }

    private func run(updates: Bool = false) throws -> RecordingResult {
        RecordingRun(snapshot, updates: updates).run(try #require(Recording.all(below: folder.path + "/r").first))
    }

    @Test("a push is held to its events, and the answer to the words that the department hears")
    func accepted() throws {
        try push()
        #expect(try run(updates: true).written == ["events.json", "answer.http"])
        let events = try JSONCodec.decode(Array(try folder.text("r/x/one/events.json").utf8))
        #expect(events == [["caseNo": .string(Self.caseNo), "time": "2026-11-29T10:30:00+08:00", "status": "accepted"]])
        let result = try run()
        #expect(result.passed && result.target == "x x-progress" && result.checks.map(\.name) == ["events", "words"])
        let words = try FileAccess.read(folder.path + "/r/x/one/answer.http")
        let text = try Charset.gbk.decode(words)
        #expect(text.hasPrefix("HTTP/1.1 200\r\nContent-Type: application/xml; charset=GBK\r\n\r\n") && text.contains("<msg>成功</msg>"))
        try folder.write(
            "HTTP/1.1 201\r\nContent-Type: application/xml; charset=GBK\r\n\r\n<RESULT><code>0</code></RESULT>", to: "r/x/one/answer.http")
        #expect(try run().checks.last?.differences.map(\.pointer).prefix(1) == ["status"])
        #expect(try !run().passed)
    }

    @Test(
        "one that is refused is held to its problem, and still to the words",
        arguments: [("k", "9", "INVALID_FIELD"), ("no", "2", "BAD_SIGNATURE")])
    func refused(key: String, status: String, code: String) throws {
        try push(status, key: key)
        #expect(try run(updates: true).written == ["fault.json", "answer.http"])
        #expect(try folder.text("r/x/one/fault.json").contains(code))
        #expect(try folder.text("r/x/one/answer.http").contains("<msg>\(code)</msg>"))
        #expect(try run().passed)
    }

    @Test("an address that may not push is refused, and one that is no address is said")
    func address() throws {
        try push()
        try folder.write(#"{"callback": "x-progress", "from": "10.2.0.1"}"#, to: "r/x/one/call.json")
        #expect(try run(updates: true).written == ["fault.json"])
        #expect(try folder.text("r/x/one/fault.json").contains("ZONE_DENIED"))
        try folder.write(#"{"callback": "x-progress", "from": "there"}"#, to: "r/x/one/call.json")
        #expect(try run().fault == "'from' is no address, such as 10.1.2.3")
    }

    @Test("what cannot be run says why")
    func faults() throws {
        #expect(try run().fault?.contains("the push as it was received") == true)
        try push(to: "/callbacks/y")
        #expect(try run().fault?.contains("does not reach 'x-progress'") == true)
        try folder.write(#"{"callback": "x-progres"}"#, to: "r/x/one/call.json")
        #expect(try run().fault == "the call names no callback of a department; did you mean 'x-progress'?")
        try folder.write(#"{"callback": "x-progress", "form": "1"}"#, to: "r/x/one/call.json")
        #expect(try run().fault == "the call has an unknown key 'form'; did you mean 'from'?")
    }

    @Test("try shows the events, where they come from, and the words")
    func report() throws {
        try push()
        let trace = MappingTrace()
        let trial = try CallbackTrial(Array(#"{"callback": "x-progress"}"#.utf8), in: snapshot, trace: trace)
        let outcome = try trial.receive(try MessageText(try FileAccess.read(folder.path + "/r/x/one/push.http")))
        let report = CallbackReport(trial, outcome, trace: trace, provenance: true)
        let text = report.lines.joined(separator: "\n")
        #expect(!report.hasProblem)
        #expect(text.hasPrefix("-- 1 event, kept and handed on\n{"))
        #expect(text.contains("/status ") && text.contains("<- $.zt (") && text.contains("x.yaml:16) [map status]"))
        #expect(text.contains("-- the department hears, status 200, application/xml; charset=GBK\n"))
        #expect(text.contains("<msg>成功</msg>"))
        #expect(report.value["answer"]?["status"] == 200)
    }
}
