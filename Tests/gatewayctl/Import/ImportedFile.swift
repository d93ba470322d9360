import Adapters
import GatewayCore
import Testing

@testable import IntegratorTools

/// What an importer made of a text, and what the gateway makes of that.
struct ImportedFile {
    let text: String
    let notes: [ImportNote]

    static let authority = "11230000MB1A0001XM"

    /// From an OpenAPI document.
    init(openAPI document: String, _ operations: [(contract: String, own: String)] = []) throws {
        let folder = try Folder()
        let path = try folder.write(document, to: "o.yaml")
        var reader = try OpenAPIImport(path)
        let choices = ImportChoices(id: "x", authority: Self.authority, operations: operations)
        let made = try reader.text(choices, contract: try ContractFile.read(Project.routes))
        (text, notes) = (made.text.replacing(folder.path + "/", with: ""), made.notes)
    }

    /// From a WSDL and the files beside it.
    init(wsdl document: String, beside files: [String: String] = [:], _ operations: [(contract: String, own: String)] = []) throws {
        let folder = try Folder()
        for (name, text) in files { try folder.write(text, to: name) }
        var reader = try WSDLImport(try folder.write(document, to: "o.wsdl"))
        let choices = ImportChoices(id: "x", authority: Self.authority, operations: operations)
        let made = try reader.text(choices, contract: try ContractFile.read(Project.routes))
        (text, notes) = (made.text.replacing(folder.path + "/", with: ""), made.notes)
    }

    /// Compiles it, or another text, among the shipped files; the problems are the test's failure.
    @discardableResult
    func compiled(_ other: String? = nil) throws -> Snapshot {
        let folder = try Folder()
        try folder.copyRoutes()
        try folder.write(other ?? text, to: "Routes/departments/x.yaml")
        let configuration = LocalConfiguration(directory: folder.path + "/Routes", secrets: .fixed([:]), standIns: true)
        return try #require(configuration.snapshot, "\(configuration.problems.map(\.description).joined())\n\(other ?? text)")
    }

    /// What a reply becomes by another text of the file, whose operation is `cases.get`.
    func answer(_ other: String, to reply: String, type: String) throws -> Value? {
        let call = #"{"operation": "cases.get", "input": {"caseNo": "11230000MB1A0001XM2000125005000202611240001"}}"#
        let trial = try CallFile(Array(call.utf8), in: try compiled(other), department: "x")
        let message = "HTTP/1.1 200 OK\nContent-Type: \(type)\n\n\(reply)"
        guard case .answer(let value) = try trial.adapter.settle(try MessageText(Array(message.utf8)).reply(), to: trial.call) else {
            return nil
        }
        return value
    }

    /// The body of the request that the imported operation makes of a call of `cases.get`.
    func body(_ other: String? = nil) throws -> String {
        let call = #"{"operation": "cases.get", "input": {"caseNo": "11230000MB1A0001XM2000125005000202611240001"}}"#
        let trial = try CallFile(Array(call.utf8), in: try compiled(other), department: "x")
        let request = try trial.adapter.request(trial.call)
        return "\(request.target) \(String(decoding: request.body, as: UTF8.self))"
    }

    /// Whether there is a note that begins so.
    func notes(_ beginning: String) -> Bool { notes.contains { $0.text.hasPrefix(beginning) } }

    /// The file as a tree.
    var tree: Node {
        get throws {
            let diagnostics = Diagnostics()
            let node = Node.read(Array(text.utf8), path: "x.yaml", diagnostics)
            return try #require(node, "\(diagnostics.sorted.map(\.description).joined())\n\(text)")
        }
    }
}
