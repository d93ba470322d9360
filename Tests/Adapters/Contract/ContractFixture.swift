import Adapters
import Foundation

/// The contract of the project and the folder of shared test data, as the tests of this room use them.
enum ContractFixture {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    static let shared =
        ProcessInfo.processInfo.environment["TONGBAN_SHARED"].map { URL(filePath: $0) }
        ?? root.deletingLastPathComponent().appending(path: "shared")
    static let suite = shared.appending(path: "suites/jsonschema/tests/draft2020-12")
    static let hasSuite = FileManager.default.fileExists(atPath: suite.path)

    /// The text of `Routes/contract/openapi.yaml`.
    static let source: String = (try? String(contentsOf: root.appending(path: "Routes/contract/openapi.yaml"), encoding: .utf8)) ?? ""

    /// The contract of a text, and what is wrong with it.
    static func compile(_ text: String) -> (contract: Contract?, problems: [Problem]) {
        let diagnostics = Diagnostics()
        let node = Node.read(Array(text.utf8), path: "openapi.yaml", diagnostics)
        let contract = node.flatMap { Contract($0, diagnostics) }
        return (contract, diagnostics.problems)
    }

    static let contract: Contract? = compile(source).contract

    /// A schema written in YAML.
    static func schema(_ text: String) -> (schema: Schema?, problems: [Problem]) {
        let diagnostics = Diagnostics()
        let node = Node.read(Array(text.utf8), path: "schema.yaml", diagnostics)
        return (node.flatMap { Schema($0, diagnostics) }, diagnostics.problems)
    }

    /// A value written in JSON.
    static func json(_ text: String) throws -> Value { try JSONCodec.decode(text: text) }

    /// A value as the document that a schema is read from; every node stands at the same place.
    static func node(_ value: Value) -> Node {
        let place = Place(file: SourceFile(path: "schema.json", text: ""), line: 1, column: 1)
        switch value {
        case .string(let text): return Node(.scalar(text, plain: false), at: place)
        case .array(let items): return Node(.sequence(items.map(node)), at: place)
        case .object(let object):
            return Node(.mapping(object.fields.map { Node.Entry(key: $0.name, place: place, value: node($0.value)) }), at: place)
        default: return Node(.scalar(value.scalarText ?? "null", plain: true), at: place)
        }
    }
}
