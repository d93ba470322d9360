import Adapters
import Foundation
import Gateway
import Testing

@Suite("The journal of pushed events")
struct EventJournalTests {
    private func entry(_ key: String) -> EventJournal.Entry { .init(key: key, fields: ["event": ["caseNo": .string("no-" + key)]]) }

    private func lines(_ directory: String, _ day: String) throws -> [String] {
        try String(contentsOfFile: "\(directory)/events-\(day).jsonl", encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test("an event is kept once, within one push, over pushes and over a restart")
    func once() throws {
        let folder = try TemporaryDirectory()
        let directory = folder.path + "/events"
        do {
            let journal = try EventJournal(directory: directory)
            #expect(try journal.append([entry("a"), entry("b"), entry("a")], day: "20261129") == [true, true, false])
            #expect(try journal.append([entry("b"), entry("c")], day: "20261129") == [false, true])
            journal.close()
        }
        let again = try EventJournal(directory: directory)
        #expect(try again.append([entry("a"), entry("d")], day: "20261130") == [false, true])
        #expect(try lines(directory, "20261129").count == 3)
        #expect(try lines(directory, "20261129")[0] == #"{"key":"a","event":{"caseNo":"no-a"}}"#)
        #expect(try lines(directory, "20261130").count == 1)
    }

    @Test("a line that a crash cut off is removed before the next one is written")
    func torn() throws {
        let folder = try TemporaryDirectory()
        let directory = folder.path + "/events"
        let journal = try EventJournal(directory: directory)
        _ = try journal.append([entry("a")], day: "20261129")
        journal.close()
        let file = "\(directory)/events-20261129.jsonl"
        let handle = try #require(FileHandle(forWritingAtPath: file))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(#"{"key":"b","eve"#.utf8))
        try handle.close()
        let again = try EventJournal(directory: directory)
        #expect(try again.append([entry("b")], day: "20261129") == [true])
        #expect(try lines(directory, "20261129").count == 2)
    }

    @Test("the memory of keys is bounded: the oldest is forgotten first")
    func bounded() throws {
        let folder = try TemporaryDirectory()
        let journal = try EventJournal(directory: folder.path + "/events", memory: 2)
        _ = try journal.append([entry("a"), entry("b"), entry("c")], day: "20261129")
        #expect(try journal.append([entry("c"), entry("b"), entry("a")], day: "20261129") == [false, false, true])
    }

    @Test("a journal that cannot be written says so, and keeps nothing")
    func unwritable() throws {
        let folder = try TemporaryDirectory()
        let directory = folder.path + "/events"
        let journal = try EventJournal(directory: directory)
        try FileManager.default.createDirectory(atPath: "\(directory)/events-20261129.jsonl", withIntermediateDirectories: true)
        #expect(throws: EventJournal.Fault.self) { try journal.append([entry("a")], day: "20261129") }
        #expect(try journal.append([entry("a")], day: "20261130") == [true])
    }
}
