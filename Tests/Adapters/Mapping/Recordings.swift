import Foundation
import Testing

@testable import Adapters

/// The project's own files, found from this one.
enum Project {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: root.appendingPathComponent(path))) }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path) }
}

/// One recorded call: what the contract asked, what was sent, what came back, and what a correct gateway makes of it.
struct Recording: Sendable, CustomTestStringConvertible {
    let department: String
    let name: String
    /// The operation's name.
    var operation: String { String(name.prefix { $0 != "/" }) }
    private var path: String { "Mocks/recordings/\(department)/\(name)" }
    var testDescription: String { "\(department)/\(name)" }

    /// Every recording of the shipped departments; those that bring a department of their own, or several, are run by `gatewayctl test`.
    static let all: [Recording] = folders("Mocks/recordings").filter { Project.exists("Routes/departments/\($0).yaml") }.flatMap {
        department in
        folders("Mocks/recordings/\(department)").flatMap { operation in
            folders("Mocks/recordings/\(department)/\(operation)").map { Recording(department: department, name: "\(operation)/\($0)") }
        }
    }

    private static func folders(_ path: String) -> [String] {
        let url = Project.root.appendingPathComponent(path)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.filter { (try? url.appendingPathComponent($0).resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true }
            .sorted()
    }

    func json(_ file: String) throws -> Value? {
        Project.exists("\(path)/\(file)") ? try JSONCodec.decode(Project.bytes("\(path)/\(file)")) : nil
    }

    /// The call with the credentials that the mocks accept.
    func call() throws -> (operation: String, call: AdapterCall) {
        let recorded = try #require(try json("call.json"))
        let now = try #require(recorded["now"]?.string.flatMap { DateForm.contract.time($0, offset: 0) })
        let random = Array(try #require(recorded["random"]?.string))
        let high = try #require(UInt64(String(random.prefix(16)), radix: 16))
        let low = try #require(UInt64(String(random.suffix(16)), radix: 16))
        let secrets = try Recording.secrets()
        let moment = CallMoment(epochMilliseconds: now.epochSeconds * 1000, random: (high, low))
        let call = AdapterCall(
            input: try #require(recorded["input"]), secrets: secrets, moment: moment, session: recorded["session"]?.string
        ).with(steps: recorded["steps"]?.object)
        return (try #require(recorded["operation"]?.string), call)
    }

    /// What the mocks accept.
    private static func secrets() throws -> Secrets {
        let lines = String(decoding: try Project.bytes("Mocks/demo-secrets.env"), as: UTF8.self).split(separator: "\n")
        let pairs = lines.filter { !$0.hasPrefix("#") }.map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        return Secrets(Dictionary(pairs.map { ($0[0], $0[1]) }) { first, _ in first })
    }

    /// The request that was sent: its first line, header fields, and body.
    func sent() throws -> (line: String, fields: [DepartmentRequest.Field], body: [UInt8]) {
        try Recording.message(try Project.bytes("\(path)/sent.http"))
    }

    /// The reply that came back.
    func reply() throws -> DepartmentReply {
        let message = try Recording.message(try Project.bytes("\(path)/reply.http"))
        let status = try #require(message.line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        return DepartmentReply(status: status, fields: message.fields, body: message.body)
    }

    /// Splits a message at the empty line after its head; lines may end in LF or CRLF.
    private static func message(_ bytes: [UInt8]) throws -> (line: String, fields: [DepartmentRequest.Field], body: [UInt8]) {
        var lines: [String] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0A) {
            var line = rest[..<end]
            if line.last == 0x0D { line.removeLast() }
            rest = rest[(end + 1)...]
            if line.isEmpty { break }
            lines.append(String(decoding: line, as: UTF8.self))
        }
        let fields = lines.dropFirst().map { line in
            let pair = line.split(separator: ":", maxSplits: 1)
            return DepartmentRequest.Field(String(pair[0]), pair.count > 1 ? pair[1].trimmingCharacters(in: .whitespaces) : "")
        }
        return (try #require(lines.first), fields, Array(rest))
    }
}

/// The shipped departments, compiled against the shipped contract.
struct ShippedDepartments: Sendable {
    let contract: Contract
    let translations: [String: DepartmentTranslation]

    static let loaded = Result { try ShippedDepartments() }

    init() throws {
        let diagnostics = Diagnostics()
        let document = try #require(Node.read(try Project.bytes("Routes/contract/openapi.yaml"), path: "openapi.yaml", diagnostics))
        let contract = try #require(Contract(document, diagnostics), "\(diagnostics.sorted.map(\.description).joined())")
        self.contract = contract
        var translations: [String: DepartmentTranslation] = [:]
        for department in Set(Recording.all.map(\.department)).sorted() {
            let path = "Routes/departments/\(department).yaml"
            let node = try #require(
                Node.read(try Project.bytes(path), path: path, diagnostics), "\(diagnostics.sorted.map(\.description).joined())")
            let keys =
                ["department", "name", "authority", "items", "acts-for", "region", "upstream", "routes"] + DepartmentTranslation.keys
            translations[department] = Section(node, as: "a department", keys: keys, diagnostics).flatMap {
                DepartmentTranslation($0, contract: contract, diagnostics)
            }
        }
        try #require(diagnostics.problems.isEmpty, "\(diagnostics.sorted.map(\.description).joined())")
        self.translations = translations
    }
}
