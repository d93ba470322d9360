import Adapters
import Foundation
import Testing

/// The compliance suite of the JSONPath working group, read from the shared material beside the project.
private enum Suite703 {
    static let path: String = {
        let shared =
            ProcessInfo.processInfo.environment["TONGBAN_SHARED"]
            ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../../shared").standardized.path
        return shared + "/suites/jsonpath/cts.json"
    }()

    static var isPresent: Bool { FileManager.default.fileExists(atPath: path) }

    static func cases() throws -> [Value] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        return try #require(try SuiteJSON.read(Array(data))["tests"]?.array)
    }
}

@Suite("RFC 9535 compliance suite", .enabled(if: Suite703.isPresent, "suites/jsonpath/cts.json is not there; set TONGBAN_SHARED"))
struct JSONPathComplianceTests {
    @Test("all 247 invalid selectors are refused, with a place inside the text")
    func invalidSelectors() throws {
        var count = 0
        for entry in try Suite703.cases() where entry["invalid_selector"] == true {
            count += 1
            let selector = try #require(entry["selector"]?.string)
            do {
                _ = try JSONPath(selector)
                Issue.record("accepted: \(selector)")
            } catch {
                #expect((0...selector.unicodeScalars.count).contains(error.offset), "\(selector): \(error)")
                #expect(!error.message.isEmpty)
            }
        }
        #expect(count == 247)
    }

    @Test("all 456 valid selectors select the nodes they should, in order, with their normalized paths")
    func validSelectors() throws {
        var count = 0
        for entry in try Suite703.cases() where entry["invalid_selector"] == nil {
            count += 1
            let selector = try #require(entry["selector"]?.string)
            let document = try #require(entry["document"])
            let path = try JSONPath(selector)
            let results = try #require(entry["results"]?.array ?? entry["result"].map { [$0] })
            let paths = try #require(entry["results_paths"]?.array ?? entry["result_paths"].map { [$0] })
            let nodes = path.nodes(in: document)
            let foundPaths = Value.array(nodes.map { .string($0.path) })
            let found = Value.array(nodes.map(\.value))
            #expect(zip(results, paths).contains { $0 == found && $1 == foundPaths }, "\(selector): \(foundPaths)")
            #expect(path.values(in: document) == nodes.map(\.value))
            #expect(path.first(in: document) == nodes.first?.value)
            #expect(!path.isSingular || nodes.count <= 1)
        }
        #expect(count == 456)
    }

    @Test("every normalized path is a singular path to its node")
    func normalizedPathsLeadBack() throws {
        for entry in try Suite703.cases() where entry["invalid_selector"] == nil {
            let document = try #require(entry["document"])
            for node in try JSONPath(try #require(entry["selector"]?.string)).nodes(in: document) {
                let path = try JSONPath(node.path)
                #expect(path.isSingular)
                #expect(path.first(in: document) == node.value)
                #expect(path.nodes(in: document).map(\.path) == [node.path])
            }
        }
    }
}
