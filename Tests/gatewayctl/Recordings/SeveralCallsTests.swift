import Adapters
import GatewayCore
import Testing

@testable import IntegratorTools

@Suite("Recordings of several calls")
struct SeveralCallsTests {
    static func department(_ id: String, _ authority: String, _ name: String) -> String {
        """
        department: \(id)
        name: \(name)
        authority: \(authority)
        upstream: { endpoints: [http://127.0.0.1:9] }
        operations:
          items.list:
            rest: { method: GET, path: /\(id) }
            query: { kw: $.keyword }
            reply:
              success: "$.code == 0"
              failure: { code: $.code }
              fields: { items: { each: $.list, fields: { itemCode: "@.sxbm", name: "@.mc" } } }
              paging: gateway
        """
    }

    static let call = #"{"operation": "items.list", "input": {"keyword": "许可"}}"#

    let folder: Folder
    let snapshot: Snapshot

    init() throws {
        folder = try Folder()
        try folder.copyRoutes()
        try folder.write(Self.department("a", "11230000MB1A0001XM", "甲"), to: "Routes/departments/a.yaml")
        try folder.write(Self.department("b", "11230000MB1A00028M", "乙"), to: "Routes/departments/b.yaml")
        snapshot = try LocalConfiguration(directory: folder.path + "/Routes", secrets: .fixed([:]), standIns: true).usable()
        try folder.write(Self.call, to: "r/all/call.json")
    }

    private func run(updates: Bool = false) throws -> RecordingResult {
        RecordingRun(snapshot, updates: updates).run(try #require(Recording.all(below: folder.path + "/r").first))
    }

    private func reply(_ department: String, _ code: String) throws {
        let list = #"{"code": 0, "list": [{"sxbm": "\#(code)", "mc": "许可"}]}"#
        try folder.write("HTTP/1.1 200 OK\n\n\(list)", to: "r/all/parts/departments/\(department).reply.http")
    }

    @Test("replies of every department become the merged answer with its parts")
    func merged() throws {
        try reply("a", "11230000MB1A0001XM2000125005000")
        try reply("b", "11230000MB1A00028M2000104033000")
        #expect(
            try run(updates: true).written == [
                "parts/departments/a.sent.http", "parts/departments/b.sent.http", "answer.json",
            ])
        let answer = try JSONCodec.decode(Array(try folder.text("r/all/answer.json").utf8))
        #expect(answer["items"]?.array?.count == 2 && answer["total"] == 2)
        #expect(answer["parts"]?.array?.compactMap { $0["status"]?.string } == ["answered", "answered"])
        #expect(try folder.text("r/all/parts/departments/a.sent.http").hasPrefix("GET /a?kw=%E8%AE%B8%E5%8F%AF HTTP/1.1\r\n"))
        let again = try run()
        #expect(again.passed && again.checks.map(\.name) == ["request departments/a", "request departments/b", "answer"])
        try reply("b", "11230000MB1A00028M2000104033001")
        #expect(try run().checks.last?.differences.isEmpty == false)
    }

    @Test("an empty file is silence, and a department without a file is not asked")
    func silence() throws {
        try reply("a", "11230000MB1A0001XM2000125005000")
        #expect(try run(updates: true).passed)
        var answer = try JSONCodec.decode(Array(try folder.text("r/all/answer.json").utf8))
        #expect(answer["parts"]?.array?.count == 1)
        try folder.write("", to: "r/all/parts/departments/b.reply.http")
        #expect(try !run().passed)
        try FileAccess.write(Array("{}".utf8), to: folder.path + "/r/all/answer.json", replacing: true)
        let trial = try AggregationTrial(Array(Self.call.utf8), in: snapshot)
        let outcome = try trial.run { part, department throws(ToolFault) in
            try AggregationReplies(folder: folder.path + "/r/all/parts").reply(part, department)
        }
        answer = try #require(try outcome.answer?.get())
        #expect(answer["parts"]?.array?.map { $0["code"]?.string } == [nil, "UPSTREAM_TIMEOUT"])
    }

    @Test("without replies every department that would be asked is shown, and where its reply is looked for")
    func none() throws {
        let fault = try run().fault
        #expect(fault?.contains("all/parts/departments/a.reply.http and ") == true)
        let trial = try AggregationTrial(Array(Self.call.utf8), in: snapshot)
        let outcome = try trial.run { _, _ in .missing }
        let report = AggregationReport(trial, outcome, trace: MappingTrace(), folder: "parts", hex: false, provenance: true)
        #expect(outcome.answer == nil && !report.hasProblem)
        #expect(report.value["parts"]?.array?.compactMap { $0["department"]?.string } == ["a", "b"])
        #expect(report.lines.last == "-- no answer yet: replies are missing")
    }

    @Test("a call that names a department is one call, in a department's folder or by its code")
    func single() throws {
        func kind(_ text: String, _ department: String? = nil) -> String {
            "\(TrialKind(Array(text.utf8), in: snapshot, department: department))"
        }
        #expect(kind(Self.call) == "aggregation")
        #expect(kind(Self.call, "a") == "call")
        #expect(kind(#"{"operation": "items.list", "input": {"authority": "11230000MB1A0001XM"}}"#) == "call")
        #expect(kind(#"{"operation": "items.list", "department": "b"}"#) == "call")
        #expect(kind(#"{"operation": "cases.get"}"#) == "call")
        #expect(kind(#"{"callback": "x"}"#) == "callback")
        #expect(kind("no JSON") == "call")
    }
}
