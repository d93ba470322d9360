import Adapters
import Foundation
import GatewayCore
import Testing

@testable import IntegratorTools

@Suite("gatewayctl new department")
struct NewDepartmentTests {
    static let given = [
        "id": "hlj-new", "name": "省样例厅", "authority": "11230000MB1A0001XM", "endpoint": "http://127.0.0.1:9000",
    ]

    static let combinations = NewDepartment.Kind.allCases.flatMap { kind in
        NewDepartment.Auth.allCases.filter { kind != .mailbox || $0 == .none || $0 == .password }.enumerated().map { index, auth in
            (kind.rawValue, auth.rawValue, ["UTF-8", "GBK", "GB18030", "GBK"][index % 4])
        }
    }

    private func answers(_ more: [String: String] = [:]) throws -> NewDepartment {
        try DepartmentQuestion.answers(given: Self.given.merging(more) { $1 }, ask: nil)
    }

    @Test("what it writes is valid as it is, and its recording comes out", arguments: combinations)
    func valid(kind: String, auth: String, charset: String) throws {
        let folder = try Folder()
        try folder.copyRoutes()
        let routes = folder.path + "/Routes"
        var more = ["kind": kind, "auth": auth, "charset": charset, "region": "230000"]
        if kind == "mailbox" { more["endpoint"] = auth == "none" ? "ftp://127.0.0.1" : "sftp://127.0.0.1:22" }
        let department = try answers(more)
        let written = try DepartmentWriter(directory: routes).write(department)
        #expect(
            written.map { $0.split(separator: "/").last.map(String.init) } == [
                "hlj-new.yaml", "department.schema.json", "call.json", "reply.http", "sent.http", "answer.json",
            ])
        let configuration = LocalConfiguration(directory: routes, secrets: .fixed([:]), standIns: true)
        #expect(configuration.problems.isEmpty, "\(configuration.problems.map(\.description).joined())")
        let run = RecordingRun(try configuration.usable())
        let report = RecordingReport(Recording.all(below: routes + "/recordings").map(run.run))
        #expect(report.failures == 0, "\(report.text)")
        #expect(try folder.text("Routes/recordings/hlj-new/cases.get/example/answer.json").contains("\"status\": \"accepted\""))
        let yaml = try folder.text("Routes/departments/hlj-new.yaml")
        #expect(yaml.hasPrefix("# yaml-language-server: $schema=../schema/department.schema.json\n"))
        #expect(yaml.split(separator: "\n").allSatisfy { $0.count <= 160 })
    }

    @Test("nothing is replaced")
    func refuses() throws {
        let folder = try Folder()
        try folder.copyRoutes()
        try folder.write("# mine\n", to: "Routes/departments/hlj-new.yml")
        let fault = #expect(throws: ToolFault.self) { try DepartmentWriter(directory: folder.path + "/Routes").write(try answers()) }
        #expect(fault?.description.hasSuffix("hlj-new.yml: is there already, and is not replaced") == true)
        #expect(!FileAccess.exists(folder.path + "/Routes/departments/hlj-new.yaml"))
    }

    @Test("an authority that another file has is found before anything is written")
    func duplicate() throws {
        let folder = try Folder()
        try folder.copyRoutes(departments: ["hlj-scjg"])
        let fault = #expect(throws: ToolFault.self) { try DepartmentWriter(directory: folder.path + "/Routes").write(try answers()) }
        #expect(fault?.description.contains("duplicate-authority") == true)
        #expect(!FileAccess.exists(folder.path + "/Routes/recordings"))
    }

    @Test("without a terminal every missing and every wrong flag is said at once")
    func flags() throws {
        let fault = #expect(throws: ToolFault.self) {
            try DepartmentQuestion.answers(given: ["id": "HLJ", "kind": "sop", "name": "x"], ask: nil)
        }
        #expect(
            fault?.description == """
                --id 'HLJ': lower-case letters, digits and '-', beginning with a letter
                  --authority is missing: Unified social credit code that its item codes begin with
                  --kind 'sop': did you mean 'soap'?
                  --endpoint is missing: Endpoint, such as http://10.1.2.3:8080, or of a mailbox ftp://10.1.2.3
                """)
    }

    @Test(
        "what does not go together is said",
        arguments: [
            (["kind": "mailbox"], "a mailbox is reached over ftp://, ftps:// or sftp://"),
            (["endpoint": "ftp://a"], "a front machine with files is --kind mailbox"),
            (["kind": "mailbox", "endpoint": "ftp://a", "auth": "token"], "a mailbox has 'password', the file server's login, or 'none'"),
        ])
    func together(more: [String: String], words: String) throws {
        let fault = #expect(throws: ToolFault.self) { try answers(more) }
        #expect(fault?.message.hasSuffix(words) == true)
    }

    @Test("on a terminal what is missing is asked for, and a wrong answer is asked for again")
    func asks() throws {
        var lines = ["", "11230000MB1A0001XX", "11230000MB1A0001XM", "", "soap", "http://a:1", "GBK", ""]
        var asked: [String] = []
        var told: [String] = []
        let department = try DepartmentQuestion.answers(
            given: ["id": "a", "name": "b"],
            ask: { question in
                asked.append(question)
                return lines.isEmpty ? nil : lines.removeFirst()
            }, tell: { told.append($0) })
        #expect(department.kind == .soap && department.charset == .gbk && department.auth == .none && department.region == nil)
        #expect(asked.count == 8 && asked.last?.contains("[none]") == true)
        #expect(told.count == 2)
        #expect(throws: ToolFault.self) { try DepartmentQuestion.answers(given: [:], ask: { _ in nil }) }
    }
}
