import Adapters
import GatewayCore
import Testing

@testable import IntegratorTools

/// A signature that the department calls wrong: what was signed stands beside the request, and no secret in it.
@Suite("gatewayctl try and signatures")
struct SignatureViewTests {
    private static let department = """
        department: x
        authority: 11230000MB1A0001XM
        upstream: { endpoints: [http://127.0.0.1:9] }
        signing:
          set: [{ parameter: appKey, secret: X_ID }, { parameter: ts, clock: seconds }]
          charset: GBK
          parts: [form: { empty: skip }, literal: "&key=", secret: X_KEY]
          algorithm: md5
          output: hex
          place: { parameter: sign }
        operations:
          cases.get:
            form: { path: /get }
            request: { no: $.caseNo, who: { const: 张三 } }
            reply:
              signing: { algorithm: md5, parts: [body, secret: X_KEY], output: hex, place: { header: X-Sign } }
              success: "$.code == 0"
              fields: { caseNo: $.no, status: { const: accepted }, itemCode: $.item }
        """
    private static let call =
        #"{"operation": "cases.get", "now": "2026-11-24T10:00:00+08:00", "input": {"caseNo": "11230000MB1A0001XM2000125005000202611240001"}}"#

    private func report(_ secrets: [String: String], reply: String? = nil) throws -> TrialReport {
        let folder = try Folder()
        try folder.copyRoutes()
        try folder.write(Self.department, to: "Routes/departments/x.yaml")
        let snapshot = try LocalConfiguration(directory: folder.path + "/Routes", secrets: .fixed(secrets), standIns: true).usable()
        let trace = MappingTrace()
        let trial = try CallFile(Array(Self.call.utf8), in: snapshot, department: "x", trace: trace)
        var report = TrialReport(trial, trace: trace, hex: false, provenance: true)
        report.addRequest()
        if let reply { report.addReply(try MessageText(Array(reply.utf8)).reply()) }
        return report
    }

    private static func text(_ id: String) -> String {
        "appKey=\(id)&no=11230000MB1A0001XM2000125005000202611240001&ts=1795485600&who=张三&key={X_KEY}"
    }

    @Test(
        "what was signed is shown in its charset, a secret among the parts as its name, whether it is set or not, and what it holds or is held in"
    )
    func request() throws {
        for (secrets, id) in [
            ([:], "{X_ID}"), (["X_ID": "portal-7", "X_KEY": "top-secret"], "portal-7"), (["X_ID": "top", "X_KEY": "top-secret"], "top"),
            (["X_ID": "k", "X_KEY": "k"], "k"), (["X_ID": "portal", "X_KEY": "秘密-top-secret"], "portal"),
        ] {
            let report = try report(secrets)
            let place = try #require(report.lines.firstIndex { $0.hasPrefix("-- what was signed") })
            #expect(report.lines[place].contains("of GBK; secrets among the parts stand as their names"))
            #expect(report.lines[place + 1] == Self.text(id))
            #expect(report.value["signed"]?.array?.first?["text"] == .string(Self.text(id)))
            #expect(!report.lines.joined().contains("top-secret"))
        }
    }

    @Test("of a reply too, and what is wrong with its signature")
    func reply() throws {
        let body = #"{"code":0,"no":"11230000MB1A0001XM2000125005000202611240001","item":"11230000MB1A0001XM2000125005000"}"#
        let right = Digest.compute(.md5, Array((body + "top-secret").utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let secrets = ["X_ID": "portal-7", "X_KEY": "top-secret"]
        let good = try report(secrets, reply: "HTTP/1.1 200 OK\nX-Sign: \(right)\n\n\(body)")
        #expect(good.value["answer"] != nil)
        #expect(good.value["verified"]?.array?.first?["flaw"] == .null)
        #expect(good.lines.contains(body + "{X_KEY}"))
        for (field, flaw) in [
            ("X-Sign: 00", "the signature that came is not that of this text"),
            ("X-Other: 1", "header X-Sign is not there, is there twice, or cannot be used"),
        ] {
            let bad = try report(secrets, reply: "HTTP/1.1 200 OK\n\(field)\n\n\(body)")
            #expect(bad.hasProblem)
            #expect(bad.value["verified"]?.array?.first?["flaw"]?.string == flaw)
            #expect(!bad.lines.joined().contains("top-secret"))
        }
    }
}
