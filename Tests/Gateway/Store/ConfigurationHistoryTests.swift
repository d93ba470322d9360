import Adapters
import Foundation
import GatewayCore
import Testing

@testable import Gateway

@Suite("The history of configurations")
struct ConfigurationHistoryTests {
    /// A directory of one test.
    final class Place {
        let path = NSTemporaryDirectory() + "tongban-history-" + UUID().uuidString
        deinit { try? FileManager.default.removeItem(atPath: path) }
        var texts: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path + "/texts")) ?? [] }
    }

    let place = Place()

    /// The shipped contract.
    static let contract = FileManager.default.contents(
        atPath: URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../Routes/contract/openapi.yaml")
            .standardizedFileURL.path)

    /// A snapshot of a small configuration; `mark` makes it another.
    private func snapshot(_ revision: Int, _ mark: String) throws -> Snapshot {
        let sources = RouteSources(
            directory: "R",
            named: [
                "gateway.yaml": Array("# \(mark)\nworkers: 1\n".utf8), "contract/openapi.yaml": Array(try #require(Self.contract)),
            ])
        let diagnostics = Diagnostics()
        let compiler = Compiler(diagnostics, buckets: BucketRegistry()) { _ in nil }
        return try #require(
            compiler.compile(sources, revision: revision), "\(diagnostics.sorted.map(\.description).joined())")
    }

    private func open() throws -> ConfigurationHistory { try ConfigurationHistory(directory: place.path) }

    @Test("nothing is made before something is kept, and what was kept is there after a restart, byte for byte")
    func restart() throws {
        let first = try open()
        #expect(first.entries.isEmpty && first.nextRevision == 1)
        #expect(!FileManager.default.fileExists(atPath: place.path))
        let one = try snapshot(1, "one")
        try first.record(one, at: 100, by: "start", how: .start)
        try first.record(try snapshot(2, "two"), at: 200, by: "li", how: .reload)
        let again = try open()
        #expect(again.entries == first.entries && again.nextRevision == 3 && again.kept == [1, 2])
        #expect(again.entries.map(\.changed) == [["contract/openapi.yaml", "gateway.yaml"], ["gateway.yaml"]])
        #expect(try again.sources(of: 1, directory: "R") == one.sources)
        // The contract is one text of both.
        #expect(place.texts.count == 3)
    }

    @Test("the one before is the newest kept one with a smaller number and other texts")
    func before() throws {
        let history = try open()
        let (one, two) = (try snapshot(1, "one"), try snapshot(2, "two"))
        try history.record(one, at: 1, by: "a", how: .start)
        #expect(history.revision(before: 1, fingerprint: one.fingerprint) == nil)
        try history.record(two, at: 2, by: "a", how: .reload)
        try history.record(try snapshot(3, "two"), at: 3, by: "a", how: .reload)
        #expect(history.revision(before: 3, fingerprint: two.fingerprint) == 1)
        let hold = ConfigurationHistory.Hold(left: 3, fingerprint: two.fingerprint, revision: 1)
        try history.record(one, at: 4, by: "b", how: .rollback, hold: hold)
        let again = try open()
        #expect(again.hold == hold && again.nextRevision == 4)
        try again.release()
        #expect(try open().hold == nil)
    }

    @Test("texts that two take turns with stay as long as one of the revisions that have them")
    func shared() throws {
        let history = try open()
        for number in 1...60 {
            let mark = number % 3 == 0 ? "third" : number % 7 == 0 ? "seventh \(number / 14)" : "other \(number % 2)"
            try history.record(try snapshot(number, mark), at: Int64(number), by: "a", how: .reload)
            guard number % 20 == 0 else { continue }
            for revision in history.kept { _ = try history.sources(of: revision, directory: "R") }
        }
        let used = Set(try history.kept.flatMap { try history.sources(of: $0, directory: "R").all.map(\.bytes) })
        #expect(place.texts.count == used.count)
    }

    @Test("only the newest revisions keep their texts, and texts of nobody go")
    func bounded() throws {
        let history = try open()
        for number in 1...30 { try history.record(try snapshot(number, "n\(number)"), at: Int64(number), by: "a", how: .reload) }
        #expect(history.kept == Array(11...30) && history.entries.count == 30)
        #expect(place.texts.count == 21)
        #expect(throws: ConfigurationHistory.Fault.self) { try history.sources(of: 3, directory: "R") }
        for number in 31...130 { try history.record(try snapshot(number, "n"), at: Int64(number), by: "a", how: .reload) }
        #expect(history.entries.count == 100 && history.nextRevision == 131)
        #expect(place.texts.count == 2)
        #expect(try open().kept == Array(111...130))
    }

    @Test("a damaged text is noticed, a damaged index too, and neither is believed")
    func damaged() throws {
        let history = try open()
        try history.record(try snapshot(1, "one"), at: 1, by: "a", how: .start)
        for text in place.texts { try Data("other".utf8).write(to: URL(fileURLWithPath: place.path + "/texts/" + text)) }
        let fault = #expect(throws: ConfigurationHistory.Fault.self) { try history.sources(of: 1, directory: "R") }
        #expect(fault?.description.hasSuffix("in revision 1 is damaged") == true)
        try Data("{".utf8).write(to: URL(fileURLWithPath: place.path + "/index.json"))
        #expect(throws: ConfigurationHistory.Fault.self) { try open() }
    }

    @Test("nobody but the owner can read it")
    func modes() throws {
        try open().record(try snapshot(1, "one"), at: 1, by: "a", how: .start)
        for name in ["", "/texts", "/index.json", "/revision-1.json", "/texts/\(try #require(place.texts.first))"] {
            let mode = try FileManager.default.attributesOfItem(atPath: place.path + name)[.posixPermissions] as? Int
            #expect(mode.map { $0 & 0o077 } == 0, "\(name)")
        }
    }
}
