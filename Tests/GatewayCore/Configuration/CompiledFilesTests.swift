import Adapters
import Testing

@testable import GatewayCore

/// A reload compiles what has changed, and comes to what compiling everything would come to.
@Suite("Files that were compiled before") struct CompiledFilesTests {
    /// A routes directory that changes, and what it refers to.
    private struct Directory {
        var contract = Sources.contract
        var departments: [String: String] = [:]
        var secrets: [String: String] = [:]
        var files: [String: [UInt8]] = [:]

        /// Compiles with what was compiled before, or everything but a contract.
        func compile(_ compiled: CompiledFiles? = nil, against contract: Contract? = nil) -> (snapshot: Snapshot?, problems: [String]) {
            let diagnostics = Diagnostics()
            let sources = RouteSources(
                directory: "Routes", gateway: nil, consumers: nil,
                contract: .init(path: "Routes/contract/openapi.yaml", bytes: self.contract),
                departments: departments.sorted { $0.key < $1.key }.map {
                    .init(path: "Routes/departments/\($0.key)", bytes: Array($0.value.utf8))
                })
            let compiler = Compiler(
                diagnostics, buckets: BucketRegistry(), compiled: compiled ?? CompiledFiles(),
                file: { files[$0].map { .success($0) } ?? .failure(ReferenceFault("there is no such file")) }, secret: { secrets[$0] })
            let snapshot =
                contract.map { compiler.compile(sources, against: $0, revision: 1) } ?? compiler.compile(sources, revision: 1)
            return (snapshot, diagnostics.sorted.map(\.description))
        }
    }

    /// A department with a warning, a secret and a file.
    private static func department(_ id: String, authority: String, name: String = "示例", more: String = "") -> String {
        """
        department: \(id)
        name: \(name)
        authority: \(authority)
        upstream: { endpoints: [https://10.0.0.1], tls: { ca: { file: ca.pem } } }
        signing: { algorithm: hmac-sha256, secret: KEY, parts: [body], output: hex, place: { header: X-Sign } }
        operations:
          cases.get:
            rest: { method: POST, path: /a }
            request: { no: $.caseNo }
            reply: { success: http, fields: { caseNo: $.a, status: { const: accepted }, itemCode: $.b } }
        \(more)
        """
    }

    private static func directory() -> Directory {
        Directory(
            departments: [
                "one.yaml": department("one", authority: "11230000MB1A00028X"),
                "two.yaml": department("two", authority: "11230000MB1A00036M"),
            ], secrets: ["KEY": "first"], files: ["ca.pem": Array(TestCertificates.portal.utf8)])
    }

    private func goal(_ snapshot: Snapshot?, _ index: Int) throws -> ContractGoal {
        let departments = try #require(snapshot).departments
        return try #require(departments[index].translation.goal(of: "cases.get"))
    }

    @Test("what has not changed is what it was, warnings included; what has is compiled anew")
    func onlyWhatChanged() throws {
        let compiled = CompiledFiles()
        var directory = Self.directory()
        let first = directory.compile(compiled)
        #expect(first.problems.contains { $0.contains("wrong-code") && $0.contains("one.yaml:3") })
        directory.departments["two.yaml"] = Self.department("two", authority: "11230000MB1A00036M", name: "另一个")
        let second = directory.compile(compiled)
        #expect(second.problems == first.problems)
        #expect(second.snapshot?.departments[1].name == "另一个")
        #expect(try goal(first.snapshot, 0) === goal(second.snapshot, 0))
        #expect(try goal(first.snapshot, 1) !== goal(second.snapshot, 1))
    }

    @Test("another secret, another file and another contract are seen")
    func references() throws {
        let compiled = CompiledFiles()
        var directory = Self.directory()
        let first = directory.compile(compiled)
        directory.secrets["KEY"] = "second"
        let second = directory.compile(compiled)
        #expect(second.snapshot?.departments[0].secrets["KEY"] == "second")
        directory.files["ca.pem"] = Array(TestCertificates.portal.utf8) + Array("\n".utf8)
        let third = directory.compile(compiled)
        #expect(third.snapshot?.upstreams[0] != second.snapshot?.upstreams[0])
        directory.files["ca.pem"] = nil
        let fourth = directory.compile(compiled)
        #expect(fourth.snapshot == nil && fourth.problems == directory.compile().problems)
        directory.files["ca.pem"] = Array(TestCertificates.portal.utf8)
        directory.contract += Array("# another\n".utf8)
        let fifth = directory.compile(compiled)
        #expect(fifth.problems == first.problems)
        #expect(try goal(first.snapshot, 0) !== goal(fifth.snapshot, 0))
    }

    @Test("after any series of changes it comes to what compiling everything comes to")
    func anySeries() throws {
        let compiled = CompiledFiles()
        var directory = Self.directory()
        let contract = try #require(directory.compile(compiled).snapshot).contract
        var random = SplitMix(state: 7)
        let texts = [
            Self.department("one", authority: "11230000MB1A00028M"), Self.department("one", authority: "11230000MB1A00036M"),
            Self.department("two", authority: "11230000MB1A00036M", more: "unknown: 1"), Self.department("two", authority: "1123"),
            Self.department("three", authority: "11230000MB1A0001XM", more: "region: \"230100\""), "department: [", "",
        ]
        for _ in 0..<300 {
            let name = ["one.yaml", "two.yaml", "three.yaml"].randomElement(using: &random) ?? "one.yaml"
            switch UInt8.random(in: 0..<8, using: &random) {
            case 0: directory.departments[name] = nil
            case 1: directory.secrets["KEY"] = ["first", "second", nil].randomElement(using: &random) ?? nil
            case 2:
                directory.files["ca.pem"] =
                    [Array(TestCertificates.portal.utf8), Array("none".utf8), nil].randomElement(using: &random) ?? nil
            default: directory.departments[name] = texts.randomElement(using: &random)
            }
            let (found, whole) = (directory.compile(compiled), directory.compile(against: contract))
            #expect(found.problems == whole.problems)
            #expect((found.snapshot == nil) == (whole.snapshot == nil))
            #expect(found.snapshot?.upstreams == whole.snapshot?.upstreams)
            #expect(found.snapshot?.departments.map(\.name) == whole.snapshot?.departments.map(\.name))
            #expect(found.snapshot?.departments.map(\.authorities) == whole.snapshot?.departments.map(\.authorities))
            #expect(found.snapshot?.departments.map { $0.secrets["KEY"] } == whole.snapshot?.departments.map { $0.secrets["KEY"] })
        }
    }
}
