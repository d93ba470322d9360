import Adapters
import Foundation
import Testing

@testable import IntegratorTools

@Suite("What gatewayctl says when it fails", .enabled(if: CommandLineTool.path != nil, "gatewayctl is not built beside the tests"))
struct FailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let arguments: [String]
        let kind: String
        var status: Int32 = 1
        var file: String?
        var testDescription: String { arguments.joined(separator: " ") }
    }

    static let cases = [
        Case(arguments: ["reload", "--socket", "/nowhere.sock"], kind: "unreachable"),
        Case(arguments: ["status", "--socket", "/nowhere.sock"], kind: "unreachable"),
        Case(arguments: ["diff", "Routes", "--socket", "/nowhere.sock"], kind: "unreachable"),
        Case(arguments: ["routes", "list", "--socket", "/nowhere.sock"], kind: "unreachable"),
        Case(arguments: ["routes", "explain", "casesget", "--directory", "Routes"], kind: "input"),
        Case(arguments: ["try", "/nowhere.json"], kind: "unreadable", file: "/nowhere.json"),
        Case(arguments: ["try", "README.md"], kind: "input"),
        Case(arguments: ["test", "--recordings", "/nowhere"], kind: "input"),
        Case(arguments: ["diff", "/nowhere", "--against", "Routes"], kind: "unreadable"),
        Case(arguments: ["import", "wsdl", "/nowhere.wsdl"], kind: "unreadable", file: "/nowhere.wsdl"),
        Case(arguments: ["import", "openapi", "Routes/gateway.yaml", "--directory", "docs"], kind: "input"),
        Case(arguments: ["new", "department", "--id", "X"], kind: "input"),
        Case(arguments: ["vlidate"], kind: "usage", status: 64),
        Case(arguments: ["validate", "--nothing"], kind: "usage", status: 64),
        Case(arguments: ["reload", "--watch", "soon"], kind: "usage", status: 64),
    ]

    @Test("with --output json it is one object on standard output, nothing on standard error, and the documented code", arguments: cases)
    func json(_ one: Case) throws {
        let run = try CommandLineTool(one.arguments + ["--output", "json"])
        #expect(run.status == one.status)
        #expect(run.errors == "")
        let error = try #require(try JSONCodec.decode(Array(run.output.utf8))["error"])
        #expect(error["kind"]?.string == one.kind)
        #expect(error["message"]?.string?.isEmpty == false)
        if let file = one.file { #expect(error["file"]?.string == file) }
        #expect(ToolFault.Kind(rawValue: one.kind) != nil)
    }

    @Test("without it, it is text on standard error, under the same code", arguments: cases)
    func text(_ one: Case) throws {
        let run = try CommandLineTool(one.arguments)
        #expect(run.status == one.status)
        #expect(run.output == "")
        #expect(!run.errors.isEmpty && !run.errors.hasPrefix("{"))
    }

    @Test("a configuration's problems stand in it with their places, the errors alone")
    func problems() throws {
        let folder = try Folder()
        try folder.copyRoutes(departments: ["hlj-fgw"])
        let file = "Routes/departments/hlj-fgw.yaml"
        try folder.write(try folder.text(file).replacing("upstream:", with: "upsteam:"), to: file)
        try folder.write("{}", to: "call.json")
        let run = try CommandLineTool(["try", "call.json", "--output=json"], in: folder.path)
        let error = try #require(try JSONCodec.decode(Array(run.output.utf8))["error"])
        #expect(run.status == 1 && error["kind"] == "configuration" && error["file"]?.string == file)
        let problems = try #require(error["problems"]?.array)
        #expect(problems.contains { $0["rule"] == "unknown-key" && $0["file"]?.string == file && $0["line"]?.scalarText != nil })
        #expect(problems.allSatisfy { $0["severity"] == "error" })
    }

    @Test("validate says the errors first, and closes with how many there are and where the first is")
    func validate() throws {
        let folder = try Folder()
        try folder.copyRoutes(departments: ["hlj-fgw", "hlj-scjg"])
        let file = "Routes/departments/hlj-scjg.yaml"
        try folder.write(try folder.text(file).replacing("version: \"1.1\"", with: "version: \"1.3\""), to: file)
        let run = try CommandLineTool(["validate"], in: folder.path)
        let lines = run.output.split(separator: "\n")
        #expect(run.status == 1)
        #expect(lines.first?.contains("error[") == true)
        #expect(lines.last?.contains("not valid; 1 error (the first at \(file):") == true && lines.last?.contains("warnings") == true)
        let json = try JSONCodec.decode(Array(try CommandLineTool(["validate", "--output", "json"], in: folder.path).output.utf8))
        #expect(json["errors"] == 1 && json["problems"]?.array?.first?["severity"] == "error")
    }

    @Test("test says which secrets were not set, and how to give them")
    func secrets() throws {
        let run = try CommandLineTool(["test", "--recordings", "Mocks/recordings/hlj-fgw/cases.get/company"])
        #expect(run.status == 0, "\(run.output)")
        let signed = try CommandLineTool(["test", "--recordings", "Mocks/recordings/hrb/cases.get/rare"])
        #expect(signed.status == 1)
        #expect(signed.output.contains("HRB_APP_SECRET") && signed.output.contains("--secrets-file FILE"))
        let set = try CommandLineTool(
            ["test", "--recordings", "Mocks/recordings/hrb/cases.get/rare", "--secrets-file", "Mocks/demo-secrets.env"])
        #expect(set.status == 0, "\(set.output)")
    }

    @Test("an import into a folder that is no routes directory says how to go on")
    func imports() throws {
        let run = try CommandLineTool(["import", "openapi", "Routes/contract/openapi.yaml", "--directory", "docs"])
        #expect(run.status == 1)
        #expect(run.errors.contains("docs: is no routes directory") && run.errors.contains("--directory DIR"))
    }
}
