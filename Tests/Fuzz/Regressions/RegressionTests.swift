import FuzzProperties
import Foundation
import Testing

/// Inputs that once broke a property, and a few that show what one is about.
@Suite("Inputs that the fuzzer found")
struct RegressionTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Inputs")

    @Test("every kept input has the properties of its target", arguments: FuzzTarget.allCases)
    func regressions(_ target: FuzzTarget) throws {
        let folder = Self.folder.appendingPathComponent(target.rawValue)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(!names.isEmpty)
        for name in names {
            let input = Array(try Data(contentsOf: folder.appendingPathComponent(name)))
            do { try target.check(input) } catch { Issue.record("\(target.rawValue)/\(name): \(error.description)") }
        }
    }
}
